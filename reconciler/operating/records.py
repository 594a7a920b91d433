"""From an entry of the provisioning log to what became of one object. Pure: what is not there is "", and not made up.

The log and on-demand provisioning tell the same in two spellings; words of the service are compared in small letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.model import Body, Json
from reconciler.model.operations import Happened, Told
from reconciler.operating.judging import moment
from reconciler.troubles import explain


def happened(record: Body) -> Happened:
    """Return what an entry of the log tells."""
    info = _object(record.get("provisioningStatusInfo") or record.get("statusInfo"))
    source, target = _object(record.get("sourceIdentity")), _object(record.get("targetIdentity"))
    details = _object(source.get("details"))
    status = _text(info.get("status")).lower()
    return Happened(
        id=_text(record.get("id")),
        at=moment(record.get("activityDateTime")),
        action=_text(record.get("provisioningAction") or record.get("action")),
        status=status,
        source_id=_text(source.get("id")),
        name=_text(source.get("displayName")) or _text(details.get("DisplayName")),
        principal_name=_text(details.get("UserPrincipalName")),
        type=_text(source.get("identityType")),
        target_id=_text(target.get("id")),
        changed=tuple(name for name in map(_name, _objects(record.get("modifiedProperties"))) if name),
        reason=reason(status, _object(info.get("errorInformation")), _objects(record.get("provisioningSteps"))),
        cycle_id=_text(record.get("cycleId")),
        change_id=_text(record.get("changeId")),
    )


def reason(status: str, error: Body, steps: Iterable[Body]) -> Told | None:
    """Return why an object failed or was skipped, or None: no word of it was said, or all went well."""
    if status == "success":
        return None
    code = _text(error.get("errorCode"))
    if code:
        words = (_text(error.get(name)) for name in ("reason", "additionalDetails", "recommendedAction"))
        return explain(code, " ".join(word for word in words if word))
    skips = (_text(_object(step.get("details")).get("SkipReason")) for step in steps)
    skip = next((word for word in skips if word), "")
    return explain(skip) if skip else None


def is_about(found: Happened, user: str) -> bool:
    """Whether an entry is about a user, known by id or by sign-in name."""
    return user.lower() in (found.source_id.lower(), found.principal_name.lower())


# ---------------------------------------------------------------------------------------------- values


def _text(said: Json) -> str:
    return said if isinstance(said, str) else ""


def _object(said: Json) -> Body:
    return said if isinstance(said, Mapping) else {}


def _objects(said: Json) -> list[Body]:
    return [one for one in said if isinstance(one, Mapping)] if isinstance(said, list) else []


def _name(change: Body) -> str:
    return _text(change.get("displayName"))


def words_of(details: Json) -> Iterator[tuple[str, str]]:
    """Yield names and values of the details of a step that are text."""
    for name, value in _object(details).items():
        if isinstance(value, str):
            yield str(name), value
