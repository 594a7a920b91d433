"""What is there: the live state of one tenant, whole or not at all. Compares nothing and decides nothing.

A tenant of which a single answer is missing is `Unreadable`; no error is ever turned into "there is nothing".
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from reconciler.errors import Forbidden, GraphError, NotFound, Refused, SignInFailed, Unavailable
from reconciler.graph.client import Graph, whole
from reconciler.kinds import multitenant
from reconciler.kinds.blocks import GUID
from reconciler.live import at, read_paths, resource
from reconciler.model import (
    Address,
    Aside,
    AsideName,
    Below,
    Body,
    Collection,
    Json,
    Kind,
    Part,
    Reading,
    Tenant,
    Unreadable,
)
from reconciler.reading.circumstances import conditions
from reconciler.reading.dynamic import read_dynamic_groups
from reconciler.reading.principals import look_up
from reconciler.reading.rosters import read_rosters
from reconciler.reading.synchronizing import Gathered, Wanted, gather, look_at_template, read_synchronizations

__all__ = ["Gathered", "Wanted", "gather", "look_at_template", "look_up", "read", "read_dynamic_groups", "read_rosters"]

ORGANIZATION = "/organization?$select=id,displayName,verifiedDomains"
NO_LINKS = Wanted()
# What the service answers to a query option that it does not know.
_NOT_UNDERSTOOD = 400


async def read(
    tenant: Tenant, graph: Graph, kinds: Mapping[str, Kind], absent: Iterable[Address] = (), links: Wanted = NO_LINKS
) -> Reading | Unreadable:
    """Return all resources of all `kinds`, each in its version, in the tenant that `graph` is signed in to.

    `absent` are those that Git wants gone: a list that does not show them is no proof that they are, since lists lag.
    Sync configurations are read where `links` begin.
    """
    try:
        # What v1.0 does not show was not read, which is not the same as nothing.
        versions = {name: kind.at(kind.version) for name, kind in kinds.items()}
        return await _read(tenant, graph, versions, tuple(absent), links)
    except GraphError as error:
        return Unreadable(tenant.name, str(error), error.exit_code)


async def _read(
    tenant: Tenant, graph: Graph, kinds: Mapping[str, Kind], absent: Sequence[Address], links: Wanted
) -> Reading:
    kinds = {name: kind for name, kind in kinds.items() if not isinstance(kind.endpoint, Part)}
    own = {name: kind for name, kind in kinds.items() if not isinstance(kind.endpoint, Below)}
    below = {name: (kind, kind.endpoint) for name, kind in kinds.items() if isinstance(kind.endpoint, Below)}
    paths = {name: _listing(kind, [endpoint for _, endpoint in below.values()]) for name, kind in own.items()}
    stable = [path for name, path in paths.items() if own[name].version != "beta"]
    beside = multitenant.paths(tenant.cloud)
    answers = dict(await graph.get_all([ORGANIZATION, *stable, *links.paths, *beside.values()]))
    _check_identity(tenant, whole(answers[ORGANIZATION]))
    if len(stable) < len(paths):
        answers |= await graph.beta.get_all([path for path in paths.values() if path not in stable])
    first = {}
    for name, path in paths.items():
        with _explaining(own[name], kinds):
            first[name] = await _first_page(own[name], path, answers[path], at(own[name], graph))
    groups = await asyncio.gather(
        *(_read_kind(tenant, own[name], at(own[name], graph), *page) for name, page in first.items())
    )
    bodies = {address: body for group in groups for address, body in group.items()}
    bodies |= await _unlisted(own, absent, bodies, graph)
    # Also of what no list shows: whoever goes takes along what hangs below.
    for kind, endpoint in below.values():
        with _explaining(kind, kinds):
            bodies |= await _read_below(tenant, kind, endpoint, at(kind, graph), bodies)
    bodies |= await _unlisted({name: kind for name, (kind, _) in below.items()}, absent, bodies, graph)
    state = {address: resource(kinds[address.kind], address, body) for address, body in bodies.items()}
    synchronizations, parts = await read_synchronizations(links, tenant, answers, graph) if links.links else (None, {})
    return Reading(
        tenant=tenant.name,
        state=dict(sorted({**state, **parts}.items())),
        unknown=_unknown(kinds, bodies),
        synchronizations=synchronizations,
        asides=tuple(_aside(name, answers[path]) for name, path in beside.items()),
        conditions=conditions(answers),
    )


def _aside(name: AsideName, answer: Body | GraphError) -> Aside:
    """Return what was only read to be told of; that it could not be read is told as well, and stops nothing."""
    match answer:
        case NotFound():
            return Aside(name)
        case GraphError():
            return Aside(name, reason=str(answer))
    try:
        return multitenant.told(name, answer)
    except ValueError as error:
        return Aside(name, reason=f"{error}; this version cannot tell what it means")


async def _unlisted(
    kinds: Mapping[str, Kind], absent: Iterable[Address], listed: Mapping[Address, Body], graph: Graph
) -> Mapping[Address, Body]:
    """Return those of these kinds that are there although no list shows them."""
    unlisted = [address for address in absent if address.kind in kinds and address not in listed]
    paths = {address: kinds[address.kind].path(address.key) for address in unlisted}
    answers = await read_paths({paths[address]: kinds[address.kind] for address in unlisted}, graph) if paths else {}
    return {address: whole(answers[path]) for address, path in paths.items() if not isinstance(answers[path], NotFound)}


def _listing(kind: Kind, below: Iterable[Below]) -> str:
    """Return the path of a kind, with what hangs below its items in the same answer."""
    members = ",".join(endpoint.member for endpoint in below if endpoint.parent == kind.name)
    return f"{kind.endpoint.path}?$expand={members}" if members else kind.endpoint.path


@contextmanager
def _explaining(kind: Kind, kinds: Mapping[str, Kind]) -> Iterator[None]:
    """Let an error say which permission was needed, and why beta was asked for."""
    try:
        yield
    except GraphError as error:
        raise _explained(error, kind, kinds) from error


def _explained(error: GraphError, kind: Kind, kinds: Mapping[str, Kind]) -> GraphError:
    if error.lacks_permission:
        error = error.adding(f"to read {kind.document} takes {kind.permissions.read}")
    settings = _only_in_beta(kind, kinds)
    if settings and isinstance(error, Refused | NotFound | Forbidden):
        error = error.adding(
            f"{kind.document} is read in beta, because a file names {' or '.join(settings)}, which v1.0 does not have; "
            "take it out where the cloud has no beta"
        )
    return error


def _only_in_beta(kind: Kind, kinds: Mapping[str, Kind]) -> list[str]:
    """Return the settings for which a kind is read in beta: its own, or those of what is read along with it."""
    if kind.version != "beta":
        return []
    ends = {kind.name, kind.endpoint.parent} if isinstance(kind.endpoint, Below) else {kind.name}
    joined = [
        one
        for one in kinds.values()
        if one.name in ends or (isinstance(one.endpoint, Below) and one.endpoint.parent == kind.name)
    ]
    return [f"{block} of {one.document}" for one in joined for block in one.beta]


async def _first_page(kind: Kind, path: str, answer: Body | GraphError, graph: Graph) -> tuple[str, Body]:
    """Return the path that the service understands, and the answer to it: not every service expands lists."""
    plain = kind.endpoint.path
    if path != plain and isinstance(answer, Refused) and answer.status == _NOT_UNDERSTOOD:
        return plain, await graph.get(plain)
    return path, whole(answer)


async def _read_below(
    tenant: Tenant, kind: Kind, endpoint: Below, graph: Graph, bodies: dict[Address, Body]
) -> Mapping[Address, Body]:
    """Return the objects below the items in `bodies`, and take them out there.

    A member that an item does not show was not read: then the object is asked for by itself.
    """
    found: dict[Address, Body] = {}
    unread: dict[Address, str] = {}
    for parent in [address for address in bodies if address.kind == endpoint.parent]:
        address = Address(tenant.name, kind.name, parent.key)
        item = dict(bodies[parent])
        if endpoint.member not in item:
            unread[address] = kind.path(parent.key)
            continue
        body = item.pop(endpoint.member)
        bodies[parent] = item
        if body is not None:
            found[address] = _object(address, body)
    answers = await graph.get_all(unread.values()) if unread else {}
    asked = {address: answers[path] for address, path in unread.items()}
    there = {address: answer for address, answer in asked.items() if not isinstance(answer, NotFound)}
    return found | {address: whole(answer) for address, answer in there.items()}


def _object(address: Address, value: Json) -> Body:
    if not isinstance(value, Mapping):
        raise Unavailable(f"{address}: it was shown as something that is no object, so nothing can be concluded")
    return value


def _check_identity(tenant: Tenant, answer: Body) -> None:
    """Refuse a directory that is not the one in the file: nobody reviews a GUID, so the domain is compared too."""
    match answer.get("value"):
        case [{"id": str(tenant_id), "verifiedDomains": list(domains)}]:
            pass
        case _:
            raise Unavailable(f"{tenant.name}: the answer to {ORGANIZATION} does not describe one organization")
    if tenant_id.lower() != tenant.tenant_id:
        raise SignInFailed(
            f"{tenant.name}: signed in to tenant {tenant_id}, but {tenant.origin} says {tenant.tenant_id}"
        )
    verified = {str(domain.get("name", "")).lower() for domain in domains if isinstance(domain, Mapping)}
    if tenant.domain and tenant.domain.lower() not in verified:
        raise SignInFailed(
            f"{tenant.name}: {tenant.domain} is not a verified domain of tenant {tenant_id}; "
            f"correct tenantId or domain in {tenant.origin}"
        )


async def _read_kind(tenant: Tenant, kind: Kind, graph: Graph, path: str, first: Body) -> Mapping[Address, Body]:
    if not isinstance(kind.endpoint, Collection):
        return {Address(tenant.name, kind.name): first}
    items = await graph.collect(path, first)
    keyed = [(_key(kind.endpoint, item), item) for item in items]
    found = dict(keyed)
    for key in _disputed(keyed, found):
        # The object moved or changed while pages were turned; its own view decides.
        found[key] = await graph.get(kind.path(key))
    return {Address(tenant.name, kind.name, key): item for key, item in found.items()}


def _key(endpoint: Collection, item: Body) -> str:
    key = item.get(endpoint.key)
    if not isinstance(key, str) or not key:
        raise Unavailable(f"{endpoint.path}: an item came without {endpoint.key}, so the list cannot be trusted")
    if endpoint.keyed_by != "organization":
        return key
    if not GUID.fullmatch(key):
        # It becomes part of paths and addresses.
        raise Unavailable(
            f"{endpoint.path}: the {endpoint.key} of an item is no tenant id, so the list cannot be trusted"
        )
    return key.lower()


def _disputed(keyed: Iterable[tuple[str, Body]], found: Mapping[str, Body]) -> list[str]:
    """Return the keys that were listed more than once with different bodies."""
    return sorted({key for key, item in keyed if item != found[key]})


def _unknown(kinds: Mapping[str, Kind], bodies: Mapping[Address, Body]) -> Mapping[str, tuple[str, ...]]:
    found = {(address.kind, name) for address, body in bodies.items() for name in kinds[address.kind].unknown(body)}
    return {
        kind: tuple(sorted(name for of, name in found if of == kind)) for kind in sorted({kind for kind, _ in found})
    }
