"""What the files mean once names, profiles and sets are laid out: YAML, one document per resource, with its lines.

For reading; nothing reads it back but tests. A text that is not a plain word is quoted, so that nothing in it acts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from reconciler.model import Acknowledgement, Body, Document, Estate, Json, Lifecycle, Origin
from reconciler.reporting.escaping import defuse, for_terminal, visible

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
# Words that some version of YAML reads as something else.
_TAKEN = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_SPECIAL = re.compile(r"[^ !#-\[\]-~]")
_NOTHING = "# No file speaks of any resource.\n"


def expanded_text(estate: Estate) -> str:
    """Return every resource as the files want it, by address in order; the same estate, the same bytes."""
    documents = [document for _, document in sorted(estate.documents.items())]
    return "".join("\n".join(map(defuse, _document(one))) + "\n" for one in documents) or _NOTHING


def _document(one: Document) -> Iterator[str]:
    yield "---"
    yield f"# {for_terminal(str(one.address))}"
    yield _source(one.origin)
    yield from _mapping({name: value for name, value in _head(one).items() if value != ""}, {}, 0)
    yield from _acknowledged(one.acknowledge)
    yield from _spec(one)


def _head(one: Document) -> Body:
    lifecycle = {"preventDestroy": one.lifecycle.prevent_destroy, "ignore": list(one.lifecycle.ignore)}
    return {
        "tenant": one.address.tenant,
        "kind": one.address.kind,
        "key": one.address.key,
        "label": one.label,
        "domain": one.domain,
        "link": one.link,
        "state": "absent" if one.absent else "present",
        "owner": one.owner,
        "purpose": one.purpose,
        "ticket": one.ticket,
        "reviewBy": one.review_by.isoformat() if one.review_by else "",
        "lifecycle": "" if one.lifecycle == Lifecycle() else lifecycle,
        "templateHash": one.pin.footing if one.pin else "",
    }


def _acknowledged(ones: tuple[Acknowledgement, ...]) -> Iterator[str]:
    if ones:
        yield "acknowledge:"
    for one in ones:
        change = {"property": one.path, "from": one.before, "to": one.after}
        what = {"change": change} if one.count_max is None else {"countMax": one.count_max}
        why = {"reason": one.reason, "owner": one.owner, "expires": one.expires.isoformat()}
        yield _source(one.origin, 1)
        yield from _items([{"rule": one.rule, **what, **why}], {}, 1)


def _spec(one: Document) -> Iterator[str]:
    if not one.said:
        yield "spec: {}"
        return
    yield "spec:"
    for name, value in sorted(one.said.items()):
        if name in one.origins:
            yield _source(one.origins[name], 1)
        yield from _mapping({name: value}, one.names, 1)


def _source(origin: Origin, depth: int = 0) -> str:
    return f"{'  ' * depth}# from {for_terminal(str(origin))}"


# ---------------------------------------------------------------------------------------------- YAML


def _mapping(value: Mapping[str, Json], names: Mapping[str, str], depth: int) -> Iterator[str]:
    for name, member in value.items():
        start = f"{'  ' * depth}{_text(name)}:"
        match member:
            case Mapping() if member:
                yield start
                yield from _mapping(member, names, depth + 1)
            case list() | tuple() if member:
                yield start
                yield from _items(member, names, depth + 1)
            case _:
                yield f"{start} {_scalar(member, names)}"


def _items(value: list[Json] | tuple[Json, ...], names: Mapping[str, str], depth: int) -> Iterator[str]:
    """Yield a list. An item that is a mapping begins on the line of its dash."""
    dash = f"{'  ' * depth}- "
    for item in value:
        match item:
            case Mapping() if item:
                first, *rest = _mapping(item, names, depth + 1)
                yield dash + first.lstrip()
                yield from rest
            case list() | tuple() if item:
                yield dash.rstrip()
                yield from _items(item, names, depth + 1)
            case _:
                yield dash + _scalar(item, names)


def _scalar(value: Json, names: Mapping[str, str]) -> str:
    match value:
        case str():
            return _text(value) + (f"  # {_text(names[value])}" if value in names else "")
        case Mapping():
            return "{}"
        case list() | tuple():
            return "[]"
        case _:
            return json.dumps(value)


def _text(text: str) -> str:
    plain = _WORD.fullmatch(text) and text.lower() not in _TAKEN
    return text if plain else f'"{_SPECIAL.sub(_escaped, text)}"'


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    return f"\\{character}" if character in '"\\' else visible(character)
