import asyncio

import httpx
import pytest
from tiny_app import TEXT, Bare, Tiny, against, client

from reconciler.emulator.server import Served

both = pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])


@both
def test_lost_request_is_a_broken_connection(http2: bool) -> None:
    async def ask(tiny: Tiny, served: Served) -> Tiny:
        async with client(served, http2=http2) as caller:
            with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                await caller.post("/lost-request", content="please")
        return tiny

    tiny = against(ask)

    assert (tiny.asked, tiny.committed) == (["please"], [])


@both
def test_lost_answer_is_a_broken_connection(http2: bool) -> None:
    async def ask(tiny: Tiny, served: Served) -> Tiny:
        async with client(served, http2=http2) as caller:
            with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                await caller.post("/lost-answer", content="please")
        return tiny

    assert against(ask).committed == ["please"]


@pytest.mark.parametrize("path", ["/lost-request", "/lost-answer"])
def test_cut_is_a_reset_without_a_byte(path: str) -> None:
    async def ask(tiny: Tiny, served: Served) -> str:
        bare = await Bare.connected(served)
        bare.ask("POST", path)
        with pytest.raises(ConnectionResetError) as broken:
            await bare.until(b"H")
        bare.close()
        return type(broken.value).__name__

    assert against(ask) == "ConnectionResetError"


@both
def test_cut_ends_one_connection_alone(http2: bool) -> None:
    async def ask(tiny: Tiny, served: Served) -> str:
        async with client(served, http2=http2) as unlucky, client(served, http2=http2) as lucky:
            waiting = asyncio.create_task(lucky.get("/wait"))
            await tiny.arrived.acquire()
            with pytest.raises(httpx.TransportError):
                await unlucky.post("/lost-answer")
            tiny.go_on.set()
            return (await waiting).text

    assert against(ask) == TEXT


@both
def test_client_comes_back_after_a_cut(http2: bool) -> None:
    async def ask(tiny: Tiny, served: Served) -> str:
        async with client(served, http2=http2) as caller:
            with pytest.raises(httpx.TransportError):
                await caller.post("/lost-answer")
            return (await caller.get("/text")).text

    assert against(ask) == TEXT


@both
@pytest.mark.parametrize("how", ["truncated", "beheaded"])
def test_truncated_answer_is_an_error(how: str, http2: bool) -> None:
    async def ask(tiny: Tiny, served: Served) -> int:
        async with client(served, http2=http2) as caller:
            with pytest.raises(httpx.TransportError):
                await caller.get(f"/shaped/{how}")
            return (await caller.get("/text")).status_code

    assert against(ask) == 200


def test_truncated_answer_keeps_its_length_and_its_beginning() -> None:
    async def ask(tiny: Tiny, served: Served) -> tuple[bytes, bytes]:
        bare = await Bare.connected(served)
        bare.ask("GET", "/shaped/truncated")
        head = await bare.until(b"\r\n\r\n")
        rest = await bare.rest()
        bare.close()
        return head, rest

    head, rest = against(ask)

    assert f"content-length: {len(TEXT)}".encode() in head
    assert rest == TEXT[:10].encode()


@pytest.mark.parametrize("how", ["truncated", "beheaded"])
def test_truncated_answer_without_a_body_does_not_arrive(how: str) -> None:
    async def ask(tiny: Tiny, served: Served) -> bytes:
        bare = await Bare.connected(served)
        bare.ask("DELETE", f"/shaped/{how}")
        rest = await bare.rest()
        bare.close()
        return rest

    assert against(ask) == b""


@both
def test_dripping_answer_arrives_whole_and_late(http2: bool) -> None:
    async def ask(tiny: Tiny, served: Served) -> tuple[str, list[float]]:
        async with client(served, http2=http2) as caller:
            return (await caller.get("/shaped/dripping")).text, tiny.slept

    assert against(ask) == (TEXT, [60, 60, 60])


@both
def test_dripping_answer_is_read_in_drops(http2: bool) -> None:
    async def ask(tiny: Tiny, served: Served) -> list[int]:
        async with client(served, http2=http2) as caller, caller.stream("GET", "/shaped/dripping") as answer:
            return [len(drop) async for drop in answer.aiter_raw()]

    assert against(ask) == [150, 150, 100]


@both
def test_shape_is_for_one_answer(http2: bool) -> None:
    async def ask(tiny: Tiny, served: Served) -> list[float]:
        async with client(served, http2=http2) as caller:
            ports = [(await caller.get("/who")).json()["port"]]
            await caller.get("/shaped/dripping")
            before = list(tiny.slept)
            ports.append((await caller.get("/who")).json()["port"])
            assert ports[0] == ports[1]
            return tiny.slept[len(before) :]

    assert against(ask) == []


def test_hanging_answer_begins_and_stays_away() -> None:
    async def ask(tiny: Tiny, served: Served) -> list[str]:
        bare = await Bare.connected(served)
        bare.ask("GET", "/shaped/hanging")
        await bare.until(b"\r\n\r\n0")
        more = asyncio.create_task(bare.until(b"0"))
        bare.ask("GET", "/text")
        async with client(served, http2=False) as other:
            await other.get("/text")
        assert not more.done()
        bare.close()
        with pytest.raises(asyncio.IncompleteReadError):
            await more
        return tiny.asked

    assert against(ask) == ["/text"]


@both
def test_hanging_answer_ends_in_the_clients_own_timeout(http2: bool) -> None:
    async def ask(tiny: Tiny, served: Served) -> None:
        async with client(served, http2=http2) as caller:
            with pytest.raises(httpx.ReadTimeout):
                await caller.get("/shaped/hanging", timeout=0.1)

    against(ask)


def test_hanging_answer_takes_its_connection_along() -> None:
    """What the client says on it afterwards, HTTP/2 allowing, reaches nobody either."""

    async def ask(tiny: Tiny, served: Served) -> list[str]:
        async with (
            client(served, http2=True) as caller,
            client(served, http2=False) as other,
            caller.stream("GET", "/shaped/hanging") as answer,
        ):
            await anext(answer.aiter_raw())
            asking = asyncio.create_task(caller.get("/text"))
            for _ in range(10):
                await other.get("/who")
            asking.cancel()
            await asyncio.wait({asking})
        return tiny.asked

    assert against(ask) == []


def test_unknown_port_is_nobodys() -> None:
    async def ask(tiny: Tiny, served: Served) -> str:
        served.proxy.cut(1)
        served.proxy.shape(1, {"hang": True})
        async with client(served, http2=False) as caller:
            return (await caller.get("/text")).text

    assert against(ask) == TEXT
