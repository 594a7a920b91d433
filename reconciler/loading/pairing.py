"""What is wrong with several links together: one name or one pair of tenants that is asked for twice.

Two configurations for one pair would take people from each other; they may stand side by side when nobody can be in the
scope of both (rule 20). Judges no link by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from reconciler.errors import Problem
from reconciler.loading.link_shapes import TOPOLOGY
from reconciler.loading.mapping_shapes import ClauseShape, GroupShape
from reconciler.loading.validating import meant
from reconciler.loading.wishes import Acceptance, Asked, Wish


def together(asked: Asked) -> Iterator[Problem]:
    """Yield what is wrong with links that are fine by themselves."""
    yield from _namesakes(asked.wishes)
    by_pair: defaultdict[tuple[str, str], list[Wish]] = defaultdict(list)
    for wish in asked.wishes:
        by_pair[wish.pair].append(wish)
    for wishes in by_pair.values():
        # What a topology makes is found first, so that the explicit link is the one that is told.
        ordered = sorted(wishes, key=lambda wish: (wish.shape != TOPOLOGY, wish.origin))
        for first, other in combinations(ordered, 2):
            yield from _rivals(first, other)
    yield from _acceptances(asked)


def _namesakes(wishes: Iterable[Wish]) -> Iterator[Problem]:
    seen: dict[str, Wish] = {}
    for wish in wishes:
        first = seen.setdefault(wish.name, wish)
        if first is not wish and first.pair != wish.pair:
            yield Problem(wish.origin, f"there is a link {wish.name} already, at {first.origin}", "rename one of them")


def _rivals(first: Wish, other: Wish) -> Iterator[Problem]:
    pair = f"{other.source.name} to {other.target.name}"
    if first.name != other.name and (_leaves_alone(first) or _leaves_alone(other)):
        return
    if first.shape == TOPOLOGY:
        made = f"a topology links {pair} already, at {first.origin}"
        yield Problem(other.origin, made, "say there under except what is otherwise, or skip the pair there")
    elif first.name == other.name:
        yield Problem(other.origin, f"there is a link {other.name} already, at {first.origin}", "rename one of them")
    elif not _disjoint(first, other):
        message = f"{pair} is linked already, at {first.origin}, and some people may be in the scope of both (rule 20)"
        yield Problem(other.origin, message, "filter both on one attribute for different values, or make them one link")


def _leaves_alone(wish: Wish) -> bool:
    """Whether the link goes and lets everybody stay, so that another one can take over."""
    return wish.absent and wish.people == "keep"


# ---------------------------------------------------------------------------------------------- scopes


def _disjoint(one: Wish, other: Wish) -> bool:
    """Whether the filters show that nobody is in the scope of both."""
    ours, theirs = (wish.spec.scope.filters if wish.spec else () for wish in (one, other))
    return bool(ours and theirs) and all(_apart(here, there) for here in ours for there in theirs)


def _apart(here: GroupShape, there: GroupShape) -> bool:
    return any(
        _exclude(one, other) for one in here.clauses for other in there.clauses if one.attribute == other.attribute
    )


def _exclude(one: ClauseShape, other: ClauseShape) -> bool:
    """Whether no value passes both clauses about one attribute."""
    operators = {one.operator.upper(): one.value, other.operator.upper(): other.value}
    if len(operators) == 1:
        return "EQUALS" in operators and one.value != other.value
    if operators.keys() in ({"EQUALS", "NOT EQUALS"}, {"REGEX MATCH", "NOT REGEX MATCH"}):
        return one.value == other.value
    # Whatever else is asked is answered with no where there is no value.
    return "IS NULL" in operators or operators.keys() == {"IS TRUE", "IS FALSE"}


# ---------------------------------------------------------------------------------------------- acceptances


def _acceptances(asked: Asked) -> Iterator[Problem]:
    seen: dict[tuple[str, str, str], Acceptance] = {}
    for one in asked.acceptances:
        key = (one.home.tenant_id, one.source.tenant_id, one.said.link)
        first = seen.setdefault(key, one)
        if first is not one:
            message = f"{one.source.name} is accepted already, at {first.origin}"
            yield Problem(one.origin, message, "say it in one place")
        yield from _missed(one, asked.wishes)


def _missed(one: Acceptance, wishes: Iterable[Wish]) -> Iterator[Problem]:
    """Yield that an acceptance names a link that nobody asks for; of an organization not ours we know none."""
    names = [wish.name for wish in wishes if wish.pair == (one.source.tenant_id, one.home.tenant_id)]
    if one.said.link and one.source.tenant and one.said.link not in names:
        message = f"there is no link {one.said.link!r} from {one.source.name} into {one.home.name}"
        yield one.page.problem(("link",), message, meant(one.said.link, names) or "write the link, or leave link out")
