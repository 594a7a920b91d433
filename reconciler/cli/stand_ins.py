"""What an emulator that nobody gave a seed holds: the tenants of the documents; and how clients get in there.

Pure. It decides nothing about real tenants, and no real secret passes through it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.model import Body, Estate, Management, Tenant

if TYPE_CHECKING:
    from reconciler.emulator.directory import Application
    from reconciler.emulator.directory import Tenant as Emulated

EVERYWHERE = "7d5f3a10-90c4-4d6e-8f52-2c1b8a6e4d01"
"""The application of tenants whose documents name none; the reconciler learns it from AZURE_CLIENT_ID."""

_GENERAL = "reconciler"


def seed_of(estate: Estate) -> Body:
    """Return a world in which the tenants of the documents are there, untouched, and all partners can be looked up."""
    served = {name: one for name, one in estate.tenants.items() if one.management is not Management.ELSEWHERE}
    elsewhere = {name: _organization(one) for name, one in estate.tenants.items() if name not in served}
    return {
        "organizations": {**_partners(estate), **elsewhere},
        "tenants": {name: _served(estate, one) for name, one in served.items()},
    }


def snapshot_seed(estate: Estate, tenants: Mapping[str, Body], moment: str) -> Body:
    """Return a world in which these tenants are as they were found at a moment; what else there is can be looked up."""
    others = {name: _organization(one) for name, one in estate.tenants.items() if name not in tenants}
    return {
        "clock": moment,
        "organizations": {**_partners(estate), **others},
        "tenants": {
            name: {**said, "applications": _applications(estate.tenants[name], begins=True, ends=True)}
            for name, said in tenants.items()
        },
    }


def _served(estate: Estate, tenant: Tenant) -> Body:
    """Return a tenant, and where links begin in it, the people and groups that they name."""
    begins = any(link.source == tenant.name for link in estate.links)
    ends = any(link.target == tenant.name for link in estate.links)
    applications = _applications(tenant, begins=begins, ends=ends)
    return {**_organization(tenant), "applications": applications, **_named(estate, tenant)}


def _named(estate: Estate, tenant: Tenant) -> Body:
    named = {
        document.principal
        for address, document in estate.documents.items()
        if address.tenant == tenant.name and document.principal
    }
    users: dict[str, Body] = {}
    groups: dict[str, Body] = {}
    for number, one in enumerate(sorted(named, key=lambda one: (one.type, one.name, one.id))):
        said = {"displayName": one.name or one.id, **({"id": one.id} if one.id else {})}
        if one.type == "group":
            groups[f"group-{number}"] = said
        else:
            users[f"user-{number}"] = {**said, **({"userPrincipalName": one.name} if "@" in one.name else {})}
    return {**({"users": users} if users else {}), **({"groups": groups} if groups else {})}


def _partners(estate: Estate) -> Body:
    """Return the organizations that the documents name beside the tenants. Labels may be alike, ids are not."""
    tenants = {tenant.tenant_id for tenant in estate.tenants.values()}
    return {
        document.address.key: {
            "tenantId": document.address.key,
            "displayName": document.label,
            "domain": document.domain,
        }
        for document in estate.documents.values()
        if document.domain and document.address.key not in tenants
    }


def _organization(tenant: Tenant) -> Body:
    return {"tenantId": tenant.tenant_id, "displayName": tenant.display_name, "domain": tenant.domain}


def _applications(tenant: Tenant, *, begins: bool, ends: bool) -> list[Body]:
    """Return the applications that the documents name, and the general one where they name none."""
    from reconciler.emulator.seeds import LINKED_READING, LINKED_WRITING, READING, WRITING

    wanted = {
        "plan": (*READING, *(LINKED_READING if begins or ends else ())),
        "apply": (*WRITING, *(LINKED_WRITING if begins else LINKED_READING if ends else ())),
    }
    if tenant.management is Management.OBSERVE and "apply" not in tenant.auth:
        del wanted["apply"]
    made: dict[str, Body] = {}
    for purpose, roles in wanted.items():
        app_id = tenant.auth.get(purpose, EVERYWHERE)
        name = purpose if app_id != EVERYWHERE and app_id not in made else _GENERAL
        made[app_id] = {"appId": app_id, "name": name, "roles": list(roles)}
    return list(made.values())


TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
"""Where OpenSSL and httpx, requests, and Node.js look for whom to trust."""


def environment(url: str, ca_file: Path, tenants: Iterable[Emulated], proxy: str = "") -> Mapping[str, str]:
    """Return the variables that lead a reconciler, and most other clients, to the emulator.

    With a `proxy` they lead there under the public host names: then no endpoint is named, and no client is told.
    """
    file = str(ca_file.absolute())
    variables = {"RECONCILER_ENDPOINT": url, "SSL_CERT_FILE": file}
    if proxy:
        variables = {"HTTPS_PROXY": proxy, **dict.fromkeys(TRUST, file)}
    return {**variables, **secrets(tenants)}


def secrets(tenants: Iterable[Emulated]) -> Mapping[str, str]:
    """Return the variables by which a reconciler signs in to emulated tenants."""
    every = (_sign_in(tenant, one) for tenant in tenants for one in tenant.applications.values())
    return {name: value for pairs in every for name, value in pairs}


def _sign_in(tenant: Emulated, application: Application) -> Iterator[tuple[str, str]]:
    name = re.sub(r"[^A-Z0-9]", "_", tenant.name.upper())
    if application.app_id == EVERYWHERE:
        yield "AZURE_CLIENT_ID", EVERYWHERE
    purpose = {"plan": "PLAN_", "apply": "APPLY_"}.get(application.name, "")
    yield f"RECONCILER_{purpose}CLIENT_SECRET_{name}", application.secret
