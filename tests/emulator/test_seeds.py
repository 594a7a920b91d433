from pathlib import Path

import pytest
from worlds import (
    CONTOSO,
    DEFAULT,
    FABRIKAM,
    MFA,
    NORTHWIND,
    PARTNERS,
    TAILSPIN,
    Client,
    partner_path,
    seed,
    small_world,
)

from reconciler.emulator.calls import Json
from reconciler.emulator.clock import RealClock
from reconciler.emulator.resources import Resource
from reconciler.emulator.seeds import (
    READING,
    WRITING,
    SeedError,
    application_id,
    application_secret,
    as_yaml,
    generated_id,
    parse,
    seed_of,
)
from reconciler.emulator.world import World

TOY = Resource(
    kind="toy",
    path="/toys",
    key="name",
    guid_key=False,
    stock={"colour": None, "wheels": {"front": None, "rear": None}},
    read=("Policy.Read.All",),
    write=("Policy.ReadWrite.CrossTenantAccess",),
)

SEED = f"""
clock: 2026-11-24T08:00:00Z
switches: {{page_size: 2}}
faults: [{{match: {{tenant: contoso, write: true}}, nth: 1, action: drop}}]
organizations: {{tailspin: {{tenantId: {TAILSPIN}, displayName: Tailspin Toys, domain: tailspin.example}}}}
tenants:
  contoso:
    tenantId: {CONTOSO.upper()}
    displayName: Contoso
    domains: [contoso.example, contoso.onmicrosoft.example]
    default: {{inboundTrust: {{isMfaAccepted: true}}}}
    partners:
      - {{tenantId: {TAILSPIN}, inboundTrust: {{isMfaAccepted: true}}, isInMultiTenantOrganization: true}}
      - generate: 3
        b2bDirectConnectInbound:
          usersAndGroups: {{accessType: blocked, targets: [{{target: AllUsers, targetType: user}}]}}
"""


def test_seed_becomes_a_world() -> None:
    world = World.from_seed(SEED)
    contoso = world.directory.tenants[CONTOSO]

    assert world.clock.now().isoformat() == "2026-11-24T08:00:00+00:00"
    assert world.switches.page_size == 2
    assert contoso.organization.domains == ("contoso.example", "contoso.onmicrosoft.example")
    assert len(world.faults.listing()) == 1
    client = Client(world)
    assert client.get(DEFAULT).body["isServiceDefault"] is False
    assert client.get(DEFAULT).body["inboundTrust"]["isCompliantDeviceAccepted"] is False
    assert client.partners() == [TAILSPIN, *(generated_id(CONTOSO, number) for number in (1, 2, 3))]
    partner = client.get(partner_path(TAILSPIN)).body
    assert partner["isInMultiTenantOrganization"] is True
    assert partner["inboundTrust"] == {
        "isMfaAccepted": True,
        "isCompliantDeviceAccepted": None,
        "isHybridAzureADJoinedDeviceAccepted": None,
    }


def test_seeding_is_no_write() -> None:
    assert World.from_seed(SEED).store.journal() == ()


def test_world_becomes_the_seed_it_came_from() -> None:
    world = World.from_seed(SEED)
    world.faults.clear()
    client = Client(world)
    client.post(PARTNERS, {"tenantId": NORTHWIND, **MFA})
    client.patch(DEFAULT, {"inboundTrust": {"isCompliantDeviceAccepted": True}})
    written = seed_of(world)

    assert seed_of(World.from_seed(written)) == written
    assert seed_of(World.from_seed(as_yaml(written))) == written


def test_rules_survive_the_round_trip() -> None:
    written = seed_of(World.from_seed(SEED))

    assert seed_of(World.from_seed(written)) == written


def test_two_applications_are_there_unless_said() -> None:
    plan, apply = World.from_seed(SEED).directory.tenants[CONTOSO].applications.values()

    assert (plan.name, plan.roles, apply.name, apply.roles) == ("plan", READING, "apply", WRITING)
    assert plan.app_id == application_id(CONTOSO, "plan")
    assert plan.secret == application_secret(CONTOSO, "plan") == f"plan-secret-of-{CONTOSO}"


def test_generated_partners_can_be_looked_up() -> None:
    organization = World.from_seed(SEED).organization(generated_id(CONTOSO, 2))

    assert organization is not None
    assert (organization.display_name, organization.domains) == ("Generated 2", ("generated-2.example",))


def test_clock_may_be_real() -> None:
    assert isinstance(small_world(clock=None).clock, type(small_world().clock))
    assert isinstance(World.from_seed(seed(clock="real")).clock, RealClock)


def at(place: str, value: Json) -> dict[str, Json]:
    """Return the seed of the tests with another value at a place in it."""
    said = seed(github={}, switches={}, faults=[])
    *outer, name = place.split("/")
    where: Json = said
    for step in outer:
        where = where[int(step) if step.isdigit() else step]
    if isinstance(where, list):
        where[int(name)] = value
    else:
        where[name] = value
    return said


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("tenant", {}, r"^tenant: Extra inputs"),
        ("tenants/contoso/tenantID", CONTOSO, r"^tenants\.contoso\.tenantID: "),
        ("tenants/contoso/tenantId", "contoso", r"^tenants\.contoso\.tenantId: .*not a GUID"),
        ("tenants/contoso/tenantId", 7, r"^tenants\.contoso\.tenantId: "),
        ("tenants/fabrikam/tenantId", CONTOSO, r"^tenants\.fabrikam\.tenantId: another tenant"),
        ("tenants/contoso/domains", ["a.example"], r"^tenants\.contoso: .*not both"),
        ("tenants/contoso/applications", [{"roles": []}], r"^tenants\.contoso\.applications\.0\.name: "),
        ("tenants/contoso/default", {"inboundTrusts": {}}, r"^tenants\.contoso\.default\.inboundTrusts: "),
        ("tenants/contoso/default", {"inboundTrust": {"x": True}}, r"^tenants\.contoso\.default\.inboundTrust: "),
        ("tenants/contoso/partners/0", {}, r"^tenants\.contoso\.partners\.0\.tenantId: "),
        ("tenants/contoso/partners/0", {"tenantId": "x"}, r"^tenants\.contoso\.partners\.0\.tenantId: "),
        ("tenants/contoso/partners/0", {"generate": 0}, r"^tenants\.contoso\.partners\.0\.generate: "),
        ("tenants/contoso/partners/0", {"generate": 1, "x": 1}, r"^tenants\.contoso\.partners\.0\.x: "),
        ("tenants/contoso/objects", {"toy": {}}, r"^tenants\.contoso\.objects\.toy: there is no such kind"),
        ("switches/page_sise", 1, r"^switches: "),
        ("faults", [{"action": "explode"}], r"^faults\.0: "),
        ("clock", "yesterday", r"^clock: "),
        ("github/subjects", "x", r"^github\.subjects: "),
    ],
)
def test_mistake_is_named_with_its_place(place: str, value: Json, words: str) -> None:
    with pytest.raises(SeedError, match=words):
        World.from_seed(at(place, value))


def test_partner_is_there_once() -> None:
    twice = [{"tenantId": TAILSPIN}, {"tenantId": TAILSPIN.upper()}]

    with pytest.raises(SeedError, match=r"partners\.1\.tenantId: there is already"):
        small_world(partners=twice)


@pytest.mark.parametrize("text", ["", "[]", "a: b: c", "tenants: {a: 1, a: 2}", "[" * 5000, "!!python/object:x.y {}"])
def test_text_that_is_no_seed_is_refused(text: str) -> None:
    with pytest.raises(SeedError):
        parse(text)


def test_kind_of_one_s_own_is_served_and_seeded() -> None:
    said = seed()
    said["tenants"]["contoso"]["objects"] = {"toy": {"car": {"colour": "red"}}}
    world = World.from_seed(said, extra=[TOY])
    client = Client(world)

    assert client.get("/toys('car')").body["colour"] == "red"
    assert client.post("/toys", {"name": "bus", "wheels": {"front": 2}}).status == 201
    assert client.patch("/toys/bus", {"wheels": {"rear": 4}}).status == 204
    assert client.get("/toys/bus").body["wheels"] == {"rear": 4}
    assert client.post("/toys", {"name": "bus"}).status == 409
    assert client.post("/toys", {"name": ""}).status == 400
    assert client.post("/toys", {"name": "x", "doors": 1}).status == 400
    assert client.delete("/toys/car").status == 204
    assert Client(world, FABRIKAM).get("/toys").body["value"] == []
    assert [entry.kind for entry in world.store.journal() if entry.committed] == ["toy"] * 3
    written = seed_of(world)
    assert written["tenants"]["contoso"]["objects"] == {
        "toy": {"bus": {"colour": None, "name": "bus", "wheels": {"rear": 4}}}
    }
    assert seed_of(World.from_seed(written, extra=[TOY])) == written


def test_file_that_holds_a_world_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    first = World.from_seed(seed(), path=path)
    first.clock.wait(500)
    Client(first).post(PARTNERS, {"tenantId": NORTHWIND})
    second = World.from_seed(seed(), path=path)

    assert Client(second).partners() == [TAILSPIN, NORTHWIND]
    assert second.clock.now() == first.clock.now()
    assert len(second.store.journal()) == 1
    assert second.new_id() not in {entry.request_id for entry in second.store.journal()}
