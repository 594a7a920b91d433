"""A person's sign-in: a code to type into a browser, and asking until it was typed. On a terminal only.

Once signed in, the person is not asked again: msal keeps what renews the token, in memory, for this run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from reconciler.errors import SignInFailed
from reconciler.graph import by_msal
from reconciler.graph.clouds import Place
from reconciler.graph.desk import Desk
from reconciler.graph.forms import DeviceCode
from reconciler.graph.pacing import Setback

# Seconds between two questions where the service says nothing, and what it adds when that is too often (RFC 8628).
INTERVAL = 5.0
_SLOWER = 5.0
# Seconds for which a code is good where the service says nothing.
_LIFETIME = 900.0


class Person:
    """Signs in whoever sits at the terminal, and renews what they were given."""

    def __init__(self, desk: Desk, place: Place, form: DeviceCode) -> None:
        self._desk = desk
        self._place = place
        self._form = form
        self._application: Any = None

    async def token(self) -> str:
        """Return a new token.

        Raises:
            SignInFailed: nobody typed the code in time, or the service says no.
            Setback: the service cannot be reached now.
        """
        renewed = await by_msal.in_thread(self._desk, self._silently)
        if isinstance(renewed, Mapping) and "access_token" in renewed:
            return self._desk.accepted(renewed)
        flow = await by_msal.in_thread(self._desk, self._begin)
        return self._desk.accepted(await self._typed(flow))

    # ------------------------------------------------------------------------------------------ in the thread

    def _silently(self, loop: asyncio.AbstractEventLoop) -> object:
        if self._application is None:
            self._application = by_msal.public(self._desk, self._place, loop)
        accounts = self._application.get_accounts()
        if not accounts:
            return None
        scopes = [self._place.scope]
        return self._application.acquire_token_silent_with_error(scopes, accounts[0], force_refresh=True)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> Mapping[str, Any]:
        flow: Mapping[str, Any] = self._application.initiate_device_flow(scopes=[self._place.scope])
        return flow

    def _ask(self, flow: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask once. msal judges by the machine's clock whether that is too soon, so it does not learn of the others."""
        asked = {**flow}
        result: Mapping[str, Any] = self._application.acquire_token_by_device_flow(asked, exit_condition=lambda _: True)
        return result

    # ------------------------------------------------------------------------------------------ on the loop

    async def _typed(self, flow: Mapping[str, Any]) -> Mapping[str, Any]:
        """Show the code, and return the answer of when it was typed."""
        code, page = flow.get("user_code"), flow.get("verification_uri")
        if not isinstance(code, str) or not isinstance(page, str) or not page.startswith("https://"):
            raise self._desk.refused(str(flow.get("error_description") or flow.get("error") or "no code came"))
        clock = self._desk.pace.clock
        lifetime = _seconds(flow.get("expires_in"), _LIFETIME)
        end = min(clock.monotonic() + lifetime, self._desk.pace.end)
        self._form.tell(
            f"{self._desk.tenant}: to sign in, open {page} in a browser and type the code {code} "
            f"within {lifetime / 60:.0f} minutes."
        )
        pause = _seconds(flow.get("interval"), INTERVAL)
        while clock.monotonic() + pause < end and await self._desk.pace.wait(pause):
            result, pause = await self._asked(flow, pause)
            if result is not None:
                return result
        raise SignInFailed(f"{self._desk.tenant}: nobody typed the code {code} in time; run the command again")

    async def _asked(self, flow: Mapping[str, Any], pause: float) -> tuple[Mapping[str, Any] | None, float]:
        """Return an answer, if there is one, and how long to wait before the next question."""
        try:
            result = await by_msal.in_thread(self._desk, lambda _: self._ask(flow))
        except Setback as setback:
            return None, max(pause, setback.wait or 0.0)
        match result.get("error"):
            case "authorization_pending":
                return None, pause
            case "slow_down":
                return None, pause + _SLOWER
            case _:
                return result, pause


def _seconds(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else otherwise
