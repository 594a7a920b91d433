"""What counts as a yes: exactly the change that is planned, beside the object, for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from ruamel.yaml import YAML
from situations import (
    CONTOSO,
    DEFAULT,
    FABRIKAM,
    MIXED,
    MORE,
    OPEN,
    OTHER,
    PARTNER,
    SOME,
    TAILSPIN,
    TODAY,
    crowd,
    default,
    documented,
    judge,
    marks,
    only,
    partner,
    trust,
    yes,
)

from reconciler.model import Acknowledgement, Address, Finding, Json, Origin, Severity, State, Undeclared

IN, OUT, DIRECT, TRUST = (
    "b2bCollaborationInbound",
    "b2bCollaborationOutbound",
    "b2bDirectConnectInbound",
    "inboundTrust",
)
MFA = f"{TRUST}.isMfaAccepted"

# rule: who it is about, live, desired, and the change that a yes has to name.
Asked = tuple[int, State, State, Json, str, Json, Json]
ASKED: list[Asked] = [
    (5, {**default(), **partner(**{IN: SOME})}, {**default(), **partner(**{IN: MORE})}, PARTNER, IN, SOME, MORE),
    (5, default(**{IN: SOME}), default(**{IN: OPEN}), DEFAULT, IN, SOME, OPEN),
    (5, {**default()}, {**default(), **partner(**{DIRECT: SOME})}, PARTNER, DIRECT, None, SOME),
    (6, {**default(), **partner()}, {**default(), **partner(**{TRUST: trust(mfa=True)})}, PARTNER, MFA, None, True),
    (
        6,
        {**default(), **partner(**{TRUST: trust(mfa=False)})},
        {**default(), **partner(**{TRUST: trust(mfa=True)})},
        PARTNER,
        MFA,
        False,
        True,
    ),
    (7, {**default(), **partner(**{IN: MORE})}, {**default(), **partner(**{IN: SOME})}, PARTNER, IN, MORE, SOME),
    (7, default(**{OUT: MORE}), default(**{OUT: SOME}), DEFAULT, OUT, MORE, SOME),
    (8, {**default(), **partner(**{OUT: SOME})}, {**default(), **partner()}, PARTNER, OUT, SOME, None),
    (8, {**default(), **partner(**{OUT: SOME})}, default(), PARTNER, "", {OUT: SOME}, None),
    (8, {**default(), **partner()}, default(), PARTNER, "", None, None),
]

NAMES = [f"rule {row[0]} {row[3].kind} {row[4] or 'whole'}" for row in ASKED]


@pytest.fixture(params=ASKED, ids=NAMES)
def asked(request: pytest.FixtureRequest) -> Asked:
    row: Asked = request.param
    return row


def said(asked: Asked, *yeses: Acknowledgement) -> Finding:
    rule, live, desired, on, *_ = asked
    return next(one for one in judge(live, desired, *yeses, on=on) if one.rule == rule and one.severity == "block")


def exact(asked: Asked, **more: Json) -> Acknowledgement:
    rule, _, _, _, path, before, after = asked
    return yes(rule, path, before, after, **more)


# ---------------------------------------------------------------------------------------------- what counts


def test_question_without_answer_stops(asked: Asked) -> None:
    found = said(asked)

    assert found.stops
    assert found.acknowledged is None


def test_exact_acknowledgement_is_enough(asked: Asked) -> None:
    answer = exact(asked)

    found = said(asked, answer)

    assert not found.stops
    assert found.acknowledged == answer
    assert found.suggestion == ""


def test_used_acknowledgement_is_not_idle(asked: Asked) -> None:
    _, live, desired, on, *_ = asked

    findings = judge(live, desired, exact(asked), on=on)

    assert [one for one in findings if one.severity in ("note", "warning")] == []


def test_suggestion_pasted_is_enough(asked: Asked) -> None:
    """What a finding proposes is YAML, and says yes once a person has filled it in."""
    [entry] = YAML(typ="safe").load(said(asked).suggestion)["acknowledge"]
    change = entry["change"]
    assert (entry["reason"], entry["owner"], entry["expires"]) == ("", "", "")

    answer = yes(entry["rule"], change["property"], change["from"], change["to"])

    assert not said(asked, answer).stops


def test_unsaid_members_are_null() -> None:
    """A person writes the flags that are there; the service shows the others as null."""
    live = {**default(), **partner(**{TRUST: trust(mfa=True)})}

    assert only(judge(live, default(), yes(8, "", {TRUST: {"isMfaAccepted": True}})), 8).acknowledged


def test_last_day_counts(asked: Asked) -> None:
    assert not said(asked, exact(asked, expires=TODAY)).stops


def test_longest_time_counts(asked: Asked) -> None:
    assert not said(asked, exact(asked, expires=TODAY + timedelta(days=400))).stops


def test_one_acknowledgement_may_serve_many() -> None:
    """A set can carry it for all its lines: each document gets the same one, from the same place."""
    live = {**default(), **partner(), **partner(OTHER)}
    desired = {**default(), **(wide := partner(**{DIRECT: SOME})), **partner(OTHER, **{DIRECT: SOME})}
    answer = yes(5, DIRECT, None, SOME)
    papers = {address: replace(one, acknowledge=(answer,)) for address, one in documented(live, desired).items()}

    findings = judge(live, {**desired, **wide}, documents=papers, on=None)

    assert [one.acknowledged for one in findings] == [answer, answer]


# ---------------------------------------------------------------------------------------------- what does not


def refused(asked: Asked, *yeses: Acknowledgement) -> str:
    """Return what is said beyond the facts, once the acknowledgements are found wanting."""
    found = said(asked, *yeses)
    assert found.stops
    assert found.suggestion
    return "; ".join(found.details[len(said(asked).details) :])


def test_expired_one_is_refused(asked: Asked) -> None:
    yesterday = TODAY - timedelta(days=1)

    assert refused(asked, exact(asked, expires=yesterday)) == "the acknowledgement at a.yaml:9:3 expired on 2026-11-23"


def test_endless_one_is_refused(asked: Asked) -> None:
    reason = refused(asked, exact(asked, expires=TODAY + timedelta(days=401)))

    assert reason.startswith("the acknowledgement at a.yaml:9:3 would be valid until 2027-12-30")


@pytest.mark.parametrize("change", [{"before": MIXED}, {"after": MIXED}, {"before": 1}, {"after": 1}])
def test_other_value_is_refused(asked: Asked, change: dict[str, Json]) -> None:
    """1 is not true, and half of the change is not the change."""
    reason = refused(asked, replace(exact(asked), **change))

    assert reason.startswith("the acknowledgement at a.yaml:9:3 is for another change: from ")


@pytest.mark.parametrize("wildcard", ["*", "b2b*", "inboundTrust.*"])
def test_wildcard_is_refused(asked: Asked, wildcard: str) -> None:
    assert "it has to name " in refused(asked, replace(exact(asked), path=wildcard))


def test_whole_object_is_no_property() -> None:
    asked = ASKED[0]

    assert refused(asked, replace(exact(asked), path="")) == (
        f"the acknowledgement at a.yaml:9:3 names no property, the whole object; it has to name property {IN!r}"
    )


def test_property_is_no_whole_object() -> None:
    asked = ASKED[8]

    assert "it has to name no property, the whole object" in refused(asked, replace(exact(asked), path=OUT))


@pytest.mark.parametrize("path", [TRUST, f"{MFA}.more"])
def test_neighbouring_path_is_refused(path: str) -> None:
    asked = ASKED[3]

    assert f"it has to name property {MFA!r}" in refused(asked, replace(exact(asked), path=path))


def test_unrelated_path_is_not_meant() -> None:
    asked = ASKED[0]

    assert refused(asked, replace(exact(asked), path=DIRECT)) == ""
    assert refused(asked, replace(exact(asked), path="b2bCollaboration")) == ""


def test_other_rule_is_refused(asked: Asked) -> None:
    assert refused(asked, replace(exact(asked), rule=99)) == ""


def test_number_is_no_change(asked: Asked) -> None:
    assert refused(asked, yes(asked[0], count_max=100)) == (
        "the acknowledgement at a.yaml:9:3 only counts; this needs the exact change"
    )


def test_number_beside_the_change_is_refused(asked: Asked) -> None:
    assert refused(asked, exact(asked, count_max=100)) != ""


def test_duplicate_is_refused(asked: Asked) -> None:
    """Two answers to one question: nobody can tell which of them was reviewed."""
    twice = replace(exact(asked), origin=Origin("a.yaml", 20, 3))

    assert refused(asked, exact(asked), twice) == (
        "acknowledged more than once, which counts as not at all: a.yaml:9:3, a.yaml:20:3"
    )


def test_expired_one_beside_a_good_one_is_harmless(asked: Asked) -> None:
    old = exact(asked, expires=TODAY - timedelta(days=1), origin=Origin("a.yaml", 20, 3))

    assert not said(asked, old, exact(asked)).stops


def test_other_object_is_refused() -> None:
    """The same words on another partner's document say nothing."""
    _, live, desired, *_ = ASKED[0]
    live, desired = {**live, **partner(OTHER)}, {**desired, **partner(OTHER)}

    assert only([one for one in judge(live, desired, exact(ASKED[0]), on=OTHER) if one.stops], 5).stops


def test_tenant_says_nothing_about_objects() -> None:
    _, live, desired, *_ = ASKED[0]

    assert only([one for one in judge(live, desired, exact(ASKED[0]), on=None) if one.stops], 5).stops


def test_errors_cannot_be_acknowledged() -> None:
    findings = judge(
        default(), default(**{DIRECT: OPEN}), yes(5, DIRECT, default()[DEFAULT].body[DIRECT], OPEN), on=DEFAULT
    )

    [error] = [one for one in findings if one.severity == "error"]
    assert error.stops
    assert error.suggestion == ""


# ---------------------------------------------------------------------------------------------- without document


def undeclared(*yeses: Acknowledgement) -> Finding:
    tenant = replace(CONTOSO, undeclared=Undeclared.DELETE, acknowledge=yeses)
    desired = {**default(), **partner(OTHER)}
    live = {**desired, **partner(**{OUT: SOME})}
    return next(
        one for one in judge(live, desired, tenant=tenant, documents=documented(desired), on=OTHER) if one.rule == 8
    )


def test_undeclared_deletion_is_acknowledged_by_name() -> None:
    assert not undeclared(yes(8, f"partner/{FABRIKAM}", {OUT: SOME}, None)).stops


@pytest.mark.parametrize("path", ["", f"partner/{TAILSPIN}", "partner/*"])
def test_undeclared_deletion_needs_the_name(path: str) -> None:
    assert undeclared(yes(8, path, {OUT: SOME}, None)).stops


# ---------------------------------------------------------------------------------------------- many alike


def narrowed(number: int, *yeses: Acknowledgement) -> list[Finding]:
    """Return what rule 7 says when that many partners are created with less than the default gives."""
    findings = judge(default(), {**default(), **crowd(number, **{IN: SOME})}, *yeses, on=None)
    return [one for one in findings if one.rule == 7 and one.severity == "block"]


@pytest.mark.parametrize(("number", "findings"), [(1, 1), (3, 3), (4, 1), (100, 1)])
def test_many_narrowings_are_one_question(number: int, findings: int) -> None:
    assert len(narrowed(number)) == findings


def test_many_narrowings_tell_their_number() -> None:
    [found] = narrowed(100)

    assert found.message == "100 partners: less gets through than now, in 100 blocks"
    assert "countMax: 100" in found.suggestion
    assert found.origin == CONTOSO.origin
    assert len(found.details) == 51
    assert found.details[0].startswith(
        f"00000001-0000-4000-8000-000000000000: {IN} lets through less than now; loses: "
    )
    assert found.details[-1] == "and 50 more"


@pytest.mark.parametrize(("number", "stops"), [(1, False), (4, False), (5, True)])
def test_number_answers_many_narrowings(number: int, stops: bool) -> None:
    [found] = narrowed(number, yes(7, count_max=4)) if number <= 5 else narrowed(number)

    assert found.stops is stops


def test_too_small_a_number_is_told() -> None:
    [found] = narrowed(5, yes(7, count_max=4))

    assert found.details[-1] == "the acknowledgement at a.yaml:9:3 is for 4 at most, not 5"


def test_exact_words_and_numbers_add_up() -> None:
    """What a document answers itself is not counted again."""
    live, there = default(), crowd(5, **{IN: SOME})
    papers = dict(documented(live, {**live, **there}))
    for address in list(there)[:2]:
        papers[address] = replace(papers[address], acknowledge=(yes(7, IN, None, SOME),))
    tenant = replace(CONTOSO, acknowledge=(yes(7, count_max=3, origin=Origin("tenant.yaml", 5, 1)),))

    findings = judge(live, {**live, **there}, documents=papers, tenant=tenant)

    assert [one.stops for one in findings if one.rule == 7] == [False, False, False]


def test_number_never_answers_the_default() -> None:
    findings = judge(default(), default(**{OUT: SOME}), yes(7, count_max=100), on=None)

    assert "block 7 default b2bCollaborationOutbound" in marks(one for one in findings if one.stops)


def test_widening_is_never_counted() -> None:
    """A hundred partners that gain are a hundred questions."""
    live, desired = {**default(), **crowd(10)}, {**default(), **crowd(10, **{DIRECT: SOME})}

    found = [one for one in judge(live, desired, yes(5, count_max=100), on=None) if one.rule == 5 and one.stops]

    assert len(found) == 10


def test_hundred_ordinary_changes_ask_little() -> None:
    """New partners from one profile: some inherit, some say the default's own words, some are narrower."""
    quiet = {IN: OPEN, TRUST: trust(False, False, False)}
    desired = {**default(), **crowd(100, **quiet), **partner(), **partner(OTHER, **{IN: SOME, OUT: SOME})}

    assert sum(one.stops for one in judge(default(), desired)) <= 5


# ---------------------------------------------------------------------------------------------- idle ones


def idle(*yeses: Acknowledgement, on: Json = PARTNER) -> list[tuple[Severity, str]]:
    there = {**default(), **partner()}
    return [(one.severity, one.message) for one in judge(there, there, *yeses, on=on)]


@pytest.mark.parametrize("on", [PARTNER, None])
def test_unused_acknowledgement_is_noted(on: Address | None) -> None:
    assert idle(yes(5, IN), on=on) == [
        (
            Severity.NOTE,
            "the acknowledgement of rule 5 at a.yaml:9:3 answers nothing in this plan; correct it, or take it out",
        )
    ]


def test_several_unused_ones_are_one_note() -> None:
    [(severity, message)] = idle(yes(5, IN), yes(7, IN, origin=Origin("a.yaml", 20, 3)))

    assert (severity, message.partition(";")[0]) == ("note", "2 acknowledgements answer nothing in this plan")


def test_expired_acknowledgement_is_a_warning() -> None:
    assert idle(yes(5, IN, expires=TODAY - timedelta(days=1))) == [
        (
            Severity.WARNING,
            "the acknowledgement of rule 5 at a.yaml:9:3 expired on 2026-11-23; correct it, or take it out",
        )
    ]


def test_endless_acknowledgement_is_noted() -> None:
    [(severity, message)] = idle(yes(5, IN, expires=TODAY + timedelta(days=401)))

    assert severity == "note"
    assert message.endswith("counts as for ever; choose an earlier date")


def test_shared_idle_acknowledgement_is_said_once() -> None:
    there = {**default(), **partner(), **partner(OTHER)}
    papers = {address: replace(one, acknowledge=(yes(5, IN),)) for address, one in documented(there).items()}

    assert len(judge(there, there, documents=papers, on=None)) == 1


def test_idle_finding_says_where() -> None:
    there = {**default(), **partner()}

    [found] = judge(there, there, yes(5, IN))

    assert (found.address, found.path, found.origin) == (PARTNER, IN, Origin("a.yaml", 9, 3))
