"""What the store keeps of synchronization: jobs, their schemas, what their cycles know, and the settings.

As `Resource`s they have a place in seeds, in the journal, in lagging reads and in the directory audits. None has the
common routes: `routes/synchronization` serves them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.emulator import permissions
from reconciler.emulator.calls import Json
from reconciler.emulator.resources import Audited, Resource
from reconciler.emulator.synchronization.template import FIRST_VERSION, TEMPLATE

NEVER: Final = "0001-01-01T00:00:00Z"
INTERVAL: Final = "PT40M"
READ = permissions.SYNCHRONIZATION_READ
WRITE = permissions.SYNCHRONIZATION_WRITE
ROOT = "/servicePrincipals/{sp}/synchronization"
ROOT_OF_APPLICATION = "/applications/{application}/synchronization"
"""Templates alone are also found here."""

_FRESH_STATUS: Final[dict[str, Json]] = {
    "code": "Paused",
    "countSuccessiveCompleteFailures": 0,
    "escrowsPruned": False,
    "lastExecution": None,
    "lastSuccessfulExecution": None,
    "lastSuccessfulExecutionWithExports": None,
    "progress": [],
    "quarantine": None,
    "steadyStateFirstAchievedTime": NEVER,
    "steadyStateLastAchievedTime": NEVER,
    "synchronizedEntryCountByType": [],
    "troubleshootingUrl": None,
}


def _audited(update: str, create: str = "", delete: str = "") -> Audited:
    return Audited(
        category="ProvisioningManagement",
        create=create or update,
        update=update,
        delete=delete or update,
        type="ServicePrincipal",
        service="Account Provisioning",
    )


JOB = Resource(
    kind="synchronizationJob",
    path=f"{ROOT}/jobs",
    key="id",
    guid_key=False,
    stock={
        "servicePrincipalId": "",
        "templateId": TEMPLATE,
        "schedule": {"expiration": None, "interval": INTERVAL, "state": "Disabled"},
        "status": _FRESH_STATUS,
        "synchronizationJobSettings": [
            {"name": "AzureIngestionAttributeOptimization", "value": "False"},
            {"name": "LookaheadQueryEnabled", "value": "False"},
        ],
    },
    read=READ,
    write=WRITE,
    audited=_audited(
        "Enable/start provisioning configuration",
        "Add provisioning configuration",
        "Delete provisioning configuration",
    ),
)

SCHEMA = Resource(
    kind="synchronizationSchema",
    path=f"{ROOT}/jobs/{{job}}/schema",
    key="id",
    guid_key=False,
    # What is null is as the template has it.
    stock={"version": FIRST_VERSION, "directories": None, "synchronizationRules": None},
    read=READ,
    write=WRITE,
    audited=_audited("Update attribute mappings or scope"),
)

SECRETS = Resource(
    kind="synchronizationSecrets",
    path=f"{ROOT}/secrets",
    key="servicePrincipalId",
    stock={"value": []},
    read=READ,
    write=WRITE,
    audited=_audited("Update provisioning setting or credentials"),
)

STATE = Resource(
    kind="synchronizationState",
    path=f"{ROOT}/jobs/{{job}}",
    key="id",
    guid_key=False,
    stock={
        "watermark": None,
        "due": None,
        "escrows": {},
        "staged": [],
        "synchronized": {},
        "syncsAll": False,
        "forcesDeletes": False,
    },
    read=READ,
    write=WRITE,
    audited=Audited(category=""),
)

LINK = Resource(
    kind="synchronizedObject",
    path=f"{ROOT}/jobs/{{job}}/links",
    key="id",
    guid_key=False,
    # `removed` says that the service itself moved the object of the target into the bin.
    stock={"kind": "User", "target": "", "removed": False},
    read=READ,
    write=(),
    audited=Audited(category=""),
)

EVENT = Resource(
    kind="provisioningEvent",
    path="/auditLogs/provisioning",
    key="id",
    stock={},
    read=("AuditLog.Read.All", "Directory.Read.All"),
    write=(),
    audited=Audited(category=""),
)

KINDS = (JOB, SCHEMA, SECRETS, STATE, LINK, EVENT)
EXACT: Final = frozenset(one.kind for one in KINDS)
"""The kinds whose objects a seed gives exactly as they are stored."""


def key_of(resource: Resource, caught: Mapping[str, str]) -> str:
    """Return the key of the object that a path is about."""
    principal = caught["sp"].lower()
    return f"{principal}/{caught['job']}" if "job" in caught and resource is not SECRETS else principal
