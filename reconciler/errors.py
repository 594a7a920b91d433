"""Everything that can go wrong, as one small tree. Says what, where, why and what next; renders nothing.

ReconcilerError                 1   anything below; nothing was changed
├── DocumentErrors              1   what is wrong in the files, all of it at once
├── SetupError                  1   the machine, the command line or the environment does not allow it
├── Blocked                     3   a guard rule asks for an acknowledgement in Git
├── PlanStale                   4   the tenant or the files changed since the plan was made
├── LockHeld                    5   another apply is running, or the lock cannot be had
├── PlanDamaged                 10  the plan file is not what was written, or not for us
├── WriteForbidden              1   a command that only reads was about to write: a defect, caught before it was sent
├── GitHubError                 1   an answer of GitHub that is not the one asked for
│   ├── GitHubForbidden         8   the token is not accepted, or may not do this
│   ├── GitHubUnavailable       9   throttled, 5xx, cut off or garbage: nothing can be concluded
│   └── GitHubUnanswered        7   something was to be created, and nobody knows whether it was
└── GraphError                 1   an answer of Microsoft Graph, or its absence
    ├── SignInFailed            8   no token, or a token that is not for this tenant, audience or application
    ├── Forbidden               8   401 after a fresh token, or 403
    ├── NotFound                1   404
    ├── Conflict                1   409
    ├── Refused                 1   any other 4xx: the same request will be refused again
    ├── Unavailable             9   throttled, 5xx, cut off, garbage or too late: nothing can be concluded
    └── Unanswered              7   a write was sent and nobody knows whether it was carried out
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

from reconciler.model import Origin


class ReconcilerError(Exception):
    """The root: its text is a whole message for a person, its `exit_code` the process's answer."""

    exit_code: ClassVar[int] = 1


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in the files: where, what, and what to write instead."""

    origin: Origin
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}" + (f"; {self.hint}" if self.hint else "")


class DocumentErrors(ReconcilerError):
    """All problems of all files in one run, in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SetupError(ReconcilerError):
    """The command line, the environment or the disk does not allow what was asked."""


class Blocked(ReconcilerError):
    """A guard rule stands in the way, and nobody has acknowledged it in Git."""

    exit_code = 3


class PlanStale(ReconcilerError):
    """What the plan was made from is no longer what is there. Plan again."""

    exit_code = 4


class LockHeld(ReconcilerError):
    """Another apply is running, or the lock cannot be reached."""

    exit_code = 5


class PlanDamaged(ReconcilerError):
    """The plan file is not in its canonical form, or does not follow from these documents."""

    exit_code = 10


class WriteForbidden(ReconcilerError):
    """A command that only reads was about to write. A defect of ours; nothing was sent."""


class GitHubError(ReconcilerError):
    """An answer of GitHub that is not the one asked for. Its text holds no token."""


class GitHubForbidden(GitHubError):
    """401, 403 or 404: the token is not accepted, may not do this, or may not even see it."""

    exit_code = 8


class GitHubUnavailable(GitHubError):
    """Throttled, 5xx, a broken connection or garbage: nothing can be concluded, and nothing was changed."""

    exit_code = 9


class GitHubUnanswered(GitHubError):
    """Something was to be created, and its outcome is not known; only looking can tell."""

    exit_code = 7


class GraphError(ReconcilerError):
    """An answer of Microsoft Graph that is not the one asked for, or no answer at all.

    `status` is the HTTP status (0: no status line was seen), `code` Graph's `error.code`, `request_id` what
    Microsoft's support asks for. The text is already free of secrets, but not escaped for any sink.
    """

    def __init__(self, message: str, *, status: int = 0, code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.request_id = request_id

    @property
    def lacks_permission(self) -> bool:
        """Whether the service says that whoever signed in has too few permissions, or roles."""
        return self.code == "Authorization_RequestDenied"

    def adding(self, words: str) -> Self:
        """Return the same error with more to say."""
        return type(self)(f"{self}; {words}", status=self.status, code=self.code, request_id=self.request_id)


class SignInFailed(GraphError):
    """No token, or one that is not for this tenant, audience or application."""

    exit_code = 8


class Forbidden(GraphError):
    """401 after a fresh token, or 403: a permission is missing."""

    exit_code = 8


class NotFound(GraphError):
    """404. For an item it may mean "not yet visible"; for a collection it never means "empty"."""


class Conflict(GraphError):
    """409: it exists already, or is being made."""


class Refused(GraphError):
    """Any other 4xx: asking again will not help."""


class Unavailable(GraphError):
    """Throttled, 5xx, a broken connection, garbage, a cap or a deadline: nothing can be concluded from it."""

    exit_code = 9


class Unanswered(GraphError):
    """A write was sent and its outcome is not known; only reading can tell."""

    exit_code = 7
