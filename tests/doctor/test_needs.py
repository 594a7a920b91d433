"""Which permissions and licences follow from documents and kinds, and how they are granted."""

import json
import shlex
from dataclasses import replace
from typing import Any

import pytest
from patients import CONTOSO, PLAIN, PLAN, document, estate

from reconciler.doctoring.granting import IDS, Where, grant, trust_job
from reconciler.doctoring.licensing import has_premium, premium_uses
from reconciler.doctoring.needs import COVERED_BY, DIRECTORY, needs, only_reads
from reconciler.kinds import ALL, REGISTRY
from reconciler.model import Identity, Origin, Permissions, Principal, Tenant, Undeclared

TENANT = Tenant("contoso", CONTOSO, "Contoso", "contoso.example", Origin("tenants/contoso/tenant.yaml", 1, 1))
GLOBAL = Where("https://login.microsoftonline.com", "https://graph.microsoft.com")
MACHINE = Identity("a user-assigned managed identity", PLAN)
PERSON = Identity("a person with a device code", PLAN, person=True)


def wanted(purpose: Any, *documents: Any, tenant: Tenant = TENANT, kinds: Any = REGISTRY) -> list[str]:
    found = needs(tenant, estate(tenant, *documents).documents, kinds, purpose)
    return [need.permission for need in found]


def test_plan_reads_every_kind() -> None:
    assert wanted("plan") == sorted({"Organization.Read.All", *(kind.permissions.read for kind in REGISTRY.values())})


@pytest.mark.parametrize(
    ("kind", "absent", "asked"), [("partner", False, 1), ("partner", True, 0), ("default", False, 0)]
)
def test_directory_is_asked_where_files_name_partners(kind: str, absent: bool, asked: int) -> None:
    said = replace(document(PLAIN, kind), absent=absent)

    assert wanted("plan", said).count(DIRECTORY) == wanted("apply", said).count(DIRECTORY) == asked


def test_apply_writes_what_documents_speak_of() -> None:
    toy = replace(REGISTRY["partner"], name="toy", permissions=Permissions("Toy.Read.All", "Toy.ReadWrite.All"))
    kinds = {**REGISTRY, "toy": toy}

    assert "Toy.ReadWrite.All" not in wanted("apply", document(PLAIN), kinds=kinds)
    assert "Toy.Read.All" in wanted("apply", document(PLAIN), kinds=kinds)
    assert "Toy.ReadWrite.All" in wanted("apply", document(PLAIN, "toy"), kinds=kinds)


def test_deleting_the_undeclared_writes_without_a_document() -> None:
    tenant = replace(TENANT, undeclared=Undeclared.DELETE)

    assert "Policy.ReadWrite.CrossTenantAccess" in wanted("apply", tenant=tenant)


def test_groups_of_a_target_take_more_where_a_link_fills_them() -> None:
    group = replace(document({"member": True}, "membership", "a/g"), link="a", principal=Principal("group", id="g"))
    begins = replace(document({}, "configuration", "a"), link="a")
    elsewhere = replace(group, address=replace(group.address, tenant="fabrikam"))
    members = {"GroupMember.Read.All", "User.Read.All"}

    assert {*members, "GroupMember.ReadWrite.All"} <= {*wanted("apply", group, kinds=ALL)}
    assert members <= {*wanted("plan", group, kinds=ALL)}
    assert {*members, "AuditLog.Read.All"} <= {*wanted("apply", begins, elsewhere, kinds=ALL)}
    assert "GroupMember.ReadWrite.All" not in wanted("apply", begins, elsewhere, kinds=ALL)
    assert not members & {*wanted("apply", replace(group, absent=True), kinds=ALL)}


@pytest.mark.parametrize("purpose", ["plan", "apply"])
def test_people_of_links_are_read_on_both_sides(purpose: str) -> None:
    begins = replace(document({}, "configuration", "a"), link="a")
    arrives = replace(document({"targetTenantId": CONTOSO}, "settings", "b"), link="b")
    ends = replace(arrives, address=replace(arrives.address, tenant="fabrikam"))

    assert {"GroupMember.Read.All", "User.Read.All"} <= {*wanted(purpose, begins, kinds=ALL)}
    assert {"GroupMember.Read.All", "User.Read.All"} <= {*wanted(purpose, ends, kinds=ALL)}
    assert not {"GroupMember.Read.All", "User.Read.All"} & {*wanted(purpose, kinds=ALL)}


def test_every_permission_of_a_kind_can_be_granted() -> None:
    kinds = [*REGISTRY.values(), ALL["membership"]]
    asked = {name for kind in kinds for name in (kind.permissions.read, kind.permissions.write)}

    assert asked | COVERED_BY.keys() <= IDS.keys()


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        ("Policy.Read.All", True),
        ("CrossTenantInformation.ReadBasic.All", True),
        ("RoleManagement.Read.Directory", True),
        ("Mail.Read", True),
        ("User.Read", True),
        ("openid", True),
        ("Policy.ReadWrite.CrossTenantAccess", False),
        ("Mail.ReadWrite", False),
        ("Mail.Send", False),
        ("Sites.FullControl.All", False),
        ("Directory.AccessAsUser.All", False),
        ("User.Invite.All", False),
        ("Group.Create", False),
        ("User.Read.Write.All", False),
        ("anything", False),
    ],
)
def test_permission_that_only_reads_is_known_by_its_name(permission: str, expected: bool) -> None:
    assert only_reads(permission) is expected


# ---------------------------------------------------------------------------------------------- granting


def test_machine_is_given_its_role_outright() -> None:
    lines = grant(TENANT, GLOBAL, MACHINE, ["Policy.Read.All"])

    assert not [line for line in lines if "az ad app" in line or "adminconsent" in line]
    assert "https://graph.microsoft.com/v1.0/servicePrincipals/$mine/appRoleAssignments" in lines[-1]
    assert IDS["Policy.Read.All"].role in lines[-1]


def test_person_lends_scopes_and_no_roles() -> None:
    lines = "\n".join(grant(TENANT, GLOBAL, PERSON, ["Policy.Read.All"]))

    assert f"{IDS['Policy.Read.All'].scope}=Scope" in lines
    assert "=Role" not in lines


def test_permission_of_unknown_id_is_named() -> None:
    lines = grant(TENANT, GLOBAL, Identity("a client secret (X)", PLAN), ["Toy.Read.All"])

    assert lines[-1].endswith("Toy.Read.All")
    assert not [line for line in lines if "permission add" in line]


@pytest.mark.parametrize("subject", ["repo:a/b:ref:refs/heads/'; rm -rf ~; '", "repo:a/b:environment:$(id)", 'a"b'])
def test_hostile_subject_stays_one_word_of_the_command(subject: str) -> None:
    identity = Identity("GitHub", PLAN, vouched={"iss": "https://x.example", "sub": subject, "aud": "y"})

    words = shlex.split(trust_job(TENANT, identity)[-1])

    assert len(words) == 9
    assert json.loads(words[-1])["subject"] == subject


# ---------------------------------------------------------------------------------------------- licences


def half(access: str, *targets: str) -> dict[str, Any]:
    return {"accessType": access, "targets": [{"target": one, "targetType": "user"} for one in targets]}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (PLAIN, ""),
        ({"inboundTrust": {"isMfaAccepted": False}}, ""),
        ({"inboundTrust": None}, ""),
        ({"inboundTrust": {"isMfaAccepted": True}}, "trusting claims"),
        ({"b2bCollaborationInbound": {"usersAndGroups": half("allowed", "AllUsers")}}, ""),
        ({"b2bCollaborationInbound": {"usersAndGroups": half("blocked", CONTOSO)}}, "specific people"),
        ({"b2bDirectConnectInbound": {"usersAndGroups": half("blocked", "AllUsers")}}, ""),
        ({"b2bDirectConnectInbound": {"usersAndGroups": half("allowed", "AllUsers")}}, "direct connect"),
    ],
    ids=str,
)
def test_use_of_a_licensed_feature_is_found(said: dict[str, Any], expected: str) -> None:
    uses = premium_uses(estate(TENANT, document(said)).documents, "contoso")

    assert bool(uses) == bool(expected)
    assert expected in "".join(uses)


def test_document_that_goes_away_needs_no_licence() -> None:
    gone = replace(document({"inboundTrust": {"isMfaAccepted": True}}), absent=True)

    assert not premium_uses(estate(TENANT, gone).documents, "contoso")


P1 = {"servicePlanId": "41781FB2-BC02-4B7C-BD55-B576C07BB09D", "provisioningStatus": "Success"}


@pytest.mark.parametrize(
    ("sku", "expected"),
    [
        ({"capabilityStatus": "Enabled", "servicePlans": [P1]}, True),
        ({"capabilityStatus": "Warning", "servicePlans": [P1]}, True),
        ({"capabilityStatus": "Suspended", "servicePlans": [P1]}, False),
        ({"capabilityStatus": "Enabled", "servicePlans": [{**P1, "provisioningStatus": "Disabled"}]}, False),
        ({"capabilityStatus": "Enabled", "servicePlans": []}, False),
    ],
)
def test_licence_in_force_is_told_from_others(sku: dict[str, Any], expected: bool) -> None:
    assert has_premium([sku]) is expected


@pytest.mark.parametrize("sku", [{}, {"servicePlans": None}, {"servicePlans": [5]}], ids=str)
def test_subscription_that_nobody_understands_is_not_taken_for_none(sku: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="service plans"):
        has_premium([sku])
