"""What can be wrong with an expression, a filter or a mapping, told with its place and a way out.

Not for findings that leave a thing usable: those are lints. The callers' own errors (files, exit codes) are made from
these, elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple


class Position(NamedTuple):
    """A place in the text of an expression: line and column from 1, offset from 0."""

    line: int = 1
    column: int = 1
    offset: int = 0

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


START = Position()


class ProvisioningError(ValueError):
    """The root: `message` says what is wrong, `hint` what to do (or nothing); the text has the place as well."""

    def __init__(self, message: str, hint: str = "", where: str = "") -> None:
        super().__init__(f"{where}{message}; {hint}" if hint else where + message)
        self.message = message
        self.hint = hint


class ExpressionError(ProvisioningError):
    """An expression that cannot be parsed or compiled; `at` is where."""

    def __init__(self, message: str, at: Position = START, hint: str = "") -> None:
        super().__init__(message, hint, f"{at}: ")
        self.at = at


class EvaluationError(ProvisioningError):
    """An expression that fails for this user: the attribute does not flow, and the service would report an error."""

    def __init__(self, message: str, at: Position = START, hint: str = "") -> None:
        super().__init__(message, hint, f"{at}: ")
        self.at = at


class Unknowable(EvaluationError):
    """A value that only the service knows: it depends on its clock, on chance, or on data that is not published."""


class PatternTimeout(EvaluationError):
    """A regular expression that was stopped because it ran for too long."""


class PatternError(ProvisioningError):
    """A regular expression that .NET would refuse, or that cannot be reproduced here; `offset` counts from 0."""

    def __init__(self, message: str, offset: int = 0, hint: str = "") -> None:
        super().__init__(message, hint)
        self.offset = offset


class DateError(ProvisioningError):
    """A date or a date format that cannot be read."""


class FilterError(ProvisioningError):
    """A scoping filter that has no meaning; `path` leads to the place, such as `filters[0].clauses[2]`."""

    def __init__(self, message: str, path: str, hint: str = "") -> None:
        super().__init__(message, hint, f"{path}: ")
        self.path = path


class MappingError(ProvisioningError):
    """A mapping, or a change of one, that has no meaning; `target` is the attribute it is for."""

    def __init__(self, message: str, target: str, hint: str = "") -> None:
        super().__init__(message, hint, f"{target}: ")
        self.target = target


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'?` for the likeliest of `known`, or nothing when none is near."""
    names = sorted(known)
    by_lower = {name.lower(): name for name in names}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean {by_lower[near[0]]!r}?" if near else ""
