"""Rule 23: whether the tenant where links begin has bought what they need, and enough of it.

Synchronization needs Entra ID P1 for each person, in the source; synchronization of groups needs Entra ID Governance.
The service refuses nothing without them, so that nobody else tells. How many people a link means is not counted here:
those who are known at least are those who are assigned one by one, or were brought already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from reconciler.guarding.case import Case
from reconciler.guarding.synced import brought, job_at
from reconciler.guarding.words import counted
from reconciler.model import Finding, Link, Severity, Subscription, link_of
from reconciler.phrases import some

RULE = 23

# Service plans are told apart by id. P2 has all that P1 has.
_PREMIUM = frozenset({"41781fb2-bc02-4b7c-bd55-b576c07bb09d", "eec0eb4f-6444-4f95-aba0-50c24d67f998"})
_GOVERNANCE = frozenset({"e866a266-3cff-43a3-acca-0c90a7e00c8b"})


def find(case: Case) -> Iterator[Finding]:
    """Yield what is missing, once for all links that begin here."""
    links = [link for _, link in sorted(case.links.items()) if link.source == case.tenant.name and not link.absent]
    bought, problem = case.conditions.subscriptions, case.conditions.problems.get("subscriptions", "")
    if not links:
        return
    if bought is not None:
        yield from _premium(case, links, bought)
        yield from _governance(case, [link for link in links if link.group_sync], bought)
    elif problem:
        message = f"what {case.tenant.name} has bought could not be read, so that licences of links are not looked at"
        yield _finding(case, Severity.NOTE, message, [problem])


def _premium(case: Case, links: Sequence[Link], bought: Iterable[Subscription]) -> Iterator[Finding]:
    having = _having(bought, _PREMIUM)
    if not having:
        message = (
            f"{case.tenant.name} has no subscription with Entra ID P1, which synchronization needs for each person"
        )
        yield _finding(case, Severity.WARNING, message, [_meant(links)])
        return
    seats, used = sum(one.seats for one in having), sum(one.used for one in having)
    known, link = max((_people(case, link), link.name) for link in links)
    names = f"subscriptions with Entra ID P1: {', '.join(sorted(one.name for one in having))}"
    if known > seats:
        message = (
            f"{case.tenant.name} has {counted(seats, 'seat')} of Entra ID P1, and {link} means {known} people or more"
        )
        yield _finding(case, Severity.WARNING, message, [names, "each person who is synchronized needs a seat"])
    elif used > seats:
        message = (
            f"{case.tenant.name} has given away {counted(used, 'seat')} of Entra ID P1, and has bought only {seats}"
        )
        yield _finding(case, Severity.WARNING, message, [names])


def _governance(case: Case, links: Sequence[Link], bought: Iterable[Subscription]) -> Iterator[Finding]:
    if links and not _having(bought, _GOVERNANCE):
        message = (
            f"{case.tenant.name} has no subscription with Entra ID Governance, which synchronization of groups needs"
        )
        yield _finding(case, Severity.WARNING, message, [_meant(links)])


def _having(bought: Iterable[Subscription], plans: Collection[str]) -> list[Subscription]:
    return [one for one in bought if not one.plans.isdisjoint(plans)]


def _people(case: Case, link: Link) -> int:
    """Return of how many people one link is known to be."""
    assigned = Counter(
        link_of(address.key)
        for address, there in case.desired.items()
        if address.kind == "assignment" and there.body.get("principalType") == "User"
    )
    return max(assigned[link.name], brought(job_at(case, link.name)) or 0)


def _meant(links: Iterable[Link]) -> str:
    return f"links that begin here: {some([link.name for link in links])}"


def _finding(case: Case, severity: Severity, message: str, details: Iterable[str]) -> Finding:
    return Finding(severity, case.tenant.name, message, rule=RULE, details=tuple(details), origin=case.tenant.origin)
