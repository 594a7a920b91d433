"""A token from the Azure CLI, which somebody signed in on this machine: one call of `az`, and nothing else of it.

The CLI keeps and renews its sign-in itself. What it hands out is checked like every other token.
"""

from __future__ import annotations

import asyncio
import os
import signal

from reconciler.errors import SignInFailed, Unavailable
from reconciler.graph.clouds import Place
from reconciler.graph.desk import Desk
from reconciler.graph.forms import AzureCli
from reconciler.graph.strict_json import parse

# The application that people work through when they use the CLI.
APPLICATION = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


async def token(desk: Desk, place: Place, cli: AzureCli, seconds: float) -> str:
    """Return the CLI's token for Graph in this tenant, if it comes within `seconds`.

    Raises:
        SignInFailed: the CLI is not signed in to this tenant, or says what nobody understands.
        Unavailable: it does not answer in time.
    """
    try:
        code, said, complaint = await _run(cli, seconds, _arguments(desk, place))
    except TimeoutError as error:
        raise Unavailable(f"{desk.where('az account get-access-token')} did not end within {seconds:g} s") from error
    except OSError as error:
        raise SignInFailed(f"{desk.tenant}: {cli.program} cannot be started ({error.strerror})") from error
    if code:
        raise desk.refused(complaint.decode("utf-8", "replace").strip() or f"az ended with {code}")
    return _token(desk, said)


def _arguments(desk: Desk, place: Place) -> tuple[str, ...]:
    wanted = ("--tenant", desk.tenant_id, "--resource", place.resource)
    return ("account", "get-access-token", *wanted, "--output", "json", "--only-show-errors")


async def _run(cli: AzureCli, seconds: float, arguments: tuple[str, ...]) -> tuple[int, bytes, bytes]:
    process = await asyncio.create_subprocess_exec(
        cli.program,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(cli.environment),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            said, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            # `az` is a script that starts another program, which would hold on to our pipes.
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return process.returncode or 0, said, complaint


def _token(desk: Desk, said: bytes) -> str:
    try:
        body = parse(said)
    except ValueError:
        # The exception could quote the token.
        body = None
    found = body.get("accessToken") if isinstance(body, dict) else None
    if not isinstance(found, str) or not found:
        raise SignInFailed(
            f"{desk.tenant}: `az account get-access-token` gave no token that can be read; update the CLI"
        )
    return found
