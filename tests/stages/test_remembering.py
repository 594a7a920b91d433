"""What is planned where the files of the last apply are known: what somebody changed by hand since."""

from __future__ import annotations

from dataclasses import replace

import pytest
from estates import (
    CLOSED,
    COLLABORATION,
    CONSENT,
    CONTOSO,
    OPEN,
    TREE,
    TRUST,
    default,
    estate,
    partner,
    partner_at,
    read,
    says,
    trust,
    wanted,
)

from reconciler.model import (
    Action,
    Document,
    Estate,
    Finding,
    Lifecycle,
    Outcome,
    Plan,
    Report,
    State,
    Undeclared,
    Verdict,
)
from reconciler.reconciling import compute, records_of
from reconciler.repository import Record

RECORD = Record("contoso", TREE, "", 0, 1)
SAID = says(partner_at(1), {COLLABORATION: OPEN})
YES = {"inboundAllowed": True, "outboundAllowed": False}
NO = {"inboundAllowed": False, "outboundAllowed": False}


def found(then: Estate | None, now: Document, *live: State) -> list[tuple[str, str]]:
    """Return what rule 22 says where the files asked for `then` at the last apply."""
    applied = {} if then is None else {CONTOSO.tenant_id: then}
    desired = wanted(now, records={CONTOSO.tenant_id: RECORD}, applied=applied)
    return marks(compute(desired, read(default(), *live)))


def marks(plan: Plan) -> list[tuple[str, str]]:
    findings: list[Finding] = [one for tenant in plan.tenants for one in tenant.findings]
    return [(one.severity.value, one.path) for one in findings if one.rule == 22]


def test_what_was_applied_and_is_not_there_was_changed_outside() -> None:
    assert found(estate(SAID), SAID, partner(1, **{COLLABORATION: CLOSED})) == [("block", COLLABORATION)]


def test_files_of_then_that_nobody_knows_say_nothing() -> None:
    assert found(None, SAID, partner(1, **{COLLABORATION: CLOSED})) == []


def test_what_git_did_not_speak_of_then_is_the_files_change() -> None:
    assert found(estate(), SAID, partner(1, **{COLLABORATION: CLOSED})) == []


def test_block_that_was_ignored_then_is_the_files_change() -> None:
    then = replace(SAID, lifecycle=Lifecycle(ignore=(COLLABORATION,)))

    assert found(estate(then), SAID, partner(1, **{COLLABORATION: CLOSED})) == []


def test_flag_that_git_did_not_speak_of_then_is_the_files_change() -> None:
    """Of a block of flags, only those that the files spoke of count."""
    then, now = says(partner_at(1), {TRUST: {"isMfaAccepted": True}}), says(partner_at(1), {TRUST: trust(True, False)})

    assert found(estate(then), now, partner(1, **{TRUST: trust(mfa=True, compliant=True)})) == []


def test_block_of_another_version_says_nothing() -> None:
    then = says(partner_at(1), {CONSENT: NO, "ofYesterday": {"isAllowed": True}})

    assert found(estate(then), says(partner_at(1), {CONSENT: NO}), partner(1, **{CONSENT: YES})) == [
        ("warning", CONSENT)
    ]


def test_tenant_of_another_name_says_nothing() -> None:
    there = estate(SAID, tenants=[replace(CONTOSO, name="contoso-old")])

    assert found(there, SAID, partner(1, **{COLLABORATION: CLOSED})) == []


def test_tenant_of_another_id_says_nothing() -> None:
    there = estate(SAID, tenants=[replace(CONTOSO, tenant_id="0d6e6a63-0000-4000-8000-000000000000")])

    assert found(there, SAID, partner(1, **{COLLABORATION: CLOSED})) == []


def test_undeclared_object_was_made_outside() -> None:
    strict = replace(CONTOSO, undeclared=Undeclared.DELETE)
    desired = wanted(
        SAID,
        tenants=[strict],
        records={CONTOSO.tenant_id: RECORD},
        applied={CONTOSO.tenant_id: estate(SAID, tenants=[strict])},
    )
    live = {**default(), **partner(1, **{COLLABORATION: OPEN}), **partner(2)}

    assert [severity for severity, _ in marks(compute(desired, read(live)))] == ["warning"]


# ---------------------------------------------------------------------------------------------- what is recorded


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([Verdict.APPLIED, Verdict.SUPERSEDED], 0),
        ([Verdict.APPLIED, Verdict.UNVERIFIED], 6),
        ([Verdict.APPLIED, Verdict.FAILED], 6),
        ([Verdict.APPLIED, Verdict.NOT_STARTED], 6),
        ([Verdict.APPLIED, Verdict.WAITING], 6),
    ],
)
def test_record_says_whether_all_of_a_tenant_was_done(verdicts: list[Verdict], code: int) -> None:
    """Whatever became of the others: how the run ended counts only where something of the tenant was not done."""
    desired = wanted(SAID)
    shown = compute(desired, read(default(), partner(1)))
    outcomes = tuple(Outcome("s", partner_at(1), Action.UPDATE, verdict) for verdict in verdicts)

    remembered = records_of(shown, desired, Report(outcomes, 6), "")
    blocked = any(tenant.blocked for tenant in shown.tenants)

    assert not blocked
    assert [record.exit_code for record in remembered.values()] == [code]
