"""Judges a trial: an apply that something befell, the runs after it, and what the tenants say was done to them.

Pure, and an account of its own: it imports nothing of what it judges. It believes the tenants' journal, never the words
of the tool; those it compares with the journal. The rules have the names of the invariants that they stand for.

I1 every mutation is told, and what is told happened · I2 nothing twice · I3 nothing that the plan does not show · I4 a
run without faults finishes, and the next has nothing to do · I5 the exit code is true · I6 no torn file, and the next
run names every intent without an outcome · I7 no secret and no control character in any output · I9 in the plan's order
· I11 what nobody asked for is as it was.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from retelling import Index, Object, index, objects, retold

Json: TypeAlias = Mapping[str, Any]
Address: TypeAlias = tuple[str, str, str]

COUNTS = (
    "lost",
    "duplicated",
    "unplanned",
    "unreported",
    "false exit 0",
    "not converged",
    "untrue exit code",
    "out of order",
    "touched",
    "torn",
    "leaked",
)
CONFIRMED = frozenset({"applied", "superseded", "waiting"})
UNSURE = frozenset({"unknown", "applied-unverified"})
TOLD = UNSURE | {"applied", "waiting"}
NOTHING_CHANGED = frozenset({1, 3, 4, 5, 8, 9, 10})
METHODS = {"create": "POST", "update": "PATCH", "delete": "DELETE", "reset": "POST"}
# The service sets it by itself whenever a default is written.
BY_ITSELF = frozenset({"isServiceDefault"})
_TOKEN = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}")
# All that moves a cursor, hides or reorders text; a line feed is none of these, and a tab is in no output of ours.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class Violation(NamedTuple):
    """One broken promise: what it counts as, which invariant, and what was seen."""

    promise: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """One command, seen from outside. `code` is negative when a signal ended the process at once.

    `entries` is what the tenants' journal gained while it ran, `lines` what its own journal file gained.
    """

    name: str
    code: int
    stdout: str
    stderr: str
    entries: Sequence[Json] = ()
    lines: Sequence[str] = ()

    @property
    def report(self) -> Json | None:
        """The report of an apply, or None when it printed none."""
        document = _parsed(self.stdout)
        is_report = document is not None and str(document.get("format", "")).startswith("entra-reconciler/report/")
        return document if is_report else None

    @property
    def cut_off(self) -> bool:
        """Whether it had no chance to say how it ended."""
        return self.code < 0 or (self.code in (130, 143) and self.report is None)


@dataclass(frozen=True, slots=True)
class Trial:
    """An apply under a fault, the applies after it, of which the last had no fault, and a plan when all was over.

    `plan` is what the first apply was given, `before` and `after` are whole worlds, `files` what lies in the working
    folders, `secrets` what must never show.
    """

    plan: Json
    before: Json
    after: Json
    applies: Sequence[Command]
    idle: Command
    files: Mapping[str, str] = field(default_factory=dict)
    secrets: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the plan, with its place in the order of its tenant."""

    place: int
    id: str
    address: Address
    action: str
    after: Json
    needs: tuple[str, ...]


def judge(trial: Trial) -> tuple[Violation, ...]:
    """Return every broken promise of a trial; none at all is the only good answer."""
    steps = tuple(_steps(trial.plan))
    names = {tenant["tenantId"].lower(): tenant["tenant"] for tenant in trial.plan["tenants"]}
    known = index([entry for one in trial.applies for entry in one.entries], (trial.before, trial.after), trial.plan)
    found: list[Violation] = []
    past: list[Json] = []
    doubtful: frozenset[str] = frozenset()
    for command in trial.applies:
        entries = retold([entry for entry in command.entries if entry["principal"].get("kind") == "app"], known)
        past += entries
        found += _told(command, entries, names, doubtful)
        doubtful = _doubtful(command)
        found += _planned(entries, steps, names)
        found += _ordered(entries, past, steps, names)
        found += _true_code(command, entries, past, steps, names)
        found += _whole_lines(command)
    found += _named([*trial.applies])
    found += _once(past, steps, names, objects(trial.after, known))
    found += _converged(trial)
    found += _untouched(trial, steps, known)
    found += _clean(trial)
    return tuple(found)


def tally(violations: Sequence[Violation]) -> dict[str, int]:
    """Return how often each promise was broken, zeros included."""
    seen = Counter(violation.promise for violation in violations)
    return {name: seen[name] for name in COUNTS}


# ---------------------------------------------------------------------------------------------- reading the evidence


def _parsed(text: str) -> Json | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _writable(plan: Json) -> list[Json]:
    """Return the tenants that an apply may write to: of the others a plan only shows what differs."""
    return [tenant for tenant in plan["tenants"] if tenant["standing"] == "planned"]


def _steps(plan: Json) -> Iterator[Step]:
    for tenant in _writable(plan):
        for place, step in enumerate(tenant["steps"]):
            where = step["address"]
            address = (where["tenant"], where["kind"], where.get("key") or "")
            yield Step(place, step["id"], address, step["action"], step["after"] or {}, tuple(step["needs"]))


def _address(entry: Json, names: Mapping[str, str]) -> Address:
    return names.get(entry["tenant"], entry["tenant"]), entry["kind"], entry["key"]


def _effective(entries: Sequence[Json]) -> list[Json]:
    return [entry for entry in entries if entry["committed"] and entry["before"] != entry["after"]]


def _step_of(entry: Json, steps: Sequence[Step], names: Mapping[str, str]) -> Step | None:
    """Return the step that a write belongs to: by object, by method, and by a body of the step's blocks alone."""
    sent = entry["sent"] or {}
    body = {name: value for name, value in sent.items() if not (entry["method"] == "POST" and name == "tenantId")}
    for step in steps:
        same = step.address == _address(entry, names) and METHODS[step.action] == entry["method"]
        fits = all(name in step.after and step.after[name] == value for name, value in body.items())
        # An empty body fits any step, but only what says all by its address is meant to have none.
        if same and fits and (body or not step.after or step.action in ("delete", "reset")):
            return step
    return None


def _shows(there: Any, wanted: Any) -> bool:
    """Whether the service's form of a value is what was wanted; it may say more, and lists have no order."""
    if wanted is None:
        return there is None or (isinstance(there, dict) and all(_shows(value, None) for value in there.values()))
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(_shows(there.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(there, list) and sorted(map(json.dumps, there)) == sorted(map(json.dumps, wanted))
    return bool(there == wanted)


def _never(steps: Sequence[Step], past: Sequence[Json], names: Mapping[str, str]) -> list[Step]:
    """Return the steps that the tenants have not shown at any time; a later step may have gone on from there."""
    shown = [{_address(one, names): one["after"]} for one in past if one["committed"]]
    return [step for step in steps if not any(_stands(step, standing) for standing in shown)]


def _undone(steps: Sequence[Step], past: Sequence[Json], names: Mapping[str, str]) -> list[Step]:
    """Return the steps that the tenants do not show after all these writes."""
    standing: dict[Address, Json | None] = {}
    for entry in past:
        if entry["committed"]:
            standing[_address(entry, names)] = entry["after"]
    return [step for step in steps if not _stands(step, standing)]


def _last(steps: Sequence[Step]) -> list[Step]:
    """Return what shall be in the end of each object: its last step, with what earlier ones say beside that."""
    last: dict[Address, Step] = {}
    for step in steps:
        before = last.get(step.address)
        last[step.address] = replace(step, after={**before.after, **step.after}) if before else step
    return list(last.values())


def _stands(step: Step, standing: Mapping[Address, Json | None]) -> bool:
    if step.address not in standing:
        return False
    there = standing[step.address]
    return there is None if step.action == "delete" else there is not None and _shows(there, step.after)


def _lines(command: Command, event: str) -> list[Json]:
    entries = [_parsed(line) for line in command.lines]
    return [entry for entry in entries if entry is not None and entry.get("event") == event]


def _written(address: Address) -> str:
    return "/".join(part for part in address if part)


# ---------------------------------------------------------------------------------------------- I1: told


def _doubtful(command: Command) -> frozenset[str]:
    """Return what a command sent and knows no end of: it may arrive while the next one runs."""
    outcomes = {line["step"]: line["verdict"] for line in _lines(command, "outcome")}
    return frozenset(
        str(line["address"]) for line in _lines(command, "intent") if outcomes.get(line["step"], "unknown") == "unknown"
    )


def _told(
    command: Command, entries: Sequence[Json], names: Mapping[str, str], doubtful: frozenset[str]
) -> Iterator[Violation]:
    done = Counter(_written(_address(entry, names)) for entry in _effective(entries))
    intended = {str(line["address"]) for line in _lines(command, "intent")}
    for address in done:
        if address not in intended | doubtful:
            yield Violation("unreported", "I1", f"{command.name}: {address} was written, and no intent is on disk")
    report = command.report
    if report is not None:
        sent = {_written(_address(entry, names)) for entry in entries if entry["committed"]}
        yield from _reported(command, report, done, sent, doubtful)
    elif command.cut_off:
        yield from _denied(command, done)
    else:
        for address in done:
            yield Violation("unreported", "I1", f"{command.name}: {address} was written, and there is no report")


def _reported(
    command: Command, report: Json, done: Mapping[str, int], sent: set[str], doubtful: frozenset[str]
) -> Iterator[Violation]:
    told: Counter[str] = Counter()
    applied: Counter[str] = Counter()
    for outcome in report["outcomes"]:
        where = outcome["address"]
        address = _written((where["tenant"], where["kind"], where.get("key") or ""))
        # What the service calls done already, after it was sent, may have been done by us.
        ours = outcome["attempts"] > 0 or address in doubtful
        told[address] += outcome["verdict"] in TOLD or (outcome["verdict"] == "superseded" and ours)
        applied[address] += outcome["verdict"] == "applied"
    for address in done:
        # What an earlier run told as unknown may arrive before this one plans.
        if done[address] > told[address] + (address in doubtful):
            yield Violation("unreported", "I1", f"{command.name}: {address} was written, and the report denies it")
    for address in applied:
        # Over a stale read the same is written once more, and nothing comes of it.
        if applied[address] > done.get(address, 0) and address not in sent:
            yield Violation("lost", "I1", f"{command.name}: {address} is told as applied, and was not written")


def _denied(command: Command, done: Mapping[str, int]) -> Iterator[Violation]:
    """A run that was cut off has only its journal file to speak for it."""
    for line in _lines(command, "outcome"):
        if line["verdict"] not in TOLD and done.get(str(line["address"])):
            text = f"{command.name}: {line['address']} was written, and the journal file says {line['verdict']}"
            yield Violation("unreported", "I1", text)


# ---------------------------------------------------------------------------------------------- I2 and I3


def _once(
    past: Sequence[Json], steps: Sequence[Step], names: Mapping[str, str], after: Iterable[Object]
) -> Iterator[Violation]:
    made: Counter[str] = Counter()
    for entry in _effective(past):
        step = _step_of(entry, steps, names)
        made[step.id if step else ""] += 1
    for step in steps:
        if made[step.id] > 1:
            text = f"{step.action} {_written(step.address)} had an effect {made[step.id]} times"
            yield Violation("duplicated", "I2", text)
    standing = Counter(one.address for one in after)
    for (tenant, kind, key), count in standing.items():
        if count > 1:
            yield Violation("duplicated", "I2", f"{tenant} has {count} objects of the kind {kind} for {key}")


def _planned(entries: Sequence[Json], steps: Sequence[Step], names: Mapping[str, str]) -> Iterator[Violation]:
    for entry in entries:
        what = f"{entry['method']} {_written(_address(entry, names))}"
        step = _step_of(entry, steps, names)
        if step is None:
            yield Violation("unplanned", "I3", f"{what} was sent, and the plan does not show it")
        elif entry["committed"] and step.action in ("update", "reset"):
            shown = step.after if step.action == "reset" else entry["sent"] or {}
            beside = sorted(set(entry["blocks"]) - set(shown) - BY_ITSELF)
            if beside:
                yield Violation("unplanned", "I3", f"{what} changed {', '.join(beside)} as well")


# ---------------------------------------------------------------------------------------------- I9: order


def _places(step: Step, steps: Sequence[Step]) -> list[int]:
    """Return where a step may stand: two that say the same of different objects may have changed places."""
    return [
        other.place
        for other in steps
        if (other.address[:2], other.action, other.after) == (step.address[:2], step.action, step.after)
    ]


def _ordered(
    entries: Sequence[Json], past: Sequence[Json], steps: Sequence[Step], names: Mapping[str, str]
) -> Iterator[Violation]:
    last: dict[str, Step] = {}
    for entry in entries:
        step = _step_of(entry, steps, names)
        if step is None:
            continue
        before = last.get(step.address[0])
        if before is not None and before.place > max(_places(step, steps)):
            text = f"{_written(step.address)} was written after {_written(before.address)}"
            yield Violation("out of order", "I9", text)
        last[step.address[0]] = step
        earlier = [other for other in past if other["sequence"] < entry["sequence"]]
        needed = [other for other in steps if other.id in step.needs]
        for other in _never(needed, earlier, names):
            text = f"{_written(step.address)} was written before {_written(other.address)}, which it needs"
            yield Violation("out of order", "I9", text)


# ---------------------------------------------------------------------------------------------- I5: exit code


def _true_code(
    command: Command,
    entries: Sequence[Json],
    past: Sequence[Json],
    steps: Sequence[Step],
    names: Mapping[str, str],
) -> Iterator[Violation]:
    undone = _undone(_last(steps), past, names)
    report = command.report
    if command.code == 0:
        for step in undone:
            yield Violation("false exit 0", "I5", f"{command.name}: {_written(step.address)} is not as planned")
        for outcome in report["outcomes"] if report else ():
            if outcome["verdict"] not in CONFIRMED:
                text = f"{command.name}: exit code 0 with {outcome['verdict']} of {outcome['address']}"
                yield Violation("false exit 0", "I5", text)
    if report is not None:
        allowed = _allowed(report)
        if command.code not in allowed or report["exitCode"] != command.code:
            text = f"{command.name}: exit code {command.code} (told: {report['exitCode']}), true is {sorted(allowed)}"
            yield Violation("untrue exit code", "I5", text)
    elif command.code in NOTHING_CHANGED and _effective(entries):
        text = f"{command.name}: exit code {command.code} says that nothing was changed"
        yield Violation("untrue exit code", "I5", text)


def _allowed(report: Json) -> frozenset[int]:
    verdicts = {outcome["verdict"] for outcome in report["outcomes"]}
    sent = {outcome["verdict"] for outcome in report["outcomes"] if outcome["attempts"]}
    wrote = "applied" in verdicts or sent & {"waiting", "superseded"}
    if report["interrupted"]:
        return frozenset({128 + report["interrupted"]})
    if verdicts & UNSURE:
        return frozenset({7})
    if verdicts <= CONFIRMED:
        return frozenset({0})
    return frozenset({6}) if wrote else NOTHING_CHANGED


# ---------------------------------------------------------------------------------------------- I6: the journal file


def _whole_lines(command: Command) -> Iterator[Violation]:
    lines = [line for line in command.lines if line]
    # What a run that was killed was just writing may be half there; its write had not been sent.
    whole = lines[:-1] if command.code < 0 else lines
    for line in whole:
        if _parsed(line) is None:
            yield Violation("torn", "I6", f"{command.name}: its journal file has the line {line[:80]!r}")


def _named(applies: Sequence[Command]) -> Iterator[Violation]:
    """Every intent without an outcome must be named by the run that follows."""
    for command, follower in pairwise(applies):
        settled = {line["step"] for line in _lines(command, "outcome")}
        said = f"{follower.stderr}\n{follower.stdout}"
        for line in _lines(command, "intent"):
            named = str(line["address"]) in said and str(line["run"]) in said
            if line["step"] not in settled and not named:
                text = f"{command.name} left {line['address']} open, and {follower.name} does not name it"
                yield Violation("unreported", "I6", text)


# ---------------------------------------------------------------------------------------------- I4: convergence


def _converged(trial: Trial) -> Iterator[Violation]:
    last, idle = trial.applies[-1], trial.idle
    if last.code != 0:
        yield Violation("not converged", "I4", f"{last.name} without a fault ended with exit code {last.code}")
    plan = _parsed(idle.stdout)
    if idle.code != 0 or plan is None:
        yield Violation("not converged", "I4", f"{idle.name} ended with exit code {idle.code}")
    elif any(tenant["steps"] for tenant in _writable(plan)):
        yield Violation("not converged", "I4", f"{idle.name} still has something to do")
    if idle.entries:
        yield Violation("not converged", "I4", f"{idle.name} sent {len(idle.entries)} writes")


# ---------------------------------------------------------------------------------------------- I11: untouched


def _untouched(trial: Trial, steps: Sequence[Step], known: Index) -> Iterator[Violation]:
    touched: dict[Address, set[str]] = {}
    for step in steps:
        touched.setdefault(step.address, set()).update(step.after, ["*"] if step.action in ("create", "delete") else [])
        if step.address[1] == "configuration" and step.action in ("create", "delete"):
            touched[step.address[0], "application", step.address[2]] = {"*"}
    before = {one.address: one for one in objects(trial.before, known)}
    after = {one.address: one for one in objects(trial.after, known)}
    for address in sorted(before.keys() | after.keys()):
        ours = touched.get(address, set())
        if "*" in ours:
            continue
        old, new = _standing(before.get(address), ours), _standing(after.get(address), ours)
        if (old is None or new is None) and not (ours and _arises(address, touched)):
            yield Violation("touched", "I11", f"{_written(address)} {'came' if old is None else 'went'}")
        if old is None or new is None:
            continue
        allowed = ours | (BY_ITSELF if ours else set())
        changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        for name in (name for name in changed if name not in allowed):
            yield Violation("touched", "I11", f"{name} of {_written(address)} was changed")


def _standing(one: Object | None, ours: set[str]) -> Json | None:
    """Return what is compared: the whole object, or what a plan says of it where the plan speaks of it."""
    return None if one is None else one.words if ours else one.body


def _arises(address: Address, touched: Mapping[Address, set[str]]) -> bool:
    """Whether it comes by itself with a job that is made, as secrets and a schema do."""
    tenant, kind, key = address
    return kind in ("settings", "mappings") and "*" in touched.get((tenant, "job", key), set())


# ---------------------------------------------------------------------------------------------- I7: clean output


def _clean(trial: Trial) -> Iterator[Violation]:
    texts = dict(trial.files)
    for command in (*trial.applies, trial.idle):
        texts[f"stdout of {command.name}"] = command.stdout
        texts[f"stderr of {command.name}"] = command.stderr
    for place, text in texts.items():
        for secret in trial.secrets:
            if secret in text:
                yield Violation("leaked", "I7", f"{place} shows a secret")
        if _TOKEN.search(text):
            yield Violation("leaked", "I7", f"{place} shows a token")
        control = _CONTROL.search(text)
        if control:
            yield Violation("leaked", "I7", f"{place} has a raw {control.group()!r}")
