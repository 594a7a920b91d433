"""Sync configurations as they are there, with all their parts, and the people and groups that links name.

Read where a link begins in the tenant, and in two rounds: the lists, then every configuration in batches. Which
configuration belongs to which link is `configurations`' word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from reconciler.configurations import PRINCIPALS, Configuration, claim, examined, find
from reconciler.errors import GraphError, NotFound, Unavailable
from reconciler.graph.client import Graph, whole
from reconciler.kinds.synchronization import SYNCHRONIZATION, assignment, configuration, job, mappings, settings
from reconciler.kinds.synchronization.configuration import MARK
from reconciler.kinds.synchronization.job import BASE
from reconciler.model import (
    MASKED,
    Address,
    Body,
    Found,
    Ids,
    Json,
    Kind,
    Link,
    Part,
    Principal,
    Resource,
    State,
    Synchronizations,
    Tenant,
)
from reconciler.reading import circumstances, principals

_PERMISSIONS = f"{configuration.KIND.permissions.read} and {job.KIND.permissions.read}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: the links that begin in the tenant, and whom they name; and whether others end there."""

    links: tuple[Link, ...] = ()
    principals: tuple[Principal, ...] = ()
    ends: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """What is read in the first round."""
        named = (PRINCIPALS, *principals.paths(self.principals)) if self.links else ()
        return (*named, *circumstances.paths(begins=bool(self.links), ends=self.ends))


@dataclass(frozen=True, slots=True)
class Gathered:
    """All configurations of a tenant, before anybody said which of them belongs to which link.

    `parts` are the parts of each, by its service principal: kind and what an own name adds to the key → body.
    `usual` is the service's own schema.
    """

    tenant: str
    configurations: tuple[Configuration, ...]
    parts: Mapping[str, Mapping[tuple[str, str], Body]]
    template: Body | None = None
    usual: Body | None = None

    def peculiar(self) -> Mapping[str, tuple[str, ...]]:
        """Return what of the schema of each configuration is not the service's own, and not ours to say either.

        Raises:
            GraphError: when one has a form that nobody has described to us.
        """
        schemas = {key: of.get((mappings.KIND.name, ""), {}).get("schema") for key, of in self.parts.items()}
        return {key: _peculiar(schema, self.usual) for key, schema in schemas.items() if schema and self.usual}

    def shared_out(
        self, links: Iterable[Link], found: Mapping[Principal, Found] | None = None
    ) -> tuple[Synchronizations, State]:
        """Return what belongs to these links by their names, and the rest by service principals."""
        claims = claim(self.configurations, links)
        state: dict[Address, Resource] = {}
        for name, one in [*claims.claimed.items(), *((one.ids["servicePrincipal"], one) for one in claims.unclaimed)]:
            marks: Body = {} if name in claims.claimed else {"unclaimed": True, "foreign": one.foreign}
            for (kind, own), body in self.parts[one.ids["servicePrincipal"]].items():
                there = _resource(SYNCHRONIZATION[kind], body)
                state[Address(self.tenant, kind, f"{name}{own}")] = replace(there, facts={**there.facts, **marks})
        read = Synchronizations(
            ids={name: one.ids for name, one in claims.claimed.items()},
            template=self.template,
            found=found or {},
            ambiguous={name: (*map(_described, of), _marking(name)) for name, of in claims.ambiguous.items()},
        )
        return read, state


async def read_synchronizations(
    wanted: Wanted, tenant: Tenant, answers: Mapping[str, Body | GraphError], graph: Graph
) -> tuple[Synchronizations, State]:
    """Return what the first round showed, and all parts of every configuration.

    Raises:
        GraphError: when a part of one cannot be had, so that nothing can be concluded from the rest.
    """
    found = await principals.find(wanted.principals, answers, graph)
    try:
        gathered = await gather(tenant, graph, whole(answers[PRINCIPALS]))
    except GraphError as error:
        raise error.adding(f"to read links takes {_PERMISSIONS}") if error.lacks_permission else error from error
    read, state = gathered.shared_out(wanted.links)
    assigned = {address.key.partition("/")[2] for address in state if address.kind == assignment.KIND.name}
    inside = await principals.look_inside(found, assigned, graph)
    return replace(read, found=inside, offered=await _is_offered(wanted.links, read.ids, graph)), state


async def _is_offered(links: Iterable[Link], there: Mapping[str, Ids], graph: Graph) -> bool:
    """Whether the service offers what configurations are made from; asked for where one would be made.

    Only its own word counts: what keeps it from answering proves nothing.
    """
    if all(link.absent or link.name in there for link in links):
        return True
    path = f"/applicationTemplates/{configuration.TEMPLATE}"
    return not isinstance((await graph.get_all([path]))[path], NotFound)


async def gather(tenant: Tenant, graph: Graph, first: Body | None = None) -> Gathered:
    """Return every configuration of a tenant with all its parts. `first` is the first page of the list, if it is read.

    Raises:
        GraphError: when a part of one cannot be had, so that nothing can be concluded from the rest.
    """
    there = await find(graph, tenant.tenant_id, first)
    # Whose configuration nobody may take over is known by its name, and that is all that is needed of it.
    foreign, ours = [one for one in there if one.foreign], [one for one in there if not one.foreign]
    paths = {one.ids["servicePrincipal"]: _paths(one.ids) for one in ours}
    template = _template(ours)
    asked = [path for group in paths.values() for path in group.values()]
    # The template's schema is as large as a batch may well be: it goes beside the batches, by itself.
    parts: dict[str, Body | GraphError] = {}
    for shown in await asyncio.gather(*(graph.get_all(some) for some in (asked, template) if some)):
        parts |= shown
    whole = [_known(one, paths[one.ids["servicePrincipal"]], parts) for one in ours]
    bodies = {
        one.ids["servicePrincipal"]: await _bodies(one, paths[one.ids["servicePrincipal"]], parts, graph)
        for one in whole
    }
    bodies |= {one.ids["servicePrincipal"]: _named(one) for one in foreign}
    return Gathered(tenant.name, (*whole, *foreign), bodies, _default(template, parts), _usual(template, parts))


async def look_at_template(tenant: Tenant, graph: Graph) -> Body | None:
    """Return the service's own mappings in our words; None where no configuration is there to show them.

    Raises:
        GraphError: when they cannot be had.
    """
    template = _template([one for one in await find(graph, tenant.tenant_id) if not one.foreign])
    return _default(template, await graph.get_all(template)) if template else None


def _resource(kind: Kind, body: Body) -> Resource:
    facts = {name: body[name] for name in kind.read_only if name in body}
    return Resource(body=kind.project(body), label=str(body.get("displayName") or ""), facts=facts)


def _described(one: Configuration) -> str:
    told = f"{one.name} (application {one.ids['appId']})"
    if one.marker is not None:
        return f"{told}, with the mark of the link {one.marker}"
    return f"{told}, which hides where it provisions to" if one.target == MASKED else told


def _marking(link: str) -> str:
    return f"the mark of this link is a line in the notes of a service principal: {MARK}{link}"


def _paths(ids: Ids) -> Mapping[str, str]:
    base = BASE.format_map(ids)
    return {
        job.KIND.name: f"{base}/jobs",
        settings.KIND.name: f"{base}/secrets",
        mappings.KIND.name: f"{base}/jobs/{ids['job']}/schema",
        assignment.KIND.name: f"/servicePrincipals/{ids['servicePrincipal']}/appRoleAssignedTo",
    }


def _template(there: Sequence[Configuration]) -> tuple[str, ...]:
    """Return the path of the service's own mappings, which every configuration of a tenant shows alike."""
    return tuple(f"{BASE.format_map(one.ids)}/templates/{job.TEMPLATE}/schema" for one in there[:1])


def _default(template: Iterable[str], parts: Mapping[str, Body | GraphError]) -> Body | None:
    """Return the service's own mappings in our words; None where no configuration is there to show them."""
    for path in template:
        return {name: value for name, value in _translated(mappings.KIND, "", parts[path]).items() if name != "schema"}
    return None


def _known(one: Configuration, paths: Mapping[str, str], parts: Mapping[str, Body | GraphError]) -> Configuration:
    """Return the configuration with what tells it from others."""
    secrets, jobs = (whole(parts[paths[kind.name]]) for kind in (settings.KIND, job.KIND))
    with _understanding(one.name):
        return examined(one, secrets, jobs)


def _jobs(answer: Body | GraphError) -> list[Body]:
    with _understanding(job.KIND.name):
        return job.jobs_in(whole(answer))


async def _bodies(
    one: Configuration, paths: Mapping[str, str], parts: Mapping[str, Body | GraphError], graph: Graph
) -> Mapping[tuple[str, str], Body]:
    """Return the parts of one configuration in our words, by kind and what an own name adds to the key."""
    bodies: dict[tuple[str, str], Body] = {}

    def note(kind: Kind, answer: Body | GraphError) -> None:
        bodies[kind.name, ""] = _translated(kind, "", answer)

    note(configuration.KIND, one.principal)
    jobs = _jobs(parts[paths[job.KIND.name]])
    said = _translated(settings.KIND, "", parts[paths[settings.KIND.name]])
    if jobs or any(said[block] is not None for block in settings.KIND.blocks):
        # They belong to the service principal, and outlive a job.
        bodies[settings.KIND.name, ""] = said
    if len(jobs) > 1:
        raise Unavailable(f"{one.name}: the configuration has {len(jobs)} jobs, and nobody can tell which one counts")
    for found in jobs:
        note(job.KIND, found)
        path = _paths(one.ids)[mappings.KIND.name]
        note(mappings.KIND, parts[path] if path in parts else await graph.get(path))
    path = paths[assignment.KIND.name]
    for item in await graph.collect(path, whole(parts[path])):
        bodies[assignment.KIND.name, f"/{str(item.get('principalId')).lower()}"] = assignment.shown(item)
    return bodies


def _named(one: Configuration) -> Mapping[tuple[str, str], Body]:
    return {(configuration.KIND.name, ""): _translated(configuration.KIND, "", one.principal)}


def _usual(template: Iterable[str], parts: Mapping[str, Body | GraphError]) -> Body | None:
    return next((whole(parts[path]) for path in template), None)


def _peculiar(schema: Body, usual: Body) -> tuple[str, ...]:
    with _understanding(mappings.KIND.name):
        return tuple(mappings.peculiar(schema, usual))


def _translated(kind: Kind, key: str, answer: Body | GraphError) -> dict[str, Json]:
    if not isinstance(kind.endpoint, Part):
        raise TypeError(f"{kind.name} is no part of a sync configuration")
    with _understanding(kind.name):
        return dict(kind.endpoint.translate(key, whole(answer)) or {})


@contextmanager
def _understanding(what: str) -> Iterator[None]:
    """Let an answer of a shape that nobody has described to us be one from which nothing can be concluded."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unavailable(f"{what}: {error}; this version cannot tell what it means") from error
