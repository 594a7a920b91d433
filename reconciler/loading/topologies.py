"""A topology → its links: who is linked with whom, and the template filled in for each pair.

Four words are filled in, in texts alone. Knows no other document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import permutations

from reconciler.errors import Problem
from reconciler.loading.acknowledged import acknowledgements
from reconciler.loading.belonging import Tenants
from reconciler.loading.checking import across_clouds, by_itself, texts
from reconciler.loading.link_shapes import Deviation, SyncSettings, SyncSpec, Topology
from reconciler.loading.organizations import ours
from reconciler.loading.parsing import Place
from reconciler.loading.scalars import Page
from reconciler.loading.secrecy import show
from reconciler.loading.shapes import NAME, NAME_RULE
from reconciler.loading.validating import Written, check, meant
from reconciler.loading.wishes import Side, Wish
from reconciler.model import Acknowledgement, Json, Origin

PLACEHOLDERS = ("{source.displayName}", "{source.name}", "{target.displayName}", "{target.name}")
# A pattern has braces of its own: {2,3} counts, and \p{Lu} names a category.
_PLACEHOLDER = re.compile(r"(?<!\\p)(?<!\\P)\{[A-Za-z][\w.]*\}")

_Pair = tuple[str, str]


def links(paper: Written, said: Topology, tenants: Tenants) -> Iterator[Wish | Problem]:
    """Yield every link that a topology asks for, and what is wrong with it; what is wrong with many is told once."""
    sides, unknown = _sides(paper, said, tenants)
    wrong = [*_template_problems(paper, said), *_deviation_problems(paper, said), *_member_problems(paper, said)]
    wrong += [*unknown, *_foreign(sides)]
    yield from wrong
    if wrong:
        return
    yes = acknowledgements(said.acknowledge, paper.place.inside(["acknowledge"]), paper.file)
    deviations = {(one.source, one.target): index for index, one in enumerate(said.deviations)}
    told: set[Origin] = set()
    for source, target in pairs(said):
        index = deviations.get((source, target))
        if source not in sides or target not in sides or (index is not None and _skips(said.deviations[index])):
            continue
        for one in _link(paper, said, sides[source], sides[target], index, yes):
            if isinstance(one, Problem) and one.origin in told:
                continue
            if isinstance(one, Problem):
                told.add(one.origin)
            yield one


def _foreign(sides: Mapping[str, Side]) -> Iterator[Problem]:
    """Yield the members that live in another cloud than the first one."""
    if sides:
        first, *others = sorted(sides.values(), key=lambda side: side.origin)
        for other in others:
            yield from across_clouds(first, other)


def pairs(said: Topology) -> list[_Pair]:
    """Return who is linked with whom, in the order of the members."""
    if said.shape is None:
        return list(permutations(said.members, 2))
    hub = said.shape.hub
    members = [member for member in said.members if member != hub]
    into = [(member, hub) for member in members] if said.shape.direction in ("in", "both") else []
    out = [(hub, member) for member in members] if said.shape.direction in ("out", "both") else []
    return [*into, *out]


def _sides(paper: Written, said: Topology, tenants: Tenants) -> tuple[Mapping[str, Side], list[Problem]]:
    named: dict[str, tuple[str | int, ...]] = {
        member: ("members", index) for index, member in reversed([*enumerate(said.members)])
    }
    if said.shape is not None:
        named.setdefault(said.shape.hub, ("shape", "hub"))
    found = {name: ours(name, paper.page, path, tenants) for name, path in named.items()}
    sides = {name: one for name, one in found.items() if isinstance(one, Side)}
    return sides, [one for one in found.values() if isinstance(one, Problem)]


def _skips(one: Deviation) -> bool:
    return "skip" in one.model_fields_set


# ---------------------------------------------------------------------------------------------- one link


def _link(
    paper: Written, said: Topology, source: Side, target: Side, index: int | None, yes: tuple[Acknowledgement, ...]
) -> Iterator[Wish | Problem]:
    name = f"{said.name}-{source.name}-{target.name}"
    if not NAME.fullmatch(name):
        message = f"the link {name} would have a name of {len(name)} characters"
        yield paper.problem(["name"], message, f"shorten the name of the topology: {NAME_RULE}")
        return
    deviation = said.deviations[index] if index is not None else None
    spec, page, problems = _filled(paper, said, source, target, index)
    yield from problems
    own = deviation is not None and "state" in deviation.model_fields_set
    wish = Wish(
        name=name,
        shape=paper.shape.word,
        source=source,
        target=target,
        spec=spec,
        page=page,
        origin=source.origin if index is None else paper.key_origin(["except", index]),
        said=said,
        root=paper.page,
        home=paper.page.inside(["except", index]) if own and index is not None else paper.page,
        state=deviation.state if deviation and own else said.state,
        people=deviation.people if deviation and own else said.people,
        acknowledge=yes,
    )
    yield wish
    if spec is not None:
        yield from by_itself(wish)


def _filled(
    paper: Written, said: Topology, source: Side, target: Side, index: int | None
) -> tuple[SyncSpec | None, Page, list[Problem]]:
    """Return the settings of one link and where they stand, or what is wrong with them."""
    page = paper.page.inside(["link"])
    template = _dump(said.link)
    if index is not None:
        own = _own(said.deviations[index])
        template |= own
        page = replace(page, place=_over(page.place, paper.place.inside(["except", index]), own))
    words = {
        "{source.name}": source.name,
        "{source.displayName}": source.label,
        "{target.name}": target.name,
        "{target.displayName}": target.label,
    }
    if index is None and not any(_PLACEHOLDER.search(text) for _, text in texts(template)):
        return said.link, page, []
    filled = _fill(template, words, ())
    root = Place(1, 1, (1, 1), {"link": page.place})
    spec, problems = check(SyncSpec, filled, root, paper.file, ("link",))
    return spec, page, problems


def _dump(model: SyncSettings) -> dict[str, Json]:
    return model.model_dump(exclude_unset=True, by_alias=True)


def _own(one: Deviation) -> dict[str, Json]:
    """Return the settings that a pair has of its own."""
    return {name: value for name, value in _dump(one).items() if name in SyncSettings.model_fields}


def _over(place: Place, other: Place, own: Mapping[str, Json]) -> Place:
    """Return the place of a template of which some settings stand elsewhere."""
    parts = place.parts if isinstance(place.parts, Mapping) else {}
    return place._replace(parts={**parts, **{name: other.inside([name]) for name in own}})


def _fill(value: Json, words: Mapping[str, str], path: tuple[str | int, ...]) -> Json:
    match value:
        case str():
            return _replaced(value, words, quoting=path[-1:] == ("expression",))
        case Mapping():
            return {name: _fill(member, words, (*path, name)) for name, member in value.items()}
        case tuple():
            return tuple(_fill(member, words, path) for member in value)
        case _:
            return value


def _replaced(text: str, words: Mapping[str, str], *, quoting: bool) -> str:
    """Return a text with its placeholders filled in; inside an expression a quote must not end the literal."""
    write: Callable[[str], str] = (lambda word: word.replace("\\", "\\\\").replace('"', '\\"')) if quoting else str
    return _PLACEHOLDER.sub(lambda found: write(words.get(found[0], found[0])), text)


# ---------------------------------------------------------------------------------------------- what is wrong


def _template_problems(paper: Written, said: Topology) -> Iterator[Problem]:
    """Yield the placeholders that nothing is filled in for, in the template and in what pairs have of their own."""
    templates: list[tuple[tuple[str | int, ...], Json]] = [(("link",), _dump(said.link))]
    templates += [(("except", index), _own(one)) for index, one in enumerate(said.deviations)]
    for at, template in templates:
        for path, text in texts(template):
            for found in _PLACEHOLDER.finditer(text):
                if found[0] not in PLACEHOLDERS:
                    origin = paper.page.character((*at, *path), text, found.start())
                    known = meant(found[0], PLACEHOLDERS)
                    yield Problem(origin, f"there is no placeholder {show(found[0])}", known)


def _member_problems(paper: Written, said: Topology) -> Iterator[Problem]:
    for index, member in enumerate(said.members):
        first = said.members.index(member)
        if first != index:
            there = paper.origin(["members", first])
            yield paper.problem(["members", index], f"{member} is a member already, at {there}", "take one of them out")
    if not pairs(said):
        yield paper.problem(["members"], f"{said.name} links nobody", "name more members")


def _deviation_problems(paper: Written, said: Topology) -> Iterator[Problem]:
    linked, seen = set(pairs(said)), dict[_Pair, int]()
    for index, one in enumerate(said.deviations):
        pair, at = (one.source, one.target), ("except", index)
        first = seen.setdefault(pair, index)
        own = {*_own(one), *({"state", "people"} & one.model_fields_set)}
        if pair not in linked:
            yield paper.problem(at, f"the topology has no link from {one.source} to {one.target}", "take it out")
        elif first != index:
            there = paper.origin(["except", first])
            yield paper.problem(at, f"{one.source} to {one.target} is otherwise already, at {there}", "say it once")
        elif _skips(one) and own:
            yield paper.problem(at, f"there is no such link, so {min(own)} says nothing", "take out skip, or the rest")
        elif not _skips(one) and not own:
            yield paper.problem(at, "this does not say what is otherwise", "write skip: true, or settings")
