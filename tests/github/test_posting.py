import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from github_double import REPOSITORY, TOKEN, Double, Reply, transport

from reconciler.errors import GitHubError, GitHubForbidden, GitHubUnanswered, GitHubUnavailable
from reconciler.github import comments, issues
from reconciler.github.authors import ACTIONS
from reconciler.github.client import GitHub
from reconciler.github.place import Place
from reconciler.github.texts import text_of

PLAN, DRIFT = "<!-- entra-reconciler:plan -->", "<!-- entra-reconciler:drift -->"
LABEL, TITLE = "entra-drift", "Live tenants differ from Git"
MEGAN = {"login": "megan", "type": "User"}
IMPOSTOR = {"login": ACTIONS, "type": "User"}


class Patient:
    """A clock on which waiting costs nothing, and is written down."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 11, 24, 8, tzinfo=UTC)

    def monotonic(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def ask(double: Double, request: Callable[[GitHub], Awaitable[str]], clock: Patient | None = None) -> str:
    async def asked() -> str:
        there = GitHub(Place("https://api.github.com", REPOSITORY, TOKEN), clock or Patient(), transport(double))
        try:
            return await request(there)
        finally:
            await there.aclose()

    return asyncio.run(asked())


def comment(double: Double, body: str = "one step", clock: Patient | None = None) -> str:
    return ask(double, lambda there: comments.put(there, 7, text_of(f"{PLAN}\n{body}\n"), ACTIONS), clock)


def issue(double: Double, body: str = "one difference") -> str:
    return ask(double, lambda there: issues.put(there, text_of(f"{DRIFT}\n{body}\n"), TITLE, LABEL, ACTIONS))


def close(double: Double) -> str:
    return ask(double, lambda there: issues.close(there, text_of(f"{DRIFT}\nin sync\n"), LABEL, ACTIONS))


def test_first_comment_is_created_and_second_written_over() -> None:
    double = Double()

    assert [comment(double), comment(double, "two steps"), comment(double, "two steps")] == [
        "created",
        "updated",
        "unchanged",
    ]
    assert [one["body"] for one in double.comments] == [f"{PLAN}\ntwo steps"]
    assert double.writes == ["POST", "PATCH"]


def test_comment_is_found_on_a_later_page() -> None:
    double = Double()
    for number in range(230):
        double.comment(7, f"comment {number}", MEGAN)
    double.comment(7, f"{PLAN}\r\nbefore")

    assert comment(double) == "updated"
    assert len(double.comments) == 231


@pytest.mark.parametrize("user", [MEGAN, IMPOSTOR, {"login": "other[bot]", "type": "Bot"}])
def test_marked_comment_of_somebody_else_is_left_alone(user: dict[str, str]) -> None:
    double = Double()
    theirs = double.comment(7, f"{PLAN}\ntheirs", user)

    assert comment(double) == "created"
    assert theirs["body"] == f"{PLAN}\ntheirs"


@pytest.mark.parametrize("body", [f"see\n{PLAN}", f"{PLAN} and more", DRIFT])
def test_comment_without_the_marker_alone_in_its_first_line_is_left_alone(body: str) -> None:
    double = Double()
    double.comment(7, body)

    assert comment(double) == "created"


def test_comment_of_another_pull_request_is_left_alone() -> None:
    double = Double()
    double.comment(8, f"{PLAN}\nanother")

    assert comment(double) == "created"


@pytest.mark.parametrize(
    ("failure", "waited"),
    [
        (Reply(429, {}, {"Retry-After": "17"}), [17.0]),
        (Reply(403, {"message": "secondary rate limit"}, {"Retry-After": "60"}), [60.0]),
        (Reply(403, {}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795507230"}), [30.0]),
        (Reply(502), [2.0]),
    ],
)
def test_github_is_waited_for(failure: Reply, waited: list[float]) -> None:
    clock = Patient()

    assert comment(Double(failures=[failure]), clock=clock) == "created"
    assert clock.slept == waited


def test_long_wait_is_refused() -> None:
    clock = Patient()

    with pytest.raises(GitHubUnavailable, match="run again later"):
        comment(Double(failures=[Reply(429, {}, {"Retry-After": "3600"})]), clock=clock)
    assert clock.slept == []


def test_patience_ends() -> None:
    with pytest.raises(GitHubUnavailable, match="503"):
        comment(Double(failures=[Reply(503)] * 5))


@pytest.mark.parametrize("status", [0, 502])
@pytest.mark.parametrize("done", [True, False])
def test_creation_that_nobody_confirmed_is_looked_for(status: int, done: bool) -> None:
    double = Double(failures=[Reply(200, []), Reply(status, done=done)])

    assert comment(double) == ("unchanged" if done else "created")
    assert len(double.comments) == 1


def test_creation_that_stays_unconfirmed_is_told() -> None:
    with pytest.raises(GitHubUnanswered):
        comment(Double(failures=[Reply(200, []), Reply(502)] * 3))


@pytest.mark.parametrize("body", [{"message": "no list"}, [1]])
def test_list_that_is_none_writes_nothing(body: Any) -> None:
    double = Double(failures=[Reply(200, body)])

    with pytest.raises(GitHubUnavailable, match="something else than a list"):
        comment(double)
    assert double.writes == []


def test_second_page_that_cannot_be_read_writes_nothing() -> None:
    double = Double(failures=[Reply(200, [], {"Link": '<https://elsewhere.example>; rel="next"'}), *[Reply(500)] * 5])

    with pytest.raises(GitHubUnavailable):
        comment(double)
    assert double.writes == []


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, GitHubForbidden, "check GITHUB_TOKEN"),
        (403, GitHubForbidden, "pull-requests: write"),
        (404, GitHubForbidden, "pull-requests: write"),
        (301, GitHubError, "has moved"),
        (422, GitHubError, "was refused"),
    ],
)
def test_refusal_is_told_without_the_token(status: int, kind: type[GitHubError], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        comment(Double(failures=[Reply(status, {"message": f"no {TOKEN}"})]))
    assert TOKEN not in str(caught.value)


def test_issue_is_opened_updated_and_closed() -> None:
    double = Double()

    assert [issue(double), issue(double, "two"), issue(double, "two"), close(double), close(double)] == [
        "opened",
        "updated",
        "unchanged",
        "closed",
        "none open",
    ]
    (there,) = double.issues
    assert (there["state"], there["body"], there["title"]) == ("closed", f"{DRIFT}\nin sync", TITLE)


def test_new_drift_opens_a_new_issue() -> None:
    double = Double()
    issue(double)
    close(double)

    assert issue(double) == "opened"
    assert [one["state"] for one in double.issues] == ["closed", "open"]


def test_issue_of_somebody_else_stays_open() -> None:
    double = Double()
    double.issue(TITLE, f"{DRIFT}\nmine", LABEL, user=MEGAN)

    assert close(double) == "none open"
    assert double.issues[0]["state"] == "open"


def test_pull_request_is_no_issue() -> None:
    double = Double()
    double.issue(TITLE, f"{DRIFT}\nmine", LABEL)["pull_request"] = {}

    assert issue(double) == "opened"


def test_issue_that_lost_its_label_is_told() -> None:
    with pytest.raises(GitHubError, match="add the label by hand"):
        issue(Double(drops_labels=True))
