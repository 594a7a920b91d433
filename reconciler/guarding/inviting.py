"""Rule 23: whether the target of a link lets anybody be invited. The service invites those whom it synchronizes.

It does so whoever else may invite, unless nobody at all may, its administrators included.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.guarding.case import Case
from reconciler.model import Address, Conditions, Finding, Link, Severity

RULE = 23

_NOBODY = "none"
_SETTINGS = "External Identities > External collaboration settings > Guest invite settings"
_CALL = 'PATCH /v1.0/policies/authorizationPolicy {"allowInvitesFrom": "adminsAndGuestInviters"}'
_REMEDY = (
    "the service would answer AzureActiveDirectoryForbidden for every person",
    f"in the admin center of that tenant: {_SETTINGS}, and let at least those in administrator roles invite",
    f"or by Microsoft Graph: {_CALL}",
)


def find(case: Case) -> Iterator[Finding]:
    """Yield the links into tenants that invite nobody, and that it could not be read who is invited here."""
    for _, link in sorted(case.links.items()):
        if not link.absent and _told_here(case, link) and _target(case, link).inviters == _NOBODY:
            yield _forbidden(case, link)
    problem = case.conditions.problems.get("inviters", "")
    if problem and any(link.target == case.tenant.name and not link.absent for link in case.links.values()):
        message = f"who may invite guests into {case.tenant.name} could not be read, so that it is not looked at"
        yield Finding(
            Severity.NOTE, case.tenant.name, message, rule=RULE, details=(problem,), origin=case.tenant.origin
        )


def _told_here(case: Case, link: Link) -> bool:
    """Whether the link begins here, or begins where nothing can be told and ends here."""
    name, ours = case.tenant.name, case.others.keys()
    return link.source == name or (link.target == name and link.source not in ours)


def _target(case: Case, link: Link) -> Conditions:
    if link.target == case.tenant.name:
        return case.conditions
    sight = case.others.get(link.target)
    return sight.conditions if sight else Conditions()


def _forbidden(case: Case, link: Link) -> Finding:
    own = Address(case.tenant.name, "configuration", link.name) if link.source == case.tenant.name else None
    target = case.others.get(link.target)
    there = target.origin if target else case.tenant.origin
    message = f"{link.name} would bring nobody: {link.target} lets nobody invite guests (allowInvitesFrom: none)"
    details = (*_REMEDY, f"{link.target} is described in {there}")
    return Finding(Severity.WARNING, case.tenant.name, message, own, RULE, details=details, origin=link.origin)
