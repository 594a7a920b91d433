"""The removal of a link, phase by phase, as the tenant shows it: nothing else is remembered. Pure.

`people: keep` severs: pause, delete the job, delete the configuration, and nobody is unassigned before, since that
deletes people in the target. `people: deprovision` takes four phases, of which an apply goes through one:

    1  everybody is unassigned, and the job restarted
    2  a whole cycle is waited for, that began when everybody was
    3  the job and the configuration go
    4  nothing is left
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from reconciler.kinds.synchronization import assignment, configuration, job, mappings, settings
from reconciler.kinds.synchronization.configuration import CYCLE
from reconciler.kinds.synchronization.job import DEFAULT_SCOPE
from reconciler.model import Address, Body, Document, Finding, Link, Severity, State, link_of
from reconciler.resolving.cycles import Status

Documents = Mapping[Address, Document]

CONFIGURED, WORKS, SETTINGS = configuration.KIND.name, job.KIND.name, settings.KIND.name
MAPPED, ASSIGNED = mappings.KIND.name, assignment.KIND.name
_PARTS = frozenset({CONFIGURED, WORKS, SETTINGS, MAPPED, ASSIGNED})


def leave(
    documents: Documents, live: State, links: Iterable[Link], unclear: Collection[str] = ()
) -> tuple[Documents, list[Finding]]:
    """Return the documents with those of links that go as their phase wants them, and what is to be said of it.

    `links` begin in the tenant. Of the `unclear` nobody knows which configuration is theirs, and so nothing is said.
    """
    kept, findings = dict(documents), []
    for link in links:
        if link.absent and link.name not in unclear:
            going = _Going.of(link, live)
            kept |= {address: going.told(document) for address, document in documents.items() if _is_of(document, link)}
            findings += going.findings()
    # Who was assigned goes along with the rest, or is taken away as whoever is assigned.
    names = {link.name for link in links if link.absent}
    unsaid = [one for one in kept if one.kind == ASSIGNED and link_of(one.key) in names]
    return {address: document for address, document in kept.items() if address not in unsaid}, findings


def _is_of(document: Document, link: Link) -> bool:
    address = document.address
    return document.link == link.name and address.tenant == link.source and address.kind in _PARTS


@dataclass(frozen=True, slots=True)
class _Going:
    """A link that goes, and what is left of it. `status` is None where there is no job."""

    link: Link
    there: bool = False
    status: Status | None = None
    awaits: bool = False
    since: str = ""
    everybody: bool = False
    assigned: int = 0
    enabled: bool = False
    threshold: int | None = None

    @classmethod
    def of(cls, link: Link, live: State) -> _Going:
        """Return what the tenant shows of the link."""

        def part(kind: str) -> Address:
            return Address(link.source, kind, link.name)

        if part(CONFIGURED) not in live:
            return cls(link)
        whole, works = live[part(CONFIGURED)], live.get(part(WORKS))
        said: Body = live[part(SETTINGS)].body if part(SETTINGS) in live else {}
        guard = said.get("accidentalDeletion")
        assigned = [one for one in live if one.kind == ASSIGNED and link_of(one.key) == link.name]
        return cls(
            link,
            there=True,
            status=Status(works.facts.get("status") or {}) if works else None,
            awaits=whole.body.get("awaits") == CYCLE,
            since=str(whole.facts.get("since") or ""),
            everybody=said.get("scope") == "all",
            assigned=len(assigned),
            enabled=works is not None and works.body.get("enabled") is True,
            threshold=guard["threshold"] if isinstance(guard, Mapping) and guard["enabled"] else None,
        )

    @property
    def deprovisions(self) -> bool:
        """Whether people are to be deleted in the target before the link goes."""
        return self.link.people == "deprovision"

    @property
    def populated(self) -> bool:
        """Whether somebody is in scope."""
        return self.everybody or self.assigned > 0

    @property
    def over(self) -> bool:
        """Whether a whole cycle has passed since nobody is in scope, and nobody is left for whom one should wait."""
        if self.status is None or self.status.quarantine or self.status.left:
            return False
        return self.status.completed_after(self.since)

    @property
    def phase(self) -> int:
        """The phase, of four, in which a link is whose people are deprovisioned."""
        if not self.there:
            return 4
        if self.status is None:
            return 3
        if self.populated or not self.awaits:
            return 1
        return 3 if self.over else 2

    # ------------------------------------------------------------------------------------------ what is wanted

    def told(self, document: Document) -> Document:
        """Return a document of the link as its phase wants it; one that shall go stays as it is."""
        if not self.deprovisions or self.phase > 2:
            return document
        kind = document.address.kind
        exclusive = (ASSIGNED,) if kind == CONFIGURED and self.phase == 1 and not self.awaits else ()
        return replace(document, absent=False, said=self._said(kind), exclusive=exclusive)

    def _said(self, kind: str) -> Body:
        """Return what is wanted of a part; nothing leaves it as it is."""
        noted: Body = {"awaits": CYCLE}
        wanted: Mapping[str, Body]
        if self.phase == 2:
            wanted = {CONFIGURED: noted, WORKS: {"enabled": True}}
        elif self.awaits:
            # Noted before somebody came in again: as long as that stands, a cycle of then would count.
            wanted = {CONFIGURED: {"awaits": None}}
        else:
            scope: Body = {"scope": "assigned"}
            wanted = {CONFIGURED: noted, SETTINGS: scope, WORKS: {"enabled": True, "restart": DEFAULT_SCOPE}}
        return wanted.get(kind, {})

    # ------------------------------------------------------------------------------------------ what is said

    def findings(self) -> list[Finding]:
        """Return in which phase the link is, in a sentence, with what is known of its people."""
        if not self.there:
            return [self._finding(4, ": nothing is left, and its file may go")]
        if not self.deprovisions:
            details = [*self._crowd, "nobody is unassigned before, which would delete people in the target"]
            rest = ": its job and its configuration go, and the people stay"
            return [self._finding(1, rest, details, Severity.WARNING)]
        return [{1: self._first, 2: self._second, 3: self._third}[self.phase]()]

    def _first(self) -> Finding:
        if self.awaits:
            rest = ": somebody is in scope again, and so what was noted is taken back, before it begins anew"
            return self._finding(1, rest, [*self._crowd, "apply, and plan again"], Severity.WARNING)
        rest = f": everybody is unassigned, so that the next cycle deletes them in {self.link.target}"
        details = [
            *self._crowd,
            "apply, wait for a cycle of the service, which begins every 40 minutes, and plan again",
        ]
        if not self.enabled:
            details.append("the job is paused, and started for that")
        left = self.status.left if self.status else None
        if self.threshold is not None and left is not None and left > self.threshold:
            details.append(
                f"the service holds back more than {self.threshold} deletions at once, until somebody agrees"
            )
        return self._finding(1, rest, details, Severity.WARNING)

    def _second(self) -> Finding:
        status = self.status or Status({})
        details = [*self._crowd, f"nobody is assigned since {self.since or 'a moment that was not noted'}"]
        weight, rest = Severity.WARNING, ", waiting for the next cycle"
        if not self.enabled:
            rest = f"{rest}: the job was paused meanwhile, and is started for that"
        elif status.holds_deletions:
            rest = f"{rest}: the service holds the deletions back, and waits for a person"
            limit = f"more than {self.threshold}" if self.threshold is not None else "too many"
            details.append(f"{limit} would be deleted at once: look who they are before you agree")
            details.append(f"to agree: `reconciler restart {self.link.name} --scope force-deletes`")
        elif status.quarantine:
            rest = f"{rest}: the job is in quarantine"
            details.append(f"the service says: {status.quarantine}")
            details.append("repair the cause, or write `people: keep`")
        elif status.completed_after(self.since):
            rest = f"{rest}: one is over, and not everybody is gone"
            details.append("who was disabled before stays there; to go on all the same, write `people: keep`")
        else:
            weight = Severity.NOTE
        return self._finding(2, rest, details, weight, waits=self.enabled)

    def _third(self) -> Finding:
        if self.status is None and not self.awaits:
            rest = ": its configuration goes, and people stay, since there is no job any more that could delete them"
            return self._finding(3, rest, severity=Severity.WARNING)
        rest = ": a cycle is over since everybody was unassigned; its job and its configuration go"
        return self._finding(3, rest, self._crowd)

    @property
    def _crowd(self) -> list[str]:
        crowd = self.status.crowd if self.status else ""
        return [f"synchronized now: {crowd or 'unknown, since the service does not tell'}"]

    def _finding(
        self,
        phase: int,
        rest: str,
        details: Iterable[str] = (),
        severity: Severity = Severity.NOTE,
        *,
        waits: bool = False,
    ) -> Finding:
        number = f", phase {phase} of 4" if self.deprovisions else ", phase 1 of 1" if self.there else ""
        return Finding(
            severity,
            self.link.source,
            f"link {self.link.name} is removed{number}{rest}",
            Address(self.link.source, CONFIGURED, self.link.name),
            details=tuple(details),
            origin=self.link.origin,
            waits=waits,
        )
