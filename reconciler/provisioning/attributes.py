"""The user attributes of the engine: what they are called here and in Graph, and what each can be used for.

Names that are not in the table may be directory extensions. Not for Graph's own rules of writing users.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from reconciler.provisioning.values import User, Value

Type = Literal["String", "Boolean", "Integer", "DateTime", "Reference"]


@dataclass(frozen=True, slots=True)
class UserAttribute:
    """One attribute by the engine's name; the three reasons are empty where its use is supported."""

    name: str
    graph: str
    type: Type = "String"
    several: bool = False
    not_source: str = ""
    not_target: str = ""
    not_filter: str = ""


_MULTI = "multi-valued attributes cannot be filtered on"
_DATE = "dates cannot be filtered on"
_COMPUTED = "the target computes it"
_NO_TARGET = "it cannot be written by cross-tenant synchronization"


def _same(*names: str) -> tuple[UserAttribute, ...]:
    return tuple(UserAttribute(name, name) for name in names)


_ALL = (
    *_same(
        "city", "companyName", "country", "department", "displayName", "employeeId", "employeeType", "givenName",
        "jobTitle", "mail", "mailNickname", "postalCode", "preferredLanguage", "state", "streetAddress", "surname",
        "usageLocation", "userPrincipalName",
    ),
    *(
        UserAttribute(f"extensionAttribute{number}", f"onPremisesExtensionAttributes.extensionAttribute{number}")
        for number in range(1, 16)
    ),
    UserAttribute("mobile", "mobilePhone"),
    UserAttribute("telephoneNumber", "businessPhones"),
    UserAttribute("physicalDeliveryOfficeName", "officeLocation"),
    UserAttribute("facsimileTelephoneNumber", "faxNumber"),
    UserAttribute("objectId", "id", not_target="it is the primary key"),
    UserAttribute("id", "id", not_target="it is the primary key"),
    UserAttribute("accountEnabled", "accountEnabled", "Boolean"),
    UserAttribute("showInAddressList", "showInAddressList", "Boolean"),
    UserAttribute("IsSoftDeleted", "", "Boolean"),
    UserAttribute("netId", "", not_target=_NO_TARGET, not_filter="only the service can read it"),
    UserAttribute("alternativeSecurityIds", "", several=True, not_filter=_MULTI),
    UserAttribute("userState", "externalUserState", not_target=_NO_TARGET),
    UserAttribute("employeeHireDate", "employeeHireDate", "DateTime", not_filter=_DATE),
    UserAttribute("manager", "manager", "Reference", not_filter="references cannot be filtered on"),
    UserAttribute(
        "userType", "userType", not_source="the service does not offer it", not_filter="the service does not offer it"
    ),
    UserAttribute(
        "samAccountName", "onPremisesSamAccountName", not_source="the service does not offer it", not_target=_NO_TARGET
    ),
    UserAttribute("appRoleAssignments", "", several=True, not_target=_NO_TARGET, not_filter="it is computed"),
    UserAttribute("proxyAddresses", "proxyAddresses", several=True, not_target=_COMPUTED, not_filter=_MULTI),
    UserAttribute("otherMails", "otherMails", several=True, not_target=_COMPUTED, not_filter=_MULTI),
    UserAttribute("targetAddress", "", not_target=_NO_TARGET),
    UserAttribute("HiddenFromAddressListsEnabled", "", "Boolean", not_target=_NO_TARGET),
)  # fmt: skip

ATTRIBUTES: Mapping[str, UserAttribute] = MappingProxyType({each.name: each for each in _ALL})

# Graph does not show them, so that a user without them says nothing about them.
SECRET = frozenset({"netId"})

_RENAMED = tuple(
    (each.name, each.graph)
    for each in _ALL
    if each.graph and each.graph != each.name and "." not in each.graph and each.name != "telephoneNumber"
)
_BY_GRAPH = MappingProxyType({graph: name for name, graph in _RENAMED} | {"businessPhones": "telephoneNumber"})


def engine_name(name: str) -> str:
    """Return the engine's name for one of Graph's, or nothing when Graph's is the engine's, or nobody's."""
    return "" if name in ATTRIBUTES else _BY_GRAPH.get(name, "")


def from_graph(user: User) -> dict[str, Value]:
    """Return a user of Graph in the engine's names; what already has the engine's name stays.

    Names that only Graph has are gone: for the engine such an attribute is absent, and null. `IsSoftDeleted` is false
    unless the user says otherwise.
    """
    named: dict[str, Value] = {"IsSoftDeleted": False, **user}
    for name, graph in _RENAMED:
        if graph in user:
            named.setdefault(name, user[graph])
            if graph not in ATTRIBUTES:
                del named[graph]
    phones = named.pop("businessPhones", None)
    if phones and isinstance(phones, (list, tuple)):
        named.setdefault("telephoneNumber", phones[0])
    extensions = named.pop("onPremisesExtensionAttributes", None)
    return {**named, **extensions} if isinstance(extensions, Mapping) else named
