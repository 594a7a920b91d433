"""What works in a link and may still surprise: where a pattern, a question or an expression does what nobody expects.

Warnings at their places, inside an expression at the very character. What the service refuses is `engine`'s business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from reconciler.loading.engine import REFUSED, groups_of, steps
from reconciler.loading.validating import unsaid_secrets
from reconciler.loading.wishes import Wish
from reconciler.model import Hazard, Origin
from reconciler.provisioning import Lint, lint_expression, lint_filter, parse
from reconciler.provisioning.trees import walk


def hazards(wishes: Iterable[Wish]) -> tuple[Hazard, ...]:
    """Return what may surprise, by place; a place that several links of one tenant share is named once for it."""
    found = {one: None for wish in wishes if not wish.absent and wish.spec is not None for one in _of(wish)}
    return tuple(sorted(found))


def _of(wish: Wish) -> Iterator[Hazard]:
    if wish.spec is None:
        return
    for lint in lint_filter(groups_of(wish.spec.scope.filters)):
        if lint.rule not in REFUSED:
            yield _hazard(wish, wish.page.origin("scope", *steps(lint.where)), lint)
    for target, delta in wish.spec.mappings.items():
        if delta.expression is not None:
            path = ("mappings", target, "expression")
            for offset, lint in _inside(delta.expression):
                yield _hazard(wish, wish.page.character(path, delta.expression, offset), lint)


def _hazard(wish: Wish, origin: Origin, lint: Lint) -> Hazard:
    return Hazard(origin, wish.source.name, unsaid_secrets(lint.message), unsaid_secrets(lint.hint))


# Hundreds of links of one topology say the same.
@lru_cache(maxsize=4096)
def _inside(expression: str) -> tuple[tuple[int, Lint], ...]:
    """Return what may surprise in an expression, and where in it that stands."""
    tree = parse(expression)
    offsets = {str(node.at): node.at.offset for node in walk(tree)}
    return tuple((offsets.get(one.where, 0), one) for one in lint_expression(tree) if one.rule not in REFUSED)
