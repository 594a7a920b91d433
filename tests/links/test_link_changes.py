"""Changes of a link that lives: who is in scope, whether it runs, where it leads."""

from __future__ import annotations

from pathlib import Path

import pytest
from parting import CONTOSO, NAME, PATH, Parting, brief, documents, world

from reconciler.model import Finding, Json, Severity

ASSIGNED: Json = {"assigned": {"groups": [{"name": "Sync to Fabrikam"}], "exclusive": False}}
OWED = "entra-reconciler owes the job a restart since "


def link(scope: Json, **said: Json) -> dict[str, Json]:
    return {"scope": scope, "displayName": "Contoso to Fabrikam", "accidentalDeletion": {"threshold": 500}, **said}


@pytest.fixture
def everybody(tmp_path: Path) -> Parting:
    """A link in the scope of which is everybody, and that is marked as ours."""
    parting = Parting(tmp_path, world(everybody=True), documents(spec=link("all")))
    parting.apply()
    assert not parting.plan().steps
    return parting


# ---------------------------------------------------------------------------------------------- scope


def test_narrower_scope_takes_a_restart(everybody: Parting) -> None:
    """It is noted before that the restart is owed, so that nobody forgets it; who stays is assigned before any goes."""
    everybody.said = documents(spec=link(ASSIGNED))

    assert brief(everybody.plan()) == [
        "update configuration awaits=restart",
        "create assignment principalType=Group",
        "update settings scope=assigned",
        "update job restart=default scope",
        "update configuration awaits=None",
    ]
    assert everybody.apply().exit_code == 0
    assert not everybody.plan().steps
    assert OWED not in everybody.notes()
    assert restarts(everybody) == 1


def test_mappings_change_while_nothing_runs_even_when_a_restart_is_due(everybody: Parting) -> None:
    everybody.said = documents(spec=link(ASSIGNED, mappings={"displayName": {"expression": "[mailNickname]"}}))

    assert [words.partition(" mappings=")[0] for words in brief(everybody.plan())] == [
        "update configuration awaits=restart",
        "update job enabled=False",
        "update mappings",
        "create assignment principalType=Group",
        "update settings scope=assigned",
        "update job enabled=True",
        "update job restart=default scope",
        "update configuration awaits=None",
    ]
    assert everybody.apply().exit_code == 0
    assert not everybody.plan().steps


@pytest.mark.parametrize("line", range(10))
def test_restart_is_not_forgotten_when_a_run_is_killed(line: int, everybody: Parting) -> None:
    everybody.said = documents(spec=link(ASSIGNED))

    assert everybody.die(line)
    assert everybody.apply().exit_code == 0
    assert not everybody.plan().steps
    assert restarts(everybody) >= 1


def test_narrower_scope_reaches_people_through_the_restart(everybody: Parting) -> None:
    everybody.later(60)
    assert everybody.people() == ["Adele Vance", "Megan Bowen"]
    everybody.said = documents(spec=link(ASSIGNED))
    everybody.apply()
    everybody.later(60)

    assert (everybody.people(), everybody.binned()) == (["Megan Bowen"], ["Adele Vance"])


def test_wider_scope_takes_none(tmp_path: Path) -> None:
    parting = Parting(tmp_path, world(), documents(spec=link(ASSIGNED)))
    parting.apply()
    parting.said = documents(spec=link("all"))

    assert brief(parting.plan()) == ["update settings scope=all"]


def test_restart_of_a_paused_job_is_owed_until_it_is_started(everybody: Parting) -> None:
    everybody.said = documents(spec=link("all", enabled=False))
    everybody.apply()
    everybody.said = documents(spec=link(ASSIGNED, enabled=False))
    everybody.apply()

    assert OWED in everybody.notes()
    assert not everybody.plan().steps
    everybody.said = documents(spec=link(ASSIGNED))
    assert brief(everybody.plan()) == [
        "update job enabled=True",
        "update job restart=default scope",
        "update configuration awaits=None",
    ]


def test_owed_restart_is_dropped_with_the_narrower_scope(everybody: Parting) -> None:
    everybody.said = documents(spec=link("all", enabled=False))
    everybody.apply()
    everybody.said = documents(spec=link(ASSIGNED, enabled=False))
    everybody.apply()
    everybody.said = documents(spec=link("all"))
    plan = everybody.plan()

    assert not [step for step in plan.steps if "restart" in (step.change.after or {})]
    everybody.apply()
    assert OWED not in everybody.notes()


def restarts(parting: Parting) -> int:
    entries = parting.world.store.journal()
    return sum(entry.path.endswith("/restart") and entry.kind == "synchronizationJob" for entry in entries)


# ---------------------------------------------------------------------------------------------- running


def test_disabled_link_is_paused_and_started_again(everybody: Parting) -> None:
    everybody.said = documents(spec=link("all", enabled=False))
    assert brief(everybody.plan()) == ["update job enabled=False"]
    everybody.apply()

    everybody.said = documents(spec=link("all"))
    assert brief(everybody.plan()) == ["update job enabled=True"]
    assert everybody.apply().exit_code == 0


def test_changed_mapping_pauses_the_job_first(everybody: Parting) -> None:
    mapped = link("all", mappings={"city": {"constant": "Oslo"}})
    everybody.said = documents(spec=mapped)

    assert [one.partition("=")[0] for one in brief(everybody.plan())] == [
        "update job enabled",
        "update mappings mappings",
        "update job enabled",
    ]
    assert everybody.apply().exit_code == 0
    assert not everybody.plan().steps


def test_job_that_the_service_gave_up_is_told(everybody: Parting) -> None:
    error = {"code": "PolicyCheck", "message": "inbound synchronization is not allowed"}
    quarantine = {"reason": "EncounteredQuarantineException", "currentBegan": "2026-10-01T00:00:00Z", "error": error}
    everybody.status(quarantine=quarantine)
    ((key, job),) = everybody.world.store.all(CONTOSO, "synchronizationJob").items()
    disabled = {**job, "schedule": {**job["schedule"], "state": "Disabled"}}
    everybody.world.store.put(CONTOSO, "synchronizationJob", key, disabled)
    (found,) = (one for one in everybody.plan().tenants[0].findings if one.severity is Severity.WARNING)

    assert found.message == (f"link {NAME}: the service disabled its job after a quarantine, and it is started again")
    assert found.details == (
        f"in quarantine since 2026-10-01T00:00:00Z, the service says: {quarantine['reason']}: {error['message']}",
        "repair the cause first, or it ends there again",
    )


# ---------------------------------------------------------------------------------------------- target


def test_link_is_never_turned_to_another_target(everybody: Parting) -> None:
    other = {**everybody.said["fabrikam/tenant.yaml"], "tenantId": "0000aaaa-0000-4000-8000-000000000003"}
    turned = {**everybody.said[PATH], "target": "northwind"}
    more = {**other, "displayName": "Northwind", "domain": "northwind.example", "management": "elsewhere"}
    everybody.said = {**everybody.said, PATH: turned, "northwind/tenant.yaml": more}
    (found,) = errors(everybody)

    assert found.message == (
        f"link {NAME}: its configuration leads to the tenant fab00000-0000-4000-8000-000000000002, and not to "
        "0000aaaa-0000-4000-8000-000000000003; a configuration is never turned to another tenant, "
        "where it would know nobody"
    )
    assert found.details[0] == "to keep both: give the link to the other tenant a name of its own"
    assert everybody.plan().tenants[0].blocked


def errors(parting: Parting) -> list[Finding]:
    return [one for one in parting.plan().tenants[0].findings if one.severity is Severity.ERROR]
