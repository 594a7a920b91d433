from collections.abc import Mapping

import pytest
from estates import (
    CLOSED,
    COLLABORATION,
    CONSENT,
    DEFAULT,
    DIRECT,
    OPEN,
    TRUST,
    default,
    group,
    key,
    partner,
    partner_at,
    planned,
    read,
    says,
    trust,
    wanted,
)

from reconciler.diffing import diff
from reconciler.kinds import REGISTRY
from reconciler.model import Action, Body, Change, Document, Json, Origin, Reading, Resource, State
from reconciler.resolving import resolve

ONE, TWO = partner_at(1), partner_at(2)


def difference(live: State, *documents: Document) -> list[Change]:
    """What documents would change, as a plan sees it."""
    desired = wanted(*documents)
    reading = read(live)["contoso"]
    assert isinstance(reading, Reading)
    resolved = resolve(desired.estate.tenants["contoso"], documents, reading.state, REGISTRY)
    return list(diff(resolved, reading.state, desired.estate.documents))


def shown(**blocks: Json) -> State:
    """A partner as the service might show it, brought into canonical form."""
    return {ONE: Resource(REGISTRY["partner"].project({"tenantId": key(1), **blocks}))}


def test_agreement_is_no_change() -> None:
    live = {**default(), **partner(1, **{TRUST: trust(True)})}

    assert not difference(live, says(ONE, {TRUST: {"isMfaAccepted": True}}), says(DEFAULT))


def test_changes_come_by_address() -> None:
    changes = diff({**partner(3), **partner(1)}, partner(2))

    assert [change.address for change in changes] == [partner_at(1), partner_at(2), partner_at(3)]


def test_update_holds_just_the_blocks_that_differ() -> None:
    live = {**default(), **partner(1, **{COLLABORATION: OPEN, DIRECT: OPEN})}

    [change] = difference(live, says(ONE, {COLLABORATION: CLOSED, DIRECT: OPEN}))

    assert (change.action, change.before, change.after) == (
        Action.UPDATE,
        {COLLABORATION: OPEN},
        {COLLABORATION: CLOSED},
    )


def test_block_with_one_other_leaf_is_written_whole() -> None:
    live = partner(1, **{TRUST: trust(mfa=False, compliant=True)})

    [change] = difference(live, says(ONE, {TRUST: {"isMfaAccepted": True}}))

    assert change.after == {TRUST: trust(mfa=True, compliant=True)}


def test_create_holds_what_git_speaks_of() -> None:
    [change] = difference({}, says(ONE, {COLLABORATION: CLOSED, DIRECT: None}))

    assert (change.action, change.before, change.after) == (Action.CREATE, None, {COLLABORATION: CLOSED})


def test_delete_holds_the_whole_object() -> None:
    live = partner(1, **{COLLABORATION: OPEN, TRUST: trust(True)})

    [change] = difference(live, says(ONE, absent=True))

    assert (change.action, change.before, change.after) == (
        Action.DELETE,
        {COLLABORATION: OPEN, TRUST: trust(True)},
        None,
    )


GROUPS: Body = {
    "usersAndGroups": {
        "accessType": "allowed",
        "targets": [{"target": key(0xA), "targetType": "group"}, {"target": key(0xB), "targetType": "group"}],
    },
    "applications": OPEN["applications"],
}
SHUFFLED: Body = {
    "applications": dict(reversed(OPEN["applications"].items())),
    "usersAndGroups": {
        "targets": [
            {"targetType": "group", "target": key(0xB).upper()},
            {"targetType": "group", "target": key(0xA)},
            {"targetType": "group", "target": key(0xB)},
        ],
        "accessType": "allowed",
    },
}


def test_case_order_and_duplicates_are_no_change() -> None:
    assert not difference(shown(**{COLLABORATION: SHUFFLED}), says(ONE, {COLLABORATION: GROUPS}))


@pytest.mark.parametrize("nothing", [None, trust(), {}])
def test_all_ways_of_saying_nothing_are_equal(nothing: Json) -> None:
    assert not difference(shown(**{TRUST: nothing}), says(ONE, {TRUST: None}))


def test_consent_of_two_nulls_is_nothing() -> None:
    assert not difference(shown(**{CONSENT: {"inboundAllowed": None, "outboundAllowed": None}}), says(ONE))


def test_annotations_and_unknown_properties_are_left_aside() -> None:
    live = shown(**{"@odata.etag": "W/1", "future": {"x": 1}, TRUST: {**trust(True), "isPasskeyAccepted": True}})

    assert not difference(live, says(ONE, {TRUST: {"isMfaAccepted": True}}))


def test_origins_point_to_the_lines_that_ask() -> None:
    live = partner(1, **{COLLABORATION: OPEN, TRUST: trust(True)})

    [change] = difference(live, says(ONE, {COLLABORATION: CLOSED, TRUST: {"isMfaAccepted": False}, DIRECT: None}))

    file = "tenants/contoso/p.yaml"
    assert change.origin == Origin(file, 1, 1)
    assert change.origins == {COLLABORATION: Origin(file, 5, 3), TRUST: Origin(file, 7, 3)}


def test_deletion_points_to_the_document_that_asks() -> None:
    [change] = difference(partner(1), says(ONE, absent=True))

    assert change.origin == Origin("tenants/contoso/p.yaml", 1, 1)


def test_undeclared_deletion_has_no_origin() -> None:
    [change] = diff({}, partner(1))

    assert (change.origin, change.origins) == (None, {})


def test_names_of_targets_come_along() -> None:
    document = says(ONE, {COLLABORATION: GROUPS}, names={key(0xA): "Engineering"})

    [change] = difference({}, document)

    assert change.names == {key(0xA): "Engineering"}


def test_label_of_the_document_is_shown() -> None:
    [change] = difference({}, says(ONE))

    assert change.label == "00000001"


def test_both_parts_of_a_split_change_keep_their_lines() -> None:
    live = {**default(), **partner(1, **{COLLABORATION: OPEN})}
    documents = [
        says(DEFAULT, {COLLABORATION: CLOSED, DIRECT: OPEN}),
        says(ONE, {COLLABORATION: None, DIRECT: group(1)}, line=11),
    ]

    origins: list[Mapping[str, Origin]] = [
        step.change.origins for step in planned(wanted(*documents), live).steps if step.change.address == ONE
    ]

    file = "tenants/contoso/p.yaml"
    assert origins == [{DIRECT: Origin(file, 12, 3)}, {COLLABORATION: Origin(file, 11, 3)}]
