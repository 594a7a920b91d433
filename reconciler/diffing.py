"""What differs: a comparison of two states by `==` on canonical bodies. Pure; judges nothing, orders by address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model import Action, Address, Body, Change, Document, Resource, State


def diff(desired: State, live: State, documents: Mapping[Address, Document] | None = None) -> Iterator[Change]:
    """Yield what turns live into desired; agreement yields nothing. `documents` say who asked for it, and where."""
    documents = documents or {}
    for address in sorted({**desired, **live}):
        change = _change(address, live.get(address), desired.get(address))
        if change:
            yield _explained(change, documents.get(address))


def _change(address: Address, live: Resource | None, desired: Resource | None) -> Change | None:
    match live, desired:
        case None, Resource() as wanted:
            return Change(Action.CREATE, address, None, _set(wanted.body), label=wanted.label)
        case Resource() as there, None:
            return Change(Action.DELETE, address, _set(there.body), None, label=there.label)
        case Resource() as there, Resource() as wanted if there.body != wanted.body:
            names = [name for name in wanted.body if wanted.body[name] != there.body.get(name)]
            return Change(
                Action.UPDATE,
                address,
                {name: there.body.get(name) for name in names},
                {name: wanted.body[name] for name in names},
                label=wanted.label or there.label,
            )
        case _:
            return None


def _set(body: Body) -> Body:
    return {name: value for name, value in body.items() if value is not None}


def _explained(change: Change, document: Document | None) -> Change:
    if document is None:
        return change
    blocks = change.blocks
    # Only what always exists has no key, and stays although Git wants it gone.
    resets = document.absent and not change.address.key and change.action is Action.UPDATE
    return Change(
        Action.RESET if resets else change.action,
        change.address,
        change.before,
        change.after,
        label=document.label or change.label,
        origin=document.origin,
        origins={name: place for name, place in document.origins.items() if name in blocks},
        names=document.names,
    )
