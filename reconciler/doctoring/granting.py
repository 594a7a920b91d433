"""Who must grant what, as lines to paste into a shell or a browser. Pure: prints nothing and grants nothing.

Ids are those of Microsoft's permissions reference; the same in every tenant and cloud.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from reconciler.model import Identity, Tenant, fingerprint

GRAPH = "00000003-0000-0000-c000-000000000000"
GRANTERS = "a Privileged Role Administrator or Global Administrator"

_CLI_CLOUDS = {"usgov": "AzureUSGovernment", "usgovdod": "AzureUSGovernment", "china": "AzureChinaCloud"}


class _Ids(NamedTuple):
    """How a permission is called where it is granted: as an application's own, and as lent by a person."""

    role: str
    scope: str


IDS: Mapping[str, _Ids] = {
    "Application.Read.All": _Ids("9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30", "c79f8feb-a9db-4090-85f9-90d820caa0eb"),
    "AuditLog.Read.All": _Ids("b0afded3-3588-46d8-8b3d-9842eff778da", "e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20"),
    "CrossTenantInformation.ReadBasic.All": _Ids(
        "cac88765-0581-4025-9725-5ebc13f729ee", "81594d25-e88e-49cf-ac8c-fecbff49f994"
    ),
    "Directory.Read.All": _Ids("7ab1d382-f21e-4acd-a863-ba3e13f7da61", "06da0dbc-49e2-44d2-8312-53f166ab848a"),
    "GroupMember.Read.All": _Ids("98830695-27a2-44f7-8c18-0c3ebc9698f6", "bc024368-1153-4739-b217-4326f2e966d0"),
    "GroupMember.ReadWrite.All": _Ids("dbaae8cf-10b5-4b86-a4a1-f871c94c6695", "f81125ac-d3b7-4573-a3b2-7099cc39df9e"),
    "LicenseAssignment.Read.All": _Ids("e2f98668-2877-4f38-a2f4-8202e0717aa1", "f395577a-0960-456b-979f-7228de0c5996"),
    "MultiTenantOrganization.Read.All": _Ids(
        "4f994bc0-31bb-44bb-b480-7a7c1be8c02e", "526aa72a-5878-49fe-bf4e-357973af9b06"
    ),
    "MultiTenantOrganization.ReadWrite.All": _Ids(
        "920def01-ca61-4d2d-b3df-105b46046a70", "77af1528-84f3-4023-8d90-d219cd433108"
    ),
    "Organization.Read.All": _Ids("498476ce-e0fe-48b0-b801-37ba7e2685c6", "4908d5b9-3fb2-4b1e-9336-1888b7937185"),
    "Policy.Read.All": _Ids("246dd0d5-5bd0-4def-940b-0421030a5b68", "572fea84-0151-49b2-9301-11cb16974376"),
    "Policy.ReadWrite.CrossTenantAccess": _Ids(
        "338163d7-f101-4c92-94ba-ca46fe52447c", "014b43d0-6ed4-4fc6-84dc-4b6f7bae7d85"
    ),
    "Policy.ReadWrite.CrossTenantCapability": _Ids(
        "a6325ae7-2b73-4dbd-abed-fbeacfbf8696", "9ef7463f-1d39-406f-89ea-3483a4645e1c"
    ),
    "Synchronization.Read.All": _Ids("5ba43d2f-fa88-4db2-bd1c-a67c5f0fb1ce", "7aa02aeb-824f-4fbe-a3f7-611f751f5b55"),
    "Synchronization.ReadWrite.All": _Ids(
        "9b50c33d-700f-43b1-b2eb-87e89b703581", "7bb27fa3-ea8f-4d67-a916-87715b6188bd"
    ),
    "User.Read.All": _Ids("df021288-bdef-4463-88db-98f22de89214", "a154be20-db9c-4678-8ab7-66f6cc099a59"),
}


@dataclass(frozen=True, slots=True)
class Where:
    """The cloud of a tenant, as people reach it: never an emulator. Origins without a trailing slash."""

    login: str
    graph: str


def grant(tenant: Tenant, where: Where, identity: Identity, permissions: Iterable[str]) -> tuple[str, ...]:
    """Return what grants `permissions` to the application behind `identity`; those without a known id are named."""
    wanted = sorted(permissions)
    known = [name for name in wanted if name in IDS]
    unknown = [name for name in wanted if name not in IDS]
    lines = [f"# {GRANTERS} of {tenant.domain or tenant.tenant_id}:", *_login(tenant)]
    if known:
        lines += _of_machine(where, identity, known) if _is_machine(identity) else _of_application(identity, known)
    if unknown:
        lines.append(f"# and in the portal, under API permissions of the application: {', '.join(unknown)}")
    if known and not _is_machine(identity):
        lines += _consent(tenant, where, identity)
    return tuple(lines)


def _is_machine(identity: Identity) -> bool:
    return "managed identity" in identity.form


def _login(tenant: Tenant) -> Iterator[str]:
    if tenant.cloud in _CLI_CLOUDS:
        yield f"az cloud set --name {_CLI_CLOUDS[tenant.cloud]}"
    yield f"az login --tenant {shlex.quote(tenant.tenant_id)} --allow-no-subscriptions"


def _of_application(identity: Identity, names: Iterable[str]) -> Iterator[str]:
    kind: Literal["Scope", "Role"] = "Scope" if identity.person else "Role"
    ids = " ".join(f"{IDS[name].scope if identity.person else IDS[name].role}={kind}" for name in names)
    application = shlex.quote(identity.application)
    yield f"az ad app permission add --id {application} --api {GRAPH} --api-permissions {ids}"
    yield f"az ad app permission admin-consent --id {application}"


def _consent(tenant: Tenant, where: Where, identity: Identity) -> Iterator[str]:
    yield "# or, where the application is registered in another tenant, consent in a browser once it asks for them:"
    yield f"{where.login}/{tenant.tenant_id}/adminconsent?client_id={identity.application}"


def _of_machine(where: Where, identity: Identity, names: Iterable[str]) -> Iterator[str]:
    """A managed identity has no registration to add a permission to: the role is assigned outright."""
    yield f"mine=$(az ad sp show --id {shlex.quote(identity.application)} --query id --output tsv)"
    yield f"graph=$(az ad sp show --id {GRAPH} --query id --output tsv)"
    for name in names:
        body = f'{{\\"principalId\\":\\"$mine\\",\\"resourceId\\":\\"$graph\\",\\"appRoleId\\":\\"{IDS[name].role}\\"}}'
        url = f"{where.graph}/v1.0/servicePrincipals/$mine/appRoleAssignments"
        yield f'az rest --method POST --url "{url}" --headers Content-Type=application/json --body "{body}"'


def trust_job(tenant: Tenant, identity: Identity) -> tuple[str, ...]:
    """Return what lets the application believe the job that vouched for us, with its real subject."""
    said = identity.vouched
    credential = {
        # Names are unique in an application and cannot be changed, subjects can be many.
        "name": f"entra-reconciler-{fingerprint(dict(said))[:8]}",
        "issuer": said.get("iss", ""),
        "subject": said.get("sub", ""),
        "audiences": [said.get("aud", "")],
    }
    parameters = shlex.quote(json.dumps(credential))
    return (
        f"# an owner of application {identity.application}, in the tenant where it is registered:",
        *_login(tenant),
        f"az ad app federated-credential create --id {shlex.quote(identity.application)} --parameters {parameters}",
    )
