"""Provisions several people on demand, one after the other, within the rate of the service. It writes.

Who they are, and what is expected of it, was shown before: whoever is not in the queue is not sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from reconciler.errors import (
    Conflict,
    GraphError,
    NotFound,
    Refused,
    SetupError,
    Unanswered,
)
from reconciler.graph.client import Graph
from reconciler.model import Address, Estate, Link, Tenant
from reconciler.model.haste import Due, End, Haste, Hastened, Queue
from reconciler.model.operations import LinkState, LinkStatus
from reconciler.operating.acting import Act, Hand, act
from reconciler.operating.looking import JOBS, Job, locate, needing
from reconciler.operating.on_demand import rule_id, told
from reconciler.operating.restarting import Shown, show
from reconciler.operating.verifying import WRITES, on_demand

# The service's own limit is five requests in ten seconds.
PAUSE = 2.0
_ONLY_THIS_ONE = (NotFound, Conflict, Refused)


async def running(graph: Graph, estate: Estate, tenant: Tenant, link: Link, now: datetime) -> Shown:
    """Return the job of a link, which runs and has had its first cycle.

    Raises:
        SetupError: it does not, or has not.
        GraphError: it cannot be read.
    """
    shown = await show(graph, estate, tenant, link, now)
    if shown.status.state is not LinkState.RUNNING:
        raise SetupError(
            f"{link.name}: its job is {shown.status.state}; people are provisioned ahead of a cycle only where cycles "
            f"run; `reconciler status {link.name}` says more"
        )
    return shown


def since_last_cycle(status: LinkStatus) -> datetime:
    """Return when the last cycle began: what changed after that, it may not have seen.

    Raises:
        SetupError: the service does not say when that was.
    """
    if status.last is None or status.last.began is None:
        raise SetupError(f"{status.link}: the service does not say when the last cycle began; name a time instead")
    return status.last.began


async def hasten(
    queue: Queue, graph: Graph, estate: Estate, tenant: Tenant, link: Link, hand: Hand, stopping: Callable[[], bool]
) -> Haste:
    """Provision everybody in the queue who is sent, and return what became of each.

    What concerns one person alone, such as a refusal, does not keep the others waiting; anything else ends the run,
    and so does `stopping`: the rest is told as not sent.

    Raises:
        SetupError: there is no job any more; nobody was sent.
        GraphError: it cannot be read; nobody was sent.
    """
    job = await locate(graph, estate, tenant, link)
    rule = await _rule(graph, job)
    people: list[Hastened] = []
    remarks: list[str] = []
    halt = ""
    for one in queue.sent:
        if people and not halt:
            await hand.clock.sleep(PAUSE)
        halt = halt or ("it was asked to end" if stopping() else "")
        if halt:
            people.append(Hastened(one, end=End.NOT_SENT, detail=halt))
            continue
        done, remark, halt = await _send(one, job, rule, graph, link, hand)
        people.append(done)
        remarks += remark
    return Haste(queue, tuple(people), tuple(remarks))


async def _rule(graph: Graph, job: Job) -> str:
    try:
        return rule_id(await graph.get(f"{job.path}/schema"))
    except GraphError as error:
        raise needing(JOBS, "read the job")(error) from error


async def _send(
    one: Due, job: Job, rule: str, graph: Graph, link: Link, hand: Hand
) -> tuple[Hastened, Iterator[str], str]:
    """Return what became of one person, remarks, and why nobody else is sent, or ""."""
    user = one.touched.id
    deed = Act(Address(link.source, "job", link.name), f"provision on demand {user}", on_demand(job, rule, user), {})
    try:
        acted = await act(graph, deed, hand)
    except Unanswered as error:
        return Hastened(one, end=End.UNANSWERED, detail=str(error)), iter(()), "no answer came for the one before"
    except _ONLY_THIS_ONE as error:
        return Hastened(one, end=End.REFUSED, detail=str(error)), iter(()), ""
    except GraphError as error:
        words = str(needing(WRITES, "provision on demand")(error))
        return Hastened(one, end=End.REFUSED, detail=words), iter(()), "the one before could not be sent"
    except SetupError as error:
        return Hastened(one, end=End.NOT_SENT, detail=str(error)), iter(()), "what is sent could not be noted"
    return Hastened(one, said=told(acted.body or {})), iter([acted.remark] if acted.remark else ()), ""
