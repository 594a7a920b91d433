"""What is known beside the people: where a link stands, and what of it was not read to its end. Values, and one rule.

The rule: what cannot be read is noted with what follows from it, and what was read of it before is kept. It is true,
and it is not all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from reconciler.errors import Forbidden, GraphError
from reconciler.model.people import Missed, Route


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a link stands: the service principal and the job behind it, both "" as long as they are not made.

    `source_id` is the id of the source tenant, by which the target knows it.
    """

    link: str
    source: str
    target: str
    principal: str = ""
    job: str = ""
    source_id: str = ""


@dataclass(slots=True)
class Known:
    """What was learned beside the people. What is False was not read to its end.

    `domains` are those that the source has verified, None where they were not read. `nested` are groups inside of
    groups that are assigned, `powerless` assigned groups that give nobody a right.
    """

    missed: list[Missed] = field(default_factory=list)
    scope: bool = True
    people: bool = True
    users: bool = True
    bin: bool = True
    log: bool = True
    log_exit_code: int = 0
    initial_domain: str = ""
    domains: frozenset[str] | None = None
    invites_nobody: bool = False
    lets_nobody_in: bool = False
    nested: list[tuple[Route, str, str]] = field(default_factory=list)
    powerless: list[Route] = field(default_factory=list)

    async def whole(self, read: Callable[[], Awaitable[None]], what: str, permission: str, effect: str) -> bool:
        """Read something; where it cannot be read to its end, note that, and return False."""
        try:
            await read()
        except GraphError as error:
            self.miss(what, error, permission, effect)
            return False
        return True

    def miss(self, what: str, error: GraphError, permission: str, effect: str, exit_code: int | None = None) -> None:
        """Note that something was not read."""
        why = f"{error}; it takes {permission}" if isinstance(error, Forbidden) else str(error)
        self.missed.append(Missed(what, why, effect, error.exit_code if exit_code is None else exit_code))
