"""What cycles make of people and groups, told a second time and by itself: nothing of the product is imported here.

People live in a source, are put into groups, led by managers, changed, disabled, deleted; jobs have their cycles. What
the target then holds is computed by brute force, one question after the other, and compared with the emulator by the
tests. Time is in minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

DAY = 24 * 60
MONTH = 30 * DAY
INTERVAL, FIRST = 40, 20
ATTEMPTS = (6 * 60, 12 * 60, DAY)
GIVEN_UP = 28 * DAY
ALL_SCOPES = frozenset({"ConnectorDataStore", "Escrows", "Watermark", "QuarantineState"})
ACTIONS = frozenset({"Add", "Update", "Delete"})


@dataclass(eq=False)
class Guest:
    """A user of the target: `where` is live, bin or gone; `since` is when they came into the bin."""

    home: str
    department: str | None
    enabled: bool = True
    manager: Guest | None = None
    where: str = "live"
    since: int = 0


@dataclass(eq=False)
class Crowd:
    """A group of the target."""

    name: str
    members: list[Guest] = field(default_factory=list)
    is_gone: bool = False


@dataclass(eq=False)
class Person:
    """Somebody of the source; `in_way` says that an account of the target's own has their address."""

    department: str | None
    enabled: bool = True
    manager: str = ""
    groups: set[str] = field(default_factory=set)
    in_way: bool = False
    where: str = "live"
    since: int = 0


@dataclass
class Failure:
    """How often something failed, and when it is tried again."""

    count: int
    again: int


@dataclass
class Company:
    """Source and target, and the jobs between them in the order of their keys."""

    people: dict[str, Person]
    groups: dict[str, str]
    dissolved: set[str] = field(default_factory=set)
    jobs: list[Job] = field(default_factory=list)
    guests: list[Guest] = field(default_factory=list)
    now: int = 0

    def touch(self, *names: str) -> None:
        """Let every job know that something of these changed."""
        for job in self.jobs:
            job.touched.update(names)

    def guest(self, home: str) -> Guest | None:
        """Return the user of the target who is somebody of the source."""
        return next((one for one in self.guests if one.home == home and one.where == "live"), None)

    def pass_time(self, minutes: int) -> None:
        """Let time pass, bins empty themselves, and cycles run that are due."""
        self.now += minutes
        aging: list[Person | Guest] = [*self.people.values(), *self.guests]
        for one in aging:
            if one.where == "bin" and self.now - one.since >= MONTH:
                one.where = "gone"
        ripe = [(job.due, at, job) for at, job in enumerate(self.jobs) if job.due is not None and job.due <= self.now]
        for due, _, job in sorted(ripe, key=lambda one: one[:2]):
            job.cycle(due + INTERVAL * ((self.now - due) // INTERVAL))


@dataclass(eq=False)
class Job:
    """A job: whom it means, what it may do, how much it puts up with; and what it knows."""

    company: Company
    people: set[str]
    groups: set[str]
    everybody: bool = False
    filter: tuple[str, str] | None = None
    may: frozenset[str] = ACTIONS
    with_groups: bool = False
    threshold: int = 500
    failures_from: int = 5_000

    is_active: bool = True
    looks_at_all: bool = True
    due: int | None = FIRST
    forces: bool = False
    quarantine: str = ""
    began: int = 0
    attempt: int = 0
    pruned: bool = False
    touched: set[str] = field(default_factory=set)
    reassigned: set[str] = field(default_factory=set)
    guests: dict[str, Guest] = field(default_factory=dict)
    crowds: dict[str, Crowd] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    staged: set[str] = field(default_factory=set)
    failures: dict[str, Failure] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    """Whom something was told of, and what."""

    # ---------------------------------------------------------------------------------------- what is done to a job

    def restart(self, scopes: frozenset[str]) -> None:
        """Forget what the scopes say, and go."""
        if "QuarantineState" in scopes or not self.is_active:
            self.quarantine = ""
        self.is_active = True
        if "Escrows" in scopes:
            self.failures = {}
        if "Watermark" in scopes:
            self.looks_at_all = True
        if "ConnectorDataStore" in scopes:
            self.guests, self.crowds, self.removed = {}, {}, set()
        self.forces = self.forces or "ForceDeletes" in scopes
        self._next()

    def start(self) -> None:
        """Go, out of any quarantine."""
        if not self.is_active or self.quarantine:
            self.is_active, self.quarantine = True, ""
            self._next()

    def pause(self) -> None:
        """Rest."""
        self.is_active, self.due = False, None

    def _next(self) -> None:
        if self.quarantine and not self.forces:
            self.due = self.attempt
        else:
            self.due = self.company.now + (FIRST if self.looks_at_all else 0)

    # ---------------------------------------------------------------------------------------- a cycle

    def cycle(self, moment: int) -> None:
        """Look at whoever may need it, hold deletions that are too many, then write managers and members."""
        before = dict(self.failures)
        done, blocked = 0, 0
        doomed: list[str] = []
        leads: dict[str, str] = {}
        people, groups = sorted(self._whom(moment)), sorted(self._which(moment))
        for name in people:
            verdict = self._person(name)
            done, blocked = done + (verdict not in ("fail", "remove")), blocked + (verdict == "block")
            self._noted(name, verdict, doomed, before, moment)
            if verdict in ("written", "block") and self.company.people[name].manager:
                leads[name] = self.company.people[name].manager
        for name in groups:
            verdict = self._group(name)
            done += verdict not in ("fail", "remove")
            self._noted(name, verdict, doomed, before, moment)
        holds = bool(doomed) and len(doomed) + blocked > self.threshold and not self.forces
        self.staged = set(doomed) if holds else set()
        for name in doomed:
            self._tell(name, "stagedDelete skipped" if holds else "delete success")
            if not holds:
                done += 1
                self._remove(name)
        self._managers(leads, before, moment)
        if self.groups_are_on:
            self._members(groups, before, moment)
        self._end(moment, done)

    def _tell(self, name: str, words: str) -> None:
        if name in self.company.people:
            self.log.append((name, words))

    def _noted(self, name: str, verdict: str, doomed: list[str], before: dict[str, Failure], moment: int) -> None:
        if verdict == "remove":
            doomed.append(name)
            return
        self._forget(name)
        if verdict == "fail":
            self._fail(name, before, moment)
            self._tell(name, f"{'update' if name in self.guests else 'create'} failure")
        if verdict == "skip":
            self._tell(name, "other skipped")

    def _forget(self, name: str) -> None:
        for key in [one for one in self.failures if one == name or one.startswith(f"{name}/")]:
            del self.failures[key]

    def _fail(self, key: str, before: dict[str, Failure], moment: int) -> None:
        count = 1 + (before[key].count if key in before else 0)
        self.failures[key] = Failure(count, moment + min(INTERVAL * 2 ** (count - 1), DAY))

    def _ripe(self, moment: int) -> list[str]:
        return [key for key, one in self.failures.items() if one.again <= moment]

    @property
    def groups_are_on(self) -> bool:
        return self.with_groups and not self.everybody

    def _whom(self, moment: int) -> set[str]:
        people = self.company.people
        again = {one for one in (*self._ripe(moment), *self.staged) if one in people}
        again = {one for one in again if one not in self.staged or one in self.guests or one in self._ripe(moment)}
        if self.looks_at_all:
            live = {name for name, one in people.items() if one.where == "live"}
            return {one for one in live if self.everybody or self._is_assigned(one)} | set(self.guests) | again
        members = {name for name, one in people.items() if one.groups & self.reassigned}
        return {one for one in self.touched if one in people} | members | again

    def _which(self, moment: int) -> set[str]:
        again = {one for one in self._ripe(moment) if one in self.company.groups}
        again |= {one for one in self.staged if one in self.crowds}
        if self.looks_at_all:
            return self.groups - self.company.dissolved | set(self.crowds) | again
        if not self.groups_are_on:
            return again
        touched = {one for one in self.touched | self.reassigned if one in self.company.groups}
        return {one for one in touched if one in self.crowds or one in self.groups} | again

    def _is_assigned(self, name: str) -> bool:
        return name in self.people or bool(self.company.people[name].groups & self.groups - self.company.dissolved)

    def _passes(self, one: Person) -> bool:
        if self.filter is None:
            return True
        operator, value = self.filter
        if not one.department:
            return False
        return (one.department == value) is (operator == "EQUALS")

    # ---------------------------------------------------------------------------------------- one person

    def _person(self, name: str) -> str:
        one = self.company.people[name]
        is_here = one.where == "live"
        is_meant = is_here and (self.everybody or self._is_assigned(name)) and self._passes(one)
        guest = self.guests.get(name)
        if guest is None:
            return self._new(name, one) if is_meant and one.enabled else "skip"
        if guest.where == "live":
            return self._linked(name, one, guest, is_here=is_here, is_meant=is_meant)
        if not is_meant or not one.enabled:
            return "skip"
        return self._back(name, one, guest)

    def _back(self, name: str, one: Person, guest: Guest) -> str:
        """Let somebody have a user again who is in the bin, or in no bin either."""
        if name not in self.removed:
            return "fail"
        if guest.where == "gone":
            return self._new(name, one)
        if "Update" not in self.may:
            return "skip"
        if self.company.guest(name) is not None:
            return "fail"
        guest.where = "live"
        return self._write(name, one, guest, is_new=True)

    def _new(self, name: str, one: Person) -> str:
        """Take over who is there, or make somebody new."""
        guest = self.company.guest(name)
        if guest is not None:
            return self._write(name, one, guest) if "Update" in self.may else "skip"
        if "Add" not in self.may:
            return "skip"
        if one.in_way:
            return "fail"
        guest = Guest(name, one.department)
        self.company.guests.append(guest)
        self._tell(name, "create success")
        return self._write(name, one, guest, is_new=None)

    def _linked(self, name: str, one: Person, guest: Guest, *, is_here: bool, is_meant: bool) -> str:
        if is_meant:
            if "Update" not in self.may:
                return "skip"
            is_news = guest.enabled and not one.enabled
            self._write(name, one, guest)
            return "block" if is_news else "written"
        if is_here and not one.enabled and not guest.enabled:
            return "skip"
        return "remove" if "Delete" in self.may else "skip"

    def _write(self, name: str, one: Person, guest: Guest, *, is_new: bool | None = False) -> str:
        """Write what differs, and tell of it: `is_new` is somebody who is restored, None somebody who was just told."""
        before = guest.enabled, guest.department
        guest.enabled = one.enabled
        guest.department = one.department or guest.department
        if is_new is not None:
            is_change = is_new or before != (guest.enabled, guest.department)
            self._tell(name, "update success" if is_change else "other skipped")
        self.guests[name] = guest
        self.removed.discard(name)
        return "written"

    def _remove(self, name: str) -> None:
        self._forget(name)
        self.removed.add(name)
        if name in self.crowds:
            self.crowds[name].is_gone = True
        else:
            self.guests[name].where, self.guests[name].since = "bin", self.company.now

    # ---------------------------------------------------------------------------------------- one group

    def _group(self, name: str) -> str:
        crowd, is_meant = self.crowds.get(name), name in self.groups - self.company.dissolved
        if not self.groups_are_on:
            return "skip"
        if crowd is not None and not crowd.is_gone:
            if is_meant:
                crowd.name = self.company.groups[name]
                self.removed.discard(name)
            return "written" if is_meant else "remove"
        if not is_meant:
            return "skip"
        if crowd is not None and name not in self.removed:
            return "fail"
        self.crowds[name] = Crowd(self.company.groups[name])
        self.removed.discard(name)
        return "written"

    # ---------------------------------------------------------------------------------------- who leads to whom

    def _there(self, name: str) -> tuple[str, Guest | None]:
        """Return whether somebody is in the target, out of scope, or missing there."""
        guest = self.guests.get(name)
        if guest is None:
            return ("missing" if name in self.failures else "out"), None
        if name in self.removed:
            return "out", None
        return ("there", guest) if guest.where == "live" else ("missing", None)

    def _managers(self, leads: dict[str, str], before: dict[str, Failure], moment: int) -> None:
        again = [one.partition("/")[0] for one in self._ripe(moment) if one.endswith("/manager")]
        people = self.company.people
        for name in again:
            leads.setdefault(name, people[name].manager if people[name].where == "live" else "")
        for name, manager in leads.items():
            self.failures.pop(f"{name}/manager", None)
            _, guest = self._there(name)
            standing, leader = self._there(manager) if manager else ("out", None)
            if guest is None:
                continue
            if standing == "missing":
                self._fail(f"{name}/manager", before, moment)
                self._tell(name, "update failure")
            if leader is not None and guest.manager is not leader:
                guest.manager = leader
                self._tell(name, "update success")

    def _members(self, groups: list[str], before: dict[str, Failure], moment: int) -> None:
        again = [one.partition("/")[0] for one in self._ripe(moment) if "/" in one and not one.endswith("/manager")]
        for group in {*groups, *again}:
            for key in [one for one in self.failures if one.startswith(f"{group}/")]:
                del self.failures[key]
            crowd = self.crowds.get(group)
            if crowd is None or crowd.is_gone or group in self.removed:
                continue
            wanted = []
            for name in self._in(group):
                standing, guest = self._there(name)
                wanted += [guest] if guest else []
                if standing == "missing":
                    self._fail(f"{group}/{name}", before, moment)
            own = set(self.guests.values())
            crowd.members = [*(one for one in crowd.members if one in wanted or one not in own)]
            crowd.members += [one for one in wanted if one not in crowd.members]

    def _in(self, group: str) -> Iterator[str]:
        yield from (name for name, one in self.company.people.items() if group in one.groups and one.where == "live")

    # ---------------------------------------------------------------------------------------- the end

    def _end(self, moment: int, done: int) -> None:
        was_first, self.looks_at_all, self.forces = self.looks_at_all, False, False
        self.touched, self.reassigned = set(), set()
        failed = sum("/" not in one for one in self.failures)
        is_too_much = failed >= self.failures_from and failed * 100 > (failed + done) * 40
        if self.staged:
            self._stop("TooManyDeletes", moment)
        elif is_too_much and not was_first:
            self._stop("EncounteredEscrowProportionThreshold", moment)
        else:
            self.quarantine = ""
            self.due = moment + INTERVAL
            self.pruned = is_too_much if was_first else self.pruned
            if is_too_much:
                self.failures = {}
                self.pause()

    def _stop(self, reason: str, moment: int) -> None:
        if self.quarantine != reason:
            self.quarantine, self.began = reason, moment
        waits = [one for one in ATTEMPTS if self.began + one > moment]
        days = DAY * ((moment - self.began) // DAY + 1)
        self.attempt = self.due = self.began + (waits[0] if waits else days)
        if moment - self.began >= GIVEN_UP:
            self.failures = {}
            self.pause()
