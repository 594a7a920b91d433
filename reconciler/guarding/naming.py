"""Rule 20: identifiers that cannot be meant. Loading refuses most of them earlier, with a line; this is the net.

Also configurations of which nobody can say which one is the link's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reconciler.guarding.case import Case, keeps
from reconciler.model import Address, Change, Finding, Json, Severity

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ZERO = "00000000-0000-0000-0000-000000000000"


def find(case: Case) -> Iterator[Finding]:
    """Yield partners that are the tenant itself or nobody, and targets that are nobody."""
    kept = [change for change in case.changes if keeps(change)]
    for address in sorted(dict.fromkeys([*case.documents, *(change.address for change in kept)])):
        wrong = _wrong(case, address)
        if wrong:
            document = case.documents.get(address)
            origin = document.origin if document else None
            yield Finding(Severity.ERROR, case.tenant.name, wrong, address=address, rule=20, origin=origin)
    for change in kept:
        yield from _zero_targets(case, change)
    yield from (_ambiguous(case, name, several) for name, several in sorted(case.ambiguous.items()))


def _wrong(case: Case, address: Address) -> str:
    key = address.key.lower()
    if address.kind != "partner":
        return ""
    if key == case.tenant.tenant_id.lower():
        return "a tenant cannot be its own partner"
    if key == _ZERO:
        return "the zero GUID is no organization"
    return "" if _GUID.fullmatch(key) else "the key of a partner has to be the tenant id of the other organization"


def _zero_targets(case: Case, change: Change) -> Iterator[Finding]:
    for block, value in sorted((change.after or {}).items()):
        if _names_nobody(value):
            message = (
                f"{case.who(change.address, change.label)}: {block} has the zero GUID as a target, which is nobody"
            )
            yield case.finding(change, 20, block, message, severity=Severity.ERROR)


def _names_nobody(value: Json) -> bool:
    if isinstance(value, Mapping):
        return value.get("target") == _ZERO or any(_names_nobody(member) for member in value.values())
    return isinstance(value, list | tuple) and any(_names_nobody(member) for member in value)


def _ambiguous(case: Case, name: str, several: tuple[str, ...]) -> Finding:
    link = case.links.get(name)
    message = (
        f"nobody can tell which configuration is that of the link {name}, so that none is touched and none is made"
    )
    hint = "delete those that are not meant, or write the mark of their links into the notes of those that are"
    return Finding(
        Severity.ERROR,
        case.tenant.name,
        f"{message}; {hint}",
        Address(case.tenant.name, "configuration", name),
        rule=20,
        details=several,
        origin=link.origin if link else None,
    )
