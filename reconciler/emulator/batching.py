"""JSON batching: up to twenty requests in one, each answered, refused and disturbed on its own."""

from __future__ import annotations

import json
import random
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.emulator import answering, authenticating, routing
from reconciler.emulator.calls import Answer, Call, Json
from reconciler.emulator.faults import Held
from reconciler.emulator.refusals import Dropped, Omitted, Refusal, bad_request, envelope, shorten

if TYPE_CHECKING:
    from reconciler.emulator.world import World

MOST_REQUESTS = 20
"""Graph's own limit."""

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a batch. Ids are compared without case; `refusal` is what is wrong with this part alone."""

    id: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    depends_on: tuple[str, ...]
    refusal: Refusal | None


def batch(world: World, call: Call) -> Generator[float | Held, bool, Answer]:
    """Answer a batch; the answers of its parts come in any order.

    Raises:
        Refusal: 400 for the whole batch, or 401.
    """
    if call.method != "POST":
        raise Refusal(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    if len(call.body) > answering.MOST_BYTES:
        raise Refusal(413, "RequestEntityTooLarge", "The request payload is too large.")
    if call.principal is None:
        authenticating.principal(world, call)
    answers: dict[str, Json] = {}
    statuses: dict[str, int] = {}
    committed: tuple[int, ...] = ()
    for part in _ordered(parts(world, call)):
        if any(statuses.get(needed, 500) >= 400 for needed in part.depends_on):
            said = _refused(world, call, Refusal(424, "FailedDependency", "A request it depends on has failed."))
        else:
            try:
                said = yield from _answered(world, call, part)
            except Omitted:
                continue
            except Dropped:
                for sequence in committed:
                    world.store.note_answer(sequence, 0, "")
                raise
        committed += said.committed
        statuses[part.id.lower()] = said.status
        answers[part.id] = _spelled(part.id, said)
    return Answer(200, {"responses": _arranged(world, list(answers.values()))}, committed=committed)


def _answered(world: World, call: Call, part: Part) -> Generator[float | Held, bool, Answer]:
    if part.refusal:
        return _refused(world, call, part.refusal)
    path, _, options = part.url.partition("?")
    try:
        query = routing.query(options)
    except Refusal as refusal:
        return _refused(world, call, refusal)
    inner = replace(
        call,
        method=part.method,
        path=f"/{call.version}/{routing.unquoted(path)}",
        query=query,
        headers={**part.headers, "authorization": call.headers.get("authorization", "")},
        body=part.body,
        batched=True,
        times=1,
    )
    return (yield from answering.answer(world, inner))


def _refused(world: World, call: Call, refusal: Refusal) -> Answer:
    return Answer(refusal.status, envelope(refusal, world.clock.now(), call.request_id, call.client_request_id))


def _spelled(part: str, said: Answer) -> dict[str, Json]:
    """Return an answer as a batch spells it: no body where there is none, text where it is not JSON."""
    spelled: dict[str, Json] = {"id": part, "status": said.status, "headers": dict(said.headers)}
    if said.body is not None:
        spelled["body"] = said.body
    elif said.raw:
        spelled["body"] = said.raw.decode("utf-8", "replace")
    return spelled


def _arranged(world: World, answers: list[Json]) -> list[Json]:
    if world.switches.batch_order == "shuffled":
        random.Random(f"{world.new_id()}").shuffle(answers)
    return answers


# ------------------------------------------------------------------------------------------ reading the batch


def parts(world: World, call: Call) -> list[Part]:
    """Return the requests of a batch in the order in which they were sent.

    Raises:
        Refusal: 400, when the batch as a whole makes no sense.
    """
    requests = call.object().get("requests")
    if not isinstance(requests, list) or not requests:
        raise bad_request("Invalid batch payload format.", code="BadRequest")
    if len(requests) > MOST_REQUESTS:
        raise bad_request(f"Number of batch request steps exceeds max value of {MOST_REQUESTS}.", code="BadRequest")
    made = [_part(world, request) for request in requests]
    ids = [part.id.lower() for part in made]
    if len(set(ids)) != len(ids):
        raise bad_request("The ids of the requests of a batch must be unique.", code="BadRequest")
    if any(needed not in ids for part in made for needed in part.depends_on):
        raise bad_request("A request depends on one that is not in the batch.", code="BadRequest")
    return made


def _part(world: World, said: Json) -> Part:
    match said:
        case {"id": str() as name, "method": str() as method, "url": str() as url} if name and url:
            method = method.upper()
        case _:
            raise bad_request("Each request of a batch must have an id, a method and a url.", code="BadRequest")
    headers, needs, body = said.get("headers") or {}, said.get("dependsOn") or [], said.get("body")
    if not isinstance(headers, Mapping) or not isinstance(needs, list) or method not in _METHODS:
        raise bad_request(f"The request '{shorten(name)}' of the batch is malformed.", code="BadRequest")
    lowered = {str(key).lower(): routing.printable(str(value)) for key, value in headers.items()}
    absolute = "://" in url.partition("?")[0]
    if absolute and world.switches.batch_absolute_url == "whole":
        raise bad_request("The URLs of a batch must be relative.", code="BadRequest")
    refusal = _refusal(url, absolute, body, lowered)
    sent = b"" if body is None else json.dumps(body).encode()
    return Part(name, method, url, lowered, sent, tuple(str(needed).lower() for needed in needs), refusal)


def _refusal(url: str, absolute: bool, body: Json, headers: Mapping[str, str]) -> Refusal | None:
    if absolute:
        return bad_request(f"Invalid request url '{shorten(url)}': it must be relative.", code="BadRequest")
    if url.partition("?")[0].strip("/").lower() == "$batch":
        return bad_request("A batch cannot hold another batch.", code="BadRequest")
    if body is not None and "application/json" not in headers.get("content-type", ""):
        return bad_request("A request with a body must have the header Content-Type.", code="BadRequest")
    return None


def _ordered(made: Sequence[Part]) -> list[Part]:
    """Return the parts so that each comes after those that it depends on.

    Raises:
        Refusal: 400, when they depend on each other in a circle.
    """
    waiting, done, order = list(made), set[str](), list[Part]()
    while waiting:
        ready = next((part for part in waiting if done.issuperset(part.depends_on)), None)
        if ready is None:
            raise bad_request("The requests of the batch depend on each other in a circle.", code="BadRequest")
        waiting.remove(ready)
        done.add(ready.id.lower())
        order.append(ready)
    return order
