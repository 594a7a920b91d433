"""What is there → documents that say so: one tenant, of which no file speaks yet or not of everything. Pure.

Writes no file, asks no directory, and never replaces a document: of what a file speaks already, Git has the word.
Same input, same bytes. No secret can come along, since only blocks that a kind describes are written down.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from reconciler.importing import configuring, drafting, naming
from reconciler.importing.configuring import Configured, Person, Sight
from reconciler.importing.drafting import Entry, Paper
from reconciler.importing.saying import say
from reconciler.importing.suggesting import SERVICE_PROVIDER, Suggestions
from reconciler.model import (
    FILL_IN_DOMAIN,
    Address,
    Body,
    Collection,
    Kind,
    Lookup,
    Reading,
    Resource,
    Tenant,
    canonical_json,
)

__all__ = [
    "Configured",
    "Files",
    "Imported",
    "Paper",
    "Person",
    "Sight",
    "Suggestions",
    "draft",
    "strangers",
]

# The kind that sets and profiles are made for.
_PROFILED = "Partner"
_PROFILES = ("shared", "profiles")
# Of one set, which has to stay below what a file may hold.
_MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Files:
    """What the files say already.

    `tenants` maps tenant ids to the names of our tenants, `names` other tenant ids to what documents call them.
    `spoken` are the addresses that have a document, `implied` what links say of partners of which nothing else speaks,
    `profiles` the settings of shared profiles by name, and `taken`
    the paths of all files.
    """

    tenants: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    spoken: Set[Address] = frozenset()
    implied: Mapping[Address, Body] = field(default_factory=dict)
    profiles: Mapping[str, Body] = field(default_factory=dict)
    taken: Set[tuple[str, ...]] = frozenset()


@dataclass(frozen=True, slots=True)
class Imported:
    """Documents, the addresses that they are about, and what a person should know."""

    papers: tuple[Paper, ...]
    addresses: frozenset[Address]
    remarks: tuple[str, ...]
    configured: tuple[Configured, ...] = ()


NOTHING_SEEN = Sight()


def strangers(
    reading: Reading, kinds: Mapping[str, Kind], files: Files, sight: Sight = NOTHING_SEEN
) -> tuple[str, ...]:
    """Return the tenant ids that have to be looked up before documents can be written, sorted."""
    found = {
        address.key
        for address, resource in reading.state.items()
        if _is_open(address, resource, files) and _is_organization(kinds[address.kind])
    }
    return tuple(sorted((found | _targets(sight, reading.tenant)) - files.tenants.keys()))


def _targets(sight: Sight, tenant: str) -> set[str]:
    found = (configuring.target_of(sight.state, tenant, key) for key in configuring.unclaimed(sight.state))
    return {one for one in found if one}


def draft(
    tenant: Tenant,
    reading: Reading,
    kinds: Mapping[str, Kind],
    lookups: Mapping[str, Lookup],
    files: Files,
    sight: Sight = NOTHING_SEEN,
    *,
    new: bool,
) -> Imported:
    """Return the documents for all that no file speaks of; for a `new` tenant also the one about itself."""
    return _Draft(tenant, reading, kinds, lookups, files, sight, new).made()


def _is_open(address: Address, resource: Resource, files: Files) -> bool:
    if address in files.implied and not _leaves_more(files.implied[address], resource.body):
        return False
    return address not in files.spoken and not resource.facts.get(SERVICE_PROVIDER)


def _leaves_more(implied: Body, there: Body) -> bool:
    """Whether it is as a link asks, with more to it: what it asks otherwise would be contradicted by a document."""
    more = any(value is not None for name, value in there.items() if name not in implied)
    for name, said in implied.items():
        value = there.get(name)
        if not (isinstance(said, Mapping) and isinstance(value, Mapping)):
            if said != value:
                return False
        elif any(value.get(leaf) != one for leaf, one in said.items()):
            return False
        else:
            more |= any(one is not None for leaf, one in value.items() if leaf not in said)
    return more


def _is_organization(kind: Kind) -> bool:
    return isinstance(kind.endpoint, Collection) and kind.endpoint.keyed_by == "organization"


@dataclass(frozen=True, slots=True)
class _Draft:
    """One import on its way."""

    tenant: Tenant
    reading: Reading
    kinds: Mapping[str, Kind]
    lookups: Mapping[str, Lookup]
    files: Files
    sight: Sight
    new: bool

    def made(self) -> Imported:
        entries = self._entries()
        configured, untold = self._configured()
        partners = {address: one for address, one in entries.items() if one.kind.document == _PROFILED}
        profiles, used = self._profiles(partners.values())
        partners = {address: self._shared(one, profiles) for address, one in partners.items()}
        notes = tuple(self._service_providers())
        rows = sorted((one for one in partners.values() if _is_row(one)), key=_name)
        alone = [one for one in {**entries, **partners}.values() if not _is_row(one)]
        papers = [
            *self._tenant_file([*(() if rows else notes), *map(_sentence, untold)]),
            *self._profile_files(partners.values(), profiles, used),
            *self._set(rows, notes),
            *(self._single(one) for one in alone),
        ]
        # They know their places, so that what is said about a file can be told of its configuration.
        apart = _apart([*papers, *(one.paper for one in configured)], self.files.taken)
        remarks = [*self._remarks(entries, notes), *self._about(configured, untold)]
        return Imported(apart, frozenset(entries), tuple(remarks), tuple(configured))

    # ------------------------------------------------------------------------------------------ entries

    def _named(self) -> Mapping[str, str]:
        """Return what organizations that are not ours are called, by tenant id."""
        return naming.names(
            {key: self.lookups[key] for key in strangers(self.reading, self.kinds, self.files, self.sight)},
            self.files.names,
            {self.tenant.name, *self.files.tenants.values()},
        )

    def _entries(self) -> dict[Address, Entry]:
        """Return what documents will be about, by address."""
        named = self._named()
        found = {
            address: self._entry(address, resource, named)
            for address, resource in sorted(self.reading.state.items())
            if _is_open(address, resource, self.files)
        }
        return {address: entry for address, entry in found.items() if entry is not None}

    def _entry(self, address: Address, resource: Resource, named: Mapping[str, str]) -> Entry | None:
        kind = self.kinds[address.kind]
        said = say(kind, resource.body)
        if not isinstance(kind.endpoint, Collection):
            return Entry(kind, {}, said) if said.spec or said.unsayable else None
        if not _is_organization(kind):
            # Whatever the service takes as a key, a document takes a name.
            return Entry(kind, {"name": address.key}, said) if naming.slug(address.key, 63) == address.key else None
        ours = self.files.tenants.get(address.key, "")
        lookup = self.lookups.get(address.key, Lookup())
        head = drafting.identity(ours or named[address.key], address.key, lookup, ours=bool(ours))
        facts = [name for name in kind.protected if resource.facts.get(name)]
        remarks = tuple(_made_by_the_service(facts))
        return Entry(kind, head, said, remarks, kept=bool(facts), problem="" if ours else lookup.problem)

    # ------------------------------------------------------------------------------------------ configurations

    def _configured(self) -> tuple[list[Configured], list[str]]:
        """Return the documents about sync configurations, and what there is to say of those that get none."""
        named = self._named()
        heads = {
            key: drafting.identity(named[key], key, self.lookups[key], ours=False)
            for key in _targets(self.sight, self.tenant.name) - self.files.tenants.keys()
        }
        return configuring.configured(self.tenant, self.sight, self.reading.state, self.files.tenants, heads)

    def _about(self, configured: Iterable[Configured], untold: Iterable[str]) -> Iterator[str]:
        if self.sight.problem:
            yield f"sync configurations were not imported, and nothing is known of them: {self.sight.problem}"
        yield from untold
        yield from (remark for one in configured for remark in one.remarks)

    # ------------------------------------------------------------------------------------------ profiles

    def _profiles(self, entries: Iterable[Entry]) -> tuple[Mapping[str, str], Set[str]]:
        """Return the profile for each pattern of settings that has one, and which of them are not written yet."""
        known = {_pattern_of(spec): name for name, spec in sorted(self.files.profiles.items(), reverse=True)}
        plain = [entry for entry in entries if not entry.said.unsayable]
        specs = {_pattern(entry): entry.said.spec for entry in plain}
        counts = Counter(map(_pattern, plain))
        fresh = {one: spec for one, spec in specs.items() if counts[one] > 1 and one not in known}
        made = naming.profile_names(self.tenant.name, fresh, self.files.profiles.keys())
        return {**known, **made}, fresh.keys()

    def _shared(self, entry: Entry, profiles: Mapping[str, str]) -> Entry:
        return replace(entry, profile="" if entry.said.unsayable else profiles.get(_pattern(entry), ""))

    def _profile_files(self, entries: Iterable[Entry], profiles: Mapping[str, str], fresh: Set[str]) -> Iterator[Paper]:
        users: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            users[_pattern(entry)].append(entry)
        for pattern in sorted(fresh):
            lines = drafting.profile(profiles[pattern], users[pattern][0].said.spec, len(users[pattern]), self.tenant)
            yield Paper(_PROFILES, profiles[pattern], _text(lines))

    # ------------------------------------------------------------------------------------------ papers

    def _tenant_file(self, notes: Iterable[str]) -> Iterator[Paper]:
        if self.new:
            yield Paper((self.tenant.name,), "tenant", _text(drafting.tenant_file(self.tenant, notes)))

    def _set(self, rows: Sequence[Entry], notes: Iterable[str]) -> Iterator[Paper]:
        for start in range(0, len(rows), _MOST_ROWS):
            some = rows[start : start + _MOST_ROWS]
            counts = Counter(entry.profile for entry in some)
            most = min(counts, key=lambda name: (-counts[name], name))
            text = _text(drafting.group(some, most, () if start else notes))
            yield Paper((self.tenant.name,), "partners", text)

    def _single(self, entry: Entry) -> Paper:
        lines = _text(drafting.single(entry))
        if isinstance(entry.kind.endpoint, Collection):
            return Paper((self.tenant.name, f"{entry.kind.name}s"), _name(entry), lines)
        return Paper((self.tenant.name,), entry.kind.name, lines)

    # ------------------------------------------------------------------------------------------ words

    def _service_providers(self) -> Iterator[str]:
        """Yield what is there because of a contract with a service provider: its entry is Microsoft's business."""
        for address, resource in sorted(self.reading.state.items()):
            if resource.facts.get(SERVICE_PROVIDER):
                yield (
                    f"{address.kind} {address.key} belongs to a service provider ({SERVICE_PROVIDER}). Such entries "
                    "come and go with the contract; they are reported, and no document speaks of them."
                )

    def _remarks(self, entries: Mapping[Address, Entry], notes: Iterable[str]) -> Iterator[str]:
        yield from notes
        for address, entry in entries.items():
            yield from (f"{address}: {name} cannot be said in a document" for name in entry.said.unsayable)
        yield from (
            f"{address}: its key cannot be the name of a document; it was left out"
            for address, resource in self.reading.state.items()
            if address not in entries and address.key and _is_open(address, resource, self.files)
        )
        problems = Counter(self.lookups[key].problem for key in self.lookups if self.lookups[key].problem)
        for problem, number in sorted(problems.items()):
            yield f"{number} with the domain {FILL_IN_DOMAIN}, because {problem}"


def _made_by_the_service(facts: Sequence[str]) -> Iterator[str]:
    if facts:
        yield f"Made by the service ({', '.join(facts)}): it may be set, and is never deleted from here."


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _is_row(entry: Entry) -> bool:
    return bool(entry.profile) and entry.is_plain


def _pattern(entry: Entry) -> str:
    return _pattern_of(entry.kind.canonical(entry.said.spec))


def _pattern_of(spec: Body) -> str:
    return canonical_json({name: value for name, value in spec.items() if value is not None}).decode()


def _name(entry: Entry) -> str:
    return str(entry.head["name"])


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _apart(papers: Iterable[Paper], taken: Set[tuple[str, ...]]) -> tuple[Paper, ...]:
    """Return the papers in the order of their paths, each where no file is yet."""
    used = set(taken)
    found: list[Paper] = []
    for paper in sorted(papers, key=lambda one: (one.folders, one.stem)):
        stems = (paper.stem if number == 1 else f"{paper.stem}-{number}" for number in range(1, len(used) + 3))
        stem = next(one for one in stems if (*paper.folders, one) not in used)
        used.add((*paper.folders, stem))
        found.append(replace(paper, stem=stem))
    return tuple(found)
