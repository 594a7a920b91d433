from datetime import date
from pathlib import Path

import pytest
from folders import CONTOSO, FABRIKAM, LITWARE, TAILSPIN, document, estate, lay, partner, wrong

from reconciler.errors import SetupError
from reconciler.kinds import REGISTRY
from reconciler.kinds.blocks import everyone
from reconciler.loading import load
from reconciler.loading.walking import walk
from reconciler.model import Address, Lifecycle, Management, Origin, Undeclared

PARTNER = Address("contoso", "partner", FABRIKAM)
TRUST = {"inboundTrust": {"isMfaAccepted": True}}


# ---------------------------------------------------------------------------------------------- tenants


def test_tenant_is_what_its_file_says(tmp_path: Path) -> None:
    text = (
        "kind: Tenant\ntenantId: 0D6E6A63-7B0E-4A7E-9C84-1B6F8E1C0A01\ndisplayName: Contoso\ndomain: Contoso.Example\n"
        "cloud: usgov\nrelationship: external\nmanagement: here\nundeclared: delete\nacceptance: required\nowner: ann\n"
        "auth: {plan: {clientId: D64C94B5-0618-538A-8068-D8195EB4BBFC}}\n"
        "acknowledge: [{rule: 9, countMax: 40, reason: moving, owner: ann, expires: 2027-01-31}]\n"
    )

    found = estate(tmp_path, {"contoso/tenant.yaml": text}).tenants["contoso"]

    assert (found.tenant_id, found.domain, found.cloud) == (CONTOSO, "contoso.example", "usgov")
    assert (found.relationship, found.management, found.undeclared) == ("external", Management.HERE, Undeclared.DELETE)
    assert (found.acceptance, found.owner) == ("required", "ann")
    assert found.auth == {"plan": "d64c94b5-0618-538a-8068-d8195eb4bbfc"}
    assert [(one.rule, one.count_max, one.expires) for one in found.acknowledge] == [(9, 40, date(2027, 1, 31))]
    assert found.acknowledge[0].origin == Origin("tenants/contoso/tenant.yaml", 13, 15)


def test_tenant_that_says_little_is_only_observed(tmp_path: Path) -> None:
    found = estate(tmp_path, {}).tenants["fabrikam"]

    assert (found.management, found.undeclared, found.auth) == (Management.OBSERVE, Undeclared.REPORT, {})


def test_tenant_may_lie_deeper(tmp_path: Path) -> None:
    text = f"kind: Tenant\ntenantId: {TAILSPIN}\ndisplayName: Japan\ndomain: japan.example\n"
    files = {"asia/east/japan/tenant.yaml": text, "asia/east/japan/partners/a/b.yaml": partner({})}

    assert Address("japan", "partner", FABRIKAM) in estate(tmp_path, files).documents


def test_folder_is_named_as_people_type_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lay(tmp_path, {})
    monkeypatch.chdir(folder)

    assert load(Path(), REGISTRY).tenants["contoso"].origin == Origin("tenants/contoso/tenant.yaml", 1, 1)
    assert load(folder / "contoso" / "..", REGISTRY) == load(folder, REGISTRY)


# ---------------------------------------------------------------------------------------------- partners


def test_partner_takes_id_and_domain_from_the_tenant_it_names(tmp_path: Path) -> None:
    found = document(tmp_path, {"contoso/a.yaml": partner(TRUST)})

    assert (found.address, found.domain, found.label) == (PARTNER, "fabrikam.example", "Fabrikam")


def test_partner_elsewhere_brings_its_own(tmp_path: Path) -> None:
    text = partner({}, name="tailspin", tenantId=TAILSPIN.upper(), domain="Tailspin.Example")

    found = document(tmp_path, {"contoso/a.yaml": text})

    assert (found.address.key, found.domain, found.label) == (TAILSPIN, "tailspin.example", "tailspin")


def test_same_id_and_domain_may_be_repeated(tmp_path: Path) -> None:
    text = partner({}, tenantId=FABRIKAM.upper(), domain="fabrikam.example")

    assert document(tmp_path, {"contoso/a.yaml": text}).address == PARTNER


def test_what_people_say_is_kept(tmp_path: Path) -> None:
    text = partner(
        TRUST,
        displayName="The others",
        owner="ann",
        purpose="Parts",
        ticket="SEC-1",
        reviewBy="2027-03-31",
        lifecycle={"preventDestroy": True, "ignore": ["b2bCollaborationInbound"]},
    )

    found = document(tmp_path, {"contoso/a.yaml": text})

    assert (found.label, found.owner, found.purpose, found.ticket) == ("The others", "ann", "Parts", "SEC-1")
    assert (found.review_by, found.absent) == (date(2027, 3, 31), False)
    assert found.lifecycle == Lifecycle(True, ("b2bCollaborationInbound",))


def test_date_needs_no_quotes(tmp_path: Path) -> None:
    text = partner({}) + "reviewBy: 2027-03-31\n"

    assert document(tmp_path, {"contoso/a.yaml": text}).review_by == date(2027, 3, 31)


def test_value_null_and_silence_are_three_things(tmp_path: Path) -> None:
    found = document(tmp_path, {"contoso/a.yaml": partner({**TRUST, "b2bCollaborationInbound": None})})

    assert found.said == {"b2bCollaborationInbound": None, **TRUST}


def test_said_is_canonical_and_labels_are_aside(tmp_path: Path) -> None:
    group = "5B1D6D3A-55C7-4C5E-8F39-9C3A2F1B7E21"
    half = {"accessType": "allowed", "targets": [{"target": group, "targetType": "group", "name": "Engineering"}]}
    spec = {"b2bDirectConnectInbound": {**everyone("allowed"), "usersAndGroups": half}}

    found = document(tmp_path, {"contoso/a.yaml": partner(spec)})

    assert found.said == REGISTRY["partner"].canonical(spec)
    assert found.names == {group.lower(): "Engineering"}


def test_origin_is_the_line_of_each_property(tmp_path: Path) -> None:
    text = "kind: Partner\nname: fabrikam\nspec:\n  inboundTrust: null\n  b2bCollaborationInbound: null\n"

    found = document(tmp_path, {"contoso/a.yaml": text})

    assert found.origin == Origin("tenants/contoso/a.yaml", 3, 1)
    assert found.origins["inboundTrust"] == Origin("tenants/contoso/a.yaml", 5, 3)
    assert found.origins["b2bCollaborationInbound"] == Origin("tenants/contoso/a.yaml", 6, 3)


def test_absent_needs_no_spec(tmp_path: Path) -> None:
    assert document(tmp_path, {"contoso/a.yaml": partner(None, state="absent")}).absent


def test_default_has_no_key(tmp_path: Path) -> None:
    text = "kind: DefaultConfiguration\nowner: ann\nspec: {inboundTrust: {isMfaAccepted: false}}\n"

    found = document(tmp_path, {"contoso/default.yaml": text})

    assert (found.address, found.owner) == (Address("contoso", "default"), "ann")
    assert found.said == {"inboundTrust": {"isMfaAccepted": False}}


def test_moving_a_file_changes_no_address(tmp_path: Path) -> None:
    before = document(tmp_path, {"contoso/a.yaml": partner(TRUST)})
    (tmp_path / "tenants/contoso/a.yaml").rename(tmp_path / "tenants/contoso/z.yaml")
    after = document(tmp_path, {})

    assert (before.address, before.said) == (after.address, after.said)


# ---------------------------------------------------------------------------------------------- sets and profiles


def test_document_goes_before_profile_by_whole_property(tmp_path: Path) -> None:
    profile = (
        "kind: AccessProfile\nname: vendor\nspec:\n"
        "  inboundTrust: {isMfaAccepted: false, isCompliantDeviceAccepted: true}\n  b2bCollaborationOutbound: null\n"
    )
    files = {"shared/profiles/vendor.yaml": profile, "contoso/a.yaml": partner(TRUST, profile="vendor")}

    found = document(tmp_path, files)

    assert found.said == {"b2bCollaborationOutbound": None, **TRUST}
    assert str(found.origins["b2bCollaborationOutbound"]) == "tenants/shared/profiles/vendor.yaml:6:3"
    assert found.origins["inboundTrust"].file == "tenants/contoso/a.yaml"


def test_row_is_a_partner(tmp_path: Path) -> None:
    text = (
        "kind: PartnerSet\nprofile: vendor\nowner: procurement\npartners:\n"
        f"  - {{name: tailspin, tenantId: {TAILSPIN}, domain: tailspin.example, owner: ann, ticket: SEC-2}}\n"
        f"  - {{name: litware, tenantId: {LITWARE}, domain: litware.example, state: absent}}\n"
        "  - {name: fabrikam, spec: {inboundTrust: null}}\n"
    )

    tailspin, litware, fabrikam = (
        estate(tmp_path, {"contoso/set.yaml": text}).documents[Address("contoso", "partner", key)]
        for key in (TAILSPIN, LITWARE, FABRIKAM)
    )

    assert (tailspin.owner, tailspin.ticket, tailspin.said) == (
        "ann",
        "SEC-2",
        {"inboundTrust": {"isMfaAccepted": False}},
    )
    assert str(tailspin.origin) == "tenants/contoso/set.yaml:6:5"
    assert (litware.owner, litware.absent) == ("procurement", True)
    assert fabrikam.said == {"inboundTrust": None}


def test_profile_of_a_row_goes_before_that_of_its_set(tmp_path: Path) -> None:
    files = {
        "shared/profiles/mfa.yaml": "kind: AccessProfile\nname: mfa\nspec: {automaticUserConsentSettings: null}\n",
        "contoso/set.yaml": "kind: PartnerSet\nprofile: vendor\npartners: [{name: fabrikam, profile: mfa}]\n",
    }

    assert document(tmp_path, files).said == {"automaticUserConsentSettings": None}


def test_profile_that_is_never_used_is_fine(tmp_path: Path) -> None:
    assert estate(tmp_path, {}).documents == {}


# ---------------------------------------------------------------------------------------------- twice


def test_saying_the_same_twice_is_fine(tmp_path: Path) -> None:
    files = {"contoso/a.yaml": partner(TRUST, owner="ann"), "contoso/b.yaml": partner(TRUST, owner="ann")}

    assert document(tmp_path, files).said == TRUST


def test_two_documents_add_up(tmp_path: Path) -> None:
    yes = {"rule": 5, "countMax": 1, "reason": "r", "owner": "o", "expires": "2027-01-01"}
    files = {
        "contoso/a.yaml": partner(TRUST, acknowledge=[yes]),
        "contoso/b.yaml": partner(
            {"b2bCollaborationInbound": None},
            owner="ann",
            reviewBy="2027-03-31",
            displayName="Others",
            lifecycle={"preventDestroy": True},
            acknowledge=[yes],
        ),
    }

    found = document(tmp_path, files)

    assert found.said == {"b2bCollaborationInbound": None, **TRUST}
    assert (found.owner, found.review_by, found.label) == ("ann", date(2027, 3, 31), "Others")
    assert found.lifecycle.prevent_destroy
    assert [one.origin.file for one in found.acknowledge] == ["tenants/contoso/a.yaml", "tenants/contoso/b.yaml"]


def test_value_against_null_is_a_contradiction(tmp_path: Path) -> None:
    files = {"contoso/a.yaml": partner(TRUST), "contoso/b.yaml": partner({"inboundTrust": None})}

    assert len(wrong(tmp_path, files)) == 1


def test_every_contradiction_is_told_once(tmp_path: Path) -> None:
    files = {f"contoso/{flag}.yaml": partner({"inboundTrust": {"isMfaAccepted": flag == "b"}}) for flag in "abcd"}

    assert len(wrong(tmp_path, files)) == 1


# ---------------------------------------------------------------------------------------------- the estate


def test_organizations_have_the_names_people_use(tmp_path: Path) -> None:
    files = {
        "contoso/a.yaml": partner({}, displayName="Sister"),
        "contoso/b.yaml": partner({}, name="tailspin", tenantId=TAILSPIN, domain="tailspin.example"),
    }

    assert estate(tmp_path, files).organizations == {
        CONTOSO: "Contoso",
        FABRIKAM: "Fabrikam",
        TAILSPIN: "tailspin",
    }


def test_documents_are_in_the_order_of_addresses(tmp_path: Path) -> None:
    files = {
        "fabrikam/a.yaml": partner({}, name="contoso"),
        "contoso/z.yaml": partner({}),
        "contoso/a.yaml": partner({}, name="tailspin", tenantId=TAILSPIN, domain="tailspin.example"),
        "contoso/y.yaml": "kind: DefaultConfiguration\nspec: {}\n",
    }

    addresses = list(estate(tmp_path, files).documents)

    assert addresses == sorted(addresses)


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    files = {
        "README.md": "# Tenants\n",
        "contoso/notes.txt": "a: [",
        ".hidden/a.yaml": "a: [",
        "contoso/.a.yaml.swp": "x",
    }

    assert estate(tmp_path, files).documents == {}


def test_line_ends_of_windows_are_fine(tmp_path: Path) -> None:
    text = ("apiVersion: crosstenant/v1\n" + partner(TRUST)).replace("\n", "\r\n")

    assert document(tmp_path, {"contoso/a.yaml": text}).origins["inboundTrust"].line == 4


def test_tree_has_a_limit_of_files(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="more here than can be read at once: 2 documents and"):
        walk(lay(tmp_path, {}), most_files=2)


def test_tree_has_a_limit_of_bytes(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="and 100 bytes are the limit; split the estate"):
        walk(lay(tmp_path, {}), most_bytes=100)


def test_folders_have_a_limit_of_depth(tmp_path: Path) -> None:
    assert wrong(tmp_path, {f"contoso/{'a/' * 20}b.yaml": partner({})}) == [
        f"tenants/contoso{'/a' * 16}:1:1: folders are nested deeper than 16 levels; no document needs that"
    ]
