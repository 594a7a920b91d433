"""Where the parts of links stand in one tenant, as far as this run knows, and how they are found before and after.

A new configuration is not shown everywhere at once, and a second one would be made as willingly as the first: so
absence is believed only after two looks that lie apart for longer than the service is known to lag.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.configurations import claim, find_examined
from reconciler.errors import Conflict, NotFound, Unavailable
from reconciler.graph.client import Graph
from reconciler.kinds.synchronization.job import job_id
from reconciler.live import read_item
from reconciler.model import Address, Body, Ids, Kind, Link, Part, Resource, link_of

# Seconds between the two looks that must agree that a configuration is not there.
WINDOW = 45.0
# Pauses in seconds while a new configuration is not shown to the synchronization service yet; the portal speaks of 15
# seconds, other clients wait for a minute and more.
LAGGING = (2.0, 4.0, 8.0, 15.0, 15.0, 15.0, 15.0)


@dataclass(frozen=True, slots=True)
class Place:
    """What applying has to know of one tenant beside its steps.

    `outdated` are the steps, by id, that were shown and are not right any more, although the plan as a whole is.
    `ids` are the configurations by link, and grow with what is made. `strangers` are the service principals of those
    that no link claimed when the tenant was read. `theirs` are links into tenants whose yes is not given from here,
    `made` those whose configuration this run made, or found with nothing in it yet; `created` only the former.
    """

    tenant_id: str = ""
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    ids: dict[str, Ids] = field(default_factory=dict)
    strangers: frozenset[str] = frozenset()
    theirs: frozenset[str] = frozenset()
    made: set[str] = field(default_factory=set)
    created: set[str] = field(default_factory=set)
    outdated: frozenset[str] = frozenset()

    def is_new(self, address: Address) -> bool:
        """Whether the configuration that an address belongs to was made in this run."""
        return link_of(address.key) in self.made

    def learn(self, kind: Kind, address: Address, answer: Body | None) -> None:
        """Remember what a new configuration is known by.

        Raises:
            Unavailable: when the answer does not say it.
        """
        if not isinstance(kind.endpoint, Part) or kind.endpoint.learn is None:
            return
        try:
            self._keep(address.key, kind.endpoint.learn(answer or {}))
        except (KeyError, TypeError, IndexError) as error:
            raise Unavailable(f"{address}: the answer does not show what was made") from error
        self.made.add(address.key)
        self.created.add(address.key)

    def _keep(self, name: str, ids: Ids) -> None:
        link = next(link for link in self.links if link.name == name)
        self.ids[name] = {**ids, "job": job_id(self.tenant_id, ids["appId"]), "target": link.target_id}

    async def look(self, kind: Kind, address: Address, graph: Graph) -> Resource:
        """Return the object as it is now, with all that Graph shows of it.

        Raises:
            NotFound: when the service shows no such object.
            GraphError: when nothing can be concluded.
        """
        if isinstance(kind.endpoint, Part) and kind.endpoint.once and address.key not in self.ids:
            await self._search(address, graph)
        return await read_item(kind, address, graph)

    async def still_claims(self, address: Address, graph: Graph) -> bool:
        """Tell whether the configuration that a link has by what it was found by is still its own by all that is shown.

        Raises:
            GraphError: when nothing can be concluded.
        """
        there = await find_examined(graph, self.tenant_id, self.strangers)
        found = claim(there, self.links).claimed.get(address.key)
        return found is not None and found.ids["servicePrincipal"] == self.ids[address.key]["servicePrincipal"]

    async def _search(self, address: Address, graph: Graph) -> None:
        """Look for a configuration that was made and of which no answer came, or that somebody made meanwhile."""
        known = {ids["servicePrincipal"] for ids in self.ids.values()} | self.strangers
        # Whatever came since says by itself whether it is somebody else's by now; a name alone says nothing.
        there = await find_examined(graph, self.tenant_id, known)
        links = [link for link in self.links if link.name not in self.ids and not link.absent]
        claims = claim(there, links, self.ids)
        if address.key in claims.ambiguous:
            raise Conflict(f"{address}: there is a configuration of which nobody can say whether it is the one")
        if address.key not in claims.claimed:
            raise NotFound(f"{address}: no such configuration is shown")
        found = claims.claimed[address.key]
        self._keep(address.key, found.ids)
        if found.fresh:
            self.made.add(address.key)
