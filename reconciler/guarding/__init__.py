"""What a person must see before anything is written: rules over what changes in one tenant. Pure; writes nothing.

The rules judge transitions: a bad state that already stands is not theirs. Each file holds a group of rules and yields
findings, or questions that an acknowledgement in Git may answer.

    introducing   1      who becomes a partner
    synchronizing 2-4    who may create people here, who is not asked
    opening     5, 6     who gets in, whose claims replace ours
    closing     7        who is shut out
    removing    8        what disappears, and what applies instead
    counting    9, 10    too much at once, too little in Git
    dwindling   11     people whom a change of scope soft-deletes
    attracting  12       dynamic groups that take people in by what is written about them
    flowing     12, 18   what people become in the target, and when all are looked at again
    bounding    13, 14   whom a link means, and what stops it
    severing    15       people who would be left behind
    releasing   16       jobs that the service holds, and restarts
    refusing    17       what the service refuses, and settings that undo what a link says
    clouds      19       other clouds
    naming      20       identifiers that cannot be meant
    leaking     21       what looks like a secret
    outside     22       what was changed by hand, and would be put back
    pairing     23       links that cannot work, or wait for somebody else
    enrolling   24, 25   people of links who join groups, or leave them
    lacking              what could not be judged
    reminding            overdue reviews, and what no file speaks of

A kind that no rule knows is counted, and its deletion asks. `acknowledging` says what counts as a yes, `declaring` what
a link says yes to by being there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from reconciler.guarding import (
    attracting,
    bounding,
    closing,
    clouds,
    counting,
    dwindling,
    enrolling,
    flowing,
    introducing,
    inviting,
    lacking,
    leaking,
    licensing,
    naming,
    opening,
    outside,
    pairing,
    refusing,
    releasing,
    reminding,
    removing,
    severing,
    synchronizing,
    unclaimed,
)
from reconciler.guarding.acknowledging import answer
from reconciler.guarding.case import Case, Earlier, Question, Sight, Suggest, no_suggestion
from reconciler.guarding.counting import vanished
from reconciler.model import (
    Address,
    Body,
    Change,
    Conditions,
    Directory,
    Document,
    Finding,
    Impact,
    Judgement,
    Link,
    State,
    Tenant,
)

__all__ = ["Earlier", "Sight", "guard", "vanished"]

_RULES = (
    introducing,
    synchronizing,
    opening,
    closing,
    removing,
    counting,
    dwindling,
    flowing,
    attracting,
    bounding,
    severing,
    releasing,
    refusing,
    clouds,
    naming,
    leaking,
    outside,
    pairing,
    inviting,
    licensing,
    enrolling,
    lacking,
    reminding,
    unclaimed,
)


def guard(
    tenant: Tenant,
    documents: Mapping[Address, Document],
    live: State,
    desired: State,
    changes: Sequence[Change],
    today: date,
    *,
    remembered: int | None = None,
    organizations: Mapping[str, str] | None = None,
    stock: Mapping[str, Body] | None = None,
    suggest: Suggest = no_suggestion,
    ours: Mapping[str, Tenant] | None = None,
    directory: Directory | None = None,
    links: Iterable[Link] = (),
    pairs: Mapping[str, Sequence[Judgement]] | None = None,
    ambiguous: Mapping[str, tuple[str, ...]] | None = None,
    others: Mapping[str, Sight] | None = None,
    earlier: Earlier | None = None,
    conditions: Conditions | None = None,
    impacts: Mapping[str, Impact] | None = None,
) -> tuple[Finding, ...]:
    """Return what there is to say about the changes of one tenant, by rule and address; nothing may stop for less.

    `documents` are this tenant's. `live` is all that was read, `desired` all that will be there. `remembered` is how
    many objects the last apply managed here, None when nobody knows. `organizations` maps tenant ids to labels,
    `stock` kinds to what they are when nobody touched them: without it, unmanaged properties are not reported.
    `suggest` returns the lines that take what is unmanaged into Git. `ours` maps the ids of this repository's
    tenants to them. `directory` is what was asked about new partners: without it nobody knows who they are. `links` are
    all of the repository, `pairs` says of those that begin here whether they would work, `ambiguous` which
    configurations may be theirs. `others` is what can be seen of the other tenants of this repository, by name.
    `earlier` is what was applied last: without it nobody knows what was changed outside Git. `conditions` is what else
    decides here whether links work. `impacts` is what becomes of people by what changes who is in scope of links.
    """
    case = Case(
        tenant=tenant,
        documents=documents,
        live=live,
        desired=desired,
        changes=tuple(changes),
        today=today,
        remembered=remembered,
        organizations=organizations or {},
        stock=stock or {},
        suggest=suggest,
        ours=ours or {},
        directory=directory or Directory(),
        links={link.name: link for link in links},
        pairs=pairs or {},
        ambiguous=ambiguous or {},
        others=others or {},
        earlier=earlier,
        conditions=conditions or Conditions(),
        impacts=impacts or {},
    )
    found = [one for rule in _RULES for one in rule.find(case)]
    questions = [one for one in found if isinstance(one, Question)]
    findings = [one for one in found if isinstance(one, Finding)]
    return tuple(sorted([*findings, *answer(case, questions)], key=_place))


def _place(finding: Finding) -> tuple[bool, int, str, str, str]:
    return not finding.rule, finding.rule, str(finding.address or ""), finding.path, finding.message
