"""Who stands behind a tenant id or a domain: what the directory tells everybody of an organization. Only asks.

Not to be known is an answer, and so is not to be allowed to ask; no answer at all is an error, but for `introduce`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.errors import Forbidden, GraphError, NotFound, Refused, Unavailable
from reconciler.graph.client import Graph
from reconciler.kinds.blocks import GUID
from reconciler.model import FILL_IN_DOMAIN, Body, Directory, Lookup

_BY_ID = "/tenantRelationships/findTenantInformationByTenantId(tenantId='{}')"
_BY_DOMAIN = "/tenantRelationships/findTenantInformationByDomainName(domainName='{}')"
_PERMISSION = "CrossTenantInformation.ReadBasic.All"

FORBIDDEN = f"the directory may not be asked (grant the application {_PERMISSION})"
UNKNOWN_ID = "the directory knows no tenant with this id (any more)"
UNKNOWN_DOMAIN = "the directory knows no tenant with this domain"


async def by_tenant_id(graph: Graph, keys: Iterable[str]) -> Mapping[str, Lookup]:
    """Return what the directory says of each tenant id.

    Raises:
        GraphError: when nothing can be concluded for one of them.
    """
    return await _ask(graph, {key: _BY_ID.format(key) for key in keys}, UNKNOWN_ID)


async def by_domain(graph: Graph, domains: Iterable[str]) -> Mapping[str, Lookup]:
    """Return whose each domain is.

    Raises:
        GraphError: when nothing can be concluded for one of them.
    """
    return await _ask(graph, {domain: _BY_DOMAIN.format(domain) for domain in domains}, UNKNOWN_DOMAIN)


async def introduce(graph: Graph, newcomers: Mapping[str, str]) -> Directory:
    """Return what the directory says of tenants, given by id with the domain that the files say, or "".

    Whose a domain is, is asked where it is not the first one of its tenant. A lookup that fails says so in its
    `problem`: that nobody answered must stop nothing but what rests on the answer.
    """
    organizations = await _whatever_comes(graph, {key: _BY_ID.format(key) for key in newcomers}, UNKNOWN_ID)
    others = {
        domain
        for key, domain in newcomers.items()
        if domain not in ("", FILL_IN_DOMAIN, organizations[key].domain) and not organizations[key].problem
    }
    domains = await _whatever_comes(graph, {domain: _BY_DOMAIN.format(domain) for domain in others}, UNKNOWN_DOMAIN)
    return Directory(organizations, domains)


async def _whatever_comes(graph: Graph, paths: Mapping[str, str], unknown: str) -> Mapping[str, Lookup]:
    if not paths:
        return {}
    try:
        answers = await graph.get_all(paths.values())
    except GraphError as error:
        return dict.fromkeys(paths, Lookup(problem=str(error)))
    return {asked: _lookup_or_problem(answers[path], path, unknown) for asked, path in paths.items()}


def _lookup_or_problem(answer: Body | GraphError, path: str, unknown: str) -> Lookup:
    try:
        return _lookup(answer, path, unknown)
    except GraphError as error:
        return Lookup(problem=str(error))


async def _ask(graph: Graph, paths: Mapping[str, str], unknown: str) -> Mapping[str, Lookup]:
    answers = await graph.get_all(paths.values())
    return {asked: _lookup(answers[path], path, unknown) for asked, path in paths.items()}


def _lookup(answer: Body | GraphError, path: str, unknown: str) -> Lookup:
    match answer:
        case NotFound() | Refused():
            return Lookup(problem=unknown)
        case Forbidden():
            return Lookup(problem=FORBIDDEN)
        case GraphError():
            raise answer
        case {"tenantId": str(key), "defaultDomainName": str(domain)} if GUID.fullmatch(key):
            name = answer.get("displayName")
            return Lookup(key.lower(), domain.lower(), name if isinstance(name, str) else "")
        case _:
            raise Unavailable(f"{path}: the answer does not describe a tenant, so nothing can be concluded")
