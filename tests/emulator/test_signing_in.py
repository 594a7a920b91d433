import base64
import json
from collections.abc import Mapping
from pathlib import Path

import httpx
import msal
import pytest
from emulated import SyncTransport
from worlds import CONTOSO, FABRIKAM, GRAPH, NORTHWIND, PARTNERS, Client, sign_in, small_world, token

from reconciler.emulator.calls import Answer, Call, Json
from reconciler.emulator.seeds import application_id, application_secret
from reconciler.emulator.world import World

SUBJECT = "repo:contoso/tenants:environment:production"
ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCE = "api://AzureADTokenExchange"


def federated_world(**credential: str) -> World:
    trusted = {"issuer": ISSUER, "subject": SUBJECT, "audience": AUDIENCE, **credential}
    application = {"name": "apply", "roles": ["Policy.Read.All"], "federated": [trusted]}
    return small_world(
        tenants={"contoso": {"tenantId": CONTOSO, "applications": [application]}}, github={"subject": SUBJECT}
    )


def github(world: World, bearer: str = "github-request-token", **query: str) -> Answer:
    headers = {"authorization": f"bearer {bearer}"}
    return world.serve_now(Call("GET", "/github/oidc/token", {"audience": AUDIENCE, **query}, headers))


def exchange(world: World, assertion: str) -> Answer:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {"client_assertion": assertion, "client_assertion_type": kind}
    return sign_in(world, CONTOSO, application_id(CONTOSO, "apply"), "", **form)


def claims(bearer: str) -> Mapping[str, Json]:
    payload = bearer.split(".")[1]
    decoded: Mapping[str, Json] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return decoded


def test_token_says_who_and_what() -> None:
    said = claims(token(small_world()))

    assert said["tid"] == CONTOSO
    assert said["appid"] == application_id(CONTOSO, "apply")
    assert said["aud"] == GRAPH
    assert "Policy.ReadWrite.CrossTenantAccess" in said["roles"]
    assert said["exp"] - said["iat"] == 3599
    assert all(isinstance(said[name], str) for name in ("oid", "iss", "idtyp", "app_displayname"))


@pytest.mark.parametrize("tenant", [CONTOSO, CONTOSO.upper(), "contoso.example"])
def test_tenant_is_known_by_id_and_domain(tenant: str) -> None:
    app, secret = application_id(CONTOSO, "plan"), application_secret(CONTOSO, "plan")

    assert claims(sign_in(small_world(), tenant, app, secret).body["access_token"])["tid"] == CONTOSO


@pytest.mark.parametrize(
    ("changed", "status", "error", "number"),
    [
        ({"tenant": NORTHWIND}, 400, "invalid_request", 90002),
        ({"client_id": NORTHWIND}, 400, "unauthorized_client", 700016),
        ({"client_id": application_id(FABRIKAM, "apply")}, 400, "unauthorized_client", 700016),
        ({"secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"secret": ""}, 401, "invalid_client", 7000218),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"scope": "https://management.azure.com/.default"}, 400, "invalid_scope", 1002012),
        ({"scope": f"{GRAPH}/User.Read"}, 400, "invalid_scope", 1002012),
        ({"client_assertion": "x"}, 400, "invalid_request", 900144),
    ],
)
def test_wrong_sign_in_says_why(changed: dict[str, str], status: int, error: str, number: int) -> None:
    right = {
        "tenant": CONTOSO,
        "client_id": application_id(CONTOSO, "apply"),
        "secret": application_secret(CONTOSO, "apply"),
    }
    answer = sign_in(small_world(), **{**right, **changed})

    assert (answer.status, answer.body["error"], answer.body["error_codes"]) == (status, error, [number])
    assert answer.body["error_description"].startswith(f"AADSTS{number}: ")
    assert application_secret(CONTOSO, "apply") not in answer.body["error_description"]


def test_github_vouches_for_its_job() -> None:
    world = federated_world()
    assertion = github(world).body["value"]

    assert (claims(assertion)["sub"], claims(assertion)["aud"]) == (SUBJECT, AUDIENCE)
    assert exchange(world, assertion).status == 200


def test_github_vouches_for_nobody_else() -> None:
    answer = github(small_world(), bearer="wrong")

    assert answer.status == 401


@pytest.mark.parametrize(
    "credential", [{"issuer": "https://elsewhere.example"}, {"subject": SUBJECT.upper()}, {"audience": "other"}]
)
def test_credential_must_match_in_everything(credential: dict[str, str]) -> None:
    world = federated_world(**credential)
    answer = exchange(world, github(world).body["value"])

    assert (answer.status, answer.body["error_codes"]) == (401, [700213])


def test_job_may_be_another() -> None:
    world = federated_world(subject="repo:contoso/tenants:pull_request")
    assertion = github(world, subject="repo:contoso/tenants:pull_request").body["value"]

    assert exchange(world, assertion).status == 200


def test_word_of_github_expires() -> None:
    world = federated_world()
    assertion = github(world).body["value"]
    world.clock.wait(301)

    assert exchange(world, assertion).body["error_codes"] == [700024]


@pytest.mark.parametrize("assertion", ["nonsense", "a.b.c", "e30.e30.e30"])
def test_forged_assertion_is_refused(assertion: str) -> None:
    answer = exchange(federated_world(), assertion)

    assert (answer.status, answer.body["error_codes"]) == (401, [50027])


def test_configuration_leads_to_everything() -> None:
    world = small_world()
    body = world.serve_now(Call("GET", f"/{CONTOSO}/v2.0/.well-known/openid-configuration", base="https://x:1")).body

    assert body["issuer"] == f"https://x:1/{CONTOSO}/v2.0"
    assert body["token_endpoint"] == f"https://x:1/{CONTOSO}/oauth2/v2.0/token"
    assert world.serve_now(Call("GET", f"/{CONTOSO}/discovery/v2.0/keys")).body["keys"]
    assert world.serve_now(Call("GET", f"/{NORTHWIND}/v2.0/.well-known/openid-configuration")).status == 400


def test_cloud_describes_itself() -> None:
    body = small_world().serve_now(Call("GET", "/metadata/endpoints", base="https://x:1")).body

    assert body["authentication"]["loginEndpoint"] == "https://x:1"
    assert body["microsoftGraphResourceId"] == "https://x:1/"


def test_msal_signs_in() -> None:
    world = small_world()
    with httpx.Client(transport=SyncTransport(world)) as http:
        application = msal.ConfidentialClientApplication(
            application_id(CONTOSO, "plan"),
            authority=f"https://login.microsoftonline.com/{CONTOSO}",
            client_credential=application_secret(CONTOSO, "plan"),
            http_client=http,
            instance_discovery=False,
        )
        result = application.acquire_token_for_client(scopes=[f"{GRAPH}/.default"])

    assert Client(world, bearer=result["access_token"]).get(PARTNERS).status == 200


def test_signing_in_counts_apart() -> None:
    world = small_world()
    token(world)

    assert world.requests.counts[CONTOSO] == {"http": 0, "batches": 0, "inner": 0, "tokens": 1, "pages": 0}


def test_token_outlives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    said = {"tenants": {"contoso": {"tenantId": CONTOSO}}}
    bearer = token(World.from_seed(said, path=path))

    assert Client(World.from_seed(said, path=path), bearer=bearer).get(PARTNERS).status == 200
