"""From what a seed says of a tenant's people and applications to the objects of its directory.

In a tenant of a seed:

- `users` by key. A user has any property of Graph's; what is left out follows from the key: the principal name is
  `<key>@<first domain>`, the mail is the same. `manager` is the key of a user. `invited: ada@fabrikam.example` makes a
  guest of somebody with that principal name elsewhere; `externalUserState: PendingAcceptance` leaves the invitation
  open. `home` is the id that somebody has in another tenant whose account they are. `generate: 1000` makes as many,
  `<key>-1` to `<key>-1000`.
- `deletedUsers` by key, as `users`, with `deletedDateTime`: they are in the bin.
- `groups` by key, with any property and `members`: keys of users, of other groups, or of what was generated. With a
  `membershipRule` the group is dynamic, and `members` is what the service has found: rules are not evaluated here.
- `servicePrincipals` by key: each is an application with its service principal, made of the gallery's template of
  cross-tenant synchronization, of `applicationTemplateId`, or of none where that is null. `assigned` are keys of users,
  groups and service principals. What `synchronization` may say is in `synchronization.seeding`.

Ids are those of `seed_language.seeded_id`, unless `id` says otherwise. Nothing here is journaled: it was there before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciler.emulator import blocks, people, registrations
from reconciler.emulator.assigning import NO_ROLE, assigned
from reconciler.emulator.calls import Body, Json
from reconciler.emulator.committing import stamp
from reconciler.emulator.directory_objects import (
    APPLICATIONS,
    ASSIGNMENT,
    DELETED,
    GROUPS,
    MEMBER,
    SERVICE_PRINCIPALS,
    USERS,
    Collection,
)
from reconciler.emulator.seed_language import SeedError, TenantSeed, seeded_id
from reconciler.emulator.synchronization.seeding import configure

if TYPE_CHECKING:
    from reconciler.emulator.directory import Organization
    from reconciler.emulator.world import World

_OWN = frozenset({"generate", "manager", "invited", "home", "members", "assigned", "synchronization"})


@dataclass(slots=True)
class _Tenant:
    """A tenant that is being filled; `known` are the ids that each key stands for, with the collections."""

    world: World
    where: str
    home: Organization
    now: str
    known: dict[str, list[tuple[Collection, str]]] = field(default_factory=dict)

    def know(self, where: str, key: str, collection: Collection, ids: Sequence[str]) -> None:
        if key in self.known:
            raise SeedError(f"{where}: something else of this tenant has the key {key!r}")
        self.known[key] = [(collection, one) for one in ids]

    def ids(self, where: str, keys: Json) -> Iterator[tuple[Collection, str]]:
        """Yield what a list of keys stands for.

        Raises:
            SeedError: when it is no list, or a key is unknown.
        """
        if not isinstance(keys, list):
            raise SeedError(f"{where}: a list of keys is wanted")
        for key in keys:
            if key not in self.known:
                raise SeedError(f"{where}: there is no {key!r} in this tenant")
            yield from self.known[key]

    def put(self, where: str, collection: Collection, body: Body) -> None:
        known = {"id", *collection.resource.stock, *collection.hidden}
        for name in body:
            if name not in known and not (collection is USERS and name.startswith("extension_")):
                raise SeedError(f"{where}.{name}: a {collection.kind} has no such property")
        self.world.store.put(self.home.id, collection.kind, str(body["id"]), collection.sparse(body))


def populate(world: World, where: str, home: Organization, said: TenantSeed) -> None:
    """Fill the directory of a tenant with what its seed says.

    Raises:
        SeedError: with the place of the first mistake.
    """
    tenant = _Tenant(world, where, home, stamp(world.clock.now()))
    for key, one in said.users.items():
        _add_users(tenant, f"{where}.users.{key}", key, one)
    for key, one in said.users.items():
        _add_manager(tenant, f"{where}.users.{key}", key, one)
    for key, one in said.deletedUsers.items():
        _add_deleted(tenant, f"{where}.deletedUsers.{key}", key, one)
    for key, one in said.groups.items():
        _add_groups(tenant, f"{where}.groups.{key}", key, one)
    for key, one in said.groups.items():
        _add_members(tenant, f"{where}.groups.{key}", key, one)
    for key, one in said.servicePrincipals.items():
        _add_service_principals(tenant, f"{where}.servicePrincipals.{key}", key, one)
    for key, one in said.servicePrincipals.items():
        _add_assignments(tenant, f"{where}.servicePrincipals.{key}", key, one)


def _keys(where: str, key: str, said: Body) -> list[str]:
    """Return the key itself, or those of everything that is generated of it."""
    if "generate" not in said:
        return [key]
    number = said["generate"]
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise SeedError(f"{where}.generate: {number!r} is not a number of objects")
    if "id" in said:
        raise SeedError(f"{where}.id: what is generated has ids of its own")
    return [f"{key}-{one}" for one in range(1, number + 1)]


def _id(tenant: _Tenant, where: str, kind: str, key: str, said: Body) -> str:
    given = said.get("id", seeded_id(tenant.home.id, kind, key))
    if not isinstance(given, str) or not blocks.GUID.fullmatch(given):
        raise SeedError(f"{where}.id: {given!r} is not a GUID")
    return given.lower()


def _properties(said: Body) -> dict[str, Json]:
    return {name: value for name, value in said.items() if name not in _OWN and name != "id"}


# ------------------------------------------------------------------------------------------ users


def _add_users(tenant: _Tenant, where: str, key: str, said: Body) -> None:
    ids = []
    for one in _keys(where, key, said):
        ids.append(_id(tenant, where, "user", one, said))
        tenant.put(where, USERS, _user(tenant, where, one, said, ids[-1]))
    tenant.know(where, key, USERS, ids)


def _user(tenant: _Tenant, where: str, key: str, said: Body, user_id: str) -> dict[str, Json]:
    address, properties = said.get("invited"), _properties(said)
    if "home" in said:
        properties |= {"creationType": "Invitation", "alternativeSecurityIds": [people.net_id(_guid(where, said))]}
    if address is None:
        return people.user(key, properties, tenant.home, user_id, tenant.now)
    if not isinstance(address, str) or "@" not in address:
        raise SeedError(f"{where}.invited: {address!r} is not the principal name of somebody elsewhere")
    accepted = said.get("externalUserState", "Accepted") != "PendingAcceptance"
    home_id = _home_id(tenant.world, address)
    return people.guest(address, properties, tenant.home, user_id, tenant.now, home_id=home_id, accepted=accepted)


def _guid(where: str, said: Body) -> str:
    if not isinstance(said["home"], str) or not blocks.GUID.fullmatch(said["home"]):
        raise SeedError(f"{where}.home: {said['home']!r} is not a GUID")
    return said["home"].lower()


def _add_deleted(tenant: _Tenant, where: str, key: str, said: Body) -> None:
    moment = said.get("deletedDateTime")
    if "generate" in said or not isinstance(moment, str):
        raise SeedError(f"{where}: who is in the bin is one, and has a deletedDateTime")
    user_id = _id(tenant, where, "user", key, said)
    body = USERS.sparse(_user(tenant, where, key, said, user_id))
    tenant.world.store.put(tenant.home.id, DELETED.kind, user_id, {**body, "kind": USERS.kind})


def _home_id(world: World, address: str) -> str:
    """Return the id that somebody has at home: known for who is in a tenant that the seed named earlier."""
    home = world.directory.at_domain(address.rpartition("@")[2])
    found = world.store.named(home.id, USERS.kind, address) if home else {}
    return next(iter(found), "")


def _add_manager(tenant: _Tenant, where: str, key: str, said: Body) -> None:
    if "manager" not in said:
        return
    found = list(tenant.ids(f"{where}.manager", [said["manager"]]))
    if len(found) != 1 or found[0][0] is not USERS:
        raise SeedError(f"{where}.manager: {said['manager']!r} is not one user")
    for _, user_id in tenant.known[key]:
        body = tenant.world.store.get(tenant.home.id, USERS.kind, user_id) or {}
        tenant.world.store.put(tenant.home.id, USERS.kind, user_id, {**body, "manager": found[0][1]})


# ------------------------------------------------------------------------------------------ groups


def _add_groups(tenant: _Tenant, where: str, key: str, said: Body) -> None:
    ids = []
    for one in _keys(where, key, said):
        ids.append(_id(tenant, where, "group", one, said))
        tenant.put(where, GROUPS, people.group(one, _properties(said), ids[-1], tenant.now))
    tenant.know(where, key, GROUPS, ids)


def _add_members(tenant: _Tenant, where: str, key: str, said: Body) -> None:
    for collection, member in tenant.ids(f"{where}.members", said.get("members", [])):
        for _, group_id in tenant.known[key]:
            link = {"id": member, "kind": collection.kind}
            tenant.world.store.put(tenant.home.id, MEMBER.kind, f"{group_id}/{member}", link)


# ------------------------------------------------------------------------------------------ service principals


def _add_service_principals(tenant: _Tenant, where: str, key: str, said: Body) -> None:
    ids = []
    for one in _keys(where, key, said):
        ids.append(_id(tenant, where, "service principal", one, said))
        _add_service_principal(tenant, where, one, said, ids[-1])
    tenant.know(where, key, SERVICE_PRINCIPALS, ids)


def _add_service_principal(tenant: _Tenant, where: str, key: str, said: Body, principal_id: str) -> None:
    of = tenant.home.id
    ids = registrations.Ids(
        application=seeded_id(of, "application", key),
        service_principal=principal_id,
        app=str(said.get("appId") or seeded_id(of, "app", key)).lower(),
        role=seeded_id(of, "role", key),
        scope=seeded_id(of, "scope", key),
    )
    name = str(said.get("displayName", key.replace("-", " ").title()))
    chosen = said.get("applicationTemplateId", registrations.SYNCHRONIZATION_TEMPLATE)
    if chosen is None:
        application = registrations.registered(name, ids.application, ids.app, tenant.home, tenant.now)
        principal = registrations.principal_of(application, principal_id, tenant.home, tenant.now)
    elif chosen in registrations.TEMPLATES:
        template = registrations.TEMPLATES[chosen]
        application, principal = registrations.instantiated(template, name, ids, tenant.home, tenant.now)
    else:
        raise SeedError(f"{where}.applicationTemplateId: the gallery has no {chosen!r}")
    tenant.put(where, APPLICATIONS, application)
    tenant.put(where, SERVICE_PRINCIPALS, {**principal, **_properties(said), "id": principal_id, "appId": ids.app})
    if "synchronization" in said:
        configure(tenant.world, f"{where}.synchronization", of, principal, said["synchronization"])


def _add_assignments(tenant: _Tenant, where: str, key: str, said: Body) -> None:
    store = tenant.world.store
    principals = list(tenant.ids(f"{where}.assigned", said.get("assigned", [])))
    for _, resource_id in tenant.known[key]:
        resource = SERVICE_PRINCIPALS.whole(store.get(tenant.home.id, SERVICE_PRINCIPALS.kind, resource_id) or {})
        role = next((one["id"] for one in resource["appRoles"]), NO_ROLE)
        for collection, principal_id in principals:
            principal = store.get(tenant.home.id, collection.kind, principal_id) or {}
            seed = seeded_id(tenant.home.id, "assignment", f"{resource_id} {principal_id}")
            link = assigned(resource, collection, principal, role, seed, tenant.now)
            store.put(tenant.home.id, ASSIGNMENT.kind, f"{resource_id}/{principal_id}/{role}", link)
