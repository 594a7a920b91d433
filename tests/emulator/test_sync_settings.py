"""The settings of a configuration, and the test of its connection."""

from __future__ import annotations

import pytest
from sync_pair import CREDENTIALS, SETTINGS, Pair
from worlds import CONTOSO, FABRIKAM, NORTHWIND, TAILSPIN, code

from reconciler.emulator.calls import Answer, Json

CHECK = "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure"


def put(pair: Pair, *settings: Json) -> Answer:
    return pair.put(f"{pair.root}/secrets", {"value": list(settings)})


def read(pair: Pair) -> Json:
    return pair.client.get(f"{pair.root}/secrets").body["value"]


def setting(key: str, value: Json) -> dict[str, Json]:
    return {"key": key, "value": value}


def test_there_are_no_settings_at_first() -> None:
    assert read(Pair()) == []


def test_settings_are_read_as_they_were_put() -> None:
    pair = Pair().configured()

    assert read(pair) == SETTINGS
    put(pair, *SETTINGS[::-1])
    assert read(pair) == SETTINGS[::-1]


def test_empty_setting_vanishes() -> None:
    pair = Pair().configured()
    put(pair, *CREDENTIALS, setting("SyncAll", ""))

    assert read(pair) == CREDENTIALS


def test_secret_settings_are_masked_and_kept_by_nobody() -> None:
    pair = Pair()
    put(pair, setting("Password", "hush"), setting("UserName", "ada"))

    assert read(pair) == [setting("Password", "*"), setting("UserName", "ada")]
    assert "hush" not in str(pair.world.store.all(CONTOSO, "synchronizationSecrets"))
    assert "hush" not in str(pair.world.store.audits(CONTOSO))


@pytest.mark.parametrize(
    "one",
    [
        setting("ConnectedDirectoryId", "x"),
        setting("syncAll", "true"),
        setting("SyncAll", True),
        setting("SyncAll", None),
        {"key": "SyncAll"},
        {"value": "true"},
        {"key": "SyncAll", "value": "true", "more": 1},
        "SyncAll",
    ],
)
def test_setting_that_makes_no_sense_is_refused(one: Json) -> None:
    pair = Pair()
    answer = put(pair, *CREDENTIALS, one)

    assert (answer.status, code(answer)) == (400, "BadRequest")
    assert read(pair) == []


def test_settings_need_no_job() -> None:
    pair = Pair().configured()

    assert pair.client.get(f"{pair.root}/jobs").body["value"] == []


# ------------------------------------------------------------------------------------------ testing the connection


def connection(pair: Pair, credentials: Json = None, **members: Json) -> Answer:
    sent = CREDENTIALS if credentials is None else credentials
    body = {"useSavedCredentials": False, "templateId": "Azure2Azure", "credentials": sent, **members}
    return pair.client.post(f"{pair.root}/jobs/validateCredentials", body)


def test_connection_works_before_there_is_a_job() -> None:
    answer = connection(Pair())

    assert (answer.status, answer.body) == (204, None)


def test_connection_of_a_job_is_tested_with_its_settings() -> None:
    pair = Pair()
    body = {"useSavedCredentials": True}

    assert code(pair.act("validateCredentials", body)) == "InvalidCredentials"
    assert pair.configured().act("validateCredentials", body).status == 204


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (Pair(allowed=False), "has not enabled inbound synchronization"),
        (Pair(inbound=False), "automatic user consent for inbound"),
        (Pair(outbound=False), "automatic user consent for outbound"),
    ],
    ids=("permission", "consent of the target", "consent of the source"),
)
def test_each_side_can_forbid(pair: Pair, words: str) -> None:
    answer = connection(pair)

    assert (answer.status, code(answer)) == (400, CHECK)
    assert words in answer.body["error"]["message"]


def test_target_without_the_partner_forbids() -> None:
    answer = connection(Pair(target={"partners": [], "objects": {}}))

    assert "inbound synchronization" in answer.body["error"]["message"]


def test_target_that_is_not_seen_here_forbids() -> None:
    assert code(connection(Pair(), [setting("CompanyId", NORTHWIND), CREDENTIALS[1]])) == CHECK


@pytest.mark.parametrize(
    ("credentials", "refusal"),
    [
        ([], "InvalidCredentials"),
        ([CREDENTIALS[0]], "InvalidCredentials"),
        ([CREDENTIALS[1]], "InvalidCredentials"),
        ([CREDENTIALS[0], setting("AuthenticationType", "OAuth")], "InvalidCredentials"),
        ([setting("CompanyId", "fabrikam"), CREDENTIALS[1]], "InvalidCredentials"),
        ([setting("CompanyId", TAILSPIN), CREDENTIALS[1]], "ExternalTenantNotFound"),
        ([setting("CompanyId", CONTOSO), CREDENTIALS[1]], CHECK),
        ([setting("CompanyId", FABRIKAM.upper()), CREDENTIALS[1]], ""),
    ],
)
def test_credentials_name_the_target(credentials: Json, refusal: str) -> None:
    assert code(connection(Pair(), credentials)) == refusal


def test_unknown_template_is_missing() -> None:
    assert connection(Pair(), templateId="scim").status == 404


@pytest.mark.parametrize("body", [{"useSavedCredentials": "yes"}, {"novelty": 1}, {"credentials": {}}])
def test_test_that_makes_no_sense_is_refused(body: Json) -> None:
    assert connection(Pair(), **body).status == 400
