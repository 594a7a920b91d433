"""The one template of synchronization into another tenant: its rule, its object mappings, its default scope.

Data: what of it somebody may change is decided in `schemas`. What the mappings without a name hold is not published;
they stand here empty and switched off, so that nobody can take the first mapping for the only one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.synchronization.definitions import SOURCE, TARGET, directories
from reconciler.provisioning import DEFAULT_MAPPINGS, AttributeMapping, parse
from reconciler.provisioning.sources import source_of

GALLERY: Final = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7"
"""The application template whose service principals have this synchronization template."""
TEMPLATE: Final = "Azure2Azure"
RULE_ID: Final = "df8df8d1-9e6e-40d3-b8df-09bbb402db7e"
FIRST_VERSION: Final = "v1.0"
MATCHED: Final = ("AltSecIdFromNetId([netId])", "alternativeSecurityIds")

_METADATA: Final[Mapping[str, str]] = {
    "DisableMonitoringForChanges": "false",
    "Disposition": '"Normal"',
    "EscrowBehavior": '"Default"',
    "ExcludeFromReporting": "false",
    "IsCustomerDefined": "false",
    "Unsynchronized": "false",
}


@cache
def schema() -> Body:
    """Return directories and rules of the template. It is shared: nobody may change it."""
    return {"directories": directories(), "synchronizationRules": [_rule()]}


def _rule() -> dict[str, Json]:
    return {
        "containerFilter": None,
        "editable": True,
        "groupFilter": None,
        "id": RULE_ID,
        "name": "USER_INBOUND_USER",
        "priority": 1,
        "sourceDirectoryName": SOURCE,
        "targetDirectoryName": TARGET,
        "metadata": [
            {"key": "defaultSourceObjectMappings", "value": '{"User":"User","Group":"Group"}'},
            {"key": "supportsProvisionOnDemand", "value": "true"},
        ],
        "objectMappings": [
            _users(),
            *(_unnamed(name) for name in ("Contact", "Device", "ServicePrincipal")),
            _groups(),
        ],
    }


def _object_mapping(name: str, kind: str, enabled: bool, scope: Json, attributes: list[Json]) -> dict[str, Json]:
    return {
        "enabled": enabled,
        "flowTypes": "Add, Update, Delete",
        "name": name,
        "sourceObjectName": kind,
        "targetObjectName": kind,
        "metadata": [{"key": key, "value": value} for key, value in _METADATA.items()],
        "scope": scope,
        "attributeMappings": attributes,
    }


def _users() -> dict[str, Json]:
    external = {
        "name": "Filter external users",
        "clauses": [
            _clause("alternativeSecurityIds", "EQUALS", "None"),
            _clause("userState", "NOT EQUALS", "PendingAcceptance"),
        ],
    }
    scope = {"categoryFilterGroups": [], "groups": [], "inputFilterGroups": [external]}
    mappings = [mapping(one) for one in DEFAULT_MAPPINGS]
    return _object_mapping("Provision Microsoft Entra ID Users", "User", True, scope, mappings)


def _clause(attribute: str, operator: str, value: str) -> dict[str, Json]:
    return {"operatorName": operator, "sourceOperandName": attribute, "targetOperand": {"values": [value]}}


def mapping(one: AttributeMapping) -> dict[str, Json]:
    """Return an attribute mapping as the service spells it."""
    return {
        "defaultValue": one.default,
        "exportMissingReferences": False,
        "flowBehavior": one.flow_behavior,
        "flowType": one.flow_type,
        "matchingPriority": one.matching,
        "targetAttributeName": one.target,
        "source": source_of(one.source),
    }


def _unnamed(kind: str) -> dict[str, Json]:
    return _object_mapping("", kind, False, None, [])


def _groups() -> dict[str, Json]:
    said = {
        "originatingObjectId": "[objectId]",
        "IsSoftDeleted": "[IsSoftDeleted]",
        "description": "[description]",
        "displayName": "[displayName]",
        "mailEnabled": '"false"',
        "mailNickname": "[mailNickname]",
        "members": "[members]",
        "securityEnabled": '"true"',
    }
    attributes = [
        mapping(AttributeMapping(target, parse(text), matching=int(target == "originatingObjectId")))
        for target, text in said.items()
    ]
    return _object_mapping("Provision Microsoft Entra ID Groups", "Group", False, None, attributes)
