"""Looks at the jobs of links: their configurations, found as everywhere, and the body of each job. Judges nothing.

Two rounds in each tenant: the list of configurations, then jobs and settings of all of them in batches. What of one
tenant cannot be read leaves all its links unread: whose a configuration is, only all of them together tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from reconciler.configurations import Claims, Configuration, claim, find
from reconciler.errors import Forbidden, GraphError, SetupError, Unavailable
from reconciler.graph.client import Graph
from reconciler.kinds.synchronization.job import BASE, TEMPLATE
from reconciler.model import Body, Estate, Link, Tenant
from reconciler.model.operations import LinkState, LinkStatus
from reconciler.operating.choosing import ACCEPTANCE, home
from reconciler.operating.judging import status_of, without

Connect: TypeAlias = Callable[[Tenant], Graph]

PRINCIPALS, JOBS = "Application.Read.All", "Synchronization.Read.All"


@dataclass(frozen=True, slots=True)
class Job:
    """The configuration of a link and its job, None as long as there is none."""

    link: Link
    configuration: Configuration
    body: Body | None

    @property
    def path(self) -> str:
        """Where the job is."""
        return f"{BASE.format_map(self.configuration.ids)}/jobs/{self.id}"

    @property
    def id(self) -> str:
        """The name of the job, as the service tells it."""
        told = (self.body or {}).get("id")
        return told if isinstance(told, str) and told else self.configuration.ids["job"]


# ---------------------------------------------------------------------------------------------- all links


async def statuses(
    estate: Estate, links: Sequence[Link], connect: Connect, now: datetime, *, unclaimed: bool = False
) -> tuple[LinkStatus, ...]:
    """Return how these links do, by name; with `unclaimed`, also the configurations that no link claims."""
    homes = {tenant.name: tenant for link in links if (tenant := home(estate, link))}
    found = await asyncio.gather(*(_tenant(estate, tenant, connect, now) for tenant in homes.values()))
    wanted = {(link.name, link.source) for link in links}
    ours = [one for several in found for one in several if _is_meant(one, wanted, unclaimed=unclaimed)]
    outside = [without(link, LinkState.ELSEWHERE, _OUTSIDE) for link in links if home(estate, link) is None]
    return tuple(sorted([*ours, *outside], key=lambda one: (not one.link, one.link, one.source, one.configuration)))


def _is_meant(one: LinkStatus, wanted: Collection[tuple[str, str]], *, unclaimed: bool) -> bool:
    return (one.link, one.source) in wanted if one.link else unclaimed


_OUTSIDE = "it begins in a tenant to which nobody here signs in"


async def _tenant(estate: Estate, tenant: Tenant, connect: Connect, now: datetime) -> list[LinkStatus]:
    links = _beginning(estate, tenant)
    try:
        graph = connect(tenant)
    except GraphError as error:
        return [_unread(link, error) for link in links]
    try:
        claims, jobs = await look(graph, tenant, links)
    except GraphError as error:
        return [_unread(link, error) for link in links]
    finally:
        await graph.aclose()
    claimed = [_status(link, claims, jobs, now) for link in links]
    return [*claimed, *(_unclaimed(one, tenant, jobs, now) for one in claims.unclaimed)]


def _beginning(estate: Estate, tenant: Tenant) -> list[Link]:
    return [link for link in estate.links if link.source == tenant.name and link.shape != ACCEPTANCE]


def _unread(link: Link, error: GraphError) -> LinkStatus:
    return without(link, LinkState.UNREAD, str(error), error.exit_code)


def _status(link: Link, claims: Claims, jobs: Mapping[str, Body | None], now: datetime) -> LinkStatus:
    if several := claims.ambiguous.get(link.name):
        names = ", ".join(map(described, several))
        return without(link, LinkState.AMBIGUOUS, f"several configurations may be its own: {names}")
    one = claims.claimed.get(link.name)
    if one is None:
        return without(link, LinkState.NOT_MADE, "the files want it gone, and it is" if link.absent else "")
    blank = replace(without(link, LinkState.UNKNOWN), configuration=described(one))
    found = status_of(blank, jobs[one.ids["servicePrincipal"]], now)
    leaving = "the files want it gone; each apply goes one phase further" if link.absent else ""
    return replace(found, detail="; ".join(part for part in (leaving, found.detail) if part))


def described(one: Configuration) -> str:
    """Return what people know a configuration by; its name alone is not unique."""
    return f"{one.name} (application {one.ids['appId']})"


def _unclaimed(one: Configuration, tenant: Tenant, jobs: Mapping[str, Body | None], now: datetime) -> LinkStatus:
    blank = LinkStatus("", tenant.name, one.target or "", LinkState.UNKNOWN, configuration=described(one))
    found = status_of(blank, jobs[one.ids["servicePrincipal"]], now)
    owner = "the Microsoft 365 admin center made it" if one.foreign else "no link of these files is its own"
    return replace(found, detail="; ".join(part for part in (owner, found.detail) if part))


# ---------------------------------------------------------------------------------------------- one tenant


async def look(graph: Graph, tenant: Tenant, links: Iterable[Link]) -> tuple[Claims, Mapping[str, Body | None]]:
    """Return whose the configurations of a tenant are, and the job of each by its service principal.

    Raises:
        GraphError: when any part of that cannot be had.
    """
    with_words = needing(PRINCIPALS, "see the configurations")
    try:
        there = await find(graph, tenant.tenant_id)
    except GraphError as error:
        raise with_words(error) from error
    paths = {one.ids["servicePrincipal"]: _paths(one) for one in there}
    answers = await graph.get_all([path for pair in paths.values() for path in pair]) if paths else {}
    known: list[Configuration] = []
    jobs: dict[str, Body | None] = {}
    for one in there:
        job, settings = (_whole(answers[path]) for path in paths[one.ids["servicePrincipal"]])
        body = _job(one, job)
        jobs[one.ids["servicePrincipal"]] = body
        known.append(replace(one, target=_target(settings), has_job=body is not None))
    return claim(known, links), jobs


async def locate(graph: Graph, estate: Estate, tenant: Tenant, link: Link) -> Job:
    """Return the job of a link.

    Raises:
        SetupError: its configuration, or its job, is not there, or nobody can tell which one it is.
        GraphError: it cannot be read.
    """
    claims, jobs = await look(graph, tenant, _beginning(estate, tenant))
    if link.name in claims.ambiguous:
        raise SetupError(
            f"{link.origin}: several configurations in {tenant.name} may be that of {link.name}; "
            "`reconciler plan` names them"
        )
    one = claims.claimed.get(link.name)
    if one is None or jobs[one.ids["servicePrincipal"]] is None:
        what = "configuration" if one is None else "job"
        raise SetupError(f"{link.origin}: the {what} of {link.name} is not made yet in {tenant.name}; apply makes it")
    return Job(link, one, jobs[one.ids["servicePrincipal"]])


def _paths(one: Configuration) -> tuple[str, str]:
    base = BASE.format_map(one.ids)
    return f"{base}/jobs", f"{base}/secrets"


def _whole(answer: Body | GraphError) -> Body:
    if isinstance(answer, GraphError):
        raise needing(JOBS, "read jobs")(answer)
    return answer


def _job(one: Configuration, answer: Body) -> Body | None:
    jobs = [job for job in answer.get("value") or () if isinstance(job, Mapping) and job.get("templateId") == TEMPLATE]
    if len(jobs) > 1:
        raise Unavailable(f"{one.name}: the configuration has {len(jobs)} jobs, and nobody can tell which one counts")
    return jobs[0] if jobs else None


def _target(settings: Body) -> str | None:
    pairs = (pair for pair in settings.get("value") or () if isinstance(pair, Mapping))
    said = next((pair.get("value") for pair in pairs if pair.get("key") == "CompanyId"), None)
    return said.lower() if isinstance(said, str) and said else None


def needing(permission: str, what: str) -> Callable[[GraphError], GraphError]:
    """Return what adds to a refusal which permission it takes."""

    def told(error: GraphError) -> GraphError:
        return error.adding(f"to {what} takes {permission}") if isinstance(error, Forbidden) else error

    return told
