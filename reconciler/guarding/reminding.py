"""What blocks nothing and should be known: overdue reviews, and what is there without Git saying so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from reconciler.guarding import words
from reconciler.guarding.case import Case
from reconciler.model import FILL_IN, FILL_IN_DOMAIN, Address, Body, Finding, Severity, Undeclared
from reconciler.unsaid import unsaid

# Objects for which a finding offers the lines to paste; for more of them, import writes the files.
SUGGESTED = 5


def find(case: Case) -> Iterator[Finding]:
    """Yield reminders; each list in one finding for a tenant and kind."""
    yield from _overdue(case)
    yield from _done_with(case)
    yield from _to_be_filled_in(case)
    if case.tenant.undeclared is not Undeclared.IGNORE:
        yield from _undeclared_objects(case)
        yield from _undeclared_properties(case)


def _overdue(case: Case) -> Iterator[Finding]:
    for address, document in sorted(case.documents.items()):
        if document.review_by is not None and document.review_by < case.today:
            owner = f"; ask {document.owner}" if document.owner else ""
            yield Finding(
                Severity.WARNING,
                case.tenant.name,
                f"{case.who(address, document.label)}: its review was due on {document.review_by.isoformat()}{owner}",
                address=address,
                path="reviewBy",
                origin=document.origin,
            )


def _done_with(case: Case) -> Iterator[Finding]:
    """Yield the documents that want gone what is gone already, or is what the service begins with.

    Of a link nobody can tell from one of its two tenants.
    """
    changed = {change.address for change in case.changes}
    absent = [document for _, document in sorted(case.documents.items()) if document.absent and not document.link]
    done = [one for one in absent if one.address not in changed and not (one.address.key and one.address in case.live)]
    if done:
        entries = [f"{case.who(one.address, one.label)} at {one.origin}" for one in done]
        message = f"nothing is left to do for {words.counted(len(done), 'document')} with `state: absent`, which may go"
        yield Finding(Severity.NOTE, case.tenant.name, message, details=words.lines(entries))


def _to_be_filled_in(case: Case) -> Iterator[Finding]:
    """Yield owners and domains that import could not know."""
    documents = sorted(case.documents.items())
    owners = [case.who(address, document.label) for address, document in documents if document.owner == FILL_IN]
    owners += [case.tenant.name] if case.tenant.owner == FILL_IN else []
    domains = [
        case.who(address, document.label) for address, document in documents if document.domain == FILL_IN_DOMAIN
    ]
    for word, who in (("owner", owners), ("domain", domains)):
        if who:
            message = f"{words.counted(len(who), word)} still to be filled in"
            yield Finding(Severity.WARNING, case.tenant.name, message, path=word, details=words.lines(who))


def _undeclared_objects(case: Case) -> Iterator[Finding]:
    """Yield what stays there although no file speaks of it; nothing is wrong with objects that always exist."""
    stays = sorted(
        address
        for address, one in case.live.items()
        if address in case.desired and address.key and not one.facts.get("unclaimed")
    )
    for kind, addresses in groupby((one for one in stays if one not in case.documents), key=lambda one: one.kind):
        found = list(addresses)
        entries = [f"{case.who(one, case.live[one].label)}{_setting(case.live[one].body)}" for one in found]
        message = f"{words.counted(len(entries), f'{kind} object')} there that no file speaks of, left alone"
        yield Finding(
            Severity.NOTE,
            case.tenant.name,
            message,
            details=words.lines(entries),
            suggestion=_suggestion(case, [(one, []) for one in found]),
        )


def _setting(body: Body) -> str:
    blocks = [name for name, value in sorted(body.items()) if value is not None]
    return f": sets {', '.join(blocks)}" if blocks else ": inherits everything"


def _undeclared_properties(case: Case) -> Iterator[Finding]:
    spoken = sorted(address for address in case.live if address in case.documents or not address.key)
    for kind, addresses in groupby(spoken, key=lambda one: one.kind):
        found = [(one, names) for one in addresses if (names := _unsaid(case, one))]
        entries = [f"{case.who(one, case.live[one].label)}: {', '.join(names)}" for one, names in found]
        if entries:
            message = (
                f"{words.counted(len(entries), f'{kind} object')} with settings that no file speaks of, left alone"
            )
            yield Finding(
                Severity.NOTE,
                case.tenant.name,
                message,
                details=words.lines(entries),
                suggestion=_suggestion(case, found),
            )


def _suggestion(case: Case, found: Sequence[tuple[Address, Sequence[str]]]) -> str:
    """Return the lines that take the first of them into Git, and how the others get there."""
    offered = [text for address, paths in found[:SUGGESTED] if (text := case.suggest(address, paths))]
    more = len(found) - SUGGESTED
    if offered and more > 0:
        offered.append(
            f"# and {more} more: `reconciler import {case.tenant.name}` writes files for objects without one\n"
        )
    return "\n".join(offered)


def _unsaid(case: Case, address: Address) -> list[str]:
    """Return the properties, leaves as `block.leaf`, that are not stock and of which the document says nothing."""
    document, stock = case.documents.get(address), case.stock.get(address.kind)
    if stock is None or (document and document.absent):
        return []
    ignored = document.lifecycle.ignore if document else ()
    return [
        path
        for block, value in sorted(case.live[address].body.items())
        if block not in ignored
        for path in unsaid(document, block, value, stock.get(block))
    ]
