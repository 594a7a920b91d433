"""Single live objects: from an answer of Microsoft Graph to a Resource in canonical form. Never lists, never writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.errors import GraphError, Unavailable
from reconciler.graph.client import Graph
from reconciler.model import Address, Body, Collection, Kind, Resource, Singleton


def resource(kind: Kind, address: Address, body: Body) -> Resource:
    """Return the managed blocks and the facts of a live object.

    Raises:
        Unavailable: when it is not the object that was asked for, or a block has a shape that nobody has described to
            us, so that nothing can be concluded.
    """
    _check_identity(kind, address, body)
    try:
        blocks = kind.project(body)
    except ValueError as error:
        raise Unavailable(f"{address}: {error}; this version cannot tell what it means") from error
    return Resource(body=blocks, facts={name: body[name] for name in kind.read_only if name in body})


def _check_identity(kind: Kind, address: Address, body: Body) -> None:
    match kind.endpoint:
        case Collection(key=key, keyed_by=keyed_by):
            shown = str(body.get(key))
            if (shown.lower() if keyed_by == "organization" else shown) != address.key:
                raise Unavailable(f"{address}: the service answered with another object, so nothing can be concluded")
        case Singleton():
            # An answer without a single property that we know would read as an object on which nothing is set.
            if not any(name in body for name in kind.blocks):
                raise Unavailable(f"{address}: the answer shows none of its properties, so nothing can be concluded")


async def read_item(kind: Kind, address: Address, graph: Graph) -> Resource:
    """Return one object as it is now.

    Raises:
        NotFound: when the service shows no such object.
        GraphError: when nothing can be concluded.
    """
    return resource(kind, address, await at(kind, graph).get(kind.path(address.key)))


def at(kind: Kind, graph: Graph) -> Graph:
    """Return the client for the version that a kind is read and written in."""
    return graph.beta if kind.version == "beta" else graph


async def read_items(
    kinds: Mapping[str, Kind], addresses: Iterable[Address], graph: Graph
) -> Mapping[Address, Resource | GraphError]:
    """Return several objects of one tenant as they are now, or for each the error that stood in the way."""
    paths = {address: kinds[address.kind].path(address.key) for address in addresses}
    answers = await read_paths({path: kinds[address.kind] for address, path in paths.items()}, graph)
    return {address: _answer(kinds[address.kind], address, answers[path]) for address, path in paths.items()}


async def read_paths(paths: Mapping[str, Kind], graph: Graph) -> Mapping[str, Body | GraphError]:
    """Return what stands at several paths, each in the version of its kind."""
    stable = [path for path, kind in paths.items() if kind.version != "beta"]
    others = [path for path, kind in paths.items() if kind.version == "beta"]
    answers = dict(await graph.get_all(stable)) if stable or not others else {}
    return {**answers, **(await graph.beta.get_all(others))} if others else answers


def _answer(kind: Kind, address: Address, answer: Body | GraphError) -> Resource | GraphError:
    if isinstance(answer, GraphError):
        return answer
    try:
        return resource(kind, address, answer)
    except GraphError as error:
        return error
