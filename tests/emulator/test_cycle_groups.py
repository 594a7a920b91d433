"""Groups through cycles, where their mapping is switched on: new ones in the target, with the members who are there."""

from __future__ import annotations

from cycling import Cycling
from worlds import CONTOSO, FABRIKAM

from reconciler.emulator.calls import Json
from reconciler.emulator.seeds import seeded_id

SALES = f"groups/{seeded_id(CONTOSO, 'group', 'sales')}"


def switched_on(**said: Json) -> Cycling:
    cycling = Cycling(**said)
    schema = cycling.schema()
    (groups,) = (
        one for one in schema["synchronizationRules"][0]["objectMappings"] if one["sourceObjectName"] == "Group"
    )
    groups["enabled"] = True
    assert cycling.put_schema(schema).status == 204
    return cycling.later()


def group(cycling: Cycling) -> dict[str, Json] | None:
    found = list(cycling.world.store.all(FABRIKAM, "group").values())
    return found[0] if found else None


def members(cycling: Cycling) -> list[str]:
    """Return the mail nicknames of the members of the group of the target."""
    there = group(cycling) or {}
    links = cycling.world.store.scan(FABRIKAM, "member", below=str(there["id"]))
    users = cycling.world.store.all(FABRIKAM, "user")
    return sorted(str(users[one["id"]]["mailNickname"]) for _, one in links)


def test_assigned_group_comes_with_its_members() -> None:
    cycling = switched_on()

    assert (group(cycling) or {})["displayName"] == "Sales"
    assert members(cycling) == ["ada"]
    assert cycling.status()["synchronizedEntryCountByType"] == [
        {"key": "Group to Group", "value": 1},
        {"key": "User to User", "value": 1},
    ]


def test_group_of_the_same_name_is_not_adopted() -> None:
    cycling = switched_on(target={"groups": {"sales": {}}})

    assert len(cycling.world.store.all(FABRIKAM, "group")) == 2


def test_newcomer_becomes_a_member() -> None:
    cycling = switched_on()
    cycling.join("bob")

    assert members(cycling.later()) == ["ada", "bob"]


def test_whoever_leaves_the_group_is_no_member() -> None:
    cycling = switched_on(assigned=["sales", "ada"])
    cycling.leave("ada")
    cycling.later()

    assert (members(cycling), cycling.there("ada") is not None) == ([], True)


def test_member_of_the_target_stays() -> None:
    cycling = switched_on(target={"users": {"own": {}}})
    own = seeded_id(FABRIKAM, "user", "own")
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{own}"}
    cycling.does("POST", f"groups/{(group(cycling) or {})['id']}/members/$ref", reference, tenant="fabrikam")
    cycling.join("bob")

    assert members(cycling.later()) == ["ada", "bob", "own"]


def test_renamed_group_is_renamed() -> None:
    cycling = switched_on()
    cycling.does("PATCH", SALES, {"displayName": "Vendors"})

    assert (group(cycling.later()) or {})["displayName"] == "Vendors"


def test_group_that_is_gone_is_deleted_with_its_members() -> None:
    cycling = switched_on()
    cycling.does("DELETE", SALES)
    cycling.later()

    assert (group(cycling), cycling.there("ada")) == (None, None)


def test_group_is_told_to_be_unsupported_where_it_is_off() -> None:
    cycling = Cycling().later()
    (event,) = [one for one in cycling.events() if one["sourceIdentity"]["identityType"] == "Group"]

    assert event["provisioningSteps"][0]["details"]["SkipReason"] == "EntityTypeNotSupported"
    assert group(cycling) is None
