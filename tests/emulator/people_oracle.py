"""What cycles make of one person, told a second time and by itself: nothing of the product is imported here.

A `Person` lives in the source, is put into a group and taken out of it, is changed, disabled, deleted. A `Job` has its
cycles. What the target then shows is computed here by brute force, one question after the other, and compared with the
emulator by the tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MONTH = 30 * 24 * 60
INTERVAL = 40
FIRST = 20
DAY = 24 * 60


@dataclass
class Shadow:
    """The user of the target: `where` is live, bin or gone; `since` is when they came into the bin."""

    department: str | None
    enabled: bool = True
    where: str = "live"
    since: int = 0


@dataclass
class Person:
    """Somebody of the source and all that the job knows of them."""

    department: str | None
    enabled: bool = True
    member: bool = True
    where: str = "live"
    since: int = 0
    shadow: Shadow | None = None
    is_linked: bool = False
    removed_by_job: bool = False
    touched: bool = True
    staged: bool = False
    failures: int = 0
    again: int = 0
    """The minute at which a failure is tried again; it counts only while there are failures."""
    made: int = 0
    """How often a user was created for them."""

    def age(self, now: int) -> None:
        """Let the bins empty themselves."""
        if self.where == "bin" and now - self.since >= MONTH:
            self.where = "gone"
        if self.shadow and self.shadow.where == "bin" and now - self.shadow.since >= MONTH:
            self.shadow.where = "gone"


@dataclass
class Job:
    """A started job; `threshold` is how many deletions a cycle may carry out."""

    threshold: int
    now: int = 0
    due: int = FIRST
    everybody: bool = True
    forces: bool = False
    held: bool = False
    people: dict[str, Person] = field(default_factory=dict)

    def restart(self, *, full: bool = False, forces: bool = False) -> None:
        """Look at everybody; forget failures; carry deletions out; break links."""
        for one in self.people.values():
            if full or not forces:
                one.failures = 0
            if full:
                one.is_linked = one.removed_by_job = False
        if full or not forces:
            self.everybody = True
            self.held = False
        self.forces = self.forces or forces
        self.due = self.now + (FIRST if self.everybody else 0)

    def pass_time(self, minutes: int) -> None:
        """Let time pass, and a cycle run when one is due."""
        self.now += minutes
        for one in self.people.values():
            one.age(self.now)
        if self.due <= self.now:
            self.cycle(self.due + INTERVAL * ((self.now - self.due) // INTERVAL))

    def cycle(self, moment: int) -> None:
        """Look at whoever may need it, hold deletions that are too many."""
        doomed, blocked = [], 0
        for one in self.people.values():
            if not (self._looks_at(one, moment)):
                continue
            verdict = self._treat(one, moment)
            doomed += [one] if verdict == "remove" else []
            blocked += verdict == "block"
            one.touched = one.staged = False
        holds = bool(doomed) and len(doomed) + blocked > self.threshold and not self.forces
        for one in doomed:
            one.staged = holds
            if not holds:
                self._remove(one)
        self.everybody = self.forces = False
        self.held = holds
        self.due = moment + (6 * 60 if holds else INTERVAL)

    def _looks_at(self, one: Person, moment: int) -> bool:
        if one.touched and not self.everybody:
            return True
        if one.staged or (one.failures and one.again <= moment):
            return True
        return self.everybody and (one.is_linked or (one.where == "live" and one.member))

    # ---------------------------------------------------------------------------------------- one person

    def _treat(self, one: Person, moment: int) -> str:
        wanted = one.where == "live" and one.member
        if not one.is_linked:
            if wanted and one.enabled:
                self._bring(one)
            one.failures = 0
            return ""
        shadow = one.shadow
        assert shadow is not None
        if shadow.where == "live":
            one.failures = 0
            return self._live(one, shadow, wanted=wanted)
        if not wanted or not one.enabled:
            one.failures = 0
            return ""
        if not one.removed_by_job:
            one.failures += 1
            one.again = moment + min(INTERVAL * 2 ** (one.failures - 1), DAY)
            return ""
        one.failures = 0
        if shadow.where == "bin":
            shadow.where = "live"
            one.removed_by_job = False
            self._write(one, shadow)
            return ""
        self._make(one)
        return ""

    def _live(self, one: Person, shadow: Shadow, *, wanted: bool) -> str:
        if wanted:
            is_news = shadow.enabled and not one.enabled
            self._write(one, shadow)
            one.removed_by_job = False
            return "block" if is_news else ""
        stays = one.where == "live" and not one.enabled and not shadow.enabled
        return "" if stays else "remove"

    def _bring(self, one: Person) -> None:
        """Take over who is there, or make somebody new."""
        if one.shadow and one.shadow.where == "live":
            one.is_linked, one.removed_by_job = True, False
            self._write(one, one.shadow)
        else:
            self._make(one)

    def _make(self, one: Person) -> None:
        one.shadow = Shadow(one.department)
        one.is_linked, one.removed_by_job = True, False
        one.made += 1

    def _write(self, one: Person, shadow: Shadow) -> None:
        shadow.enabled = one.enabled
        shadow.department = one.department or shadow.department

    def _remove(self, one: Person) -> None:
        assert one.shadow is not None
        one.shadow.where, one.shadow.since = "bin", self.now
        one.removed_by_job = True
