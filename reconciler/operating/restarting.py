"""Restarts a job: what each scope does to people, whether it may be, and the restart itself, read back.

A restart is never part of an apply. What is not as it was shown to the person is not written to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from reconciler.errors import GraphError, PlanStale, SetupError, Unanswered
from reconciler.graph.client import Graph
from reconciler.model import Address, Estate, Link, Request, Tenant
from reconciler.model.operations import LinkState, LinkStatus, Scope
from reconciler.operating.acting import Act, Hand, act
from reconciler.operating.judging import status_of, without
from reconciler.operating.looking import Job, described, locate, needing
from reconciler.operating.verifying import SHOWING, WRITES


@dataclass(frozen=True, slots=True)
class Restart:
    """One scope: what Graph calls it, and what it does, for people. `lifts`: the quarantine is over after it.

    `flag` is the switch that a dangerous one asks for beside the confirmation.
    """

    reset: str
    effects: tuple[str, ...]
    lifts: bool = False
    flag: str = ""


_ANEW = "everybody in scope is looked at again, from the first to the last; who is linked stays linked"
_OUT = "who is not in scope any more is deprovisioned, as in any cycle, unless the guard against deletions holds it"

RESTARTS: Final[Mapping[Scope, Restart]] = {
    "default": Restart(
        "Escrows, Watermark, QuarantineState",
        (
            _ANEW,
            _OUT,
            "failures that are remembered are forgotten, and everybody is tried anew",
            "a quarantine is lifted; deletions that are held are not carried out, but counted anew",
        ),
        lifts=True,
    ),
    "watermark": Restart(
        "Watermark", (_ANEW, _OUT, "failures that are remembered, and a quarantine, stay as they are")
    ),
    "escrows": Restart(
        "Escrows",
        (
            "failures that are remembered are forgotten and not tried again by themselves",
            "nobody who did not fail is looked at",
        ),
    ),
    "quarantine": Restart(
        "QuarantineState",
        ("the quarantine is lifted for now; it comes back when its cause is still there", "nobody else is touched"),
        lifts=True,
    ),
    "full": Restart(
        "Full",
        (
            "the service forgets who in the target belongs to whom in the source, and matches everybody anew",
            "who does not match becomes a second user of the target, or fails",
            "whoever has left the scope since is not known any more, and stays in the target for good",
            _ANEW.partition(";")[0],
        ),
        lifts=True,
        flag="--break-links",
    ),
    "force-deletes": Restart(
        "ForceDeletes",
        (
            "the deletions that the guard holds are carried out: these people lose their account in the target",
            "they can be restored there for 30 days, and not after",
            "`reconciler logs LINK` names them (stagedDelete)",
        ),
        flag="--carry-out-held-deletions",
    ),
}
"""What may be restarted, in the order of the help."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A job as the person saw it who agrees to its restart."""

    link: Link
    job: Job
    status: LinkStatus


async def show(graph: Graph, estate: Estate, tenant: Tenant, link: Link, now: datetime) -> Shown:
    """Return the job of a link and how it does. Writes nothing.

    Raises:
        SetupError: there is no job.
        GraphError: it cannot be read.
    """
    job = await locate(graph, estate, tenant, link)
    blank = replace(without(link, LinkState.UNKNOWN), configuration=described(job.configuration))
    return Shown(link, job, status_of(blank, job.body, now))


def check(shown: Shown, scope: Scope) -> None:
    """Insist that this restart makes sense for the job as it is.

    Raises:
        SetupError: it does not; the text says what does.
    """
    status = shown.status
    schedule = (shown.job.body or {}).get("schedule") or {}
    if str(schedule.get("state")).lower() != "active":
        then = "they want it, and an apply starts it" if status.wanted else "say `enabled: true` in the link and apply"
        raise SetupError(
            f"{shown.link.name}: the job does not run, and a restart would start it; whether it runs is for the files "
            f"to say: {then}"
        )
    held = status.quarantine.reason.code.lower() if status.quarantine else ""
    if scope == "force-deletes" and held != "toomanydeletes":
        raise SetupError(f"{shown.link.name}: the guard holds no deletions, so there is nothing to carry out")
    if scope == "quarantine" and status.state is not LinkState.QUARANTINE:
        raise SetupError(f"{shown.link.name}: the job is not in quarantine, so there is nothing to lift")


@dataclass(frozen=True, slots=True)
class Restarted:
    """What became of it. `status` is None where the job could not be read back; `remarks` say what else there is."""

    status: LinkStatus | None
    exit_code: int
    remarks: tuple[str, ...] = ()


async def restart(shown: Shown, scope: Scope, graph: Graph, estate: Estate, tenant: Tenant, hand: Hand) -> Restarted:
    """Restart the job, unless it is not as it was shown, and read it back.

    Raises:
        PlanStale: it is not as it was shown; nothing was written.
        GraphError: it was not carried out, or nobody knows (Unanswered).
    """
    now = await show(graph, estate, tenant, shown.link, hand.clock.now())
    if _stand(now) != _stand(shown):
        raise PlanStale(f"{shown.link.name}: the job is not as it was shown; nothing was written; look again")
    body = {"criteria": {"resetScope": RESTARTS[scope].reset}}
    request = Request("POST", f"{now.job.path}/restart", body)
    deed = Act(Address(tenant.name, "job", shown.link.name), f"restart {scope}", request, dict(now.job.body or {}))
    try:
        acted = await act(graph, deed, hand)
    except Unanswered as error:
        hint = f"`reconciler status {shown.link.name}` shows what the job does now"
        raise error.adding(hint) from error
    except GraphError as error:
        raise needing(WRITES, "restart a job")(error) from error
    restarted = await _read_back(shown, scope, graph, estate, tenant, hand)
    return replace(restarted, remarks=(*restarted.remarks, *([acted.remark] if acted.remark else [])))


def _stand(shown: Shown) -> tuple[str, LinkState, str]:
    """Return what of a job decides whether a restart does what was said."""
    held = shown.status.quarantine.reason.code if shown.status.quarantine else ""
    return shown.job.path, shown.status.state, held


async def _read_back(shown: Shown, scope: Scope, graph: Graph, estate: Estate, tenant: Tenant, hand: Hand) -> Restarted:
    """Return the job as it is after the restart; what it acknowledged may take a moment to be shown."""
    last: Restarted | None = None
    for pause in SHOWING:
        await hand.clock.sleep(pause)
        try:
            now = await show(graph, estate, tenant, shown.link, hand.clock.now())
        except (GraphError, SetupError) as error:
            last = last or Restarted(None, 7, (f"acknowledged, and the job could not be read back: {error}",))
            continue
        if not RESTARTS[scope].lifts or now.status.state is not LinkState.QUARANTINE:
            return Restarted(now.status, 0)
        words = "acknowledged, and the job is in quarantine still or again: its cause is there, or the news is late"
        last = Restarted(now.status, 7, (words,))
    return last or Restarted(None, 7)
