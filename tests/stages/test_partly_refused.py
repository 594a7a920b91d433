"""A service that says no to one feature alone, and what only the service may set: the exact words that people read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import driving
import pytest
from driving import Documents, Rehearsal

from reconciler.emulator.world import World
from reconciler.errors import DocumentErrors
from reconciler.model import Json, Standing, TenantPlan, Verdict

CONTOSO = "c0000000-0000-4000-8000-000000000001"
TREY = "7e100000-0000-4000-8000-000000000007"
FABRIKAM = "fab00000-0000-4000-8000-000000000002"
PARTNERS = "/policies/crossTenantAccessPolicy/partners"
BELOW = f"{PARTNERS}/{FABRIKAM}/identitySynchronization"
WHO = {"name": "fabrikam", "tenantId": FABRIKAM, "domain": "fabrikam.example"}
REASON = "403 Authorization_RequestDenied: Insufficient privileges to complete the operation."
GRANT = "is not allowed; grant the application the permission for it and plan again"
DENIED = {"code": "Authorization_RequestDenied", "message": "Insufficient privileges to complete the operation."}
EVERYTHING_OUT = {
    "usersAndGroups": {"accessType": "allowed", "targets": [{"target": "AllUsers", "targetType": "user"}]},
    "applications": {"accessType": "allowed", "targets": [{"target": "AllApplications", "targetType": "application"}]},
}


def about(name: str, key: str) -> dict[str, Json]:
    return {"tenantId": key, "displayName": name.title(), "domain": f"{name}.example"}


def refusing(path: str, status: int = 403, error: Mapping[str, str] = DENIED, **match: Json) -> Json:
    """Return a fault: one path of contoso answers so, always."""
    action = {"status": status, "body": {"error": error}}
    return {"match": {"tenant": "contoso", "path": path, **match}, "every": 1, "action": action}


def rehearsal(folder: Path, fault: Json, documents: Documents | None = None, **switches: Json) -> Rehearsal:
    """Return a rehearsal in two tenants that have nothing to do with each other; one of them is refused something."""
    tenants = {
        "contoso": {**about("contoso", CONTOSO), "partners": [{"tenantId": FABRIKAM}]},
        "trey": about("trey", TREY),
    }
    seed = {"switches": switches, "faults": [fault], "organizations": {"fabrikam": {"tenantId": FABRIKAM}}}
    files = {
        f"{name}/tenant.yaml": {"kind": "Tenant", "management": "here", **about(name, key)}
        for name, key in (("contoso", CONTOSO), ("trey", TREY))
    }
    estate = driving.estate(folder, {**files, **(documents or {})})
    return Rehearsal(World.from_seed({**seed, "tenants": tenants}), estate)


def plain(text: str) -> str:
    """Return words of the service without the id of its request, which is another in every run."""
    return re.sub(r"; request id [0-9a-f-]{36}", "", text)


def unreadable(run: Rehearsal) -> tuple[str, int]:
    """Return why contoso could not be read; the other tenant could."""
    contoso, trey = run.plan().tenants
    assert (contoso.standing, trey.standing) == (Standing.UNREADABLE, Standing.PLANNED)
    return plain(contoso.reason), contoso.exit_code


def said(**spec: Json) -> Documents:
    return {"contoso/sync.yaml": {"kind": "IdentitySynchronization", **WHO, "spec": spec}}


BETA = said(groupSyncInbound={"isSyncAllowed": False})
WHY = (
    "Partner is read in beta, because a file names groupSyncInbound of IdentitySynchronization, which v1.0 does not "
    "have; take it out where the cloud has no beta"
)


# ---------------------------------------------------------------------------------------------- reading


def test_permission_missing_for_synchronization_alone(tmp_path: Path) -> None:
    run = rehearsal(tmp_path, refusing(f"/v1.0{PARTNERS}/*/identitySynchronization"), expand_on_list=False)

    assert unreadable(run) == (
        f"contoso: GET {BELOW} {GRANT} ({REASON}); to read IdentitySynchronization takes Policy.Read.All",
        8,
    )


def test_permission_missing_in_beta_alone(tmp_path: Path) -> None:
    reason = f"contoso: GET {PARTNERS} {GRANT} ({REASON}); to read Partner takes Policy.Read.All; {WHY}"

    assert unreadable(rehearsal(tmp_path, refusing("/beta/*"), BETA)) == (reason, 8)


@pytest.mark.parametrize("status", [400, 404])
def test_beta_refused_by_the_cloud(status: int, tmp_path: Path) -> None:
    no = refusing("/beta/*", status, {"code": "BadRequest", "message": "Resource not found for the segment 'beta'."})
    reason = (
        f"contoso: GET {PARTNERS} was refused ({status} BadRequest: Resource not found for the segment 'beta'.); {WHY}"
    )

    assert unreadable(rehearsal(tmp_path, no, BETA)) == (reason, 1)


def test_beta_that_is_down_is_no_reason_to_take_it_out(tmp_path: Path) -> None:
    down = refusing("/beta/*", 503, {"code": "serviceNotAvailable", "message": "Later."})
    reason, code = unreadable(rehearsal(tmp_path, down, BETA))

    assert (code, "take it out" in reason) == (9, False)


def test_beta_refused_says_which_setting_of_the_default(tmp_path: Path) -> None:
    spec = {"blockServiceProviderOutboundAccess": True}
    documents = {"contoso/default.yaml": {"kind": "DefaultConfiguration", "spec": spec}}
    no = refusing("/beta/*", 404, {"code": "BadRequest", "message": "No beta."})
    reason, _ = unreadable(rehearsal(tmp_path, no, documents))

    assert reason.endswith(
        "; DefaultConfiguration is read in beta, because a file names blockServiceProviderOutboundAccess of "
        "DefaultConfiguration, which v1.0 does not have; take it out where the cloud has no beta"
    )


@pytest.mark.parametrize("fault", [refusing("/beta/*"), refusing("/beta/*", 404)])
def test_cloud_without_beta_is_enough_where_no_file_asks_for_it(fault: Json, tmp_path: Path) -> None:
    documents = said(userSyncInbound={"isSyncAllowed": False})
    tenants: tuple[TenantPlan, ...] = rehearsal(tmp_path, fault, documents).plan().tenants

    assert [one.standing for one in tenants] == [Standing.PLANNED, Standing.PLANNED]


# ---------------------------------------------------------------------------------------------- writing


def test_permission_missing_to_write_synchronization_alone(tmp_path: Path) -> None:
    documents = {
        **said(userSyncInbound={"isSyncAllowed": False}),
        "contoso/default.yaml": {
            "kind": "DefaultConfiguration",
            "spec": {"b2bDirectConnectOutbound": EVERYTHING_OUT},
        },
    }
    no = refusing(f"/v1.0{PARTNERS}/*/identitySynchronization", method="PUT")

    report = rehearsal(tmp_path, no, documents).apply()
    done, refused = report.outcomes

    assert (done.verdict, refused.verdict, report.exit_code) == (Verdict.APPLIED, Verdict.FAILED, 6)
    assert plain(refused.detail) == (
        f"contoso: PUT {BELOW} {GRANT} ({REASON}); "
        "to write IdentitySynchronization takes Policy.ReadWrite.CrossTenantAccess"
    )


# ---------------------------------------------------------------------------------------------- in a file

SERVICE_PROVIDER = (
    "isServiceProvider cannot be written: the service sets it for a service provider relation, "
    "and refuses it from an application; take it out"
)


@pytest.mark.parametrize(
    ("paper", "place"),
    [
        ({"kind": "Partner", **WHO, "spec": {"isServiceProvider": True}}, "8:3: spec."),
        ({"kind": "Partner", **WHO, "spec": {"isServiceProvider": False}}, "8:3: spec."),
        ({"kind": "Partner", **WHO, "spec": {"isServiceProvider": None}}, "8:3: spec."),
        ({"kind": "PartnerSet", "partners": [{**WHO, "spec": {"isServiceProvider": True}}]}, "10:5: partners[0].spec."),
        ({"kind": "AccessProfile", "name": "all", "spec": {"isServiceProvider": True}}, "6:3: spec."),
    ],
    ids=["true", "false", "null", "in a set", "in a profile"],
)
def test_service_provider_in_a_document(paper: dict[str, Json], place: str, tmp_path: Path) -> None:
    folder = "shared/profiles" if paper["kind"] == "AccessProfile" else "contoso"
    tenant = {"kind": "Tenant", **about("contoso", CONTOSO)}

    with pytest.raises(DocumentErrors) as caught:
        driving.estate(tmp_path / "tenants", {"contoso/tenant.yaml": tenant, f"{folder}/it.yaml": paper})

    assert [str(one) for one in caught.value.problems] == [f"tenants/{folder}/it.yaml:{place}{SERVICE_PROVIDER}"]
