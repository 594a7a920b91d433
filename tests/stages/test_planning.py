import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from estates import (
    CLOSED,
    COLLABORATION,
    CONSENT,
    DEFAULT,
    DIRECT,
    OPEN,
    TRUST,
    after,
    bodies,
    crowd,
    default,
    group,
    in_force,
    key,
    partner,
    partner_at,
    planned,
    read,
    says,
    trust,
    wanted,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import access
from reconciler.diffing import diff
from reconciler.kinds import REGISTRY
from reconciler.model import (
    Action,
    Address,
    Body,
    Effect,
    Json,
    Kind,
    Lifecycle,
    Management,
    Resource,
    Standing,
    State,
    Step,
    fingerprint,
)
from reconciler.planfile import seal_digest
from reconciler.planning import managed, order
from reconciler.reconciling import compute

ONE, TWO = partner_at(1), partner_at(2)
HALF = {"usersAndGroups": OPEN["usersAndGroups"], "applications": None}
OTHER_HALF = {"usersAndGroups": None, "applications": OPEN["applications"]}


def steps(live: State, desired: State) -> list[Step]:
    changes = tuple(diff(desired, live))
    return list(order(changes, REGISTRY, lambda change: access.effect(change, live, desired)))


def places(found: Sequence[Step]) -> list[tuple[str, Address]]:
    return [(step.change.action.value, step.change.address) for step in found]


# ---------------------------------------------------------------------------------------------- the order


def test_partner_that_sets_goes_before_the_default() -> None:
    live = {**default(), **partner(1)}
    desired = {**default(**{COLLABORATION: CLOSED}), **partner(1, **{COLLABORATION: OPEN})}

    found = steps(live, desired)

    assert [step.change.address for step in found] == [ONE, DEFAULT]
    assert found[1].needs == (found[0].id,)


def test_partner_that_gives_back_goes_after_the_default() -> None:
    live = {**default(), **partner(1, **{COLLABORATION: CLOSED})}
    desired = {**default(**{COLLABORATION: CLOSED}), **partner(1)}

    found = steps(live, desired)

    assert [step.change.address for step in found] == [DEFAULT, ONE]
    assert found[1].needs == (found[0].id,)


def test_deleted_partner_goes_after_the_default() -> None:
    live = {**default(), **partner(1, **{COLLABORATION: CLOSED})}

    assert places(steps(live, default(**{COLLABORATION: CLOSED}))) == [("update", DEFAULT), ("delete", ONE)]


def test_created_partner_goes_before_the_default() -> None:
    desired = {**default(**{COLLABORATION: CLOSED}), **partner(1, **{COLLABORATION: OPEN})}

    assert places(steps(default(), desired)) == [("create", ONE), ("update", DEFAULT)]


def test_partner_that_does_both_becomes_two() -> None:
    live = {**default(), **partner(1, **{COLLABORATION: OPEN})}
    desired = {**default(**{COLLABORATION: CLOSED, DIRECT: OPEN}), **partner(1, **{DIRECT: CLOSED})}

    first, middle, last = found = steps(live, desired)

    assert [step.change.address for step in found] == [ONE, DEFAULT, ONE]
    assert (first.change.after, last.change.after) == ({DIRECT: CLOSED}, {COLLABORATION: None})
    assert (first.needs, middle.needs) == ((), (first.id,))
    assert last.needs == tuple(sorted([first.id, middle.id]))


def test_one_block_of_flags_is_split_leaf_by_leaf() -> None:
    live = {**default(), **partner(1, **{TRUST: trust(mfa=True)})}
    desired = {**default(**{TRUST: trust(True, True, False)}), **partner(1, **{TRUST: trust(compliant=True)})}

    first, _, last = steps(live, desired)

    assert first.change.after == {TRUST: trust(mfa=True, compliant=True)}
    assert last.change.after == {TRUST: trust(compliant=True)}


def test_half_that_is_given_back_is_held_while_the_default_moves() -> None:
    """Everyone may come, says the partner, and the default says which applications: all of it counts together."""
    live = {**default(**{COLLABORATION: group(7)}), **partner(1, **{COLLABORATION: HALF})}
    desired = {**default(**{COLLABORATION: CLOSED}), **partner(1)}

    first, middle, last = steps(live, desired)

    held = {"usersAndGroups": OPEN["usersAndGroups"], "applications": group(7)["applications"]}
    assert (first.change.address, first.change.after) == (ONE, {COLLABORATION: held})
    assert middle.change.address == DEFAULT
    assert (last.change.before, last.change.after) == ({COLLABORATION: held}, {COLLABORATION: None})


def test_halves_that_the_service_refuses_together_are_held_as_blocked() -> None:
    """Everyone to no application: nobody gets in, and only "everything blocked" may be written for that."""
    live = {**default(**{COLLABORATION: CLOSED}), **partner(1, **{COLLABORATION: HALF})}

    first, *_ = steps(live, {**default(**{COLLABORATION: group(7)}), **partner(1)})

    assert (first.change.address, first.change.after) == (ONE, {COLLABORATION: CLOSED})


def test_half_of_a_deleted_partner_is_held_too() -> None:
    live = {**default(**{COLLABORATION: CLOSED}), **partner(1, **{COLLABORATION: HALF, DIRECT: CLOSED})}

    found = steps(live, default(**{COLLABORATION: group(7)}))

    assert places(found) == [("update", ONE), ("update", DEFAULT), ("delete", ONE)]


def test_default_that_stands_still_orders_nothing() -> None:
    live = {**default(), **partner(1, **{COLLABORATION: CLOSED})}

    [step] = steps(live, {**default(), **partner(1)})

    assert step.needs == ()


def test_other_block_of_the_default_orders_nothing() -> None:
    live = {**default(), **partner(1)}
    desired = {**default(**{DIRECT: OPEN}), **partner(1, **{COLLABORATION: CLOSED})}

    assert [step.needs for step in steps(live, desired)] == [(), ()]


def test_narrow_goes_before_neutral_before_wide() -> None:
    live = {**default(), **partner(1), **partner(2), **partner(3, **{COLLABORATION: CLOSED})}
    desired = {
        **default(),
        **partner(1, **{COLLABORATION: OPEN}),
        **partner(2, **{COLLABORATION: CLOSED}),
        **partner(3, **{COLLABORATION: OPEN}),
    }

    found = steps(live, desired)

    assert [step.effect for step in found] == [Effect.NARROW, Effect.NEUTRAL, Effect.WIDEN]
    assert [step.change.address for step in found] == [TWO, ONE, partner_at(3)]


def test_equals_go_by_address() -> None:
    live = {**default(), **partner(2), **partner(1)}
    desired = {**default(), **partner(2, **{COLLABORATION: CLOSED}), **partner(1, **{COLLABORATION: CLOSED})}

    assert [step.change.address for step in steps(live, desired)] == [ONE, TWO]


def test_kind_comes_after_the_kinds_it_needs() -> None:
    """A kind that needs another is written later, though its name comes first and it narrows."""
    leaning = replace(REGISTRY["default"], name="aaa", needs=("partner",))
    kinds: dict[str, Kind] = {**REGISTRY, "aaa": leaning}
    at = Address("contoso", "aaa")
    live = {**default(), **partner(1), at: default()[DEFAULT]}
    desired = {**default(), **partner(1, **{CONSENT: {"inboundAllowed": True, "outboundAllowed": None}})}
    desired[at] = Resource({**default()[DEFAULT].body, COLLABORATION: CLOSED})

    found = order(tuple(diff(desired, live)), kinds, lambda change: access.effect(change, live, desired))

    assert [step.change.address for step in found] == [ONE, at]


# ---------------------------------------------------------------------------------------------- ids


def test_same_change_has_the_same_id() -> None:
    live, desired = partner(1), partner(1, **{TRUST: trust(True)})

    assert steps(live, desired)[0].id == steps({**live, **default()}, {**desired, **default()})[0].id


def test_another_value_has_another_id() -> None:
    [one], [two] = steps({}, partner(1, **{TRUST: trust(True)})), steps({}, partner(1, **{TRUST: trust(False)}))

    assert one.id != two.id


def test_ids_are_unique_in_a_large_plan() -> None:
    """Eight digits would collide in one of a hundred plans of this size."""
    found = compute(*crowd(1000, changing=1000)).steps

    assert len({step.id for step in found}) == len(found) == 2001
    assert {len(step.id) for step in found} == {16}


# ---------------------------------------------------------------------------------------------- what it rests on


def test_plan_remembers_the_blocks_it_touches_and_those_behind_them() -> None:
    live = {**default(), **partner(1, **{TRUST: trust(True), DIRECT: CLOSED})}

    plan = planned(wanted(says(ONE, {TRUST: None})), live)

    assert plan.fingerprints == {
        f"{ONE}#{TRUST}": fingerprint(trust(True)),
        f"{DEFAULT}#{TRUST}": fingerprint(default()[DEFAULT].body[TRUST]),
    }


def test_plan_remembers_that_what_it_creates_was_not_there() -> None:
    assert planned(wanted(says(ONE)), default()).fingerprints == {f"{ONE}#": fingerprint(None)}


def test_plan_remembers_all_of_what_it_deletes() -> None:
    plan = planned(wanted(says(ONE, absent=True)), default(), partner(1))

    blocks = REGISTRY["partner"].blocks
    assert plan.fingerprints.keys() == {f"{address}#{block}" for address in (ONE, DEFAULT) for block in blocks}


def test_managed_speaks_of_said_leaves_alone() -> None:
    live = partner(1, **{TRUST: trust(mfa=True, compliant=True), DIRECT: OPEN})
    ignoring = Lifecycle(ignore=(COLLABORATION,))
    document = says(ONE, {TRUST: {"isMfaAccepted": False}, COLLABORATION: CLOSED}, lifecycle=ignoring)

    assert managed(iter([document]), live) == {str(ONE): {TRUST: {"isMfaAccepted": True}}}


@pytest.mark.parametrize(
    ("management", "standing"), [(Management.HERE, Standing.PLANNED), (Management.OBSERVE, Standing.OBSERVED)]
)
def test_only_what_is_managed_here_is_planned(management: Management, standing: Standing) -> None:
    desired = wanted()
    tenant = replace(desired.estate.tenants["contoso"], management=management)

    plan = planned(wanted(tenants=[tenant]), default())

    assert plan.standing is standing


def test_objects_that_are_there_are_counted_by_kind() -> None:
    assert planned(wanted(), default(), partner(1), partner(2)).objects == {
        **dict.fromkeys(REGISTRY, 0),
        "default": 1,
        "partner": 2,
    }


# ---------------------------------------------------------------------------------------------- no third state

KEYS = [key(number) for number in range(1, 5)]
PEOPLE = [OPEN["usersAndGroups"], CLOSED["usersAndGroups"], group(1)["usersAndGroups"], group(2)["usersAndGroups"]]
PEOPLE += [group(1, "blocked")["usersAndGroups"]]
SOFTWARE: list[Json] = [OPEN["applications"], CLOSED["applications"]]
SOFTWARE += [{"accessType": "allowed", "targets": [{"target": key(0xA), "targetType": "application"}]}]
SOFTWARE += [{"accessType": "blocked", "targets": [{"target": "Office365", "targetType": "application"}]}]
FLAG = st.sampled_from([True, False])
WHOLE = st.fixed_dictionaries({"usersAndGroups": st.sampled_from(PEOPLE), "applications": st.sampled_from(SOFTWARE)})
PARTLY = st.one_of(
    st.fixed_dictionaries({"usersAndGroups": st.sampled_from(PEOPLE), "applications": st.none()}),
    st.fixed_dictionaries({"usersAndGroups": st.none(), "applications": st.sampled_from(SOFTWARE)}),
)
SETTING = st.one_of(WHOLE, st.none(), PARTLY)
FLAGS = {name: st.fixed_dictionaries(dict.fromkeys(flags, FLAG | st.none())) for name, flags in access.FLAGS.items()}


@st.composite
def defaults(draw: st.DrawFn) -> State:
    body = {block: draw(WHOLE) for block in (COLLABORATION, DIRECT)}
    return default(**body, **{TRUST: draw(st.fixed_dictionaries(dict.fromkeys(access.FLAGS[TRUST], FLAG)))})


@st.composite
def tenants(draw: st.DrawFn) -> State:
    """A default, and some of four partners."""
    found = dict(draw(defaults()))
    for number in draw(st.sets(st.integers(1, 4), min_size=1)):
        blocks: dict[str, Json] = {block: draw(SETTING) for block in (COLLABORATION, DIRECT)}
        blocks |= {name: draw(strategy) for name, strategy in FLAGS.items()}
        found |= partner(number, **blocks)
    return dict(sorted(found.items()))


def standings(live: State, found: Sequence[Step]) -> list[State]:
    """The states from before the first step to after the last."""
    reached = [live]
    for step in found:
        reached.append(after(reached[-1], step.change))
    return reached


@settings(max_examples=400)
@given(live=tenants(), desired=tenants())
def test_no_step_lets_in_who_may_neither_before_nor_after(live: State, desired: State) -> None:
    before, last = in_force(live, KEYS), in_force(desired, KEYS)

    for state in standings(live, steps(live, desired)):
        for who, now in enumerate(in_force(state, KEYS)):
            assert access.exceeded(now, before[who], last[who]) == ()


@settings(max_examples=200)
@given(live=tenants(), desired=tenants())
def test_no_step_shuts_out_who_may_both_before_and_after(live: State, desired: State) -> None:
    """Whole blocks as people write them: where before and after agree, what is in force never moves."""
    before, last = in_force(live, KEYS), in_force(desired, KEYS)

    for state in standings(live, steps(live, desired)):
        for who, now in enumerate(in_force(state, KEYS)):
            for block in (COLLABORATION, DIRECT):
                either = [access.acceptable(bound[who][block]) for bound in (before, last)]
                assert access.acceptable(now[block]) in either


@settings(max_examples=200)
@given(live=tenants(), desired=tenants())
def test_all_steps_in_order_give_what_is_desired(live: State, desired: State) -> None:
    assert bodies(standings(live, steps(live, desired))[-1]) == bodies(desired)


@settings(max_examples=200)
@given(live=tenants(), desired=tenants())
def test_every_step_needs_only_earlier_ones(live: State, desired: State) -> None:
    found = steps(live, desired)
    ids = [step.id for step in found]

    assert len(set(ids)) == len(ids)
    assert all(set(step.needs) <= set(ids[:at]) for at, step in enumerate(found))


@settings(max_examples=100)
@given(live=tenants(), desired=tenants(), seed=st.integers(0, 99))
def test_order_of_input_does_not_show(live: State, desired: State, seed: int) -> None:
    def digest(dice: random.Random | None) -> str:
        documents = [says(address, said(resource)) for address, resource in desired.items()]
        there = list(live.items())
        if dice:
            dice.shuffle(documents)
            dice.shuffle(there)
        return seal_digest(compute(wanted(*documents), read(dict(there))))

    assert digest(None) == digest(random.Random(seed))


def said(resource: Resource) -> Body:
    return dict(resource.body)


def test_large_plan_stays_in_order() -> None:
    found = compute(*crowd(200, changing=200)).steps
    phases = [step.change.address == DEFAULT for step in found]

    assert phases.count(True) == 1
    assert all(step.change.action is Action.UPDATE for step in found)
    assert [one.change.address < two.change.address for one, two in pairwise(found)].count(False) <= 4
