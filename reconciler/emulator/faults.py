"""The fault rules of a world at work: which fire on a request, what they have done so far, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

from reconciler.emulator.calls import Body, Call, Json, Lag
from reconciler.emulator.fault_rules import FaultError, Phase, Rule, parse


@dataclass(slots=True)
class Held:
    """A request that waits to be released; the result tells whether it goes on (True) or is given up (False)."""

    id: int
    rule: str
    call: Call
    phase: Phase
    released: Future[bool] = field(default_factory=Future)

    def as_json(self) -> dict[str, Json]:
        """Return what a test needs to see."""
        return {
            "id": self.id,
            "rule": self.rule,
            "tenant": self.call.tenant,
            "method": self.call.method,
            "path": self.call.path,
            "phase": self.phase,
        }


@dataclass(slots=True)
class _Reads:
    """The reads of one thing under one rule: which entry they know of, and how many came since which write."""

    known: int
    write: int = 0
    count: int = 0


class Faults:
    """The rules of a world, what they have done so far, and the requests that they hold."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}
        self._held: dict[int, Held] = {}
        self._watchers: list[tuple[int, Future[None]]] = []
        self._expired: set[str] = set()
        self._revoked: set[tuple[str, str, str]] = set()
        self._reads: dict[tuple[str, ...], _Reads] = {}
        self._made = 0

    # ---------------------------------------------------------------------------------------- rules

    def add(self, rule: Body, tenants: Mapping[str, str] | None = None, *, born: int = 0) -> str:
        """Add a rule and return its id; `tenants` maps the names that a rule may use to tenant ids.

        `born` is the last journal entry that is there before the rule: what is older is never read stale.

        Raises:
            FaultError: when the rule has an unknown member, action or value.
        """
        self._made += 1
        made = parse(rule, tenants or {}, fallback_id=f"fault-{self._made}")
        made.born = born
        if made.id in self._rules:
            raise FaultError(f"there is already a rule {made.id!r}")
        self._rules[made.id] = made
        return made.id

    def remove(self, rule: str) -> bool:
        """Take a rule away; tell whether it was there."""
        return self._rules.pop(rule, None) is not None

    def clear(self) -> None:
        """Take all rules away with what they left behind, and let every held request go on."""
        self._rules.clear()
        self._expired.clear()
        self._revoked.clear()
        self._reads.clear()
        self.release()

    def listing(self) -> list[dict[str, Json]]:
        """Return every rule with its id and how often it matched and fired."""
        return [
            {**rule.said, "id": rule.id, "matched": rule.matched, "fired": rule.fired} for rule in self._rules.values()
        ]

    def strike(self, call: Call) -> tuple[Rule, ...]:
        """Return the rules that fire on this request, in the order in which they were added."""
        return tuple(rule for rule in tuple(self._rules.values()) if rule.strikes(call))

    # ---------------------------------------------------------------------------------------- identities

    def expire(self, token: str) -> None:
        """Let a token be expired."""
        self._expired.add(token)

    def expired(self, token: str) -> bool:
        """Tell whether a rule expired this token."""
        return token in self._expired

    def revoke(self, tenant: str, application: str, role: str) -> None:
        """Take a permission from an application in one tenant."""
        self._revoked.add((tenant, application, role))

    def revoked(self, tenant: str, application: str) -> frozenset[str]:
        """Return the permissions that rules took from an application."""
        return frozenset(role for where, who, role in self._revoked if (where, who) == (tenant, application))

    # ---------------------------------------------------------------------------------------- staleness

    def horizon(self, lag: Lag, what: tuple[str, ...], last_write: int, then: int) -> int | None:
        """Count a read of `what`, and return the last journal entry that it knows of; None when it knows all.

        `then` is the last entry that was there as many seconds ago as the lag says.
        """
        reads = self._reads.setdefault((lag.rule, *what), _Reads(known=lag.born))
        if reads.write != last_write:
            reads.write, reads.count = last_write, 0
        reads.count += 1
        if lag.reads and reads.count > lag.reads:
            reads.known = last_write
            return None
        if lag.alternate and reads.count % 2:
            return None
        return reads.known if lag.reads else max(lag.born, then)

    # ---------------------------------------------------------------------------------------- holding

    @property
    def held(self) -> tuple[Held, ...]:
        """The requests that wait, oldest first. Callers who gave up wait no longer."""
        self._held = {key: held for key, held in self._held.items() if not held.released.done()}
        return tuple(self._held.values())

    def hold(self, rule: Rule, call: Call) -> Held:
        """Keep a request; whoever serves it waits for `released`."""
        self._made += 1
        held = Held(self._made, rule.id, call, rule.phase)
        self._held[held.id] = held
        for count, watcher in self._watchers:
            if len(self.held) >= count and not watcher.done():
                watcher.set_result(None)
        self._watchers = [(count, watcher) for count, watcher in self._watchers if not watcher.done()]
        return held

    def until_held(self, count: int) -> Future[None]:
        """Return a future that is done when at least `count` requests wait."""
        watcher: Future[None] = Future()
        if len(self.held) >= count:
            watcher.set_result(None)
        else:
            self._watchers.append((count, watcher))
        return watcher

    def release(self, held: int | None = None, *, carry_on: bool = True) -> int:
        """Let one request go on, or all; with `carry_on` false it is given up. Return how many there were."""
        chosen = [key for key in self._held if held is None or key == held]
        for key in chosen:
            waiting = self._held.pop(key)
            if not waiting.released.done():
                waiting.released.set_result(carry_on)
        return len(chosen)
