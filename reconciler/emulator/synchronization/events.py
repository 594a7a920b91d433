"""What happened to one object, as the provisioning log tells it and as on-demand provisioning answers it.

Both tell the same in two spellings. What happened is decided elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from reconciler.emulator.calls import Body, Json, Principal
from reconciler.emulator.synchronization.definitions import SOURCE_ID

Action = Literal["Create", "Update", "Delete", "Disable", "StagedDelete", "Other"]
Status = Literal["Success", "Failure", "Skipped", "Warning"]
StepType = Literal["Import", "Scoping", "Matching", "Processing", "ReferenceResolution", "Export"]

STATUS_INFO: Final = "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo"
SERVICE: Final = "Azure AD Provisioning Service"
FABRIC: Final = Principal("service", "00000014-0000-0000-c000-000000000000", "Microsoft.Azure.SyncFabric")
"""Who writes to the target, and to the job itself when a cycle has ended."""


# In this order the log has the steps; on demand they are answered as they were gone.
_LOGGED: Final[tuple[StepType, ...]] = ("Import", "Matching", "Scoping", "Processing", "Export", "ReferenceResolution")
# The log has other names for what scoping found than the answer on demand.
_SCOPING: Final[Mapping[str, str]] = {
    "IsActive": "Active in the source system",
    "Assigned": "Assigned to the application",
    "IsEffectivelyEntitledForProvisioning": "User has the required role",
    "IsInProvisioningScopeDisplayName": "Scoping filter evaluation passed",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way of an object; `details` are texts."""

    name: str
    type: StepType
    status: Status
    description: str
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an object was skipped, or could not be written."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Identity:
    """An object on one side; without an id where there is none."""

    id: str = ""
    name: str = ""
    kind: str = "User"
    principal_name: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """What one run made of one object. `changes` are property, old value, new value, as texts."""

    action: Action
    status: Status
    source: Identity
    target: Identity
    steps: tuple[Step, ...]
    changes: tuple[tuple[str, str | None, str | None], ...] = ()
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Under which job and when something happened; `ids` are those of the event, its change and its cycle."""

    tenant: str
    job: Body
    principal: Body
    rule: Body
    target_tenant: str
    time: str
    ids: tuple[str, str, str]


# ------------------------------------------------------------------------------------------ the log


def event(what: Happening, where: Circumstances) -> dict[str, Json]:
    """Return the record of the provisioning log."""
    return {
        "id": where.ids[0],
        "activityDateTime": where.time,
        "changeId": where.ids[1],
        "cycleId": where.ids[2],
        "durationInMilliseconds": 0,
        "jobId": where.job["id"],
        "tenantId": where.tenant,
        "provisioningAction": _camel(what.action),
        "provisioningStatusInfo": {"status": _camel(what.status), "errorInformation": _error(what)},
        "initiatedBy": {"id": "", "displayName": SERVICE, "initiatorType": "system"},
        "servicePrincipal": {"id": where.principal["id"], "displayName": where.principal.get("displayName")},
        "sourceSystem": {"id": SOURCE_ID, "displayName": where.rule["sourceDirectoryName"], "details": {}},
        "targetSystem": {
            "id": where.target_tenant,
            "displayName": where.rule["targetDirectoryName"],
            "details": _target_details(where),
        },
        "sourceIdentity": _logged(what.source),
        "targetIdentity": _logged(what.target),
        "modifiedProperties": _changes(what),
        "provisioningSteps": [
            {
                "name": step.name,
                "provisioningStepType": _camel(step.type),
                "status": _camel(step.status),
                "description": step.description,
                "details": {_SCOPING.get(name, name): value for name, value in step.details.items()},
            }
            for step in sorted(what.steps, key=lambda step: _LOGGED.index(step.type))
        ],
    }


def _camel(text: str) -> str:
    return text[0].lower() + text[1:]


def _error(what: Happening) -> dict[str, Json] | None:
    """Return what the log says of a failure; a skip is none."""
    if what.trouble is None or what.status != "Failure":
        return None
    return {
        "errorCode": what.trouble.code,
        "reason": what.trouble.reason,
        "additionalDetails": None,
        "errorCategory": "failure",
        "recommendedAction": None,
    }


def _target_details(where: Circumstances) -> dict[str, Json]:
    return {
        "ApplicationId": where.principal.get("appId"),
        "ServicePrincipalId": where.principal["id"],
        "ServicePrincipalDisplayName": where.principal.get("displayName"),
    }


def _logged(one: Identity) -> dict[str, Json]:
    details = {"id": one.id, "odatatype": one.kind, "DisplayName": one.name, "UserPrincipalName": one.principal_name}
    return {
        "id": one.id,
        "displayName": one.name,
        "identityType": one.kind,
        "details": details if one.principal_name else {},
    }


def _changes(what: Happening) -> list[Json]:
    return [{"displayName": name, "oldValue": old, "newValue": new} for name, old, new in what.changes]


# ------------------------------------------------------------------------------------------ the answer on demand


def answer(what: Happening, where: Circumstances, *, as_result: bool) -> dict[str, Json]:
    """Return the pair that on-demand provisioning answers, in one of its two forms."""
    told = _told(what, where)
    if not as_result:
        return {"key": STATUS_INFO, "value": json.dumps([told])}
    trouble = what.trouble or Trouble("", "")
    details = {"errorCode": trouble.code, "errorMessage": trouble.reason}
    return {"key": json.dumps({"result": what.status, "details": details}), "value": json.dumps(told)}


def _told(what: Happening, where: Circumstances) -> dict[str, Json]:
    trouble = what.trouble or Trouble("", "")
    return {
        "action": what.action,
        "changeId": where.ids[1],
        "startTime": where.time,
        "endTime": where.time,
        "modifiedProperties": _changes(what),
        "provisioningSteps": [
            {
                "name": step.name,
                "type": step.type,
                "status": step.status,
                "description": step.description,
                "timestamp": where.time,
                "details": dict(step.details),
            }
            for step in what.steps
        ],
        "reportableIdentifier": what.source.principal_name,
        "statusInfo": {
            "status": what.status,
            "errorCode": trouble.code,
            "reason": trouble.reason,
            "additionalDetails": None,
            "errorCategory": "Failure" if what.status == "Failure" else None,
            "recommendedAction": None,
        },
        "sourceIdentity": _answered(what.source),
        "targetIdentity": _answered(what.target),
        "sourceSystem": {"id": SOURCE_ID, "name": where.rule["sourceDirectoryName"], "details": {}},
        "targetSystem": {
            "id": where.target_tenant,
            "name": where.rule["targetDirectoryName"],
            "details": _target_details(where),
        },
    }


def _answered(one: Identity) -> dict[str, Json]:
    return {"id": one.id, "type": one.kind, "displayName": one.name, "details": {}}
