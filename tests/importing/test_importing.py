from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from arriving import BLOCKED, CONTOSO, EVERYONE, MFA, NOTHING, adopt, key, newcomer, organizations, plan, texts, world
from ruamel.yaml import YAML

from reconciler import adopting
from reconciler.emulator.world import World
from reconciler.errors import SetupError
from reconciler.kinds import REGISTRY
from reconciler.loading import load
from reconciler.model import FILL_IN, FILL_IN_DOMAIN, Address, Finding, Json

VENDOR = {"inboundTrust": NOTHING, "b2bDirectConnectInbound": BLOCKED}


def said(folder: Path, file: str) -> Json:
    """Return what a written document says."""
    return YAML(typ="safe").load((folder / file).read_text(encoding="utf-8"))


def notes(folder: Path, at: str) -> list[Finding]:
    """Return the findings of a plan that speak of something."""
    [tenant] = plan(WORLDS[folder], folder).tenants
    return [finding for finding in tenant.findings if at in finding.message]


WORLDS: dict[Path, World] = {}
CONTOSO_SEED = {"tenantId": CONTOSO, "displayName": "Contoso", "domain": "contoso.example"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tenants"


def test_untouched_tenant_is_one_file(folder: Path) -> None:
    adopt(world(), folder)

    assert list(texts(folder)) == ["contoso/tenant.yaml"]


def test_tenant_is_observed_at_first(folder: Path) -> None:
    adopt(world(), folder)

    tenant = load(folder, REGISTRY).tenants["contoso"]
    assert (tenant.tenant_id, tenant.display_name, tenant.domain) == (CONTOSO, "Contoso", "contoso.example")
    assert (tenant.management, tenant.owner) == ("observe", FILL_IN)


def test_default_says_only_what_differs_from_stock(folder: Path) -> None:
    adopt(world(default={"inboundTrust": MFA, "b2bDirectConnectInbound": BLOCKED}), folder)

    assert said(folder, "contoso/default.yaml")["spec"] == {"inboundTrust": MFA}


def test_partner_of_its_own_kind_gets_a_file(folder: Path) -> None:
    adopt(world({"tenantId": key(1), **VENDOR}, others=organizations("Fourth Coffee")), folder)

    document = said(folder, "contoso/partners/fourth-coffee.yaml")
    assert document["tenantId"] == key(1)
    assert document["domain"] == "other1.example"
    assert document["spec"] == VENDOR


def test_equal_partners_share_a_profile_and_a_set(folder: Path) -> None:
    partners = [{"tenantId": key(number), **VENDOR} for number in (1, 2, 3)]
    adopt(world(*partners, others=organizations("Fourth Coffee", "Relecloud", "Fabrikam")), folder)

    group = said(folder, "contoso/partners.yaml")
    assert [row["name"] for row in group["partners"]] == ["fabrikam", "fourth-coffee", "relecloud"]
    assert said(folder, f"shared/profiles/{group['profile']}.yaml")["spec"] == VENDOR


def test_forty_partners_of_three_patterns_are_one_set(folder: Path) -> None:
    patterns = [VENDOR, {**VENDOR, "inboundTrust": MFA}, {}]
    partners = [{"tenantId": key(number), **patterns[number % 3]} for number in range(1, 41)]
    adopt(world(*partners, others=organizations(*(f"Supplier {number}" for number in range(1, 41)))), folder)

    assert list(texts(folder)) == [
        "contoso/partners.yaml",
        "contoso/tenant.yaml",
        "shared/profiles/contoso-b2b-direct-connect-inbound-blocked.yaml",
        "shared/profiles/contoso-inherits-everything.yaml",
        "shared/profiles/contoso-mfa-accepted.yaml",
    ]
    assert len(said(folder, "contoso/partners.yaml")["partners"]) == 40


def test_forty_partners_are_a_file_that_a_person_reads(folder: Path) -> None:
    patterns = [VENDOR, VENDOR, VENDOR, {**VENDOR, "inboundTrust": MFA}, {}]
    partners = [{"tenantId": key(number), **patterns[number % 5]} for number in range(1, 41)]
    there = world(*partners, others=organizations(*(f"Supplier {number:02}" for number in range(1, 41))))
    adopt(there, folder)

    lines = texts(folder)["contoso/partners.yaml"].splitlines()
    assert lines[:7] == [
        "apiVersion: crosstenant/v1",
        "kind: PartnerSet",
        "profile: contoso-b2b-direct-connect-inbound-blocked",
        "owner: to-be-filled-in",
        "partners:",
        f"  - {{name: supplier-01, tenantId: {key(1)}, domain: other1.example}}",
        f"  - {{name: supplier-02, tenantId: {key(2)}, domain: other2.example}}",
    ]
    # Only who is unlike most names a profile.
    assert sum("profile: " in line for line in lines) == 1 + 16
    assert not [step for tenant in plan(there, folder).tenants for step in tenant.steps]


def test_partner_that_inherits_everything_says_so(folder: Path) -> None:
    adopt(world({"tenantId": key(1)}, others=organizations("Fourth Coffee")), folder)

    assert said(folder, "contoso/partners/fourth-coffee.yaml")["spec"] == {}


def test_existing_profile_with_the_same_settings_is_used(folder: Path) -> None:
    there = world({"tenantId": key(1), **VENDOR}, others=organizations("Fourth Coffee"))
    adopt(world(), folder)
    profile = {"apiVersion": "crosstenant/v1", "kind": "AccessProfile", "name": "vendor", "spec": VENDOR}
    (folder / "shared/profiles").mkdir(parents=True)
    (folder / "shared/profiles/vendor.yaml").write_text(json.dumps(profile))

    adopt(there, folder)

    assert said(folder, "contoso/partners.yaml")["profile"] == "vendor"


def test_our_own_tenant_is_called_by_name_alone(folder: Path) -> None:
    ours = {"tenantId": key(7), "displayName": "Fabrikam Inc", "domain": "fabrikam.example"}
    both = {"fabrikam": ours, "contoso": {**CONTOSO_SEED, "partners": [{"tenantId": key(7)}]}}
    there = World.from_seed({"tenants": both})
    adopt(there, folder, "fabrikam")
    adopt(there, folder, "contoso")

    document = said(folder, "contoso/partners/fabrikam.yaml")
    assert document["name"] == "fabrikam"
    assert not {"tenantId", "domain"} & document.keys()


def test_organizations_of_one_name_are_told_apart(folder: Path) -> None:
    partners = [{"tenantId": key(1)}, {"tenantId": key(2)}]
    adopt(world(*partners, others=organizations("Tailspin Toys", "Tailspin Toys")), folder)

    rows = said(folder, "contoso/partners.yaml")["partners"]
    assert [row["name"] for row in rows] == ["tailspin-toys-00000001", "tailspin-toys-00000002"]


def test_name_that_is_taken_in_the_files_is_not_given_twice(folder: Path) -> None:
    others = organizations("Tailspin Toys", "Tailspin Toys")
    adopt(world({"tenantId": key(1)}, others=others), folder)
    adopt(world({"tenantId": key(1)}, {"tenantId": key(2)}, others=others), folder)

    assert "contoso/partners/tailspin-toys-00000002.yaml" in texts(folder)


def test_partner_nobody_knows_loads_and_is_asked_for(folder: Path) -> None:
    WORLDS[folder] = world({"tenantId": key(1)})
    adoption = adopt(WORLDS[folder], folder)

    assert said(folder, "contoso/partners/unknown-00000001.yaml")["domain"] == FILL_IN_DOMAIN
    assert [finding.details for finding in notes(folder, "domain still")] == [(f"unknown-00000001 ({key(1)})",)]
    assert any("knows no tenant with this id" in remark for remark in adoption.remarks)


def test_directory_that_may_not_be_asked_is_said(folder: Path) -> None:
    applications = [{"name": "plan", "secret": "plan-secret", "roles": ["Policy.Read.All", "Organization.Read.All"]}]
    there = world({"tenantId": key(1)}, others=organizations("Fourth Coffee"), applications=applications)
    adopt(there, folder)

    assert "CrossTenantInformation.ReadBasic.All" in texts(folder)["contoso/partners/unknown-00000001.yaml"]


def test_rows_are_rows_even_when_nobody_may_ask(folder: Path) -> None:
    applications = [{"name": "plan", "secret": "plan-secret", "roles": ["Policy.Read.All", "Organization.Read.All"]}]
    adopt(world({"tenantId": key(1)}, {"tenantId": key(2)}, applications=applications), folder)

    assert "# The domain of 2 partners could not be named by the import:" in texts(folder)["contoso/partners.yaml"]
    assert not (folder / "contoso/partners").exists()


def test_thousands_of_partners_become_several_sets(folder: Path) -> None:
    adopt(world(*({"tenantId": key(number)} for number in range(1, 2101))), folder)

    assert [path.name for path in sorted((folder / "contoso").iterdir())] == [
        "partners-2.yaml",
        "partners-3.yaml",
        "partners.yaml",
        "tenant.yaml",
    ]


def test_partner_that_becomes_a_tenant_keeps_its_name(folder: Path) -> None:
    ours = {"tenantId": key(7), "displayName": "Fabrikam", "domain": "fabrikam.example"}
    both = {"fabrikam": ours, "contoso": {**CONTOSO_SEED, "partners": [{"tenantId": key(7)}]}}
    there = World.from_seed({"tenants": both})
    adopt(there, folder, "contoso")

    ground, arrival = adopting.ground(folder, REGISTRY), newcomer(there, "fabrikam")
    for otherwise, words in (
        (replace(arrival, name="works"), "or say --name fabrikam"),
        (replace(arrival, tenant_id=key(8)), "say another --name"),
        (replace(arrival, domain="other.example"), "or say --domain fabrikam.example"),
    ):
        with pytest.raises(SetupError, match=words):
            adopting.check_newcomer(ground, otherwise)
    adopting.check_newcomer(ground, arrival)
    adopt(there, folder, "fabrikam")
    assert not plan(there, folder).steps


def test_owners_are_asked_for(folder: Path) -> None:
    WORLDS[folder] = world({"tenantId": key(1)}, others=organizations("Fourth Coffee"))
    adopt(WORLDS[folder], folder)

    [finding] = notes(folder, "owners still to be filled in")
    assert finding.severity == "warning"
    assert finding.details == (f"fourth-coffee ({key(1)})", "contoso")


def test_partner_of_a_multitenant_organization_is_kept(folder: Path) -> None:
    adopt(world({"tenantId": key(1), "isInMultiTenantOrganization": True}, others=organizations("Fabrikam")), folder)

    assert said(folder, "contoso/partners/fabrikam.yaml")["lifecycle"] == {"preventDestroy": True}
    assert "isInMultiTenantOrganization" in texts(folder)["contoso/partners/fabrikam.yaml"]


def test_service_provider_is_only_told(folder: Path) -> None:
    adopt(world({"tenantId": key(1), "isServiceProvider": True}), folder)

    assert list(texts(folder)) == ["contoso/tenant.yaml"]
    assert key(1) in texts(folder)["contoso/tenant.yaml"]
    assert not load(folder, REGISTRY).documents


def test_half_of_a_block_is_left_alone_and_told(folder: Path) -> None:
    half = {"usersAndGroups": {"accessType": "blocked", **EVERYONE}, "applications": None}
    adoption = adopt(world({"tenantId": key(1), "inboundTrust": MFA, "b2bCollaborationInbound": half}), folder)

    assert said(folder, "contoso/partners/unknown-00000001.yaml")["spec"] == {"inboundTrust": MFA}
    assert f"contoso/partner/{key(1)}: b2bCollaborationInbound cannot be said in a document" in adoption.remarks


def test_files_that_are_there_stay_as_they_are(folder: Path) -> None:
    others = organizations("Fourth Coffee", "Relecloud", "Fabrikam", "Proseware")
    first = [{"tenantId": key(number), **VENDOR} for number in (1, 2)]
    adopt(world(*first, others=others), folder)
    before = texts(folder)
    adopt(world(*first, *({"tenantId": key(number), **VENDOR} for number in (3, 4)), others=others), folder)

    after = texts(folder)
    assert before == {path: text for path, text in after.items() if path in before}
    assert after.keys() - before.keys() == {"contoso/partners-2.yaml"}


def test_document_of_a_person_is_not_doubted(folder: Path) -> None:
    adopt(world({"tenantId": key(1)}, others=organizations("Fourth Coffee")), folder)
    changed = adopt(world({"tenantId": key(1), **VENDOR}, others=organizations("Fourth Coffee")), folder)

    assert not changed.files


@pytest.mark.parametrize(
    "name",
    [
        "xoxb-abcdefghij-abcdefghij",
        "AKIAABCDEFGHIJKLMNOP",
        "right\u202eleft",
        "line\nbreak",
        "'; spec: {}",
        "# comment",
        "a" * 300,
        "con",
        "日本テイルスピン株式会社",
        "ㅤ",
        "../../etc",
    ],
)
def test_whatever_an_organization_calls_itself_can_be_imported(name: str, folder: Path) -> None:
    WORLDS[folder] = world({"tenantId": key(1), **VENDOR}, others=organizations(name))
    adopt(WORLDS[folder], folder)

    assert Address("contoso", "partner", key(1)) in load(folder, REGISTRY).documents
    assert not plan(WORLDS[folder], folder).steps
    assert all(path.parent.name in ("contoso", "partners") for path in folder.rglob("*.yaml"))


def test_name_in_other_letters_becomes_a_label(folder: Path) -> None:
    adopt(world({"tenantId": key(1)}, others=organizations("日本テイルスピン株式会社")), folder)

    document = said(folder, "contoso/partners/other1.yaml")
    assert document["displayName"] == "日本テイルスピン株式会社"
