import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import pytest
from estates import CLOSED, COLLABORATION, CONSENT, CONTOSO, DEFAULT, DIRECT, OPEN, TRUST, key, partner_at, trust

from reconciler.errors import Conflict, Forbidden, GraphError, NotFound, Refused, SignInFailed, Unavailable
from reconciler.graph.client import Graph
from reconciler.kinds import REGISTRY
from reconciler.live import read_item, read_items
from reconciler.model import Body, Json, Reading, Tenant, Unreadable
from reconciler.reading import ORGANIZATION, read

KINDS = {name: REGISTRY[name] for name in ("default", "partner")}
PARTNERS, DEFAULTS = REGISTRY["partner"].endpoint.path, REGISTRY["default"].endpoint.path
Shown: TypeAlias = Body | GraphError


@dataclass
class ToldGraph(Graph):
    """A Graph that answers with what it was told: objects by path, and pages of the list of partners."""

    objects: dict[str, Shown]
    partners: Sequence[Sequence[Body] | GraphError] = ()
    asked: list[str] = field(default_factory=list)

    async def get(self, path: str) -> Body:
        self.asked.append(path)
        answer = self.objects.get(path, NotFound(f"{path}: not found"))
        if isinstance(answer, GraphError):
            raise answer
        return answer

    async def get_all(self, paths: Iterable[str]) -> Mapping[str, Shown]:
        return {path: self.objects.get(path, NotFound(f"{path}: not found")) for path in paths}

    async def collect(self, path: str, first: Body) -> list[Body]:
        items: list[Body] = []
        for page in self.partners:
            if isinstance(page, GraphError):
                raise page
            items += page
        return items


ORGANIZED: Json = {
    "value": [
        {
            "id": CONTOSO.tenant_id,
            "displayName": "Contoso",
            "verifiedDomains": [{"name": "contoso.onmicrosoft.com"}, {"name": "Contoso.Example"}],
        }
    ]
}
STOCK: Body = {"@odata.context": "x", **REGISTRY["default"].stock, "isServiceDefault": False, "id": "default"}


def item(number: int, **blocks: Json) -> Body:
    """A partner as the service shows it in a list."""
    stock = dict.fromkeys((*REGISTRY["partner"].blocks, "isServiceProvider"))
    return {"tenantId": key(number), **stock, "isInMultiTenantOrganization": False, **blocks}


def told(*pages: Sequence[Body] | GraphError, organization: Shown | None = None, **objects: Shown) -> ToldGraph:
    """A tenant with these pages of partners."""
    first: Shown = {"value": []}
    there = {ORGANIZATION: ORGANIZED if organization is None else organization, DEFAULTS: objects.pop("default", STOCK)}
    there[PARTNERS] = objects.pop("first", first)
    return ToldGraph({**there, **objects}, pages)


def answer(graph: Graph, tenant: Tenant = CONTOSO) -> Reading | Unreadable:
    return asyncio.run(read(tenant, graph, KINDS))


def whole(graph: Graph) -> Reading:
    found = answer(graph)
    assert isinstance(found, Reading), found
    return found


def unreadable(graph: Graph, tenant: Tenant = CONTOSO) -> Unreadable:
    found = answer(graph, tenant)
    assert isinstance(found, Unreadable), found
    assert found.tenant == tenant.name
    return found


# ---------------------------------------------------------------------------------------------- whole


def test_everything_that_is_there_is_read() -> None:
    reading = whole(told([item(2, **{TRUST: trust(True)})], [item(1)]))

    assert list(reading.state) == [DEFAULT, partner_at(1), partner_at(2)]
    assert reading.state[partner_at(2)].body[TRUST] == trust(True)
    assert reading.state[DEFAULT].body == REGISTRY["default"].at("v1.0").project(STOCK)


def test_tenant_without_partners_is_read_as_such() -> None:
    assert list(whole(told([])).state) == [DEFAULT]


def test_body_holds_all_managed_blocks_and_nothing_else() -> None:
    reading = whole(told([{"tenantId": key(1), CONSENT: {"inboundAllowed": None, "outboundAllowed": None}}]))

    assert reading.state[partner_at(1)].body == dict.fromkeys(REGISTRY["partner"].blocks)


def test_facts_are_kept_beside_the_body() -> None:
    facts = whole(told([item(1, isServiceProvider=True)])).state[partner_at(1)].facts

    assert facts == {"tenantId": key(1), "isServiceProvider": True, "isInMultiTenantOrganization": False}


def test_key_is_read_without_case() -> None:
    shouted = {**item(0xAB), "tenantId": key(0xAB).upper()}

    assert partner_at(0xAB) in whole(told([shouted])).state


def test_what_shall_be_gone_and_is_not_listed_is_looked_up() -> None:
    """A list that lags would make "it is gone" of a partner that still lets people in."""
    graph = told([item(1)], **{REGISTRY["partner"].path(key(2)): item(2, **{TRUST: trust(True)})})
    reading = asyncio.run(read(CONTOSO, graph, KINDS, [partner_at(1), partner_at(2), partner_at(3)]))

    assert isinstance(reading, Reading)
    assert list(reading.state) == [DEFAULT, partner_at(1), partner_at(2)]
    assert reading.state[partner_at(2)].body[TRUST] == trust(True)


# ---------------------------------------------------------------------------------------------- or nothing

ERRORS = [
    (Forbidden("403", status=403), 8),
    (SignInFailed("no token"), 8),
    (NotFound("404", status=404), 1),
    (Refused("400", status=400), 1),
    (Conflict("409", status=409), 1),
    (Unavailable("503", status=503), 9),
]


def test_what_shall_be_gone_and_cannot_be_looked_up_makes_the_tenant_unreadable() -> None:
    graph = told([item(1)], **{REGISTRY["partner"].path(key(2)): Forbidden("403", status=403)})
    reading = asyncio.run(read(CONTOSO, graph, KINDS, [partner_at(2)]))

    assert isinstance(reading, Unreadable)
    assert reading.exit_code == 8


@pytest.mark.parametrize(("error", "code"), ERRORS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("path", [ORGANIZATION, DEFAULTS, PARTNERS])
def test_one_missing_answer_makes_the_tenant_unreadable(path: str, error: GraphError, code: int) -> None:
    graph = told([item(1)])
    graph.objects[path] = error

    found = unreadable(graph)

    assert (found.exit_code, found.reason) == (code, str(error))


@pytest.mark.parametrize("at", [0, 1, 2])
def test_one_missing_page_makes_the_tenant_unreadable(at: int) -> None:
    pages: list[Sequence[Body] | GraphError] = [[item(1)], [item(2)], [item(3)]]
    pages[at] = Unavailable("cut off")

    assert unreadable(told(*pages)).exit_code == 9


BROKEN: Mapping[str, Json] = {
    "no identity": {name: value for name, value in item(1).items() if name != "tenantId"},
    "null identity": {**item(1), "tenantId": None},
    "empty identity": {**item(1), "tenantId": ""},
    "number for an identity": {**item(1), "tenantId": 7},
    "path for an identity": {**item(1), "tenantId": "../default"},
    "text for a block": item(1, **{TRUST: "yes"}),
    "list for a block": item(1, **{TRUST: []}),
    "number for a flag": item(1, **{TRUST: {**trust(True), "isMfaAccepted": 1}}),
    "text for a flag": item(1, **{TRUST: {**trust(True), "isMfaAccepted": "true"}}),
    "setting for a flag": item(1, **{TRUST: {**trust(True), "isMfaAccepted": OPEN["applications"]}}),
    "flag for a half": item(1, **{COLLABORATION: {**OPEN, "usersAndGroups": True}}),
    "text for a half": item(1, **{COLLABORATION: {**OPEN, "usersAndGroups": "all"}}),
    "half without targets": item(1, **{COLLABORATION: {**OPEN, "usersAndGroups": {"accessType": "allowed"}}}),
    "half without access": item(1, **{COLLABORATION: {**OPEN, "usersAndGroups": {"targets": []}}}),
    "half of half": item(1, **{COLLABORATION: {**OPEN, "usersAndGroups": {"accessType": None, "targets": []}}}),
    "target that is text": item(
        1, **{COLLABORATION: {**OPEN, "applications": {**OPEN["applications"], "targets": ["x"]}}}
    ),
    "target without a type": item(
        1, **{COLLABORATION: {**OPEN, "applications": {"accessType": "allowed", "targets": [{"target": "x"}]}}}
    ),
}


@pytest.mark.parametrize("how", BROKEN)
def test_item_of_an_unknown_shape_makes_the_tenant_unreadable(how: str) -> None:
    assert unreadable(told([item(2), BROKEN[how]])).exit_code == 9


@pytest.mark.parametrize("body", [{}, {"value": []}, {"error": {"code": "x"}}, {"id": "default"}], ids=str)
def test_default_that_shows_nothing_makes_the_tenant_unreadable(body: Body) -> None:
    assert "shows none of its properties" in unreadable(told([], default=body)).reason


# ---------------------------------------------------------------------------------------------- the right tenant


def organized(**changes: Json) -> Body:
    return {"value": [{**ORGANIZED["value"][0], **changes}]}


def test_other_tenant_is_not_read() -> None:
    found = unreadable(told([], organization=organized(id=key(9))))

    assert found.exit_code == 8
    assert key(9) in found.reason
    assert "tenants/contoso/tenant.yaml:1:1" in found.reason


@pytest.mark.parametrize(
    "domains",
    [[], [{"name": "contoso.com"}], [{"name": "notcontoso.example"}], [{"no": 1}], ["contoso.example"]],
    ids=str,
)
def test_domain_that_is_not_verified_is_not_read(domains: Json) -> None:
    found = unreadable(told([], organization=organized(verifiedDomains=domains)))

    assert found.exit_code == 8
    assert "contoso.example is not a verified domain" in found.reason


def test_case_of_identity_and_domain_does_not_matter() -> None:
    shouted = organized(id=CONTOSO.tenant_id.upper())
    found = answer(told([], organization=shouted), replace(CONTOSO, domain="CONTOSO.example"))

    assert isinstance(found, Reading)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"value": []},
        {"value": None},
        {"value": ORGANIZED["value"] * 2},
        organized(id=None),
        organized(verifiedDomains=None),
    ],
    ids=range(6),
)
def test_organization_that_is_not_one_makes_the_tenant_unreadable(body: Body) -> None:
    assert unreadable(told([], organization=body)).exit_code == 9


# ---------------------------------------------------------------------------------------------- turning pages


def test_item_that_is_listed_twice_alike_is_one() -> None:
    graph = told([item(1), item(2)], [item(2), item(3)])

    assert len(whole(graph).state) == 4
    assert graph.asked == []


def test_item_that_changed_while_pages_were_turned_is_read_again() -> None:
    path = f"{PARTNERS}/{key(1)}"
    graph = told([item(1)], [item(1, **{DIRECT: OPEN})], **{path: item(1, **{DIRECT: CLOSED})})

    assert whole(graph).state[partner_at(1)].body[DIRECT] == CLOSED
    assert graph.asked == [path]


def test_item_that_cannot_be_read_again_makes_the_tenant_unreadable() -> None:
    assert unreadable(told([item(1)], [item(1, **{DIRECT: OPEN})])).exit_code == 1


def test_other_item_in_the_place_of_one_makes_the_tenant_unreadable() -> None:
    graph = told([item(1)], [item(1, **{DIRECT: OPEN})], **{f"{PARTNERS}/{key(1)}": item(2)})

    assert "answered with another object" in unreadable(graph).reason


# ---------------------------------------------------------------------------------------------- unknown


def test_unknown_properties_are_noted_once_for_a_kind() -> None:
    future = {"futureThing": {"x": 1}, TRUST: {**trust(True), "isPasskeyAccepted": True}}
    graph = told([item(1, **future), item(2, **future), item(3)], default={**STOCK, "another": 1})

    assert whole(graph).unknown == {
        "default": ("another",),
        "partner": ("futureThing", f"{TRUST}.isPasskeyAccepted"),
    }


def test_annotations_are_not_unknown() -> None:
    assert whole(told([item(1, **{"@odata.etag": "W/1", f"{TRUST}@odata.type": "x"})])).unknown == {}


# ---------------------------------------------------------------------------------------------- single objects

PATH = f"{PARTNERS}/{key(1)}"


def test_single_object_is_read_like_one_of_a_list() -> None:
    graph = ToldGraph({PATH: item(1, **{DIRECT: OPEN})})

    found = asyncio.run(read_item(REGISTRY["partner"], partner_at(1), graph))

    assert found == whole(told([item(1, **{DIRECT: OPEN})])).state[partner_at(1)]


def test_another_object_than_the_one_asked_for_is_no_answer() -> None:
    with pytest.raises(Unavailable, match="another object"):
        asyncio.run(read_item(REGISTRY["partner"], partner_at(1), ToldGraph({PATH: item(2)})))


def test_several_objects_fail_each_on_its_own() -> None:
    shown: dict[str, Shown] = {PATH: item(1), f"{PARTNERS}/{key(2)}": BROKEN["text for a block"]}
    addresses = [partner_at(1), partner_at(2), partner_at(3), DEFAULT]

    found = asyncio.run(read_items(REGISTRY, addresses, ToldGraph({**shown, DEFAULTS: STOCK})))

    kinds = [type(found[address]).__name__ for address in addresses]
    assert kinds == ["Resource", "Unavailable", "NotFound", "Resource"]
