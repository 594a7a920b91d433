"""Any two states of a small tenant: whoever gains or loses access is announced, and nobody else is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from situations import CLOSED, MIXED, MORE, OPEN, OTHER, PARTNER, SOME, block, crowd, default, judge, partner, trust

from reconciler import access
from reconciler.model import Address, State

KEYS = [PARTNER.key, OTHER.key, ""]
SETTING = st.sampled_from(
    [OPEN, CLOSED, SOME, MORE, MIXED, block("blocked g1", "blocked a1"), block("allowed g1", "blocked a1")]
)
PARTLY = st.sampled_from(
    [{**SOME, "applications": None}, {**block("blocked g1", "blocked a1"), "usersAndGroups": None}]
)
FLAG = st.sampled_from([True, False])
OWN_FLAG = st.sampled_from([True, False, None])
DEFAULTS = st.builds(
    lambda trusted, **blocks: default(inboundTrust=trusted, **blocks),
    trusted=st.builds(trust, FLAG, FLAG, FLAG),
    **dict.fromkeys(access.SETTINGS, SETTING),
)


def partners(address: Address) -> st.SearchStrategy[State]:
    """That partner as it may be, or nothing."""
    return st.one_of(
        st.just({}),
        st.builds(
            lambda trusted, **blocks: partner(address, inboundTrust=trusted, **blocks),
            trusted=st.one_of(st.none(), st.builds(trust, OWN_FLAG, OWN_FLAG, OWN_FLAG)),
            **dict.fromkeys(access.SETTINGS, st.one_of(st.none(), SETTING, PARTLY)),
        ),
    )


STATES = st.builds(
    lambda *parts: {key: one for part in parts for key, one in part.items()},
    DEFAULTS,
    partners(PARTNER),
    partners(OTHER),
)


def moved(live: State, desired: State, blocks: tuple[str, ...], *, opens: bool) -> bool:
    """Whether somebody gains, or loses, in one of those blocks, as an organization listed or not."""
    compare = access.gained if opens else access.lost
    return any(
        compare(access.settings(live, "contoso", key)[name], access.settings(desired, "contoso", key)[name])
        for key in KEYS
        for name in blocks
    )


@given(STATES, STATES)
def test_nobody_gets_in_unannounced(live: State, desired: State) -> None:
    rules = {one.rule for one in judge(live, desired) if one.stops}

    if moved(live, desired, access.INBOUND, opens=True):
        assert rules & {5, 8}


@given(STATES, STATES)
def test_no_claim_is_trusted_unannounced(live: State, desired: State) -> None:
    rules = {one.rule for one in judge(live, desired) if one.stops}

    if moved(live, desired, (access.TRUST,), opens=True):
        assert rules & {6, 8}


@given(STATES, STATES)
def test_nobody_is_shut_out_unannounced(live: State, desired: State) -> None:
    rules = {one.rule for one in judge(live, desired) if one.stops}

    if moved(live, desired, access.SETTINGS, opens=False):
        assert rules & {7, 8}


@given(STATES, partners(PARTNER))
def test_rules_speak_of_what_moves_only(live: State, wanted: State) -> None:
    """Under a default that stays, rules 5 to 7 speak exactly where somebody gains or loses."""
    desired = {**live, **(wanted or partner(PARTNER))}
    rules = {one.rule for one in judge(live, desired) if one.stops}

    assert (5 in rules) == moved(live, desired, access.INBOUND, opens=True)
    assert (6 in rules) == moved(live, desired, (access.TRUST,), opens=True)
    assert (7 in rules) == moved(live, desired, access.SETTINGS, opens=False)


@given(STATES)
def test_standstill_is_silent(state: State) -> None:
    assert not any(one.stops for one in judge(state, state))


def test_thousand_partners_are_judged_quickly() -> None:
    """Linear: a change of the default looks at each partner a few times, not at each pair."""
    there = crowd(1000, b2bCollaborationInbound={**SOME, "applications": None})

    found = judge({**default(), **there}, {**default(b2bCollaborationInbound=SOME), **there})

    assert [one.rule for one in found if one.stops] == [7]
