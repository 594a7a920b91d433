"""Asks each tenant all that can be found out without writing: one sign-in for each purpose, and a batch of reads.

Judges nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from reconciler.doctoring.facts import LICENCES, ORGANIZATION, Facts, Purpose, application_path, with_paths
from reconciler.doctoring.granting import Where
from reconciler.errors import GraphError, SignInFailed, Unavailable
from reconciler.graph.client import Graph
from reconciler.graph.clouds import CLOUDS
from reconciler.model import Body, Kind, Management, Tenant

Connect: TypeAlias = Callable[[Tenant, Purpose], Graph]


def purposes(tenant: Tenant) -> tuple[Purpose, ...]:
    """Return what somebody signs in to this tenant for."""
    match tenant.management:
        case Management.ELSEWHERE:
            return ()
        case Management.OBSERVE:
            return ("plan",)
        case Management.HERE:
            return ("plan", "apply")


async def ask(tenants: Iterable[Tenant], kinds: Mapping[str, Kind], connect: Connect) -> tuple[Facts, ...]:
    """Return what each identity found out, by tenant and then by purpose."""
    wanted = [(tenant, purpose) for tenant in tenants for purpose in purposes(tenant)]
    return tuple(await asyncio.gather(*(_ask(tenant, purpose, kinds, connect) for tenant, purpose in wanted)))


async def _ask(tenant: Tenant, purpose: Purpose, kinds: Mapping[str, Kind], connect: Connect) -> Facts:
    cloud = CLOUDS[tenant.cloud]
    where = Where(cloud.login, cloud.graph)
    try:
        graph = connect(tenant, purpose)
    except GraphError as error:
        return Facts(tenant, purpose, where, failure=error)
    try:
        answers = await _answers(graph, kinds)
        return Facts(tenant, purpose, where, graph.identity, _failure(answers.values()), answers)
    finally:
        await graph.aclose()


async def _answers(graph: Graph, kinds: Mapping[str, Kind]) -> Mapping[str, Body | GraphError]:
    paths = {ORGANIZATION, LICENCES, *(kind.endpoint.path for kind in with_paths(kinds).values())}
    if application := graph.identity.application:
        paths.add(application_path(application))
    answers = dict(await graph.get_all(sorted(paths)))
    licences = answers[LICENCES]
    if not isinstance(licences, GraphError):
        answers[LICENCES] = await _whole(graph, licences)
    return answers


async def _whole(graph: Graph, first: Body) -> Body | GraphError:
    try:
        return {"value": await graph.collect(LICENCES, first)}
    except GraphError as error:
        return error


def _failure(answers: Iterable[Body | GraphError]) -> GraphError | None:
    """Return why nothing could be asked, if that is so: no token, or no answer to anything."""
    found = list(answers)
    refused = next((answer for answer in found if isinstance(answer, SignInFailed)), None)
    silent = [answer for answer in found if isinstance(answer, Unavailable)]
    return refused or (silent[0] if len(silent) == len(found) else None)
