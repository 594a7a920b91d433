"""The objects of a directory as data: users, groups, applications, service principals, and what links them.

What is stored of an object is what differs from a fresh one; `whole` adds the rest. What links two objects is stored
below the first: its key is `<id>/<id>`, or `<id>/<id>/<id>` where two may be linked more than once. How requests
reach all this is in `routes`; how applications and people come to be is in `registrations` and `people`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.emulator import permissions, shapes
from reconciler.emulator.calls import Body, Json
from reconciler.emulator.querying import Properties
from reconciler.emulator.resources import Audited, Resource

if TYPE_CHECKING:
    from reconciler.emulator.world import World


@dataclass(frozen=True, slots=True)
class Collection:
    """One kind of directory object, by the collection in which it is found.

    `unasked` are the properties that v1.0 shows when nobody selects any, all where it is empty. `basic` are the
    properties that a filter may compare at once, and `advanced` those that need `ConsistencyLevel: eventual` and
    `$count=true` for every comparison. `second` is the property of `Store.named`. `hidden` are stored and never shown
    as properties.
    """

    resource: Resource
    type: str
    second: str
    unasked: tuple[str, ...] = ()
    basic: frozenset[str] = frozenset()
    advanced: frozenset[str] = frozenset()
    hidden: tuple[str, ...] = ()
    expands: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """The kind of its objects."""
        return self.resource.kind

    @property
    def name(self) -> str:
        """The name of the collection: `users`."""
        return self.resource.path.removeprefix("/")

    def whole(self, body: Body) -> dict[str, Json]:
        """Return an object with all properties, the hidden ones left out."""
        return {"id": body["id"], **{name: body.get(name, value) for name, value in self.resource.stock.items()}}

    @property
    def properties(self) -> Properties:
        """What filters may compare."""
        known = frozenset({"id", *self.resource.stock})
        return Properties(self.type, self.basic, self.advanced, known)

    def sparse(self, body: Body) -> dict[str, Json]:
        """Return an object as it is stored: without what is as in a fresh one."""
        stock = self.resource.stock
        return {
            name: value
            for name, value in body.items()
            if (value != stock[name] if name in stock else value not in (None, []))
        }


# ------------------------------------------------------------------------------------------ people

_USER_UNASKED = (
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
)

USERS = Collection(
    Resource(
        kind="user",
        path="/users",
        key="id",
        stock=shapes.USER,
        read=permissions.READ_USERS,
        write=permissions.WRITE_USERS,
        read_only=(
            "deletedDateTime",
            "assignedLicenses",
            "assignedPlans",
            "createdDateTime",
            "creationType",
            "externalUserState",
            "externalUserStateChangeDateTime",
            "imAddresses",
            "onPremisesDistinguishedName",
            "onPremisesDomainName",
            "onPremisesLastSyncDateTime",
            "onPremisesSamAccountName",
            "onPremisesSecurityIdentifier",
            "onPremisesSyncEnabled",
            "onPremisesUserPrincipalName",
            "proxyAddresses",
            "securityIdentifier",
            "signInSessionsValidFromDateTime",
        ),
        audited=Audited("UserManagement", "Add user", "Update user", "Delete user", "User"),
        replicates=True,
    ),
    type="user",
    second="userPrincipalName",
    unasked=_USER_UNASKED,
    basic=frozenset(
        {
            "accountEnabled",
            "assignedLicenses",
            "createdDateTime",
            "creationType",
            "department",
            "displayName",
            "employeeId",
            "employeeType",
            "externalUserState",
            "givenName",
            "id",
            "identities",
            "jobTitle",
            "mail",
            "mailNickname",
            "onPremisesImmutableId",
            "onPremisesSyncEnabled",
            "otherMails",
            "proxyAddresses",
            "city",
            "country",
            "postalCode",
            "state",
            "streetAddress",
            "surname",
            "usageLocation",
            "userPrincipalName",
            "userType",
        }
    ),
    advanced=frozenset({"companyName", "mobilePhone", "officeLocation", "faxNumber", "preferredLanguage"}),
    # `manager` is the id of one; by `alternativeSecurityIds` the provisioning service knows whose account a guest is.
    hidden=("manager", "alternativeSecurityIds"),
    expands=frozenset({"manager"}),
)

GROUPS = Collection(
    Resource(
        kind="group",
        path="/groups",
        key="id",
        stock=shapes.GROUP,
        read=permissions.READ_GROUPS,
        write=permissions.WRITE_GROUPS,
        read_only=(
            "deletedDateTime",
            "createdDateTime",
            "mail",
            "mailEnabled",
            "onPremisesSyncEnabled",
            "proxyAddresses",
            "renewedDateTime",
            "securityIdentifier",
        ),
        audited=Audited("GroupManagement", "Add group", "Update group", "Delete group", "Group"),
        replicates=True,
    ),
    type="group",
    second="displayName",
    basic=frozenset(
        {
            "createdDateTime",
            "displayName",
            "groupTypes",
            "id",
            "mail",
            "mailEnabled",
            "mailNickname",
            "onPremisesSyncEnabled",
            "proxyAddresses",
            "securityEnabled",
            "uniqueName",
        }
    ),
    advanced=frozenset({"description", "isAssignableToRole", "membershipRule"}),
    expands=frozenset({"members"}),
)

# ------------------------------------------------------------------------------------------ applications

APPLICATIONS = Collection(
    Resource(
        kind="application",
        path="/applications",
        key="id",
        stock=shapes.APPLICATION,
        read=permissions.READ_APPLICATIONS,
        write=permissions.WRITE_APPLICATIONS,
        read_only=(
            "deletedDateTime",
            "appId",
            "applicationTemplateId",
            "createdDateTime",
            "disabledByMicrosoftStatus",
            "publisherDomain",
            "verifiedPublisher",
        ),
        audited=Audited(
            "ApplicationManagement", "Add application", "Update application", "Delete application", "Application"
        ),
        replicates=True,
    ),
    type="application",
    second="appId",
    basic=frozenset(
        {
            "appId",
            "applicationTemplateId",
            "createdDateTime",
            "displayName",
            "id",
            "identifierUris",
            "signInAudience",
            "uniqueName",
        }
    ),
    advanced=frozenset({"tags", "publisherDomain"}),
    hidden=("owners",),
    expands=frozenset({"owners"}),
)

SERVICE_PRINCIPALS = Collection(
    Resource(
        kind="servicePrincipal",
        path="/servicePrincipals",
        key="id",
        stock=shapes.SERVICE_PRINCIPAL,
        read=permissions.READ_APPLICATIONS,
        write=permissions.WRITE_APPLICATIONS,
        read_only=(
            "deletedDateTime",
            "appDescription",
            "appDisplayName",
            "appId",
            "applicationTemplateId",
            "appOwnerOrganizationId",
            "createdDateTime",
            "disabledByMicrosoftStatus",
            "servicePrincipalType",
            "signInAudience",
            "verifiedPublisher",
        ),
        audited=Audited(
            "ApplicationManagement",
            "Add service principal",
            "Update service principal",
            "Remove service principal",
            "ServicePrincipal",
        ),
        replicates=True,
    ),
    type="servicePrincipal",
    second="appId",
    basic=frozenset(
        {
            "accountEnabled",
            "appId",
            "applicationTemplateId",
            "createdDateTime",
            "displayName",
            "id",
            "servicePrincipalNames",
            "servicePrincipalType",
            "tags",
        }
    ),
    advanced=frozenset({"homepage", "appOwnerOrganizationId", "signInAudience"}),
    hidden=("owners",),
    expands=frozenset({"owners", "appRoleAssignedTo"}),
)

COLLECTIONS = (USERS, GROUPS, APPLICATIONS, SERVICE_PRINCIPALS)
BY_KIND: Mapping[str, Collection] = {one.kind: one for one in COLLECTIONS}
BY_TYPE: Mapping[str, Collection] = {one.type.lower(): one for one in COLLECTIONS}

# ------------------------------------------------------------------------------------------ what links them

MEMBER = Resource(
    kind="member",
    path="/groups/{key}/members",
    key="id",
    stock={},
    read=permissions.READ_MEMBERS,
    write=permissions.WRITE_MEMBERS,
    audited=Audited("GroupManagement", "Add member to group", "Update group", "Remove member from group", "User"),
)
ASSIGNMENT = Resource(
    kind="appRoleAssignment",
    path="/servicePrincipals/{key}/appRoleAssignedTo",
    key="id",
    stock={
        "deletedDateTime": None,
        "appRoleId": None,
        "createdDateTime": None,
        "principalDisplayName": None,
        "principalId": None,
        "principalType": None,
        "resourceDisplayName": None,
        "resourceId": None,
    },
    read=permissions.READ_ASSIGNMENTS,
    write=permissions.WRITE_ASSIGNMENTS,
    lag="assignment_lag_seconds",
)
_ASSIGNMENT_WORDS: Mapping[str, tuple[str, str]] = {
    "User": ("Add app role assignment grant to user", "Remove app role assignment from user"),
    "Group": ("Add app role assignment to group", "Remove app role assignment from group"),
    "ServicePrincipal": (
        "Add app role assignment to service principal",
        "Remove app role assignment from service principal",
    ),
}
DELETED = Resource(
    kind="deletedItem",
    path="/directory/deletedItems",
    key="id",
    stock={},
    read=(),
    write=(),
    # The record of a deletion and of a restoration is that of the object itself.
    audited=Audited(category=""),
)


def assignment_of(principal_type: str) -> Resource:
    """Return the assignments to one type of principal; the audits have words of their own for each."""
    add, remove = _ASSIGNMENT_WORDS[principal_type]
    return replace(ASSIGNMENT, audited=Audited("ApplicationManagement", add, add, remove, principal_type))


KINDS: tuple[Resource, ...] = (*(one.resource for one in COLLECTIONS), MEMBER, ASSIGNMENT, DELETED)
EXACT = frozenset(one.kind for one in KINDS)
"""The kinds whose objects a seed gives exactly as they are stored."""


# ------------------------------------------------------------------------------------------ looking


def live(world: World, tenant: str, key: str) -> tuple[Collection, dict[str, Json]] | None:
    """Return the object with this id, whatever its kind, and the collection that it is in."""
    for one in COLLECTIONS:
        body = world.store.get(tenant, one.kind, key)
        if body is not None:
            return one, body
    return None
