"""The service's own mappings, held against those for which links were written. Pure; changes nothing.

A link says how its mappings differ from the service's own. When those change, what a link does not speak of stays as it
is there, and a person is told: taking the new ones over is a decision, and `templateHash` says that it was made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from reconciler.model import Address, Body, Document, Finding, Kind, Severity, link_of
from reconciler.phrases import some


def pinned(
    documents: Mapping[Address, Document], kinds: Mapping[str, Kind], template: Body | None
) -> Iterator[Finding]:
    """Yield, once for all links that were written for the same template, that the service's is another one."""
    there = [document for _, document in sorted(documents.items()) if document.pin and not document.absent]
    now = {name: kinds[name].footing(template) for name in {one.address.kind for one in there}}
    moved: defaultdict[tuple[str, str], list[Document]] = defaultdict(list)
    for one in there:
        if one.pin and one.pin.footing != now[one.address.kind]:
            moved[one.address.kind, one.pin.footing].append(one)
    for (kind, footing), ones in sorted(moved.items()):
        yield _changed(ones, footing, kinds[kind], template)


def _changed(ones: list[Document], footing: str, kind: Kind, template: Body | None) -> Finding:
    now = kind.footing(template)
    names = some([link_of(one.address.key) for one in ones])
    whose = (
        "the service's own mappings are" if template is not None else "the mappings that a new job gets are probably"
    )
    details = [
        *_differences(footing, kind, template),
        "what a link does not say stays as it is there, until the files take the new ones over",
        f'to take them over: write templateHash: "{now}", and look at what the plan shows then',
    ]
    first = ones[0]
    return Finding(
        Severity.WARNING,
        first.address.tenant,
        f"{whose} not those that {names} {'was' if len(ones) == 1 else 'were'} written for (templateHash {footing})",
        first.address,
        path="templateHash",
        details=tuple(details),
        origin=first.pin.origin if first.pin else first.origin,
    )


def _differences(footing: str, kind: Kind, template: Body | None) -> Iterator[str]:
    """Yield what changed; of a template that nobody kept, how the new one differs from the one that we know."""
    shown = kind.stock if template is None else template
    different = [*_different(kind.stock, shown)]
    if footing == kind.footing(None):
        yield f"changed: {some(different)}"
    elif different:
        yield f"how those were is not known; the new ones differ from what this version knows: {some(different)}"
    else:
        yield "how those were is not known; the new ones are what this version knows"


def _different(before: Body, after: Body) -> Iterator[str]:
    for block in sorted(before):
        old, new = before[block], after[block]
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from (name for name in sorted({*old, *new}) if old.get(name) != new.get(name))
        elif old != new:
            yield block
