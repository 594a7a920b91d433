"""Faults by rule: which requests go wrong, when, and how. Deterministic: the same requests, the same faults.

A rule is JSON: `match`, at most one of `nth`, `every` and `probability` (with `seed`), `times`, `phase` (before-commit
or after-commit), and `action`, an object whose first member names it. `match` may have `method` and `tenant` (one or
several), `path` (a glob, tried on the path and on the path with its query), `write` (whether the request is a mutation
of an object, on its own or in a $batch) and `batched` (whether it is part of a $batch). All are counted together:
`nth: 3` with `write: true` is the third write, wherever it goes.
What happens to bytes is not here: an app cannot cut, truncate or drip an answer, so it asks the proxy in front.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, TypeVar

from reconciler.emulator.calls import Body, Call, Json, Lag

Phase = Literal["before-commit", "after-commit"]
Number = TypeVar("Number", int, float)

ACTIONS: Mapping[str, str] = {
    "status": "answer with this status, and `headers` and `body` if given",
    "delay": "answer this many seconds later",
    "garbage": "answer 200 with `html`, `cut` JSON, or `empty`",
    "stale": "read behind the last write: `reads`, `seconds`, `view` (list, item, both), `alternate`",
    "hold": "keep the request until it is released",
    "expire-token": "let the token be expired from now on",
    "revoke-role": "take this permission from the application from now on",
    "duplicate": "carry the request out twice; the second answer counts",
    "drop": "cut the connection",
    "omit": "leave the answer out of the $batch",
    "late": "answer 504 now and carry the request out this many seconds later",
    "headers": "add these headers to the true answer",
    "claims": "lay these claims over those of the token that is asked for",
    "truncate": "send this many bytes of the answer, then cut the connection",
    "drip": "send the answer slowly: `bytes` every `seconds`",
    "hang": "begin to answer, then send nothing more",
}
_WITHOUT_VALUE = frozenset({"hold", "expire-token", "duplicate", "drop", "omit", "hang"})
_ONLY_BEFORE = frozenset({"stale", "expire-token", "revoke-role", "duplicate", "late", "claims"})
_ONLY_AFTER = frozenset({"headers", "truncate", "drip", "hang"})
_MEMBERS = frozenset({"id", "match", "nth", "every", "probability", "seed", "times", "phase", "action"})


class FaultError(ValueError):
    """A rule that says nothing sensible, and why."""


@dataclass(slots=True)
class Rule:
    """One rule and how often it matched and fired."""

    id: str
    methods: tuple[str, ...]
    path: str
    tenants: frozenset[str] | None
    nth: frozenset[int]
    every: int
    probability: float
    times: int
    phase: Phase
    action: str
    value: Json
    said: Body
    dice: random.Random
    write: bool | None = None
    batched: bool | None = None
    born: int = 0
    matched: int = 0
    fired: int = 0

    def strikes(self, call: Call) -> bool:
        """Count the request if it matches, and tell whether the rule fires on it."""
        if not self._matches(call):
            return False
        self.matched += 1
        fires = self._chosen() and not (self.times and self.fired >= self.times)
        self.fired += fires
        return fires

    def _matches(self, call: Call) -> bool:
        return (
            ("*" in self.methods or call.method in self.methods)
            and self.write in (None, call.writes)
            and self.batched in (None, call.batched)
            and (self.tenants is None or call.tenant in self.tenants)
            and (fnmatchcase(call.path, self.path) or fnmatchcase(call.line, self.path))
        )

    def _chosen(self) -> bool:
        if self.nth:
            return self.matched in self.nth
        if self.every:
            return self.matched % self.every == 0
        return self.dice.random() < self.probability


def parse(rule: Body, tenants: Mapping[str, str], fallback_id: str) -> Rule:
    """Return the rule that JSON describes.

    Raises:
        FaultError: when it has an unknown member, action or value.
    """
    _only(rule, _MEMBERS, "a rule")
    match = rule.get("match", {})
    _only(match, {"method", "path", "tenant", "write", "batched"}, "match")
    if sum(name in rule for name in ("nth", "every", "probability")) > 1:
        raise FaultError("a rule has at most one of nth, every and probability")
    action, value = _action(rule.get("action"))
    phase = rule.get("phase", "after-commit" if action in _ONLY_AFTER else "before-commit")
    senseless = {"before-commit": _ONLY_AFTER, "after-commit": _ONLY_BEFORE}.get(phase, ACTIONS)
    if action in senseless:
        raise FaultError(f"phase {phase!r} does not exist or makes no sense for {action}")
    return Rule(
        id=str(rule.get("id", fallback_id)),
        methods=tuple(str(method).upper() for method in _many(match.get("method", "*"))),
        path=str(match.get("path", "*")),
        tenants=None
        if "tenant" not in match
        else frozenset(tenants.get(str(name), str(name).lower()) for name in _many(match["tenant"])),
        nth=frozenset(_number("nth", number, int) for number in _many(rule.get("nth", []))),
        every=_number("every", rule.get("every", 0), int),
        probability=_number("probability", rule.get("probability", 1.0), float),
        times=_number("times", rule.get("times", 0), int),
        phase=phase,
        action=action,
        value=value,
        said=dict(rule),
        dice=random.Random(_number("seed", rule.get("seed", 0), int)),
        write=_claim("write", match.get("write")),
        batched=True if action == "omit" else _claim("batched", match.get("batched")),
    )


def _action(said: Json) -> tuple[str, Json]:
    if isinstance(said, str) and said in _WITHOUT_VALUE:
        return said, True
    if not isinstance(said, Mapping) or not said:
        raise FaultError(f"action {said!r} is not one of {', '.join(ACTIONS)}")
    action = next(iter(said))
    if action not in ACTIONS:
        raise FaultError(f"action {action!r} is not one of {', '.join(ACTIONS)}")
    _only(said, {action, "headers", "body"} if action == "status" else {action}, "action")
    return action, _value(action, said)


def _value(action: str, said: Body) -> Json:
    value = said[action]
    if action in _WITHOUT_VALUE and value is True:
        return True
    made = _VALUES.get(action, _nothing)(value, said)
    if made is None:
        raise FaultError(f"action {action!r} cannot take {value!r}: {ACTIONS[action]}")
    return made


def _nothing(value: Json, said: Body) -> None:
    return None


def _status(value: Json, said: Body) -> Json:
    if isinstance(value, bool) or not isinstance(value, int) or not 100 <= value <= 599:
        return None
    _object(said.get("headers", {}), "headers")
    headers = {str(name): str(text) for name, text in said.get("headers", {}).items()}
    return {"status": value, "headers": headers, "body": said.get("body")}


def _headers(value: Json, said: Body) -> Json:
    return {str(name): str(text) for name, text in _object(value, "headers").items()}


def _drip(value: Json, said: Body) -> Json:
    _only(value, {"bytes", "seconds"}, "drip")
    return {
        "bytes": _number("bytes", value.get("bytes", 1), int),
        "seconds": _number("seconds", value.get("seconds", 1.0), float),
    }


def _stale(value: Body) -> Lag:
    _only(value, {"reads", "seconds", "view", "alternate"}, "stale")
    view = value.get("view", "both")
    if view not in ("item", "list", "both"):
        raise FaultError(f"view {view!r} is not one of item, list, both")
    seconds = _number("seconds", value.get("seconds", 0.0), float)
    reads = _number("reads", value.get("reads", 0), int)
    if bool(seconds) == bool(reads):
        raise FaultError("stale takes either seconds or reads")
    return Lag(seconds=seconds, reads=reads, view=view, alternate=bool(value.get("alternate", False)))


def _number(name: str, value: Json, kind: type[Number]) -> Number:
    if isinstance(value, bool) or not isinstance(value, int | kind) or value < 0:
        raise FaultError(f"{name} takes a number that is not negative, not {value!r}")
    return kind(value)


def _claim(name: str, value: Json) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise FaultError(f"{name} is true or false, not {value!r}")
    return value


def _many(value: Json) -> Iterable[Json]:
    return value if isinstance(value, list | tuple) else [value]


def _only(value: Json, names: Iterable[str], where: str) -> None:
    unknown = sorted(set(_object(value, where)) - set(names))
    if unknown:
        raise FaultError(f"{where} has no {', '.join(map(repr, unknown))}; it takes {', '.join(sorted(names))}")


def _object(value: Json, where: str) -> Body:
    if not isinstance(value, Mapping):
        raise FaultError(f"{where} is an object, not {value!r}")
    return value


_VALUES: Mapping[str, Callable[[Json, Body], Json]] = {
    "status": _status,
    "delay": lambda value, said: _number("delay", value, float),
    "late": lambda value, said: _number("late", value, float),
    "truncate": lambda value, said: _number("truncate", value, int),
    "garbage": lambda value, said: value if value in ("html", "cut", "empty") else None,
    "stale": lambda value, said: _stale(value),
    "revoke-role": lambda value, said: value if isinstance(value, str) else None,
    "headers": _headers,
    "claims": lambda value, said: dict(_object(value, "claims")),
    "drip": _drip,
}
