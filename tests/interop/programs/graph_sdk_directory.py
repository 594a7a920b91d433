"""The life of a configuration's application with Microsoft's Python SDK for Graph, up to its deletion and its return.

Runs in .interop/python. What it read comes out as the SDK's own typed objects had it.
"""

import asyncio
import json
import sys
from typing import Any

from graph_sdk import client
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphServiceClient
from msgraph.generated.application_templates.item.instantiate.instantiate_post_request_body import (
    InstantiatePostRequestBody,
)
from msgraph.generated.models.app_role_assignment import AppRoleAssignment
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.reference_create import ReferenceCreate
from msgraph.generated.models.service_principal import ServicePrincipal
from msgraph.generated.models.user import User
from msgraph.generated.service_principals.service_principals_request_builder import ServicePrincipalsRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

TEMPLATE = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7"


async def main(said: Any) -> Any:
    graph = client()
    made = await graph.application_templates.by_application_template_id(TEMPLATE).instantiate.post(
        InstantiatePostRequestBody(display_name="Fabrikam")
    )
    principal = made.service_principal
    role = next(one for one in principal.app_roles if one.display_name == "msiam_access")
    one = graph.service_principals.by_service_principal_id(principal.id)
    await one.patch(ServicePrincipal(notes="ours"))
    told = {
        "found": await found(graph),
        "assigned": await assigned(one, principal.id, str(role.id), said["group"]),
        "again": await refused(one.app_role_assigned_to.post(assignment(principal.id, str(role.id), said["group"]))),
        "people": await people(graph),
        "members": await members(graph, said["group"], said["guest"]),
        "guest": await guest(graph, said["guest"]),
    }
    await graph.applications.by_application_id(made.application.id).delete()
    told["left"] = await found(graph)
    binned = await graph.directory.deleted_items.graph_service_principal.get()
    told["bin"] = [each.display_name for each in binned.value]
    restored = await graph.directory.deleted_items.by_directory_object_id(principal.id).restore.post()
    return {**told, "restored": type(restored).__name__}


async def found(graph: GraphServiceClient) -> Any:
    """Return notes by names of what was made of the template."""
    query = ServicePrincipalsRequestBuilder.ServicePrincipalsRequestBuilderGetQueryParameters(
        filter=f"applicationTemplateId eq '{TEMPLATE}'", select=["id", "displayName", "notes"]
    )
    page = await graph.service_principals.get(RequestConfiguration(query_parameters=query))
    return {each.display_name: each.notes for each in page.value}


def assignment(resource: str, role: str, group: str) -> Any:
    return AppRoleAssignment(principal_id=group, resource_id=resource, app_role_id=role)


async def assigned(one: Any, resource: str, role: str, group: str) -> Any:
    await one.app_role_assigned_to.post(assignment(resource, role, group))
    page = await one.app_role_assigned_to.get()
    return [[each.principal_type, each.principal_display_name] for each in page.value]


async def people(graph: GraphServiceClient) -> Any:
    """Count with the header that counting takes, and follow every page."""
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        filter="userType ne 'Guest'", count=True, top=2, select=["displayName"]
    )
    asked = RequestConfiguration(query_parameters=query)
    asked.headers.add("ConsistencyLevel", "eventual")
    page = await graph.users.get(asked)
    count, names = page.odata_count, []
    while page:
        names += [each.display_name for each in page.value]
        page = await graph.users.with_url(page.odata_next_link).get(asked) if page.odata_next_link else None
    return {"count": count, "names": sorted(names)}


async def members(graph: GraphServiceClient, group: str, guest_id: str) -> Any:
    one = graph.groups.by_group_id(group)
    reference = ReferenceCreate(odata_id=f"https://graph.microsoft.com/v1.0/directoryObjects/{guest_id}")
    await one.members.ref.post(reference)
    again = await refused(one.members.ref.post(reference))
    page = await one.transitive_members.get()
    shown = [[type(each).__name__, each.display_name] for each in page.value if isinstance(each, User)]
    return {"again": again, "people": sorted(shown)}


async def guest(graph: GraphServiceClient, guest_id: str) -> Any:
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        select=["userType", "externalUserState", "identities"]
    )
    found = await graph.users.by_user_id(guest_id).get(RequestConfiguration(query_parameters=query))
    return [found.user_type, found.external_user_state, found.identities[0].issuer]


async def refused(request: Any) -> Any:
    try:
        await request
    except ODataError as error:
        return [error.response_status_code, error.error.code if error.error else None]
    return None


if __name__ == "__main__":
    json.dump(asyncio.run(main(json.loads(sys.argv[1]))), sys.stdout)
