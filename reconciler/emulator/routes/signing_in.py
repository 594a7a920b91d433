"""The sign-in service, its neighbours that tell clients where it is, and the emulated GitHub's OIDC tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from reconciler.emulator import authenticating, clouds, lending, proving, routing
from reconciler.emulator.calls import Answer, Call, Json, Route
from reconciler.emulator.directory import Application, Tenant
from reconciler.emulator.proving import SignInError
from reconciler.emulator.refusals import Refusal, shorten, unauthenticated

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_GITHUB_MINUTES = 5


# ------------------------------------------------------------------------------------------ tokens


def _token(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    try:
        tenant = _tenant(world, caught["tenant"])
        return _granted(world, call, tenant)
    except SignInError as error:
        return _sign_in_error(world, call, error)


def _tenant(world: World, name: str) -> Tenant:
    tenant = world.directory.named(name)
    if tenant is None:
        text = f"Tenant '{shorten(name)}' not found. Check to make sure you have the correct tenant ID."
        raise SignInError(400, "invalid_request", 90002, text)
    return tenant


def _granted(world: World, call: Call, tenant: Tenant) -> Answer:
    try:
        form = routing.query(call.body.decode("utf-8", "replace"))
    except Refusal as refusal:
        raise SignInError(400, "invalid_request", 900144, refusal.message) from refusal
    if form.get("grant_type") == lending.GRANT:
        return lending.granted(world, call, tenant, form)
    if form.get("grant_type") != "client_credentials":
        raise SignInError(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
    application = _application(tenant, form.get("client_id", ""))
    proving.judge(world, application, form, _own_names(call, tenant))
    audience, _, default = form.get("scope", "").rpartition("/")
    if default != ".default" or not authenticating.is_graph(audience, call.base):
        raise SignInError(400, "invalid_scope", 1002012, "The provided value for scope is not valid.")
    token = world.signer.sign({**_claims(world, call, tenant, application, audience), **call.claims})
    seconds = world.switches.token_lifetime_seconds
    body = {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token}
    return Answer(200, body, {"Cache-Control": "no-store, no-cache"})


def _code(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    try:
        tenant = _tenant(world, caught["tenant"])
        form = routing.query(call.body.decode("utf-8", "replace"))
        return lending.code(world, call, tenant, _application(tenant, form.get("client_id", "")))
    except SignInError as error:
        return _sign_in_error(world, call, error)
    except Refusal as refusal:
        return _sign_in_error(world, call, SignInError(400, "invalid_request", 900144, refusal.message))


def _application(tenant: Tenant, client_id: str) -> Application:
    application = tenant.applications.get(client_id.lower())
    if application is None:
        text = f"Application with identifier '{shorten(client_id)}' was not found in the directory '{tenant.name}'."
        raise SignInError(400, "unauthorized_client", 700016, text)
    return application


def _own_names(call: Call, tenant: Tenant) -> frozenset[str]:
    """Return what this service is called in the audience of what an application says of itself."""
    version2 = f"{call.base}/{tenant.id}/v2.0"
    return frozenset({f"{call.base}{call.path}", f"{call.base}/{tenant.id}/oauth2/v2.0/token", version2})


def _claims(world: World, call: Call, tenant: Tenant, application: Application, audience: str) -> dict[str, Json]:
    now = int(world.clock.now().timestamp())
    app_id = application.app_id.lower()
    roles = sorted(frozenset(application.roles) - world.faults.revoked(tenant.id, app_id))
    return {
        "aud": audience,
        "iss": f"https://sts.windows.net/{tenant.id}/",
        "iat": now,
        "nbf": now,
        "exp": now + world.switches.token_lifetime_seconds,
        "appid": app_id,
        "app_displayname": application.name,
        "idtyp": "app",
        "oid": tenant.object_id(f"service principal {app_id}"),
        "sub": tenant.object_id(f"service principal {app_id}"),
        "tid": tenant.id,
        "uti": call.request_id,
        "ver": "1.0",
        **({"roles": roles} if roles else {}),
    }


def _sign_in_error(world: World, call: Call, error: SignInError) -> Answer:
    now = world.clock.now().strftime("%Y-%m-%d %H:%M:%SZ")
    text = f"AADSTS{error.number}: {error.text}"
    body = {
        "error": error.error,
        "error_description": f"{text} Trace ID: {call.request_id} Timestamp: {now}",
        "error_codes": [error.number],
        "timestamp": now,
        "trace_id": call.request_id,
        "correlation_id": call.client_request_id,
    }
    return Answer(error.status, body)


# ------------------------------------------------------------------------------------------ discovery


def _configuration(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    try:
        tenant = _tenant(world, caught["tenant"])
    except SignInError as error:
        return _sign_in_error(world, call, error)
    root = f"{call.base}/{tenant.id}"
    body = {
        "issuer": f"{root}/v2.0",
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "token_endpoint": f"{root}/oauth2/v2.0/token",
        "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
        "jwks_uri": f"{root}/discovery/v2.0/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code", "id_token", "token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
    }
    return Answer(200, body)


def _instance(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    """Tell which sign-in services there are, to a client that wants to know whether to believe in one."""
    asked = re.match(r"https://([^/?#]+)/([^/?#]+)", call.query.get("authorization_endpoint", ""))
    if asked is None or not clouds.sign_in_service(asked[1]):
        return _sign_in_error(world, call, SignInError(400, "invalid_instance", 50049, "Unknown or invalid instance."))
    body = {
        "tenant_discovery_endpoint": f"{asked[0]}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [
            {"preferred_network": names[0], "preferred_cache": clouds.cached_as(names[0]), "aliases": list(names)}
            for names in clouds.SIGN_IN_HOSTS
        ],
    }
    return Answer(200, body)


def _keys(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    return Answer(200, world.signer.key_set)


def _endpoints(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    """Tell where everything is, in the form in which clouds describe themselves."""
    body = {
        "name": "AzureCloud",
        "resourceManager": f"{call.base}/",
        "microsoftGraphResourceId": f"{call.base}/",
        "authentication": {"loginEndpoint": call.base, "tenant": "common", "audiences": [call.base]},
        "suffixes": {},
    }
    return Answer(200, body)


# ------------------------------------------------------------------------------------------ GitHub


def _github_token(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    """Return the OIDC token of a job; `subject` in the query, in the URL that the job was given, picks another job."""
    if call.token != world.github.bearer:
        raise unauthenticated("The request token of the job is missing or wrong.")
    now = world.clock.now()
    claims = {
        "iss": world.github.issuer,
        "sub": call.query.get("subject", world.github.subject),
        "aud": call.query.get("audience", "https://github.com"),
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=_GITHUB_MINUTES)).timestamp()),
        "jti": call.request_id,
    }
    return Answer(200, {"value": world.signer.sign({**claims, **call.claims})})


ROUTES = (
    Route("GET", "/metadata/endpoints", _endpoints),
    Route("GET", "/github/oidc/token", _github_token),
    Route("GET", "/github/oidc/.well-known/jwks", _keys),
    Route("GET", "/common/discovery/instance", _instance),
    Route("GET", "/{tenant}/v2.0/.well-known/openid-configuration", _configuration),
    Route("GET", "/{tenant}/discovery/v2.0/keys", _keys),
    Route("POST", "/{tenant}/oauth2/v2.0/devicecode", _code),
    Route("POST", "/{tenant}/oauth2/v2.0/token", _token),
)
