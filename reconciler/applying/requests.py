"""From a step to the one request that carries it out. Sends nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from reconciler.model import Action, Below, Collection, Kind, Part, Request, Resource, Singleton, Step


def request(step: Step, kind: Kind, there: Resource | None, now: datetime) -> Request:
    """Return the write: whole blocks, no annotations, nothing that Git did not ask for.

    `there` is what was just read; parts of sync configurations are written together with what is not ours of them.
    """
    change = step.change
    if isinstance(kind.endpoint, Part):
        write = kind.endpoint.request(change, kind.ids_of(change.address.key), there)
        return write.at(now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    path = kind.path(change.address.key)
    match change.action, kind.endpoint:
        case Action.CREATE, Below():
            return Request("PUT", path, dict(change.after or {}))
        case Action.CREATE, Collection() as collection:
            return Request("POST", collection.path, {collection.key: change.address.key, **(change.after or {})})
        case Action.DELETE, _:
            return Request("DELETE", path)
        case Action.RESET, Singleton(reset=str(action)):
            return Request("POST", f"{path}/{action}")
        case _:
            return Request("PATCH", path, dict(change.after or {}))
