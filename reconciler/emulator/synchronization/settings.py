"""The settings of a configuration, which the service keeps as secrets: keys of one enumeration, values as text.

Not for whether the target tenant agrees: that is `connection`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.switches import Switches
from reconciler.emulator.synchronization.forms import items, members, unreadable, word

KEYS: Final = frozenset(
    {
        "None", "UserName", "Password", "SecretToken", "AppKey", "BaseAddress", "ClientIdentifier", "ClientSecret",
        "SingleSignOnType", "Sandbox", "Url", "Domain", "ConsumerKey", "ConsumerSecret", "TokenKey", "TokenExpiration",
        "Oauth2AccessToken", "Oauth2AccessTokenCreationTime", "Oauth2RefreshToken", "SyncAll", "InstanceName",
        "Oauth2ClientId", "Oauth2ClientSecret", "CompanyId", "UpdateKeyOnSoftDelete", "SynchronizationSchedule",
        "SystemOfRecord", "SandboxName", "EnforceDomain", "SyncNotificationSettings", "SkipOutOfScopeDeletions",
        "Oauth2AuthorizationCode", "Oauth2RedirectUri", "ApplicationTemplateIdentifier", "Oauth2TokenExchangeUri",
        "Oauth2AuthorizationUri", "AuthenticationType", "Server", "PerformInboundEntitlementGrants",
        "HardDeletesEnabled", "SyncAgentCompatibilityKey", "SyncAgentADContainer", "ValidateDomain", "TestReferences",
        "ConnectionString",
    }
)  # fmt: skip
MASK: Final = "*"
DEFAULT_THRESHOLD: Final = 500
_SECRET: Final = frozenset(
    {
        "Password", "SecretToken", "AppKey", "ClientSecret", "ConsumerSecret", "TokenKey", "Oauth2AccessToken",
        "Oauth2RefreshToken", "Oauth2ClientSecret", "Oauth2AuthorizationCode", "ConnectionString",
    }
)  # fmt: skip


def pairs(value: Json) -> list[dict[str, Json]]:
    """Return keys and values as they were sent; a key that is sent twice has its last value, in its first place.

    Raises:
        Refusal: 400, for a key that the enumeration does not have, or a value that is no text.
    """
    found: dict[str, str] = {}
    for one in items(value, "value"):
        pair = members(one, ("key", "value"), "synchronizationSecretKeyStringValuePair")
        text = pair.get("value")
        if not isinstance(text, str):
            raise unreadable("value")
        found[word(pair.get("key"), KEYS, "key")] = text
    return [{"key": key, "value": text} for key, text in found.items()]


def laid(before: Iterable[Body], sent: Iterable[Body], switches: Switches) -> list[dict[str, Json]]:
    """Return the settings after a PUT; what is sent empty vanishes, and a masked value is never kept in clear."""
    standing = {} if switches.secrets_put_replaces else {one["key"]: one["value"] for one in before}
    kept = {**standing, **{one["key"]: one["value"] for one in sent}}
    return [{"key": key, "value": MASK if key in _SECRET else value} for key, value in kept.items() if value]


def shown(settings: Body | None, switches: Switches) -> list[dict[str, Json]]:
    """Return the settings as they are read: what is secret is masked."""
    masked = {"CompanyId"} if switches.company_id_masked else set()
    return [
        {"key": one["key"], "value": MASK if one["key"] in masked else one["value"]}
        for one in (settings or {"value": []})["value"]
    ]


def value_of(settings: Iterable[Body], key: str) -> str:
    """Return a setting, "" where there is none."""
    return str(next((one["value"] for one in settings if one["key"] == key), ""))


def syncs_all(settings: Iterable[Body]) -> bool:
    """Tell whether everybody is in scope, and not the assigned alone."""
    return value_of(settings, "SyncAll").lower() == "true"


def delete_threshold(settings: Iterable[Body]) -> int | None:
    """Return how many deletions a cycle may carry out, or None where nothing holds it."""
    try:
        said = json.loads(value_of(settings, "SyncNotificationSettings") or "{}")
    except ValueError:
        return None
    if not isinstance(said, Mapping) or said.get("DeleteThresholdEnabled") is not True:
        return None
    value = said.get("DeleteThresholdValue", DEFAULT_THRESHOLD)
    return value if isinstance(value, int) and not isinstance(value, bool) else DEFAULT_THRESHOLD
