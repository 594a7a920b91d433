"""Who exists: the organizations that can be looked up, the tenants that are served, and their applications.

Nothing here is a resource: no request writes it, so that the journal does not know it either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from reconciler.emulator.calls import Body, Json, Principal
from reconciler.emulator.store import Store

_ORGANIZATION, _TENANT, _APPLICATION = "$organization", "$tenant", "$application"


@dataclass(frozen=True, slots=True)
class Federated:
    """A credential of another issuer that an application accepts in place of a secret."""

    issuer: str
    subject: str
    audience: str


@dataclass(frozen=True, slots=True)
class Application:
    """An application with its service principal in one tenant, and the permissions that were granted to it there.

    `certificates` are X.509 certificates in PEM, any of which it may sign in with in place of the secret, and
    `secret_ends` is the moment at which that ends, in ISO 8601, or nothing.
    """

    app_id: str
    name: str
    secret: str
    roles: tuple[str, ...]
    federated: tuple[Federated, ...] = ()
    certificates: tuple[str, ...] = ()
    secret_ends: str = ""

    def as_json(self) -> dict[str, Json]:
        """Return the application as a seed spells it."""
        federated = [{"issuer": one.issuer, "subject": one.subject, "audience": one.audience} for one in self.federated]
        return {
            "appId": self.app_id,
            "name": self.name,
            "secret": self.secret,
            "roles": list(self.roles),
            "federated": federated,
            "certificates": list(self.certificates),
            **({"secretEnds": self.secret_ends} if self.secret_ends else {}),
        }

    @classmethod
    def of(cls, body: Body) -> Application:
        """Return what `as_json` wrote."""
        federated = tuple(Federated(**one) for one in body["federated"])
        named = body["appId"], body["name"], body["secret"]
        certificates, ends = tuple(body["certificates"]), body.get("secretEnds", "")
        return cls(*named, tuple(body["roles"]), federated, certificates, ends)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in with a code, and the ids of the directory roles that they have."""

    name: str
    roles: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """Return the person as a seed spells them."""
        return {"name": self.name, "roles": list(self.roles)}


@dataclass(frozen=True, slots=True)
class Organization:
    """What findTenantInformation knows: a tenant somewhere, served here or not. The first domain is the default."""

    id: str
    name: str
    display_name: str
    domains: tuple[str, ...]

    @property
    def initial_domain(self) -> str:
        """The domain that the service gave the tenant: it ends in `.onmicrosoft.com`, or is the first there is."""
        return next((one for one in self.domains if one.lower().endswith(".onmicrosoft.com")), self.domains[0])

    def as_json(self) -> dict[str, Json]:
        """Return the organization as it is kept."""
        return {"name": self.name, "displayName": self.display_name, "domains": list(self.domains)}

    @classmethod
    def of(cls, tenant_id: str, body: Body) -> Organization:
        """Return what `as_json` wrote."""
        return cls(tenant_id, body["name"], body["displayName"], tuple(body["domains"]))


@dataclass(frozen=True, slots=True)
class Licence:
    """A subscription of a tenant, with its seats and how many of them are taken."""

    name: str
    seats: int = 100
    used: int = 0

    def as_json(self) -> Json:
        """Return the licence as a seed spells it: by its name alone where nothing is peculiar."""
        if self == Licence(self.name):
            return self.name
        return {"licence": self.name, "seats": self.seats, "used": self.used}

    @classmethod
    def of(cls, said: Json) -> Licence:
        """Return what `as_json` wrote."""
        return cls(said) if isinstance(said, str) else cls(said["licence"], said["seats"], said["used"])


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organization whose Graph is served here, with its applications by lower-case id, its licences, its people."""

    organization: Organization
    applications: Mapping[str, Application]
    licences: tuple[Licence, ...] = ()
    people: tuple[Person, ...] = ()

    @property
    def id(self) -> str:
        """The tenant id, in lower case."""
        return self.organization.id

    @property
    def name(self) -> str:
        """The name that seeds and fault rules use."""
        return self.organization.name

    def object_id(self, what: str) -> str:
        """Return the id of an object of this tenant that nobody created: the same in every run."""
        return str(uuid5(UUID(self.id), what))

    def principal(self, app_id: str, roles: frozenset[str]) -> Principal:
        """Return the application as somebody who asks."""
        application = self.applications[app_id]
        return Principal("app", app_id, application.name, self.service_principal_id(app_id), roles)

    def service_principal_id(self, app_id: str) -> str:
        """Return the object id of an application that signs in here."""
        return self.object_id(f"service principal {app_id.lower()}")

    def person(self, who: str) -> Principal:
        """Return somebody of this tenant who works in the portal."""
        address = f"{who.lower().replace(' ', '.')}@{self.organization.domains[0]}"
        return Principal("user", address, who, self.object_id(f"user {who}"))


class Directory:
    """All organizations and tenants of a world, kept in its store and looked up in memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.organizations: dict[str, Organization] = {}
        self.tenants: dict[str, Tenant] = {}
        self._domains: dict[str, Organization] = {}
        for tenant_id, body in store.all("", _ORGANIZATION).items():
            self._know(Organization.of(tenant_id, body))
        for tenant_id in store.all("", _TENANT):
            self._serve(tenant_id)

    def add_organization(self, organization: Organization) -> None:
        """Let an organization be found."""
        self._store.put("", _ORGANIZATION, organization.id, organization.as_json())
        self._know(organization)

    def add_tenant(
        self,
        organization: Organization,
        applications: tuple[Application, ...],
        licences: tuple[Licence, ...] = (),
        people: tuple[Person, ...] = (),
    ) -> None:
        """Serve a tenant."""
        self.add_organization(organization)
        for application in applications:
            self._store.put(organization.id, _APPLICATION, application.app_id.lower(), application.as_json())
        kept = {"licences": [one.as_json() for one in licences], "people": [one.as_json() for one in people]}
        self._store.put("", _TENANT, organization.id, kept)
        self._serve(organization.id)

    def named(self, name: str) -> Tenant | None:
        """Return the tenant with this name in the seed, with this id, or with this domain."""
        found = self._domains.get(name.lower())
        wanted = found.id if found else name.lower()
        return next((one for one in self.tenants.values() if one.id == wanted or one.name == name), None)

    def at_domain(self, domain: str) -> Organization | None:
        """Return the organization with this verified domain."""
        return self._domains.get(domain.lower())

    @property
    def ids(self) -> Mapping[str, str]:
        """Tenant ids by name, for fault rules."""
        return {tenant.name: tenant.id for tenant in self.tenants.values()}

    def _know(self, organization: Organization) -> None:
        self.organizations[organization.id] = organization
        self._domains.update(dict.fromkeys((domain.lower() for domain in organization.domains), organization))

    def _serve(self, tenant_id: str) -> None:
        applications = self._store.all(tenant_id, _APPLICATION)
        kept = self._store.get("", _TENANT, tenant_id) or {}
        self.tenants[tenant_id] = Tenant(
            self.organizations[tenant_id],
            {key: Application.of(body) for key, body in applications.items()},
            tuple(Licence.of(one) for one in kept.get("licences", ())),
            tuple(Person(one["name"], tuple(one["roles"])) for one in kept.get("people", ())),
        )
