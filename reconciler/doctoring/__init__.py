"""A check-up of all tenants: can we sign in, may we do what the files want, and who must do what if not.

Asks with clients that cannot write. Knows no command line and renders nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.doctoring.asking import Connect, ask
from reconciler.doctoring.judging import Wanted, judge
from reconciler.errors import SignInFailed, Unavailable
from reconciler.model import Check, Health

__all__ = ["Connect", "Wanted", "examine", "exit_code"]


async def examine(wanted: Wanted, connect: Connect) -> tuple[Check, ...]:
    """Return all checks of all tenants; `connect` returns a client that signs in for a purpose, and only reads."""
    return judge(wanted, await ask(wanted.estate.tenants.values(), wanted.kinds, connect))


def exit_code(checks: Iterable[Check]) -> int:
    """Return 8 when something needed is missing, else 9 when somebody cannot be reached, else 0."""
    found = {check.health for check in checks}
    if Health.MISSING in found:
        return SignInFailed.exit_code
    return Unavailable.exit_code if Health.UNREACHABLE in found else 0
