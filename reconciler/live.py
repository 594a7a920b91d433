"""Single live objects: from an answer of Microsoft Graph to a Resource in canonical form. Never lists, never writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.errors import GraphError, NotFound, Unavailable
from reconciler.graph.client import NEXT, Graph
from reconciler.model import MASKED, Address, Body, Collection, Kind, Part, Resource, Singleton


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


def agrees(there: Body, wanted: Body) -> bool:
    """Whether every block that is wanted is shown so, or is one that the service does not tell."""
    return all(there.get(name) in (value, MASKED) for name, value in wanted.items())


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
    if isinstance(kind.endpoint, Part):
        answer = await _part(kind, address, graph)
        return _translated(kind, address, answer, whole=True)
    return resource(kind, address, await at(kind, graph).get(kind.path(address.key)))


async def _part(kind: Kind, address: Address, graph: Graph) -> Body:
    try:
        path = kind.path(address.key)
    except KeyError as error:
        raise NotFound(f"{address}: the configuration that it belongs to is not there") from error
    return await _all_pages(path, await graph.get(path), graph)


async def _all_pages(path: str, answer: Body, graph: Graph) -> Body:
    return {"value": await graph.collect(path, answer)} if NEXT in answer else answer


def _translated(kind: Kind, address: Address, answer: Body, *, whole: bool = False) -> Resource:
    """Return a part of a sync configuration; `whole`, with all that is shown of it among the facts."""
    if not isinstance(kind.endpoint, Part):
        raise TypeError(f"{kind.name} is no part of a sync configuration")
    try:
        body = kind.endpoint.translate(address.key, answer)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unavailable(f"{address}: {error}; this version cannot tell what it means") from error
    if body is None:
        raise NotFound(f"{address}: the service does not show it")
    facts = {name: value for name, value in body.items() if whole or name in kind.read_only}
    return Resource(body=kind.project(body), facts={name: facts[name] for name in facts if name not in kind.blocks})


def at(kind: Kind, graph: Graph) -> Graph:
    """Return the client for the version that a kind is read and written in."""
    return graph.beta if kind.version == "beta" else graph


async def read_items(
    kinds: Mapping[str, Kind], addresses: Iterable[Address], graph: Graph
) -> Mapping[Address, Resource | GraphError]:
    """Return several objects of one tenant as they are now, or for each the error that stood in the way."""
    paths = {address: _path(kinds[address.kind], address) for address in addresses}
    answers = await read_paths({path: kinds[address.kind] for address, path in paths.items() if path}, graph)
    for path, answer in answers.items():
        if isinstance(answer, Mapping) and NEXT in answer:
            answers = {**answers, path: await _all_pages(path, answer, graph)}
    return {
        address: _answer(kinds[address.kind], address, answers[path])
        if path
        else NotFound(f"{address}: the configuration that it belongs to is not there")
        for address, path in paths.items()
    }


def _path(kind: Kind, address: Address) -> str:
    try:
        return kind.path(address.key)
    except KeyError:
        return ""


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
        return (_translated if isinstance(kind.endpoint, Part) else resource)(kind, address, answer)
    except GraphError as error:
        return error
