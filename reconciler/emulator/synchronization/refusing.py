"""How the back end of synchronization says no, which is not quite how Graph does."""

from __future__ import annotations

import json

from reconciler.emulator.refusals import Refusal
from reconciler.emulator.switches import Switches

POLICY_CHECK = "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure"


def no_route(url: str) -> Refusal:
    """Return the refusal of a request that Graph passes on and for which the back end has no route."""
    said = {"Message": f"No HTTP resource was found that matches the request URI '{url}?api-version=2.0'."}
    return Refusal(404, "UnknownError", json.dumps(said, separators=(",", ":")))


def refused(code: str, message: str, switches: Switches) -> Refusal:
    """Return a refusal of the back end."""
    if switches.synchronization_errors_nested:
        said = json.dumps({"error": {"code": code, "message": message}}, separators=(",", ":"))
        return Refusal(switches.synchronization_refusal, "UnknownError", said)
    return Refusal(switches.synchronization_refusal, code, message)


def invalid_schema(message: str, switches: Switches) -> Refusal:
    """Return the refusal of a schema that cannot be used."""
    return refused("schemaInvalid", message, switches)
