"""One request from its arrival to its answer: faults before, the route, faults after, and the journal's last word.

The steps are a generator, so that one account of them serves callers who can await and callers who cannot. It yields
what has to be waited for: seconds, or a held request, for which it is told whether to go on.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from reconciler.emulator import authenticating, batching, lending
from reconciler.emulator.calls import Answer, Call, Json, Route
from reconciler.emulator.committing import note_uncommitted
from reconciler.emulator.fault_rules import Rule
from reconciler.emulator.faults import Held
from reconciler.emulator.refusals import Dropped, Omitted, Refusal, denied, envelope

if TYPE_CHECKING:
    from reconciler.emulator.world import World

Steps: TypeAlias = Generator[float | Held, bool, Answer]

MOST_BYTES = 4 * 1024 * 1024
"""Graph's own limit of a request body."""

_HELD_AT_MOST = 60.0
_GARBAGE = {
    "html": (b"<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html"),
    "cut": (b'{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata", "val', "application/json"),
    "empty": (b"", "application/json"),
}


async def serve(world: World, call: Call) -> Answer:
    """Answer a request.

    Raises:
        Dropped: when a fault cuts the connection.
    """
    with closing(answer(world, call)) as steps:
        told: bool | None = None
        while True:
            try:
                pause = next(steps) if told is None else steps.send(told)
            except StopIteration as end:
                return _answer(end)
            told = await _waited(world, pause)


async def _waited(world: World, pause: float | Held) -> bool:
    if isinstance(pause, Held):
        return await asyncio.wrap_future(pause.released)
    await world.clock.sleep(pause)
    return True


def serve_now(world: World, call: Call) -> Answer:
    """Answer a request for a caller that cannot await; a virtual clock just moves.

    Raises:
        Dropped: when a fault cuts the connection.
    """
    with closing(answer(world, call)) as steps:
        told: bool | None = None
        while True:
            try:
                pause = next(steps) if told is None else steps.send(told)
            except StopIteration as end:
                return _answer(end)
            told = _waited_now(world, pause)


def _waited_now(world: World, pause: float | Held) -> bool:
    if isinstance(pause, Held):
        return pause.released.result(timeout=_HELD_AT_MOST)
    world.clock.wait(pause)
    return True


def _answer(end: StopIteration) -> Answer:
    value = end.value
    if not isinstance(value, Answer):
        raise TypeError(f"the steps of a request end with an answer, not with {value!r}")
    return value


def answer(world: World, call: Call) -> Steps:
    """Take a request through all its steps.

    Raises:
        Dropped: when a fault cuts the connection.
        Omitted: when a fault leaves the answer out of its batch.
    """
    world.catch_up()
    call = _arrived(world, call)
    world.requests.count(call)
    rules = () if call.principal else world.faults.strike(call)
    names = ",".join(rule.id for rule in rules)
    decided: Answer | None = None
    try:
        call, said = yield from _before(world, call, rules)
        if said is None:
            said = decided = yield from _carried_out(world, call)
        said = yield from _after(world, call, rules, said)
    except (Dropped, Omitted, GeneratorExit):
        # The last is a caller who gave up while the request was held or delayed.
        _book(world, call, decided, 0, names)
        raise
    _book(world, call, decided, said.status, names)
    return _finished(world, call, said)


def carry_out_late(world: World, call: Call) -> None:
    """Carry out a request whose caller was told long ago that it had failed."""
    try:
        said = decide(world, call)
    except Refusal as refusal:
        said = Answer(refusal.status)
    _book(world, call, said, 0, "late")


def decide(world: World, call: Call) -> Answer:
    """Answer a request by its route, without faults and without waiting.

    Raises:
        Refusal: when the service says no.
    """
    if len(call.body) > MOST_BYTES:
        raise Refusal(413, "RequestEntityTooLarge", "The request payload is too large.")
    route, caught, call = _routed(world, call)
    said = route.handler(world, call, caught)
    return replace(said, headers={"x-ms-resource-unit": str(_units(route, call)), **said.headers})


def _routed(world: World, call: Call) -> tuple[Route, dict[str, str], Call]:
    if not call.is_graph:
        route, caught = world.open_routes.find(call.method, call.path)
        return route, dict(caught), call
    who = call.principal or authenticating.principal(world, call)
    route, caught = world.graph_routes.find(call.method, call.path.removeprefix(f"/{call.version}"))
    if not who.may(route.permissions) or not lending.allowed(who, call, route):
        raise denied()
    return route, dict(caught), replace(call, principal=who)


def _units(route: Route, call: Call) -> int:
    """Return what a call costs, by the rules of the throttling documentation."""
    top = call.query.get("$top", "")
    few = top.isascii() and top.isdigit() and len(top) < 3 and int(top) < 20
    return max(1, route.units - ("$select" in call.query) + ("$expand" in call.query) - few)


# ------------------------------------------------------------------------------------------ the steps


def _arrived(world: World, call: Call) -> Call:
    """Return the request with an id of its own, in one spelling, and with the tenant that it names."""
    made = world.new_id()
    call = replace(
        call,
        path=world.spelling.path(call.path),
        request_id=made,
        client_request_id=call.headers.get("client-request-id", "") or made,
    )
    return call if call.principal else replace(call, tenant=authenticating.claimed_tenant(world, call))


def _before(
    world: World, call: Call, rules: tuple[Rule, ...]
) -> Generator[float | Held, bool, tuple[Call, Answer | None]]:
    """Let the rules act that come before the request is carried out; an answer means that it is not."""
    for rule in rules:
        match rule.phase, rule.action:
            case "after-commit", _:
                continue
            case _, "stale":
                call = replace(call, lags=(*call.lags, replace(rule.value, rule=rule.id, born=rule.born)))
            case _, "expire-token":
                world.faults.expire(call.token)
            case _, "revoke-role":
                _revoke(world, call, rule.value)
            case _, "duplicate":
                call = replace(call, times=call.times + 1)
            case _, "claims":
                call = replace(call, claims={**call.claims, **rule.value})
            case _, "late":
                world.later(rule.value, call)
                return call, _fault_answer(world, call, 504, None, {})
            case _:
                said = yield from _disturbed(world, call, rule, None)
                if said is not None:
                    return call, said
    return call, None


def _revoke(world: World, call: Call, role: str) -> None:
    claims = world.signer.claims(call.token) or {}
    world.faults.revoke(call.tenant, str(claims.get("appid", "")).lower(), role)


def _carried_out(world: World, call: Call) -> Steps:
    said = Answer(0)
    committed: tuple[int, ...] = ()
    for _ in range(call.times):
        try:
            said = (yield from batching.batch(world, call)) if call.is_batch else decide(world, call)
        except Refusal as refusal:
            body = envelope(refusal, world.clock.now(), call.request_id, call.client_request_id)
            said = Answer(refusal.status, body, refusal.headers)
        committed += said.committed
    return replace(said, committed=committed)


def _after(world: World, call: Call, rules: tuple[Rule, ...], said: Answer) -> Generator[float | Held, bool, Answer]:
    """Let the rules act that come after the request was carried out."""
    for rule in rules:
        if rule.phase == "after-commit":
            said = (yield from _disturbed(world, call, rule, said)) or said
    return said


def _disturbed(
    world: World, call: Call, rule: Rule, said: Answer | None
) -> Generator[float | Held, bool, Answer | None]:
    """Return what a rule makes of an answer; before there is one, None leaves the request to its way."""
    value = rule.value
    match rule.action:
        case "status":
            return _fault_answer(world, call, value["status"], value["body"], value["headers"])
        case "garbage":
            raw, content_type = _GARBAGE[value]
            return Answer(200, raw=raw, content_type=content_type)
        case "headers" if said is not None:
            return replace(said, headers={**said.headers, **value})
        case "delay":
            yield value
        case "hold":
            if not (yield world.faults.hold(rule, call)):
                raise Dropped
        case "drop":
            raise Dropped
        case "omit":
            raise Omitted
        case "truncate" | "drip" | "hang":
            world.shape(call.port, {rule.action: value})
    return said


def _fault_answer(world: World, call: Call, status: int, body: Json, headers: dict[str, str]) -> Answer:
    if body is None and status >= 400:
        codes = {429: "TooManyRequests", 503: "ServiceUnavailable", 504: "GatewayTimeout", 409: "Conflict"}
        refusal = Refusal(status, codes.get(status, "UnknownError"), "The request could not be carried out.")
        body = envelope(refusal, world.clock.now(), call.request_id, call.client_request_id)
    return Answer(status, body, headers)


def _book(world: World, call: Call, decided: Answer | None, answered: int, fault: str) -> None:
    """Write down what became of a write; what was committed is in the journal already."""
    if call.is_batch:
        _book_parts(world, decided, answered, fault)
    elif not call.writes:
        return
    elif decided is None or not decided.committed:
        kind, key = world.about(call)
        note_uncommitted(world, call, kind, key, decided.status if decided else 0, answered, fault)
    elif answered != decided.status or fault:
        for sequence in decided.committed:
            world.store.note_answer(sequence, answered, fault)


def _book_parts(world: World, decided: Answer | None, answered: int, fault: str) -> None:
    """Correct what the journal says of the writes of a batch, when the answer to the batch did not arrive."""
    if decided is not None and answered != decided.status:
        for sequence in decided.committed:
            world.store.note_answer(sequence, answered, fault)


def encoded(body: Json) -> bytes:
    """Return a body as JSON bytes."""
    return json.dumps(body, separators=(",", ":")).encode()


def _finished(world: World, call: Call, said: Answer) -> Answer:
    """Return the answer with the headers that all answers have, and its body as bytes."""
    raw, content_type = said.raw, said.content_type
    if raw is None and not call.batched:
        raw = b"" if said.body is None else encoded(said.body)
    content_type = content_type or ("application/json" if raw or said.body is not None else "")
    headers = {
        "request-id": call.request_id,
        "client-request-id": call.client_request_id,
        "Date": world.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT"),
        **({"Content-Type": content_type} if content_type else {}),
        **said.headers,
    }
    if call.is_graph and content_type == "application/json" and said.raw is None:
        headers["Content-Type"] = "application/json;odata.metadata=minimal;odata.streaming=true;charset=utf-8"
        headers["OData-Version"] = "4.0"
    return replace(said, raw=raw, content_type=content_type, headers=headers)
