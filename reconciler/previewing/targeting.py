"""Reads the target of a link into a census: its users, its bin, and who of its own holds an address.

All users are read, and not only external ones: an account of the target's own that holds somebody's address is what
keeps them out. Requests grow with pages, memory does not grow. Judges nobody, and writes nothing to a tenant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reconciler.errors import NotFound
from reconciler.graph.client import Graph
from reconciler.graph.odata import segment
from reconciler.model import Body
from reconciler.previewing.census import Census, Holder
from reconciler.previewing.known import Known, Seat
from reconciler.previewing.sourcing import ORGANIZATION, PAGE, PEOPLE, organization, shown
from reconciler.previewing.terms import Terms

GROUPS, _POLICY = "GroupMember.Read.All", "Policy.Read.All"
# Accounts whose home is elsewhere.
_EXTERNAL = frozenset({"Invitation", "SelfServiceSignUp"})


def is_external(body: Body) -> bool:
    """Tell whether a user has their account elsewhere."""
    return body.get("creationType") in _EXTERNAL or bool(body.get("externalUserState")) or is_named_external(body)


def is_named_external(body: Body) -> bool:
    """Tell whether the name of a user says that their account is elsewhere."""
    return "#EXT#" in str(body.get("userPrincipalName") or "").upper()


@dataclass(frozen=True, slots=True)
class Targeting:
    """A target that is being read."""

    census: Census
    known: Known
    seat: Seat
    terms: Sequence[Terms]
    graph: Graph

    async def read(self) -> None:
        """Read all of it."""
        await asyncio.gather(
            self.name(), self._all_users(), self._bin(), self._groups(), self.policy(), self._permission()
        )

    async def name(self) -> None:
        """Read what the names of external users end with."""

        async def read() -> None:
            domains = (await organization(self.graph)).get("verifiedDomains") or ()
            self.known.initial_domain = next((str(one["name"]) for one in domains if one.get("isInitial")), "")

        effect = "the names that people would have there are not known, and nobody is found by them"
        await self.known.whole(read, f"the initial domain of {self.seat.target}", ORGANIZATION, effect)

    async def _all_users(self) -> None:
        effect = "who was not found among those who were read may be there all the same: their fate is unknown"
        what = f"the users of {self.seat.target}"
        self.known.users = await self.known.whole(self._users, what, PEOPLE, effect)

    async def _users(self) -> None:
        async for page in self.graph.pages(f"/users?$select={self.select}{self.expand}&$top={PAGE}"):
            self.keep(page)

    def keep(self, page: Iterable[Body]) -> None:
        """Keep users who are there, and which addresses those hold who are the target's own."""
        users = list(shown(page))
        self.census.keep_users((one, is_external(one)) for one in users)
        own = (one for one in users if not is_external(one))
        self.census.keep_addresses(pair for one in own for pair in held("user", one))

    async def _bin(self) -> None:
        async def read() -> None:
            path = f"/directory/deletedItems/microsoft.graph.user?$select={self.select}&$top={PAGE}"
            async for page in self.graph.pages(path):
                self.census.keep_users(((one, True) for one in shown(page)), binned=True)

        effect = "whose user is neither read nor in the bin is not known: their fate is unknown"
        self.known.bin = await self.known.whole(read, f"the bin of {self.seat.target}", PEOPLE, effect)

    async def _groups(self) -> None:
        async def read() -> None:
            select = "id,displayName,mail,proxyAddresses"
            async for page in self.graph.pages(f"/groups?$filter=mailEnabled%20eq%20true&$select={select}&$top={PAGE}"):
                self.census.keep_addresses(pair for one in page for pair in held("group", one))

        effect = "a group that holds somebody's address would not be seen"
        await self.known.whole(read, f"the groups with mail of {self.seat.target}", GROUPS, effect)

    async def policy(self) -> None:
        """Read whether anybody may be invited."""

        async def read() -> None:
            policy = await self.graph.get("/policies/authorizationPolicy?$select=allowInvitesFrom")
            self.known.invites_nobody = policy.get("allowInvitesFrom") == "none"

        effect = "whether anybody may be invited there was not checked"
        await self.known.whole(read, f"the authorization policy of {self.seat.target}", _POLICY, effect)

    async def _permission(self) -> None:
        """Read whether the target lets the source create people at all."""
        if not self.seat.source_id:
            return

        async def read() -> None:
            path = f"/policies/crossTenantAccessPolicy/partners/{segment(self.seat.source_id)}/identitySynchronization"
            try:
                inbound = (await self.graph.get(path)).get("userSyncInbound")
            except NotFound:
                inbound = None
            allowed = inbound.get("isSyncAllowed") if isinstance(inbound, Mapping) else None
            self.known.lets_nobody_in = allowed is not True

        effect = "whether the target lets the source create people was not checked"
        what = f"what {self.seat.target} lets {self.seat.source} do"
        await self.known.whole(read, what, _POLICY, effect)

    @property
    def expand(self) -> str:
        """How their managers are asked for, or ""."""
        return "&$expand=manager($select=id)" if any(one.maps_managers for one in self.terms) else ""

    @property
    def select(self) -> str:
        """What is asked of users."""
        return ",".join(sorted(frozenset().union(*(one.target_select for one in self.terms))))


def held(kind: Literal["user", "group"], body: Body) -> Iterator[tuple[str, Holder]]:
    """Yield the addresses that somebody holds, and who it is."""
    name = str(body.get("userPrincipalName") or body.get("displayName") or "")
    holder = Holder(kind, str(body.get("id")), name)
    proxies = [address for one in body.get("proxyAddresses") or () if (address := str(one).partition(":")[2])]
    mail = body.get("mail")
    # A user's mail is one of their proxy addresses where they have any.
    if isinstance(mail, str) and mail and (kind == "group" or not proxies):
        proxies.append(mail)
    yield from ((address, holder) for address in proxies)
