"""A world served on loopback: HTTP/1.1 and HTTP/2 over TLS, in one process and one event loop that own all state.

The parts, from the client's side: on request a tunnel that answers for public host names, proxy (wire), granian with
TLS, shaping, the app. Nothing listens but on loopback.
granian raises the limit of open files as far as it may: a connection costs three.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server as Granian

from reconciler.emulator.authority import Authority
from reconciler.emulator.clouds import PUBLIC_HOSTS
from reconciler.emulator.folders import lodged
from reconciler.emulator.shaping import Application, Shaped, Sleep
from reconciler.emulator.tunneling import tunneling
from reconciler.emulator.wire import BACKLOG, LOOPBACK, Proxy

if TYPE_CHECKING:
    from reconciler.emulator.world import World

# Some clients leave a connection idle for 90 seconds and use it again.
IDLE_MILLISECONDS: Final = 120_000
START_ATTEMPTS, START_PAUSE_SECONDS = 2_000, 0.005
STOP_SECONDS: Final = 5.0

_LOGGING: Final = {
    "handlers": {
        name: {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}
        for name in ("console", "access")
    }
}


class ServerFailed(Exception):
    """The server could not be started, or ended by itself."""


@dataclass(frozen=True, slots=True)
class Served:
    """Where a world can be reached, and the file that clients have to trust. `running` ends with the server.

    `tunnel` is the URL of the proxy for clients with built-in host names, or "" where nobody asked for one.
    """

    url: str
    ca_file: Path
    port: int
    proxy: Proxy
    running: asyncio.Task[None]
    tunnel: str = ""


@asynccontextmanager
async def serving(
    world: World,
    *,
    port: int = 0,
    tunnel_port: int | None = None,
    authority: Authority | None = None,
    ca_file: Path | None = None,
) -> AsyncIterator[Served]:
    """Serve a world until the block ends; port 0 is any free one, and a tunnel is opened only where it has a port.

    Raises:
        OSError: when the port is taken, or the CA file cannot be written.
        ServerFailed: when the server does not start.
    """
    from reconciler.emulator.asgi import app

    async with serving_app(
        app(world),
        sleep=world.clock.sleep,
        port=port,
        tunnel_port=tunnel_port,
        authority=authority,
        ca_file=ca_file,
    ) as served:
        world.wire = served.proxy
        try:
            yield served
        finally:
            world.wire = None


@asynccontextmanager
async def serving_app(
    app: Application,
    *,
    sleep: Sleep = asyncio.sleep,
    port: int = 0,
    tunnel_port: int | None = None,
    authority: Authority | None = None,
    ca_file: Path | None = None,
) -> AsyncIterator[Served]:
    """Serve any ASGI app the way a world is served."""
    authority = authority or Authority()
    with nullcontext(ca_file.parent) if ca_file else lodged() as folder, _reserved_port() as behind:
        ca_file = ca_file or folder / "ca.pem"
        authority.write(ca_file)
        proxy = Proxy(behind)
        public = await proxy.listen(port)
        shaped = Shaped(app, proxy, sleep)
        try:
            names = () if tunnel_port is None else PUBLIC_HOSTS
            async with tunneling(tunnel_port, public) as tunnel, _granian(shaped, behind, authority, names) as running:
                await proxy.start()
                try:
                    yield Served(f"https://{LOOPBACK}:{public}", ca_file, public, proxy, running, tunnel)
                finally:
                    # First whoever is connected: granian would wait for them.
                    proxy.stop()
                    shaped.stop()
        finally:
            proxy.stop()


@asynccontextmanager
async def _granian(
    app: Application, port: int, authority: Authority, names: tuple[str, ...]
) -> AsyncIterator[asyncio.Task[None]]:
    """Run granian in this event loop until the block ends; the block begins when it answers to loopback and `names`."""
    with authority.issued(*names) as pair:
        server: Any = Granian(
            app,
            address=LOOPBACK,
            port=port,
            interface=Interfaces.ASGINL,
            backlog=BACKLOG,
            http1_settings=HTTP1Settings(header_read_timeout=IDLE_MILLISECONDS),
            websockets=False,
            log_level=LogLevels.error,
            log_dictconfig=_LOGGING,
            ssl_cert=pair.certificate,
            ssl_key=pair.key,
            ssl_protocol_min=SSLProtocols.tls12,
        )
        running: asyncio.Task[None] = asyncio.create_task(server.serve())
        try:
            await _until_answering(port, authority, running)
        except BaseException:
            running.cancel()
            raise
    try:
        yield running
    finally:
        server.stop()
        # Nobody who connected around the proxy keeps us.
        await asyncio.wait({running}, timeout=STOP_SECONDS)


def serve(
    world: World,
    *,
    port: int = 0,
    tunnel_port: int | None = None,
    authority: Authority | None = None,
    ca_file: Path | None = None,
    ready: Callable[[Served], None],
) -> signal.Signals:
    """Serve a world until SIGINT or SIGTERM, and return which; `ready` is called when connections are accepted.

    Raises:
        OSError: when the port is taken, or a file cannot be written.
        ServerFailed: when the server does not start, or ends by itself.
    """
    place = serving(world, port=port, tunnel_port=tunnel_port, authority=authority, ca_file=ca_file)
    return asyncio.run(_serve_until_signal(place, ready))


async def _serve_until_signal(
    place: AbstractAsyncContextManager[Served], ready: Callable[[Served], None]
) -> signal.Signals:
    loop = asyncio.get_running_loop()
    came: asyncio.Future[signal.Signals] = loop.create_future()

    def note(number: signal.Signals) -> None:
        if not came.done():
            came.set_result(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, note, number)
    async with place as served:
        ready(served)
        either: set[asyncio.Future[Any]] = {came, served.running}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not came.done():
            raise ServerFailed("the server ended by itself") from served.running.exception()
        return came.result()


@contextmanager
def _reserved_port() -> Iterator[int]:
    """Yield a port that nobody is given before the server takes it, which says of a port of its own choice nothing."""
    with socket.socket() as reserving:
        reserving.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserving.bind((LOOPBACK, 0))
        yield reserving.getsockname()[1]


async def _until_answering(port: int, authority: Authority, running: asyncio.Task[None]) -> None:
    """Return when a handshake succeeds.

    Raises:
        ServerFailed: when the server has ended, or does not answer in time.
    """
    context = ssl.create_default_context(cadata=authority.pem.decode())
    for _ in range(START_ATTEMPTS):
        if running.done():
            raise ServerFailed("the server ended as soon as it was started") from running.exception()
        with suppress(ConnectionRefusedError):
            _, writer = await asyncio.open_connection(LOOPBACK, port, ssl=context)
            writer.close()
            await writer.wait_closed()
            return
        await asyncio.sleep(START_PAUSE_SECONDS)
    raise ServerFailed("the server was started and does not answer")
