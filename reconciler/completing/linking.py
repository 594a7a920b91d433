"""What links leave out: the ids of groups and users that they name, and the template that they were written for.

Asked in the tenant where a link begins. Puts nothing into a file, and replaces nothing that one says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from reconciler.errors import GraphError
from reconciler.graph.client import Graph
from reconciler.loading import Footing, Mention, Naming, Outline
from reconciler.model import Found, Kind, Management, Principal, Tenant
from reconciler.reading import look_at_template, look_up


@dataclass(frozen=True, slots=True)
class Completion:
    """What a file is to say besides about what it mentions, or why that stays open.

    A `remark` says what could not be found out yet, of which nobody has to do anything.
    """

    mention: Mention | Naming | Footing
    said: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class _Home:
    """What one tenant answers: who bears the names, and what names its template, "" where none is shown, or why not."""

    found: Mapping[Principal, Found] = field(default_factory=dict)
    footing: str = ""
    problem: str = ""


async def complete_links(known: Outline, kind: Kind, connect: Callable[[Tenant], Graph]) -> list[Completion]:
    """Return what links leave out. `kind` is that of mappings, `connect` returns read-only clients."""
    names = sorted({*(one.home for one in known.namings), *(home for one in known.footings for home in one.homes)})
    answers = await asyncio.gather(*(_ask(known.tenants[name], known, kind, connect) for name in names))
    homes = dict(zip(names, answers, strict=True))
    people = [_person(one, homes[one.home]) for one in known.namings]
    return [*people, *(_footing(one, homes) for one in known.footings)]


async def _ask(tenant: Tenant, known: Outline, kind: Kind, connect: Callable[[Tenant], Graph]) -> _Home:
    principals = {one.principal for one in known.namings if one.home == tenant.name}
    if tenant.management is Management.ELSEWHERE:
        reason = f"nobody here signs in to {tenant.name}, to ask there"
        return _Home(dict.fromkeys(principals, Found(problem=reason)), problem=reason)
    async with aclosing(connect(tenant)) as graph:
        found = await look_up(sorted(principals, key=lambda one: (one.type, one.name)), graph)
        if not any(tenant.name in one.homes for one in known.footings):
            return _Home(found)
        try:
            template = await look_at_template(tenant, graph)
        except GraphError as error:
            return _Home(found, problem=str(error))
    return _Home(found, kind.footing(template) if template is not None else "")


def _person(one: Naming, home: _Home) -> Completion:
    found = home.found[one.principal]
    word = one.principal.type
    if found.problem:
        return Completion(one, problem=found.problem)
    match [str(each["id"]).lower() for each in found.candidates]:
        case [key]:
            return Completion(one, {"id": key})
        case []:
            return Completion(one, problem=f"there is no such {word} in {one.home}")
        case keys:
            among = ", ".join(sorted(keys))
            return Completion(one, problem=f"several {word}s of {one.home} are called so; write the id of one: {among}")


def _footing(one: Footing, homes: Mapping[str, _Home]) -> Completion:
    unread = _first(f"{name}: {homes[name].problem}" for name in one.homes if homes[name].problem)
    if unread:
        return Completion(one, problem=unread)
    shown = sorted({homes[name].footing for name in one.homes} - {""})
    if not shown:
        remark = "no configuration is there yet that shows the service's own mappings"
        return Completion(one, remark="" if one.said else remark)
    if len(shown) > 1:
        return Completion(one, problem=f"the service's own mappings are not the same in {', '.join(one.homes)}")
    if not one.said:
        return Completion(one, {"templateHash": shown[0]})
    changed = (
        "the service's own mappings are not those that it was written for; a plan tells more, and "
        f'templateHash: "{shown[0]}" takes them over'
    )
    return Completion(one, problem="" if one.said == shown[0] else changed)


def _first(texts: Iterable[str]) -> str:
    return next(iter(texts), "")
