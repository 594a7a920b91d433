"""Reads the source of a link into a census: who is in scope and by which way, what they are, what the log knows.

Requests grow with pages, memory does not grow. Judges nobody, and writes nothing to a tenant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeAlias

from reconciler.errors import GraphError, NotFound, Unavailable
from reconciler.graph.client import Graph, whole
from reconciler.graph.odata import literal, segment
from reconciler.model import Body, Json
from reconciler.model.people import Route
from reconciler.previewing.census import Census, Link
from reconciler.previewing.known import Known, Seat
from reconciler.previewing.terms import Terms

PEOPLE, MEMBERS, LOG, ORGANIZATION = (
    "User.Read.All", "GroupMember.Read.All", "AuditLog.Read.All", "Organization.Read.All",
)  # fmt: skip
# Graph's own limits.
PAGE: Final = 999
_LOG_PAGE: Final = 1000
# Beyond so many, reading the whole directory takes fewer requests than asking for each.
_ONE_BY_ONE: Final = 1000
# It makes nobody's fate unknown who is in scope: so it is no reason to end otherwise.
NO_LOG: Final = (
    "who is linked is told by names and mail alone, which is less sure, and of who is not in scope any more by numbers"
)
_NOT_ALL: Final = "who is not among those who were read may be in scope all the same: what becomes of them is unknown"

Assigned: TypeAlias = Mapping[tuple[str, str], Route]
"""Who is assigned, by type and id."""


@dataclass(frozen=True, slots=True)
class Sourcing:
    """A source that is being read. `there` are assigned now, `wishes` are to be."""

    census: Census
    known: Known
    seat: Seat
    terms: Sequence[Terms]
    graph: Graph
    there: Assigned = field(default_factory=dict)
    wishes: Assigned = field(default_factory=dict)

    async def read(self) -> None:
        """Read all of it."""
        await asyncio.gather(self.domains(), self._log(), self._scope())
        await self._people()

    @property
    def everybody(self) -> bool:
        """Whether the whole directory is read."""
        return any(one.syncs_all for one in self.terms)

    async def domains(self) -> None:
        """Read which domains the source has verified."""

        async def read() -> None:
            domains = (await organization(self.graph)).get("verifiedDomains") or ()
            self.known.domains = frozenset(str(one.get("name")).lower() for one in domains)

        effect = "whether mail is in a domain that the source has verified was not checked"
        await self.known.whole(read, f"the domains of {self.seat.source}", ORGANIZATION, effect)

    # ---------------------------------------------------------------------------------------- who is in scope

    async def _scope(self) -> None:
        for key, route in {**self.wishes, **self.there}.items():
            number = self.census.keep_route(route, live=key in self.there, wanted=key in self.wishes)
            if route.type == "group":
                await self._group(route, number)
            else:
                self.census.keep_taken(number, [route.id])

    async def _group(self, route: Route, number: int) -> None:
        """Read the direct members of a group, and the groups in it, which bring nobody."""
        what = f"the members of the group {route.name or route.id} of {self.seat.source}"
        path = f"/groups/{segment(route.id)}"

        async def read() -> None:
            try:
                group = await self.graph.get(f"{path}?$select=id,displayName,securityEnabled")
            except NotFound:
                return
            if group.get("securityEnabled") is False:
                self.known.powerless.append(route)
                return
            await self._members(path, number)
            inner = f"{path}/members/microsoft.graph.group?$select=id,displayName&$top={PAGE}"
            async for page in self.graph.pages(inner):
                self.known.nested += [(route, str(one.get("id")), str(one.get("displayName") or "")) for one in page]

        if not await self.known.whole(read, what, MEMBERS, _NOT_ALL):
            self.known.scope = False

    async def _members(self, path: str, number: int) -> None:
        async for page in self.graph.pages(f"{path}/members/microsoft.graph.user?$select=id&$top={PAGE}"):
            self.census.keep_taken(number, map(_id, page))

    # ---------------------------------------------------------------------------------------- people

    @property
    def select(self) -> str:
        """What is asked of people."""
        return ",".join(sorted(frozenset().union(*(one.source_select for one in self.terms))))

    @property
    def expand(self) -> str:
        """How their managers are asked for, or ""."""
        return "&$expand=manager($select=id)" if any(one.maps_managers for one in self.terms) else ""

    async def _people(self) -> None:
        """Read what everybody is who is in scope or linked: one by one where they are few, else the whole directory."""
        ids = [] if self.everybody else list(islice(self.census.unplaced(), _ONE_BY_ONE + 1))
        if not self.everybody and len(ids) <= _ONE_BY_ONE:
            await self._singly(ids)
            return
        what = f"the users of {self.seat.source}"
        self.known.people = await self.known.whole(self._users, what, PEOPLE, _NOT_ALL)

    async def _users(self) -> None:
        async for page in self.graph.pages(f"/users?$select={self.select}{self.expand}&$top={PAGE}"):
            met = shown(page)
            self.census.keep_people(met if self.everybody else (one for one in met if self.census.knows(_id(one))))

    async def _singly(self, ids: Sequence[str]) -> None:
        """Read people by their ids; who is not there is noted as gone."""
        paths = {f"/users/{segment(one)}?$select={self.select}{self.expand}": one for one in ids}
        if not paths:
            return
        answers = await self.graph.get_all(paths)
        found: list[Body] = []
        for path, key in paths.items():
            try:
                found.append(whole(answers[path]))
            except NotFound:
                self.census.keep_gone([key])
            except GraphError as error:
                self.known.people = False
                self.known.miss(f"the user {key} of {self.seat.source}", error, PEOPLE, "their fate is unknown")
        self.census.keep_people(shown(found))

    # ---------------------------------------------------------------------------------------- the log

    async def _log(self) -> None:
        if not self.seat.job:
            return

        async def read() -> None:
            wanted = f"$filter=jobId%20eq%20{literal(self.seat.job)}&$orderby=activityDateTime%20desc"
            async for page in self.graph.pages(f"/auditLogs/provisioning?{wanted}&$top={_LOG_PAGE}"):
                self.census.keep_links(links(page, self.seat.job))

        try:
            await read()
        except GraphError as error:
            self.known.log = False
            self.known.log_exit_code = error.exit_code
            self.known.miss("the provisioning log", error, LOG, NO_LOG, exit_code=0)


async def organization(graph: Graph) -> Body:
    """Return what a tenant says of itself."""
    found = (await graph.get("/organization?$select=id,verifiedDomains")).get("value")
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], dict):
        raise Unavailable("/organization: the answer is no organization")
    said: Body = found[0]
    return said


def _id(body: Body) -> str:
    found = body.get("id")
    if not isinstance(found, str) or not found:
        raise Unavailable("a page shows an object without an id; nothing can be concluded from it")
    return found


def shown(page: Iterable[Body]) -> Iterator[Body]:
    """Yield people as the census keeps them.

    Raises:
        Unavailable: somebody is shown without an id, or without a name: an application that may not read users sees
            only ids.
    """
    for one in page:
        key = _id(one)
        if not isinstance(one.get("userPrincipalName"), str):
            raise Unavailable(f"the user {key} is shown without a name: to read people takes {PEOPLE}")
        manager = one.get("manager")
        above = {"manager": manager.get("id")} if isinstance(manager, Mapping) else {}
        yield {**{name: value for name, value in one.items() if name != "manager"}, **above}


def links(page: Iterable[Body], job: str) -> Iterator[tuple[str, Link]]:
    """Yield who is linked to whom by what the log tells."""
    for record in page:
        source, target = _object(record.get("sourceIdentity")), _object(record.get("targetIdentity"))
        key, user = source.get("id"), target.get("id")
        is_ours = record.get("jobId") in (None, job) and str(source.get("identityType") or "User").lower() == "user"
        if not is_ours or not key or not user or not _tells_of_a_link(record):
            continue
        name = _object(source.get("details")).get("UserPrincipalName")
        removed = _done(record) == ("delete", "success")
        yield str(key).lower(), Link(str(user).lower(), removed, str(name or ""), str(source.get("displayName") or ""))


def _tells_of_a_link(record: Body) -> bool:
    """Tell whether an entry that names a user of the target says that somebody is linked to them.

    What failed does not, nor does a skip: it names whoever was found. But who needs no write is linked, and so is
    whose deletion is held.
    """
    match _done(record):
        case (_, "success") | ("stageddelete", _):
            return True
        case (_, "skipped"):
            steps = record.get("provisioningSteps") or ()
            return any(_object(_object(step).get("details")).get("SkipReason") == "RedundantExport" for step in steps)
    return False


def _done(record: Body) -> tuple[str, str]:
    status = _object(record.get("provisioningStatusInfo") or record.get("statusInfo")).get("status")
    return str(record.get("provisioningAction") or record.get("action")).lower(), str(status).lower()


def _object(said: Json) -> Body:
    return said if isinstance(said, Mapping) else {}
