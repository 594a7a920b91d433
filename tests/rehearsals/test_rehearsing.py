"""A rehearsal tells of settings and people exactly what the live tenants do afterwards, and writes nothing to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from rehearsed import NAMES, READS, as_told, counts, files, live, mutations, people, portal, seed, settings

from reconciler.model import Json, Verdict
from reconciler.reporting.rehearsals import render_rehearsal

SALES = [{"name": "sales", "clauses": [{"attribute": "department", "operator": "EQUALS", "value": "Sales"}]}]
BRANCHES: dict[str, Json] = {
    "nothing": {},
    "a filter": {"scope": {"assigned": {"groups": [{"name": "Sync to Fabrikam"}]}, "filters": SALES}},
    "a mapping": {"mapped": {"jobTitle": {"expression": 'Append("Mr ", [department])'}}},
    "a group": {"scope": {"assigned": {"groups": [{"name": "Sync to Fabrikam"}, {"name": "Sync to Tailspin"}]}}},
}


@pytest.mark.parametrize("branch", BRANCHES)
def test_rehearsal_tells_what_happens(branch: str, tmp_path: Path) -> None:
    there = live(tmp_path / "tenants").write(files(**BRANCHES[branch]))

    found = there.rehearse()
    assert not mutations(there.world)
    outcomes, done = there.really()

    (one,) = found.links
    assert settings(found) == outcomes
    assert people(one) == as_told(done)
    assert (one.before, one.after) == (done["before"], done["after"])
    assert not found.remaining.steps


def test_changes_since_the_reading_are_rehearsed_with_those_of_the_branch(tmp_path: Path) -> None:
    narrowed = {"scope": {"assigned": {"groups": [{"name": "Sync to Fabrikam"}]}, "filters": SALES}}
    there = live(tmp_path / "tenants").write(files(mapped={"jobTitle": {"constant": "Staff"}}, **narrowed))
    portal(there.world, "PATCH", "/users/ada@contoso.example", {"accountEnabled": False})
    portal(there.world, "PATCH", "/users/bob@contoso.example", {"department": "Sales"})
    there.world.catch_up()

    found = there.rehearse()
    _, done = there.really()

    (one,) = found.links
    assert people(one) == as_told(done)
    assert counts(one) == {"updated": 3, "blocked": 1, "removed": 1}


def test_somebody_in_the_bin_is_restored(tmp_path: Path) -> None:
    there = live(tmp_path / "tenants")
    portal(there.world, "PATCH", "/users/eve@contoso.example", {"department": "Sales"})
    there.write(files(scope=BRANCHES["a filter"]["scope"])).really()
    there.write(files(scope={**BRANCHES["a filter"]["scope"], "filters": []}))

    found = there.rehearse()
    _, done = there.really()

    assert counts(found.links[0]) == {"restored": 2}
    assert people(found.links[0]) == as_told(done)


def test_guests_of_strangers_stay_as_they_are(tmp_path: Path) -> None:
    start = seed()
    start["tenants"]["fabrikam"]["users"]["guest"] = {"invited": "eve@contoso.example"}
    there = live(tmp_path / "tenants", start).write(files(scope=BRANCHES["a filter"]["scope"]))

    found = there.rehearse()
    _, done = there.really()

    assert counts(found.links[0]) == {"removed": 2}
    assert people(found.links[0]) == as_told(done)


def test_new_link_is_rehearsed_from_nothing(tmp_path: Path) -> None:
    there = live(tmp_path / "tenants")
    new = {
        "kind": "SyncLink",
        "name": "contoso-to-tailspin",
        "source": "contoso",
        "target": "tailspin",
        "owner": "ann",
        "spec": {"scope": {"assigned": {"groups": [{"name": "Sync to Tailspin"}]}}},
    }
    there.write({**files(*NAMES), "shared/links/two.yaml": new})

    found = there.rehearse()

    assert [(one.name, counts(one), one.before, one.after) for one in found.links] == [
        ("contoso-to-fabrikam", {}, 4, 4),
        ("contoso-to-tailspin", {"created": 1}, 0, 1),
    ]
    assert (found.exit_code, found.remaining.steps) == (0, ())
    assert not mutations(there.world)


def test_guard_against_deletions_is_told(tmp_path: Path) -> None:
    guard = {"enabled": True, "threshold": 1}
    there = live(tmp_path / "tenants")
    there.write(files(accidentalDeletion=guard)).really()
    there.write(files(accidentalDeletion=guard, scope=BRANCHES["a filter"]["scope"]))

    found = there.rehearse()

    (one,) = found.links
    assert counts(one) == {"held back": 2}
    assert one.quarantine is not None
    assert one.quarantine.code == "TooManyDeletes"
    assert found.exit_code == 6


def test_conflicts_are_told_with_their_cause(tmp_path: Path) -> None:
    start = seed()
    start["tenants"]["fabrikam"]["users"]["own"] = {"mail": "eve@contoso.example"}
    there = live(tmp_path / "tenants", start).write(files(**BRANCHES["a group"]))

    (one,) = there.rehearse().links

    assert [(who.principal_name, who.trouble.cause != "") for who in one.people["failed"] if who.trouble] == [
        ("eve@contoso.example", True)
    ]


def test_without_the_log_people_are_known_by_their_names(tmp_path: Path) -> None:
    there = live(tmp_path / "tenants", seed([one for one in READS if one != "AuditLog.Read.All"]))
    there.write(files(scope=BRANCHES["a filter"]["scope"]))

    found = there.rehearse()

    assert (counts(found.links[0]), found.links[0].before) == ({"removed": 2}, 4)
    assert any("AuditLog.Read.All" in one for one in found.assumed)


@pytest.mark.parametrize("lacking", ["User.Read.All", "Policy.Read.All"])
def test_unread_tenant_stops_its_component(lacking: str, tmp_path: Path) -> None:
    start = seed()
    start["tenants"]["fabrikam"]["applications"][0]["roles"] = [one for one in READS if one != lacking]
    there = live(tmp_path / "tenants", start).write(files(scope=BRANCHES["a filter"]["scope"]))

    found = there.rehearse()

    (one,) = found.links
    assert "fabrikam could not be read" in one.reason
    assert lacking in one.reason
    assert {outcome.verdict for outcome in found.report.outcomes} == {Verdict.BLOCKED}
    assert (counts(one), found.tenants, found.exit_code) == ({}, ("contoso",), 3)


def test_removal_is_rehearsed_phase_by_phase(tmp_path: Path) -> None:
    there = live(tmp_path / "tenants")
    leaving = files()
    leaving["shared/links/one.yaml"] |= {"state": "absent", "people": "keep"}
    there.write(leaving)

    found = there.rehearse()
    outcomes, _ = there.really()

    assert settings(found) == outcomes
    assert counts(found.links[0]) == {}


def test_people_join_and_leave_groups_of_the_target(tmp_path: Path) -> None:
    start = seed()
    start["tenants"]["fabrikam"]["groups"] = {"everyone": {"displayName": "Contoso people", "members": ["tess"]}}
    group = {"group": {"name": "Contoso people"}}
    there = live(tmp_path / "tenants", start).write(files(targetGroups=[{**group, "members": "all"}]))

    for members, count in (("all", 4), ("none", 4)):
        there.write(files(targetGroups=[{**group, "members": members}]))
        found = there.rehearse()
        outcomes, _ = there.really()
        assert settings(found) == outcomes
        assert len(outcomes) == count


def test_what_blocks_is_told(tmp_path: Path) -> None:
    there = live(tmp_path / "tenants").write(files(mapped={"userType": {"constant": "Guest", "apply": "always"}}))

    found = there.rehearse()
    text = render_rehearsal(found)

    assert (found.exit_code, counts(found.links[0])) == (3, {})
    assert "blocked: contoso (rule 12): " in text
    assert text.splitlines()[-1].startswith("Rehearsal: nobody touched; the plan is blocked")
