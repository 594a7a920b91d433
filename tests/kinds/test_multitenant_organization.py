"""The multitenant organization and its templates are read along with the rest, told of, and never written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import driving
import jsonschema
import pytest
from driving import Rehearsal

from reconciler.emulator.world import World
from reconciler.kinds import REGISTRY, multitenant
from reconciler.model import AsideName, Body, Finding, Json, Standing
from reconciler.reporting import render_coverage

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "report-coverage.schema.json"
CONTOSO = "c0000000-0000-4000-8000-000000000001"
FABRIKAM = "fab00000-0000-4000-8000-000000000002"
CONSENT = {"automaticUserConsentSettings": {"inboundAllowed": True, "outboundAllowed": True}}
ALLOWED = {"userSyncInbound": {"isSyncAllowed": True}}
ABOUT = {"tenantId": CONTOSO, "displayName": "Contoso", "domain": "contoso.example"}
GROUP: Mapping[str, Body] = {
    "multiTenantOrganization": {"displayName": "Contoso Group", "state": "active"},
    "multiTenantOrganizationPartnerConfiguration": {"inboundTrust": {"isMfaAccepted": True}, **CONSENT},
    "multiTenantOrganizationIdentitySynchronization": {**ALLOWED, "templateApplicationLevel": "newPartners"},
}


def world(
    objects: Mapping[str, Body] = GROUP, *, member: bool = True, faults: Sequence[Json] = (), **said: Json
) -> World:
    """Return a tenant with one partner, which is in the multitenant organization or not."""
    partner = {"tenantId": FABRIKAM, "isInMultiTenantOrganization": member, **CONSENT}
    below = {kind: {"": body} for kind, body in objects.items()}
    contoso = {**ABOUT, "partners": [partner], "objects": below, **said}
    organizations = {"fabrikam": {"tenantId": FABRIKAM, "displayName": "Fabrikam"}}
    return World.from_seed({"faults": list(faults), "organizations": organizations, "tenants": {"contoso": contoso}})


def rehearsal(there: World, folder: Path, **tenant: Json) -> Rehearsal:
    """Return a rehearsal of files that want the partner just as it is."""
    fabrikam = {"kind": "Partner", "name": "fabrikam", "tenantId": FABRIKAM, "domain": "fabrikam.example"}
    documents = {
        "contoso/tenant.yaml": {"kind": "Tenant", "management": "here", **ABOUT, **tenant},
        "contoso/partners/fabrikam.yaml": {**fabrikam, "spec": CONSENT},
    }
    return Rehearsal(there, driving.estate(folder, documents))


def notes(there: World, folder: Path, **tenant: Json) -> list[Finding]:
    """Return what the plan says of the multitenant organization; it writes nothing, and nothing stands in its way."""
    [planned] = rehearsal(there, folder, **tenant).plan().tenants
    assert (planned.standing, planned.steps, planned.blocked) == (Standing.PLANNED, (), False)
    return [found for found in planned.findings if "multitenant organization" in found.message]


def told(there: World, folder: Path) -> list[str]:
    """Return what the coverage report says below its table, without what its numbers mean."""
    text = render_coverage(rehearsal(there, folder).coverage())
    return [line.removeprefix("contoso: ") for line in text.splitlines() if line.startswith("contoso: ")]


def refusing(status: int, code: str = "Authorization_RequestDenied") -> list[Json]:
    """Return faults: the service answers so wherever it is asked for the organization and its templates."""
    action = {"status": status, "body": {"error": {"code": code, "message": "Not for you."}}}
    paths = [f"/v1.0{path}" for path in multitenant.PATHS.values()]
    return [{"match": {"path": path}, "every": 1, "action": action} for path in paths]


# ---------------------------------------------------------------------------------------------- what is read


def test_all_is_read_in_the_one_batch(tmp_path: Path) -> None:
    there = world()
    rehearsal(there, tmp_path).plan()

    assert there.requests.counts[CONTOSO] == {"http": 1, "batches": 1, "inner": 7, "tokens": 1, "pages": 0}


@pytest.mark.parametrize("cloud", ["usgov", "usgovdod", "china"])
def test_clouds_that_have_none_are_not_asked(cloud: str) -> None:
    assert not multitenant.paths(cloud)


def test_nothing_of_it_is_a_kind() -> None:
    """What is no kind is neither planned, nor applied, nor imported."""
    paths = {kind.endpoint.path for kind in REGISTRY.values()}

    assert not paths & set(multitenant.PATHS.values())


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("multitenant organization", {}),
        ("multitenant organization", {"state": "active", "displayName": 7}),
        ("partner template", {"inboundTrust": None}),
        ("partner template", {"templateApplicationLevel": "someDay"}),
        ("partner template", {"templateApplicationLevel": "none", "inboundTrust": [True]}),
        ("synchronization template", {"templateApplicationLevel": 1}),
    ],
)
def test_shape_that_nobody_described_is_not_guessed_at(name: AsideName, body: Body) -> None:
    with pytest.raises(ValueError, match=r"no text|not (a|an|known)|unexpected shape"):
        multitenant.told(name, body)


def test_strange_shape_is_told_as_unread(tmp_path: Path) -> None:
    strange = {"match": {"path": f"/v1.0{multitenant.PATHS['partner template']}"}, "every": 1}
    fault = {**strange, "action": {"status": 200, "body": {"templateApplicationLevel": "someDay"}}}

    assert told(world(faults=[fault]), tmp_path)[-3] == (
        "not read: partner template: templateApplicationLevel 'someDay' is not known to us; "
        "this version cannot tell what it means"
    )


# ---------------------------------------------------------------------------------------------- in the plan


def test_plan_tells_what_templates_bear_on(tmp_path: Path) -> None:
    partners, synchronization = notes(world(), tmp_path)

    assert partners.message == (
        "the partner template of the multitenant organization sets automaticUserConsentSettings, inboundTrust "
        "(newPartners, existingPartners) when a tenant joins; it is read and never written here"
    )
    assert partners.details == (f"fabrikam ({FABRIKAM}): inboundTrust shall be otherwise",)
    assert synchronization.message.startswith("the synchronization template of the multitenant organization sets user")
    assert synchronization.details == (f"fabrikam ({FABRIKAM}): userSyncInbound shall be otherwise",)


def test_template_that_is_met_is_told_as_met(tmp_path: Path) -> None:
    template = {"automaticUserConsentSettings": {"inboundAllowed": True}}
    [found] = notes(world({"multiTenantOrganizationPartnerConfiguration": template}), tmp_path)

    assert found.details == (f"fabrikam ({FABRIKAM}): shall be as the template says",)


@pytest.mark.parametrize("level", ["none", "existingPartners"])
def test_template_for_nobody_is_not_told(level: str, tmp_path: Path) -> None:
    template = {"templateApplicationLevel": level, "inboundTrust": {"isMfaAccepted": True}}
    found = notes(world({"multiTenantOrganizationPartnerConfiguration": template}), tmp_path)

    assert [one.message.count("existingPartners") for one in found] == ([] if level == "none" else [1])


def test_partner_outside_the_organization_is_no_matter(tmp_path: Path) -> None:
    assert not notes(world(member=False), tmp_path)
    assert not notes(world(member=False, faults=refusing(403)), tmp_path)


# ---------------------------------------------------------------------------------------------- what is not read


def test_permission_that_is_missing_is_told_and_stops_nothing(tmp_path: Path) -> None:
    reading = [{"name": "plan", "roles": ["Policy.Read.All", "Organization.Read.All"]}]
    [found] = notes(world(applications=reading), tmp_path)

    assert found.message == (
        "1 partner in the multitenant organization, and what the service writes there when a tenant joins was not read"
    )
    assert len(found.details) == 2
    assert found.details[0].startswith(f"partner template: contoso: GET {multitenant.PATHS['partner template']}")
    assert "403" in found.details[0]


def test_absent_organization_is_absent(tmp_path: Path) -> None:
    assert not notes(world(faults=refusing(404, "Request_ResourceNotFound")), tmp_path)


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_no_answer_about_it_makes_a_tenant_unreadable(status: int, tmp_path: Path) -> None:
    [planned] = rehearsal(world(faults=refusing(status)), tmp_path).plan().tenants

    assert planned.standing is Standing.PLANNED


# ---------------------------------------------------------------------------------------------- in the coverage


def test_coverage_tells_what_is_read_and_never_written(tmp_path: Path) -> None:
    organization, partners, synchronization = told(world(), tmp_path)

    assert organization == "it is in the multitenant organization Contoso Group (active)"
    assert partners == (
        "the partner template of the multitenant organization sets automaticUserConsentSettings, inboundTrust "
        "when a tenant joins (newPartners, existingPartners)"
    )
    assert synchronization == (
        "the synchronization template of the multitenant organization sets userSyncInbound "
        "when a tenant joins (newPartners)"
    )


def test_coverage_tells_that_there_is_none(tmp_path: Path) -> None:
    words = ["it is in no multitenant organization"]

    assert told(world({}), tmp_path) == words
    assert told(world(faults=refusing(404, "Request_ResourceNotFound")), tmp_path) == words


def test_coverage_tells_what_was_not_read(tmp_path: Path) -> None:
    [line] = told(world(faults=refusing(403)), tmp_path)

    assert line.startswith("not read: multitenant organization, partner template, synchronization template: contoso: ")
    assert "403" in line


def test_coverage_document_tells_all_three(tmp_path: Path) -> None:
    document = json.loads(render_coverage(rehearsal(world(), tmp_path).coverage(), "json"))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    [tenant] = document["tenants"]
    organization, partners, synchronization = tenant["multitenant"]

    assert (organization["known"], organization["says"]["displayName"]) == (True, "Contoso Group")
    assert partners["level"] == ["newPartners", "existingPartners"]
    assert synchronization["says"] == ALLOWED
