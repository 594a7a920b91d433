"""Single live objects: from an answer of Microsoft Graph to a Resource in canonical form. Never lists, never writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.errors import GraphError, Unavailable
from reconciler.graph.client import Graph
from reconciler.model import Address, Body, Kind, Resource


def resource(kind: Kind, address: Address, body: Body) -> Resource:
    """Return the managed blocks and the facts of a live object.

    Raises:
        Unavailable: when a block has a shape that nobody has described to us, so that nothing can be concluded.
    """
    try:
        blocks = kind.project(body)
    except ValueError as error:
        raise Unavailable(f"{address}: {error}; this version cannot tell what it means") from error
    return Resource(body=blocks, facts={name: body[name] for name in kind.read_only if name in body})


async def read_item(kind: Kind, address: Address, graph: Graph) -> Resource:
    """Return one object as it is now.

    Raises:
        NotFound: when the service shows no such object.
        GraphError: when nothing can be concluded.
    """
    return resource(kind, address, await graph.get(kind.path(address.key)))


async def read_items(
    kinds: Mapping[str, Kind], addresses: Iterable[Address], graph: Graph
) -> Mapping[Address, Resource | GraphError]:
    """Return several objects of one tenant as they are now, or for each the error that stood in the way."""
    paths = {address: kinds[address.kind].path(address.key) for address in addresses}
    answers = await graph.get_all(paths.values())
    return {address: _answer(kinds[address.kind], address, answers[path]) for address, path in paths.items()}


def _answer(kind: Kind, address: Address, answer: Body | GraphError) -> Resource | GraphError:
    if isinstance(answer, GraphError):
        return answer
    try:
        return resource(kind, address, answer)
    except GraphError as error:
        return error
