"""`$filter`, `$orderby`, `$select` and `$expand` over directory objects: from their text to what they ask for.

Only what Graph supports for directory objects is understood. Text is compared without case. Comparisons that Graph
answers from an index of its own are told apart: they take `ConsistencyLevel: eventual` and `$count=true`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.refusals import Refusal, bad_request, shorten

Holds: TypeAlias = Callable[[Body], bool]

_DEEPEST = 20
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<mark>[(),:])|(?P<word>[A-Za-z_][\w./-]*)|(?P<value>-?\d[\w.:+-]*))"
)
_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": lambda whole, part: part in whole,
}
_WORDS: Mapping[str, Json] = {"true": True, "false": False, "null": None}
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Properties:
    """What may be compared: `basic` at once, `advanced` and `known` (which is everything) under conditions."""

    type: str
    basic: frozenset[str]
    advanced: frozenset[str]
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was understood. `equal` is the property and the text of a filter that is one comparison."""

    holds: Holds
    is_advanced: bool = False
    equal: tuple[str, str] | None = None
    is_everything: bool = False


EVERYTHING = Filter(lambda body: True, is_everything=True)


def parsed(text: str, properties: Properties) -> Filter:
    """Return what a filter says.

    Raises:
        Refusal: 400, when it cannot be read or compares what cannot be compared.
    """
    return _Parser(text, properties).whole() if text.strip() else EVERYTHING


def names(text: str) -> list[str]:
    """Return the names in a list of them."""
    return [name.strip() for name in text.split(",")]


def expansions(text: str) -> dict[str, dict[str, str]]:
    """Return what is to be expanded, and with which options: `manager($select=id)`."""
    found = {}
    for name, options in re.findall(r"\s*(\w+)(?:\(([^()]*)\))?\s*(?:,|$)", text):
        pairs = (option.partition("=") for option in options.split(";") if option)
        found[name] = {key.strip(): value.strip() for key, _, value in pairs}
    return found


class _Parser:
    """Reads a filter from left to right; `or` binds weakest, then `and`, then `not`."""

    def __init__(self, text: str, properties: Properties) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0
        self._properties = properties
        self._is_advanced = False
        self._equal: tuple[str, str] | None = None

    def whole(self) -> Filter:
        holds = self._either()
        if self._at != len(self._tokens):
            raise _unreadable(self._peek())
        # A lone comparison: `name eq 'text'`.
        equal = self._equal if len(self._tokens) == 3 else None
        return Filter(holds, self._is_advanced, equal)

    # -------------------------------------------------------------------------------------- structure

    def _either(self) -> Holds:
        parts = [self._both()]
        while self._took("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda body: any(holds(body) for holds in parts)

    def _both(self) -> Holds:
        parts = [self._one()]
        while self._took("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda body: all(holds(body) for holds in parts)

    def _one(self) -> Holds:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _unreadable("too deep")
        holds = self._negated() if self._took("not") else self._plain()
        self._depth -= 1
        return holds

    def _negated(self) -> Holds:
        self._is_advanced = True
        inner = self._one()
        return lambda body: not inner(body)

    def _plain(self) -> Holds:
        if self._took("("):
            holds = self._either()
            self._expect(")")
            return holds
        word = self._next()
        if word.lower() in _TESTS and self._peek() == "(":
            return self._test(word.lower())
        if word.endswith("/any"):
            return self._any(word.removesuffix("/any"))
        return self._comparison(word)

    # -------------------------------------------------------------------------------------- comparisons

    def _test(self, name: str) -> Holds:
        self._expect("(")
        path = self._known(self._next())
        self._expect(",")
        wanted = self._literal()
        self._expect(")")
        self._is_advanced = self._is_advanced or name != "startswith"
        if name == "contains" or not isinstance(wanted, str):
            raise _unsupported(path, self._properties.type)
        test = _TESTS[name]
        return lambda body: test(_text(_read(body, path)), wanted.lower())

    def _comparison(self, path: str) -> Holds:
        self._known(path)
        operator = self._next().lower()
        if operator == "in":
            wanted = [_text(one) for one in self._list()]
            return lambda body: _text(_read(body, path)) in wanted
        value = self._literal()
        match operator:
            case "eq":
                self._equal = (path, value) if isinstance(value, str) else None
                return lambda body: _same(_read(body, path), value)
            case "ne":
                self._is_advanced = True
                return lambda body: not _same(_read(body, path), value)
            case "ge" | "le" if path.endswith("DateTime"):
                is_ge = operator == "ge"
                return lambda body: _between(_read(body, path), _text(value), is_ge)
            case _:
                raise _unsupported(path, self._properties.type)

    def _any(self, path: str) -> Holds:
        """`path/any(x: x eq 'a')`, or of members: `x/issuer eq 'a' and x/signInType eq 'b'`."""
        self._known(path)
        self._expect("(")
        variable = self._next()
        self._expect(":")
        outer, self._properties = self._properties, _members_of(self._properties, variable)
        inner = self._either()
        self._properties = outer
        self._expect(")")
        return lambda body: any(inner({variable: one}) for one in _read(body, path) or [])

    def _known(self, path: str) -> str:
        """Return a path that may be compared.

        Raises:
            Refusal: 400, when there is no such property or it cannot be compared.
        """
        name = path.split("/", 1)[0]
        if name not in self._properties.known:
            words = (
                f"Could not find a property named '{shorten(name)}' on type 'microsoft.graph.{self._properties.type}'."
            )
            raise bad_request(f"Invalid filter clause: {words}", code="BadRequest")
        if name in self._properties.advanced:
            self._is_advanced = True
        elif name not in self._properties.basic:
            raise _unsupported(name, self._properties.type)
        return path

    # -------------------------------------------------------------------------------------- tokens

    def _list(self) -> Iterator[Json]:
        self._expect("(")
        yield self._literal()
        while self._took(","):
            yield self._literal()
        self._expect(")")

    def _literal(self) -> Json:
        said = self._next()
        if said.startswith("'"):
            return said[1:-1].replace("''", "'")
        if said in _WORDS:
            return _WORDS[said]
        if _GUID.fullmatch(said) or said[0].isdigit() or said[0] == "-":
            return said
        raise _unreadable(said)

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise _unreadable("the end")
        self._at += 1
        return token

    def _took(self, wanted: str) -> bool:
        found = self._peek().lower() == wanted
        self._at += found
        return found

    def _expect(self, wanted: str) -> None:
        if not self._took(wanted):
            raise _unreadable(self._peek() or "the end")


def _tokens(text: str) -> Iterator[str]:
    place, stripped = 0, text.rstrip()
    while place < len(stripped):
        found = _TOKEN.match(stripped, place)
        if found is None:
            raise _unreadable(stripped[place:])
        place = found.end()
        yield found.group().strip()


def _members_of(properties: Properties, variable: str) -> Properties:
    known = frozenset({variable})
    return Properties(properties.type, known, frozenset(), known)


def _read(body: Body, path: str) -> Json:
    value: Json = body
    for name in path.split("/"):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value).lower()


def _same(value: Json, wanted: Json) -> bool:
    if value is None or wanted is None:
        return value is wanted
    return _text(value) == _text(wanted)


def _between(value: Json, wanted: str, is_ge: bool) -> bool:
    if value is None:
        return False
    return _text(value) >= wanted if is_ge else _text(value) <= wanted


def _unreadable(where: str) -> Refusal:
    return bad_request(f"Invalid filter clause: syntax error at '{shorten(where)}'.", code="BadRequest")


def _unsupported(name: str, kind: str) -> Refusal:
    words = f"Unsupported or invalid query filter clause specified for property '{shorten(name)}' of resource"
    return bad_request(f"{words} '{kind[:1].upper()}{kind[1:]}'.", code="Request_UnsupportedQuery")
