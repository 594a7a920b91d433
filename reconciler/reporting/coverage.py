"""How much the files speak of, as text, Markdown and JSON. Counts nothing itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from reconciler.model import Aside, Coverage, Share
from reconciler.reporting.documents import (
    CoverageDocument,
    KindCoverageEntry,
    MultitenantEntry,
    ShareEntry,
    TenantCoverageEntry,
)
from reconciler.reporting.escaping import defuse, for_json, for_markdown, for_terminal

_HEAD = ("tenant", "kind", "", "managed", "undeclared", "ignored")
EXPLAINED = "managed: a file speaks of it. undeclared: none does. ignored: none does, on purpose."
_Row = tuple[str, ...]


def coverage_text(found: Sequence[Coverage]) -> str:
    """Return a table for a terminal."""
    rows = [_HEAD, *(row for one in found for row in _rows(one))]
    widths = [max(len(for_terminal(row[at])) for row in rows) for at in range(len(_HEAD))]
    lines = ["  ".join(_cells(row, widths)).rstrip() for row in rows]
    return "\n".join(map(defuse, [*lines, "", *map(for_terminal, _notes(found)), EXPLAINED])) + "\n"


def _cells(row: _Row, widths: Sequence[int]) -> Iterator[str]:
    for at, (cell, width) in enumerate(zip(row, widths, strict=True)):
        shown = for_terminal(cell)
        yield shown.rjust(width) if at > 2 else shown.ljust(width)


def coverage_markdown(found: Sequence[Coverage]) -> str:
    """Return a table for GitHub."""
    rows = [row for one in found for row in _rows(one)]
    table = ["| " + " | ".join(_HEAD) + " |", "| --- | --- | --- | ---: | ---: | ---: |"]
    table += ["| " + " | ".join(map(for_markdown, row)) + " |" for row in rows]
    notes = [f"- {for_markdown(note)}" for note in _notes(found)]
    parts = ["<!-- entra-reconciler:coverage -->\n### Coverage", "\n".join(table), "\n".join(notes), EXPLAINED]
    return "\n\n".join(part for part in parts if part) + "\n"


def _rows(one: Coverage) -> Iterator[_Row]:
    if one.reason:
        yield one.tenant, "", "unknown", "", "", ""
    for kind in one.kinds:
        for word, share in (("objects", kind.objects), ("blocks", kind.blocks)):
            if share.total:
                yield one.tenant, kind.kind, word, str(share.managed), str(share.undeclared), str(share.ignored)


def _notes(found: Iterable[Coverage]) -> Iterator[str]:
    """Yield what a number would not tell: who was not read, where nothing is set, and what nobody here knows."""
    for one in found:
        if one.reason:
            yield f"{one.tenant} is unknown: {one.reason}"
        elif not any(kind.objects.total or kind.blocks.total for kind in one.kinds):
            yield f"{one.tenant}: nothing is set there, and no file speaks of anything"
        for kind in one.kinds:
            if kind.unknown:
                names = ", ".join(kind.unknown)
                yield f"{one.tenant}: properties of {kind.kind} that this version does not know: {names}"
        yield from (f"{one.tenant}: {words}" for words in _asides(one.asides))


def _asides(asides: Sequence[Aside]) -> Iterator[str]:
    """Yield what is read and never written. Of a template that does nothing nothing is said."""
    unread = [aside for aside in asides if aside.reason]
    if unread:
        yield f"not read: {', '.join(aside.name for aside in unread)}: {unread[0].reason}"
    for aside in asides:
        if aside.name == "multitenant organization" and aside.body:
            yield f"it is in the multitenant organization {aside.body['displayName']} ({aside.body['state']})"
        elif aside.name == "multitenant organization" and not aside.reason:
            yield "it is in no multitenant organization"
        elif aside.sets:
            what, whom = ", ".join(aside.sets), ", ".join(aside.level)
            yield f"the {aside.name} of the multitenant organization sets {what} when a tenant joins ({whom})"


def coverage_json(found: Iterable[Coverage]) -> str:
    """Return the numbers as a JSON document."""
    document = CoverageDocument(format="entra-reconciler/coverage/v1", tenants=[_tenant(one) for one in found])
    text = json.dumps(for_json(document), indent=2, sort_keys=True)
    return text.replace("\x7f", "\\u007f").replace("##", "\\u0023\\u0023") + "\n"


def _tenant(one: Coverage) -> TenantCoverageEntry:
    kinds = [
        KindCoverageEntry(
            kind=kind.kind, objects=_share(kind.objects), blocks=_share(kind.blocks), unknown=list(kind.unknown)
        )
        for kind in one.kinds
    ]
    return TenantCoverageEntry(
        tenant=one.tenant,
        displayName=one.display_name,
        known=not one.reason,
        reason=one.reason,
        kinds=kinds,
        multitenant=[_entry(aside) for aside in one.asides],
    )


def _entry(aside: Aside) -> MultitenantEntry:
    body = dict(aside.body) if aside.body is not None else None
    return MultitenantEntry(
        name=aside.name, known=not aside.reason, reason=aside.reason, says=body, level=list(aside.level)
    )


def _share(share: Share) -> ShareEntry:
    return ShareEntry(managed=share.managed, undeclared=share.undeclared, ignored=share.ignored)
