"""From a seed to a world, and back. What a seed may say is in `seed_language`; who needs both imports from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

from reconciler.emulator import accounts, blocks, directory_objects
from reconciler.emulator.calls import Body, Json
from reconciler.emulator.clock import MORNING, Clock, RealClock, VirtualClock
from reconciler.emulator.committing import stamp
from reconciler.emulator.directory import Application, Federated, Organization, Person
from reconciler.emulator.fault_rules import FaultError
from reconciler.emulator.populating import populate
from reconciler.emulator.refusals import Refusal
from reconciler.emulator.resources import Resource, overlay
from reconciler.emulator.seed_language import (
    LINKED_READING,
    LINKED_WRITING,
    READING,
    WRITING,
    ApplicationSeed,
    Seed,
    SeedError,
    TenantSeed,
    application_id,
    application_secret,
    generated_id,
    parse,
    seeded_id,
)
from reconciler.emulator.store import Store
from reconciler.emulator.switches import Switches
from reconciler.emulator.synchronization import kinds as synchronization_kinds
from reconciler.emulator.synchronization import resuming
from reconciler.emulator.world import GitHub, World

if TYPE_CHECKING:
    from reconciler.emulator.directory import Tenant as ServedTenant

__all__ = [
    "LINKED_READING",
    "LINKED_WRITING",
    "READING",
    "WRITING",
    "Seed",
    "SeedError",
    "application_id",
    "application_secret",
    "as_yaml",
    "fill_anew",
    "generated_id",
    "parse",
    "seed_of",
    "seeded_id",
    "world_from_seed",
]


# ------------------------------------------------------------------------------------------ seed to world


def world_from_seed(
    said: str | Mapping[str, Json] | Seed,
    *,
    path: Path | str = ":memory:",
    clock: Clock | None = None,
    extra: tuple[Resource, ...] = (),
) -> World:
    """Return the world that a seed describes. A file that holds one already is gone on with.

    Raises:
        SeedError: with the place of the first mistake.
    """
    seed = said if isinstance(said, Seed) else parse(said)
    store = Store(path)
    is_new = store.recall("seeded") is None
    world = World(
        store,
        clock=clock or _clock(seed, store),
        switches=_switches(seed),
        github=_github(seed),
        extra=extra,
    )
    if is_new:
        with store.transaction():
            _fill(world, seed)
            store.remember("seeded", "yes")
    for index, rule in enumerate(seed.faults):
        try:
            world.add_fault(rule)
        except FaultError as error:
            raise SeedError(f"faults.{index}: {error}") from error
    return world


def fill_anew(world: World, said: Mapping[str, Json]) -> None:
    """Make of a world the one that a seed describes, with an empty journal; a virtual clock is set to the seed's time.

    Assumptions stay as they are: the seed may name only those that hold already. So does the key of the signer.

    Raises:
        SeedError: with the place of the first mistake; then the world is as it was.
    """
    seed = parse(said)
    if _switches(seed) != world.switches:
        raise SeedError("switches: they are chosen when the emulator starts")
    # All mistakes come out here, before anything is lost.
    world_from_seed(seed, extra=world.extra)
    with world.store.transaction():
        world.store.clear()
        world.forget()
        _fill(world, seed)
    world.github = _github(seed)
    if isinstance(world.clock, VirtualClock) and isinstance(seed.clock, datetime):
        world.clock.set(_utc(seed.clock))
    for rule in seed.faults:
        world.add_fault(rule)


def _github(seed: Seed) -> GitHub:
    return GitHub(seed.github.subject, seed.github.requestToken)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _clock(seed: Seed, store: Store) -> Clock:
    """Return the clock of a world. A virtual one never goes back behind what was written already."""
    if seed.clock == "real":
        return RealClock()
    start = _utc(seed.clock or MORNING)
    last = store.last_time()
    return VirtualClock(max(start, datetime.fromisoformat(last)) if last else start)


def _switches(seed: Seed) -> Switches:
    try:
        return Switches.of(seed.switches)
    except ValueError as error:
        raise SeedError(f"switches: {error}") from error


def _fill(world: World, seed: Seed) -> None:
    for name, organization in seed.organizations.items():
        world.directory.add_organization(organization.organization(name))
    peopled = any(map(_is_peopled, seed.tenants.values()))
    for name, tenant in seed.tenants.items():
        if tenant.tenantId in world.directory.tenants:
            raise SeedError(f"tenants.{name}.tenantId: another tenant has this id")
        people = tuple(Person(one.name, tuple(one.roles)) for one in tenant.people)
        held = tenant.licences_held()
        applications = tuple(_applications(tenant, peopled=peopled))
        world.directory.add_tenant(tenant.organization(name), applications, held, people)
        for collection, body in accounts.registered_in(world.directory.tenants[tenant.tenantId]):
            world.store.put(tenant.tenantId, collection.kind, body["id"], body)
    for name, tenant in seed.tenants.items():
        _fill_tenant(world, f"tenants.{name}", tenant)
    resuming.match_all(world, {tenant.tenantId: tenant.servicePrincipals for tenant in seed.tenants.values()})


def _is_peopled(tenant: TenantSeed) -> bool:
    return bool(tenant.users or tenant.groups or tenant.servicePrincipals)


def _applications(tenant: TenantSeed, *, peopled: bool) -> Iterator[Application]:
    """Yield the applications of a tenant. Where people are, in any tenant, synchronization is tried.

    Whoever comes is looked at where they come to; written is only where they come from.
    """
    said = tenant.applications
    if said is None:
        reading = LINKED_READING if peopled else ()
        writing = LINKED_WRITING if _is_peopled(tenant) else reading
        said = [
            ApplicationSeed(name="plan", roles=[*READING, *reading]),
            ApplicationSeed(name="apply", roles=[*WRITING, *writing]),
        ]
    for one in said:
        yield Application(
            one.appId or application_id(tenant.tenantId, one.name),
            one.name,
            one.secret or application_secret(tenant.tenantId, one.name),
            tuple(one.roles),
            tuple(Federated(each.issuer, each.subject, each.audience) for each in one.federated),
            tuple(one.certificates),
            "" if one.secretEnds is None else stamp(_utc(one.secretEnds)),
        )


def _fill_tenant(world: World, where: str, tenant: TenantSeed) -> None:
    if tenant.default:
        _put(world, f"{where}.default", tenant.tenantId, "default", "", {"isServiceDefault": False, **tenant.default})
    for place, partner in _partners(world, f"{where}.partners", tenant):
        key = partner.get("tenantId")
        if not isinstance(key, str) or not blocks.GUID.fullmatch(key):
            raise SeedError(f"{place}.tenantId: a partner needs the id of its tenant")
        if world.store.get(tenant.tenantId, "partner", key.lower()) is not None:
            raise SeedError(f"{place}.tenantId: there is already a partner {key}")
        _put(world, place, tenant.tenantId, "partner", key.lower(), {**partner, "tenantId": key.lower()})
    if tenant.authorizationPolicy:
        place = f"{where}.authorizationPolicy"
        _put(world, place, tenant.tenantId, "authorizationPolicy", "", tenant.authorizationPolicy)
    populate(world, where, world.directory.organizations[tenant.tenantId], tenant)
    for kind, objects in tenant.objects.items():
        if kind not in world.resources:
            raise SeedError(f"{where}.objects.{kind}: there is no such kind; there are {', '.join(world.resources)}")
        for key, body in objects.items():
            if kind in directory_objects.EXACT | synchronization_kinds.EXACT:
                world.store.put(tenant.tenantId, kind, key, body)
            else:
                _put(world, f"{where}.objects.{kind}.{key}", tenant.tenantId, kind, key, body)


def _partners(world: World, where: str, tenant: TenantSeed) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield the partners of a tenant with their places in the seed, the generated ones among them."""
    made = 0
    for index, said in enumerate(tenant.partners):
        if "generate" not in said:
            yield f"{where}.{index}", said
            continue
        number = said["generate"]
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise SeedError(f"{where}.{index}.generate: {number!r} is not a number of partners")
        body = {name: value for name, value in said.items() if name != "generate"}
        for _ in range(number):
            made += 1
            key = generated_id(tenant.tenantId, made)
            known = Organization(key, f"generated-{made}", f"Generated {made}", (f"generated-{made}.example",))
            world.directory.add_organization(known)
            yield f"{where}.{index}", {"tenantId": key, **body}


def _put(world: World, where: str, tenant_id: str, kind: str, key: str, said: Body) -> None:
    resource = world.resources[kind]
    fresh = resource.fresh(key) if resource.key else dict(resource.stock)
    for name, value in said.items():
        if name not in fresh:
            raise SeedError(f"{where}.{name}: a {kind} has no such property; it has {', '.join(fresh)}")
        fresh[name] = _value(world, f"{where}.{name}", name, fresh[name], value)
    world.store.put(tenant_id, kind, key, fresh)


def _value(world: World, where: str, name: str, standing: Json, value: Json) -> Json:
    """Return a property as it is stored. What the service refuses in a block is refused here."""
    if value is None or name not in {*blocks.FLAGS, *blocks.SETTINGS, blocks.REDEMPTION}:
        return standing if value is None and isinstance(standing, Mapping) else value
    try:
        said = blocks.checked(name, value, world.switches, nulls=True)
    except Refusal as refusal:
        raise SeedError(f"{where}: {refusal.message}") from refusal
    members = dict.fromkeys((*blocks.FLAGS.get(name, ()), *blocks.SETTINGS.get(name, ())))
    return overlay(standing or members, said, world.switches)


# ------------------------------------------------------------------------------------------ world to seed


def seed_of(world: World) -> dict[str, Json]:
    """Return the world as it stands now as a seed: what is as in a fresh tenant is left out."""
    stock, switches = Switches(), world.switches
    changed = {one.name: getattr(switches, one.name) for one in fields(Switches)}
    served = world.directory.tenants
    return {
        "clock": "real" if isinstance(world.clock, RealClock) else world.clock.now().isoformat(),
        "switches": {name: value for name, value in changed.items() if value != getattr(stock, name)},
        "faults": [_rule(rule) for rule in world.faults.listing()],
        "github": {"subject": world.github.subject, "requestToken": world.github.bearer},
        "organizations": {
            one.name: _organization(one) for key, one in world.directory.organizations.items() if key not in served
        },
        "tenants": {tenant.name: _tenant(world, tenant) for tenant in served.values()},
    }


def _rule(listed: Body) -> dict[str, Json]:
    return {name: value for name, value in listed.items() if name not in {"matched", "fired"}}


def _organization(one: Organization) -> dict[str, Json]:
    return {"tenantId": one.id, "displayName": one.display_name, "domains": list(one.domains)}


def _tenant(world: World, tenant: ServedTenant) -> dict[str, Json]:
    own = {"default", "partner"}
    extra = {kind: world.store.all(tenant.id, kind) for kind in world.resources if kind not in own}
    for collection, body in accounts.registered_in(tenant):
        if extra[collection.kind].get(body["id"]) == body:
            del extra[collection.kind][body["id"]]
    default = world.store.get(tenant.id, "default") or world.resources["default"].stock
    return {
        **_organization(tenant.organization),
        "applications": [one.as_json() for one in tenant.applications.values()],
        "licences": [one.as_json() for one in tenant.licences],
        "people": [one.as_json() for one in tenant.people],
        "default": _unlike(default, world.resources["default"].stock),
        "partners": [
            _unlike(body, world.resources["partner"].stock) for body in world.store.all(tenant.id, "partner").values()
        ],
        "objects": {kind: objects for kind, objects in extra.items() if objects},
    }


def _unlike(body: Body, stock: Body) -> dict[str, Json]:
    return {name: value for name, value in body.items() if name not in stock or value != stock[name]}


def as_yaml(seed: Mapping[str, Json]) -> str:
    """Return a seed as YAML, for a file."""
    text = StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.dump(dict(seed), text)
    return text.getvalue()
