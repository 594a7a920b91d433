"""Documents about single things, and about many that are alike: what stands in them, and in which words. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.importing import handwriting
from reconciler.importing.naming import slug
from reconciler.importing.saying import Said
from reconciler.model import FILL_IN, FILL_IN_DOMAIN, Body, Json, Kind, Lookup, Tenant

# A row that is longer goes on in a second line.
_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Paper:
    """A document before it has a path: the folders above it, its name without the ending, and its text.

    `about` is the service principal of the sync configuration that it is about.
    """

    folders: tuple[str, ...]
    stem: str
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An object as a document is about it: who is meant, what is said, and what people should know besides.

    `head` identifies it. `profile` names the shared settings that it has, or is "". A `kept` one must not be deleted.
    `problem` says why its domain is not known.
    """

    kind: Kind
    head: Body
    said: Said
    remarks: tuple[str, ...] = ()
    profile: str = ""
    kept: bool = False
    problem: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether a row in a set says all about it."""
        return not (self.said.unsayable or self.remarks or self.kept)


def identity(name: str, tenant_id: str, lookup: Lookup, *, ours: bool) -> Body:
    """Return what identifies an organization: a tenant of the repository by its name alone."""
    if ours:
        return {"name": name}
    head = {"name": name, "tenantId": tenant_id, "domain": lookup.domain or FILL_IN_DOMAIN}
    # A name that could not be made from what people call it needs a label.
    unlike = lookup.display_name and not slug(lookup.display_name)
    return {**head, "displayName": lookup.display_name} if unlike else head


def single(entry: Entry) -> Iterator[str]:
    """Yield the lines of a document about one object."""
    for remark in (*_unnamed(entry), *entry.remarks, *_unsayable(entry.said)):
        yield from handwriting.comment(remark)
    head: dict[str, Json] = {**entry.head, "owner": FILL_IN}
    if entry.profile:
        head["profile"] = entry.profile
    if entry.kept:
        head["lifecycle"] = {"preventDestroy": True}
    yield from handwriting.document(entry.kind.document, head, None if entry.profile else entry.said.spec)


def _unnamed(entry: Entry) -> Iterator[str]:
    if entry.problem:
        yield f"The domain could not be named by the import: {entry.problem}."


def _unnamed_rows(entries: Iterable[Entry]) -> Iterator[str]:
    counts = Counter(entry.problem for entry in entries if entry.problem)
    for problem, number in sorted(counts.items()):
        partners = "1 partner" if number == 1 else f"{number} partners"
        yield f"The domain of {partners} could not be named by the import: {problem}."


def _unsayable(said: Said) -> Iterator[str]:
    for name in said.unsayable:
        yield (
            f"{name} is set in a way that no document can say (half of it, or a value of its own). It is left alone, "
            "and stays in every report until it is set anew here."
        )


def profile(name: str, spec: Body, users: int, tenant: Tenant) -> Iterator[str]:
    """Yield the lines of settings that several partners share."""
    yield from handwriting.comment(
        f"What {users} partners of {tenant.name} had in common when they were imported. The name only repeats what is "
        "set: give it one that says what these partners are, here and where it is used."
    )
    yield from handwriting.document("AccessProfile", {"name": name, "owner": FILL_IN}, spec)


def group(entries: Sequence[Entry], profile: str, notes: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a set; `profile` is that of most rows."""
    for note in (*notes, *_unnamed_rows(entries)):
        yield from handwriting.comment(note)
    yield from handwriting.document("PartnerSet", {"profile": profile, "owner": FILL_IN})
    yield "partners:"
    for entry in entries:
        other = {"profile": entry.profile} if entry.profile != profile else {}
        yield from _row({**entry.head, **other})


def _row(row: Mapping[str, Json]) -> Iterator[str]:
    whole = f"  - {handwriting.flow(row)}"
    if len(whole) <= _WIDTH or "tenantId" not in row:
        yield whole
        return
    first = {name: value for name, value in row.items() if name in ("name", "tenantId")}
    rest = {name: value for name, value in row.items() if name not in first}
    yield f"  - {handwriting.flow(first)[:-1]},"
    yield f"     {handwriting.flow(rest)[1:]}"


def tenant_file(tenant: Tenant, notes: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a tenant's own file."""
    yield from handwriting.comment(
        "Imported. As long as it is observed, nothing is written there; `management: here` takes it over."
    )
    for note in notes:
        yield from handwriting.comment(note)
    head: dict[str, Json] = {
        "tenantId": tenant.tenant_id,
        "displayName": tenant.display_name,
        "domain": tenant.domain,
        **({"cloud": tenant.cloud} if tenant.cloud != "global" else {}),
        "management": tenant.management.value,
        "owner": FILL_IN,
    }
    if "plan" in tenant.auth:
        head["auth"] = {"plan": {"clientId": tenant.auth["plan"]}}
    yield from handwriting.document("Tenant", head)
