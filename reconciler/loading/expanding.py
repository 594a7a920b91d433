"""Documents as people write them → parts, one per resource: names become tenant ids, profiles and sets are laid out.

One precedence: what stands beside a resource goes before what is shared, by whole top-level property. Decides nothing
between two documents about one resource.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.errors import Problem
from reconciler.loading.acknowledged import acknowledgements
from reconciler.loading.belonging import Tenants
from reconciler.loading.organizations import Known, identify
from reconciler.loading.secrecy import show
from reconciler.loading.settings import NOTHING, Settings, settings
from reconciler.loading.shapes import (
    PROFILE,
    AccessProfile,
    Accompanied,
    Entry,
    Named,
    Organization,
    PartnerSet,
    Profiled,
    Removable,
)
from reconciler.loading.statements import Part, profile_origin
from reconciler.loading.validating import Row, Written, meant
from reconciler.model import Address, Document, Kind, Lifecycle, Singleton, Tenant

# What a set may say once for all its rows.
_FOR_ALL = (*Accompanied.model_fields, "profile")


@dataclass(frozen=True, slots=True)
class Profiles:
    """The shared profiles by name. `broken` are names of which a file speaks that is not sound."""

    settings: Mapping[str, Settings]
    broken: frozenset[str] = frozenset()


def profiles(papers: Iterable[Written], broken: frozenset[str]) -> tuple[Profiles, list[Problem]]:
    """Return the shared profiles, and what is wrong with them."""
    problems: list[Problem] = []
    found: dict[str, Settings] = {}
    places: dict[str, Written] = {}
    for one in papers:
        if not isinstance(one.model, AccessProfile) or one.shape.kind is None:
            continue
        name = one.model.name
        first = places.setdefault(name, one)
        if first is not one:
            message = f"there is a profile {name} already, at {first.origin(['name'])}"
            problems.append(one.problem(["name"], message, "rename one of them"))
            continue
        found[name], wrong = settings(one.shape.kind, one.model.spec, one.place, one.file, ("spec",))
        problems += wrong
    return Profiles(found, broken), problems


def parts(one: Written, tenants: Tenants, shared: Profiles) -> Iterator[Part | Problem]:
    """Yield what a document says, resource by resource, and what is wrong with it."""
    kind, tenant = one.shape.kind, tenants.sound.get(tenants.home(one.folders))
    if kind is not None and tenant is not None and one.shape.word != PROFILE:
        for row in rows(one):
            yield from _part(row, kind, tenant, tenants, shared)


def rows(one: Written) -> Iterator[Row]:
    """Yield what a document says, resource by resource."""
    if isinstance(one.model, PartnerSet):
        for index, row in enumerate(one.model.partners):
            yield Row(one, _filled(row, one.model), ("partners", index))
    elif isinstance(one.model, Entry):
        yield Row(one, one.model)


def _filled(row: Profiled, group: PartnerSet) -> Profiled:
    """Return the row with what its set says for all, where the row itself says nothing."""
    names = [name for name in _FOR_ALL if name in group.model_fields_set and name not in row.model_fields_set]
    return row.model_copy(update={name: getattr(group, name) for name in names}) if names else row


def _part(row: Row, kind: Kind, tenant: Tenant, tenants: Tenants, shared: Profiles) -> Iterator[Part | Problem]:
    entry, known, wrong = row.entry, None, list[Problem]()
    if isinstance(entry, Organization):
        known, wrong = identify(row, entry, tenant, tenants)
    said, unsound = _said(row, kind, shared)
    problems = [*wrong, *unsound, *_ignored(row, kind)]
    yield from problems
    if problems or (known is None and isinstance(entry, Organization)):
        return
    key = known.tenant_id if known else entry.name if isinstance(entry, Named) else ""
    yield Part(_document(row, Address(tenant.name, kind.name, key), said, known), row)


# ---------------------------------------------------------------------------------------------- what is said


def _said(row: Row, kind: Kind, shared: Profiles) -> tuple[Settings, list[Problem]]:
    """Return what the row says, laid over its profile."""
    entry = row.entry
    profile = entry.profile if isinstance(entry, Profiled) else ""
    if not row.says("spec"):
        if not profile and not _goes(row):
            return NOTHING, [_silent(row)]
        own, problems = NOTHING, list[Problem]()
    elif _goes(row):
        return NOTHING, [row.problem("spec", "this is to go, so there is nothing to say about its settings", _CHOICE)]
    else:
        own, problems = settings(kind, entry.spec, row.written.place, row.written.file, (*row.path, "spec"))
    if not profile or profile in shared.broken:
        return own, problems
    if profile not in shared.settings:
        hint = meant(profile, shared.settings, "known profiles:") or "write it in shared/profiles/"
        return own, [*problems, Problem(profile_origin(row), f"there is no profile {profile!r}", hint)]
    return own.over(shared.settings[profile]), problems


_CHOICE = "take spec out, or take `state: absent` out"


def _goes(row: Row) -> bool:
    """Whether Git wants the resource gone."""
    return isinstance(row.entry, Removable) and row.entry.state == "absent"


def _silent(row: Row) -> Problem:
    hint = "write spec" + (" or profile" if isinstance(row.entry, Profiled) else "")
    return Problem(row.origin(), "this says nothing about any setting", f"{hint}; `spec: {{}}` inherits everything")


def _ignored(row: Row, kind: Kind) -> Iterator[Problem]:
    """Yield the names under `lifecycle.ignore` that are no properties of this kind, or cannot be left alone."""
    if row.entry.lifecycle.ignore and _goes(row) and isinstance(kind.endpoint, Singleton):
        yield Problem(row.origin("lifecycle", "ignore"), "a reset leaves nothing alone", "take ignore out")
    for index, name in enumerate(row.entry.lifecycle.ignore):
        if name not in kind.blocks:
            origin = row.origin("lifecycle", "ignore", index)
            yield Problem(origin, f"there is no property {show(name)} to ignore", meant(name, kind.blocks))


def _document(row: Row, address: Address, said: Settings, known: Known | None) -> Document:
    entry = row.entry
    named = entry.name if isinstance(entry, Named) else ""
    return Document(
        address=address,
        label=entry.displayName or (known.label if known else named),
        origin=row.written.key_origin([*row.path, "name"]) if named and not row.path else row.origin(),
        said=said.said,
        origins=said.origins,
        names=said.names,
        absent=_goes(row),
        domain=known.domain if known else "",
        owner=entry.owner,
        purpose=entry.purpose,
        ticket=entry.ticket,
        review_by=entry.reviewBy,
        lifecycle=Lifecycle(entry.lifecycle.preventDestroy, tuple(sorted(set(entry.lifecycle.ignore)))),
        acknowledge=acknowledgements(entry.acknowledge, row.place.inside(["acknowledge"]), row.written.file),
    )
