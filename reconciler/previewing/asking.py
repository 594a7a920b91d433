"""One person instead of everybody: the same census and the same judgement, for a handful of requests.

What is looked for is what may matter to that person alone: their account, their groups, their lines of the log, who
they are in the target or who is in their way there, and the same of their manager.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.errors import GraphError, NotFound, Refused
from reconciler.graph.client import Graph
from reconciler.graph.odata import literal, segment
from reconciler.model import Body
from reconciler.previewing.census import Census, Person
from reconciler.previewing.known import Known, Seat
from reconciler.previewing.sourcing import LOG, MEMBERS, NO_LOG, PEOPLE, Assigned, Sourcing, links, shown
from reconciler.previewing.targeting import Targeting, held
from reconciler.previewing.terms import Terms

_UNSURE = "what becomes of them is unknown"


@dataclass(frozen=True, slots=True)
class Asking:
    """One person who is being looked up. `target` is None where nobody can look there."""

    census: Census
    known: Known
    seat: Seat
    terms: Terms
    assigned: Assigned
    source: Graph
    target: Graph | None

    async def read(self, word: str) -> str:
        """Read what matters to somebody, named by id, principal name or mail; return their id, "" for nobody.

        Raises:
            GraphError: whether there is such a person cannot be had.
        """
        source = Sourcing(self.census, self.known, self.seat, [self.terms], self.source)
        await source.domains()
        if self.target is not None:
            target = Targeting(self.census, self.known, self.seat, [self.terms], self.target)
            await target.name()
            await target.policy()
        key = await self._person(word)
        if not key:
            return ""
        person = self.census.person(key)
        manager = str((person.body or {}).get("manager") or "") if person else ""
        if self.terms.maps_managers and manager and await self._person(manager):
            await self._around(manager)
        await self._around(key)
        return key

    # ---------------------------------------------------------------------------------------- the source

    async def _person(self, word: str) -> str:
        body = await self._found(word)
        key = str(body["id"]) if body else word.lower()
        if body:
            self.census.keep_people(shown([body]))
        await self._log(key)
        if body is None:
            self.census.keep_gone([key])
        return key if self.census.person(key) else ""

    async def _found(self, word: str) -> Body | None:
        source = Sourcing(self.census, self.known, self.seat, [self.terms], self.source)
        asked = f"$select={source.select}{source.expand}"
        try:
            return await self.source.get(f"/users/{segment(word)}?{asked}")
        except (NotFound, Refused):
            if "@" not in word:
                return None
        found = await self._listed(self.source, f"/users?$filter=mail%20eq%20{literal(word)}&{asked}")
        return found[0] if found else None

    async def _log(self, key: str) -> None:
        if not self.seat.job:
            return
        asked = f"jobId%20eq%20{literal(self.seat.job)}%20and%20sourceIdentity/id%20eq%20{literal(key)}"
        path = f"/auditLogs/provisioning?$filter={asked}&$orderby=activityDateTime%20desc&$top=100"
        try:
            async for page in self.source.pages(path):
                self.census.keep_links(links(page, self.seat.job))
        except GraphError as error:
            self.known.log = False
            self.known.miss("the provisioning log", error, LOG, NO_LOG, exit_code=0)

    async def _around(self, key: str) -> None:
        person = self.census.person(key)
        if person is None:
            return
        if person.body is not None and not self.terms.syncs_all:
            await self._routes(key)
        target = self.target
        if target is not None:
            what = f"who {key} is in {self.seat.target}"
            is_whole = await self.known.whole(lambda: self._there(target, person), what, PEOPLE, _UNSURE)
            self.known.users = self.known.users and is_whole

    async def _routes(self, key: str) -> None:
        groups: list[Body] = []

        async def read() -> None:
            select = "$select=id,displayName,securityEnabled&$top=999"
            groups.extend(
                await self._listed(self.source, f"/users/{segment(key)}/memberOf/microsoft.graph.group?{select}")
            )

        what = f"by which groups {key} is in scope"
        self.known.scope = await self.known.whole(read, what, MEMBERS, _UNSURE) and self.known.scope
        counting = (str(one.get("id")) for one in groups if one.get("securityEnabled") is not False)
        for kind, principal in (("user", key), *(("group", one) for one in counting)):
            if (kind, principal) in self.assigned:
                number = self.census.keep_route(self.assigned[kind, principal], live=True, wanted=True)
                self.census.keep_taken(number, [key])

    # ---------------------------------------------------------------------------------------- the target

    async def _there(self, target: Graph, person: Person) -> None:
        body = person.body or {}
        targeting = Targeting(self.census, self.known, self.seat, [self.terms], target)
        if person.link is not None:
            await self._linked(target, person.link.target, targeting)
            return
        name, mail = str(body.get("userPrincipalName") or ""), str(body.get("mail") or "")
        domain = self.known.initial_domain
        computed = f"{name.replace('@', '_')}#EXT#@{domain}" if name and domain else ""
        for attribute, value in (("userPrincipalName", computed), ("mail", mail)):
            if value:
                asked = f"$filter={attribute}%20eq%20{literal(value)}&$select={targeting.select}{targeting.expand}"
                targeting.keep(await self._listed(target, f"/users?{asked}"))
        await self._holders(target, mail or name, targeting)

    async def _linked(self, target: Graph, key: str, targeting: Targeting) -> None:
        try:
            targeting.keep([await target.get(f"/users/{segment(key)}?$select={targeting.select}{targeting.expand}")])
        except NotFound:
            try:
                found = await target.get(f"/directory/deletedItems/{segment(key)}?$select={targeting.select}")
            except NotFound:
                return
            self.census.keep_users([(one, True) for one in shown([found])], binned=True)

    async def _holders(self, target: Graph, address: str, targeting: Targeting) -> None:
        """Look for who of the target's own holds an address."""
        spelled = (literal(f"{prefix}:{address}") for prefix in ("SMTP", "smtp"))
        held_by = "%20or%20".join(f"proxyAddresses/any(p:p%20eq%20{one})" for one in spelled)
        targeting.keep(await self._listed(target, f"/users?$filter={held_by}&$select={targeting.select}"))
        either = f"{held_by}%20or%20mail%20eq%20{literal(address)}"
        path = f"/groups?$filter={either}&$select=id,displayName,mail,proxyAddresses"
        groups = await self._listed(target, path)
        self.census.keep_addresses(pair for one in groups for pair in held("group", one))

    async def _listed(self, graph: Graph, path: str) -> list[Body]:
        return [one async for page in graph.pages(path) for one in page]
