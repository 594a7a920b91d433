"""A link → all that it needs in both of its tenants, each part with the line that asks for it.

In the target: a partner entry with consent, the permission to create people, and the groups that they join. In the
source: a partner entry with
consent, the configuration, its settings, its job, its mappings, and who is assigned. Decides nothing between two places
that speak of one resource.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.errors import Problem
from reconciler.loading.engine import groups_of
from reconciler.loading.expanding import Profiles
from reconciler.loading.link_shapes import CONFIGURATION, SyncSpec
from reconciler.loading.mapping_shapes import DeltaShape, GroupShape
from reconciler.loading.settings import NOTHING, Settings
from reconciler.loading.statements import Part
from reconciler.loading.validating import meant
from reconciler.loading.wishes import Acceptance, Asked, Side, Wish
from reconciler.model import (
    Acknowledgement,
    Address,
    Body,
    Declaration,
    Document,
    Json,
    Kind,
    Lifecycle,
    Origin,
    Pin,
    Principal,
)
from reconciler.provisioning import compile_filter

PARTNER, PERMISSION = "partner", "identity-synchronization"
MEMBERSHIP = "membership"
CONFIGURED, SETTINGS, JOB, MAPPINGS, ASSIGNMENT = "configuration", "settings", "job", "mappings", "assignment"

_CONSENT = "automaticUserConsentSettings"


def implied(asked: Asked, shared: Profiles, kinds: Mapping[str, Kind]) -> Iterator[Part | Problem]:
    """Yield all that links and acceptances need; resources of a kind that is not in the mapping are left out."""
    for one in _needed(asked, shared):
        if isinstance(one, Problem):
            yield one
        elif kind := kinds.get(one.document.address.kind):
            yield replace(one, document=replace(one.document, said=kind.canonical(one.document.said)))


def _needed(asked: Asked, shared: Profiles) -> Iterator[Part | Problem]:
    for wish in asked.wishes:
        yield from _of_link(wish, consent(wish, asked.acceptances), shared)
    for one in asked.acceptances:
        yield from _of_acceptance(one, shared)


# ---------------------------------------------------------------------------------------------- consent of the target


@dataclass(frozen=True, slots=True)
class Consent:
    """What the target lets in."""

    people: bool
    groups: bool


def consent(wish: Wish, acceptances: Iterable[Acceptance]) -> Consent:
    """Return what the target of a link lets in: all of it, unless its owner wants to be asked."""
    groups = wish.spec is not None and wish.spec.groupSync
    if wish.target.tenant is None or wish.target.tenant.acceptance == "implied":
        return Consent(True, groups)
    given = [one for one in acceptances if one.meets(wish)]
    return Consent(bool(given), groups and any(one.said.groupSync for one in given))


# ---------------------------------------------------------------------------------------------- both halves


def _of_link(wish: Wish, lets: Consent, shared: Profiles) -> Iterator[Part | Problem]:
    maker = _Maker(wish.name, wish.origin, wish.acknowledge, declares=wish.shape != CONFIGURATION)
    if not wish.absent and wish.spec is not None:
        profile = _profile(wish.spec.access, wish.page.origin("access"), shared)
        if isinstance(profile, Problem):
            yield profile
            return
        access = wish.line("access")
        if wish.target.tenant is not None and wish.shape != CONFIGURATION and lets.people:
            yield from maker.inbound(wish.target.name, wish.source, profile, access, groups=lets.groups)
        if lets.people:
            # Nobody is asked for consent into a tenant that was not asked yet: only the link waits.
            yield from maker.partner(wish.source.name, wish.target, profile, access, "outboundAllowed")
    yield from _configured(wish, maker)
    if lets.people and wish.target.tenant is not None:
        yield from map(Part, _joined(wish, maker))


def _of_acceptance(one: Acceptance, shared: Profiles) -> Iterator[Part | Problem]:
    profile = _profile(one.said.access, one.page.origin("access"), shared)
    if isinstance(profile, Problem):
        yield profile
        return
    maker = _Maker(one.said.link, one.origin, one.acknowledge)
    access = one.page.key_origin("access") if one.said.access else one.origin
    yield from maker.inbound(one.home.name, one.source, profile, access, groups=one.said.groupSync)


def _profile(name: str, origin: Origin, shared: Profiles) -> Settings | Problem:
    if not name or name in shared.broken:
        return NOTHING
    if name not in shared.settings:
        hint = meant(name, shared.settings, "known profiles:") or "write it in shared/profiles/"
        return Problem(origin, f"there is no profile {name!r}", hint)
    return shared.settings[name]


# ---------------------------------------------------------------------------------------------- what several share


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the documents of one link."""

    link: str
    origin: Origin
    acknowledge: tuple[Acknowledgement, ...]
    declares: bool = False
    """Whether it is the word of the whole pair: half a pair cannot speak for the other one."""

    def document(
        self, address: Address, label: str, said: Body, origins: Mapping[str, Origin] | None = None
    ) -> Document:
        """Return a document of the link. What has no line of its own stands at the link's."""
        lines = dict.fromkeys(said, self.origin) | dict(origins or {})
        return Document(
            address,
            label,
            self.origin,
            said,
            origins=lines,
            link=self.link,
            declared=self.declared(said, lines),
            acknowledge=self.acknowledge,
        )

    def declared(self, paths: Iterable[str], lines: Mapping[str, Origin]) -> Mapping[str, Declaration]:
        """Return the link as the one that asks for these properties; nothing when it does not speak for both."""
        return {path: Declaration(self.link, lines.get(path, self.origin)) for path in paths if self.declares}

    def inbound(self, tenant: str, other: Side, profile: Settings, access: Origin, *, groups: bool) -> Iterator[Part]:
        """Yield what a target needs before people of the other tenant can appear in it."""
        yield from self.partner(tenant, other, profile, access, "inboundAllowed")
        allowed = {"isSyncAllowed": True}
        said = {"userSyncInbound": allowed, **({"groupSyncInbound": allowed} if groups else {})}
        permission = self.document(Address(tenant, PERMISSION, other.tenant_id), other.label, said)
        yield Part(replace(permission, domain=other.domain), implies=True)

    def partner(self, tenant: str, other: Side, profile: Settings, access: Origin, flag: str) -> Iterator[Part]:
        """Yield the entry of the other tenant: what the profile says, and the consent that is needed."""
        address = Address(tenant, PARTNER, other.tenant_id)
        if profile.said:
            shared = self.document(address, other.label, profile.said, profile.origins)
            declared = self.declared(profile.said, dict.fromkeys(profile.said, access))
            yield Part(replace(shared, names=profile.names, domain=other.domain, declared=declared), place=access)
        needed = self.document(address, other.label, {_CONSENT: {flag: True}})
        declared = self.declared([f"{_CONSENT}.{flag}"], {})
        yield Part(replace(needed, domain=other.domain, declared=declared), implies=True)


# ---------------------------------------------------------------------------------------------- the source alone


def _configured(wish: Wish, maker: _Maker) -> Iterator[Part]:
    """Yield the configuration and what hangs below it."""
    care = wish.said.lifecycle
    parts = [_configuration(wish, maker), *_below(wish, maker)]
    parts = [replace(one, lifecycle=Lifecycle(care.preventDestroy, _left(one, care.ignore))) for one in parts]
    yield from (Part(replace(document, absent=wish.absent)) for document in [*parts, *_assigned(wish)])


def _left(part: Document, names: Iterable[str]) -> tuple[str, ...]:
    """Return which of these settings the part has: each has those that it says something about."""
    return tuple(sorted(name for name in {*names} if name in part.said))


def _configuration(wish: Wish, maker: _Maker) -> Document:
    said = {"displayName": wish.label, "marker": wish.name}
    address = Address(wish.source.name, CONFIGURED, wish.name)
    return replace(
        maker.document(address, wish.label, said, {"displayName": wish.line("displayName")}),
        owner=wish.said.owner,
        purpose=wish.said.purpose,
        ticket=wish.said.ticket,
        review_by=wish.said.reviewBy,
        exclusive=(ASSIGNMENT,) if _is_exclusive(wish.spec) else (),
    )


def _below(wish: Wish, maker: _Maker) -> Iterator[Document]:
    """Yield settings, job and mappings; of a link that says nothing about them, no more than that they are meant."""
    spec = wish.spec
    settings = {"targetTenantId": wish.target.tenant_id, **(_settings(spec) if spec else {})}
    job = {"enabled": spec.enabled if spec else False}
    mappings = _mappings(spec) if spec else {}
    lines = {name: wish.line(name) for name in ("scope", "accidentalDeletion", "notifications")}
    lines |= {"targetTenantId": wish.target.origin, "filters": wish.line("scope", "filters")}
    lines |= {name: wish.line(name) for name in ("enabled", "mappings", "groupSync")}
    for kind, said in ((SETTINGS, settings), (JOB, job), (MAPPINGS, mappings)):
        origins = {name: line for name, line in lines.items() if name in said}
        document = maker.document(Address(wish.source.name, kind, wish.name), wish.label, said, origins)
        yield replace(document, pin=_pin(wish) if kind == MAPPINGS else None)


def _pin(wish: Wish) -> Pin | None:
    pinned = wish.spec.templateHash if wish.spec else ""
    return Pin(pinned, wish.line("templateHash")) if pinned else None


def _is_exclusive(spec: SyncSpec | None) -> bool:
    """Whether nobody may be assigned but whom the link names; where all are meant, assignments mean nothing."""
    return spec is None or (spec.scope.says_who and spec.scope.assigned.exclusive)


def _settings(spec: SyncSpec) -> Body:
    brake, told = spec.accidentalDeletion, spec.notifications
    return {
        "scope": "assigned" if spec.scope.says_who else "all",
        "accidentalDeletion": {"enabled": brake.enabled, "threshold": brake.threshold},
        "notifications": {
            "enabled": bool(told.recipients) if told.enabled is None else told.enabled,
            "recipients": list(told.recipients),
        },
    }


def _mappings(spec: SyncSpec) -> Body:
    return {
        "mappings": {target: _delta(shape) for target, shape in sorted(spec.mappings.items())},
        "filters": _filters(spec.scope.filters),
        "groupSync": spec.groupSync,
    }


def _delta(shape: DeltaShape) -> Body:
    """Return what is said; what says nothing is left out."""
    return {name: value for name, value in shape.model_dump().items() if value is not None and value is not False}


def _filters(shapes: tuple[GroupShape, ...]) -> Json:
    """Return the groups, with operators as the service spells them."""
    return [
        {
            "name": group.name,
            "clauses": [
                {"attribute": one.attribute, "operator": one.operator, "value": one.value} for one in group.clauses
            ],
        }
        for group in compile_filter(groups_of(shapes)).groups
    ]


def _assigned(wish: Wish) -> Iterator[Document]:
    for word, index, shape in wish.principals():
        place = wish.page.origin("scope", "assigned", word, index)
        principal = Principal("group" if word == "groups" else "user", shape.name, shape.id, place)
        key = shape.id or f"{principal.type}:{shape.name}"
        document = _Maker(wish.name, place, wish.acknowledge).document(
            Address(wish.source.name, ASSIGNMENT, f"{wish.name}/{key}"),
            shape.name or shape.id,
            {"principalType": principal.type.capitalize()},
        )
        yield replace(document, principal=principal, names={shape.id: shape.name} if shape.id and shape.name else {})


# ---------------------------------------------------------------------------------------------- groups of the target


def _joined(wish: Wish, maker: _Maker) -> Iterator[Document]:
    """Yield the groups that people of the link join. Who they are is known when both tenants were read."""
    for index, shape in enumerate(wish.spec.targetGroups if wish.spec else ()):
        place = wish.page.origin("targetGroups", index)
        principal = Principal("group", shape.group.name, shape.group.id, place)
        address = Address(wish.target.name, MEMBERSHIP, f"{wish.name}/{shape.group.id or f'group:{shape.group.name}'}")
        said = {"member": shape.members == "all"}
        yield replace(
            maker.document(address, shape.group.name or shape.group.id, said, {"member": place}),
            principal=principal,
            absent=wish.absent,
        )
