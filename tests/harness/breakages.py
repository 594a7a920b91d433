"""What can befall an apply, as data: at which write, what goes wrong, and how a run may honestly end then.

Nothing here runs anything. A place is a tenant and the number of a write in it: tenants are written side by side, so
only within one of them is the order of writes the same in every run.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

Rule: TypeAlias = Mapping[str, Any]
Moment: TypeAlias = Literal["before", "after", "next"]

MOMENTS: tuple[Moment, ...] = ("before", "after", "next")
FINE, PARTLY, UNSURE, REFUSED, GONE = 0, 6, 7, 8, 9
SAFE = (FINE,)
# A tenant that cannot be written to: partly applied where another was, refused where nothing was.
DENIED = (PARTLY, REFUSED)


class Place(NamedTuple):
    """A write: a tenant, and its number among the writes there, from 1."""

    tenant: str
    number: int

    def __str__(self) -> str:
        return f"{self.tenant}-{self.number}"


@dataclass(frozen=True, slots=True)
class Stroke:
    """A signal at a write: before it is carried out, after it and before the answer, or at the next request.

    `twice` sends it again at once; `carry_on` lets a request that waits be carried out after its sender is dead.
    """

    place: Place
    moment: Moment
    number: signal.Signals = signal.SIGKILL
    twice: bool = False
    carry_on: bool = False


@dataclass(frozen=True, slots=True)
class Breakage:
    """Something that befalls an apply. `codes` are the exit codes with which it may end; none: it does not matter.

    `killed_after` is seconds of real time after which the process is killed, wherever it is.
    """

    name: str
    rules: tuple[Rule, ...] = ()
    stroke: Stroke | None = None
    codes: tuple[int, ...] = ()
    killed_after: float | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def places(plan: Mapping[str, Any]) -> list[Place]:
    """Return every write of a plan."""
    return [
        Place(tenant["tenant"], number)
        for tenant in plan["tenants"]
        if tenant["standing"] == "planned"
        for number, _ in enumerate(tenant["steps"], 1)
    ]


# ---------------------------------------------------------------------------------------------- signals


def kill(place: Place, moment: Moment, *, carry_on: bool = False) -> Breakage:
    """The process is killed at a write."""
    late = "-and-arrives" if carry_on else ""
    return Breakage(f"kill-{moment}-{place}{late}", stroke=Stroke(place, moment, carry_on=carry_on))


def stop(place: Place, moment: Moment, number: signal.Signals, *, twice: bool = False) -> Breakage:
    """The process is asked to end at a write, politely or insistently."""
    again = "-twice" if twice else ""
    stroke = Stroke(place, moment, number, twice=twice, carry_on=True)
    return Breakage(f"{number.name.lower()}{again}-{moment}-{place}", stroke=stroke, codes=(128 + number,))


def kill_at(seconds: float) -> Breakage:
    """The process is killed somewhere."""
    return Breakage(f"kill-at-{seconds:.3f}s", killed_after=seconds)


# ---------------------------------------------------------------------------------------------- one fault


def _write(place: Place, action: Any, phase: str = "before-commit", **others: Any) -> Rule:
    match = {"tenant": place.tenant, "write": True}
    return {"match": match, "nth": place.number, "times": 1, "phase": phase, "action": action, **others}


def _reads(place: Place, action: Any, **others: Any) -> Rule:
    return {"match": {"tenant": place.tenant, "write": False, "path": "/*/policies/*"}, "action": action, **others}


def _status(status: int, **headers: str) -> Mapping[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"status": status, "headers": named} if named else {"status": status}


def lost_request(place: Place) -> Breakage:
    """The write does not arrive."""
    return Breakage(f"lost-request-{place}", (_write(place, "drop"),), codes=SAFE)


def lost_answer(place: Place) -> Breakage:
    """The write is carried out, and nobody hears of it."""
    return Breakage(f"lost-answer-{place}", (_write(place, "drop", "after-commit"),), codes=SAFE)


def faults(place: Place) -> Iterator[Breakage]:
    """Yield everything else that can go wrong at one write."""
    before, after = "before-commit", "after-commit"
    for status in (500, 502, 503, 504):
        for phase in (before, after):
            name = f"{status}-{phase.removesuffix('-commit')}-{place}"
            yield Breakage(name, (_write(place, _status(status), phase),), codes=SAFE)
    yield Breakage(f"429-{place}", (_write(place, _status(429)),), codes=SAFE)
    yield Breakage(f"429-retry-after-{place}", (_write(place, _status(429, Retry_After="7")),), codes=SAFE)
    for status in (400, 409, 412):
        # A create that is said to exist and does not is sent again.
        yield Breakage(f"{status}-{place}", (_write(place, _status(status)),), codes=(FINE, PARTLY, 1, 4))
    yield Breakage(f"401-{place}", (_write(place, _status(401)),), codes=SAFE)
    yield Breakage(f"403-{place}", (_write(place, _status(403)),), codes=DENIED)
    for junk in ("html", "cut", "empty"):
        yield Breakage(f"garbage-{junk}-{place}", (_write(place, {"garbage": junk}, after),), codes=SAFE)
        yield Breakage(f"garbage-{junk}-undone-{place}", (_write(place, {"garbage": junk}, before),), codes=SAFE)
    yield Breakage(f"truncated-{place}", (_write(place, {"truncate": 20}, after),), codes=SAFE)
    yield Breakage(
        f"hang-{place}",
        (_write(place, "hang", after),),
        codes=SAFE,
        environment={"RECONCILER_REQUEST_SECONDS": "1"},
    )
    yield Breakage(f"late-{place}", (_write(place, {"late": 5.0}),), codes=SAFE)
    yield Breakage(f"very-late-{place}", (_write(place, {"late": 90.0}),), codes=SAFE)
    yield Breakage(f"duplicate-{place}", (_write(place, "duplicate"),), codes=SAFE)
    yield Breakage(f"expired-token-{place}", (_write(place, "expire-token"),), codes=SAFE)
    role = {"revoke-role": "Policy.ReadWrite.CrossTenantAccess"}
    yield Breakage(f"revoked-role-{place}", (_write(place, role),), codes=DENIED)


def stale(tenant: str) -> Iterator[Breakage]:
    """Yield reads that lag behind the writes of a tenant."""
    place = Place(tenant, 0)
    yield Breakage(f"stale-10s-{tenant}", (_reads(place, {"stale": {"seconds": 10.0}}),), codes=SAFE)
    yield Breakage(f"stale-600s-{tenant}", (_reads(place, {"stale": {"seconds": 600.0}}),), codes=(UNSURE,))
    flapping = {"stale": {"seconds": 60.0, "alternate": True}}
    yield Breakage(f"flapping-{tenant}", (_reads(place, flapping),), codes=(FINE, UNSURE))
    yield Breakage(f"stale-lists-{tenant}", (_reads(place, {"stale": {"seconds": 30.0, "view": "list"}}),), codes=SAFE)


def blackout(place: Place) -> Breakage:
    """From one write on the tenant answers nobody."""
    rules = ({"match": {"tenant": place.tenant}, "action": _status(503)},)
    return Breakage(f"blackout-{place}", (*rules,), codes=(PARTLY, UNSURE, GONE))


def singles(places: Sequence[Place]) -> list[Breakage]:
    """Return everything that can befall a plan, one thing at a time."""
    tenants = sorted({place.tenant for place in places})
    return [
        *(kill(place, moment) for place in places for moment in MOMENTS),
        *(kill(place, "before", carry_on=True) for place in places),
        *(stop(place, moment, number) for place in places for moment in MOMENTS for number in POLITE),
        *(stop(place, moment, number, twice=True) for place in places for moment in MOMENTS[:2] for number in POLITE),
        *(lost(place) for place in places for lost in (lost_request, lost_answer)),
        *(fault for place in places for fault in faults(place)),
        *(fault for tenant in tenants for fault in stale(tenant)),
        *(blackout(place) for place in places if place.number == 1),
    ]


POLITE = (signal.SIGTERM, signal.SIGINT)


# ---------------------------------------------------------------------------------------------- several


def both(first: Breakage, second: Breakage) -> Breakage:
    """Return two things that befall one apply; how it ends then is for the oracle alone."""
    return Breakage(
        f"{first.name}+{second.name}",
        (*first.rules, *second.rules),
        stroke=first.stroke or second.stroke,
        killed_after=first.killed_after or second.killed_after,
        environment={**first.environment, **second.environment},
    )


def pairs(chosen: Iterable[Breakage], dice: random.Random) -> Iterator[Breakage]:
    """Yield pairs of these, for ever, drawn at random; at most one of the two is a signal."""
    listed = list(chosen)
    without_signal = [one for one in listed if one.stroke is None]
    while True:
        yield both(dice.choice(listed), dice.choice(without_signal))


def schedule(places: Sequence[Place], seed: int) -> Breakage:
    """Return what a seed stands for: each request goes wrong with some chance, and perhaps the process is killed."""
    dice = random.Random(seed)
    chance = dice.choice((0.05, 0.1, 0.2))
    ways: list[tuple[Any, str]] = [
        ("drop", "before-commit"),
        ("drop", "after-commit"),
        ({"status": 503}, "before-commit"),
        ({"status": 503}, "after-commit"),
        ({"status": 429}, "before-commit"),
        ({"garbage": "html"}, "after-commit"),
        ({"late": 5.0}, "before-commit"),
    ]
    rules = [
        {
            "match": {"write": True},
            "probability": chance / 2,
            "seed": dice.randrange(10**6),
            "phase": phase,
            "action": action,
        }
        for action, phase in dice.sample(ways, 4)
    ]
    rules.append(
        {
            "match": {"write": False, "path": "/*/policies/*"},
            "probability": chance,
            "seed": dice.randrange(10**6),
            "action": dice.choice(["drop", {"status": 503}, {"status": 429}, {"stale": {"seconds": 20.0}}]),
        }
    )
    stroke = None
    if dice.random() < 0.4:
        stroke = Stroke(
            dice.choice(places), dice.choice(MOMENTS), dice.choice((signal.SIGKILL, *POLITE)), carry_on=True
        )
    return Breakage(f"schedule-{seed}", tuple(rules), stroke=stroke)
