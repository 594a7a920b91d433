"""Lists of directory objects: what a query finds in them, looked at bit by bit, so that no list is ever held whole.

Where the objects come from is the caller's business, and so is who may see them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from reconciler.emulator import paging
from reconciler.emulator.calls import Answer, Body, Call, Json
from reconciler.emulator.directory_objects import Collection
from reconciler.emulator.querying import Filter, parsed
from reconciler.emulator.refusals import bad_request, shorten
from reconciler.emulator.showing import context

if TYPE_CHECKING:
    from reconciler.emulator.world import World

Source: TypeAlias = "Callable[[str, str], Iterator[tuple[str, Body]]]"
"""Yields objects with their keys, those after a key; with a second name, only those of that name are wanted."""
Show: TypeAlias = Callable[[Body], dict[str, Json]]

_LARGEST_PAGE = 999
_OPTIONS = {"$select", "$filter", "$top", "$count", "$orderby", "$expand", "$skiptoken", "$format"}
_ORDERS = ("displayName", "userPrincipalName")


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: what is in it, how each object is shown, and how many there are where nobody filters."""

    collection: Collection
    source: Source
    show: Show
    size: Callable[[], int]
    name: str


def answered(world: World, call: Call, listing: Listing) -> Answer:
    """Return a page of a list.

    Raises:
        Refusal: 400, for a query that is not understood.
    """
    paging.only(call, _OPTIONS)
    said = _filter(call, listing.collection)
    size = paging.number(call, "$top", world.switches.page_size, _LARGEST_PAGE)
    after, skip = paging.place(call)
    page = _ordered(call, listing, said, size, skip) if "$orderby" in call.query else _page(listing, said, size, after)
    answer = context(call, listing.name)
    if _counts(call) and "$skiptoken" not in call.query:
        answer["@odata.count"] = _count(listing, said)
    if len(page) > size:
        answer["@odata.nextLink"] = paging.next_link(call, page[size - 1][0], skip + size)
    answer["value"] = [listing.show(body) for _, body in page[:size]]
    return Answer(200, answer)


def counted(call: Call, listing: Listing) -> Answer:
    """Return how many objects a list has, as text.

    Raises:
        Refusal: 400, without the header that says that an index will do.
    """
    paging.only(call, {"$filter"})
    if not is_eventual(call):
        raise bad_request("$count is not currently supported.")
    number = _count(listing, _filter(call, listing.collection))
    return Answer(200, raw=str(number).encode(), content_type="text/plain")


def is_eventual(call: Call) -> bool:
    """Whether the caller is content with an index that may be behind: what advanced queries take."""
    return call.headers.get("consistencylevel", "").lower() == "eventual"


def _counts(call: Call) -> bool:
    # Without the header the option is ignored.
    return call.query.get("$count") == "true" and is_eventual(call)


def _filter(call: Call, collection: Collection) -> Filter:
    said = parsed(call.query.get("$filter", ""), collection.properties)
    if said.is_advanced and not (_counts(call) or (is_eventual(call) and call.path.endswith("/$count"))):
        words = "Try adding $count=true to the query and the header ConsistencyLevel with the value eventual."
        message = f"The query cannot be answered because parameters are missing. {words}"
        raise bad_request(message, code="Request_UnsupportedQuery")
    return said


def _page(listing: Listing, said: Filter, size: int, after: str) -> list[tuple[str, Body]]:
    """Return up to one more than `size` objects after the key `after`."""
    return list(islice(_matching(listing, said, after), size + 1))


def _ordered(call: Call, listing: Listing, said: Filter, size: int, skip: int) -> list[tuple[str, Body]]:
    """Return up to one more than `size` objects in the order that is asked for, after the first `skip`."""
    name, _, direction = call.query["$orderby"].strip().partition(" ")
    if name not in _ORDERS or name not in listing.collection.resource.stock:
        raise bad_request(f"Sorting by '{shorten(name)}' is not supported.", code="Request_UnsupportedQuery")
    keys = sorted(
        ((str(body.get(name) or "").lower(), key) for key, body in _matching(listing, said)),
        reverse=direction.strip().lower() == "desc",
    )
    wanted = dict.fromkeys(key for _, key in keys[skip : skip + size + 1])
    # What is sorted is small; the objects themselves are looked at once more.
    found = {key: body for key, body in _matching(listing, said) if key in wanted}
    return [(key, found[key]) for key in wanted if key in found]


def _count(listing: Listing, said: Filter) -> int:
    return listing.size() if said.is_everything else sum(1 for _ in _matching(listing, said))


def _matching(listing: Listing, said: Filter, after: str = "") -> Iterator[tuple[str, Body]]:
    whole = listing.collection.whole
    for key, body in listing.source(_second_name(listing.collection, said), after):
        if said.is_everything or said.holds(whole(body)):
            yield key, body


def _second_name(collection: Collection, said: Filter) -> str:
    """Return the second name that a filter asks for, or nothing: such objects are found without looking at all."""
    if said.equal is None or said.equal[0] != collection.second or not said.equal[1].isascii():
        return ""
    return said.equal[1]
