"""Seeds: a world written down, in YAML or JSON. One language for the demo, the docs, tests and cases.

What a seed leaves out is filled in here. Without `applications` a tenant has two: `plan`, which reads, and `apply`,
which writes. An application without `appId` has uuid5(tenant id, name); one without `secret` has
"<name>-secret-of-<tenant id>". Generated partners have uuid5(tenant id, "generated <n>"), counted from 1 in each
tenant, and are known to the directory as "Generated <n>" with the domain generated-<n>.example.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID, uuid5

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from reconciler.emulator import blocks, cross_tenant_access
from reconciler.emulator.calls import Body, Json
from reconciler.emulator.clock import MORNING, Clock, RealClock, VirtualClock
from reconciler.emulator.directory import Application, Federated, Organization
from reconciler.emulator.faults import FaultError
from reconciler.emulator.refusals import Refusal
from reconciler.emulator.resources import Resource, overlay
from reconciler.emulator.store import Store
from reconciler.emulator.switches import Switches
from reconciler.emulator.world import GitHub, World

if TYPE_CHECKING:
    from reconciler.emulator.directory import Tenant as ServedTenant

READING = ("Policy.Read.All", "CrossTenantInformation.ReadBasic.All", "Organization.Read.All")
WRITING = (*READING, "Policy.ReadWrite.CrossTenantAccess")


class SeedError(ValueError):
    """A seed that says something impossible: where in it, and why."""


def application_id(tenant_id: str, name: str) -> str:
    """Return the id of an application for which a seed names none."""
    return str(uuid5(UUID(tenant_id), name))


def application_secret(tenant_id: str, name: str) -> str:
    """Return the secret of an application for which a seed names none."""
    return f"{name}-secret-of-{tenant_id.lower()}"


def generated_id(tenant_id: str, number: int) -> str:
    """Return the tenant id of a generated partner; numbers begin with 1."""
    return str(uuid5(UUID(tenant_id), f"generated {number}"))


# ------------------------------------------------------------------------------------------ what a seed may say


def _guid(text: str) -> str:
    if not blocks.GUID.fullmatch(text):
        raise ValueError(f"{text!r} is not a GUID")
    return text.lower()


Guid = Annotated[str, AfterValidator(_guid)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FederatedSeed(_Said):
    """A federated credential of an application."""

    issuer: str
    subject: str
    audience: str = "api://AzureADTokenExchange"


class ApplicationSeed(_Said):
    """An application in one tenant."""

    name: str
    appId: Guid | None = None
    secret: str | None = None
    roles: list[str] = []
    federated: list[FederatedSeed] = []


class OrganizationSeed(_Said):
    """An organization that can be found, and is not served here."""

    tenantId: Guid
    displayName: str | None = None
    domain: str | None = None
    domains: list[str] = []

    @model_validator(mode="after")
    def _has_one_way_of_naming_domains(self) -> OrganizationSeed:
        if self.domain is not None and self.domains:
            raise ValueError("give domain or domains, not both")
        return self

    def organization(self, name: str) -> Organization:
        """Return the organization with the name that it has in the seed."""
        domains = tuple(self.domains) or (self.domain or f"{name}.example",)
        return Organization(self.tenantId, name, self.displayName or name.replace("-", " ").title(), domains)


class TenantSeed(OrganizationSeed):
    """A tenant that is served here; `objects` are those of extra kinds, by kind and key."""

    applications: list[ApplicationSeed] | None = None
    default: dict[str, Any] = {}
    partners: list[dict[str, Any]] = []
    objects: dict[str, dict[str, dict[str, Any]]] = {}


class GitHubSeed(_Said):
    """The emulated GitHub."""

    subject: str = GitHub().subject
    requestToken: str = GitHub().bearer


class Seed(_Said):
    """A whole world."""

    clock: datetime | Literal["real"] | None = None
    switches: dict[str, Any] = {}
    faults: list[dict[str, Any]] = []
    github: GitHubSeed = Field(default_factory=GitHubSeed)
    organizations: dict[str, OrganizationSeed] = {}
    tenants: dict[str, TenantSeed] = {}


def parse(said: str | Mapping[str, Json]) -> Seed:
    """Return what YAML or JSON text says, or what was read from it.

    Raises:
        SeedError: with the place of the first mistake.
    """
    data = _loaded(said) if isinstance(said, str) else dict(said)
    if not isinstance(data, Mapping):
        raise SeedError("a seed is a mapping with tenants in it")
    if isinstance(data.get("clock"), str) and data["clock"] != "real":
        data = {**data, "clock": _moment(data["clock"])}
    try:
        return Seed.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise SeedError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _loaded(text: str) -> Json:
    try:
        return YAML(typ="safe").load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        raise SeedError(f"the seed is not YAML: {error}") from error


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise SeedError(f"clock: {text!r} is not a moment in ISO 8601") from error


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
        github=GitHub(seed.github.subject, seed.github.requestToken),
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
    own = {one.kind for one in cross_tenant_access.resources(world.switches)}
    # All mistakes come out here, before anything is lost.
    world_from_seed(seed, extra=tuple(one for one in world.resources.values() if one.kind not in own))
    with world.store.transaction():
        world.store.clear()
        world.forget()
        _fill(world, seed)
    if isinstance(world.clock, VirtualClock) and isinstance(seed.clock, datetime):
        world.clock.set(_utc(seed.clock))
    for rule in seed.faults:
        world.add_fault(rule)


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
    for name, tenant in seed.tenants.items():
        if tenant.tenantId in world.directory.tenants:
            raise SeedError(f"tenants.{name}.tenantId: another tenant has this id")
        world.directory.add_tenant(tenant.organization(name), tuple(_applications(tenant)))
    for name, tenant in seed.tenants.items():
        _fill_tenant(world, f"tenants.{name}", tenant)


def _applications(tenant: TenantSeed) -> Iterator[Application]:
    said = tenant.applications
    if said is None:
        said = [
            ApplicationSeed(name="plan", roles=list(READING)),
            ApplicationSeed(name="apply", roles=list(WRITING)),
        ]
    for one in said:
        yield Application(
            one.appId or application_id(tenant.tenantId, one.name),
            one.name,
            one.secret or application_secret(tenant.tenantId, one.name),
            tuple(one.roles),
            tuple(Federated(each.issuer, each.subject, each.audience) for each in one.federated),
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
    for kind, objects in tenant.objects.items():
        if kind not in world.resources:
            raise SeedError(f"{where}.objects.{kind}: there is no such kind; there are {', '.join(world.resources)}")
        for key, body in objects.items():
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
    changed = {name: getattr(switches, name) for name in Switches.__slots__}
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
    default = world.store.get(tenant.id, "default") or world.resources["default"].stock
    return {
        **_organization(tenant.organization),
        "applications": [one.as_json() for one in tenant.applications.values()],
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
