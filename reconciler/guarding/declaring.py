"""What a link says yes to by being there: just what it asks for, between two tenants of one organization.

A link is a reviewed document about both tenants, so that what follows from it needs no second review. It counts when it
is a SyncLink or comes from a Topology, both tenants are of this repository and `same-organization`, and the target has
accepted it where it wants to be asked. What stands beside it in other documents is not its word.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.guarding.case import Case, Question
from reconciler.model import Address, Declaration, Link


def declared(case: Case, question: Question) -> Declaration | None:
    """Return which link asks for all that the question is about; None when something of it is asked for by none."""
    found = [next(_asking(case, address, path), None) for address, path in question.declares]
    return found[0] if found and None not in found else None


def _asking(case: Case, address: Address, path: str) -> Iterator[Declaration]:
    """Yield the links whose word counts and that ask for a property; "" is the object, whatever is said about it."""
    document = case.documents.get(address)
    if document is None or document.absent:
        return
    wanted = {path, path.partition(".")[0]}
    for name, declaration in sorted(document.declared.items()):
        link = case.links.get(declaration.link)
        if (not path or name in wanted) and link is not None and counts(case, link):
            yield declaration


def counts(case: Case, link: Link) -> bool:
    """Whether a link is the word of both of its tenants, and both are of one organization."""
    sides = [case.ours.get(link.source_id), case.ours.get(link.target_id)]
    related = all(side is not None and side.relationship == "same-organization" for side in sides)
    return related and link.accepted and not link.absent
