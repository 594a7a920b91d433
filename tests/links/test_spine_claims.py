"""Whose configuration is whose: attacks by names, marks and hidden targets, on plans and in the middle of an apply."""

from __future__ import annotations

from pathlib import Path

import pytest
from spine import (
    CONTOSO,
    LABEL,
    Scene,
    brief,
    configuration,
    documents,
    link,
    mark,
    meddled,
    outcome,
    scene,
    seed,
    silent,
    told,
)

from reconciler.kinds.synchronization.configuration import TEMPLATE
from reconciler.model import Json, Plan, Verdict

AMBIGUOUS = "nobody can tell which configuration is that of the link contoso-to-fabrikam"
PERMISSION = f"fabrikam/identity-synchronization/{CONTOSO}"
THREE = ("contoso", "fabrikam", "tailspin")


def hidden(configurations: Json) -> Json:
    return {**seed(configurations), "switches": {"company_id_masked": True}}


def details(plan: Plan) -> list[str]:
    return [line for tenant in plan.tenants for one in tenant.findings if one.stops for line in one.details]


def configurations(one: Scene) -> int:
    everything = one.world.store.all(CONTOSO, "application").values()
    return len([made for made in everything if made.get("applicationTemplateId") == TEMPLATE])


def test_namesake_of_another_pair_is_not_taken_over(tmp_path: Path) -> None:
    """A configuration that somebody made for another target keeps all it has, whatever it is called."""
    one = scene(tmp_path, seed({"stranger": configuration("tailspin", notes=None)}, *THREE))
    before = one.secrets("stranger")

    report = one.apply()

    assert report.exit_code == 0
    assert configurations(one) == 2
    assert one.secrets("stranger") == before
    assert one.portal("GET", f"/v1.0/servicePrincipals/{one.principal('stranger')}")["notes"] is None


def test_configuration_that_hides_its_target_is_not_doubled(tmp_path: Path) -> None:
    """Where nobody can say that an unmarked configuration is not the link's, none is made beside it."""
    one = scene(tmp_path, hidden({"link": configuration(notes=None)}))

    plan = one.plan()

    assert [message.startswith(AMBIGUOUS) for message in told(plan)] == [True]
    assert details(plan)[0].endswith("which hides where it provisions to")


def test_marked_configuration_that_hides_its_target_is_found(tmp_path: Path) -> None:
    """The mark says whose it is; what is hidden is neither compared nor shown as a difference."""
    one = scene(tmp_path, hidden({"link": configuration()}))

    assert not one.plan().steps


def test_mark_of_a_forgotten_link_is_not_passed_over(tmp_path: Path) -> None:
    """A link that was renamed in its file would be made a second time beside its old self."""
    one = scene(tmp_path, seed({"link": configuration(notes=mark("old-name"))}))

    plan = one.plan()

    assert [message.startswith(AMBIGUOUS) for message in told(plan)] == [True]
    assert details(plan)[0].endswith("with the mark of the link old-name")
    assert details(plan)[1].endswith(mark())


def test_mark_of_a_link_elsewhere_stands_in_nobodys_way(tmp_path: Path) -> None:
    """A configuration of somebody else for another target may bear any mark."""
    one = scene(tmp_path, seed({"theirs": configuration("tailspin", notes=mark("of-others"))}, *THREE))

    assert not told(one.plan())


def test_copied_mark_stops_the_tenant(tmp_path: Path) -> None:
    """Two configurations with the mark of one link are told, and neither is touched."""
    one = scene(tmp_path, seed({"link": configuration(), "copy": configuration("tailspin")}, *THREE))

    plan = one.plan()

    assert [message.startswith(AMBIGUOUS) for message in told(plan)] == [True]
    assert {done.verdict for done in one.apply(plan).outcomes} == {Verdict.BLOCKED}


def test_mark_with_blanks_around_it_is_read(tmp_path: Path) -> None:
    """Whoever edits the notes by hand leaves blanks; that makes nobody a stranger."""
    notes = f"kept by ann\r\n  {mark()}  \r\n"
    one = scene(tmp_path, seed({"link": configuration(notes=notes)}))

    assert not one.plan().steps


def test_rivals_do_not_share_out_by_the_alphabet(tmp_path: Path) -> None:
    """Of two links into one tenant, an unmarked configuration is that of the link whose name it bears."""
    links = [_filtered("aaa", "Sales", "Sales people"), _filtered("contoso-to-fabrikam", "Legal", LABEL)]
    one = scene(tmp_path, seed({"link": configuration(notes=None)}), documents(*links))

    steps = brief(one.plan())

    assert "create contoso/configuration/aaa displayName" in steps
    assert "create contoso/configuration/contoso-to-fabrikam displayName" not in steps


def test_rivals_for_one_configuration_are_told(tmp_path: Path) -> None:
    """Where not even a name tells whose it is, nobody takes it."""
    links = [_filtered("aaa", "Sales", "One"), _filtered("contoso-to-fabrikam", "Legal", "Two")]
    one = scene(tmp_path, seed({"link": configuration(notes=None)}), documents(*links))

    assert len(told(one.plan())) == 2


def _filtered(name: str, department: str, label: str) -> Json:
    clauses = [{"attribute": "department", "operator": "EQUALS", "value": department}]
    scope = {"assigned": {"groups": [{"name": "Sync to Fabrikam"}]}, "filters": [{"name": "f", "clauses": clauses}]}
    return link(name=name, spec={"displayName": label, "scope": scope})


def test_one_that_somebody_makes_meanwhile_is_not_taken_by_its_name(tmp_path: Path) -> None:
    """In the middle of an apply a person makes a configuration of the same name for another target: it stays theirs."""
    one = scene(tmp_path, silent(seed({}, *THREE)))

    report = meddled(one, PERMISSION, lambda: _made_by_hand(one, "7a115000-0000-4000-8000-000000000003")).apply()

    assert report.exit_code == 0
    assert configurations(one) == 2


def test_candidate_that_cannot_be_looked_into_is_not_passed_over(tmp_path: Path) -> None:
    """While the service refuses to show what a namesake is for, none is made, and it is told why."""
    one = scene(tmp_path, silent(seed({}, *THREE)))
    one.world.add_fault({"match": {"path": "*/secrets", "method": "GET"}, "action": {"status": 404}})

    report = meddled(one, PERMISSION, lambda: _made_by_hand(one, "")).apply()

    made = outcome(report, "contoso/configuration/contoso-to-fabrikam", 0)
    assert (made.verdict, made.attempts) == (Verdict.FAILED, 0)
    assert "nobody can tell yet which link it belongs to" in made.detail
    assert configurations(one) == 1


def _made_by_hand(one: Scene, target: str) -> None:
    path = f"/v1.0/applicationTemplates/{TEMPLATE}/instantiate"
    principal = one.portal("POST", path, {"displayName": LABEL})["servicePrincipal"]["id"]
    values = {"CompanyId": target, "AuthenticationType": "SyncPolicy"}
    pairs = [{"key": key, "value": value} for key, value in values.items() if target]
    one.portal("PUT", f"/v1.0/servicePrincipals/{principal}/synchronization/secrets", {"value": pairs})


@pytest.mark.parametrize("marked", ["one", "two"])
@pytest.mark.parametrize("of", ["contoso-to-fabrikam", "contoso-to-tailspin"])
def test_mark_that_is_not_shown_yet_is_not_written_over(marked: str, of: str, tmp_path: Path) -> None:
    """A run was killed that had made two of one name, and had marked one of them just before."""
    left = {name: {**configuration(notes=None, assigned=[]), "displayName": "People"} for name in ("one", "two")}
    for made in left.values():
        del made["synchronization"]
    start = seed(left, *THREE)
    start["switches"] = {"read_lag_seconds": 30}
    links = [link(target=target, spec={"displayName": "People"}) for target in ("fabrikam", "tailspin")]
    one = scene(tmp_path, start, documents(*links))
    plan = one.plan()
    one.portal("PATCH", f"/v1.0/servicePrincipals/{one.principal(marked)}", {"notes": mark(of)})
    one.apply(plan)
    for _ in range(2):
        one.world.clock.wait(60)
        one.apply()
    one.world.clock.wait(60)

    notes = one.portal("GET", f"/v1.0/servicePrincipals/{one.principal(marked)}")["notes"]
    assert mark(of) in notes
    assert configurations(one) == 2
    assert not one.plan().steps
