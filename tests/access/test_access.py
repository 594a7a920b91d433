"""What a block lets in, judged by counting: every person and every application that may exist, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import access
from reconciler.model import Action, Address, Answer, Body, Change, Effect, Json, Resource, State

PEOPLE = {"u1": "user", "u2": "user", "g1": "group", "g2": "group"}
THINGS = {"a1": "application", "a2": "application", "Office365": "application", "AllMicrosoftApps": "application"}
SUITES = ("Office365", "AllMicrosoftApps")
EVERYONE, EVERYTHING = {"AllUsers": "user"}, {"AllApplications": "application"}


def half(verdict: str, *names: str) -> Body:
    types = {**PEOPLE, **THINGS, **EVERYONE, **EVERYTHING}
    return {"accessType": verdict, "targets": [{"target": name, "targetType": types[name]} for name in sorted(names)]}


def block(users: str, applications: str) -> Body:
    """Read `allowed g1` and `blocked a1 a2` as the two halves of a block."""
    return {"usersAndGroups": half(*users.split()), "applications": half(*applications.split())}


OPEN = block("allowed AllUsers", "allowed AllApplications")
CLOSED = block("blocked AllUsers", "blocked AllApplications")

# ---------------------------------------------------------------------------------------------- the oracle

Someone = frozenset[str]


def subsets(names: Sequence[str]) -> Iterator[Someone]:
    return map(frozenset, chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)))


# One object id at most, any groups; one client id at most, any suites. The empty set is somebody nobody names.
EVERYBODY = [groups | one for groups in subsets(("g1", "g2")) for one in (Someone(), {"u1"}, {"u2"})]
ALL_THINGS = [suites | one for suites in subsets(SUITES) for one in (Someone(), {"a1"}, {"a2"})]


def matches(who: Someone, said: Body) -> bool:
    names = {target["target"] for target in said["targets"]}
    return bool(names & (who | {"AllUsers", "AllApplications"}))


def lets_in(value: Body, who: Someone, what: Someone) -> bool:
    """Say the documented table of combinations as plainly as it can be said."""
    users, applications = value["usersAndGroups"], value["applications"]
    match users["accessType"], applications["accessType"]:
        case "allowed", "allowed":
            return matches(who, users) and matches(what, applications)
        case "allowed", "blocked":
            return matches(who, users) and not matches(what, applications)
        case "blocked", "allowed":
            return not matches(who, users) and matches(what, applications)
        case _:
            return not (matches(who, users) and matches(what, applications))


def let_in(value: Body) -> set[tuple[Someone, Someone]]:
    return {(who, what) for who in EVERYBODY for what in ALL_THINGS if lets_in(value, who, what)}


def halves(names: Mapping[str, str], everything: Mapping[str, str]) -> st.SearchStrategy[Body]:
    some = st.sets(st.sampled_from(sorted(names)), min_size=1, max_size=3)
    everybody = st.just(set(everything))
    verdicts = st.sampled_from(["allowed", "blocked"])
    return st.builds(lambda verdict, chosen: half(verdict, *chosen), verdicts, st.one_of(everybody, some))


USERS, APPLICATIONS = halves(PEOPLE, EVERYONE), halves(THINGS, EVERYTHING)
SETTINGS = st.fixed_dictionaries({"usersAndGroups": USERS, "applications": APPLICATIONS})
OWN = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"usersAndGroups": st.one_of(st.none(), USERS), "applications": st.one_of(st.none(), APPLICATIONS)}
    ),
)


@given(SETTINGS, SETTINGS)
def test_gains_agree_with_counting(before: Json, after: Json) -> None:
    assert bool(access.gained(before, after)) == bool(let_in(after) - let_in(before))


@given(USERS, USERS)
def test_gains_of_people_alone_agree_with_counting(before: Json, after: Json) -> None:
    """A block of one half says nothing about applications."""
    whole = [{"usersAndGroups": said, "applications": half("allowed", "AllApplications")} for said in (before, after)]
    found = access.gained({"users": before}, {"users": after})

    assert bool(found) == bool(let_in(whole[1]) - let_in(whole[0]))
    assert (found.users, found.applications) == (access.gained(*whole).users, ())


@given(APPLICATIONS, APPLICATIONS)
def test_losses_of_applications_alone_agree_with_counting(before: Json, after: Json) -> None:
    """A block of one half says nothing about people."""
    whole = [{"usersAndGroups": half("allowed", "AllUsers"), "applications": said} for said in (before, after)]
    found = access.lost({"applications": before}, {"applications": after})

    assert bool(found) == bool(let_in(whole[0]) - let_in(whole[1]))
    assert (found.users, found.applications) == ((), access.lost(*whole).applications)


@given(SETTINGS, SETTINGS)
def test_losses_agree_with_counting(before: Json, after: Json) -> None:
    assert bool(access.lost(before, after)) == bool(let_in(before) - let_in(after))


@given(SETTINGS, SETTINGS)
def test_named_gainers_agree_with_counting(before: Json, after: Json) -> None:
    """An id is named exactly when somebody with just that id gains; all of them and the rest are "AllUsers"."""
    gained = let_in(after) - let_in(before)
    people = {who for who, _ in gained}
    named = {target["target"] for value in (before, after) for target in value["usersAndGroups"]["targets"]}
    alone = {name for name in named - {"AllUsers"} if Someone({name}) in people}

    said = set(access.gained(before, after).users)

    if "AllUsers" in said:
        assert Someone() in people
        assert alone == named - {"AllUsers"}
    else:
        assert said - {access.OTHERS, access.SEVERAL} == alone
        assert (access.OTHERS in said) == (Someone() in people)


@given(SETTINGS, SETTINGS)
def test_named_applications_agree_with_counting(before: Json, after: Json) -> None:
    things = {what for _, what in let_in(after) - let_in(before)}
    named = {target["target"] for value in (before, after) for target in value["applications"]["targets"]}
    alone = {name for name in named - {"AllApplications"} if Someone({name}) in things}

    said = set(access.gained(before, after).applications)

    if "AllApplications" in said:
        assert Someone() in things
        assert alone == named - {"AllApplications"}
    else:
        assert said - {access.OTHER_APPLICATIONS, access.SEVERAL_APPLICATIONS} == alone
        assert (access.OTHER_APPLICATIONS in said) == (Someone() in things)


@given(SETTINGS, SETTINGS)
def test_open_ended_means_unnamed_people(before: Json, after: Json) -> None:
    unnamed = any(who == Someone() for who, _ in let_in(after) - let_in(before))

    assert access.gained(before, after).open_ended == unnamed


@given(SETTINGS, SETTINGS, SETTINGS)
def test_bounds_agree_with_counting(now: Body, before: Json, after: Json) -> None:
    """The measure for every moment of an apply: nobody is let in whom neither side lets in."""
    state: Body = {name: {} for name in access.BLOCKS}
    names = access.exceeded(
        {**state, "b2bDirectConnectInbound": now},
        {**state, "b2bDirectConnectInbound": before},
        {**state, "b2bDirectConnectInbound": after},
    )

    assert bool(names) == bool(let_in(now) - let_in(before) - let_in(after))


@given(SETTINGS, SETTINGS, st.sampled_from(["a1", "a2", "other"]))
def test_losing_one_application_agrees_with_counting(before: Json, after: Json, application: str) -> None:
    only = Someone({application})
    lost = any(lets_in(before, who, only) and not lets_in(after, who, only) for who in EVERYBODY)

    assert access.loses(before, after, application) == lost


# ---------------------------------------------------------------------------------------------- getting through


def extent(through: set[tuple[Someone, Someone]]) -> Answer:
    if not through:
        return Answer.NO
    return Answer.YES if len(through) == len(EVERYBODY) * len(ALL_THINGS) else Answer.SOME


@given(st.lists(SETTINGS, min_size=1, max_size=3))
def test_admission_agrees_with_counting(values: list[Body]) -> None:
    through = set.intersection(*map(let_in, values))
    found = access.admitted(*values)

    assert found.answer == extent(through)
    if found.answer is Answer.SOME:
        assert (access.OTHERS in found.users or "AllUsers" in found.users) == any(
            who == Someone() for who, _ in through
        )
        assert found.users
        assert found.applications


@given(SETTINGS)
def test_unknown_block_leaves_only_a_no_certain(value: Body) -> None:
    alone = access.admitted(value).answer

    assert access.admitted(value, None).answer is (Answer.NO if alone is Answer.NO else Answer.UNKNOWN)
    assert access.admitted(None).answer is Answer.UNKNOWN


# ---------------------------------------------------------------------------------------------- the documented table

TABLE: Sequence[tuple[str, str, set[str]]] = [
    ("blocked AllUsers", "blocked AllApplications", set()),
    ("allowed AllUsers", "allowed AllApplications", {"u1 a1", "u1 a2", "u2 a1", "u2 a2"}),
    ("allowed u1", "allowed AllApplications", {"u1 a1", "u1 a2"}),
    ("allowed AllUsers", "allowed a1", {"u1 a1", "u2 a1"}),
    ("allowed u1", "blocked a1", {"u1 a2"}),
    ("blocked u1", "blocked AllApplications", {"u2 a1", "u2 a2"}),
    ("blocked u1", "allowed a1", {"u2 a1"}),
    ("allowed u1", "allowed a1", {"u1 a1"}),
    ("blocked u1", "blocked a1", {"u1 a2", "u2 a1", "u2 a2"}),
]


@pytest.mark.parametrize(("users", "applications", "expected"), TABLE)
def test_documented_combinations_hold(users: str, applications: str, expected: set[str]) -> None:
    """Allowing one person one application widens exactly where Microsoft's table says that they are kept out."""
    value = block(users, applications)
    pairs = {
        f"{who} {what}": block(f"allowed {who}", f"allowed {what}") for who in ("u1", "u2") for what in ("a1", "a2")
    }

    assert {pair for pair, alone in pairs.items() if not access.gained(value, alone)} == expected


def test_overlapping_groups_widen() -> None:
    """Somebody in both groups was kept out by the first and is let in by the second."""
    gained = access.gained(block("blocked g1", "blocked AllApplications"), block("allowed g2", "allowed a1"))

    assert gained.users == (access.SEVERAL,)


def test_two_people_never_overlap() -> None:
    assert not access.gained(block("blocked u1", "blocked AllApplications"), block("allowed u2", "allowed a1"))


def test_suite_may_hold_an_application() -> None:
    """Whether a1 belongs to Office365 is not known, so allowing it beside a blocked Office365 is wider."""
    assert access.gained(block("allowed AllUsers", "blocked Office365"), block("allowed AllUsers", "allowed a1"))


def test_suite_does_not_cover_an_application() -> None:
    assert access.gained(block("allowed g1", "allowed Office365"), block("allowed g1", "allowed a1"))


def test_whole_world_is_named_so() -> None:
    assert access.gained(CLOSED, OPEN) == access.Difference(("AllUsers",), ("AllApplications",))


def test_everyone_else_is_named_so() -> None:
    assert access.gained(block("allowed g1", "allowed a1"), block("allowed AllUsers", "allowed a1")) == (
        access.Difference((access.OTHERS,), ("a1",))
    )


# ---------------------------------------------------------------------------------------------- unknown values


def test_unknown_default_counts_as_opening() -> None:
    unknown = access.effective("b2bDirectConnectInbound", None, None)

    assert access.gained(CLOSED, unknown).open_ended
    assert access.gained(unknown, block("allowed g1", "allowed a1")).users == ("g1",)
    assert access.lost(unknown, CLOSED).open_ended


def test_equal_unknowns_do_not_differ() -> None:
    unknown = access.effective("b2bDirectConnectInbound", None, None)

    assert not access.gained(unknown, unknown)
    assert not access.loses(unknown, unknown, "a1")


def test_losing_to_the_unknown_counts() -> None:
    assert access.loses(OPEN, access.effective("b2bCollaborationOutbound", None, None), "a1")


def test_new_access_type_is_unknown() -> None:
    odd: Body = {**OPEN, "usersAndGroups": {**OPEN["usersAndGroups"], "accessType": "unknownFutureValue"}}

    assert not access.known(odd)
    assert access.gained(CLOSED, odd).open_ended


def test_unknown_flag_counts_as_opening() -> None:
    assert access.gained({"isMfaAccepted": False}, {"isMfaAccepted": None}).flags == ("isMfaAccepted",)
    assert access.gained({"isMfaAccepted": None}, {"isMfaAccepted": True}).flags == ("isMfaAccepted",)


def test_odd_shapes_never_differ() -> None:
    assert not access.gained(None, "text")
    assert not access.gained({"a": 1}, {"a": 2})
    assert not access.known(None)


# ---------------------------------------------------------------------------------------------- flags


def test_flag_that_becomes_true_widens() -> None:
    before = {"isMfaAccepted": False, "isCompliantDeviceAccepted": True}
    after = {"isMfaAccepted": True, "isCompliantDeviceAccepted": False}

    assert access.gained(before, after).flags == ("isMfaAccepted",)
    assert access.lost(before, after).flags == ("isCompliantDeviceAccepted",)


def test_flag_beyond_nothing_widens() -> None:
    assert access.gained(None, {"isMfaAccepted": True}).flags == ("isMfaAccepted",)


# ---------------------------------------------------------------------------------------------- inheriting


def test_missing_half_inherits() -> None:
    own = {"usersAndGroups": half("allowed", "g1"), "applications": None}

    assert access.effective("b2bCollaborationInbound", own, OPEN) == block("allowed g1", "allowed AllApplications")


def test_missing_flag_inherits() -> None:
    own = {"isMfaAccepted": False, "isCompliantDeviceAccepted": None}
    default = dict.fromkeys(access.FLAGS["inboundTrust"], True)

    assert access.effective("inboundTrust", own, default) == {
        "isMfaAccepted": False,
        "isCompliantDeviceAccepted": True,
        "isHybridAzureADJoinedDeviceAccepted": True,
    }


def test_consent_is_false_unless_said() -> None:
    own = {"inboundAllowed": True, "outboundAllowed": None}
    default = {"inboundAllowed": True, "outboundAllowed": True}

    assert access.effective("automaticUserConsentSettings", own, default) == {
        "inboundAllowed": True,
        "outboundAllowed": False,
    }


def test_unknown_block_inherits_whole() -> None:
    assert access.effective("greeting", None, {"a": 1}) == {"a": 1}
    assert access.effective("greeting", {"b": 1}, {"a": 1}) == {"b": 1}


@pytest.mark.parametrize(
    ("name", "own", "expected"),
    [
        ("b2bCollaborationInbound", None, True),
        ("b2bCollaborationInbound", OPEN, False),
        ("b2bCollaborationInbound", {**OPEN, "applications": None}, True),
        ("inboundTrust", {"isMfaAccepted": True}, True),
        ("automaticUserConsentSettings", {"inboundAllowed": True, "outboundAllowed": False}, False),
    ],
)
def test_inheriting_is_told(name: str, own: Json, expected: bool) -> None:
    assert access.inherits(name, own) is expected


# ---------------------------------------------------------------------------------------------- states and changes

DEFAULT, PARTNER = Address("contoso", "default"), Address("contoso", "partner", "p")
BLOCK = "b2bDirectConnectInbound"


def state(default: Json, own: Json = None, *, present: bool = True) -> State:
    there = {PARTNER: Resource({BLOCK: own})} if present else {}
    return {DEFAULT: Resource({BLOCK: default}), **there}


def update(address: Address, before: Json, after: Json) -> Change:
    return Change(Action.UPDATE, address, {BLOCK: before}, {BLOCK: after})


def test_partner_settings_beat_the_default() -> None:
    both = state(OPEN, CLOSED)

    assert access.settings(both, "contoso", "p")[BLOCK] == CLOSED
    assert access.settings(both, "contoso", "q")[BLOCK] == OPEN
    assert access.world(both, "contoso")[BLOCK] == OPEN


def test_settings_cover_every_block() -> None:
    assert tuple(access.world({}, "contoso")) == access.BLOCKS


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (CLOSED, OPEN, Effect.WIDEN),
        (OPEN, CLOSED, Effect.NARROW),
        (block("allowed g1", "allowed a1"), block("allowed u1", "allowed a1"), Effect.WIDEN),
        (None, CLOSED, Effect.NEUTRAL),
        (None, OPEN, Effect.WIDEN),
        (OPEN, None, Effect.NARROW),
    ],
)
def test_partner_change_has_an_effect(before: Json, after: Json, expected: Effect) -> None:
    """The default is closed; a mix of both counts as widening."""
    change = update(PARTNER, before, after)

    assert access.effect(change, state(CLOSED, before), state(CLOSED, after)) is expected


def test_giving_back_to_an_opening_default_widens() -> None:
    change = update(PARTNER, CLOSED, None)

    assert access.effect(change, state(CLOSED, CLOSED), state(OPEN, None)) is Effect.WIDEN
    assert access.effect(change, state(OPEN, CLOSED), state(CLOSED, None)) is Effect.WIDEN


def test_default_change_has_an_effect() -> None:
    change = update(DEFAULT, CLOSED, OPEN)

    assert access.effect(change, state(CLOSED), state(OPEN)) is Effect.WIDEN
    assert access.effect(update(DEFAULT, OPEN, CLOSED), state(OPEN), state(CLOSED)) is Effect.NARROW


def test_narrower_default_may_widen_half_a_block() -> None:
    """Two blocked halves shut out their combination only, so the partner's people gain all but a1."""
    before, after = block("allowed AllUsers", "allowed AllApplications"), block("allowed AllUsers", "blocked a1")
    own = {"usersAndGroups": half("blocked", "g1"), "applications": None}
    change = update(DEFAULT, before, after)

    assert access.effect(change, state(before), state(after)) is Effect.NARROW
    assert access.effect(change, state(before, own), state(after, own)) is Effect.WIDEN


def test_flags_have_an_effect() -> None:
    change = Change(Action.CREATE, PARTNER, None, {"inboundTrust": {"isMfaAccepted": True}})

    assert access.effect(change, {}, {}) is Effect.WIDEN


def test_create_that_inherits_is_neutral() -> None:
    assert access.effect(Change(Action.CREATE, PARTNER, None, {}), state(OPEN), state(OPEN)) is Effect.NEUTRAL


def test_delete_to_a_wider_default_widens() -> None:
    change = Change(Action.DELETE, PARTNER, {BLOCK: CLOSED}, None)

    assert access.effect(change, state(OPEN, CLOSED), state(OPEN, present=False)) is Effect.WIDEN


def test_strange_kinds_and_blocks_are_neutral() -> None:
    strange = Change(Action.UPDATE, Address("contoso", "group", "x"), {BLOCK: CLOSED}, {BLOCK: OPEN})
    unknown = Change(Action.UPDATE, PARTNER, {"greeting": CLOSED}, {"greeting": OPEN})

    assert access.effect(strange, {}, {}) is Effect.NEUTRAL
    assert access.effect(unknown, {}, {}) is Effect.NEUTRAL


@pytest.mark.parametrize(
    ("address", "name", "own", "expected"),
    [
        (PARTNER, BLOCK, {**OPEN, "applications": None}, True),
        (PARTNER, BLOCK, OPEN, False),
        (PARTNER, BLOCK, None, False),
        (PARTNER, "inboundTrust", {"isMfaAccepted": True}, False),
        (Address("contoso", "group", "p"), BLOCK, {**OPEN, "applications": None}, False),
        (Address("fabrikam", "partner", "p"), BLOCK, {**OPEN, "applications": None}, False),
    ],
)
def test_half_configured_partners_are_found(address: Address, name: str, own: Json, expected: bool) -> None:
    found = list(access.halved(name, {address: Resource({name: own})}, "contoso"))

    assert found == ([(address, own)] if expected else [])


@given(OWN, OWN, SETTINGS, SETTINGS)
def test_effect_agrees_with_counting(before: Json, after: Json, default: Body, wanted: Body) -> None:
    """A partner's change widens when somebody gains by it under either default, narrows when some only lose."""
    was = [let_in(access.effective(BLOCK, before, one)) for one in (default, wanted)]
    will = [let_in(access.effective(BLOCK, after, one)) for one in (default, wanted)]
    gains = any(new - old for old, new in zip(was, will, strict=True))
    losses = any(old - new for old, new in zip(was, will, strict=True))
    expected = Effect.WIDEN if gains else Effect.NARROW if losses else Effect.NEUTRAL

    assert access.effect(update(PARTNER, before, after), state(default, before), state(wanted, after)) is expected


@given(OWN, SETTINGS, SETTINGS)
def test_default_effect_agrees_with_counting(own: Json, default: Body, wanted: Body) -> None:
    """A change of the default reaches the world, and the partner as far as it inherits."""
    seen = [(access.effective(BLOCK, one, default), access.effective(BLOCK, one, wanted)) for one in (None, own)]
    gains = any(let_in(new) - let_in(old) for old, new in seen)
    losses = any(let_in(old) - let_in(new) for old, new in seen)
    expected = Effect.WIDEN if gains else Effect.NARROW if losses else Effect.NEUTRAL

    assert access.effect(update(DEFAULT, default, wanted), state(default, own), state(wanted, own)) is expected
