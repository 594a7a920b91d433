"""The organization of a tenant, and what every tenant may know of others: findTenantInformation*."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Answer, Call, Json, Route
from reconciler.emulator.directory import Organization
from reconciler.emulator.refusals import Refusal, bad_request, missing, shorten

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_READ = ("Organization.Read.All", "User.Read.All", "Directory.Read.All")
_FIND = ("CrossTenantInformation.ReadBasic.All",)


def _organization(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    mine = world.directory.tenants[call.tenant].organization
    whole: dict[str, Json] = {
        "id": mine.id,
        "displayName": mine.display_name,
        "tenantType": "AAD",
        "verifiedDomains": [_domain(mine, domain) for domain in mine.domains],
    }
    names = [name.strip() for name in call.query["$select"].split(",")] if "$select" in call.query else list(whole)
    for name in names:
        if name not in whole:
            raise bad_request(f"Could not find a property named '{shorten(name)}'.", code="BadRequest")
    context = f"{call.base}/{call.version}/$metadata#organization"
    return Answer(200, {"@odata.context": context, "value": [{name: whole[name] for name in names}]})


def _domain(mine: Organization, name: str) -> dict[str, Json]:
    is_default, is_initial = name == mine.domains[0], name == mine.initial_domain
    return {"capabilities": "Email", "isDefault": is_default, "isInitial": is_initial, "name": name, "type": "Managed"}


def _by_id(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    return _information(world, call, world.organization(caught["id"].lower()), caught["id"])


def _by_domain(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    return _information(world, call, world.directory.at_domain(caught["domain"]), caught["domain"])


def _information(world: World, call: Call, found: Organization | None, asked: str) -> Answer:
    if found is None and world.switches.unknown_tenant_information == 404:
        raise missing("Request_ResourceNotFound", asked)
    if found is None:
        raise Refusal(400, "Request_BadRequest", f"The tenant '{shorten(asked)}' does not exist.")
    information = {
        "@odata.context": f"{call.base}/{call.version}/$metadata#microsoft.graph.tenantInformation",
        "tenantId": found.id,
        "federationBrandName": None,
        "displayName": found.display_name,
        "defaultDomainName": found.domains[0],
    }
    return Answer(200, information)


ROUTES = (
    Route("GET", "/organization", _organization, _READ),
    Route("GET", "/tenantRelationships/findTenantInformationByTenantId(tenantId='{id}')", _by_id, _FIND),
    Route("GET", "/tenantRelationships/findTenantInformationByDomainName(domainName='{domain}')", _by_domain, _FIND),
)
