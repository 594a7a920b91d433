"""The decision table: every row as a case in a file, and all that can be asked compared with a second account."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML

from reconciler.provisioning import Standing, Ways, decide, excess, holds_deletions
from reconciler.provisioning.deciding import TABLE, Account, Scope, Target

FOLDER = Path(__file__).parent / "decisions"
UNLINKED = ("none", "match", "conflict")
CASES = [case for path in sorted(FOLDER.glob("*.yaml")) for case in YAML(typ="safe").load(path)]


def standing(case: dict[str, Any]) -> Standing:
    return Standing(
        linked=case["target"] not in UNLINKED,
        account=case["account"],
        scope=case["scope"],
        target=case["target"],
        reason=case.get("why", "NotEffectivelyEntitled"),
        conflict=case.get("conflict", ""),
        allowed=frozenset(case.get("allowed", ("Add", "Update", "Delete"))),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_case_is_decided(case: dict[str, Any]) -> None:
    decision = decide(standing(case), Ways(**case.get("ways", {})))

    assert (decision.action, decision.reason) == (case["action"], case.get("reason", ""))


def test_every_row_has_a_case() -> None:
    used = {next(number for number, row in enumerate(TABLE) if row.fits(standing(case))) for case in CASES}

    assert used == set(range(len(TABLE)))


def second_account(account: str, scope: str, target: str, allowed: frozenset[str]) -> str:
    """Return the action, told anew as one question after the other."""
    action = "skip"
    if account == "active" and scope == "in":
        action = {
            "none": "create", "match": "adopt", "live": "update", "blocked": "update", "removed": "restore",
            "expired": "create", "conflict": "fail", "discarded": "fail", "gone": "fail",
        }[target]  # fmt: skip
    elif target in ("live", "blocked"):
        if account in ("deleted", "gone") or (scope == "out" and (account, target) != ("disabled", "blocked")):
            action = "remove"
        elif account == "disabled" and scope == "in":
            action = "block" if target == "live" else "update"
    needs = {"create": "Add", "remove": "Delete", "skip": "", "fail": ""}.get(action, "Update")
    needs = "Add" if target == "conflict" and action == "fail" else needs
    return action if not needs or needs in allowed else "skip"


def test_all_that_can_be_asked_is_decided_alike() -> None:
    actions = ("Add", "Update", "Delete")
    for account, scope, target, *chosen in product(
        get_args(Account), get_args(Scope), get_args(Target), *[(False, True)] * 3
    ):
        allowed = frozenset(name for name, is_chosen in zip(actions, chosen, strict=True) if is_chosen)
        one = Standing(target not in UNLINKED, account, scope, target, conflict="Some", allowed=allowed)

        assert decide(one).action == second_account(account, scope, target, allowed), one


@pytest.mark.parametrize("target", get_args(Target))
def test_link_to_somebody_unlinked_is_no_question(target: Target) -> None:
    with pytest.raises(ValueError, match="decision table"):
        decide(Standing(target in UNLINKED, "active", "in", target))


# ------------------------------------------------------------------------------------------ what stops a cycle


@pytest.mark.parametrize(
    ("removed", "blocked", "threshold", "holds"),
    [
        (500, 0, 500, False), (501, 0, 500, True), (400, 101, 500, True), (400, 100, 500, False),
        (0, 900, 500, False), (1, 0, 0, True), (0, 0, 0, False),
    ],
)  # fmt: skip
def test_guard_holds_what_is_above_the_threshold(
    removed: int, blocked: int, threshold: int | None, holds: bool
) -> None:
    assert holds_deletions(removed, blocked, threshold) is holds


def test_no_threshold_is_no_guard() -> None:
    assert not holds_deletions(100_000, 0, None)


def test_guard_may_count_deletions_alone() -> None:
    assert not holds_deletions(400, 101, 500, counts_blocked=False)


@pytest.mark.parametrize(
    ("failed", "references", "done", "stops"),
    [
        (4_000, 0, 0, False), (45_000, 0, 1_000_000, True), (30_000, 0, 5_000, True),
        (20_000, 0, 100_000, False), (40_000, 21_000, 1_000_000, True),
    ],
)  # fmt: skip
def test_published_examples_of_failures(failed: int, references: int, done: int, stops: bool) -> None:
    assert bool(excess(failed, references, done)) is stops
