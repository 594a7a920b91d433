"""Identity synchronization policies: where they hang, what creates and changes them, and what only beta shows."""

from __future__ import annotations

import pytest
from worlds import CONTOSO, NORTHWIND, PARTNERS, TAILSPIN, Client, code, partner_path, small_world

from reconciler.emulator.calls import Json

SYNC = "identitySynchronization"
PATH = f"{partner_path(TAILSPIN)}/{SYNC}"
YES = {"isSyncAllowed": True}


def client_of(version: str = "v1.0") -> Client:
    contoso = {"tenantId": CONTOSO, "partners": [{"tenantId": TAILSPIN}]}
    return Client(
        small_world(organizations={"tailspin": {"tenantId": TAILSPIN}}, tenants={"contoso": contoso}), version=version
    )


def test_nothing_is_there_until_put() -> None:
    client = client_of()

    assert (client.get(PATH).status, code(client.get(PATH))) == (404, "Request_ResourceNotFound")
    assert client.patch(PATH, {"userSyncInbound": YES}).status == 404
    assert client.delete(PATH).status == 404


def test_put_creates_and_patch_changes() -> None:
    client = client_of()

    assert client.ask("PUT", PATH, {"displayName": "Tailspin", "userSyncInbound": YES}).status == 204
    assert client.patch(PATH, {"userSyncInbound": {"isSyncAllowed": False}}).status == 204
    shown = client.get(PATH).body

    assert (shown["tenantId"], shown["displayName"]) == (TAILSPIN, "Tailspin")
    assert shown["userSyncInbound"] == {"isSyncAllowed": False}
    assert "groupSyncInbound" not in shown


def test_second_put_conflicts() -> None:
    client = client_of()
    client.ask("PUT", PATH, {"userSyncInbound": YES})
    again = client.ask("PUT", PATH, {"userSyncInbound": YES})

    assert (again.status, code(again)) == (409, "Request_MultipleObjectsWithSameKeyValue")


def test_put_without_partner_finds_nothing() -> None:
    assert client_of().ask("PUT", f"{partner_path(NORTHWIND)}/{SYNC}", {"userSyncInbound": YES}).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"userSyncInbound": {"isSyncAllowed": "yes"}},
        {"userSyncInbound": {"is": True}},
        {"userSyncInbound": True},
        {"displayName": 5},
        {"novelty": True},
        {"groupSyncInbound": YES},
    ],
)
def test_what_makes_no_sense_is_refused(body: Json) -> None:
    assert client_of().ask("PUT", PATH, body).status == 400


def test_beta_knows_groups() -> None:
    client = client_of("beta")

    assert client.ask("PUT", PATH, {"groupSyncInbound": YES}).status == 204
    assert client.get(PATH).body["groupSyncInbound"] == YES


def test_partner_goes_after_what_hangs_below_it() -> None:
    client = client_of()
    client.ask("PUT", PATH, {"userSyncInbound": YES})

    assert client.delete(partner_path(TAILSPIN)).status == 400
    assert client.delete(PATH).status == 204
    assert client.delete(partner_path(TAILSPIN)).status == 204


def test_list_shows_what_hangs_below() -> None:
    client = client_of()
    client.ask("PUT", PATH, {"userSyncInbound": YES})
    [item] = client.get(f"{PARTNERS}?$expand={SYNC}").body["value"]

    assert item[SYNC] == {"tenantId": TAILSPIN, "displayName": None, "userSyncInbound": YES}
