"""Rule 1: who becomes a partner. A tenant id is nobody's name, so files and directory have to say the same of it.

A partner is known when a file names its owner and a domain, its own or the Tenant document of one of ours, and the
directory says that the domain belongs to that tenant. What the directory does not say never counts as agreement.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.guarding.case import Case, Question
from reconciler.model import FILL_IN, FILL_IN_DOMAIN, Action, Change, Json, Lookup

RULE = 1

_NOT_ASKED = Lookup(problem="the directory was not asked")


def find(case: Case) -> Iterator[Question]:
    """Yield the partners that are created and of whom files and directory do not say enough."""
    for change in case.changed("partner"):
        if change.action is Action.CREATE:
            yield from _introduced(case, change)


def _introduced(case: Case, change: Change) -> Iterator[Question]:
    key = change.address.key
    owner, domain = _named(case, change)
    found = case.directory.organizations.get(key, _NOT_ASKED)
    doubts, reasons = _unnamed(owner, domain), [found.problem] if found.problem else []
    contested = False
    if domain and not found.problem and found.domain != domain:
        holder = case.directory.domains.get(domain, _NOT_ASKED)
        doubts += _disputed(domain, holder, key)
        reasons += [holder.problem] if holder.problem else []
        contested = not holder.problem and holder.tenant_id != key
    if doubts or found.problem:
        who = f"{case.who(change.address, change.label)} becomes a partner"
        message = "; ".join([f"{who}: {_told(found)}", *doubts])
        after: Json = {"tenantId": key, "domain": domain or None, "defaultDomainName": found.domain or None}
        # A link cannot know better than the directory whose domain that is.
        declares = () if contested else ((change.address, ""),)
        yield Question(case.finding(change, RULE, "", message, reasons), after=after, declares=declares)


def _named(case: Case, change: Change) -> tuple[str, str]:
    """Return the owner and the domain that files name, or "" for what none does."""
    document, ours = case.documents.get(change.address), case.ours.get(change.address.key)
    owners = [document.owner if document else "", ours.owner if ours else ""]
    domains = [document.domain if document else "", ours.domain if ours else ""]
    return (
        next((owner for owner in owners if owner not in ("", FILL_IN)), ""),
        next((domain.lower() for domain in domains if domain not in ("", FILL_IN_DOMAIN)), ""),
    )


def _told(found: Lookup) -> str:
    if found.problem:
        return "the directory does not say who that is"
    return f"in the directory {found.display_name or 'without a name'}, {found.domain}"


def _unnamed(owner: str, domain: str) -> list[str]:
    said = (("owner", owner), ("domain", domain))
    return [f"no file names its {word}" for word, value in said if not value]


def _disputed(domain: str, holder: Lookup, key: str) -> list[str]:
    """Return what is wrong with a domain that is not the first one of the tenant."""
    if holder.problem:
        return [f"the directory does not say that {domain} is its domain"]
    if holder.tenant_id == key:
        return []
    return [f"{domain} is a domain of {holder.display_name or 'another organization'} ({holder.tenant_id})"]
