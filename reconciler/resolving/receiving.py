"""Whether a group can receive people: it is there, the only one of its name, and ours to fill. Pure.

A group to which roles can be assigned is never filled: whoever chooses who is in scope of a link would make
administrators.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.model import Body, Document, Finding, Found, Memberships, Principal, Roster, Severity

_UNASKED = Roster(Found(problem="the directory was not asked"))
_SHOWN = ("groupTypes", "mailEnabled", "isAssignableToRole", "onPremisesSyncEnabled", "visibility")


def objections(document: Document, read: Memberships) -> list[Finding]:
    """Return what stands in the way of filling the group that a document names, and what is odd about it."""
    group, roster = named(document), roster_of(document, read)
    return [finding(document, message, severity) for message, severity in _wrong(group, roster)]


def identity(document: Document, read: Memberships) -> str:
    """Return the id of a group to which there are no objections."""
    return str(roster_of(document, read).found.candidates[0]["id"]).lower()


def named(document: Document) -> Principal:
    """Return the group that a document names.

    Raises:
        TypeError: when it names none.
    """
    if document.principal is None:
        raise TypeError(f"{document.address} names no group")
    return document.principal


def roster_of(document: Document, read: Memberships) -> Roster:
    """Return the group as it was read, with its members."""
    return read.rosters.get(named(document), _UNASKED)


def finding(document: Document, message: str, severity: Severity, details: Iterable[str] = ()) -> Finding:
    """Return something that is to be said of a group, at the line that names it."""
    return Finding(
        severity,
        document.address.tenant,
        message,
        document.address,
        details=tuple(details),
        origin=document.origins.get("member", document.origin),
    )


def _wrong(group: Principal, roster: Roster) -> Iterator[tuple[str, Severity]]:
    called = f"the group {group.name or group.id!r}"
    if roster.found.problem:
        yield f"{called} could not be looked up: {roster.found.problem}", Severity.ERROR
    elif not roster.found.candidates:
        remedy = "correct the id" if group.id else "correct the name, or write its id"
        yield f"{called} is not there; {remedy}", Severity.ERROR
    elif len(roster.found.candidates) > 1:
        ids = ", ".join(sorted(str(one.get("id")) for one in roster.found.candidates))
        yield f"several groups are called {group.name!r}; write the id of the one that is meant: {ids}", Severity.ERROR
    else:
        there = roster.found.candidates[0]
        for reason in _reasons(there):
            yield f"{called} cannot be filled: {reason}", Severity.ERROR
        if roster.problem:
            yield f"who is in {called} could not be read: {roster.problem}", Severity.ERROR
        if group.id and group.name and group.name != there.get("displayName"):
            called = f"the group with the id {group.id} is called {there.get('displayName')!r}"
            yield f"{called}, not {group.name!r}; the id decides", Severity.WARNING


def _reasons(group: Body) -> Iterator[str]:
    """Yield why nobody can be put into a group, or shall be."""
    unshown = [name for name in _SHOWN if name not in group]
    if unshown:
        yield f"the directory does not show {', '.join(unshown)} of it, so nobody can say what it is"
        return
    kinds: Iterable[str] = group["groupTypes"] or ()
    if group["isAssignableToRole"]:
        yield "roles can be assigned to it, so that whoever joins may become an administrator; fill another one"
    if "DynamicMembership" in kinds:
        yield "a rule says who is in it; let the rule read what the link writes, or name a group with assigned members"
    if group["onPremisesSyncEnabled"]:
        yield "it is kept on premises, and overwritten from there; name a group of the cloud"
    if group["visibility"] == "HiddenMembership":
        yield "it hides who is in it, so that nobody can tell who would join or leave"
    if group["mailEnabled"] and "Unified" not in kinds:
        yield "it is a mail-enabled security group or a distribution list, which Microsoft Graph cannot change"
