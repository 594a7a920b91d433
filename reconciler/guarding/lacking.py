"""Missing input blocks: without the default nobody can say what a partner's change opens or closes.

Settings of a link are written as a whole. What of them the service does not show would be written anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler import access, phrases
from reconciler.guarding import words
from reconciler.guarding.case import Case, keeps, said
from reconciler.model import MASKED, Change, Finding, Severity


def find(case: Case) -> Iterator[Finding]:
    """Yield one finding that no acknowledgement settles, when a change rests on a default that was not read."""
    blocks = frozenset(block for block in access.BLOCKS if not _read(case, block))
    yield from _hidden(case)
    leaning = [change for change in case.changed("partner") if _leans(change, blocks)]
    if leaning:
        names = [case.who(change.address, change.label) for change in leaning]
        yield Finding(
            Severity.BLOCK,
            case.tenant.name,
            "the default was not read whole, so nobody can say what "
            f"{words.counted(len(leaning), 'change')} of partners would open or close; plan again when it can be read",
            address=case.default,
            details=(f"not known: {', '.join(sorted(blocks))}", f"partners: {phrases.some(names)}"),
        )


def _hidden(case: Case) -> Iterator[Finding]:
    """Yield settings that would be written although something of them is not shown, and no file says it."""
    for change in filter(keeps, case.changed("settings")):
        who, live = case.who(change.address, change.label), case.live.get(change.address)
        wanted = case.desired[change.address].body
        unsaid = sorted(name for name in wanted if wanted[name] == MASKED)
        if unsaid:
            message = (
                f"{who}: its settings are written as a whole, and the service does not show {', '.join(unsaid)}, which "
                "the file leaves to others; say it there, or change the rest by hand"
            )
            yield case.finding(change, 0, unsaid[0], message, severity=Severity.ERROR)
        if live is not None and (hidden := live.facts.get("hidden")):
            message = (
                f"{who}: its settings are written as a whole, and the service does not show {', '.join(hidden)}; "
                "whether it keeps what is not written was never documented"
            )
            yield case.finding(change, 0, "", message, severity=Severity.WARNING)


def _read(case: Case, block: str) -> bool:
    return all(
        access.known(access.effective(block, None, case.own(state, case.default, block)))
        for state in (case.live, case.desired)
    )


def _leans(change: Change, unread: frozenset[str]) -> bool:
    """Whether the default applies, before or after, in one of the blocks that the change touches."""
    touched = change.blocks if keeps(change) else access.BLOCKS
    return any(
        access.inherits(block, said(body, block))
        for block in unread.intersection(touched)
        for body in (change.before, change.after)
    )
