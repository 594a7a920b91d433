"""Running sync configurations become links, and a plan with them has nothing to do."""

from __future__ import annotations

import json
from pathlib import Path

import arriving
import pytest
from linked import ALONE, FABRIKAM, LINK, TAILSPIN, configuration, imported, plan, said, world

from reconciler.kinds import ALL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tenants"


def test_configuration_between_our_tenants_becomes_a_link(folder: Path) -> None:
    there = world(one=configuration())
    imported(there, folder)

    document = said(folder, LINK)

    assert (document["source"], document["target"], document["name"]) == ("contoso", "fabrikam", "contoso-to-fabrikam")
    assert document["spec"]["enabled"] is True
    [group] = document["spec"]["scope"]["assigned"]["groups"]
    assert group["name"] == "Sync to Fabrikam"
    assert not plan(there, folder).steps
    assert not arriving.adopt(there, folder, "contoso", ALL).files


def test_configuration_into_a_stranger_becomes_half_a_link(folder: Path) -> None:
    there = world(one=configuration(TAILSPIN, displayName="Suppliers"))
    imported(there, folder)

    document = said(folder, ALONE)
    assert document["target"] == {"name": "tailspin-toys", "tenantId": TAILSPIN, "domain": "tailspin.example"}
    assert document["spec"]["displayName"] == "Suppliers"
    assert not plan(there, folder).steps


def test_target_that_lets_nobody_in_is_not_asked_to(folder: Path) -> None:
    there = world(accepts=False, one=configuration())
    remarks = imported(there, folder)

    assert said(folder, "contoso/sync/contoso-to-fabrikam.yaml")["target"] == "fabrikam"
    assert any("fabrikam does not say automaticUserConsentSettings.inboundAllowed" in remark for remark in remarks)
    assert not plan(there, folder).steps


def test_target_that_is_imported_later_is_a_stranger_first(folder: Path) -> None:
    there = world(one=configuration())
    imported(there, folder, "contoso", "fabrikam")

    assert said(folder, "contoso/sync/contoso-to-fabrikam.yaml")["target"]["name"] == "fabrikam"
    assert not plan(there, folder).steps


def test_mappings_are_what_differs_from_the_template(folder: Path) -> None:
    expressions = {
        "displayName": 'Append([displayName], " (Contoso)")',
        "mobile": None,
        "city": '"Berlin"',
        "companyName": "[companyName]",
        "department": "[department]",
    }
    there = world(one=configuration(expressions=expressions))
    imported(there, folder)

    assert said(folder, LINK)["spec"]["mappings"] == {
        "city": {"constant": "Berlin"},
        "companyName": {"expression": "[companyName]"},
        "displayName": {"expression": 'Append([displayName], " (Contoso)")'},
        "mobile": {"drop": True},
    }
    assert not plan(there, folder).steps


def test_filters_settings_and_state_are_said(folder: Path) -> None:
    clause = {"sourceOperandName": "department", "operatorName": "EQUALS", "targetOperand": {"values": ["Sales"]}}
    mail = json.dumps(
        {
            "Enabled": True,
            "Recipients": "b@x.example,a@x.example",
            "DeleteThresholdEnabled": False,
            "DeleteThresholdValue": 7,
        }
    )
    there = world(
        one=configuration(
            state="paused",
            filters=[{"name": "sales", "clauses": [clause]}],
            settings={"SyncAll": "true", "SyncNotificationSettings": mail},
        )
    )
    imported(there, folder)

    spec = said(folder, LINK)["spec"]
    assert spec["enabled"] is False
    assert spec["scope"] == {
        "all": True,
        "filters": [
            {"name": "sales", "clauses": [{"attribute": "department", "operator": "EQUALS", "value": "Sales"}]}
        ],
    }
    assert spec["accidentalDeletion"] == {"enabled": False, "threshold": 7}
    assert spec["notifications"] == {"recipients": ["a@x.example", "b@x.example"]}
    assert not plan(there, folder).steps


def test_what_no_document_can_say_is_told_and_stays(folder: Path) -> None:
    there = world(one=configuration(flowTypes="Add, Update"))
    remarks = imported(there, folder)

    words = "No document can say that flowTypes of users is Add, Update, not Add, Delete, Update."
    assert f"contoso-to-fabrikam: {words} It stays as it is." in remarks
    assert f"# {words} It stays as it is." in (folder / LINK).read_text()
    assert not plan(there, folder).steps


def test_configuration_of_the_admin_center_is_left_alone(folder: Path) -> None:
    there = world(one=configuration(displayName=f"MTO_Sync_{FABRIKAM}"))
    remarks = imported(there, folder)

    assert not (folder / LINK).exists()
    assert any("belongs to the Microsoft 365 admin center" in remark for remark in remarks)
    assert "admin center" in (folder / "contoso/tenant.yaml").read_text()


def test_two_configurations_for_one_pair_are_left_to_people(folder: Path) -> None:
    there = world(one=configuration(), two=configuration())
    remarks = imported(there, folder)

    assert not (folder / LINK).exists()
    assert sum("nobody can tell them apart" in remark for remark in remarks) == 2
    assert not plan(there, folder).steps


def test_configuration_without_a_job_says_nothing(folder: Path) -> None:
    there = world(one={"displayName": "Left behind"})
    remarks = imported(there, folder)

    assert any("has no job yet" in remark for remark in remarks)


def test_mark_is_the_name_of_the_link(folder: Path) -> None:
    there = world(one=configuration(notes="Ask Ann\nManaged by entra-reconciler as link people-of-contoso"))
    imported(there, folder)

    assert said(folder, "shared/links/people-of-contoso.yaml")["name"] == "people-of-contoso"
    assert not plan(there, folder).steps


def test_setting_that_no_link_can_say_leaves_the_configuration_observed(folder: Path) -> None:
    mail = '{"Enabled":true,"Recipients":"everybody","DeleteThresholdEnabled":true,"DeleteThresholdValue":500}'
    there = world(one=configuration(settings={"SyncNotificationSettings": mail}))
    remarks = imported(there, folder)

    assert not (folder / LINK).exists()
    assert any("a document would be refused: spec.notifications.recipients[0]" in remark for remark in remarks)
    assert not plan(there, folder).steps


def test_user_is_called_by_the_principal_name(folder: Path) -> None:
    there = world(one=configuration(assigned=["adele", "sync"]))
    imported(there, folder)

    [user] = said(folder, LINK)["spec"]["scope"]["assigned"]["users"]
    assert user["name"] == "adele@contoso.example"
    assert not plan(there, folder).steps


def test_nobody_assigned_is_said(folder: Path) -> None:
    there = world(one=configuration(assigned=[]))
    imported(there, folder)

    assert said(folder, LINK)["spec"]["scope"] == {"assigned": {"exclusive": False}}
    assert not plan(there, folder).steps


def test_missing_permission_is_told_and_access_settings_are_imported(folder: Path) -> None:
    applications = [{"name": "plan", "secret": "plan-secret", "roles": ["Policy.Read.All", "Organization.Read.All"]}]
    partner = {"tenantId": arriving.key(1), "inboundTrust": arriving.MFA}
    there = arriving.world(
        partner,
        others=arriving.organizations("Fourth Coffee"),
        applications=applications,
        servicePrincipals={"one": configuration(arriving.key(1), assigned=[])},
    )
    remarks = imported(there, folder, "contoso")

    assert (folder / "contoso/partners").is_dir()
    [told] = [remark for remark in remarks if remark.startswith("sync configurations were not imported")]
    assert "grant the application Application.Read.All and Synchronization.Read.All" in told
    assert not plan(there, folder).steps


def test_partner_that_only_a_link_speaks_of_gets_the_rest(folder: Path) -> None:
    """The link says what it needs of it; trust and whatever else is set is nobody's word yet."""
    there = world(one=configuration())
    imported(there, folder)
    (folder / "fabrikam/partners/contoso.yaml").unlink()
    (folder / "fabrikam/identity-synchronizations/contoso.yaml").unlink()
    imported(there, folder, "fabrikam")

    assert (folder / "fabrikam/partners/contoso.yaml").exists()
    assert not (folder / "fabrikam/identity-synchronizations/contoso.yaml").exists()
    assert not plan(there, folder).steps


def test_hand_made_configuration_gets_its_mark_with_the_first_change(folder: Path) -> None:
    there = world(one=configuration())
    imported(there, folder)
    path = folder / LINK
    path.write_text(path.read_text().replace("enabled: true", "enabled: false", 1))

    changed = {step.change.address.kind: step.change.blocks for step in plan(there, folder).steps}
    assert changed == {"configuration": ("marker",), "job": ("enabled",)}


@pytest.mark.parametrize(("enabled", "recipients"), [(False, "ann@contoso.example"), (True, "")])
def test_notifications_that_disagree_with_their_recipients_are_kept(
    enabled: bool, recipients: str, folder: Path
) -> None:
    mail = {"Enabled": enabled, "Recipients": recipients, "DeleteThresholdEnabled": True, "DeleteThresholdValue": 100}
    there = world(one=configuration(settings={"SyncNotificationSettings": json.dumps(mail)}))
    imported(there, folder)

    assert said(folder, LINK)["spec"]["notifications"]["enabled"] is enabled
    assert not plan(there, folder).steps


def test_settings_that_no_document_can_say_are_told(folder: Path) -> None:
    there = world(one=configuration(settings={"SkipOutOfScopeDeletions": "True"}))
    remarks = imported(there, folder)

    assert any("The settings have SkipOutOfScopeDeletions as well" in remark for remark in remarks)
    assert not plan(there, folder).steps
