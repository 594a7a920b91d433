"""`$filter` over the provisioning log: comparisons and `contains`, joined by `and` and `or`. Case counts.

Not the filters of directory objects, which know more and ignore case.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.committing import stamp
from reconciler.emulator.refusals import Refusal, bad_request, shorten

Holds: TypeAlias = Callable[[Body], bool]
_Reads: TypeAlias = Callable[[Body], str]

_DEEPEST = 20
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[(),]|[A-Za-z_][\w/]*|[\w.:+-]+)")
_COMPARISONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "eq": operator.eq,
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
}
_FIELDS: Final = frozenset(
    {
        "id", "activityDateTime", "jobId", "cycleId", "changeId", "tenantId", "provisioningAction",
        "provisioningStatusInfo/status", "provisioningStatusInfo/errorInformation/errorCode", "servicePrincipal/id",
        "servicePrincipal/displayName", "sourceIdentity/id", "sourceIdentity/displayName",
        "sourceIdentity/identityType", "targetIdentity/id", "targetIdentity/displayName", "sourceSystem/id",
        "sourceSystem/displayName", "targetSystem/id", "targetSystem/displayName",
    }
)  # fmt: skip


def parsed(text: str) -> Holds:
    """Return what a filter says; an empty one holds for everything.

    Raises:
        Refusal: 400, when it cannot be read or compares what cannot be compared.
    """
    return _Parser(text).whole() if text.strip() else lambda event: True


class _Parser:
    """Reads a filter from left to right; `and` binds stronger than `or`."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._depth = 0

    def whole(self) -> Holds:
        holds = self._either()
        if self._tokens:
            raise _unreadable(self._tokens[0])
        return holds

    def _either(self) -> Holds:
        parts = [self._both()]
        while self._took("or"):
            parts.append(self._both())
        return lambda event: any(holds(event) for holds in parts)

    def _both(self) -> Holds:
        parts = [self._one()]
        while self._took("and"):
            parts.append(self._one())
        return lambda event: all(holds(event) for holds in parts)

    def _one(self) -> Holds:
        if self._took("("):
            self._depth += 1
            if self._depth > _DEEPEST:
                raise _unreadable("too deep")
            holds = self._either()
            self._expect(")")
            self._depth -= 1
            return holds
        return self._contains() if self._took("contains") else self._comparison()

    def _contains(self) -> Holds:
        self._expect("(")
        _, reads = self._operand()
        self._expect(",")
        part = self._literal("")
        self._expect(")")
        return lambda event: part in reads(event)

    def _comparison(self) -> Holds:
        field, reads = self._operand()
        word = self._next()
        if word not in _COMPARISONS:
            raise _unreadable(word)
        compare, wanted = _COMPARISONS[word], self._literal(field)
        return lambda event: compare(reads(event), wanted)

    def _operand(self) -> tuple[str, _Reads]:
        if self._took("tolower"):
            self._expect("(")
            field, reads = self._operand()
            self._expect(")")
            return field, lambda event: reads(event).lower()
        field = self._next()
        if field not in _FIELDS:
            raise _unreadable(field)
        return field, lambda event: _read(event, field)

    def _literal(self, field: str) -> str:
        written = self._next()
        if field == "activityDateTime":
            return _moment(written.strip("'"))
        if written == "null":
            return ""
        if not written.startswith("'"):
            raise _unreadable(written)
        return written[1:-1].replace("''", "'")

    def _next(self) -> str:
        if not self._tokens:
            raise _unreadable("the end")
        return self._tokens.pop(0)

    def _took(self, wanted: str) -> bool:
        if self._tokens and self._tokens[0] == wanted:
            self._tokens.pop(0)
            return True
        return False

    def _expect(self, wanted: str) -> None:
        if not self._took(wanted):
            raise _unreadable(self._tokens[0] if self._tokens else "the end")


def _tokens(text: str) -> Iterator[str]:
    place, stripped = 0, text.rstrip()
    while place < len(stripped):
        found = _TOKEN.match(stripped, place)
        if found is None:
            raise _unreadable(stripped[place:])
        place = found.end()
        yield found[1]


def _read(event: Body, field: str) -> str:
    value: Json = event
    for name in field.split("/"):
        value = (value or {}).get(name)
    return "" if value is None else str(value)


def _moment(text: str) -> str:
    """Return a moment, or the beginning of a day, as events are stamped."""
    try:
        moment = datetime.fromisoformat(text)
        return stamp(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise _unreadable(text) from error


def _unreadable(where: str) -> Refusal:
    return bad_request(f"Invalid filter clause: '{shorten(where)}'.", code="BadRequest")
