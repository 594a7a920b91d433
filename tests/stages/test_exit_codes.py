import pytest
from estates import DEFAULT

from reconciler.applying.verdicts import Result, exit_code
from reconciler.model import Action, Outcome, Verdict


def result(words: str) -> Result:
    """Read `failed 8`, `waiting x2` (two writes were sent), `applied`."""
    verdict, *rest = words.split()
    cause = next((int(word) for word in rest if word.isdigit()), 1)
    attempts = next((int(word[1:]) for word in rest if word.startswith("x")), 0)
    return Result(Outcome("1", DEFAULT, Action.UPDATE, Verdict(verdict), attempts=attempts), cause)


ENDINGS = [
    # Nothing to do, or all as it shall be.
    ("", 0),
    ("applied", 0),
    ("superseded", 0),
    ("superseded, superseded", 0),
    ("waiting", 0),
    ("waiting x1, superseded", 0),
    ("applied, superseded, waiting", 0),
    # Nothing was changed: the cause itself.
    ("failed 1", 1),
    ("failed 8", 8),
    ("failed 9", 9),
    ("failed 4", 4),
    ("not-started 9", 9),
    ("not-started 8, not-started 8", 8),
    ("blocked 3", 3),
    ("blocked 4", 4),
    ("blocked 3, blocked 3", 3),
    ("failed 8, skipped 1", 8),
    ("failed 9, not-started 9", 9),
    ("superseded, failed 8", 8),
    ("superseded, blocked 3", 3),
    ("waiting, failed 9", 9),
    # Something was changed, something else was not.
    ("applied, failed 1", 6),
    ("applied, failed 8", 6),
    ("failed 9, applied", 6),
    ("applied, skipped 1", 6),
    ("applied, not-started 9", 6),
    ("applied, blocked 3", 6),
    ("blocked 3, applied", 6),
    ("blocked 4, applied", 6),
    ("applied, superseded, failed 8", 6),
    ("waiting x1, failed 8", 6),
    ("superseded x1, failed 8", 6),
    # Nobody knows.
    ("unknown", 7),
    ("applied-unverified", 7),
    ("applied, unknown", 7),
    ("unknown, failed 8", 7),
    ("applied-unverified, skipped 1", 7),
    ("applied, failed 9, unknown", 7),
    ("blocked 3, unknown", 7),
    ("superseded, applied-unverified", 7),
]


def results(words: str) -> list[Result]:
    return [result(one) for one in words.split(", ") if one]


@pytest.mark.parametrize(("verdicts", "code"), ENDINGS)
def test_outcomes_have_a_code(verdicts: str, code: int) -> None:
    assert exit_code(results(verdicts)) == code


@pytest.mark.parametrize(
    ("verdicts", "elsewhere", "code"),
    [
        ("", 9, 9),
        ("", 3, 3),
        ("superseded", 8, 8),
        ("applied", 8, 6),
        ("applied", 9, 6),
        ("applied", 3, 6),
        ("applied-unverified", 9, 7),
        ("unknown", 3, 7),
        ("failed 8", 9, 8),
        ("waiting x1", 9, 6),
    ],
)
def test_what_went_wrong_beside_the_steps_counts(verdicts: str, elsewhere: int, code: int) -> None:
    """A tenant that could not be read, or that is blocked, beside tenants with these outcomes."""
    assert exit_code(results(verdicts), elsewhere=elsewhere) == code


@pytest.mark.parametrize("verdicts", ["", "applied", "applied, not-started 1", "unknown", "failed 8"])
@pytest.mark.parametrize(("signal", "code"), [(2, 130), (15, 143)])
def test_interrupted_run_says_so(verdicts: str, signal: int, code: int) -> None:
    assert exit_code(results(verdicts), interrupted=signal, elsewhere=9) == code


@pytest.mark.parametrize("other", [verdict for verdict in Verdict if verdict is not Verdict.APPLIED])
@pytest.mark.parametrize("cause", [1, 3, 4, 8, 9])
def test_after_a_write_nothing_says_that_nothing_was_changed(other: Verdict, cause: int) -> None:
    code = exit_code([result("applied"), result(f"{other.value} {cause}")])

    assert code in (0, 6, 7)


@pytest.mark.parametrize("verdict", Verdict)
def test_zero_is_only_for_what_is_confirmed(verdict: Verdict) -> None:
    confirmed = {Verdict.APPLIED, Verdict.SUPERSEDED, Verdict.WAITING}

    assert (exit_code([result(verdict.value)]) == 0) is (verdict in confirmed)


def test_cause_that_names_no_code_is_still_an_error() -> None:
    assert exit_code([result("failed 0")]) == 1


def test_order_of_tenants_does_not_weigh_more_than_what_happened() -> None:
    words = "superseded, applied, failed 9"

    assert {exit_code(results(words)), exit_code(results(words)[::-1])} == {6}
