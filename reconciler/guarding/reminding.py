"""What blocks nothing and should be known: overdue reviews, and what is there without Git saying so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from reconciler.guarding import words
from reconciler.guarding.case import Case
from reconciler.model import Address, Body, Document, Finding, Json, Severity, Undeclared


def find(case: Case) -> Iterator[Finding]:
    """Yield reminders; each list in one finding for a tenant and kind."""
    yield from _overdue(case)
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


def _undeclared_objects(case: Case) -> Iterator[Finding]:
    """Yield what stays there although no file speaks of it; nothing is wrong with objects that always exist."""
    stays = sorted(address for address in case.live if address in case.desired and address.key)
    for kind, addresses in groupby((one for one in stays if one not in case.documents), key=lambda one: one.kind):
        entries = [f"{case.who(one, case.live[one].label)}{_setting(case.live[one].body)}" for one in addresses]
        message = f"{words.counted(len(entries), f'{kind} object')} there that no file speaks of, left alone"
        yield Finding(Severity.NOTE, case.tenant.name, message, details=words.lines(entries))


def _setting(body: Body) -> str:
    blocks = [name for name, value in sorted(body.items()) if value is not None]
    return f": sets {', '.join(blocks)}" if blocks else ": inherits everything"


def _undeclared_properties(case: Case) -> Iterator[Finding]:
    spoken = sorted(address for address in case.live if address in case.documents or not address.key)
    for kind, addresses in groupby(spoken, key=lambda one: one.kind):
        entries = [
            f"{case.who(one, case.live[one].label)}: {', '.join(names)}"
            for one in addresses
            if (names := _unsaid(case, one))
        ]
        if entries:
            message = (
                f"{words.counted(len(entries), f'{kind} object')} with settings that no file speaks of, left alone"
            )
            yield Finding(Severity.NOTE, case.tenant.name, message, details=words.lines(entries))


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
        for path in _unsaid_paths(document, block, value, stock.get(block))
    ]


def _unsaid_paths(document: Document | None, block: str, value: Json, stock: Json) -> list[str]:
    if document is None or block not in document.said:
        return [block] if value != stock else []
    said = document.said[block]
    if not (isinstance(said, Mapping) and isinstance(value, Mapping)):
        return []
    usual = stock or {}
    return [f"{block}.{leaf}" for leaf in sorted(value) if leaf not in said and value[leaf] != usual.get(leaf)]
