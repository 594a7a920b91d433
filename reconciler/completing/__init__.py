"""Ids for domains and domains for ids: whoever a file names by half is looked up, by the tenant that the file is about.

The order of the stages for `resolve`; what links leave out is `linking`'s. Guesses nothing and
writes nothing: what the directory does not say stays open.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing

from reconciler.adopting import fit
from reconciler.completing.linking import Completion, complete_links
from reconciler.graph.client import Graph
from reconciler.identifying import by_domain, by_tenant_id
from reconciler.loading import Mention
from reconciler.model import FILL_IN_DOMAIN, Lookup, Management, Tenant

__all__ = ["Completion", "complete", "complete_links", "is_bare", "is_half"]


def is_half(mention: Mention) -> bool:
    """Whether an id or a domain is missing, and the other is there to look it up by."""
    return bool(_domain(mention)) != bool(mention.tenant_id)


def is_bare(mention: Mention) -> bool:
    """Whether both are missing: a name alone says nothing to the directory."""
    return not _domain(mention) and not mention.tenant_id


def _domain(mention: Mention) -> str:
    return "" if mention.domain == FILL_IN_DOMAIN else mention.domain


async def complete(
    mentions: Iterable[Mention], tenants: Mapping[str, Tenant], connect: Callable[[Tenant], Graph]
) -> list[Completion]:
    """Return what is missing where something is, in the order of the mentions. `connect` returns read-only clients.

    Raises:
        GraphError: when a tenant that would have to be asked does not answer.
    """
    half = [mention for mention in mentions if is_half(mention)]
    homes: defaultdict[str, list[Mention]] = defaultdict(list)
    for mention in half:
        homes[mention.home].append(mention)
    groups = await asyncio.gather(*(_ask(tenants[home], ones, connect) for home, ones in homes.items()))
    found = {id(one.mention): one for group in groups for one in group}
    return [found[id(mention)] for mention in half]


async def _ask(tenant: Tenant, mentions: Sequence[Mention], connect: Callable[[Tenant], Graph]) -> list[Completion]:
    if tenant.management is Management.ELSEWHERE:
        return [Completion(one, problem=f"nobody here signs in to {tenant.name}, to ask there") for one in mentions]
    async with aclosing(connect(tenant)) as graph:
        ids = await by_tenant_id(graph, sorted({one.tenant_id for one in mentions if one.tenant_id}))
        domains = await by_domain(graph, sorted({one.domain for one in mentions if not one.tenant_id}))
    answers = fit({**ids, **domains})
    return [_completion(one, answers[one.tenant_id or one.domain], tenant) for one in mentions]


def _completion(mention: Mention, answer: Lookup, tenant: Tenant) -> Completion:
    if answer.problem:
        return Completion(mention, problem=answer.problem)
    if mention.tenant_id:
        return Completion(mention, {"domain": answer.domain})
    if answer.tenant_id == tenant.tenant_id:
        return Completion(mention, problem=f"this is a domain of {tenant.name} itself, which is no partner of its own")
    return Completion(mention, {"tenantId": answer.tenant_id})
