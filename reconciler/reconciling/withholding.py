"""What a plan must not take away in one tenant, because a link that begins in another still works through it. Pure.

The service deletes people through the permission and the consent that it created them with: taken away before all are
gone, nobody is deleted any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from reconciler.access import CONSENT, FLAGS, SYNC_PERMISSIONS, allows_sync
from reconciler.model import Action, Address, Change, Finding, Link, Reading, Severity, TenantPlan
from reconciler.reconciling.seeing import Readings
from reconciler.resolving import leaning


def withheld(plans: Iterable[TenantPlan], links: Sequence[Link], readings: Readings) -> list[TenantPlan]:
    """Return the plans, with an error where a step takes away what a link needs to deprovision its people."""
    working = [link for link in links if link.absent and _is_there(link, readings)]
    return [replace(plan, findings=(*plan.findings, *_too_early(plan, working))) for plan in plans]


def _is_there(link: Link, readings: Readings) -> bool:
    """Whether something is left of a link, or nobody can say."""
    source = readings.get(link.source)
    if not isinstance(source, Reading):
        return True
    unclear = source.synchronizations is not None and link.name in source.synchronizations.ambiguous
    return unclear or Address(link.source, "configuration", link.name) in source.state


def _too_early(plan: TenantPlan, links: Iterable[Link]) -> Iterator[Finding]:
    for link in links:
        needed = leaning(plan.tenant, [link])
        for step in plan.steps:
            if step.change.address in needed and _takes_away(step.change):
                yield Finding(
                    Severity.ERROR,
                    plan.tenant,
                    f"link {link.name} is removed, and the service still deletes its people through this; "
                    "take it back when nothing is left of the link",
                    step.change.address,
                    origin=step.change.origin,
                )


def _takes_away(change: Change) -> bool:
    """Whether a permission to synchronize, or consent, is there before and not after."""
    before, after = change.before or {}, change.after or {}
    if change.action is Action.DELETE:
        return True
    ends = [allows_sync(before.get(name)) and not allows_sync(after.get(name)) for name in SYNC_PERMISSIONS]
    flags = [
        (before.get(CONSENT) or {}).get(flag) is True and (after.get(CONSENT) or {}).get(flag) is not True
        for flag in FLAGS[CONSENT]
    ]
    return any((*ends, *flags))
