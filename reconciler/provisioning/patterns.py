"""Regular expressions as .NET has them, run by the `regex` library under a time-out.

A pattern is translated piece by piece: what .NET would refuse is refused, what means something else in Python is
written out (`\\w`, `\\s`, `\\Z`, subtraction in a class), what cannot be reproduced is told. Not a check of what a
pattern costs; `lints` warns, and the time-out is the last word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

import regex

from reconciler.provisioning.errors import PatternError

MAX_CHARACTERS = 10_000
# Ours: counted repetitions are unrolled by the library, at the cost of time and memory.
MAX_UNROLLED = 100_000
MAX_DEPTH = 100
# The library prepares the search of a long literal in cubic time, which no time-out covers; this parts it.
_LONGEST_LITERAL = 500
_PARTING = "(?>|)"

_WORD = r"\p{L}\p{Mn}\p{Nd}\p{Pc}"
_SPACE = r"\t-\r\x85\p{Z}"
_ASSERTIONS = {"A": r"\A", "b": r"\b", "B": r"\B", "z": r"\Z", "Z": r"(?=\n?\Z)", "G": r"\G"}
_CONTROLS = {"a": r"\x07", "e": r"\x1b", "f": r"\f", "n": r"\n", "r": r"\r", "t": r"\t", "v": r"\v"}
_CODE = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|c([A-Za-z@\[\\\]^_])|(0[0-7]{0,2})")
_CATEGORY = re.compile(r"([pP])\{(?:(L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfson]?)|Is([\w-]+))\}")
_BACKREFERENCE = re.compile(r"k(?:<(\w+)>|'(\w+)')|([1-9][0-9]*)")
_GROUP = re.compile(r"\?(?:<(?![=!])([^>]*)>|'([^']*)')")
_PLAIN_GROUP = re.compile(r"\?(?:[:>=!]|<[=!])")
_FLAGS = re.compile(r"\?([imnsx]*)(-[imnsx]+)?([:)])")
_COUNT = re.compile(r"\{([0-9]+)(?:(,)([0-9]*))?\}")
_REPEAT = re.compile(r"([*+?]|\{[0-9]+(?:,[0-9]*)?\})(\??)")
_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|([0-9]+)|([$&`'+_]))")

# What stands for a match: a template of the library, or a function.
Replacement: TypeAlias = str | Callable[["regex.Match[str]"], str]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern with .NET's numbers of its groups."""

    source: str
    compiled: regex.Pattern[str]
    groups: dict[str, int]

    def replacement(self, text: str) -> Replacement:
        """Return what stands for .NET's replacement text: plain text, or a function of the match."""
        parts: list[str | int] = []
        end = 0
        for reference in _REFERENCE.finditer(text):
            parts.append(text[end : reference.start()])
            parts.append(self._referred(reference))
            end = reference.end()
        parts.append(text[end:])
        if all(isinstance(part, str) for part in parts):
            return "".join(map(str, parts)).replace("\\", r"\\")
        return _filled(tuple(part for part in parts if part != ""))

    def _referred(self, reference: re.Match[str]) -> str | int:
        """Return a group's number for Python, or what stands there in itself."""
        if reference[3] is not None:
            known: dict[str, str | int] = {"$": "$", "&": 0, "+": max(self.groups.values(), default=0)}
            if reference[3] not in known:
                raise PatternError(f"{reference[0]} in a replacement is not reproduced here", reference.start())
            return known[reference[3]]
        name = reference[1] or reference[2]
        return self.groups.get(str(int(name)) if name.isdecimal() else name, 0 if name == "0" else reference[0])


def _filled(parts: tuple[str | int, ...]) -> Replacement:
    if len(parts) == 1:
        (only,) = parts
        return lambda match: match[only] or ""
    return lambda match: "".join(part if isinstance(part, str) else match[part] or "" for part in parts)


@lru_cache(maxsize=512)
def pattern(source: str) -> Pattern:
    """Return a .NET pattern ready to be used.

    Raises:
        PatternError: when .NET would refuse it, or it cannot be reproduced.
    """
    if len(source) > MAX_CHARACTERS:
        raise PatternError(f"it has {len(source):,} characters, and at most {MAX_CHARACTERS:,} are taken")
    translation = _Translation(source)
    translated = translation.run()
    try:
        compiled = regex.compile("(?-f)" + translated, regex.V1)
    except (regex.error, OverflowError) as error:
        raise PatternError(f"it cannot be compiled: {error}") from error
    return Pattern(source, compiled, translation.numbers())


@dataclass(slots=True)
class _Open:
    """A group that is not closed yet: where it starts, and how large it is with its repetitions unrolled."""

    start: int
    size: int = 1


@dataclass(slots=True)
class _Translation:
    """One pass over a pattern, from left to right."""

    source: str
    at: int = 0
    out: list[str] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=lambda: [_Open(0)])
    unnamed: list[int] = field(default_factory=list)
    named: dict[str, int] = field(default_factory=dict)
    count: int = 0
    repeatable: bool = False
    size: int = 0  # of what stands right before, unrolled
    atoms: int = 0

    def run(self) -> str:
        while self.at < len(self.source):
            self._step(self.source[self.at])
        if len(self.stack) > 1:
            raise PatternError("this ( is not closed", self.stack[-1].start)
        return "".join(self.out)

    def numbers(self) -> dict[str, int]:
        """Return .NET's names and numbers of groups, each with Python's number: unnamed groups count first."""
        numbered = {str(number): group for number, group in enumerate([*self.unnamed, *self.named.values()], 1)}
        return numbered | self.named

    def _step(self, character: str) -> None:
        match character:
            case "\\":
                self._escape()
            case "[":
                self._atom(self._set(), 0)
            case "(":
                self._open()
            case ")":
                self._close()
            case "|":
                self._emit("|", 1)
            case "^" | "$":
                self._emit(character, 1)
            case "*" | "+" | "?":
                self._repeat()
            case "{" if _COUNT.match(self.source, self.at):
                self._repeat()
            case "{" | "}" | "]":
                self._atom("\\" + character, 1)
            case _:
                self._atom(character if character not in "&~" else "\\" + character, 1)

    def _atom(self, text: str, length: int, size: int = 1) -> None:
        self.atoms += 1
        self._emit(text if self.atoms % _LONGEST_LITERAL else _PARTING + text, length, size)
        self.repeatable = True

    def _emit(self, text: str, length: int, size: int = 1) -> None:
        self.out.append(text)
        self.stack[-1].size += size
        if self.stack[-1].size > MAX_UNROLLED:
            raise PatternError(f"its counts come to more than {MAX_UNROLLED:,} repetitions", self.at, "count less")
        self.at += length
        self.repeatable = False
        self.size = size

    def _repeat(self) -> None:
        found = _REPEAT.match(self.source, self.at)
        if found is None or not self.repeatable:
            raise PatternError("this quantifier has nothing to repeat", self.at, "write \\ before it to mean itself")
        self._emit(found[0], len(found[0]), self.size * (_times(found[1]) - 1))

    def _open(self) -> None:
        start = self.at
        if len(self.stack) > MAX_DEPTH:
            raise PatternError(f"groups are nested more than {MAX_DEPTH} deep", start)
        rest = start + 1
        if self.source.startswith("?#", rest):
            return self._comment()
        if flags := _FLAGS.match(self.source, rest):
            return self._flags(flags)
        if group := _GROUP.match(self.source, rest):
            return self._named(group, start)
        if plain := _PLAIN_GROUP.match(self.source, rest):
            self._emit("(" + plain[0], 1 + len(plain[0]))
        elif self.source.startswith("?", rest):
            raise PatternError("this kind of group is not reproduced here", start)
        else:
            self.count += 1
            self.unnamed.append(self.count)
            self._emit("(", 1)
        self.stack.append(_Open(start))
        return None

    def _named(self, group: re.Match[str], start: int) -> None:
        name = group[1] if group[1] is not None else group[2]
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise PatternError(f"the group name {name!r} is not reproduced here", start, "use letters and digits")
        if name not in self.named:
            self.count += 1
            self.named[name] = self.count
        self._emit(f"(?P<{name}>", 1 + len(group[0]))
        self.stack.append(_Open(start))

    def _flags(self, flags: re.Match[str]) -> None:
        if "n" in flags[0] or "x" in flags[0]:
            raise PatternError("the options n and x are not reproduced here", self.at, "use i, m and s only")
        start = self.at
        self._emit("(" + flags[0], 1 + len(flags[0]))
        if flags[3] == ":":
            self.stack.append(_Open(start))

    def _comment(self) -> None:
        end = self.source.find(")", self.at)
        if end < 0:
            raise PatternError("this comment is not closed", self.at)
        self.at = end + 1

    def _close(self) -> None:
        if len(self.stack) == 1:
            raise PatternError("this ) closes nothing", self.at, "write \\) to mean a bracket")
        self._atom(")", 1, self.stack.pop().size)

    def _escape(self) -> None:
        rest = self.source[self.at + 1 :][:1]
        if not rest:
            raise PatternError("the pattern ends with a \\", self.at, "write \\\\ to mean a backslash")
        if rest in _ASSERTIONS:
            return self._emit(_ASSERTIONS[rest], 2)
        if back := _BACKREFERENCE.match(self.source, self.at + 1):
            return self._back(back)
        text, length = self._character()
        if rest in "wWsS":
            text = f"[{text}]"
        return self._atom(text, length)

    def _back(self, back: re.Match[str]) -> None:
        name = back[1] or back[2] or back[3]
        group = self.numbers().get(name)
        if group is None:
            raise PatternError(f"there is no group {name!r} before this place", self.at)
        self._atom(rf"(?:\g<{group}>)", 1 + len(back[0]))

    def _character(self) -> tuple[str, int]:
        """Return an escaped character or class for Python, as it stands inside [], and its length in the source."""
        start = self.at + 1
        sign = self.source[start : start + 1]
        if code := _CODE.match(self.source, start):
            return _coded(code), 1 + len(code[0])
        if category := _CATEGORY.match(self.source, start):
            # `Is` is a block for .NET and a script for Python.
            return rf"\{category[1]}{{{category[2] or 'In' + category[3]}}}", 1 + len(category[0])
        classes = {"w": _WORD, "W": f"[^{_WORD}]", "s": _SPACE, "S": f"[^{_SPACE}]", "d": r"\d", "D": r"\D"}
        if sign in classes:
            return classes[sign], 2
        if sign in _CONTROLS:
            return _CONTROLS[sign], 2
        if sign in ("p", "P"):
            raise PatternError(f"this \\{sign} is not reproduced here", self.at, r"write a category of Unicode: \p{L}")
        if sign.isalnum() or sign in ("_", ""):
            raise PatternError(f"\\{sign} means nothing in .NET", self.at, "write \\\\ to mean a backslash")
        return re.escape(sign), 2

    def _set(self, depth: int = 1) -> str:
        """Return a class for Python, and move behind it; a subtraction comes last and may hold another."""
        start = self.at
        if depth > MAX_DEPTH:
            raise PatternError(f"subtractions are nested more than {MAX_DEPTH} deep", start)
        self.at += 1
        parts = ["["]
        if self.source.startswith("^", self.at):
            parts.append("^")
            self.at += 1
        parts.append(self._member(start))
        while not self.source.startswith("]", self.at):
            if self.source.startswith("-[", self.at):
                return self._subtraction(parts, depth)
            if self.source.startswith("-", self.at) and self.source[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                parts.append("-")
            parts.append(self._member(start))
        self.at += 1
        return "".join(parts) + "]"

    def _subtraction(self, parts: list[str], depth: int) -> str:
        self.at += 1
        negated = parts[1] == "^"
        taken = self._set(depth + 1)
        if not self.source.startswith("]", self.at):
            raise PatternError("a subtraction has to come last in a class", self.at)
        self.at += 1
        kept = "".join(parts)
        return f"[{kept}]--{taken}]" if negated else f"[[{kept[1:]}]--{taken}]"

    def _member(self, start: int) -> str:
        sign = self.source[self.at : self.at + 1]
        if not sign:
            raise PatternError("this [ is not closed", start, "write \\[ to mean a bracket")
        if sign == "\\":
            if self.source.startswith("b", self.at + 1):
                self.at += 2
                return r"\x08"
            text, length = self._character()
            self.at += length
            return text
        self.at += 1
        # All that is no letter or digit is escaped: doubled signs would be set operations in Python.
        return sign if sign.isalnum() else "\\" + sign


def _coded(code: re.Match[str]) -> str:
    if code[3]:
        return f"\\x{ord(code[3].upper()) & 31:02x}"
    number = int(code[4], 8) if code[4] else int(code[1] or code[2], 16)
    return f"\\u{number:04x}"


def _times(quantifier: str) -> int:
    counted = _COUNT.fullmatch(quantifier)
    if counted is None:
        return 1
    least = int(counted[1])
    most = int(counted[3]) if counted[3] else least
    if most < least:
        raise PatternError(f"{quantifier} counts down", 0)
    return max(most, 1)
