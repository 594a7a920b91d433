"""The life of a synchronization with Microsoft's Python SDK for Graph: a configuration's id in, what it read out.

Runs in .interop/python. The SDK has no call for PUT of a schema, nor for reading the settings: its adapter is asked.
"""

import asyncio
import json
import os
import sys
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from azure.identity import ClientSecretCredential
from kiota_abstractions.method import Method
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.app_role_assignment import AppRoleAssignment
from msgraph.generated.models.attribute_mapping_source_type import AttributeMappingSourceType
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.synchronization_job import SynchronizationJob
from msgraph.generated.models.synchronization_job_application_parameters import SynchronizationJobApplicationParameters
from msgraph.generated.models.synchronization_job_subject import SynchronizationJobSubject
from msgraph.generated.models.synchronization_secret import SynchronizationSecret
from msgraph.generated.models.synchronization_secret_key_string_value_pair import (
    SynchronizationSecretKeyStringValuePair,
)
from msgraph.generated.service_principals.item.synchronization.jobs.item.provision_on_demand import (
    provision_on_demand_post_request_body as on_demand,
)
from msgraph.generated.service_principals.item.synchronization.jobs.item.schema.parse_expression import (
    parse_expression_post_request_body as parse_expression,
)
from msgraph.generated.service_principals.item.synchronization.jobs.validate_credentials import (
    validate_credentials_post_request_body as validate_credentials,
)
from msgraph.generated.service_principals.item.synchronization.secrets.secrets_put_request_body import (
    SecretsPutRequestBody,
)
from msgraph.generated.service_principals.item.synchronization.secrets.secrets_put_response import SecretsPutResponse

ERRORS = {"4XX": ODataError, "5XX": ODataError}


def client() -> GraphServiceClient:
    url = os.environ["GRAPH_URL"]
    who = (os.environ[name] for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"))
    credential = ClientSecretCredential(*who, authority=url, disable_instance_discovery=True)
    scopes = ["https://graph.microsoft.com/.default"]
    allowed = [str(urlsplit(url).hostname)]
    adapter = GraphRequestAdapter(AzureIdentityAuthenticationProvider(credential, None, scopes, allowed))
    adapter.base_url = f"{url}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def settings(target: str) -> list[SynchronizationSecretKeyStringValuePair]:
    said = {
        SynchronizationSecret.CompanyId: target,
        SynchronizationSecret.AuthenticationType: "SyncPolicy",
        SynchronizationSecret.SyncAll: "false",
    }
    return [SynchronizationSecretKeyStringValuePair(key=key, value=value) for key, value in said.items()]


async def put_schema(graph: GraphServiceClient, job: Any, schema: Any) -> None:
    request = job.schema.to_patch_request_information(schema)
    request.http_method = Method.PUT
    await graph.request_adapter.send_no_response_content_async(request, ERRORS)


async def read_settings(graph: GraphServiceClient, synchronization: Any) -> dict[str, str]:
    """Read the settings as the SDK's own objects."""
    request = synchronization.secrets.to_put_request_information(SecretsPutRequestBody())
    request.http_method, request.content = Method.GET, None
    found = await graph.request_adapter.send_async(request, SecretsPutResponse, ERRORS)
    return {one.key.value: one.value for one in found.value}


async def assign(graph: GraphServiceClient, said: dict[str, str]) -> list[list[str]]:
    """Assign a user, and read who is assigned."""
    principal = graph.service_principals.by_service_principal_id(said["principal"])
    roles = {one.display_name: one.id for one in (await principal.get()).app_roles}
    grant = AppRoleAssignment(app_role_id=roles["msiam_access"], principal_id=UUID(said["user"]))
    grant.resource_id = UUID(said["principal"])
    await principal.app_role_assigned_to.post(grant)
    found = await principal.app_role_assigned_to.get()
    return [[one.principal_type, str(one.principal_id)] for one in found.value]


async def change(graph: GraphServiceClient, job: Any) -> dict[str, Any]:
    """Change one expression of the schema that was read, put it back whole, and return what is then read."""
    schema = await job.schema.get()
    users = schema.synchronization_rules[0].object_mappings[0]
    (name,) = (one for one in users.attribute_mappings if one.target_attribute_name == "displayName")
    name.source.expression, name.source.type = (
        'Append([displayName], " (Contoso)")',
        AttributeMappingSourceType.Function,
    )
    await put_schema(graph, job, schema)
    read = await job.schema.get()
    users = read.synchronization_rules[0].object_mappings[0]
    (name,) = (one for one in users.attribute_mappings if one.target_attribute_name == "displayName")
    return {
        "version": read.version,
        "rule": read.synchronization_rules[0].id,
        "flowTypes": [one.value for one in users.flow_types],
        "function": name.source.name,
        "parameters": [one.key for one in name.source.parameters],
        "directories": [one.name for one in read.directories],
        "attributes": len(read.directories[0].objects[0].attributes),
    }


async def main(said: dict[str, str]) -> dict[str, Any]:
    graph = client()
    synchronization = graph.service_principals.by_service_principal_id(said["principal"]).synchronization
    templates = await synchronization.templates.get()
    body = validate_credentials.ValidateCredentialsPostRequestBody(
        template_id="Azure2Azure", use_saved_credentials=False, credentials=settings(said["target"])
    )
    await synchronization.jobs.validate_credentials.post(body)
    created = await synchronization.jobs.post(SynchronizationJob(template_id="Azure2Azure"))
    await synchronization.secrets.put(SecretsPutRequestBody(value=settings(said["target"])))
    kept = await read_settings(graph, synchronization)
    job = synchronization.jobs.by_synchronization_job_id(created.id)
    schema = await change(graph, job)
    assigned = await assign(graph, said)
    subject = SynchronizationJobSubject(object_id=said["user"], object_type_name="User")
    parameters = SynchronizationJobApplicationParameters(rule_id=schema["rule"], subjects=[subject])
    provisioned = await job.provision_on_demand.post(
        on_demand.ProvisionOnDemandPostRequestBody(parameters=[parameters])
    )
    parsed = await job.schema.parse_expression.post(
        parse_expression.ParseExpressionPostRequestBody(expression='Append("a", "b")')
    )
    await job.start.post()
    started = await job.get()
    log = await graph.audit_logs.provisioning.get()
    functions = await job.schema.functions.get()
    operators = await job.schema.filter_operators.get()
    return {
        "templates": [one.id for one in templates.value],
        "created": [created.schedule.state.value, created.status.code.value],
        "started": [started.schedule.state.value, started.status.code.value, str(started.schedule.interval)],
        "execution": started.status.last_execution.state.value,
        "settings": kept,
        "assigned": assigned,
        "schema": schema,
        "provisioned": json.loads(provisioned.value)[0]["action"],
        "parsed": [parsed.parsing_succeeded, parsed.evaluation_result],
        "log": [[one.provisioning_action.value, one.source_identity.id] for one in log.value],
        "functions": len(functions.value),
        "operators": [one.arity for one in operators.value][:1],
    }


if __name__ == "__main__":
    json.dump(asyncio.run(main(json.loads(sys.argv[1]))), sys.stdout)
