"""Names → ids: the people and groups that links name, as the directory knows them. Pure; asks nobody.

The id decides. A name that nobody bears, or that several bear, is an error: a plan that guessed would show other people
than it brings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from reconciler.model import (
    Address,
    Body,
    Document,
    Finding,
    Found,
    Principal,
    Severity,
    Synchronizations,
    link_of,
)
from reconciler.phrases import some

_UNASKED = Found(problem="the directory was not asked")
_PARENT = "configuration"
_NESTED = "only direct members are synchronized, and the groups inside contribute nothing"
_BLIND = "it is not security-enabled, and the service takes no such group"


def settle(
    documents: Mapping[Address, Document], read: Synchronizations
) -> tuple[Mapping[Address, Document], list[Finding]]:
    """Return the documents with everybody whom they name known by id, and what stands in the way of that.

    A document of somebody who is not known is left out: its finding stops the tenant. Nobody can then say who of those
    who are there is not meant, so that none of them goes.
    """
    settled: dict[Address, Document] = {}
    findings: list[Finding] = []
    vague: set[Address] = set()
    for address, document in documents.items():
        if document.principal is None:
            settled[address] = document
            continue
        known, found = _settle(document, document.principal, read.found.get(document.principal, _UNASKED))
        findings += found
        if known is not None:
            settled[known.address] = known
        else:
            vague.add(replace(address, kind=_PARENT, key=link_of(address.key)))
    findings += _unlooked(settled, read.found)
    return {address: _open(one) if address in vague else one for address, one in settled.items()}, findings


def _unlooked(settled: Mapping[Address, Document], found: Mapping[Principal, Found]) -> Iterator[Finding]:
    """Yield, once for each reason, of which groups nobody could see whether groups are inside them."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for principal, what in found.items():
        if what.unseen:
            groups[what.unseen].append(principal.name or principal.id)
    tenant = next((address.tenant for address in settled), "")
    for reason, names in sorted(groups.items()):
        message = f"whether groups are inside the assigned groups {some(sorted(names))} was not checked: {reason}"
        yield Finding(Severity.NOTE, tenant, message, details=(_NESTED,))


def _open(document: Document) -> Document:
    return replace(document, exclusive=())


def _settle(document: Document, principal: Principal, found: Found) -> tuple[Document | None, list[Finding]]:
    key = principal.id or (str(found.candidates[0]["id"]).lower() if len(found.candidates) == 1 else "")
    if not key:
        return None, [_unknown(document, principal, found)]
    address = document.address
    known = replace(
        document,
        address=replace(address, key=f"{link_of(address.key)}/{key}"),
        principal=replace(principal, id=key),
        names={key: principal.name} if principal.name else {},
    )
    return known, list(_doubts(known, principal, found))


def _unknown(document: Document, principal: Principal, found: Found) -> Finding:
    called = f"the {principal.type} {principal.name!r}"
    if found.problem:
        return _finding(document, f"{called} could not be looked up: {found.problem}")
    if not found.candidates:
        return _finding(document, f"{called} is not there; correct the name, or write its id")
    details = sorted(f"{one.get('displayName')} ({one.get('id')})" for one in found.candidates)
    return _finding(
        document, f"several groups are called {principal.name!r}; write the id of the one that is meant", details
    )


def _doubts(document: Document, principal: Principal, found: Found) -> Iterator[Finding]:
    """Yield what is odd about somebody whose id is known."""
    if found.problem:
        message = f"the {principal.type} {principal.name or principal.id!r} could not be looked up: {found.problem}"
        if principal.type == "group":
            message = f"{message}; nor whether groups are inside it"
        yield _finding(document, message, severity=Severity.WARNING)
        return
    if not found.candidates:
        yield _finding(document, f"there is no {principal.type} with the id {principal.id}; correct it")
        return
    there = found.candidates[0]
    if principal.type == "group" and there.get("securityEnabled") is False:
        yield _finding(document, f"the group {there.get('displayName')!r} cannot be assigned: {_BLIND}")
    if found.inside:
        message = f"the group {there.get('displayName')!r} contains groups: {', '.join(found.inside)}; {_NESTED}"
        yield _finding(document, message, severity=Severity.WARNING)
    if principal.name and principal.id and _differs(principal, there):
        # Names of people are no part of a plan: whoever writes ids into a pull request learns nobody's name by it.
        called = f"is called {there.get('displayName')!r}, not" if principal.type == "group" else "is not called"
        message = f"the {principal.type} with the id {principal.id} {called} {principal.name!r}; the id decides"
        yield _finding(document, message, severity=Severity.WARNING)


def _differs(principal: Principal, there: Body) -> bool:
    shown = {there.get("displayName"), there.get("userPrincipalName")}
    return principal.name not in shown


def _finding(
    document: Document, message: str, details: Iterable[str] = (), severity: Severity = Severity.ERROR
) -> Finding:
    origin = document.principal.origin if document.principal and document.principal.origin else document.origin
    return Finding(severity, document.address.tenant, message, document.address, details=tuple(details), origin=origin)
