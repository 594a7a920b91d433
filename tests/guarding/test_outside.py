"""Rule 22: what was changed by hand since the last apply, as the guard tells it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
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
    judge,
    marks,
    only,
    partner,
    yes,
)

from reconciler.guarding import Earlier
from reconciler.model import Acknowledgement, Address, Finding, Json, Resource, Severity, State

OUT, IN = "b2bCollaborationOutbound", "b2bCollaborationInbound"
TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
SINCE = "since the apply of tree 4b825dc642cb"
CALLED = f"Fabrikam ({FABRIKAM})"
AUDIT = "the audit log of the tenant tells who did it, and when"


def found(then: State | None, live: State, wanted: State, *yeses: Acknowledgement, **more: Json) -> list[Finding]:
    """Return what rule 22 says, where Git asked for `then` at the last apply."""
    earlier = None if then is None else Earlier(TREE, {**default(), **then})
    states: tuple[State, State] = {**default(), **live}, {**default(), **wanted}
    return [one for one in judge(*states, *yeses, earlier=earlier, **more) if one.rule == 22]


def told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(one.severity.value, one.path, one.message) for one in findings]


def out(block: Json) -> State:
    return partner(**{OUT: block})


def test_what_was_closed_by_hand_asks_before_it_is_opened() -> None:
    [one] = found(out(MORE), out(SOME), out(MORE))

    assert one.severity is Severity.BLOCK
    assert one.stops
    assert one.path == OUT
    assert one.message == f"{CALLED}: {OUT} was changed outside Git {SINCE}, and putting it back opens more than now"
    assert one.details == (
        "it may have been closed on purpose, as in an emergency: ask before it is opened again",
        AUDIT,
    )
    assert one.suggestion.startswith(f'acknowledge:\n  - rule: 22\n    change:\n      property: "{OUT}"\n')


def test_yes_to_just_this_change_answers_it() -> None:
    [one] = found(out(MORE), out(SOME), out(MORE), yes(22, OUT, SOME, MORE))

    assert not one.stops


def test_yes_to_another_change_does_not() -> None:
    [one] = found(out(MORE), out(SOME), out(MORE), yes(22, OUT, CLOSED, MORE))

    assert one.stops


def test_what_was_opened_by_hand_is_a_warning() -> None:
    findings = found(out(SOME), out(MORE), out(SOME))

    message = f"{CALLED}: {OUT} was changed outside Git {SINCE}, and would be put back"
    assert told(findings) == [("warning", OUT, message)]
    assert findings[0].details == (AUDIT,)


def test_what_opens_and_closes_counts_as_opening() -> None:
    other = {**MORE, "applications": OPEN["applications"]}

    assert [one.severity for one in found(out(other), out(OPEN), out(other))] == [Severity.WARNING]
    assert [one.severity for one in found(out(SOME), out(CLOSED), out(SOME))] == [Severity.BLOCK]


def test_what_the_files_change_as_well_is_by_both() -> None:
    findings = found(out(SOME), out(CLOSED), out(MORE))

    message = f"{CALLED}: {OUT} was changed by both {SINCE}: outside Git, and in the files"
    assert told(findings) == [("warning", OUT, message)]


@pytest.mark.parametrize(("before", "after"), [(SOME, MORE), (MORE, SOME), (OPEN, None)])
def test_what_only_the_files_change_is_not_spoken_of(before: Json, after: Json) -> None:
    assert found(out(before), out(before), out(after)) == []


def test_what_the_files_took_over_from_a_hand_is_not_spoken_of() -> None:
    assert found(out(MORE), out(SOME), out(SOME)) == []


def test_without_a_record_nothing_is_said() -> None:
    assert found(None, out(SOME), out(MORE)) == []


def test_each_block_is_judged_by_itself() -> None:
    then = partner(**{OUT: MORE, IN: SOME})

    findings = found(then, partner(**{OUT: SOME, IN: SOME}), partner(**{OUT: MORE, IN: MORE}))

    assert [(one.severity.value, one.path) for one in findings] == [("block", OUT)]


def test_the_default_is_judged_too() -> None:
    findings = found(default(**{OUT: OPEN}), default(**{OUT: CLOSED}), default(**{OUT: OPEN}), on=DEFAULT)

    message = f"the default: {OUT} was changed outside Git {SINCE}, and putting it back opens more than now"
    assert told(findings) == [("block", OUT, message)]


def test_link_that_asks_for_it_does_not_answer_it() -> None:
    """That something was closed by hand is news, whatever was reviewed before."""
    findings = judge(
        {**default(), **partner(**{IN: CLOSED})},
        {**default(), **partner(**{IN: SOME})},
        yes(5, IN, CLOSED, SOME),
        earlier=Earlier(TREE, {**default(), **partner(**{IN: SOME})}),
    )

    assert marks(findings) == [f"block 5 partner {IN}", f"block 22 partner {IN}"]
    assert [one.rule for one in findings if one.stops] == [22]


def test_entry_that_was_deleted_by_hand_asks_when_it_opens_something() -> None:
    closed = default(**{OUT: CLOSED})
    live, wanted = closed, {**closed, **out(OPEN)}

    [one] = found(wanted, live, wanted)

    message = f"{CALLED} was deleted outside Git {SINCE}, and putting it back opens more than now"
    assert told([one]) == [("block", "", message)]


def test_entry_that_comes_back_and_opens_nothing_is_a_warning() -> None:
    live, wanted = default(**{OUT: OPEN}), {**default(**{OUT: OPEN}), **out(SOME)}

    assert told(found(wanted, live, wanted)) == [
        ("warning", "", f"{CALLED} was deleted outside Git {SINCE}, and would be put back")
    ]


def test_new_entry_is_no_news_from_outside() -> None:
    assert found({}, {}, out(SOME)) == []


def test_entry_that_git_had_sent_away_was_made_outside() -> None:
    papers: Mapping[Address, object] = {PARTNER: document(PARTNER, absent=True)}

    findings = found({}, out(SOME), {}, documents=papers)

    assert [(one.severity.value, one.message.partition(",")[0]) for one in findings] == [
        ("block", f"{CALLED} was made outside Git {SINCE}")
    ]


def test_entry_that_git_sends_away_and_a_hand_changed_is_by_both() -> None:
    papers: Mapping[Address, object] = {PARTNER: document(PARTNER, absent=True)}

    [one] = found(out(SOME), out(MORE), {}, documents=papers)

    assert one.message == f"{CALLED} was changed by both {SINCE}: outside Git, and in the files"


def test_kind_that_lets_nobody_in_or_out_is_a_warning() -> None:
    policy = Address("contoso", "policy")
    one, two = ({policy: Resource({"allowedCloudEndpoints": clouds})} for clouds in ([], ["microsoftonline.us"]))

    findings = found(two, one, two)

    assert told(findings) == [
        (
            "warning",
            "allowedCloudEndpoints",
            f"the policy: allowedCloudEndpoints was changed outside Git {SINCE}, and would be put back",
        )
    ]


def test_default_block_is_said_once() -> None:
    findings = judge(out(SOME), out(MORE), earlier=Earlier(TREE, out(MORE)))

    assert only(findings, 22).path == OUT
