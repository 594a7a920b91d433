"""Whatever is sent, the answer is one of the service's own: never a 500, never an exception."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import CONTOSO, DEFAULT, PARTNERS, TAILSPIN, Client, partner_path, small_world

from reconciler.emulator.answering import encoded
from reconciler.emulator.calls import Call, Json
from reconciler.emulator.world import World

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "not UTF-8": b'{"inboundTrust": "\xff"}',
    "UTF-16": '{"inboundTrust": null}'.encode("utf-16"),
    "NaN": b'{"inboundTrust": NaN}',
    "infinite": b'{"inboundTrust": {"isMfaAccepted": 1e999}}',
    "a property twice": b'{"inboundTrust": null, "inboundTrust": null}',
    "a huge number": b'{"inboundTrust": ' + b"1" * 5000 + b"}",
    "half a character": b'{"inboundTrust": "\\ud800"}',
    "half a character as name": b'{"\\ud800": 1}',
    "NUL": b'{"\\u0000": "\\u0000"}',
    "a long name": b'{"' + b"x" * 100_000 + b'": 1}',
    "deep lists": b'{"inboundTrust": ' + b"[" * 900 + b"]" * 900 + b"}",
    "deep objects": b'{"a":' * 900 + b"1" + b"}" * 900,
    "very deep": b"[" * 100_000,
    "many members": json.dumps({f"a{number}": number for number in range(10_000)}).encode(),
    "everything null": json.dumps(dict.fromkeys(("inboundTrust", "b2bCollaborationInbound", "id"))).encode(),
    "lists as values": b'{"inboundTrust": {"isMfaAccepted": []}, "b2bCollaborationInbound": {"usersAndGroups": []}}',
    "list as type": b'{"b2bCollaborationInbound": {"usersAndGroups": {"accessType": "allowed", '
    b'"targets": [{"target": [], "targetType": {}}]}}}',
    "objects in an order": b'{"invitationRedemptionIdentityProviderConfiguration": '
    b'{"primaryIdentityProviderPrecedenceOrder": [{}, []]}}',
}
WRITES = [
    ("PATCH", DEFAULT),
    ("PATCH", partner_path(TAILSPIN)),
    ("POST", PARTNERS),
    ("POST", "/$batch"),
    ("POST", f"{DEFAULT}/resetToSystemDefault"),
    ("DELETE", partner_path(TAILSPIN)),
]
PATHS = [
    "/",
    "//",
    "/v1.0",
    "/v1.0/",
    "/beta",
    "/v2.0/policies",
    "/v1.0/..",
    "/v1.0/%2e%2e/x",
    "/v1.0/\x00",
    "/v1.0/\ud800",
    f"/v1.0{PARTNERS}/\ud800",
    f"/v1.0{PARTNERS}('')",
    f"/v1.0{PARTNERS}('x",
    f"/v1.0{PARTNERS}/{TAILSPIN}/{TAILSPIN}",
    "/v1.0/tenantRelationships/findTenantInformationByTenantId(tenantId='\ud800')",
    "/v1.0/tenantRelationships/findTenantInformationByDomainName(domainName='')",
    "/\ud800/oauth2/v2.0/token",
    "/common/oauth2/v2.0/token",
    "/x" * 10_000,
]


def asked(client: Client, call: Call) -> int:
    """Send a request, and check what is true of every answer."""
    answer = client.world.serve_now(call)
    assert 200 <= answer.status < 500, answer
    assert answer.raw is not None
    if answer.headers.get("Content-Type", "").startswith("application/json"):
        json.loads(answer.raw)
    return answer.status


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(small_world())


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(("method", "path"), WRITES, ids=[f"{method} {path}" for method, path in WRITES])
def test_hostile_body(method: str, path: str, body: bytes) -> None:
    client = Client(small_world())

    asked(client, client.call(method, path, body))
    encoded([entry.as_json() for entry in client.world.store.journal()]).decode("ascii")


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "BREW", ""])
def test_hostile_path(client: Client, method: str, path: str) -> None:
    headers = {"authorization": f"Bearer {client.bearer}"}

    assert asked(client, Call(method, path, headers=headers, body=b"{}")) >= 400


@pytest.mark.parametrize(
    "bearer", ["", "Bearer", "Bearer ", "Bearer \ud800", "Basic x", "Bearer " + "a." * 9000, "bearer ..", "Bearer é"]
)
def test_hostile_authorization(client: Client, bearer: str) -> None:
    call = Call("GET", f"/v1.0{DEFAULT}", headers={"authorization": bearer})

    assert asked(client, call) == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"&&&=", b"grant_type=client_credentials&grant_type=x", b"a=1&" * 1000, b"client_id=%ff%00", b"{}"],
)
def test_hostile_sign_in(client: Client, body: bytes) -> None:
    assert asked(client, Call("POST", f"/{CONTOSO}/oauth2/v2.0/token", body=body)) == 400


@pytest.mark.parametrize(
    "query",
    [
        {"$skiptoken": "W10="},
        {"$skiptoken": "WzEsIDJd"},
        {"$skiptoken": "é"},
        {"$skiptoken": "W1tbW1tb" * 5000},
        {"$skiptoken": "WyJ4IiwgMWU5OTld"},
        {"$select": ""},
        {"$select": ",,,"},
        {"$expand": "\ud800"},
        {"$top": "9" * 5000},
        {"$filter": "'" * 5000},
        {"\ud800": "\ud800"},
    ],
    ids=range(11),
)
@pytest.mark.parametrize("path", [PARTNERS, partner_path(TAILSPIN), "/organization", "/auditLogs/directoryAudits"])
def test_hostile_query(client: Client, path: str, query: dict[str, str]) -> None:
    headers = {"authorization": f"Bearer {client.bearer}"}

    asked(client, Call("GET", f"/v1.0{path}", query, headers))


PART_MEMBERS: list[Json] = [None, 1, "", "x", [], {}, ["1"], {"a": []}, "\ud800", "/$batch", "x" * 10_000, True]


def test_hostile_batches(client: Client, dice: random.Random) -> None:
    names = ("id", "method", "url", "headers", "body", "dependsOn")
    for _ in range(500):
        requests = [{name: dice.choice(PART_MEMBERS) for name in names if dice.random() < 0.8} for _ in range(3)]
        plain = {"id": "ok", "method": "GET", "url": DEFAULT}
        strange = {**plain, "id": "odd", dice.choice(names): dice.choice(PART_MEMBERS)}
        for batch in ([*requests, plain], [strange, plain]):
            asked(client, client.call("POST", "/$batch", {"requests": batch}))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
NAMES = st.sampled_from(
    [
        "tenantId",
        "inboundTrust",
        "isMfaAccepted",
        "b2bCollaborationInbound",
        "tenantRestrictions",
        "automaticUserConsentSettings",
        "usersAndGroups",
        "applications",
        "accessType",
        "targets",
        "target",
        "targetType",
        "@odata.type",
    ]
) | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS | st.sampled_from(["allowed", "blocked", "AllUsers", "user", TAILSPIN]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(body=st.dictionaries(NAMES, VALUES, max_size=4), where=st.sampled_from(WRITES))
def test_any_object_is_answered(client: Client, body: dict[str, Json], where: tuple[str, str]) -> None:
    asked(client, client.call(*where, body))


@given(body=st.binary(max_size=200), where=st.sampled_from(WRITES))
def test_any_bytes_are_answered(client: Client, body: bytes, where: tuple[str, str]) -> None:
    asked(client, client.call(*where, body))


@given(path=st.text(max_size=60), query=st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3))
def test_any_path_is_answered(client: Client, path: str, query: dict[str, str]) -> None:
    headers = {"authorization": f"Bearer {client.bearer}"}

    asked(client, Call("GET", f"/v1.0/{path}", query, headers))


def test_world_is_still_well(client: Client) -> None:
    from reconciler.emulator.seeds import seed_of

    assert World.from_seed(json.loads(encoded(seed_of(client.world)))).directory.tenants.keys()
