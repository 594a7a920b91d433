"""Rules 24 and 25: who gets what a group gives, because a link brought them, and who loses it.

A file names the group and the link, and has been reviewed: that is the yes to whoever joins. Many who leave at once are
asked about, since a filter or a group of the source that went wrong looks just like it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from reconciler.access import MEMBERSHIP
from reconciler.guarding import words
from reconciler.guarding.case import Case, Question, keeps
from reconciler.model import Change, Finding, Severity, link_of

LEAVING, LEAVING_PERCENT = 3, 5
SHOWN = 10


def find(case: Case) -> Iterator[Finding | Question]:
    """Yield what joins and leaves, group by group, in the order of links."""
    for changes in _by_group(case).values():
        joining = [change for change in changes if keeps(change)]
        leaving = [change for change in changes if not keeps(change)]
        if joining:
            yield _joins(case, joining)
        yield from _leaves(case, leaving)


def _by_group(case: Case) -> Mapping[str, Sequence[Change]]:
    found: defaultdict[str, list[Change]] = defaultdict(list)
    for change in case.changed(MEMBERSHIP):
        found[change.address.key.rpartition("/")[0]].append(change)
    return dict(sorted(found.items()))


def _joins(case: Case, changes: Sequence[Change]) -> Question:
    message = f"people whom link {_link(changes)} brought get what the group {changes[0].label} gives"
    finding = _finding(case, 24, changes, message, f"{len(changes)} join")
    return Question(finding, count=len(changes), declares=tuple((change.address, "member") for change in changes))


def _leaves(case: Case, changes: Sequence[Change]) -> Iterator[Question]:
    if not changes:
        return
    group = f"{changes[0].address.key.rpartition('/')[0]}/"
    there = sum(address.kind == MEMBERSHIP and address.key.startswith(group) for address in case.live)
    if len(changes) > LEAVING and len(changes) * 100 > LEAVING_PERCENT * there:
        message = f"many of those whom link {_link(changes)} brought leave the group {changes[0].label}: is that meant?"
        details = f"{len(changes)} of {there} leave; without a question: {LEAVING} or {LEAVING_PERCENT} %"
        yield Question(_finding(case, 25, changes, message, details), count=len(changes))


def _link(changes: Sequence[Change]) -> str:
    return link_of(changes[0].address.key)


def _finding(case: Case, rule: int, changes: Sequence[Change], message: str, number: str) -> Finding:
    ids = words.lines([change.address.key.rpartition("/")[2] for change in changes], SHOWN)
    return Finding(
        Severity.BLOCK,
        case.tenant.name,
        message,
        rule=rule,
        details=(number, *ids),
        origin=changes[0].origin,
    )
