"""The provisioning log: what a record holds, and how it is filtered, ordered and paged."""

from __future__ import annotations

import pytest
from sync_pair import CONFIGURATION, Pair, pair_seed
from worlds import CONTOSO, FABRIKAM, Client, code

from reconciler.emulator.calls import Json
from reconciler.emulator.seeds import seeded_id
from reconciler.emulator.world import World

LOG = "/auditLogs/provisioning"
ADA = seeded_id(CONTOSO, "user", "ada")


@pytest.fixture
def pair() -> Pair:
    """Return a pair in which ada was created, a minute later bob was skipped, and again a minute later ada."""
    pair = Pair().configured()
    for key in ("ada", "bob", "ada"):
        pair.outcome(key)
        pair.world.clock.wait(60)
    return pair


def records(pair: Pair, **options: str) -> list[dict[str, Json]]:
    query = "&".join(f"${name}={value}" for name, value in options.items())
    answer = pair.client.get(f"{LOG}?{query}")
    assert answer.status == 200, answer.body
    value: list[dict[str, Json]] = answer.body["value"]
    return value


def test_record_tells_what_became_of_whom(pair: Pair) -> None:
    record = records(pair)[-1]

    assert record.keys() == {
        "id", "activityDateTime", "changeId", "cycleId", "durationInMilliseconds", "jobId", "tenantId",
        "provisioningAction", "provisioningStatusInfo", "initiatedBy", "servicePrincipal", "sourceSystem",
        "targetSystem", "sourceIdentity", "targetIdentity", "modifiedProperties", "provisioningSteps",
    }  # fmt: skip
    assert (record["provisioningAction"], record["jobId"], record["tenantId"]) == ("create", pair.name, CONTOSO)
    assert record["provisioningStatusInfo"] == {"status": "success", "errorInformation": None}
    assert record["servicePrincipal"] == {"id": CONFIGURATION, "displayName": "To Fabrikam"}
    assert record["initiatedBy"]["initiatorType"] == "system"


def test_record_links_source_and_target(pair: Pair) -> None:
    record = records(pair)[-1]
    (guest,) = pair.world.store.all(FABRIKAM, "user")

    assert record["sourceIdentity"]["id"] == ADA
    assert record["sourceIdentity"]["details"]["UserPrincipalName"] == "ada@contoso.example"
    assert record["targetIdentity"] == {"id": guest, "displayName": "", "identityType": "User", "details": {}}


def test_skip_is_another_action_and_no_error(pair: Pair) -> None:
    skipped = records(pair)[1]

    assert skipped["provisioningAction"] == "other"
    assert skipped["provisioningStatusInfo"] == {"status": "skipped", "errorInformation": None}
    assert [one["provisioningStepType"] for one in skipped["provisioningSteps"]] == ["import", "scoping", "export"]


def test_failure_has_its_code() -> None:
    pair = Pair(target={"authorizationPolicy": {"allowInvitesFrom": "none"}}).configured()
    pair.outcome("ada")
    (record,) = records(pair)

    assert record["provisioningStatusInfo"]["status"] == "failure"
    assert record["provisioningStatusInfo"]["errorInformation"]["errorCode"] == "AzureActiveDirectoryForbidden"


def test_newest_comes_first(pair: Pair) -> None:
    times = [one["activityDateTime"] for one in records(pair)]

    assert times == sorted(times, reverse=True)
    assert [one["activityDateTime"] for one in records(pair, orderby="activityDateTime asc")] == times[::-1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"sourceIdentity/id eq '{ADA}'", 2),
        ("provisioningAction eq 'create'", 1),
        ("provisioningAction eq 'Create'", 0),
        ("provisioningStatusInfo/status eq 'skipped'", 2),
        (f"servicePrincipal/id eq '{CONFIGURATION}'", 3),
        (f"contains(tolower(servicePrincipal/id),'{CONFIGURATION}')", 3),
        ("contains(servicePrincipal/displayName,'fabrikam')", 0),
        ("contains(tolower(servicePrincipal/displayName),'fabrikam')", 3),
        ("activityDateTime gt 2026-11-02T08:00:30Z", 2),
        ("activityDateTime lt 2026-11-02", 0),
        ("activityDateTime gt 2026-11-02 and activityDateTime lt 2026-11-03", 3),
        ("provisioningAction eq 'create' or sourceIdentity/displayName eq 'Bob'", 2),
        ("(provisioningAction eq 'create' or sourceIdentity/displayName eq 'Bob') and jobId eq 'x'", 0),
        ("sourceIdentity/displayName eq 'O''Hara'", 0),
    ],
)
def test_filter_finds(pair: Pair, text: str, found: int) -> None:
    assert len(records(pair, filter=text)) == found


def test_filter_by_job_finds_the_job(pair: Pair) -> None:
    assert len(records(pair, filter=f"jobId eq '{pair.name}'")) == 3
    assert records(pair, filter=f"jobId eq '{pair.name}x'") == []


@pytest.mark.parametrize(
    "query",
    [
        "$filter=nothing eq 'x'",
        "$filter=jobId",
        "$filter=jobId eq",
        "$filter=jobId like 'x'",
        "$filter=jobId eq x",
        "$filter=(jobId eq 'x'",
        "$filter=jobId eq 'x' jobId",
        "$filter=contains(jobId 'x')",
        "$filter=activityDateTime gt yesterday",
        "$filter=" + "(" * 30 + "jobId eq 'x'" + ")" * 30,
        "$filter=jobId eq %",
        "$orderby=jobId",
        "$top=0",
        "$skip=1",
    ],
)
def test_odd_queries_to_the_log_are_refused(pair: Pair, query: str) -> None:
    answer = pair.client.get(f"{LOG}?{query}")

    assert (answer.status, code(answer)) == (400, "BadRequest")


def test_pages_of_the_log_are_whole(pair: Pair) -> None:
    first = pair.client.get(f"{LOG}?$top=2")
    second = pair.client.follow(first)

    assert [len(page.body["value"]) for page in (first, second)] == [2, 1]
    assert "@odata.nextLink" not in second.body


@pytest.mark.parametrize(("licences", "days", "kept"), [(["P1"], 29, 3), (["P1"], 31, 0), ([], 6, 3), ([], 8, 0)])
def test_log_forgets(licences: list[str], days: int, kept: int) -> None:
    seed = pair_seed()
    seed["tenants"]["contoso"]["licences"] = licences
    pair = Pair(World.from_seed(seed)).configured()
    for _ in range(3):
        pair.outcome("ada")
    pair.world.clock.wait(days * 86400)

    # The token is as old as everything else.
    pair.client = Client(pair.world, CONTOSO)
    assert len(records(pair)) == kept


def test_log_is_read_by_who_may(pair: Pair) -> None:
    assert Client(pair.world, CONTOSO, "look").get(LOG).status == 403
