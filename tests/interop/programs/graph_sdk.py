"""One step with Microsoft's Python SDK for Graph, as its own documentation has it: a name and JSON in, JSON out.

Runs in .interop/python. Where GRAPH_URL is not set, the SDK and its sign-in go where they go by themselves.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from azure.identity import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.cross_tenant_access_policy_configuration_default import (
    CrossTenantAccessPolicyConfigurationDefault,
)
from msgraph.generated.models.cross_tenant_access_policy_configuration_partner import (
    CrossTenantAccessPolicyConfigurationPartner,
)
from msgraph.generated.models.cross_tenant_access_policy_inbound_trust import CrossTenantAccessPolicyInboundTrust
from msgraph.generated.models.cross_tenant_identity_sync_policy_partner import CrossTenantIdentitySyncPolicyPartner
from msgraph.generated.models.cross_tenant_user_sync_inbound import CrossTenantUserSyncInbound
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

SCOPES = ["https://graph.microsoft.com/.default"]


def credential(url: str) -> ClientSecretCredential:
    elsewhere = {"authority": url, "disable_instance_discovery": True} if url else {}
    who = (os.environ[name] for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"))
    return ClientSecretCredential(*who, **elsewhere)


def client() -> GraphServiceClient:
    url = os.environ.get("GRAPH_URL", "")
    if not url:
        return GraphServiceClient(credential(url), SCOPES)
    allowed = [str(urlsplit(url).hostname)]
    adapter = GraphRequestAdapter(AzureIdentityAuthenticationProvider(credential(url), None, SCOPES, allowed))
    adapter.base_url = f"{url}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def policy(graph: GraphServiceClient) -> Any:
    return graph.policies.cross_tenant_access_policy


def one(graph: GraphServiceClient, tenant_id: str) -> Any:
    return policy(graph).partners.by_cross_tenant_access_policy_configuration_partner_tenant_id(tenant_id)


def shown(found: Any) -> Any:
    """Return of a partner or the default what the tests look at."""
    trust = found.inbound_trust
    return {
        **({"tenantId": found.tenant_id} if hasattr(found, "tenant_id") else {}),
        "isMfaAccepted": trust.is_mfa_accepted if trust else None,
        "isServiceDefault": getattr(found, "is_service_default", None),
    }


async def list_partners(graph: GraphServiceClient, said: Any) -> Any:
    """Follow every page, as the SDK does it by hand."""
    found, page = [], await policy(graph).partners.get()
    while page:
        found += [partner.tenant_id for partner in page.value]
        following = page.odata_next_link
        page = await policy(graph).partners.with_url(following).get() if following else None
    return found


async def get(graph: GraphServiceClient, said: Any) -> Any:
    return shown(await one(graph, said["tenantId"]).get())


async def create(graph: GraphServiceClient, said: Any) -> Any:
    partner = CrossTenantAccessPolicyConfigurationPartner(
        tenant_id=said["tenantId"], inbound_trust=CrossTenantAccessPolicyInboundTrust(is_mfa_accepted=True)
    )
    return shown(await policy(graph).partners.post(partner))


async def update(graph: GraphServiceClient, said: Any) -> Any:
    trust = CrossTenantAccessPolicyInboundTrust(is_mfa_accepted=said["isMfaAccepted"])
    await one(graph, said["tenantId"]).patch(CrossTenantAccessPolicyConfigurationPartner(inbound_trust=trust))
    return shown(await one(graph, said["tenantId"]).get())


async def delete(graph: GraphServiceClient, said: Any) -> Any:
    await one(graph, said["tenantId"]).delete()
    return await list_partners(graph, said)


def synchronization(said: Any) -> CrossTenantIdentitySyncPolicyPartner:
    inbound = CrossTenantUserSyncInbound(is_sync_allowed=said["isSyncAllowed"])
    return CrossTenantIdentitySyncPolicyPartner(display_name="Fabrikam", user_sync_inbound=inbound)


async def get_synchronization(graph: GraphServiceClient, said: Any) -> Any:
    found = await one(graph, said["tenantId"]).identity_synchronization.get()
    return {"tenantId": found.tenant_id, "isSyncAllowed": found.user_sync_inbound.is_sync_allowed}


async def put_synchronization(graph: GraphServiceClient, said: Any) -> Any:
    await one(graph, said["tenantId"]).identity_synchronization.put(synchronization(said))
    return await get_synchronization(graph, said)


async def patch_synchronization(graph: GraphServiceClient, said: Any) -> Any:
    """Send the same as by PUT: the SDK has no call for PATCH here, so its adapter is asked."""
    request = one(graph, said["tenantId"]).identity_synchronization.to_put_request_information(synchronization(said))
    request.http_method = Method.PATCH
    await graph.request_adapter.send_no_response_content_async(request, {"4XX": ODataError, "5XX": ODataError})
    return await get_synchronization(graph, said)


async def delete_synchronization(graph: GraphServiceClient, said: Any) -> Any:
    await one(graph, said["tenantId"]).identity_synchronization.delete()
    return await get_synchronization(graph, said)


async def get_default(graph: GraphServiceClient, said: Any) -> Any:
    return shown(await policy(graph).default.get())


async def patch_default(graph: GraphServiceClient, said: Any) -> Any:
    trust = CrossTenantAccessPolicyInboundTrust(is_mfa_accepted=True)
    await policy(graph).default.patch(CrossTenantAccessPolicyConfigurationDefault(inbound_trust=trust))
    return await get_default(graph, said)


async def reset_default(graph: GraphServiceClient, said: Any) -> Any:
    await policy(graph).default.reset_to_system_default.post()
    return await get_default(graph, said)


async def batch(graph: GraphServiceClient, said: Any) -> Any:
    """Return the status of each read by the key it asks for."""
    base = graph.request_adapter.base_url.rstrip("/")
    items = []
    for key in said["tenantIds"]:
        item = BatchRequestItem(one(graph, key).to_get_request_information(RequestConfiguration()), id=key)
        # The SDK writes the absolute address, which the service does not take; its set_url() leaves the version in.
        item.url = item.url.removeprefix(base).replace("//", "/")
        items.append(item)
    content = BatchRequestContent({item.id: item for item in items})
    answer = await graph.batch.post(content)
    return {key: answer.get_response_by_id(key).status for key in said["tenantIds"]}


Step = Callable[[GraphServiceClient, Any], Awaitable[Any]]
STEPS: dict[str, Step] = {
    "list": list_partners,
    "get": get,
    "create": create,
    "update": update,
    "delete": delete,
    "get-sync": get_synchronization,
    "put-sync": put_synchronization,
    "patch-sync": patch_synchronization,
    "delete-sync": delete_synchronization,
    "get-default": get_default,
    "patch-default": patch_default,
    "reset-default": reset_default,
    "batch": batch,
}


async def main(step: str, said: Any) -> Any:
    try:
        return await STEPS[step](client(), said)
    except ODataError as error:
        code = error.error.code if error.error else None
        return {"raised": type(error).__name__, "status": error.response_status_code, "code": code}


if __name__ == "__main__":
    json.dump(asyncio.run(main(sys.argv[1], json.loads(sys.argv[2]))), sys.stdout)
