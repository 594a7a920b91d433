"""Links between tenants that are not all ours to write, that fail in one place, or that wait for each other."""

from __future__ import annotations

from pathlib import Path

from spine import (
    CONTOSO,
    FABRIKAM,
    LINK,
    brief,
    configuration,
    documents,
    link,
    outcome,
    scene,
    seed,
    silent,
    tenant,
    told,
)

from reconciler.model import Plan, Verdict

JOB = f"contoso/job/{LINK}"


def test_link_into_an_observed_tenant_waits_for_it(tmp_path: Path) -> None:
    """What only its owner can change there is asked for, and the job waits; nothing of it is an error."""
    start = silent(seed({"link": configuration(synchronization={"state": "paused"})}))
    one = scene(tmp_path, start, documents(fabrikam=tenant("fabrikam", management="observe")))

    report = one.apply()

    assert report.exit_code == 0
    started = outcome(report, JOB)
    assert (started.verdict, started.attempts) == (Verdict.WAITING, 0)
    assert started.detail.startswith("the other tenant does not let it")


def test_link_into_an_observed_tenant_is_made(tmp_path: Path) -> None:
    """All but the start is done; the target is left alone."""
    start = silent(seed())
    one = scene(tmp_path, start, documents(fabrikam=tenant("fabrikam", management="observe")))

    report = one.apply()

    assert report.exit_code == 0
    assert outcome(report, f"contoso/configuration/{LINK}", 0).verdict is Verdict.APPLIED
    assert not [entry for entry in one.world.store.journal() if entry.tenant == FABRIKAM]


def test_link_that_nobody_accepted_yet_waits(tmp_path: Path) -> None:
    """A target of ours that wants to be asked, and was not, is no error of the source; and nobody waits for nothing."""
    start = silent(seed({"link": configuration(synchronization={"state": "paused"})}))
    one = scene(tmp_path, start, documents(fabrikam=tenant("fabrikam", acceptance="required")))
    began = one.world.clock.monotonic()

    report = one.apply()

    assert (report.exit_code, outcome(report, JOB).verdict) == (0, Verdict.WAITING)
    assert one.world.clock.monotonic() - began < 10


def test_failing_word_of_the_target_holds_the_source(tmp_path: Path) -> None:
    """Where the target cannot be written, nothing is begun in the source, and it is told which step it lacks."""
    one = scene(tmp_path, silent(seed()))
    plan = one.plan()
    refusing = {"match": {"method": "PATCH", "path": "*/identitySynchronization"}, "action": {"status": 400}}
    one.world.add_fault(refusing)

    report = one.apply(plan)

    made = outcome(report, f"contoso/configuration/{LINK}", 0)
    permission = f"fabrikam/identity-synchronization/{CONTOSO}"
    assert made.verdict is Verdict.SKIPPED
    assert made.detail == f"it needs {permission} done first, and that is failed"
    assert report.exit_code == 1


def test_link_that_fails_in_the_middle_stops_no_other(tmp_path: Path) -> None:
    """Of two links from one tenant, one is refused its settings; the other is made whole."""
    said = documents(link(), link(target="tailspin", group="Sync to Tailspin"))
    one = scene(tmp_path, seed(None, "contoso", "fabrikam", "tailspin"), said)
    plan = one.plan()
    one.world.add_fault({"match": {"method": "PUT", "path": "*/secrets"}, "nth": 1, "action": {"status": 400}})

    report = one.apply(plan)

    ends = [outcome(report, f"contoso/job/{name}").verdict for name in (LINK, "contoso-to-tailspin")]
    assert sorted(ends) == [Verdict.APPLIED, Verdict.SKIPPED]
    assert report.exit_code == 6


def test_links_in_both_directions_do_not_wait_for_each_other(tmp_path: Path) -> None:
    """Two tenants from nothing, each sending to the other, are done in one run."""
    start = seed()
    for name in ("contoso", "fabrikam"):
        start["tenants"][name] |= {"partners": [], "objects": {}}
    said = documents(link(), link("fabrikam", "contoso"))
    one = scene(tmp_path, start, said)

    report = one.apply()

    assert {done.verdict for done in report.outcomes} == {Verdict.APPLIED}
    assert not one.plan().steps


def test_needs_of_links_have_no_circle(tmp_path: Path) -> None:
    """Whatever waits stands after what it waits for: in its tenant, or in the wave of access before."""
    start = seed(None, "contoso", "fabrikam", "tailspin")
    for name in start["tenants"]:
        start["tenants"][name] |= {"partners": [], "objects": {}}
    names = ("contoso", "fabrikam", "tailspin")
    pairs = [(source, target) for source in names for target in names if source != target]
    one = scene(tmp_path, start, documents(*(link(*pair) for pair in pairs)))

    plan = one.plan()

    assert not told(plan)
    assert _order_holds(plan)


def _order_holds(plan: Plan) -> bool:
    done: set[str] = set()
    for wave in (
        ("partner", "identity-synchronization"),
        ("configuration", "job", "settings", "mappings", "assignment"),
    ):
        for each in plan.tenants:
            for step in each.steps:
                if step.change.address.kind in wave:
                    assert set(step.needs) <= done, step
                    done.add(step.id)
    return len(done) == len(plan.steps)


def test_nothing_is_restarted_that_waits_to_be_started(tmp_path: Path) -> None:
    """The restart of a paused job would start it: where its target does not let it yet, the restart waits as well."""
    paused = configuration(synchronization={"state": "paused"}, settings={"SyncAll": "true"})
    one = scene(tmp_path, silent(seed({"link": paused})), documents(fabrikam=tenant("fabrikam", management="observe")))

    report = one.apply()

    assert one.job()["schedule"]["state"] == "Paused"
    assert report.exit_code == 0
    assert {done.verdict for done in report.outcomes if done.address.kind == "job"} == {Verdict.WAITING}
    assert f"update contoso/job/{LINK} restart" in brief(one.plan())
