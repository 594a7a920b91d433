"""Which sync configuration in a tenant belongs to which link: found by template, mark and target, never by name alone.

Configurations of the same template are the candidates. In this order: the one that bears the mark of the link; else the
one that nobody marked and that provisions to the link's target; else the one that nobody marked, that has no job and
no target yet, and bears the display name that the link gives: that is what a run leaves behind that was killed between
making it and marking it. Two that fit are an error, and none of them is taken; but as many left behind as there are
links of that name say nothing yet, so that each link may have any one of them. One of which nobody can say whether it
is the link's is an error as well, where the link has none: making a second one would take people from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.errors import Conflict, GraphError, Unavailable
from reconciler.graph.client import Graph
from reconciler.graph.odata import segment
from reconciler.kinds.synchronization import settings
from reconciler.kinds.synchronization.configuration import SELECTED, TEMPLATE, ids_of, marker_in
from reconciler.kinds.synchronization.job import BASE, job_id, jobs_in
from reconciler.model import MASKED, Body, Ids, Link

PRINCIPALS = f"/servicePrincipals?$filter=applicationTemplateId%20eq%20'{TEMPLATE}'&$select={SELECTED}"
"""The configurations of a tenant: the service compares this property without conditions."""

MULTITENANT = "MTO_Sync_"
"""What the Microsoft 365 admin center calls the configurations that it makes and owns."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One sync configuration as it is there. `target` is None as long as nobody asked, "*" where it is not told."""

    principal: Body
    ids: Ids
    target: str | None = None
    has_job: bool = False

    @property
    def name(self) -> str:
        """What the portal calls it."""
        return str(self.principal.get("displayName"))

    @property
    def marker(self) -> str | None:
        """The link whose mark it bears."""
        return marker_in(self.principal.get("notes"))

    @property
    def foreign(self) -> bool:
        """Whether it belongs to the Microsoft 365 admin center, which nobody may take over."""
        return self.name.startswith(MULTITENANT)

    @property
    def fresh(self) -> bool:
        """Whether it says nothing yet about where it provisions to."""
        return not self.has_job and not self.target


@dataclass(frozen=True, slots=True)
class Claims:
    """The configuration of each link that has one, those that no link claims, and links that cannot be told about.

    Of an `ambiguous` link these may be its configuration: several that fit, or one of which it cannot be said.
    """

    claimed: Mapping[str, Configuration]
    unclaimed: tuple[Configuration, ...] = ()
    ambiguous: Mapping[str, tuple[Configuration, ...]] = field(default_factory=dict)


async def find(graph: Graph, tenant_id: str, first: Body | None = None) -> list[Configuration]:
    """Return the configurations of a tenant, by their ids. `first` is the first page where it was read already.

    Raises:
        GraphError: when the list cannot be had whole.
    """
    first = first if first is not None else await graph.get(PRINCIPALS)
    principals = await graph.collect(PRINCIPALS, first)
    return [_configuration(one, tenant_id) for one in sorted(principals, key=lambda one: str(one.get("id")))]


def _configuration(principal: Body, tenant_id: str) -> Configuration:
    try:
        ids = ids_of(principal)
    except (KeyError, TypeError, AttributeError) as error:
        raise Unavailable(f"a service principal of the synchronization template came without {error}") from error
    return Configuration(principal, {**ids, "job": job_id(tenant_id, ids["appId"])})


def examined(one: Configuration, secrets: Body, jobs: Body) -> Configuration:
    """Return the configuration with what tells it from others: where it provisions to, and whether it has a job.

    Raises:
        ValueError: when an answer has a shape that nobody has described to us.
    """
    said, found = settings.translate("", secrets), jobs_in(jobs)
    # The id of a job follows from others, as far as anybody has seen; its own word counts.
    own = {"job": segment(str(found[0]["id"]))} if len(found) == 1 else {}
    return replace(one, ids={**one.ids, **own}, target=said["targetTenantId"], has_job=bool(found))


async def find_examined(graph: Graph, tenant_id: str, known: Iterable[str]) -> list[Configuration]:
    """Return the configurations of a tenant with what tells them apart, but those `known` by service principal.

    Raises:
        Conflict: when one of them does not show it, as a new one does not for a while.
        GraphError: when the list cannot be had whole.
    """
    there = [one for one in await find(graph, tenant_id) if one.ids["servicePrincipal"] not in set(known)]
    paths = {one.ids["servicePrincipal"]: _telling(one.ids) for one in there if not one.foreign}
    answers = await graph.get_all([path for pair in paths.values() for path in pair]) if paths else {}
    asked = {key: [answers[path] for path in pair] for key, pair in paths.items()}
    return [_examined(one, asked.get(one.ids["servicePrincipal"], ())) for one in there]


def _telling(ids: Ids) -> tuple[str, str]:
    base = BASE.format_map(ids)
    return f"{base}/secrets", f"{base}/jobs"


def _examined(one: Configuration, answers: Sequence[Body | GraphError]) -> Configuration:
    for answer in answers:
        if isinstance(answer, GraphError):
            raise Conflict(f"{one.name}: nobody can tell yet which link it belongs to: {answer}")
    try:
        return examined(one, *(answer for answer in answers if isinstance(answer, Mapping))) if answers else one
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unavailable(f"{one.name}: {error}; this version cannot tell what it means") from error


def claim(configurations: Iterable[Configuration], links: Iterable[Link], names: Iterable[str] = ()) -> Claims:
    """Return which configuration belongs to which link. Pure. `names` are links that have theirs already."""
    every = list(configurations)
    free = [one for one in every if not one.foreign]
    claimed: dict[str, Configuration] = {}
    ambiguous: dict[str, tuple[Configuration, ...]] = {}
    # Whoever stays comes first, so that a link that goes takes nothing along that another one can have.
    links = sorted(links, key=lambda link: (link.absent, link.name))
    for fits in (_marked, _aimed):
        open_ = [link for link in links if link.name not in claimed and link.name not in ambiguous]
        for link in open_:
            found = [one for one in free if fits(one, link) and not _is_rather(one, link, open_, fits)]
            if len(found) == 1 and not _disputed(found[0], link, open_, fits):
                claimed[link.name] = _located(found[0], link)
                free.remove(found[0])
            elif found:
                ambiguous[link.name] = tuple(found)
    without = [link for link in links if link.name not in claimed and link.name not in ambiguous]
    for label in dict.fromkeys(link.label for link in without):
        alike = [link for link in without if link.label == label]
        left = tuple(one for one in free if _left_behind(one, label))
        if len(left) > len(alike):
            ambiguous |= dict.fromkeys((link.name for link in alike), left)
            continue
        for link, one in zip(alike, left, strict=False):
            claimed[link.name] = _located(one, link)
            free.remove(one)
    known = {*names, *(link.name for link in links)}
    for link in links:
        doubtful = tuple(one for one in free if _may_be(one, link, known))
        if doubtful and link.name not in claimed and link.name not in ambiguous:
            ambiguous[link.name] = doubtful
    return Claims(claimed, (*free, *(one for one in every if one.foreign)), ambiguous)


_Fits = Callable[[Configuration, Link], bool]


def _marked(one: Configuration, link: Link) -> bool:
    return one.marker == link.name


def _aimed(one: Configuration, link: Link) -> bool:
    return one.marker is None and one.target == link.target_id


def _left_behind(one: Configuration, label: str) -> bool:
    return one.marker is None and one.fresh and one.name == label


def _is_rather(one: Configuration, link: Link, links: Iterable[Link], fits: _Fits) -> bool:
    """Whether one that provisions to our target bears the name of another link into the same tenant, and not ours."""
    labels = [other.label for other in links if _vies(one, other, link, fits)]
    return one.name != link.label and labels.count(one.name) == 1


def _disputed(one: Configuration, link: Link, links: Iterable[Link], fits: _Fits) -> bool:
    """Whether one that provisions to our target may be that of another link into the same tenant as well."""
    labels = [other.label for other in links if _vies(one, other, link, fits)]
    return bool(labels) and (one.name != link.label or one.name in labels)


def _vies(one: Configuration, other: Link, link: Link, fits: _Fits) -> bool:
    """Whether another link may want the same: a mark is unmistakable, and who goes stands back for who stays."""
    return fits is _aimed and other is not link and other.absent <= link.absent and fits(one, other)


def _may_be(one: Configuration, link: Link, known: Iterable[str]) -> bool:
    """Whether nobody can say that it is not the link's.

    Where it provisions to is hidden; or it is the link's target, and the mark is of a link that no file speaks of.
    """
    if one.marker is None:
        return one.target == MASKED
    return one.marker not in known and one.target == link.target_id


def _located(one: Configuration, link: Link) -> Configuration:
    return replace(one, ids={**one.ids, "target": link.target_id})
