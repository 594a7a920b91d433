"""From the answer of on-demand provisioning to what it did. Pure.

The service answers in two forms: with the name of a type as key and a list as value, or with the result as key and an
object as value; both are JSON inside of text. What has neither form is told as unknown, and nothing is guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from reconciler.errors import Unavailable
from reconciler.model import Body, Json
from reconciler.model.operations import OnDemand, OnDemandStep, Result, Told
from reconciler.operating.records import words_of
from reconciler.troubles import explain

IN_SYNC = "RedundantExport"

# Both spellings of the log and of the answer on demand; first what True means, then False.
_SCOPING: Mapping[str, tuple[str, str]] = {
    "Active in the source system": ("the account is enabled", "the account is disabled in the source"),
    "IsActive": ("the account is enabled", "the account is disabled in the source"),
    "Assigned to the application": ("assigned, directly or by a group", "not assigned, and no group with them is"),
    "Assigned": ("assigned, directly or by a group", "not assigned, and no group with them is"),
    "User has the required role": ("the assignment entitles", "no assignment entitles"),
    "IsEffectivelyEntitledForProvisioning": ("the assignment entitles", "no assignment entitles"),
    "Scoping filter evaluation passed": ("the scoping filters let them pass", "a scoping filter keeps them out"),
    "IsInProvisioningScopeDisplayName": ("in scope", "not in scope"),
    "IsInProvisioningScope": ("in scope", "not in scope"),
}
_NAMES: Mapping[str, str] = {
    "EntrySynchronizationAdd": "nobody in the target matches: it would be a new user there",
    "EntryExportAdd": "a user is created in the target",
    "EntryExportUpdate": "the user of the target is changed",
    "EntryExportUpdateSoftDelete": "the user of the target is soft-deleted",
    "EntryExportDelete": "the user of the target is deleted",
    "TestConnection": "the service asked both tenants whether it may work",
}


def told(answer: Body) -> OnDemand:
    """Return what the service says it did."""
    key, found = _parsed(answer.get("key")), _inner(_parsed(answer.get("value")))
    steps = [step for step in _list(found.get("provisioningSteps")) if isinstance(step, Mapping)]
    info = _object(found.get("statusInfo"))
    outer = _object(_object(key).get("details"))
    said = _text(_object(key).get("result")) or _text(info.get("status")) or _by_steps(steps)
    code = _skip(steps) or _text(info.get("errorCode")) or _text(outer.get("errorCode"))
    message = _text(info.get("reason")) or _text(outer.get("errorMessage"))
    result = _result(said, code)
    return OnDemand(
        result=result,
        action=_text(found.get("action")),
        steps=tuple(map(_step, steps)),
        changes=tuple(_changes(found.get("modifiedProperties"))),
        target_id=_text(_object(found.get("targetIdentity")).get("id")),
        reason=_reason(result, code, message),
    )


def rule_id(schema: Body) -> str:
    """Return the id of the rule by which people are synchronized.

    Raises:
        Unavailable: the schema shows none.
    """
    rules = [
        rule for rule in _list(schema.get("synchronizationRules")) if isinstance(rule, Mapping) and _is_users(rule)
    ]
    rule = next((rule for rule in rules if rule.get("editable")), rules[0] if rules else {})
    if not _text(rule.get("id")):
        raise Unavailable("the schema of the job shows no rule for people; nothing was sent")
    return _text(rule.get("id"))


def _is_users(rule: Body) -> bool:
    pairs = [one for one in _list(rule.get("objectMappings")) if isinstance(one, Mapping)]
    return any(one.get("sourceObjectName") == one.get("targetObjectName") == "User" for one in pairs)


# ---------------------------------------------------------------------------------------------- the result


def _result(said: str, code: str) -> Result:
    match said.lower():
        case "success":
            return Result.SUCCESS
        case "skipped":
            return Result.IN_SYNC if code.lower() == IN_SYNC.lower() else Result.SKIPPED
        case "failure":
            return Result.FAILURE
        case _:
            return Result.UNKNOWN


def _by_steps(steps: Sequence[Body]) -> str:
    """Return the result where nothing but the steps tells it: a failure, a skip, or an export that went well."""
    states = [(_text(step.get("name")), _text(step.get("status")).lower()) for step in steps]
    for word in ("failure", "skipped"):
        if any(state == word for _, state in states):
            return word
    exported = any(name.startswith("EntryExport") and state == "success" for name, state in states)
    return "success" if exported else ""


def _skip(steps: Sequence[Body]) -> str:
    reasons = (_text(_object(step.get("details")).get("SkipReason")) for step in steps)
    return next((reason for reason in reasons if reason), "")


def _reason(result: Result, code: str, message: str) -> Told | None:
    if result is Result.SUCCESS or not (code or message):
        return None
    return explain(code or "(no code)", message)


def _changes(said: Json) -> Iterator[tuple[str, str, str]]:
    for one in _list(said):
        if isinstance(one, Mapping):
            yield _text(one.get("displayName")), _text(one.get("oldValue")), _text(one.get("newValue"))


# ---------------------------------------------------------------------------------------------- the steps


def _step(step: Body) -> OnDemandStep:
    kind = _text(step.get("type") or step.get("provisioningStepType")).lower()
    name = _text(step.get("name"))
    details = dict(words_of(step.get("details")))
    return OnDemandStep(
        type=kind,
        name=name,
        status=_text(step.get("status")).lower(),
        description=_text(step.get("description")),
        words=tuple(_words(kind, name, _text(step.get("status")).lower(), details)),
        details=details,
    )


def _words(kind: str, name: str, status: str, details: Mapping[str, str]) -> Iterator[str]:
    """Yield what a step means. Why it failed or was skipped is told once, for all of it."""
    if status == "success" and name in _NAMES:
        yield _NAMES[name]
    elif status == "success" and kind == "matching":
        yield "the person is there in the target already"
    if kind == "import" and name.startswith("EntryImport") and status == "success":
        yield f"{len(details)} attributes were read from the source"
    if kind == "scoping":
        yield from _scoping(details)


def _scoping(details: Mapping[str, str]) -> Iterator[str]:
    said = [words for name, words in ((name, _judged(name, value)) for name, value in details.items()) if words]
    yield from dict.fromkeys(said)
    clauses = _parsed(details.get("ScopeEvaluationResult"))
    for clause, passed in sorted(_object(clauses).items()):
        yield f"filter {clause}: {'passed' if str(passed).lower() == 'true' else 'not passed'}"


def _judged(name: str, value: str) -> str:
    meanings = _SCOPING.get(name)
    if meanings is None or value.lower() not in ("true", "false"):
        return ""
    return meanings[0] if value.lower() == "true" else meanings[1]


# ---------------------------------------------------------------------------------------------- values


def _parsed(said: Json) -> Json:
    """Return JSON that is inside of text, or None."""
    if not isinstance(said, str):
        return None
    try:
        return json.loads(said)
    except (ValueError, RecursionError):
        return None


def _inner(said: Json) -> Body:
    """Return the object of either form."""
    return _object(said[0] if isinstance(said, list) and said else said)


def _text(said: Json) -> str:
    return said if isinstance(said, str) else ""


def _object(said: Json) -> Body:
    return said if isinstance(said, Mapping) else {}


def _list(said: Json) -> list[Json]:
    return said if isinstance(said, list) else []
