"""`reconciler emulate`: a stand-in for Microsoft Graph and sign-in on this machine, for rehearsals and tests.

Prints what to set in a shell, and serves until it is stopped. Writes to no tenant, and listens on loopback only.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from reconciler.cli import options
from reconciler.cli.site import Site
from reconciler.cli.stand_ins import environment, seed_of
from reconciler.cli.talking import say, tell
from reconciler.errors import SetupError
from reconciler.model import Body, Json

if TYPE_CHECKING:
    from reconciler.emulator.authority import Authority
    from reconciler.emulator.server import Served
    from reconciler.emulator.world import World

_EXTRA = "entra-reconciler[emulator]"


@click.command()
@click.option(
    "--seed",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What the tenants hold at the beginning (YAML or JSON). Without it: every tenant of the documents, untouched.",
)
@click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep the state in this file, and go on with what it holds.  [default: in memory]",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port on 127.0.0.1.  [default: a free one]")
@click.option(
    "--proxy",
    type=click.IntRange(0, 65535),
    is_flag=False,
    flag_value=0,
    metavar="[PORT]",
    help="Stand in for the public host names as well, behind an HTTPS proxy on 127.0.0.1, for clients that have them "
    "built in.  [default: no proxy; without PORT, a free one]",
)
@click.option("--switch", "switches", multiple=True, metavar="NAME=VALUE", help="Assume something else of Graph.")
@click.option(
    "--clock",
    type=click.Choice(["virtual", "real"]),
    help="Whether waiting takes real time.  [default: virtual; with --proxy, real]",
)
@options.tenants
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the certificate to trust into this file.  [default: a temporary one]",
)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write address, certificate file and process id into this file (JSON) when connections are accepted.",
)
def emulate(
    seed: Path | None,
    db: Path | None,
    port: int,
    proxy: int | None,
    switches: tuple[str, ...],
    clock: str | None,
    folder: Path,
    ca_file: Path | None,
    ready_file: Path | None,
) -> int:
    """Stand in for Microsoft Graph on this machine, until Ctrl-C."""
    kept = f", as left in {db}" if db is not None and db.exists() else ""
    with installed(), possible():
        # Who comes through the proxy has a clock of its own, which nothing here moves.
        real = clock == "real" or (clock is None and proxy is not None)
        world = _world(seed, db, folder, _settings(switches), real=real)
        try:
            number = _serve(world, kept, (port, proxy), _authority(db), ca_file or _kept_ca_file(db), ready_file)
        finally:
            world.store.close()
    _leave(128 + number)


def _leave(code: int) -> NoReturn:
    """End the process without what the interpreter does at its end: the server's own threads may abort then.

    All that was to be closed or taken away is.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _serve(
    world: World,
    kept: str,
    ports: tuple[int, int | None],
    authority: Authority,
    ca_file: Path | None,
    ready_file: Path | None,
) -> int:
    """Serve until a signal comes, and return its number. The file that says so is there only as long."""
    from reconciler.emulator import server

    def ready(served: Served) -> None:
        tenants = world.directory.tenants.values()
        variables = environment(served.url, served.ca_file, tenants, served.tunnel)
        if ready_file is not None:
            _write_ready(ready_file, served, variables)
        tell("".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()))
        names = ", ".join(tenant.name for tenant in tenants) or "no tenant"
        behind = f" and behind the proxy {served.tunnel}" if served.tunnel else ""
        say(f"Standing in for Microsoft Graph at {served.url}{behind}: {names}{kept}. Ctrl-C ends it.")

    with _gone_without_us(ready_file):
        port, tunnel_port = ports
        return server.serve(
            world, port=port, tunnel_port=tunnel_port, authority=authority, ca_file=ca_file, ready=ready
        )


# ---------------------------------------------------------------------------------------------- the world


def _world(seed: Path | None, db: Path | None, folder: Path, settings: Body, *, real: bool) -> World:
    from reconciler.emulator import seeds
    from reconciler.emulator.world import World

    said = seeds.parse(seed_of(Site(folder).estate()) if seed is None else seed.read_text(encoding="utf-8"))
    chosen: dict[str, Json] = {"switches": {**said.switches, **settings}}
    if real:
        chosen["clock"] = "real"
    return World.from_seed(said.model_copy(update=chosen), path=db or ":memory:")


def _settings(switches: Iterable[str]) -> Body:
    """Return switches as their values are meant: true and false, numbers, else text."""
    settings: dict[str, Json] = {}
    for switch in switches:
        name, equals, value = switch.partition("=")
        if not equals:
            raise SetupError(f"--switch {switch}: write NAME=VALUE")
        settings[name] = _meant(value)
    return settings


def _meant(value: str) -> Json:
    if value in ("true", "false"):
        return value == "true"
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else value


def _authority(db: Path | None) -> Authority:
    """Return who vouches for the emulator: the same as before, when the state is the same as before."""
    from reconciler.emulator.authority import Authority

    return Authority() if db is None else Authority.kept_in(_beside(db))


def _kept_ca_file(db: Path | None) -> Path | None:
    """Return where a shell of before looks for the certificate."""
    return None if db is None else _beside(db) / "ca.pem"


def _beside(db: Path) -> Path:
    return db.with_name(f"{db.name}.authority")


# ---------------------------------------------------------------------------------------------- what to set


def _write_ready(path: Path, served: Served, variables: Mapping[str, str]) -> None:
    from reconciler.emulator.authority import write_whole

    content = {
        "url": served.url,
        "caFile": str(served.ca_file.absolute()),
        "pid": os.getpid(),
        "environment": variables,
    }
    write_whole(path, json.dumps(content, indent=2).encode() + b"\n", mode=0o600)


@contextmanager
def _gone_without_us(file: Path | None) -> Iterator[None]:
    """Let nobody take a file of an earlier emulator for ours, or ours for one that still serves."""
    if file is None:
        yield
        return
    file.unlink(missing_ok=True)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


# ---------------------------------------------------------------------------------------------- what goes wrong


@contextmanager
def installed() -> Iterator[None]:
    """Say what to install where a library of the emulator is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if str(error.name).startswith("reconciler"):
            raise
        raise SetupError(
            f"the emulator needs {error.name}, which is not installed; run pip install '{_EXTRA}'"
        ) from error


@contextmanager
def possible() -> Iterator[None]:
    """Make an error for people of what the machine or the seed does not allow."""
    from reconciler.emulator.seeds import SeedError
    from reconciler.emulator.server import ServerFailed

    try:
        yield
    except OSError as error:
        taken = "; choose another --port or --proxy, or none" if error.errno == errno.EADDRINUSE else ""
        raise SetupError(f"the emulator cannot be started: {error}{taken}") from error
    except (sqlite3.Error, UnicodeError, SeedError, ServerFailed) as error:
        # Some libraries speak in several lines.
        raise SetupError(f"the emulator cannot be started: {' '.join(str(error).split())}") from error
