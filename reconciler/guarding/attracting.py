"""Rule 12, its other half: dynamic groups of the target that take people in by what a link writes about them.

Whoever decides what stands in an attribute decides who is in such a group, and what the group opens. What rules say of
texts is not evaluated: a rule that looks at an attribute is enough. In a tenant that nobody here signs in to, dynamic
groups are its own business.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.guarding import words
from reconciler.guarding.case import Case, Question, said
from reconciler.model import Action, Address, Body, Change, DynamicGroup, DynamicGroups, Json, Link, Standing, link_of
from reconciler.provisioning import attributes_in

RULE = 12

_MAPPINGS = "mappings"
# What everybody has who is made: a rule for all people asks for one of them.
_BORN_WITH = frozenset({"objectid", "id"})
_LONGEST = 200
_SILENT = DynamicGroups(problem="nobody looked")
_OPENS = "whatever these groups open is open to whom the rule fits then: applications, roles, licences, policies"


def find(case: Case) -> Iterator[Question]:
    """Yield what new links and changed mappings have to do with dynamic groups of the target."""
    new = {link_of(change.address.key) for change in case.changed("job") if change.action is Action.CREATE}
    for change in case.changed("job"):
        if change.action is Action.CREATE and (found := _groups(case, change)):
            yield from _begins(case, change, *found)
    for change in case.changed(_MAPPINGS):
        if change.address.key not in new and (found := _groups(case, change)):
            yield from _changes(case, change, *found)


def _groups(case: Case, change: Change) -> tuple[Link, DynamicGroups] | None:
    """Return the dynamic groups of the link's target; None where nobody here signs in."""
    link = case.links.get(link_of(change.address.key))
    sight = case.others.get(link.target) if link else None
    # Of a target that could not be read, rule 23 lets nothing be written here.
    if link is None or sight is None or sight.standing not in (Standing.PLANNED, Standing.OBSERVED):
        return None
    return link, sight.dynamic or _SILENT


def _begins(case: Case, change: Change, link: Link, there: DynamicGroups) -> Iterator[Question]:
    """Yield whether the people of a new link come into dynamic groups by being there and as they are.

    That the service's own mappings write what they write is what a link says; what it says beside is asked about.
    """
    mappings = case.own(case.desired, Address(case.tenant.name, _MAPPINGS, link.name), _MAPPINGS)
    stock = _by_name(said(case.stock.get(_MAPPINGS), _MAPPINGS))
    others = None if mappings is None else {name.lower() for name in mappings if mappings[name] != stock.get(name)}
    written = None if mappings is None else {*(name.lower() for name in mappings), *_BORN_WITH}
    who = case.who(change.address, change.label)
    if there.problem:
        message = f"{who}: whether its people come into dynamic groups of {link.target} is not known"
        question = _unknown(case, change, "", message, there)
        yield question if others is None or others else replace(question, declares=((change.address, ""),))
        return
    special = _looking(there, others)
    usual = [group for group in _looking(there, written) if group not in special]
    message = f"{who}: its people may come into dynamic groups of {link.target} by what"
    if special:
        finding = case.finding(change, RULE, "", f"{message} its own mappings write", (*_told(special), _OPENS))
        yield Question(finding, after={"dynamicGroups": _ids(special)})
    if usual:
        finding = case.finding(change, RULE, "", f"{message} is written about them", (*_told(usual), _OPENS))
        yield Question(finding, after={"dynamicGroups": _ids(usual)}, declares=((change.address, ""),))


def _changes(case: Case, change: Change, link: Link, there: DynamicGroups) -> Iterator[Question]:
    """Yield each attribute of which something else is written from now on, and that dynamic groups look at."""
    before, after = (_by_name(said(body, _MAPPINGS)) for body in (change.before, change.after))
    who = case.who(change.address, change.label)
    for name in sorted(after):
        if after[name] == before.get(name):
            continue
        caught, path = _looking(there, {name.lower()}), f"{_MAPPINGS}.{name}"
        if there.problem:
            message = f"{who}: whether a dynamic group of {link.target} looks at {name} is not known"
            yield _unknown(case, change, path, message, there, before.get(name), after[name])
        elif caught:
            message = f"{who}: {name} is written otherwise, and dynamic groups of {link.target} look at it"
            wanted = {"mapping": after[name], "dynamicGroups": _ids(caught)}
            finding = case.finding(change, RULE, path, message, (*_told(caught), _OPENS))
            yield Question(finding, {"mapping": before.get(name)}, wanted)


def _unknown(
    case: Case, change: Change, path: str, message: str, there: DynamicGroups, before: Json = None, after: Json = None
) -> Question:
    finding = case.finding(change, RULE, path, message, (there.problem,))
    return Question(finding, {"mapping": before}, {"mapping": after, "dynamicGroups": "unknown"})


def _by_name(mappings: Json) -> Mapping[str, Body]:
    return mappings if isinstance(mappings, Mapping) else {}


def _looking(there: DynamicGroups, written: Collection[str] | None) -> Sequence[DynamicGroup]:
    """Return the groups whose rules look at one of these attributes; None is any of them."""
    read = ((group, attributes_in(group.rule)) for group in there.groups)
    return [group for group, names in read if (names if written is None else not names.isdisjoint(written))]


def _ids(groups: Sequence[DynamicGroup]) -> list[str]:
    return [group.id for group in groups]


def _told(groups: Sequence[DynamicGroup]) -> tuple[str, ...]:
    return words.lines([f"{group.name} ({group.id}): {_short(group.rule)}" for group in groups])


def _short(rule: str) -> str:
    return rule if len(rule) <= _LONGEST else f"{rule[:_LONGEST]}…"
