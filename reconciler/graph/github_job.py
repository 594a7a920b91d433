"""GitHub's word for the job that we run in: an assertion that a sign-in service may take for a secret.

It lives minutes, so it is asked for each time. What it says is kept, for people who have to make a credential for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from reconciler.errors import SignInFailed
from reconciler.graph.desk import Desk
from reconciler.graph.forms import GitHubJob
from reconciler.graph.tokens import read_claims

if TYPE_CHECKING:
    from reconciler.graph.exchange import Exchange

SHOWN = ("iss", "sub", "aud")


class Voucher:
    """Asks GitHub for its word. `claims` are issuer, subject and audience of the last one, as it says them."""

    def __init__(self, desk: Desk, job: GitHubJob, audience: str, connect: Callable[[], Exchange]) -> None:
        self.claims: Mapping[str, str] = {}
        self._desk = desk
        self._job = job
        self._audience = audience
        self._connect = connect

    async def word(self) -> str:
        """Return a new assertion about this job.

        Raises:
            SignInFailed: the job may not ask for one.
            Setback: GitHub does not answer now.
        """
        where = self._desk.where("GitHub Actions identity token")
        url = f"{self._job.url}{'&' if '?' in self._job.url else '?'}audience={quote(self._audience, safe='')}"
        headers = {"Authorization": f"Bearer {self._job.token}", "Accept": "application/json"}
        exchange = self._connect()
        try:
            answer = await self._desk.hear(exchange, where, url, headers, None)
        finally:
            await exchange.aclose()
        value = answer.body.get("value") if isinstance(answer.body, dict) and answer.status == 200 else None
        if not isinstance(value, str) or not value:
            raise SignInFailed(
                f"{where} was refused ({answer.status}{': ' + answer.flaw if answer.flaw else ''}); "
                "give the job `permissions: id-token: write`"
            )
        claims = read_claims(value) or {}
        self.claims = {name: str(claims[name]) for name in SHOWN if name in claims}
        return value
