"""Rule 23: whether a link would work, looked at from both of its tenants before anything is written.

What stands in the way is told once, by the tenant where the link begins. Where the other side is not ours to write,
the link waits, and the finding says what has to be done there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.access import CONSENT
from reconciler.guarding import handing
from reconciler.guarding.case import Case, Question, Sight
from reconciler.guarding.handing import Other
from reconciler.guarding.synced import has_run, job_at, works
from reconciler.model import (
    MASKED,
    Address,
    Answer,
    Capability,
    Document,
    Finding,
    Judgement,
    Link,
    Obstacle,
    Severity,
    Standing,
    link_of,
)

RULE = 23

_ACCEPTANCE = "SyncAcceptance"
_SYNCED = {Capability.USER_SYNC, Capability.GROUP_SYNC}
_NEEDED = {Capability.COLLABORATION, Capability.CONSENT}


def find(case: Case) -> Iterator[Finding | Question]:
    """Yield what is wrong with links that begin here, and with those that end here and begin where nobody can look."""
    for _, link in sorted(case.links.items()):
        if link.absent:
            continue
        if link.shape == _ACCEPTANCE:
            yield from _half(case, link)
        elif link.source == case.tenant.name:
            yield from _link(case, link)
        elif link.target == case.tenant.name and _is_unread(case.others.get(link.source)):
            yield _one_sided(case, link, link.source)


def _link(case: Case, link: Link) -> Iterator[Finding]:
    there = case.others.get(link.target)
    yield from _elsewhere(case, link)
    yield from _nobody(case, link)
    if _is_unread(there):
        yield _one_sided(case, link, link.target)
        return
    obstacles = [*_obstacles(case.pairs.get(link.name, ()))]
    theirs = [one for one in obstacles if one.tenant == link.target]
    if not link.accepted:
        yield _unaccepted(case, link)
    elif there is None or there.standing is Standing.ELSEWHERE:
        if not works(job_at(case, link.name)):
            yield _waiting(case, link, "nobody here can look into it")
    elif there.standing is Standing.OBSERVED and theirs:
        yield _waiting(case, link, "it is only observed here", [one.message for one in theirs])
    known = there is not None and there.standing is Standing.PLANNED and link.accepted
    ours = [one for one in obstacles if known or (one.tenant != link.target and not _follows(link, one))]
    if ours:
        message = f"{link.name} would not work between {link.source} and {link.target}"
        yield _finding(case, link, Severity.WARNING, message, map(_spoken, ours))


def _follows(link: Link, one: Obstacle) -> bool:
    """Whether the link itself takes it away, once it is accepted."""
    return not link.accepted and one.setting.startswith(CONSENT)


def _obstacles(judgements: Iterable[Judgement]) -> Iterator[Obstacle]:
    """Yield what stands in the way of synchronization; that only some get through is often meant."""
    for one in judgements:
        if one.capability in _NEEDED and one.answer in (Answer.NO, Answer.UNKNOWN):
            yield from one.obstacles
        elif one.capability in _SYNCED:
            # Those without a tenant only point at what else is needed, which is here by itself.
            yield from (obstacle for obstacle in one.obstacles if obstacle.tenant)


def _spoken(one: Obstacle) -> str:
    remedy = f"; {one.remedy}" if one.remedy else ""
    return f"{one.message}{f' ({one.setting})' if one.setting else ''}{remedy}{f', {one.origin}' if one.origin else ''}"


def _finding(
    case: Case,
    link: Link,
    severity: Severity,
    message: str,
    details: Iterable[str] = (),
    suggestion: str = "",
) -> Finding:
    return Finding(
        severity,
        case.tenant.name,
        message,
        Address(case.tenant.name, "configuration", link.name) if link.source == case.tenant.name else None,
        rule=RULE,
        details=tuple(details),
        suggestion=suggestion,
        origin=link.origin,
    )


# ---------------------------------------------------------------------------------------------- by itself


def _elsewhere(case: Case, link: Link) -> Iterator[Finding]:
    """Yield that the job provisions into another tenant, or that nobody can see where it does."""
    settings = case.live.get(Address(case.tenant.name, "settings", link.name))
    target, job = settings.body.get("targetTenantId") if settings else None, job_at(case, link.name)
    if job is None or target in (None, link.target_id):
        return
    if target == MASKED:
        message = f"the service does not show where the job of {link.name} provisions to; the mark says it is this link"
        yield _finding(case, link, Severity.NOTE, message)
    elif has_run(job):
        message = (
            f"the job of {link.name} provisions into {target} and not into {link.target} ({link.target_id}), and a job "
            "that has run cannot be led elsewhere; write a new link, and let this one be absent"
        )
        yield _finding(case, link, Severity.ERROR, message)


def _nobody(case: Case, link: Link) -> Iterator[Finding]:
    assigned = any(address.kind == "assignment" and link_of(address.key) == link.name for address in case.desired)
    if link.scope == "assigned" and not link.exclusive and not assigned:
        message = f"nobody is assigned to {link.name}, so that it brings nobody"
        yield _finding(case, link, Severity.WARNING, message)


# ---------------------------------------------------------------------------------------------- the other side


def _is_unread(sight: Sight | None) -> bool:
    return sight is not None and sight.standing is Standing.UNREADABLE


def _one_sided(case: Case, link: Link, unread: str) -> Finding:
    """Return that only one side could be read: half a link is not planned, and one that stands is not judged."""
    if not _touched(case, link):
        return _finding(case, link, Severity.NOTE, f"{unread} could not be read, so that {link.name} is not looked at")
    message = f"{unread} could not be read, so that {link.name} is not planned; plan again when it can be"
    return _finding(case, link, Severity.ERROR, message)


def _touched(case: Case, link: Link) -> bool:
    documents = (case.documents.get(change.address) for change in case.changes)
    return any(document is not None and _asks(link, document) for document in documents)


def _asks(link: Link, document: Document) -> bool:
    return link.name in (document.link, *(one.link for one in document.declared.values()))


def _unaccepted(case: Case, link: Link) -> Finding:
    ours = _named(case)
    message = f"{link.name} waits: {link.target} wants to be asked, and no SyncAcceptance there speaks of it"
    until = f"nothing is asked for there, nor consent in {link.source}"
    details = (f"the document below belongs into the folder of {link.target}; until then {until}",)
    return _finding(case, link, Severity.WARNING, message, details, handing.acceptance(link, ours))


def _waiting(case: Case, link: Link, why: str, missing: Iterable[str] = ()) -> Finding:
    ours = _named(case)
    message = f"{link.name} waits for {link.target} ({link.target_id}): {why}"
    details = (*missing, *handing.to_accept(link, ours))
    return _finding(case, link, Severity.WARNING, message, details, handing.acceptance(link, ours))


def _half(case: Case, link: Link) -> Iterator[Finding]:
    """Yield what is left to do where a link begins of which only the target is ours, when it is let in."""
    if link.target == case.tenant.name and _touched_here(case, link):
        ours = _named(case)
        message = f"{link.source} ({link.source_id}) is let in here, and sends nobody until it is told to"
        details = handing.to_send(link, ours)
        yield _finding(case, link, Severity.NOTE, message, details, handing.configuration(link, ours))


def _touched_here(case: Case, link: Link) -> bool:
    kinds = ("partner", "identity-synchronization")
    return any(change.address.kind in kinds and change.address.key == link.source_id for change in case.changes)


def _named(case: Case) -> Other:
    tenant = case.tenant
    return Other(tenant.name, tenant.tenant_id, tenant.display_name, tenant.domain)
