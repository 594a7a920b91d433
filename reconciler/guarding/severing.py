"""Rule 15: what keeps people in step goes away, and nothing says what becomes of them.

They stay as they are, enabled and looked after by nobody. A link that is `absent` says what is meant by `people`.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.access import SYNCHRONIZATION, allows_sync
from reconciler.guarding.case import Case, Question, said
from reconciler.guarding.synced import brought, brought_into, job_at, told
from reconciler.model import Action, Address, Change, Link, link_of

RULE = 15

_PERMISSION = "userSyncInbound"
_DETAILS = (
    "they stay in the target as they are, and whoever leaves the source can still sign in there",
    "a link says what is meant: `state: absent` with `people: deprovision` or `people: keep`",
)


def find(case: Case) -> Iterator[Question]:
    """Yield permissions, jobs and configurations that go while people depend on them."""
    for change in case.changes:
        if change.address.kind in ("job", "configuration") and change.action is Action.DELETE:
            yield from _part(case, change)
        elif change.address.kind == SYNCHRONIZATION and _forbids(change):
            yield from _permission(case, change, _PERMISSION if change.action is Action.UPDATE else "")
        elif change.address.kind == "partner" and change.action is Action.DELETE:
            yield from _below(case, change)


def _part(case: Case, change: Change) -> Iterator[Question]:
    link, number = case.links.get(link_of(change.address.key)), brought(job_at(case, change.address.key))
    if number == 0 or _says(link):
        return
    message = f"{case.who(change.address, change.label)}: the {change.address.kind} goes, and its people stay behind"
    details = (told(number), *_DETAILS)
    yield Question(case.finding(change, RULE, "", message, details), before=change.before)


def _forbids(change: Change) -> bool:
    return allows_sync(said(change.before, _PERMISSION)) and not allows_sync(said(change.after, _PERMISSION))


def _below(case: Case, change: Change) -> Iterator[Question]:
    """Yield a partner whose deletion takes the permission along."""
    address = Address(change.address.tenant, SYNCHRONIZATION, change.address.key)
    taken = allows_sync(case.own(case.live, address, _PERMISSION))
    if taken and address not in case.desired and all(other.address != address for other in case.changes):
        yield from _permission(case, change, "")


def _permission(case: Case, change: Change, path: str) -> Iterator[Question]:
    links = [link for link in case.links.values() if _sends(link, case.tenant.tenant_id, change.address.key)]
    number = _number(case, change.address.key)
    if number == 0 or (links and all(map(_says, links))):
        return
    who = case.who(change.address, change.label)
    message = f"{who} may no longer create people here, and those whom it has brought stay behind"
    before, after = (said(change.before, path), said(change.after, path)) if path else (change.before, change.after)
    details = (told(number), *_DETAILS)
    yield Question(case.finding(change, RULE, path, message, details), before, after)


def _number(case: Case, source_id: str) -> int | None:
    """Return how many people that tenant has brought here; None where nobody looked."""
    tenant = case.ours.get(source_id)
    sight = case.others.get(tenant.name) if tenant else None
    if tenant is None or sight is None or not sight.shows_links:
        return None
    return brought_into(case.tenant.tenant_id, tenant.name, sight.live)


def _sends(link: Link, target_id: str, source_id: str) -> bool:
    return (link.source_id, link.target_id) == (source_id, target_id)


def _says(link: Link | None) -> bool:
    return link is not None and link.absent and bool(link.people)
