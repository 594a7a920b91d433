"""The directories of the template: which objects and attributes the source has, and which the target takes.

Data, and nothing that decides. The engine's own names, not Graph's. Only those parts of the real lists are public that
people map and filter by; the others here are what the documentation of attributes names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from reconciler.emulator.calls import Json

Type = Literal["String", "Integer", "Reference", "Binary", "Boolean", "DateTime"]
Mutability = Literal["ReadWrite", "ReadOnly", "Immutable", "WriteOnly"]

SOURCE, TARGET = "Microsoft Entra ID", "Azure Active Directory (target tenant)"
SOURCE_ID: Final = "66e4a8cc-1b7b-435e-95f8-f06cea133828"
TARGET_ID: Final = "a5d4c0a9-3e0f-4f0b-9d0e-6f3c1d2b7a54"
ATTRIBUTE_MEMBERS: Final = frozenset(
    {
        "anchor",
        "apiExpressions",
        "caseExact",
        "defaultValue",
        "flowNullValues",
        "metadata",
        "multivalued",
        "mutability",
        "name",
        "referencedObjects",
        "required",
        "type",
    }
)


def attribute(
    name: str,
    type_: Type = "String",
    *,
    anchor: bool = False,
    required: bool = False,
    multivalued: bool = False,
    mutability: Mutability = "ReadWrite",
    references: Iterable[str] = (),
) -> dict[str, Json]:
    """Return the definition of an attribute, all members in it."""
    return {
        "anchor": anchor,
        "caseExact": False,
        "defaultValue": None,
        "flowNullValues": False,
        "multivalued": multivalued,
        "mutability": mutability,
        "name": name,
        "required": required,
        "type": type_,
        "apiExpressions": [],
        "metadata": [],
        "referencedObjects": [{"referencedObjectName": one, "referencedProperty": None} for one in references],
    }


def directories() -> list[dict[str, Json]]:
    """Return both directories of the template; the caller may change them."""
    return [
        _directory(SOURCE_ID, SOURCE, [_object("User", _source_user()), _object("Group", _source_group())], True),
        _directory(TARGET_ID, TARGET, [_object("User", _target_user()), _object("Group", _target_group())], False),
    ]


def _directory(directory_id: str, name: str, objects: list[Json], read_only: bool) -> dict[str, Json]:
    return {
        "id": directory_id,
        "discoverabilities": "AttributeNames, AttributeDataTypes, AttributeReadOnly",
        "discoveryDateTime": None,
        "name": name,
        "readOnly": read_only,
        "version": None,
        "objects": objects,
    }


def _object(name: str, attributes: list[Json]) -> dict[str, Json]:
    return {
        "name": name,
        "supportedApis": [],
        "metadata": [
            {"key": "PropertyNameAccountEnabled", "value": '"accountEnabled"'},
            {"key": "PropertyNameSoftDeleted", "value": '"IsSoftDeleted"'},
        ]
        if name == "User"
        else [],
        "attributes": sorted(attributes, key=lambda one: str(one["name"]).lower()),
    }


# ------------------------------------------------------------------------------------------ attributes

_TEXTS: Final = (
    "city", "companyName", "country", "department", "displayName", "employeeId", "employeeType",
    "facsimileTelephoneNumber", "givenName", "jobTitle", "mail", "mailNickname", "mobile", "physicalDeliveryOfficeName",
    "postalCode", "preferredLanguage", "state", "streetAddress", "surname", "telephoneNumber", "usageLocation",
    "userPrincipalName",
)  # fmt: skip
_EXTENSIONS: Final = tuple(f"extensionAttribute{number}" for number in range(1, 16))
# What a source alone has: facts that nobody can write elsewhere.
_SOURCE_TEXTS: Final = (
    "consentProvidedForMinor", "ageGroup", "immutableId", "legalAgeGroupClassification", "netId",
    "onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesSecurityIdentifier", "originalUserPrincipalName",
    "passwordPolicies", "sipProxyAddress", "userState",
)  # fmt: skip
_SOURCE_LISTS: Final = ("alternativeSecurityIds", "appRoleAssignments", "assignedPlans", "otherMails", "proxyAddresses")
_SOURCE_DATES: Final = (
    "createdDateTime",
    "employeeHireDate",
    "lastPasswordChangeDateTime",
    "onPremisesLastSyncDateTime",
)


def _source_user() -> list[Json]:
    return [
        attribute("objectId", anchor=True, required=True, mutability="ReadOnly"),
        *(attribute(name, mutability="ReadOnly") for name in (*_TEXTS, *_EXTENSIONS, *_SOURCE_TEXTS)),
        *(attribute(name, "Boolean", mutability="ReadOnly") for name in ("accountEnabled", "IsSoftDeleted")),
        *(attribute(name, "Boolean", mutability="ReadOnly") for name in ("dirSyncEnabled", "showInAddressList")),
        *(attribute(name, "DateTime", mutability="ReadOnly") for name in _SOURCE_DATES),
        *(attribute(name, multivalued=True, mutability="ReadOnly") for name in _SOURCE_LISTS),
        attribute("manager", "Reference", mutability="ReadOnly", references=("User",)),
    ]


def _target_user() -> list[Json]:
    return [
        attribute("objectId", anchor=True, mutability="ReadOnly"),
        attribute("alternativeSecurityIds", multivalued=True, required=True, mutability="Immutable"),
        *(attribute(name) for name in (*_TEXTS, *_EXTENSIONS, "userType")),
        *(attribute(name, "Boolean") for name in ("accountEnabled", "IsSoftDeleted", "showInAddressList")),
        attribute("employeeHireDate", "DateTime"),
        attribute("manager", "Reference", references=("User",)),
    ]


_GROUP_TEXTS: Final = ("description", "displayName", "mail", "mailNickname")
_GROUP_FLAGS: Final = ("IsSoftDeleted", "mailEnabled", "securityEnabled")


def _source_group() -> list[Json]:
    return [
        attribute("objectId", anchor=True, required=True, mutability="ReadOnly"),
        *(attribute(name, mutability="ReadOnly") for name in _GROUP_TEXTS),
        *(attribute(name, "Boolean", mutability="ReadOnly") for name in (*_GROUP_FLAGS, "dirSyncEnabled")),
        *(attribute(name, multivalued=True, mutability="ReadOnly") for name in ("groupTypes", "proxyAddresses")),
        *(
            attribute(name, "Reference", multivalued=True, mutability="ReadOnly", references=("User", "Group"))
            for name in ("members", "owners")
        ),
    ]


def _target_group() -> list[Json]:
    return [
        attribute("objectId", anchor=True, mutability="ReadOnly"),
        *(attribute(name) for name in ("description", "displayName", "mailNickname", "originatingObjectId")),
        *(attribute(name, "Boolean") for name in _GROUP_FLAGS),
        attribute("members", "Reference", multivalued=True, references=("User",)),
    ]
