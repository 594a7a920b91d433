"""Rules 2, 3 and 4: who may create people here, who is no longer asked, and both for a partner that is new.

Also what cannot work: synchronization hangs below a partner's entry, so that it needs one and goes before it.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.access import CONSENT, FLAGS, SYNC_PERMISSIONS, SYNCHRONIZATION, allows_sync
from reconciler.guarding.case import Case, Question, keeps, said
from reconciler.model import Action, Address, Change, Finding, Json, Severity

_WHO = {"groupSyncInbound": "groups", "userSyncInbound": "people"}
_WHOM = {
    "inboundAllowed": "their people are not asked when they come here",
    "outboundAllowed": "our people are not asked when they go there",
}


def find(case: Case) -> Iterator[Finding | Question]:
    """Yield what lets others create people here, and what suppresses consent."""
    for change in filter(keeps, case.changed(SYNCHRONIZATION)):
        yield from _allows(case, change)
    for change in filter(keeps, case.changed("partner")):
        yield from _suppresses(case, change)
        yield from _backdoor(case, change)
    yield from _without_partner(case)


def _allows(case: Case, change: Change) -> Iterator[Finding | Question]:
    both = (case.tenant, case.ours.get(change.address.key))
    external = any(one is not None and one.relationship == "external" for one in both)
    for block in SYNC_PERMISSIONS:
        before, after = said(change.before, block), said(change.after, block)
        if not allows_sync(after) or allows_sync(before):
            continue
        who = f"{case.who(change.address, change.label)} may create {_WHO[block]} here"
        if external:
            message = f"{who}, and is no tenant of this organization: an external tenant never may"
            yield case.finding(change, 2, block, message, severity=Severity.ERROR)
        else:
            details = ("whoever runs that tenant decides which, and what is written about them",)
            finding = case.finding(change, 2, block, who, details)
            yield Question(finding, before, after, declares=((change.address, block),))


def _suppresses(case: Case, change: Change) -> Iterator[Question]:
    for flag in FLAGS[CONSENT]:
        before, after = said(change.before, CONSENT, flag), said(change.after, CONSENT, flag)
        if after is True and before is not True:
            message = f"{case.who(change.address, change.label)}: consent is suppressed, {_WHOM[flag]}"
            details = ("it takes effect when both tenants say so for each other",)
            path = f"{CONSENT}.{flag}"
            finding = case.finding(change, 3, path, message, details)
            yield Question(finding, before, after, declares=((change.address, path),))


def _backdoor(case: Case, change: Change) -> Iterator[Question]:
    if change.action is not Action.CREATE or said(change.after, CONSENT, "inboundAllowed") is not True:
        return
    synchronization = Address(change.address.tenant, SYNCHRONIZATION, change.address.key)
    allowed = {
        block: value
        for block in SYNC_PERMISSIONS
        if allows_sync(value := case.own(case.desired, synchronization, block))
    }
    if allowed:
        message = (
            f"{case.who(change.address, change.label)} is new, may create people here, and nobody is asked: "
            "the three steps of a known backdoor"
        )
        after: Json = {CONSENT: said(change.after, CONSENT), **allowed}
        declares = ((change.address, f"{CONSENT}.inboundAllowed"), *((synchronization, block) for block in allowed))
        yield Question(case.finding(change, 4, "", message), after=after, declares=declares)


def _without_partner(case: Case) -> Iterator[Finding]:
    stays = [address for address in case.desired if address.kind == SYNCHRONIZATION]
    for address in sorted(stays):
        partner = Address(address.tenant, "partner", address.key)
        if partner in case.desired:
            continue
        document = case.documents.get(address)
        remedy = "write `state: absent` in an IdentitySynchronization" if partner in case.live else "write a Partner"
        yield Finding(
            Severity.ERROR,
            case.tenant.name,
            f"{case.who(address, case.desired[address].label)}: there is no synchronization without an entry of the "
            f"partner, and there would be none; {remedy}",
            address=address,
            origin=document.origin if document else None,
        )
