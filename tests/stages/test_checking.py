"""What an apply checks before its first write: that the plan still follows from the files and from what is there."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import pytest
from estates import (
    CLOSED,
    COLLABORATION,
    CONTOSO,
    DEFAULT,
    DIRECT,
    FABRIKAM,
    OPEN,
    TODAY,
    TRUST,
    default,
    group,
    partner,
    partner_at,
    read,
    says,
    trust,
    wanted,
    yes,
)

from reconciler.errors import PlanDamaged, PlanStale, ReconcilerError
from reconciler.model import (
    Acknowledgement,
    Action,
    Change,
    Document,
    Effect,
    Json,
    Lifecycle,
    Management,
    Plan,
    Reading,
    Severity,
    Standing,
    State,
    Step,
    Tenant,
    TenantPlan,
    Undeclared,
    Unreadable,
    fingerprint,
)
from reconciler.reconciling import Desired, Readings, check_current, compute
from reconciler.repository import Record

ONE, TWO = partner_at(1), partner_at(2)
NARROWING = yes(7, COLLABORATION, None, CLOSED)
DOCUMENTS = (
    says(ONE, {COLLABORATION: CLOSED, TRUST: {"isMfaAccepted": False}}, acknowledge=(NARROWING,)),
    says(TWO, {DIRECT: CLOSED}),
)
LIVE: State = {**default(), **partner(1, **{TRUST: trust(False)}), **partner(2, **{DIRECT: CLOSED}), **partner(3)}
DESIRED = wanted(*DOCUMENTS)


def check(before: Readings, now: Readings, desired: Desired = DESIRED, later: Desired | None = None) -> None:
    later = later or desired
    check_current(compute(desired, before), compute(later, now), later, now)


def edited(number: int, block: str, value: Json) -> Readings:
    """What is read after a person has changed one block in the portal."""
    at = partner_at(number)
    return read({**LIVE, at: replace(LIVE[at], body={**LIVE[at].body, block: value})})


def test_plan_stands_while_nothing_moves() -> None:
    check(read(LIVE), read(LIVE))


# ---------------------------------------------------------------------------------------------- edits outside Git


def test_edit_of_a_touched_block_makes_it_stale() -> None:
    with pytest.raises(PlanStale, match=rf"{ONE} \({COLLABORATION}\)"):
        check(read(LIVE), edited(1, COLLABORATION, group(1)))


def test_edit_that_does_what_the_plan_would_do_makes_it_stale() -> None:
    with pytest.raises(PlanStale):
        check(read(LIVE), edited(1, COLLABORATION, CLOSED))


def test_edit_of_the_default_behind_a_touched_block_makes_it_stale() -> None:
    with pytest.raises(PlanStale, match=rf"{DEFAULT} \({COLLABORATION}\)"):
        check(read(LIVE), read({**LIVE, **default(**{COLLABORATION: CLOSED})}))


@pytest.mark.parametrize("block", [DIRECT, "b2bCollaborationOutbound"])
def test_edit_of_an_untouched_block_of_the_same_object_does_not_matter(block: str) -> None:
    check(read(LIVE), edited(1, block, CLOSED))


def test_edit_of_a_leaf_that_git_does_not_mention_does_not_matter() -> None:
    check(read(LIVE), edited(1, TRUST, trust(mfa=False, compliant=True)))


def test_edit_of_another_block_of_the_default_does_not_matter() -> None:
    check(read(LIVE), read({**LIVE, **default(**{DIRECT: OPEN})}))


def test_edit_of_an_object_that_no_file_speaks_of_does_not_matter() -> None:
    check(read(LIVE), edited(3, COLLABORATION, OPEN))


def test_edit_of_an_ignored_block_does_not_matter() -> None:
    ignoring = replace(DOCUMENTS[1], lifecycle=Lifecycle(ignore=(DIRECT,)))
    desired = wanted(DOCUMENTS[0], ignoring)

    check(read(LIVE), edited(2, DIRECT, OPEN), desired)


def test_edit_that_needs_a_step_nobody_saw_makes_it_stale() -> None:
    with pytest.raises(PlanStale, match=f"steps that the plan does not show: {TWO}"):
        check(read(LIVE), edited(2, DIRECT, OPEN))


def test_edit_that_needs_more_of_a_shown_step_makes_it_stale() -> None:
    with pytest.raises(PlanStale, match="where Git speaks"):
        check(read(LIVE), edited(1, TRUST, trust(True)))


def test_object_that_is_gone_makes_it_stale() -> None:
    with pytest.raises(PlanStale):
        check(read(LIVE), read({at: there for at, there in LIVE.items() if at != ONE}))


def test_object_that_was_to_be_created_and_is_there_makes_it_stale() -> None:
    live = {at: there for at, there in LIVE.items() if at != ONE}

    with pytest.raises(PlanStale):
        check(read(live), read(LIVE))


def test_new_undeclared_object_does_not_matter_where_it_is_only_reported() -> None:
    check(read(LIVE), read({**LIVE, **partner(4)}))


def test_new_undeclared_object_makes_it_stale_where_it_would_be_deleted() -> None:
    tenant = replace(CONTOSO, undeclared=Undeclared.DELETE)
    desired = wanted(*DOCUMENTS, tenants=[tenant])

    with pytest.raises(PlanStale, match=f"does not show: {partner_at(4)}"):
        check(read(LIVE), read({**LIVE, **partner(4)}), desired)


def test_undeclared_object_that_changed_before_its_deletion_makes_it_stale() -> None:
    desired = wanted(*DOCUMENTS, tenants=[replace(CONTOSO, undeclared=Undeclared.DELETE)])

    with pytest.raises(PlanStale, match=rf"{partner_at(3)} \({COLLABORATION}\)"):
        check(read(LIVE), edited(3, COLLABORATION, OPEN), desired)


def test_replayed_plan_is_stale_once_it_is_done() -> None:
    with pytest.raises(PlanStale):
        check(read(LIVE), edited(1, COLLABORATION, CLOSED))


# ---------------------------------------------------------------------------------------------- tenants

TWO_TENANTS = (CONTOSO, FABRIKAM)
BOTH: Readings = {**read(LIVE), **read(default("fabrikam"), tenant="fabrikam")}


def test_tenant_that_was_added_makes_it_stale() -> None:
    with pytest.raises(PlanStale, match="other tenants"):
        check(read(LIVE), BOTH, later=wanted(*DOCUMENTS, tenants=TWO_TENANTS))


def test_tenant_that_was_removed_makes_it_stale() -> None:
    with pytest.raises(PlanStale, match="other tenants"):
        check(BOTH, read(LIVE), wanted(*DOCUMENTS, tenants=TWO_TENANTS), later=DESIRED)


def test_tenant_that_vanished_meanwhile_makes_it_stale() -> None:
    record = Record("northwind", "", "", 0, 3)

    with pytest.raises(PlanStale, match="other tenants"):
        check(read(LIVE), read(LIVE), later=wanted(*DOCUMENTS, records={"88ab": record}))


def test_tenant_that_cannot_be_read_any_more_does_not_stop_the_others() -> None:
    now: dict[str, Reading | Unreadable] = {**BOTH, "contoso": Unreadable("contoso", "503", 9)}

    check(BOTH, now, wanted(*DOCUMENTS, tenants=TWO_TENANTS))


def test_tenant_that_can_be_read_again_does_not_stop_the_others() -> None:
    before: dict[str, Reading | Unreadable] = {**BOTH, "contoso": Unreadable("contoso", "503", 9)}

    check(before, BOTH, wanted(*DOCUMENTS, tenants=TWO_TENANTS))


def test_edit_in_a_tenant_that_is_only_observed_stops_nobody() -> None:
    observed = replace(CONTOSO, management=Management.OBSERVE)

    check(read(LIVE), edited(1, COLLABORATION, group(1)), wanted(*DOCUMENTS, tenants=[observed]))


# ---------------------------------------------------------------------------------------------- forged plans


def only_step(tenant: TenantPlan) -> Step:
    [step] = tenant.steps
    return step


def with_change(tenant: TenantPlan, **fields: Json) -> TenantPlan:
    step = only_step(tenant)
    return replace(tenant, steps=(replace(step, change=replace(step.change, **fields)),))


def added(tenant: TenantPlan, *, kind: str = "partner") -> TenantPlan:
    """One more step, with the fingerprints that it needs to look sound."""
    address = replace(partner_at(3), kind=kind)
    change = Change(Action.UPDATE, address, {DIRECT: None}, {DIRECT: OPEN})
    prints = {
        f"{address}#{DIRECT}": fingerprint(None),
        f"{DEFAULT}#{DIRECT}": fingerprint(LIVE[DEFAULT].body[DIRECT]),
    }
    return replace(
        tenant,
        steps=(*tenant.steps, Step("f00d", change, Effect.NEUTRAL)),
        fingerprints={**tenant.fingerprints, **prints},
    )


FORGERIES: Mapping[str, Callable[[TenantPlan], TenantPlan]] = {
    "step dropped": lambda tenant: replace(tenant, steps=()),
    "step and fingerprints dropped": lambda tenant: replace(tenant, steps=(), fingerprints={}),
    "step twice": lambda tenant: replace(tenant, steps=tenant.steps * 2),
    "step added": added,
    "step of an unknown kind added": lambda tenant: added(tenant, kind="nonsense"),
    "value altered": lambda tenant: with_change(tenant, after={COLLABORATION: OPEN}),
    "value before altered": lambda tenant: with_change(tenant, before={COLLABORATION: OPEN}),
    "block added": lambda tenant: with_change(
        tenant, after={COLLABORATION: CLOSED, DIRECT: OPEN}, before={COLLABORATION: None, DIRECT: None}
    ),
    "action altered": lambda tenant: with_change(tenant, action=Action.DELETE, after=None),
    "address altered": lambda tenant: with_change(tenant, address=TWO),
    "tenant of a step altered": lambda tenant: with_change(tenant, address=partner_at(1, "fabrikam")),
    "label altered": lambda tenant: with_change(tenant, label="Harmless"),
    "line altered": lambda tenant: with_change(tenant, origin=None),
    "effect altered": lambda tenant: replace(tenant, steps=(replace(only_step(tenant), effect=Effect.NEUTRAL),)),
    "needs altered": lambda tenant: replace(tenant, steps=(replace(only_step(tenant), needs=("x",)),)),
    "id altered": lambda tenant: replace(tenant, steps=(replace(only_step(tenant), id="x"),)),
    "fingerprint altered": lambda tenant: replace(tenant, fingerprints=dict.fromkeys(tenant.fingerprints, "0")),
    "fingerprints dropped": lambda tenant: replace(tenant, fingerprints={}),
    "fingerprint added": lambda tenant: replace(tenant, fingerprints={**tenant.fingerprints, "x#y": "0"}),
    "fingerprint of all altered": lambda tenant: replace(tenant, managed="0"),
    "findings dropped": lambda tenant: replace(tenant, findings=()),
    "finding made a note": lambda tenant: replace(
        tenant, findings=tuple(replace(one, severity=Severity.NOTE) for one in tenant.findings)
    ),
    "finding moved elsewhere": lambda tenant: replace(
        tenant, findings=tuple(replace(one, path=DIRECT) for one in tenant.findings)
    ),
    "finding reworded": lambda tenant: replace(
        tenant, findings=tuple(replace(one, message="all is well") for one in tenant.findings)
    ),
    "name altered": lambda tenant: replace(tenant, tenant="northwind"),
    "display name altered": lambda tenant: replace(tenant, display_name="Northwind"),
    "id of the tenant altered": lambda tenant: replace(tenant, tenant_id="0"),
    "said to be observed": lambda tenant: replace(tenant, standing=Standing.OBSERVED),
    "said to be elsewhere": lambda tenant: replace(tenant, standing=Standing.ELSEWHERE, steps=()),
    "said to be vanished": lambda tenant: replace(tenant, standing=Standing.VANISHED),
    "said to be unreadable, and fine": lambda tenant: replace(tenant, standing=Standing.UNREADABLE, steps=()),
    "said to be unreadable, with steps": lambda tenant: replace(tenant, standing=Standing.UNREADABLE, exit_code=9),
}


def refused(saved: Plan, desired: Desired = DESIRED, now: Readings | None = None) -> ReconcilerError:
    now = now or read(LIVE)
    with pytest.raises((PlanStale, PlanDamaged)) as caught:
        check_current(saved, compute(desired, now), desired, now)
    return caught.value


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_plan_is_refused(forgery: str) -> None:
    saved = compute(DESIRED, read(LIVE))
    [tenant] = saved.tenants

    assert refused(replace(saved, tenants=(FORGERIES[forgery](tenant),))).exit_code in (4, 10)


def test_acknowledged_danger_is_part_of_what_was_shown() -> None:
    """The plan that the forgeries start from has a danger in it to which Git says yes."""
    [tenant] = compute(DESIRED, read(LIVE)).tenants

    assert [(one.rule, one.acknowledged) for one in tenant.findings if one.severity is Severity.BLOCK] == [
        (7, NARROWING)
    ]


def test_tenant_named_twice_is_refused() -> None:
    saved = compute(DESIRED, read(LIVE))
    [tenant] = saved.tenants
    unread = replace(tenant, standing=Standing.UNREADABLE, steps=(), exit_code=9)

    assert isinstance(refused(replace(saved, tenants=(tenant, unread))), PlanDamaged)


def test_tenants_in_another_order_are_refused() -> None:
    desired = wanted(*DOCUMENTS, tenants=TWO_TENANTS)
    saved = compute(desired, BOTH)

    assert isinstance(refused(replace(saved, tenants=saved.tenants[::-1]), desired, BOTH), PlanDamaged)


@pytest.mark.parametrize("management", [Management.OBSERVE, Management.ELSEWHERE])
def test_steps_for_a_tenant_that_is_not_written_to_are_refused(management: Management) -> None:
    honest = compute(DESIRED, read(LIVE))
    desired = wanted(*DOCUMENTS, tenants=[replace(CONTOSO, management=management)])
    now = read(LIVE) if management is Management.OBSERVE else {}

    assert isinstance(refused(honest, desired, now or {"nobody": Unreadable("nobody", "", 1)}), PlanDamaged)


# ---------------------------------------------------------------------------------------------- dangers


def acknowledging(*yeses: Acknowledgement, today: date = TODAY, tenant: Tenant = CONTOSO) -> Desired:
    document = replace(DOCUMENTS[0], acknowledge=yeses)
    return replace(wanted(document, DOCUMENTS[1], tenants=[tenant]), today=today)


def test_yes_that_expires_meanwhile_blocks_what_was_shown() -> None:
    """The steps are those that were shown, so the plan is not stale; the danger is not acknowledged any more."""
    late = acknowledging(NARROWING, today=date(2026, 12, 25))

    check(read(LIVE), read(LIVE), acknowledging(NARROWING), late)
    [tenant] = compute(late, read(LIVE)).tenants
    assert tenant.blocked


def test_plan_that_was_shown_as_blocked_is_not_carried_out_later() -> None:
    early = replace(NARROWING, expires=TODAY.replace(year=2028))

    with pytest.raises(PlanStale, match="was blocked when the plan was made"):
        check(read(LIVE), read(LIVE), acknowledging(early), acknowledging(early, today=date(2027, 12, 1)))


def test_danger_that_comes_up_meanwhile_makes_it_stale() -> None:
    """One deletion of eleven objects is nothing; of nine it is more than a tenth, were a second one among them."""
    gone: list[Document] = [says(partner_at(at), absent=True) for at in (1, 2)]
    crowd = {**default(), **{at: there for n in range(1, 25) for at, there in partner(n).items()}}
    few = {at: there for at, there in crowd.items() if at.key < partner_at(10).key}
    desired = wanted(*gone)

    with pytest.raises(PlanStale, match="does not show this about contoso"):
        check(read(crowd), read(few), desired)


def test_count_over_the_tenant_may_move() -> None:
    """Rule 9 says how many objects are there; one more that nobody touches is no news."""
    gone: list[Document] = [says(partner_at(at), absent=True) for at in (1, 2)]
    few: State = {**default(), **partner(1), **partner(2), **partner(3)}
    counted = Acknowledgement(9, "meant", "ann", date(2026, 12, 24), CONTOSO.origin, count_max=2)
    desired = wanted(*gone, tenants=[replace(CONTOSO, acknowledge=(counted,))])

    check(read(few), read(few, partner(4)), desired)


def test_plan_of_an_unreadable_tenant_has_nothing_to_check() -> None:
    now: Readings = {"contoso": Unreadable("contoso", "503", 9)}

    check(now, now)
