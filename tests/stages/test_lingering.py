"""A partner that is still shown minutes after the service said that it is deleted: real runs, on the world's clock."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import driving
from driving import Rehearsal

from reconciler.emulator.world import World
from reconciler.model import Action, Json, Plan, Report, Verdict

CONTOSO = "c0000000-0000-4000-8000-000000000001"
FABRIKAM = "fab00000-0000-4000-8000-000000000002"
PARTNER, BELOW, SYNCHRONIZATION = "partner", "identitySynchronization", "identity-synchronization"
TWO_MINUTES, AN_HOUR = 120, 3600
ABOUT = {"tenantId": CONTOSO, "displayName": "Contoso", "domain": "contoso.example"}
GONE = {"name": "fabrikam", "tenantId": FABRIKAM, "domain": "fabrikam.example", "state": "absent"}


def world(seconds: int, *, synced: bool = False) -> World:
    """Return a world in which what is deleted is still shown for so long."""
    below = {FABRIKAM: {"userSyncInbound": {"isSyncAllowed": False}}} if synced else {}
    contoso = {**ABOUT, "partners": [{"tenantId": FABRIKAM}], "objects": {BELOW: below}}
    organizations = {"fabrikam": {"tenantId": FABRIKAM, "domain": "fabrikam.example"}}
    switches = {"delete_lingers_seconds": seconds}
    return World.from_seed({"switches": switches, "organizations": organizations, "tenants": {"contoso": contoso}})


def rehearsal(there: World, folder: Path, *, synced: bool = False) -> tuple[Rehearsal, Plan]:
    """Return a rehearsal that takes the partner away, and what hangs below it, with a yes to all questions."""
    documents: dict[str, dict[str, Json]] = {
        "contoso/tenant.yaml": {"kind": "Tenant", **ABOUT, "management": "here"},
        "contoso/partners/fabrikam.yaml": {"kind": "Partner", **GONE},
    }
    if synced:
        documents["contoso/sync/fabrikam.yaml"] = {"kind": "IdentitySynchronization", **GONE}
    first = Rehearsal(there, driving.estate(folder, documents))
    agreed, plan, _ = driving.agreed(first, folder, documents)
    return agreed, plan


def deletions(there: World) -> list[tuple[str, int]]:
    """Return the kind and the answer of every deletion that arrived, whatever became of it."""
    return [(entry.kind, entry.status) for entry in there.store.journal() if entry.method == "DELETE"]


def verdicts(report: Report) -> list[tuple[str, Verdict, int]]:
    return [(outcome.address.kind, outcome.verdict, outcome.attempts) for outcome in report.outcomes]


def test_partner_that_lingers_two_minutes_is_deleted_once(tmp_path: Path) -> None:
    there = world(TWO_MINUTES)
    began = there.clock.now()
    run, plan = rehearsal(there, tmp_path)

    report = run.apply(plan)

    assert (verdicts(report), report.exit_code) == ([(PARTNER, Verdict.APPLIED, 1)], 0)
    assert deletions(there) == [(PARTNER, 204)]
    # It is called done when it is gone, not before, and not long after.
    assert timedelta(seconds=TWO_MINUTES) < there.clock.now() - began < timedelta(seconds=2 * TWO_MINUTES)


def test_partner_waits_for_what_lingers_below_it(tmp_path: Path) -> None:
    there = world(TWO_MINUTES, synced=True)
    run, plan = rehearsal(there, tmp_path, synced=True)

    report = run.apply(plan)

    assert verdicts(report) == [(SYNCHRONIZATION, Verdict.APPLIED, 1), (PARTNER, Verdict.APPLIED, 1)]
    assert report.exit_code == 0
    assert deletions(there) == [(BELOW, 204), (PARTNER, 204)]


def test_partner_that_never_disappears_is_told_as_unverified(tmp_path: Path) -> None:
    there = world(AN_HOUR)
    run, plan = rehearsal(there, tmp_path)

    report = run.apply(plan)
    [outcome] = report.outcomes

    assert (outcome.verdict, report.exit_code) == (Verdict.UNVERIFIED, 7)
    assert outcome.detail == "acknowledged, but not shown by two looks running; plan again to see what is there"
    assert deletions(there) == [(PARTNER, 204)]


def test_partner_stays_where_what_hangs_below_never_disappears(tmp_path: Path) -> None:
    there = world(AN_HOUR, synced=True)
    run, plan = rehearsal(there, tmp_path, synced=True)

    report = run.apply(plan)
    below, partner = report.outcomes

    assert (below.verdict, partner.verdict, report.exit_code) == (Verdict.UNVERIFIED, Verdict.SKIPPED, 7)
    assert partner.detail == "what it needs was acknowledged, but the service does not show it yet; apply again"
    assert deletions(there) == [(BELOW, 204)]


def test_run_after_the_deadline_deletes_nothing_twice(tmp_path: Path) -> None:
    """Whoever plans while it is still shown sends one more deletion at most, and is told that it is gone."""
    there = world(AN_HOUR)
    run, plan = rehearsal(there, tmp_path)
    run.apply(plan)

    again, second = rehearsal(there, tmp_path)
    report = again.apply(second)
    there.clock.wait(AN_HOUR)
    _, last = rehearsal(there, tmp_path)

    assert [step.change.action for step in second.steps] == [Action.DELETE]
    assert (verdicts(report), report.exit_code) == ([(PARTNER, Verdict.UNVERIFIED, 1)], 7)
    assert deletions(there) == [(PARTNER, 204), (PARTNER, 404)]
    assert not last.steps
