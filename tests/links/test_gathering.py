"""From groups and people to memberships, without a tenant: who joins, who leaves, and who is left alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from reconciler.kinds.membership import KIND, request, translate
from reconciler.model import (
    Action,
    Address,
    Brought,
    Change,
    Document,
    Found,
    Json,
    Memberships,
    Origin,
    Principal,
    Request,
    Roster,
)
from reconciler.reading.rosters import home_of
from reconciler.resolving import dropped, gather

HOME = "contoso.example"
PLAIN: Mapping[str, Json] = dict.fromkeys(
    ("isAssignableToRole", "onPremisesSyncEnabled", "mailEnabled", "visibility")
) | {"id": "g", "displayName": "People", "groupTypes": []}


def filling(link: str = "a", *, member: bool = True, absent: bool = False, name: str = "", key: str = "g") -> Document:
    """Return the document of a group that a link fills."""
    address = Address("fabrikam", "membership", f"{link}/{key or f'group:{name}'}")
    origin = Origin("tenants/shared/links/a.yaml", 1, 1)
    group = Principal("group", name, key)
    return Document(address, "People", origin, {"member": member}, link=link, principal=group, absent=absent)


def gathered(*documents: Document, members: Mapping[str, str], **brought: Brought) -> list[str]:
    """Return what becomes of memberships: `+` for who shall be a member, `-` for who shall not."""
    rosters = {one.principal: Roster(Found((PLAIN,)), members) for one in documents if one.principal}
    found = gather({one.address: one for one in documents}, Memberships(rosters, brought))
    return [
        f"{'-' if one.absent else '=' if at in found.live else '+'}{at.key}"
        for at, one in sorted(found.documents.items())
    ]


def people(*present: str, parted: str = "", problem: str = "") -> Brought:
    return Brought(frozenset(present), frozenset(parted.split()), problem=problem)


@pytest.mark.parametrize(
    ("members", "brought", "expected"),
    [
        ({}, people("u"), ["+a/g/u"]),
        ({"u": HOME}, people("u"), ["=a/g/u"]),
        ({"u": HOME}, people(parted="u"), ["-a/g/u"]),
        ({}, people(parted="u"), []),
        ({"u": HOME, "v": HOME}, people(), []),
        # Whoever has become one of our own people is nobody's to take out.
        ({"u": ""}, people(parted="u"), []),
        ({"u": HOME}, people(problem="unread"), []),
    ],
)
def test_one_link_looks_after_its_own(members: Mapping[str, str], brought: Brought, expected: list[str]) -> None:
    assert gathered(filling(), members=members, a=brought) == expected


def test_who_is_meant_by_another_link_of_the_group_stays() -> None:
    both = [filling("a"), filling("b")]

    assert gathered(*both, members={"u": HOME}, a=people(parted="u"), b=people("u")) == ["=b/g/u"]


def test_nobody_joins_twice_or_leaves_twice() -> None:
    both = [filling("a"), filling("b")]

    assert gathered(*both, members={}, a=people("u"), b=people("u")) == ["+a/g/u"]
    assert gathered(*both, members={"u": HOME}, a=people(parted="u"), b=people(parted="u")) == ["-a/g/u"]


def test_nobody_leaves_whom_a_link_may_mean_that_is_not_known() -> None:
    both = [filling("a"), filling("b")]

    assert gathered(*both, members={"u": HOME}, a=people("v", parted="u"), b=people(problem="unread")) == ["+a/g/v"]


def test_none_takes_out_who_is_present_too() -> None:
    assert gathered(filling(member=False), members={"u": HOME, "v": HOME}, a=people("u", parted="v")) == [
        "-a/g/u",
        "-a/g/v",
    ]


# ---------------------------------------------------------------------------------------------- what no file says now


def told(then: Document, *now: Document) -> list[str]:
    return [one.message for one in dropped({one.address: one for one in now}, {then.address: then})]


def test_group_of_which_no_file_speaks_any_more_is_told() -> None:
    (message,) = told(filling())

    assert message == (
        "no file asks any more for people of link a in the group People: "
        "whoever is in it stays, and nobody looks after that"
    )


@pytest.mark.parametrize("now", [filling(), filling(name="People"), filling(key="", name="People")])
def test_group_that_is_named_otherwise_is_not_dropped(now: Document) -> None:
    assert told(filling(name="People"), now) == []


def test_group_that_was_emptied_before_may_go() -> None:
    assert told(filling(member=False)) == []


# ---------------------------------------------------------------------------------------------- the kind


def test_deletion_ends_at_the_reference() -> None:
    address = Address("fabrikam", "membership", "a/g/u")
    ids = KIND.ids_of(address.key)
    gone = request(Change(Action.DELETE, address, {"member": True}, None), ids, None)
    made = request(Change(Action.CREATE, address, None, {"member": True}), ids, None)

    assert gone == Request("DELETE", "/groups/g/members/u/$ref")
    assert made == Request(
        "POST", "/groups/g/members/$ref", {"@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/u"}
    )
    assert KIND.path(address.key).startswith("/users/u/memberOf?")


def test_membership_is_one_of_the_groups_that_somebody_is_in() -> None:
    assert translate("a/g/u", {"value": [{"id": "G"}]}) == {"member": True}
    assert translate("a/g/u", {"value": [{"id": "h"}]}) is None
    with pytest.raises(ValueError, match="no list"):
        translate("a/g/u", {})


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("ada_contoso.example#EXT#@fabrikam.example", "contoso.example"),
        ("ada_b_Contoso.Example#ext#@fabrikam.example", "contoso.example"),
        ("ada@fabrikam.example", ""),
        ("ada#EXT#@fabrikam.example", ""),
    ],
)
def test_home_of_somebody_is_in_their_name(name: str, home: str) -> None:
    assert home_of(name) == home
