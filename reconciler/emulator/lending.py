"""People who lend permissions to an application: signing in with a code, and what directory roles allow them.

The first of a tenant's people types every code at once; where there are none, nobody ever does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from reconciler.emulator.calls import Answer, Call, Json, Principal, Route
from reconciler.emulator.clouds import GRAPH_HOSTS
from reconciler.emulator.cross_tenant_access import POLICY
from reconciler.emulator.proving import SignInError

if TYPE_CHECKING:
    from reconciler.emulator.directory import Application, Person, Tenant
    from reconciler.emulator.world import World

GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
PAGE: Final = "https://microsoft.com/devicelogin"
_LIFETIME, _INTERVAL = 900, 5

GLOBAL_ADMINISTRATOR: Final = "62e90394-69f5-4237-9190-012177145e10"
SECURITY_ADMINISTRATOR: Final = "194ae4cb-b126-40b2-bd5b-6091b380977d"
TEAMS_ADMINISTRATOR: Final = "69091246-20e8-4a56-aa4d-066075b2a7a8"
GLOBAL_READER: Final = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
SECURITY_READER: Final = "5d6b6bb7-de71-4623-b4af-96380a352509"
_WRITERS = frozenset({GLOBAL_ADMINISTRATOR, SECURITY_ADMINISTRATOR})
_READERS = _WRITERS | {TEAMS_ADMINISTRATOR, GLOBAL_READER, SECURITY_READER}


def code(world: World, call: Call, tenant: Tenant, application: Application) -> Answer:
    """Give out a code; the long one carries all there is to know of it."""
    end = int(world.clock.now().timestamp()) + _LIFETIME
    claims = {"code_for": application.app_id.lower(), "tid": tenant.id, "exp": end}
    body = {
        "user_code": call.request_id[:8].upper(),
        "device_code": world.signer.sign(claims),
        "verification_uri": PAGE,
        "expires_in": _LIFETIME,
        "interval": _INTERVAL,
        "message": f"To sign in, open {PAGE} and enter the code.",
    }
    return Answer(200, body)


def granted(world: World, call: Call, tenant: Tenant, form: Mapping[str, str]) -> Answer:
    """Return the token of whoever typed the code.

    Raises:
        SignInError: nobody did, or not in time, or this code was never given out.
    """
    claims = world.signer.claims(form.get("device_code", "")) or {}
    application = tenant.applications.get(str(claims.get("code_for", "")))
    said = form.get("client_id", "").lower(), tenant.id
    if application is None or said != (claims["code_for"], claims["tid"]):
        raise SignInError(400, "bad_verification_code", 70008, "The device code is not one that was given out.")
    if claims["exp"] <= world.clock.now().timestamp():
        raise SignInError(400, "expired_token", 70020, "The provided value for the device code is expired.")
    if not tenant.people:
        raise SignInError(400, "authorization_pending", 70016, "OAuth 2.0 device flow: authorization is pending.")
    seconds = world.switches.token_lifetime_seconds
    person = {"uid": tenant.person(tenant.people[0].name).object_id, "utid": tenant.id}
    body = {
        "token_type": "Bearer",
        "scope": " ".join(application.roles),
        "expires_in": seconds,
        "access_token": world.signer.sign(
            {**_claims(world, call, tenant, application, tenant.people[0]), **call.claims}
        ),
        "client_info": base64.urlsafe_b64encode(json.dumps(person).encode()).decode().rstrip("="),
    }
    return Answer(200, body, {"Cache-Control": "no-store, no-cache"})


def _claims(world: World, call: Call, tenant: Tenant, application: Application, person: Person) -> dict[str, Json]:
    now, who = int(world.clock.now().timestamp()), tenant.person(person.name)
    return {
        "aud": f"https://{GRAPH_HOSTS[0]}",
        "iss": f"https://sts.windows.net/{tenant.id}/",
        "iat": now,
        "nbf": now,
        "exp": now + world.switches.token_lifetime_seconds,
        "appid": application.app_id.lower(),
        "idtyp": "user",
        "name": person.name,
        "oid": who.object_id,
        "scp": " ".join(sorted(application.roles)),
        "sub": who.object_id,
        "tid": tenant.id,
        "upn": who.id,
        "uti": call.request_id,
        "ver": "1.0",
        "wids": list(person.roles),
    }


def allowed(who: Principal, call: Call, route: Route) -> bool:
    """Tell whether the directory roles of a person suffice, beside the permissions; other areas ask for none here."""
    if not who.lent or not route.path.startswith(POLICY):
        return True
    writers = _WRITERS if route.kind == "identitySynchronization" else _WRITERS | {TEAMS_ADMINISTRATOR}
    return bool(who.directory_roles & (writers if call.writes else _READERS))
