"""The settings of a configuration, which Microsoft Graph calls secrets: target, scope, guard against deletions, mail.

They are always written as a full set: whether a key that is left out is kept was never documented.
"""

from __future__ import annotations

import json
from typing import Literal

from pydantic import Field

from reconciler.kinds.blocks import Strict
from reconciler.kinds.synchronization.job import BASE
from reconciler.model import MASKED, Body, Change, Ids, Json, Kind, Part, Permissions, Request, Resource

_MAIL = "SyncNotificationSettings"
_OURS = frozenset({"AuthenticationType", "CompanyId", "SyncAll", _MAIL})
# Under these nobody is deleted as a link says it.
_HAZARDS = frozenset({"HardDeletesEnabled", "SkipOutOfScopeDeletions"})
_OFF = frozenset({"", "false", "0", "none"})
_OUR_MAIL = frozenset({"Enabled", "Recipients", "DeleteThresholdEnabled", "DeleteThresholdValue"})


class AccidentalDeletion(Strict):
    """The guard against many deletions at once."""

    enabled: bool = Field(True, description="Whether the job stops before it deletes more than that.")
    threshold: int = Field(100, ge=1, description="How many deletions in one cycle are let through.")


class Notifications(Strict):
    """Who hears of a quarantine."""

    enabled: bool = Field(False, description="Whether mail is sent.")
    recipients: tuple[str, ...] = Field((), description="Mail addresses.")


class Settings(Strict):
    """What of the settings is ours to say."""

    targetTenantId: str = Field("", description="The tenant that receives.")
    scope: Literal["assigned", "all"] | None = Field(None, description="Who is synchronized.")
    accidentalDeletion: AccidentalDeletion | None = Field(None, description="The guard against many deletions.")
    notifications: Notifications | None = Field(None, description="Who hears of a quarantine.")


def translate(_: str, body: Body) -> Body:
    """Return the settings in our words; a key that is not there is None. What is not ours stands beside them.

    Raises:
        ValueError: for settings that are no list, or mail settings that are no JSON object.
    """
    if not isinstance(pairs := body.get("value"), list):
        raise ValueError("the answer is no list of settings")
    said = {item.get("key"): item.get("value") for item in pairs}
    mail = _mail(said.get(_MAIL))
    company = said.get("CompanyId") or None
    return {
        "targetTenantId": company.lower() if isinstance(company, str) else None,
        "scope": _scope(said.get("SyncAll")),
        "accidentalDeletion": _guard(mail),
        "notifications": _notifications(mail),
        "hazards": {key: said[key] for key in sorted(_HAZARDS) if str(said.get(key) or "").lower() not in _OFF},
        "others": {key: value for key, value in said.items() if key not in _OURS and value != MASKED},
        "hidden": sorted(str(key) for key, value in said.items() if key not in _OURS and value == MASKED),
        "otherMail": {name: value for name, value in mail.items() if name not in _OUR_MAIL}
        if isinstance(mail, dict)
        else {},
    }


def _scope(value: Json) -> Json:
    if value == MASKED:
        return MASKED
    return {"true": "all", "false": "assigned"}.get(str(value).lower())


def _mail(value: Json) -> Json:
    if value in (None, "", MASKED):
        return value or None
    found = json.loads(value)
    if not isinstance(found, dict):
        raise ValueError("SyncNotificationSettings is no JSON object")
    return found


def _guard(mail: Json) -> Json:
    if not isinstance(mail, dict):
        return mail
    # A configuration that never said a number has the portal's.
    threshold = mail.get("DeleteThresholdValue")
    return {"enabled": bool(mail.get("DeleteThresholdEnabled")), "threshold": 500 if threshold is None else threshold}


def _notifications(mail: Json) -> Json:
    if not isinstance(mail, dict):
        return mail
    recipients = str(mail.get("Recipients") or "").replace(";", ",").split(",")
    named = sorted({one.strip() for one in recipients if one.strip()})
    return {"enabled": bool(mail.get("Enabled")), "recipients": named}


def canonical(body: Body) -> Body:
    """Return the settings with recipients as a sorted list."""
    said = dict(body)
    if isinstance(mail := said.get("notifications"), dict):
        said["notifications"] = {**mail, "recipients": sorted(set(mail.get("recipients") or ()))}
    return said


def request(change: Change, ids: Ids, there: Resource | None) -> Request:
    """Return the full set, with the change laid over what is there; what is not ours goes back as it was read.

    Raises:
        ValueError: when something of ours is not shown, and the change does not say it: it would be written anew.
    """
    beside = there.facts if there else {}
    wanted = {**(there.body if there else {}), **(change.after or {})}
    if unknown := [name for name in ("scope", "accidentalDeletion", "notifications") if wanted.get(name) == MASKED]:
        raise ValueError(f"the service does not show {', '.join(unknown)}, which would be written anew")
    guard, mail = wanted.get("accidentalDeletion"), wanted.get("notifications")
    guard = guard if isinstance(guard, dict) else {"enabled": True, "threshold": 100}
    mail = mail if isinstance(mail, dict) else {"enabled": False, "recipients": []}
    told = {
        "Enabled": mail["enabled"],
        "Recipients": ",".join(mail["recipients"]),
        "DeleteThresholdEnabled": guard["enabled"],
        "DeleteThresholdValue": guard["threshold"],
        **(beside.get("otherMail") or {"HumanResourcesLookaheadQueryEnabled": False}),
    }
    values = {
        **(beside.get("others") or {}),
        "AuthenticationType": "SyncPolicy",
        "CompanyId": ids["target"],
        "SyncAll": "true" if wanted.get("scope") == "all" else "false",
        _MAIL: json.dumps(told, sort_keys=True, separators=(",", ":")),
    }
    body = {"value": [{"key": key, "value": value} for key, value in values.items()]}
    return Request("PUT", f"{BASE.format_map(ids)}/secrets", body)


KIND = Kind(
    name="settings",
    document="",
    model=Settings,
    endpoint=Part(
        path=f"{BASE}/secrets",
        request=request,
        translate=translate,
        arises=True,
        whole=True,
        restarts={"scope": ("all", "assigned")},
    ),
    permissions=Permissions(read="Synchronization.Read.All", write="Synchronization.ReadWrite.All"),
    canonical=canonical,
    needs=("job",),
    summary="Where a configuration provisions to, whom, and what stops it.",
    stock=dict.fromkeys(Settings.model_fields),
    read_only=("hazards", "hidden", "otherMail", "others"),
    examples=(
        {
            "targetTenantId": "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a02",
            "scope": "assigned",
            "accidentalDeletion": {"enabled": True, "threshold": 100},
            "notifications": {"enabled": False, "recipients": []},
        },
    ),
)
