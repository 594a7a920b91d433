"""What the status of a job tells: which cycle was whole, who is synchronized, what holds it. Pure; decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciler.model import Body, Json

# The service begins a cycle every 40 minutes, and says so of every job.
INTERVAL = timedelta(minutes=40)
# Assignments reach the service within minutes: a cycle that began earlier may not have known of all.
ARRIVING = timedelta(minutes=5)
_NEVER = "0001-"
_GUARD = "TooManyDeletes"


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a job, as the service shows it."""

    shown: Body

    @property
    def quarantine(self) -> str:
        """Why the service gave up for now, in its words; nothing when it did not."""
        found = self.shown.get("quarantine") or {}
        error = found.get("error") or {}
        return ": ".join(str(one) for one in (found.get("reason"), error.get("message")) if one)

    @property
    def quarantined_since(self) -> str:
        """Since when, as the service says it."""
        return str((self.shown.get("quarantine") or {}).get("currentBegan") or "")

    @property
    def holds_deletions(self) -> bool:
        """Whether the guard against accidental deletions waits for a person."""
        return (self.shown.get("quarantine") or {}).get("reason") == _GUARD

    @property
    def counts(self) -> dict[str, int]:
        """How many are synchronized, by what they are in the source: `user`, `group`; keys read `User to User`."""
        found: dict[str, int] = {}
        for one in self.shown.get("synchronizedEntryCountByType") or ():
            word = str(one.get("key")).partition(" ")[0].lower()
            if isinstance(one.get("value"), int):
                found[word] = found.get(word, 0) + one["value"]
        return found

    @property
    def left(self) -> int | None:
        """How many are synchronized, of whatever kind; None when the service does not tell."""
        return sum(self.counts.values()) if self.counts else None

    @property
    def crowd(self) -> str:
        """How many of what are synchronized, for people; nothing when the service does not tell."""
        nouns = {"user": ("person", "people"), "group": ("group", "groups")}
        return ", ".join(
            f"{number} {nouns.get(word, (word, word))[number != 1]}"
            for word, number in sorted(self.counts.items(), reverse=True)
        )

    def completed_after(self, since: str) -> bool:
        """Whether a cycle ended well that began when all that was so at a moment had reached the service."""
        start = _moment(since)
        return start is not None and any(began > start + ARRIVING for began in self._began())

    def _began(self) -> Iterator[datetime]:
        """Yield when the last cycles that ended well began; of one that does not say it, the latest that can be."""
        for name in ("lastExecution", "lastSuccessfulExecution"):
            cycle = self.shown.get(name) or {}
            if cycle.get("state") != "Succeeded":
                continue
            began, ended = _moment(cycle.get("timeBegan")), _moment(cycle.get("timeEnded"))
            if began is not None:
                yield began
            elif ended is not None:
                yield ended - INTERVAL


def _moment(text: Json) -> datetime | None:
    """Return a moment as the service writes it; None for one that never was, or that nobody can read."""
    if not isinstance(text, str) or text.startswith(_NEVER):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
