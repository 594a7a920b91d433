"""The links themselves, as the rest of the program knows them. What they need in their tenants: see `implying`."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.loading.implying import Consent, consent
from reconciler.loading.link_shapes import ACCEPTANCE
from reconciler.loading.wishes import Acceptance, Asked, Side, Wish
from reconciler.model import Link


def known(asked: Asked) -> tuple[Link, ...]:
    """Return the links by name. An acceptance is one where no file speaks of the other half."""
    pairs = {wish.pair for wish in asked.wishes}
    links = [_link(wish, consent(wish, asked.acceptances)) for wish in asked.wishes]
    alone = (one for one in asked.acceptances if (one.source.tenant_id, one.home.tenant_id) not in pairs)
    return tuple(sorted([*links, *map(_accepted, alone)], key=lambda link: (link.name, link.source, link.target)))


def strangers(asked: Asked) -> Iterator[Side]:
    """Yield the organizations that are not ours, as often as somebody names them."""
    ends = (*(wish.target for wish in asked.wishes), *(one.source for one in asked.acceptances))
    yield from (side for side in ends if side.tenant is None)


def _link(wish: Wish, lets: Consent) -> Link:
    spec = wish.spec
    names = spec is not None and spec.scope.says_who
    return Link(
        name=wish.name,
        source=wish.source.name,
        source_id=wish.source.tenant_id,
        target=wish.target.name,
        target_id=wish.target.tenant_id,
        shape=wish.shape,
        origin=wish.origin,
        label=wish.label,
        enabled=spec.enabled if spec else False,
        scope="all" if spec and not names else "assigned",
        exclusive=spec.scope.assigned.exclusive if spec and names else spec is None,
        group_sync=spec.groupSync if spec else False,
        accepted=lets.people,
        absent=wish.absent,
        people=wish.people or "",
        owner=wish.said.owner,
    )


def _accepted(one: Acceptance) -> Link:
    return Link(
        name=one.said.link or f"{one.source.name}-to-{one.home.name}",
        source=one.source.name,
        source_id=one.source.tenant_id,
        target=one.home.name,
        target_id=one.home.tenant_id,
        shape=ACCEPTANCE,
        origin=one.origin,
        label=f"{one.source.label} to {one.home.display_name}",
        group_sync=one.said.groupSync,
        owner=one.said.owner,
    )
