"""Which sync configuration in a tenant belongs to which link: found by template, mark and target, never by name alone.

Configurations of the same template are the candidates. In this order: the one that bears the mark of the link; else the
one that nobody marked and that provisions to the link's target; else the one that nobody marked, that has no job and
no target yet, and bears the display name that the link gives: that is what a run leaves behind that was killed between
making it and marking it. Two that fit are an error, and none of them is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reconciler.errors import Unavailable
from reconciler.graph.client import Graph
from reconciler.kinds.synchronization.configuration import SELECTED, TEMPLATE, ids_of, marker_in
from reconciler.kinds.synchronization.job import job_id
from reconciler.model import Body, Ids, Link

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
    """The configuration of each link that has one, those that no link claims, and links for which several fit."""

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
    except KeyError as error:
        raise Unavailable(f"a service principal of the synchronization template came without {error}") from error
    return Configuration(principal, {**ids, "job": job_id(tenant_id, ids["appId"])})


def claim(configurations: Iterable[Configuration], links: Iterable[Link]) -> Claims:
    """Return which configuration belongs to which link. Pure."""
    free = [one for one in configurations if not one.foreign]
    foreign = [one for one in configurations if one.foreign]
    claimed: dict[str, Configuration] = {}
    ambiguous: dict[str, tuple[Configuration, ...]] = {}
    # Whoever stays comes first, so that a link that goes takes nothing along that another one can have.
    links = sorted(links, key=lambda link: (link.absent, link.name))
    for fits in (_marked, _aimed, _left_behind):
        for link in links:
            if link.name in claimed or link.name in ambiguous:
                continue
            found = tuple(one for one in free if fits(one, link))
            if len(found) == 1:
                claimed[link.name] = _located(found[0], link)
                free.remove(found[0])
            elif found:
                ambiguous[link.name] = found
    return Claims(claimed, (*free, *foreign), ambiguous)


def _marked(one: Configuration, link: Link) -> bool:
    return one.marker == link.name


def _aimed(one: Configuration, link: Link) -> bool:
    return one.marker is None and one.target == link.target_id


def _left_behind(one: Configuration, link: Link) -> bool:
    return one.marker is None and one.fresh and one.name == link.label


def _located(one: Configuration, link: Link) -> Configuration:
    return replace(one, ids={**one.ids, "target": link.target_id})
