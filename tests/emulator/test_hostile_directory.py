"""Whatever is asked of the directory, the answer is one of the service's own."""

from __future__ import annotations

import json
import random

import pytest
from directories import EVENTUAL, client_with, group_id, principal_id, user_id
from hypothesis import given
from hypothesis import strategies as st
from worlds import CONTOSO, Client

from reconciler.emulator.answering import encoded
from reconciler.emulator.calls import Json
from reconciler.emulator.seeds import seed_of, seeded_id
from reconciler.emulator.world import World

LISTS = [
    "/users",
    "/groups",
    "/applications",
    "/servicePrincipals",
    "/directory/deletedItems/microsoft.graph.user",
    f"/groups/{group_id('staff')}/members",
    f"/groups/{group_id('staff')}/transitiveMembers/microsoft.graph.user",
    f"/users/{user_id('ada')}/memberOf",
    f"/servicePrincipals/{principal_id('fabrikam')}/appRoleAssignedTo",
    "/applicationTemplates",
]
WRITES = [
    ("POST", "/users"),
    ("PATCH", f"/users/{user_id('ada')}"),
    ("PUT", f"/users/{user_id('ada')}/manager/$ref"),
    ("POST", "/groups"),
    ("PATCH", f"/groups/{group_id('staff')}"),
    ("POST", f"/groups/{group_id('staff')}/members/$ref"),
    ("POST", "/applications"),
    ("PATCH", f"/applications/{seeded_id(CONTOSO, 'application', 'fabrikam')}"),
    ("POST", "/servicePrincipals"),
    ("PATCH", f"/servicePrincipals/{principal_id('fabrikam')}"),
    ("POST", f"/servicePrincipals/{principal_id('fabrikam')}/appRoleAssignedTo"),
    ("POST", "/applicationTemplates/518e5f48-1fc8-4c48-9387-9fdf28b0dfe7/instantiate"),
    ("POST", "/directoryObjects/getByIds"),
    ("POST", f"/directory/deletedItems/{user_id('ada')}/restore"),
    ("PATCH", "/policies/authorizationPolicy"),
]
TEXT = """
displayName eq ne in and or not ( ) , : 'x' 'O''x' ' null true 1 2026-01-01T00:00:00Z startswith endswith c c/issuer
identities/any proxyAddresses/any userType appRoleId ge / $ é ; desc
"""
WORDS = TEXT.split()
NAMES = st.sampled_from(
    [
        "id",
        "ids",
        "types",
        "displayName",
        "userPrincipalName",
        "mail",
        "mailNickname",
        "accountEnabled",
        "passwordProfile",
        "mailEnabled",
        "securityEnabled",
        "groupTypes",
        "membershipRule",
        "members@odata.bind",
        "@odata.id",
        "identities",
        "appId",
        "appRoles",
        "api",
        "web",
        "tags",
        "principalId",
        "resourceId",
        "appRoleId",
        "onPremisesExtensionAttributes",
        "extension_x",
        "defaultUserRolePermissions",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(
        [user_id("ada"), "x@contoso.example", f"https://x/directoryObjects/{user_id('grace')}", "Unified"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def asked(client: Client, method: str, path: str, body: Json = None, **query: str) -> int:
    """Send a request, and check what is true of every answer."""
    call = client.call(method, path, body, EVENTUAL)
    answer = client.world.serve_now(type(call)(call.method, call.path, query or call.query, call.headers, call.body))
    assert 200 <= answer.status < 500, answer
    return answer.status


@pytest.fixture(scope="module")
def client() -> Client:
    return client_with("Application.ReadWrite.All", "Directory.ReadWrite.All", "Policy.ReadWrite.Authorization")


@pytest.mark.parametrize("path", LISTS)
def test_queries_of_words_that_mean_something_are_answered(client: Client, path: str, dice: random.Random) -> None:
    for _ in range(150):
        said = " ".join(dice.choices(WORDS, k=dice.randrange(1, 9)))
        option = dice.choice(["$filter", "$orderby", "$select", "$expand", "$skiptoken", "$top"])
        asked(client, "GET", path, **{option: said, "$count": "true"})


@given(text=st.text(max_size=40), path=st.sampled_from(LISTS))
def test_any_filter_is_answered(client: Client, text: str, path: str) -> None:
    asked(client, "GET", path, **{"$filter": text, "$count": "true"})


@given(body=st.dictionaries(NAMES, VALUES, max_size=6), where=st.sampled_from(WRITES))
def test_any_object_is_answered_by_the_directory(client: Client, body: dict[str, Json], where: tuple[str, str]) -> None:
    asked(client, *where, body)


@pytest.mark.parametrize("key", ["", "x", "\ud800", "'", "ada@contoso.example", "x" * 5000, CONTOSO, "..", "$count"])
@pytest.mark.parametrize("path", ["/users/{}", "/groups/{}/members", "/servicePrincipals(appId='{}')/owners"])
def test_any_key_is_answered(client: Client, path: str, key: str) -> None:
    asked(client, "GET", path.format(key))


def test_directory_is_still_well(client: Client) -> None:
    again = World.from_seed(json.loads(encoded(seed_of(client.world))))

    assert again.store.count(CONTOSO, "user") == client.world.store.count(CONTOSO, "user")
