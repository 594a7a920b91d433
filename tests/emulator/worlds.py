"""Small worlds for the tests of the emulator, and a client that talks to one without sockets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from reconciler.emulator import routing
from reconciler.emulator.calls import Answer, Call, Json
from reconciler.emulator.clock import Clock
from reconciler.emulator.resources import Resource
from reconciler.emulator.seeds import application_id, application_secret
from reconciler.emulator.store import Entry
from reconciler.emulator.world import World

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
FABRIKAM = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a02"
TAILSPIN = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a03"
NORTHWIND = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a04"

POLICY = "/policies/crossTenantAccessPolicy"
DEFAULT = f"{POLICY}/default"
PARTNERS = f"{POLICY}/partners"
GRAPH = "https://graph.microsoft.com"

MFA = {"inboundTrust": {"isMfaAccepted": True}}


def seed(**members: Json) -> dict[str, Json]:
    """Return a seed with two tenants, of which the first has Tailspin as a partner."""
    return {
        "organizations": {"tailspin": {"tenantId": TAILSPIN, "domain": "tailspin.example"}},
        "tenants": {
            "contoso": {"tenantId": CONTOSO, "domain": "contoso.example", "partners": [{"tenantId": TAILSPIN, **MFA}]},
            "fabrikam": {"tenantId": FABRIKAM, "domain": "fabrikam.example"},
        },
        **members,
    }


def small_world(
    *,
    partners: Iterable[Json] | None = None,
    clock: Clock | None = None,
    extra: Iterable[Resource] = (),
    **members: Json,
) -> World:
    """Return the world of `seed`; `partners` replace those of the first tenant."""
    said = seed(**members)
    if partners is not None:
        said["tenants"]["contoso"]["partners"] = list(partners)
    return World.from_seed(said, clock=clock, extra=extra)


def token(world: World, tenant_id: str = CONTOSO, purpose: str = "apply") -> str:
    """Return an access token of one of the two applications that a tenant has."""
    answer = sign_in(world, tenant_id, application_id(tenant_id, purpose), application_secret(tenant_id, purpose))
    assert answer.status == 200, answer.body
    return str(answer.body["access_token"])


def sign_in(world: World, tenant: str, client_id: str, secret: str, **form: str) -> Answer:
    """Ask for a token with a secret; `form` replaces fields of the form."""
    said = {
        "client_id": client_id,
        "grant_type": "client_credentials",
        "client_secret": secret,
        "scope": f"{GRAPH}/.default",
        **form,
    }
    kept = {name: value for name, value in said.items() if value}
    return world.serve_now(Call("POST", f"/{tenant}/oauth2/v2.0/token", body=urlencode(kept).encode()))


class Client:
    """Somebody with a token; paths are below the version and may have a query."""

    def __init__(
        self, world: World, tenant_id: str = CONTOSO, purpose: str = "apply", *, version: str = "v1.0", bearer: str = ""
    ) -> None:
        self.world = world
        self.version = version
        self.bearer = bearer or token(world, tenant_id, purpose)

    def call(self, method: str, path: str, body: Json = None, headers: Mapping[str, str] | None = None) -> Call:
        """Return a request as it arrives."""
        path, _, query = path.partition("?")
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        bearer = {"authorization": f"Bearer {self.bearer}"}
        return Call(method, f"/{self.version}{path}", routing.query(query), {**bearer, **(headers or {})}, sent)

    def ask(self, method: str, path: str, body: Json = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request and return its answer."""
        return self.world.serve_now(self.call(method, path, body, headers))

    def get(self, path: str) -> Answer:
        """Read."""
        return self.ask("GET", path)

    def post(self, path: str, body: Json = None) -> Answer:
        """Create, or act."""
        return self.ask("POST", path, body)

    def patch(self, path: str, body: Json) -> Answer:
        """Change."""
        return self.ask("PATCH", path, body)

    def delete(self, path: str) -> Answer:
        """Remove."""
        return self.ask("DELETE", path)

    def batch(self, *requests: Mapping[str, Json]) -> dict[str, Json]:
        """Send a batch and return the answers of its parts by id."""
        answer = self.post("/$batch", {"requests": list(requests)})
        assert answer.status == 200, answer.body
        return {part["id"]: part for part in answer.body["responses"]}

    def follow(self, answer: Answer) -> Answer:
        """Read the next page."""
        link = str(answer.body["@odata.nextLink"])
        return self.get(link.removeprefix(f"{GRAPH}/{self.version}"))

    def partners(self) -> list[str]:
        """Return the ids of all partners, page by page."""
        answer = self.get(PARTNERS)
        found = [partner["tenantId"] for partner in answer.body["value"]]
        while "@odata.nextLink" in answer.body:
            answer = self.follow(answer)
            found += [partner["tenantId"] for partner in answer.body["value"]]
        return found


def code(answer: Answer) -> str:
    """Return the code of a refusal, or nothing."""
    return str(answer.body["error"]["code"]) if answer.body and "error" in answer.body else ""


def written(world: World) -> list[Entry]:
    """Return the journal: what was committed."""
    return [entry for entry in world.store.journal() if entry.committed]


def partner_path(tenant_id: str) -> str:
    """Return the path of a partner."""
    return f"{PARTNERS}/{tenant_id}"
