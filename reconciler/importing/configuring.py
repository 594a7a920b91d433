"""Sync configurations that no link claims → SyncLinks and SyncConfigurations that say the same. Pure.

A configuration that a document cannot say whole gets none: it would be changed by the next plan. Whether a document is
fit to be loaded is found out by loading it, elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from reconciler.importing import handwriting, naming, translating
from reconciler.importing.drafting import Paper
from reconciler.model import FILL_IN, MASKED, Address, Body, Json, State, Tenant, link_of

LINKS = ("shared", "links")
FOLDER = "sync"
_LONGEST = 63


@dataclass(frozen=True, slots=True)
class Person:
    """Who is behind an assignment: what to call them, or that nobody is there any more."""

    label: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """What was read of the sync configurations of a tenant.

    `template` is the service's own mappings, `footing` what names them. `people` are known by id. `peculiar` says, by
    service principal, what no file can say and nothing changes. `closed` maps the ids of those of our tenants to which
    nothing may be said about to the reason. `taken` are the names of links that are there, `left_out` configurations
    that get no document, with the reason. `problem` says why nothing was read.
    """

    state: State = field(default_factory=dict)
    template: Body | None = None
    people: Mapping[str, Person] = field(default_factory=dict)
    footing: str = ""
    peculiar: Mapping[str, Sequence[str]] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)
    taken: Set[str] = frozenset()
    left_out: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Configured:
    """A document about a configuration: its service principal, the name of its link, and the paper."""

    key: str
    link: str
    paper: Paper
    remarks: tuple[str, ...] = ()


def unclaimed(state: State) -> tuple[str, ...]:
    """Return the service principals of the configurations that no link claims."""
    return tuple(
        sorted(
            address.key
            for address, one in state.items()
            if address.kind == "configuration" and one.facts.get("unclaimed")
        )
    )


def target_of(state: State, tenant: str, key: str) -> str:
    """Return the tenant that a configuration provisions to; "" where it does not say so."""
    settings = state.get(Address(tenant, "settings", key))
    target = settings.body["targetTenantId"] if settings else None
    return "" if target in (None, MASKED) else str(target)


def group_sync(state: State, tenant: str, key: str) -> bool:
    """Whether a configuration makes groups in its target."""
    there = state.get(Address(tenant, "mappings", key))
    return bool(there and there.body["groupSync"])


def assigned(state: State, key: str) -> Iterator[tuple[str, str]]:
    """Yield who is assigned to a configuration: what it is, and its id."""
    for address, one in sorted(state.items()):
        if address.kind == "assignment" and link_of(address.key) == key:
            yield str(one.body["principalType"]), address.key.partition("/")[2]


# ---------------------------------------------------------------------------------------------- which of them


def configured(
    tenant: Tenant, sight: Sight, policies: State, ours: Mapping[str, str], heads: Mapping[str, Body]
) -> tuple[list[Configured], list[str]]:
    """Return the documents, and what there is to say about configurations that get none.

    `policies` is what was read of the tenant beside them. `ours` maps tenant ids to names of our tenants, `heads` those
    of other organizations to what identifies them.
    """
    keys = unclaimed(sight.state)
    every = {address.key for address in sight.state if address.kind == "configuration"}
    pairs = Counter(target_of(sight.state, tenant.name, key) for key in every if not _is_foreign(sight, tenant, key))
    taken = {*sight.taken, *(mark for key in every if (mark := _marker(sight, tenant, key)))}
    marks = Counter(_marker(sight, tenant, key) for key in every)
    made: list[Configured] = []
    remarks: list[str] = []
    for key in keys:
        one = _One(tenant, sight, key, target_of(sight.state, tenant.name, key))
        reason = next(one.reasons(policies, pairs), "")
        if not reason:
            name = one.named(ours.get(one.target) or str(heads[one.target]["name"]), taken, marks)
            reason = name.problem
            taken = {*taken, name.text}
        if reason:
            remarks.append(f"the sync configuration {handwriting.text(one.label)} is left as it is: {reason}")
        else:
            made.append(one.document(name.text, ours, heads))
    return made, remarks


def _is_foreign(sight: Sight, tenant: Tenant, key: str) -> bool:
    return bool(sight.state[Address(tenant.name, "configuration", key)].facts.get("foreign"))


def _marker(sight: Sight, tenant: Tenant, key: str) -> str:
    return str(sight.state[Address(tenant.name, "configuration", key)].body["marker"] or "")


@dataclass(frozen=True, slots=True)
class _Name:
    text: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _One:
    """One configuration on its way into a document."""

    tenant: Tenant
    sight: Sight
    key: str
    target: str

    def body(self, kind: str) -> Body:
        return self.sight.state[Address(self.tenant.name, kind, self.key)].body

    @property
    def label(self) -> str:
        return str(self.body("configuration")["displayName"] or "")

    def reasons(self, policies: State, pairs: Mapping[str, int]) -> Iterator[str]:
        """Yield why there can be no document; what comes later counts only when nothing came before."""
        if self.key in self.sight.left_out:
            yield self.sight.left_out[self.key]
        if _is_foreign(self.sight, self.tenant, self.key):
            yield "it belongs to the Microsoft 365 admin center, which nobody may take over"
        if Address(self.tenant.name, "job", self.key) not in self.sight.state:
            yield "it has no job yet, and says nothing that could be written down"
        if not self.target or self.target == self.tenant.tenant_id:
            yield "it does not tell where it provisions to"
        if pairs[self.target] > 1:
            yield f"{pairs[self.target]} configurations provision to {self.target}, and nobody can tell them apart"
        if not self._is_consented(policies):
            yield f"consent is not suppressed for people who go to {self.target}, and a document would ask for that"
        if self.body("settings")["scope"] not in ("all", "assigned"):
            yield "it does not tell who is in scope"
        yield from self._mappings()[1]

    def _is_consented(self, policies: State) -> bool:
        partner = policies.get(Address(self.tenant.name, "partner", self.target))
        consent = partner.body.get("automaticUserConsentSettings") if partner else None
        return bool(consent and consent.get("outboundAllowed") is True)

    def _mappings(self) -> tuple[dict[str, Json], list[str]]:
        template = self.sight.template or {"mappings": {}}
        return translating.delta(template["mappings"], self.body("mappings")["mappings"])

    def named(self, other: str, taken: Set[str], marks: Mapping[str, int]) -> _Name:
        """Return the name of the link: its mark, or who sends people to whom."""
        marker = _marker(self.sight, self.tenant, self.key)
        if marker:
            fits = naming.slug(marker, _LONGEST) == marker and marker not in self.sight.taken and marks[marker] == 1
            return (
                _Name(marker) if fits else _Name(problem=f"it bears a mark that is taken or no name, {marker[:80]!r}")
            )
        name = naming.slug(f"{self.tenant.name}-to-{other}", _LONGEST)
        if name not in taken:
            return _Name(name)
        short = naming.slug(name, _LONGEST - 9)
        others = (f"{short}-{piece}" for piece in (self.target[:8], self.key[:8]))
        free = next((one for one in others if one not in taken), "")
        return _Name(free) if free else _Name(problem="there is no name left for it")

    # ------------------------------------------------------------------------------------------ the document

    def document(self, name: str, ours: Mapping[str, str], heads: Mapping[str, Body]) -> Configured:
        closed = self.sight.closed.get(self.target, "")
        whole = self.target in ours and not closed
        head: dict[str, Json]
        if whole:
            head = {"name": name, "source": self.tenant.name, "target": ours[self.target], "owner": FILL_IN}
        else:
            target: Json = ours.get(self.target) or _party(heads[self.target])
            head = {"name": name, "target": target, "owner": FILL_IN}
        scope, said = self._scope()
        remarks = [*self._half(closed), *said, *self._peculiar()]
        word = "SyncLink" if whole else "SyncConfiguration"
        lines = [line for remark in remarks for line in handwriting.comment(remark)]
        lines += handwriting.document(word, head, self._spec(scope))
        folders = LINKS if whole else (self.tenant.name, FOLDER)
        told = tuple(f"{name}: {remark}" for remark in remarks)
        return Configured(self.key, name, Paper(folders, name, "\n".join(lines) + "\n", self.key), told)

    def _spec(self, scope: Json) -> dict[str, Json]:
        settings, mappings = self.body("settings"), self.body("mappings")
        spec: dict[str, Json] = {"displayName": self.label, "enabled": self.body("job")["enabled"], "scope": scope}
        if delta := self._mappings()[0]:
            spec["mappings"] = delta
        if self.sight.footing:
            spec["templateHash"] = self.sight.footing
        if mappings["groupSync"]:
            spec["groupSync"] = True
        if isinstance(guard := settings["accidentalDeletion"], Mapping):
            spec["accidentalDeletion"] = {"enabled": guard["enabled"], "threshold": guard["threshold"]}
        if isinstance(mail := settings["notifications"], Mapping) and (mail["recipients"] or mail["enabled"]):
            odd = {} if mail["enabled"] == bool(mail["recipients"]) else {"enabled": mail["enabled"]}
            spec["notifications"] = {**odd, **({"recipients": mail["recipients"]} if mail["recipients"] else {})}
        return spec

    def _scope(self) -> tuple[Json, list[str]]:
        """Return who is in scope, and what there is to know about it."""
        filters = translating.filters(self.body("mappings")["filters"])
        said = {"filters": filters} if filters else {}
        if self.body("settings")["scope"] == "all":
            return {"all": True, **said}, []
        who, remarks = translating.assigned(assigned(self.sight.state, self.key), self.sight.people)
        return {"assigned": who, **said}, remarks

    def _half(self, closed: str) -> Iterator[str]:
        if closed:
            yield f"Only the half of {self.tenant.name} is said here, because {closed}."

    def _peculiar(self) -> Iterator[str]:
        for what in self.sight.peculiar.get(self.key, ()):
            yield f"No document can say that {what}. It stays as it is."
        facts = self.sight.state[Address(self.tenant.name, "settings", self.key)].facts
        if others := sorted({*(facts.get("others") or ()), *(facts.get("hidden") or ())}):
            yield f"The settings have {', '.join(others)} as well, which no document can say. They stay as they are."
        masked = [name for name, value in self.body("settings").items() if value == MASKED]
        if masked:
            yield f"The service does not show {', '.join(sorted(masked))}; nothing of it is compared."


def _party(head: Body) -> Json:
    return {name: value for name, value in head.items() if name in ("name", "tenantId", "domain")}
