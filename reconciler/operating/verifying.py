"""Provisions one person on demand, and reads back the user of the target. It writes: no dry run of it exists.

What the answer means is `on_demand`'s word; asking the person at the keyboard is for the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.clock import Clock
from reconciler.errors import GraphError, NotFound, SetupError, Unanswered, Unavailable
from reconciler.graph.client import Graph
from reconciler.graph.odata import segment
from reconciler.model import Address, Body, Estate, Link, Management, Request, Tenant
from reconciler.model.operations import OnDemand, Verified
from reconciler.operating.acting import Act, Hand, act
from reconciler.operating.knowing import PEOPLE, show_user
from reconciler.operating.looking import JOBS, Connect, Job, locate, needing
from reconciler.operating.on_demand import rule_id, told

WRITES = "Synchronization.ReadWrite.All"
# What a new user of the target may take to be shown everywhere.
SHOWING = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Who is meant, by which job, and what will be sent."""

    link: Link
    job: Job
    rule: str
    user: Body

    @property
    def name(self) -> str:
        """The sign-in name of the person in the source."""
        return str(self.user.get("userPrincipalName") or self.user.get("id"))

    @property
    def request(self) -> Request:
        """What provisions the person."""
        return on_demand(self.job, self.rule, str(self.user["id"]))


def on_demand(job: Job, rule: str, user_id: str) -> Request:
    """Return what provisions one person."""
    subject = {"objectId": user_id, "objectTypeName": "User"}
    body = {"parameters": [{"ruleId": rule, "subjects": [subject]}]}
    return Request("POST", f"{job.path}/provisionOnDemand", body)


async def prepare(graph: Graph, estate: Estate, tenant: Tenant, link: Link, user: str) -> Prepared:
    """Return what it takes to provision a person, named by id or sign-in name. Writes nothing.

    Raises:
        SetupError: there is no such person, or no job.
        GraphError: something of it cannot be read.
    """
    job = await locate(graph, estate, tenant, link)
    schema_path = f"{job.path}/schema"
    user_path = f"/users/{segment(user)}?$select=id,displayName,userPrincipalName,accountEnabled"
    answers = await graph.get_all([schema_path, user_path])
    schema, person = answers[schema_path], answers[user_path]
    if isinstance(schema, GraphError):
        raise needing(JOBS, "read the job")(schema)
    if isinstance(person, NotFound):
        raise SetupError(f"{tenant.name} has no user {user!r}; name a user of the source, by id or by sign-in name")
    if isinstance(person, GraphError):
        raise needing(PEOPLE, "look people up")(person)
    if not isinstance(person.get("id"), str):
        raise Unavailable(f"{tenant.name}: the answer about {user!r} has no id; nothing was sent")
    return Prepared(link, job, rule_id(schema), person)


async def verify(ready: Prepared, graph: Graph, estate: Estate, connect: Connect, hand: Hand) -> tuple[Verified, str]:
    """Provision the person, and return what became of it, with a remark about the journal, or "".

    `graph` may write in the source; `connect` returns a client that reads the target.

    Raises:
        GraphError: it was not carried out, or nobody knows (Unanswered).
    """
    address = Address(ready.link.source, "job", ready.link.name)
    deed = Act(address, f"provision on demand {ready.user['id']}", ready.request, {})
    try:
        acted = await act(graph, deed, hand)
    except Unanswered as error:
        hint = (
            f"`reconciler logs {ready.link.name} --user {ready.user['id']}` shows in some minutes what became of it; "
            "RECONCILER_REQUEST_SECONDS lets the next one take longer"
        )
        raise error.adding(hint) from error
    except GraphError as error:
        raise needing(WRITES, "provision on demand")(error) from error
    said = told(acted.body or {})
    there, unseen, code = await _read_back(said, ready.link, estate, connect, hand.clock)
    link = ready.link
    verified = Verified(
        link.name, link.source, link.target, ready.name, str(ready.user["id"]), said, there, unseen, code
    )
    return verified, acted.remark


# ---------------------------------------------------------------------------------------------- the target


async def _read_back(
    said: OnDemand, link: Link, estate: Estate, connect: Connect, clock: Clock
) -> tuple[Mapping[str, str] | None, str, int]:
    """Return the user of the target as it is shown, or why it is not seen, and what that means for the exit code."""
    if not said.target_id:
        return None, "the service names no user of the target", 0
    tenant = estate.tenants.get(link.target)
    if tenant is None or tenant.management is Management.ELSEWHERE:
        return None, f"nobody here signs in to {link.target}", 0
    try:
        graph = connect(tenant)
    except GraphError as error:
        return None, str(error), 7
    try:
        return await _looked_up(graph, tenant, said.target_id, clock)
    finally:
        await graph.aclose()


async def _looked_up(
    graph: Graph, tenant: Tenant, user: str, clock: Clock
) -> tuple[Mapping[str, str] | None, str, int]:
    for pause in SHOWING:
        await clock.sleep(pause)
        there, unseen, _ = await show_user(graph, user)
        if there or unseen:
            return there, unseen, 7 if unseen else 0
    return None, f"{tenant.name} does not show the user {user} yet, or it is deleted there", 7
