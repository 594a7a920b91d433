"""Seeds: a world written down, in YAML or JSON. One language for the demo, the docs, tests and cases.

What a seed leaves out is filled in here. Without `applications` a tenant has two: `plan`, which reads, and `apply`,
which writes. An application without `appId` has uuid5(tenant id, name); one without `secret` has
"<name>-secret-of-<tenant id>". Generated partners have uuid5(tenant id, "generated <n>"), counted from 1 in each
tenant, and are known to the directory as "Generated <n>" with the domain generated-<n>.example.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from reconciler.emulator import blocks, proving
from reconciler.emulator.calls import Json
from reconciler.emulator.directory import Licence, Organization
from reconciler.emulator.world import GitHub

READING = (
    "Policy.Read.All",
    "CrossTenantInformation.ReadBasic.All",
    "Organization.Read.All",
    "MultiTenantOrganization.Read.All",
)
WRITING = (*READING, "Policy.ReadWrite.CrossTenantAccess")
LINKED_READING = (
    "Application.Read.All",
    "Synchronization.Read.All",
    "GroupMember.Read.All",
    "User.Read.All",
    "AuditLog.Read.All",
)
LINKED_WRITING = (
    *LINKED_READING,
    "Application.ReadWrite.All",
    "Synchronization.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "GroupMember.ReadWrite.All",
)


class SeedError(ValueError):
    """A seed that says something impossible: where in it, and why."""


def application_id(tenant_id: str, name: str) -> str:
    """Return the id of an application for which a seed names none."""
    return str(uuid5(UUID(tenant_id), name))


def application_secret(tenant_id: str, name: str) -> str:
    """Return the secret of an application for which a seed names none."""
    return f"{name}-secret-of-{tenant_id.lower()}"


def seeded_id(tenant_id: str, kind: str, key: str) -> str:
    """Return the id of an object for which a seed names none: a `user`, a `group`, an `application`...

    Keys of generated ones are `<key>-1`, `<key>-2` and so on.
    """
    return str(uuid5(UUID(tenant_id), f"{kind} {key}"))


def generated_id(tenant_id: str, number: int) -> str:
    """Return the tenant id of a generated partner; numbers begin with 1."""
    return str(uuid5(UUID(tenant_id), f"generated {number}"))


# ------------------------------------------------------------------------------------------ what a seed may say


def _guid(text: str) -> str:
    if not blocks.GUID.fullmatch(text):
        raise ValueError(f"{text!r} is not a GUID")
    return text.lower()


def _certificate(pem: str) -> str:
    proving.certificate(pem)
    return pem


Guid = Annotated[str, AfterValidator(_guid)]


def _iso(said: object) -> object:
    return datetime.fromisoformat(said) if isinstance(said, str) else said


Certificate = Annotated[str, AfterValidator(_certificate)]
Moment = Annotated[datetime, BeforeValidator(_iso)]


LicenceName = Literal["P1", "P2", "Governance"]


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
    certificates: list[Certificate] = []
    secretEnds: Moment | None = None


class PersonSeed(_Said):
    """Somebody of a tenant, with the ids of the templates of their directory roles."""

    name: str
    roles: list[Guid] = []


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


class LicenceSeed(_Said):
    """A subscription with its seats."""

    licence: LicenceName
    seats: int = Field(default=100, ge=0)
    used: int = Field(default=0, ge=0)


class TenantSeed(OrganizationSeed):
    """A tenant that is served here; `objects` are the exact bodies of objects, by kind and key.

    `licences` are its subscriptions, by name or with their seats; without it, Entra ID P1. What `users`,
    `deletedUsers`, `groups` and `servicePrincipals` may say is in `populating`. The first of its `people` types every
    code that is shown to sign in; where there are none, nobody does.
    """

    applications: list[ApplicationSeed] | None = None
    licences: list[LicenceName | LicenceSeed] = ["P1"]
    people: list[PersonSeed] = []
    default: dict[str, Any] = {}
    partners: list[dict[str, Any]] = []
    users: dict[str, dict[str, Any]] = {}
    deletedUsers: dict[str, dict[str, Any]] = {}
    groups: dict[str, dict[str, Any]] = {}
    servicePrincipals: dict[str, dict[str, Any]] = {}
    authorizationPolicy: dict[str, Any] = {}
    objects: dict[str, dict[str, dict[str, Any]]] = {}

    def licences_held(self) -> tuple[Licence, ...]:
        """Return the licences that the tenant has."""
        return tuple(
            Licence(one) if isinstance(one, str) else Licence(one.licence, one.seats, one.used) for one in self.licences
        )


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
