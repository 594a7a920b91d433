"""How a directory object looks in an answer: which properties, by what was asked, by version, and by who asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from reconciler.emulator import querying, views
from reconciler.emulator.calls import Body, Call, Json
from reconciler.emulator.directory_objects import ASSIGNMENT, BY_KIND, GROUPS, MEMBER, USERS, Collection, live
from reconciler.emulator.refusals import bad_request, shorten

if TYPE_CHECKING:
    from reconciler.emulator.world import World

# Graph's own limit for the members of a group that are shown with it.
_MOST_EXPANDED = 20
_EXTENSION = "extension_"


def shown(world: World, call: Call, collection: Collection, body: Body) -> dict[str, Json]:
    """Return an object as the query asks for it.

    Raises:
        Refusal: 400, for a property that does not exist.
    """
    return {**selected(call, collection, body, call.query.get("$select")), **_expanded(world, call, collection, body)}


def selected(call: Call, collection: Collection, body: Body, select: str | None) -> dict[str, Json]:
    """Return the properties that `select` names, or those that are shown unasked.

    Raises:
        Refusal: 400, for a property that does not exist.
    """
    whole = collection.whole(body)
    if select is None:
        unasked = collection.unasked if call.version != "beta" else ()
        return {name: whole[name] for name in unasked} if unasked else whole
    wanted = querying.names(select)
    if "*" in wanted:
        return whole
    for name in wanted:
        if name not in whole and not name.startswith(_EXTENSION):
            words = f"Could not find a property named '{shorten(name)}' on type 'microsoft.graph.{collection.type}'."
            raise bad_request(words, code="BadRequest")
    return {name: whole.get(name, body.get(name)) for name in wanted}


def polymorphic(world: World, call: Call, collection: Collection, body: Body) -> dict[str, Json]:
    """Return an object as one of a list of several kinds shows it: with its type.

    Who may not read its kind sees that it is there, and nothing else of it.
    """
    mark = {"@odata.type": f"#microsoft.graph.{collection.type}"}
    if call.principal is None or not call.principal.may(collection.resource.read):
        return {**mark, **dict.fromkeys(selected(call, collection, body, _known(call, collection))), "id": body["id"]}
    return {**mark, **selected(call, collection, body, _known(call, collection))}


def _known(call: Call, collection: Collection) -> str | None:
    """Return what the query selects of this kind: other kinds may have the rest."""
    if "$select" not in call.query:
        return None
    names = querying.names(call.query["$select"])
    return ",".join(name for name in names if name == "id" or name in collection.resource.stock) or "id"


def context(call: Call, what: str, suffix: str = "") -> dict[str, Json]:
    """Return what `@odata.context` says."""
    narrowed = f"({call.query['$select']})" if "$select" in call.query else ""
    return {"@odata.context": f"{call.base}/{call.version}/$metadata#{what}{narrowed}{suffix}"}


# ------------------------------------------------------------------------------------------ expanding


def _expanded(world: World, call: Call, collection: Collection, body: Body) -> dict[str, Json]:
    if "$expand" not in call.query:
        return {}
    asked = querying.expansions(call.query["$expand"])
    if not asked or any(name not in collection.expands for name in asked):
        words = f"Could not find a navigation property named '{shorten(call.query['$expand'])}'."
        raise bad_request(words, code="BadRequest")
    found = {}
    for name, options in asked.items():
        select = options.get("$select")
        match name:
            case "manager":
                value: Json = _manager(world, call, body, select)
            case "appRoleAssignedTo":
                value = [*_assigned(world, call, body)]
            case _:
                ends = _members(world, call, body) if collection is GROUPS else owners(world, call, body)
                value = [_narrowed(call, one, end, select) for one, end in ends][:_MOST_EXPANDED]
        if value is not None:
            found[name] = value
    return found


def _manager(world: World, call: Call, body: Body, select: str | None) -> Json:
    manager = world.store.get(call.tenant, USERS.kind, str(body.get("manager", "")))
    return None if manager is None else _narrowed(call, USERS, manager, select)


def _narrowed(call: Call, collection: Collection, body: Body, select: str | None) -> dict[str, Json]:
    mark = {"@odata.type": f"#microsoft.graph.{collection.type}"}
    return {**mark, **selected(call, collection, body, select)}


def _assigned(world: World, call: Call, body: Body) -> Iterator[Json]:
    for _, link in views.following(world, call, ASSIGNMENT, below=str(body["id"])):
        yield {**ASSIGNMENT.stock, **link}


def _members(world: World, call: Call, body: Body) -> Iterator[tuple[Collection, Body]]:
    for _, link in views.following(world, call, MEMBER, below=str(body["id"])):
        collection = BY_KIND[str(link["kind"])]
        end = views.item(world, call, collection.resource, str(link["id"]))
        if end is not None:
            yield collection, end


def owners(world: World, call: Call, body: Body) -> Iterable[tuple[Collection, Body]]:
    """Yield who owns an object, as far as they are there."""
    found = (live(world, call.tenant, str(one)) for one in body.get("owners", ()))
    return (one for one in found if one is not None)
