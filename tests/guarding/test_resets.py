"""A default that is reset: what it asks, and what it says."""

from __future__ import annotations

from collections.abc import Sequence

from situations import (
    CLOSED,
    DEFAULT,
    FABRIKAM,
    MORE,
    OPEN,
    PARTNER,
    SOME,
    default,
    document,
    documented,
    judge,
    marks,
    only,
    partner,
    trust,
    yes,
)

from reconciler.model import Acknowledgement, Finding, Json, Lifecycle, State

IN, OUT, DIRECT, TRUST = (
    "b2bCollaborationInbound",
    "b2bCollaborationOutbound",
    "b2bDirectConnectInbound",
    "inboundTrust",
)
NO, YES = trust(False, False, False), trust(True, False, False)


def reset(live: State, *yeses: Acknowledgement, **more: Json) -> Sequence[Finding]:
    """Return what the guard says when the default of `live` is reset, and nothing else."""
    desired = {**live, **default()}
    papers = {**documented(desired), DEFAULT: document(DEFAULT, absent=True)}
    return judge(live, desired, *yeses, on=DEFAULT, documents=papers, **more)


def test_reset_asks_beside_what_it_opens_and_closes() -> None:
    assert marks(reset(default(**{IN: SOME, OUT: MORE, DIRECT: OPEN}))) == [
        f"block 5 default {IN}",
        f"block 7 default {DIRECT}",
        "block 8 default",
    ]


def test_reset_that_only_withdraws_trust_asks_too() -> None:
    assert marks(reset(default(**{TRUST: YES}))) == ["block 8 default"]


def test_reset_says_who_gains_and_who_loses() -> None:
    found = only(reset(default(**{IN: SOME})), 8)

    assert found.message == "the default becomes what the service begins with, all of it"
    assert found.details[0] == f"what changes: {IN}"
    assert found.details[1].startswith(f"{IN} gains: ")


def test_partner_with_half_a_block_is_named_by_a_reset() -> None:
    live = {**default(**{IN: SOME}), **partner(**{IN: {**MORE, "applications": None}})}

    assert any(FABRIKAM in line for line in only(reset(live), 8).details)


def test_exact_reset_is_acknowledged() -> None:
    said = yes(8, before={TRUST: YES}, after={TRUST: NO})

    assert not marks_that_stop(reset(default(**{TRUST: YES}), said))
    assert marks_that_stop(reset(default(**{TRUST: YES, OUT: CLOSED}), said))


def test_prevented_reset_is_an_error() -> None:
    assert marks(reset(default(**{TRUST: YES}), lifecycle=Lifecycle(prevent_destroy=True))) == ["error 8 default"]


def marks_that_stop(findings: Sequence[Finding]) -> list[str]:
    return marks([found for found in findings if found.stops])


def test_document_that_has_done_its_work_may_go() -> None:
    [note] = reset(default())

    assert note.message == "nothing is left to do for 1 document with `state: absent`, which may go"
    assert note.details == ("the default at a.yaml:1:1",)


def test_document_of_a_link_has_another_end_as_well() -> None:
    gone = document(PARTNER, absent=True, link="fabrikam-to-contoso")

    assert judge(default(), default(), documents={PARTNER: gone}) == ()
