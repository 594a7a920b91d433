"""Who gets from one tenant into another → text, Markdown and JSON. Judges nothing; an unknown never looks like a no."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from reconciler import phrases
from reconciler.model import (
    Answer,
    Capability,
    Direction,
    Explanation,
    Judgement,
    Obstacle,
    Origin,
    Party,
    Side,
)
from reconciler.reporting.documents import (
    DirectionEntry,
    ExplanationDocument,
    JudgementEntry,
    ObstacleEntry,
    PartyEntry,
    Place,
    SideEntry,
)
from reconciler.reporting.escaping import code_span, defuse, for_json, for_markdown, for_terminal

_TITLES: Mapping[Capability, str] = {
    Capability.COLLABORATION: "B2B collaboration",
    Capability.DIRECT_CONNECT: "B2B direct connect",
    Capability.TRUST: "trust in claims",
    Capability.CONSENT: "consent is suppressed",
    Capability.USER_SYNC: "people may be synchronized",
    Capability.GROUP_SYNC: "groups may be synchronized",
}
_STYLES: Mapping[Answer, str] = {Answer.YES: "32", Answer.SOME: "33", Answer.NO: "31", Answer.UNKNOWN: "35"}

DECLARED = "This is what would hold if all were as the files say, not what holds now."
LIVE = "This is what holds now."
LIMITS = "Only cross-tenant access settings are looked at: not Conditional Access, invitations or licences."


def _intro(found: Explanation) -> str:
    return f"{DECLARED if found.declared else LIVE} {LIMITS}"


def _about(party: Party) -> str:
    return f"{party.name} is unknown: {party.reason}"


def _through(one: Judgement, names: Mapping[str, str]) -> str:
    """Return who gets where, when only some do."""
    if not one.users:
        return ""
    users, applications = (phrases.some(phrases.named(ids, names)) for ids in (one.users, one.applications))
    return f"through get: {users}; to: {applications}"


def _summary(direction: Direction) -> str:
    answers = ", ".join(f"{one.capability.value} {one.answer.value}" for one in direction.judgements)
    return f"{direction.home} → {direction.resource}: {answers}."


# ---------------------------------------------------------------------------------------------- text


def explanation_text(found: Explanation, *, colour: bool = False) -> str:
    """Return both directions for a terminal."""
    return "".join(f"{defuse(line)}\n" for line in _text(found, colour=colour))


def _text(found: Explanation, *, colour: bool) -> Iterator[str]:
    for party in found.parties:
        called = f"  {for_terminal(party.display_name)}" if party.display_name else ""
        yield f"{_styled(for_terminal(party.name), '1', colour)}{called}  {for_terminal(party.tenant_id)}"
        if party.reason:
            yield f"  {_styled('!', '35', colour)} {for_terminal(_about(party))}"
    yield DECLARED if found.declared else LIVE
    yield LIMITS
    for direction in found.directions:
        yield ""
        yield from _direction(direction, found.names, colour)
    yield ""
    for direction in found.directions:
        yield _styled(for_terminal(_summary(direction)), "1", colour)


def _direction(direction: Direction, names: Mapping[str, str], colour: bool) -> Iterator[str]:
    home, resource = for_terminal(direction.home), for_terminal(direction.resource)
    yield _styled(f"{home} → {resource}", "1", colour) + f"   people of {home}, resources of {resource}"
    for one in direction.judgements:
        yield ""
        yield f"  {_answer(one.answer, colour)} {_styled(_TITLES[one.capability], '1', colour)}"
        for side in one.sides:
            yield from _side(side, colour)
        through = _through(one, names)
        if through:
            yield f"      {for_terminal(through)}"
        for obstacle in one.obstacles:
            yield from _obstacle(obstacle, colour)
        yield from (f"      {for_terminal(remark)}" for remark in one.remarks)


def _side(side: Side, colour: bool) -> Iterator[str]:
    name, said = f"{for_terminal(side.tenant)} {for_terminal(side.setting)}", for_terminal(side.said)
    if isinstance(side.value, Mapping):
        yield f"    {_answer(side.answer, colour)} {name}"
        yield f"             {said}"
    else:
        yield f"    {_answer(side.answer, colour)} {name}: {said}"
    yield f"             {for_terminal(side.basis)}{_where(side.origin)}"


def _obstacle(obstacle: Obstacle, colour: bool) -> Iterator[str]:
    yield f"      {_styled('!', '31', colour)} {for_terminal(obstacle.message)}"
    if obstacle.remedy:
        yield f"        {for_terminal(obstacle.remedy)}"
    if obstacle.origin:
        yield f"        {_where(obstacle.origin).lstrip()}"


def _where(origin: Origin | None) -> str:
    return f"  # {for_terminal(str(origin))}" if origin else ""


def _answer(answer: Answer, colour: bool) -> str:
    return _styled(f"{answer.value:<8}", _STYLES[answer], colour)


def _styled(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


# ---------------------------------------------------------------------------------------------- Markdown


def explanation_markdown(found: Explanation) -> str:
    """Return both directions for a page or a comment."""
    first, second = (for_markdown(party.name) for party in found.parties)
    parts = ["<!-- entra-reconciler:explanation -->", f"### {first} and {second}", _intro(found)]
    parts += [f"> [!WARNING]\n> {for_markdown(_about(party))}" for party in found.parties if party.reason]
    parts += [part for direction in found.directions for part in _section(direction, found.names)]
    return "\n\n".join(parts) + "\n"


def _section(direction: Direction, names: Mapping[str, str]) -> Iterator[str]:
    home, resource = for_markdown(direction.home), for_markdown(direction.resource)
    yield f"#### {home} → {resource}\n\nPeople of {home}, resources of {resource}."
    rows = [
        f"| **{one.answer.value}** | {_TITLES[one.capability]} | {_cell(one, names)} |" for one in direction.judgements
    ]
    yield "\n".join(["| | what | why |", "| --- | --- | --- |", *rows])


def _cell(one: Judgement, names: Mapping[str, str]) -> str:
    lines = [_told(side) for side in one.sides]
    lines += [for_markdown(_through(one, names))]
    lines += [f"**in the way:** {for_markdown(each.message)}{_advice(each)}" for each in one.obstacles]
    lines += [for_markdown(remark) for remark in one.remarks]
    return " <br>".join(line for line in lines if line)


def _told(side: Side) -> str:
    """Return a side in one line. No colon of ours stands at a name: GitHub would make an emoji of two of them."""
    parts = [f"{code_span(side.setting)} of {for_markdown(side.tenant)}", for_markdown(side.said)]
    parts += [for_markdown(side.basis), code_span(str(side.origin)) if side.origin else ""]
    return " · ".join([side.answer.value, *filter(None, parts)])


def _advice(each: Obstacle) -> str:
    place = f" · {code_span(str(each.origin))}" if each.origin else ""
    return f"; {for_markdown(each.remedy)}{place}" if each.remedy else ""


# ---------------------------------------------------------------------------------------------- JSON


def explanation_json(found: Explanation) -> str:
    """Return both directions as a JSON document."""
    document = ExplanationDocument(
        format="entra-reconciler/explanation/v1",
        declared=found.declared,
        exitCode=found.exit_code,
        parties=[_party(party) for party in found.parties],
        directions=[
            DirectionEntry(
                home=one.home, resource=one.resource, judgements=[_judgement(each) for each in one.judgements]
            )
            for one in found.directions
        ],
        names=dict(found.names),
    )
    text = json.dumps(for_json(document), indent=2, sort_keys=True)
    return text.replace("\x7f", "\\u007f").replace("##", "\\u0023\\u0023") + "\n"


def _party(party: Party) -> PartyEntry:
    return PartyEntry(
        name=party.name,
        displayName=party.display_name,
        tenantId=party.tenant_id,
        ours=party.ours,
        cloud=party.cloud,
        known=not party.reason,
        reason=party.reason,
    )


def _judgement(one: Judgement) -> JudgementEntry:
    return JudgementEntry(
        capability=one.capability,
        answer=one.answer,
        sides=[_side_entry(side) for side in one.sides],
        obstacles=[_obstacle_entry(each) for each in one.obstacles],
        users=list(one.users),
        applications=list(one.applications),
        remarks=list(one.remarks),
    )


def _side_entry(side: Side) -> SideEntry:
    return SideEntry(
        tenant=side.tenant,
        setting=side.setting,
        answer=side.answer,
        value=side.value,
        said=side.said,
        basis=side.basis,
        sources=dict(side.sources),
        stock=side.stock,
        origin=_place(side.origin),
    )


def _obstacle_entry(each: Obstacle) -> ObstacleEntry:
    return ObstacleEntry(
        tenant=each.tenant,
        setting=each.setting,
        message=each.message,
        remedy=each.remedy,
        origin=_place(each.origin),
    )


def _place(origin: Origin | None) -> Place | None:
    return Place(file=origin.file, line=origin.line, column=origin.column) if origin else None
