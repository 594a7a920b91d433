"""The users and groups that links name, looked up as many at a time as one request may ask for. Guesses nothing.

Who is missing in a list that was asked for many is asked for alone: a list may lag, and absence is never concluded from
one look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from reconciler.errors import GraphError, NotFound
from reconciler.graph.client import NEXT, Graph, whole
from reconciler.graph.odata import literal
from reconciler.model import Body, Found, Json, Principal

# Graph's own limit for one `in`, and how much of a URL its values may take.
_MOST = 15
_LONGEST = 1500
_GROUP = "$select=id,displayName,securityEnabled"
_USER = "$select=id,displayName,userPrincipalName,userType"
_PERMISSIONS = {"group": "GroupMember.Read.All", "user": "User.Read.All"}
# Of the groups inside a group; more than these are told as more.
_SHOWN = 10


def paths(principals: Iterable[Principal]) -> tuple[str, ...]:
    """Return what is read first to find all of them."""
    return tuple(path for path, _ in _requests(principals))


async def find(
    principals: Iterable[Principal], answers: Mapping[str, Body | GraphError], graph: Graph
) -> Mapping[Principal, Found]:
    """Return who bears these names and ids, given the `answers` to their paths; who cannot be had says so."""
    found: dict[Principal, Found] = {}
    again: list[Principal] = []
    for path, asked in _requests(principals):
        shown = await _found(asked, path, answers[path], graph)
        again += [one for one, what in shown.items() if len(asked) > 1 and what == Found()]
        found |= shown
    alone = await graph.get_all(map(_alone, again)) if again else {}
    return {**found, **{one: told_by(alone[_alone(one)], one) for one in again}}


async def look_up(principals: Iterable[Principal], graph: Graph) -> Mapping[Principal, Found]:
    """Return who bears these names and ids; who cannot be had says so."""
    asked = tuple(principals)
    return await find(asked, await graph.get_all(paths(asked)), graph) if asked else {}


# ---------------------------------------------------------------------------------------------- asking for many


def _requests(principals: Iterable[Principal]) -> Iterator[tuple[str, tuple[Principal, ...]]]:
    """Yield each path with those whom it asks for: the same for the same people, whatever their order."""
    ordered = sorted({*principals}, key=lambda one: (one.type, not one.id, one.id or one.name, one.name))
    for _, alike in groupby(ordered, key=lambda one: (one.type, not one.id)):
        for several in _portions(list(alike)):
            yield (_alone(several[0]) if len(several) == 1 else _many(several)), tuple(several)


def _portions(principals: Sequence[Principal]) -> Iterator[list[Principal]]:
    """Yield groups of them that one request can ask for."""
    portion: list[Principal] = []
    for one in principals:
        if portion and (len(portion) == _MOST or len(_values([*portion, one])) > _LONGEST):
            yield portion
            portion = []
        portion.append(one)
    yield portion


def _values(several: Iterable[Principal]) -> str:
    return ",".join(dict.fromkeys(literal(one.id or one.name) for one in several))


def _many(several: Sequence[Principal]) -> str:
    collection, select = _collection(several[0])
    name = "id" if several[0].id else _name(several[0])
    return f"{collection}?$filter={name}%20in%20({_values(several)})&{select}"


def _alone(one: Principal) -> str:
    collection, select = _collection(one)
    if one.id:
        return f"{collection}/{one.id}?{select}"
    # As a segment of a path, some names would be asked for as something else. Names of groups are not unique.
    return f"{collection}?$filter={_name(one)}%20eq%20{literal(one.name)}&{select}&$top=5"


def _collection(one: Principal) -> tuple[str, str]:
    return ("/groups", _GROUP) if one.type == "group" else ("/users", _USER)


def _name(one: Principal) -> str:
    return "displayName" if one.type == "group" else "userPrincipalName"


# ---------------------------------------------------------------------------------------------- what is answered


async def _found(
    asked: tuple[Principal, ...], path: str, answer: Body | GraphError, graph: Graph
) -> Mapping[Principal, Found]:
    if len(asked) == 1:
        return {asked[0]: told_by(answer, asked[0])}
    try:
        items = await graph.collect(path, whole(answer))
    except GraphError as error:
        return dict.fromkeys(asked, _unasked(error, asked[0]))
    return {one: _among(one, items) for one in asked}


def _among(one: Principal, items: Iterable[Body]) -> Found:
    name, wanted = ("id", one.id) if one.id else (_name(one), one.name)
    return _whole([each for each in items if str(each.get(name)).lower() == wanted.lower()])


def _unasked(error: GraphError, one: Principal | None) -> Found:
    if one is not None and error.lacks_permission:
        error = error.adding(f"to look up {one.type}s takes {_PERMISSIONS[one.type]}")
    return Found(problem=str(error))


def told_by(answer: Body | GraphError, asked: Principal | None = None) -> Found:
    """Return who was found. Not to be known is an answer; not to be allowed to ask is none."""
    match answer:
        case NotFound():
            return Found()
        case GraphError():
            return _unasked(answer, asked)
    listed = answer.get("value")
    return _whole(listed if isinstance(listed, list) else [answer])


def _whole(several: Sequence[Json]) -> Found:
    if all(isinstance(one, Mapping) and isinstance(one.get("id"), str) for one in several):
        return Found(tuple(several))
    return Found(problem="the answer does not show who it is")


# ---------------------------------------------------------------------------------------------- groups inside groups


async def look_inside(
    found: Mapping[Principal, Found], assigned: Collection[str], graph: Graph
) -> Mapping[Principal, Found]:
    """Return who was found, groups with the groups that are inside them; those that are assigned stay as they are.

    Whoever assigned them was told. Each takes a request of its own, which a mesh of many links does not have.
    """
    select = f"$select=id,displayName&$top={_SHOWN}"
    paths = {
        one: f"/groups/{what.candidates[0]['id']}/members/microsoft.graph.group?{select}"
        for one, what in found.items()
        if one.type == "group" and len(what.candidates) == 1 and str(what.candidates[0]["id"]).lower() not in assigned
    }
    answers = await graph.get_all(paths.values()) if paths else {}
    return {**found, **{one: _inside(found[one], answers[path]) for one, path in paths.items()}}


def _inside(found: Found, answer: Body | GraphError) -> Found:
    if isinstance(answer, GraphError):
        return replace(found, unseen=str(answer))
    listed = answer.get("value")
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        return replace(found, unseen="the answer is no list of groups")
    names = [str(one.get("displayName") or one.get("id")) for one in listed]
    return replace(found, inside=(*sorted(names), *(["and more"] if NEXT in answer else [])))
