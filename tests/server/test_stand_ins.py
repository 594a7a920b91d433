"""What `emulate` makes of documents when nobody gives it a seed."""

from pathlib import Path

from reconciler.cli.stand_ins import EVERYWHERE, environment, seed_of
from reconciler.emulator.calls import Json
from reconciler.emulator.world import World
from reconciler.model import Address, Document, Estate, Management, Origin, Tenant

PLAN, APPLY = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
PLACE = Origin("tenants/contoso/tenant.yaml", 1, 1)


def tenant(name: str, number: int, management: Management = Management.HERE, **auth: str) -> Tenant:
    tenant_id = f"00000000-0000-4000-8000-{number:012}"
    return Tenant(name, tenant_id, name.title(), f"{name}.example", PLACE, management=management, auth=auth)


def partner(of: str, key: str, label: str, domain: str) -> Document:
    return Document(Address(of, "partner", key), label, PLACE, {}, domain=domain)


def estate(*tenants: Tenant, documents: tuple[Document, ...] = ()) -> Estate:
    return Estate({one.name: one for one in tenants}, {one.address: one for one in documents})


def applications(one: Tenant) -> dict[str, Json]:
    """Return the applications of a tenant in the world that is made of it alone, by name."""
    world = World.from_seed(seed_of(estate(one)))
    return {made.name: made for made in world.directory.tenants[one.tenant_id].applications.values()}


def variables(*tenants: Tenant) -> set[str]:
    """Return the names of the variables that are printed for these tenants."""
    world = World.from_seed(seed_of(estate(*tenants)))
    return set(environment("https://127.0.0.1:1", Path("ca.pem"), world.directory.tenants.values()))


def test_applications_are_those_of_the_documents() -> None:
    made = applications(tenant("contoso", 1, plan=PLAN, apply=APPLY))

    assert {name: one.app_id for name, one in made.items()} == {"plan": PLAN, "apply": APPLY}


def test_only_applying_may_write() -> None:
    made = applications(tenant("contoso", 1, plan=PLAN, apply=APPLY))
    writing = "Policy.ReadWrite.CrossTenantAccess"

    assert [name for name, one in made.items() if writing in one.roles] == ["apply"]


def test_tenant_without_applications_gets_one_for_everything() -> None:
    made = applications(tenant("contoso", 1))

    assert {name: one.app_id for name, one in made.items()} == {"reconciler": EVERYWHERE}
    assert "Policy.ReadWrite.CrossTenantAccess" in made["reconciler"].roles


def test_one_application_for_both_may_write() -> None:
    made = applications(tenant("contoso", 1, plan=PLAN, apply=PLAN))

    assert {name: one.app_id for name, one in made.items()} == {"reconciler": PLAN}
    assert "Policy.ReadWrite.CrossTenantAccess" in made["reconciler"].roles


def test_observed_tenant_gets_nobody_who_writes() -> None:
    made = applications(tenant("contoso", 1, Management.OBSERVE, plan=PLAN))

    assert list(made) == ["plan"]


def test_tenant_managed_elsewhere_is_only_known() -> None:
    one = tenant("tailspin", 1, Management.ELSEWHERE)
    directory = World.from_seed(seed_of(estate(one))).directory

    assert not directory.tenants
    assert directory.organizations[one.tenant_id].domains == ("tailspin.example",)


def test_partners_can_be_looked_up() -> None:
    known = partner("contoso", APPLY, "litware", "litware.example")
    directory = World.from_seed(seed_of(estate(tenant("contoso", 1), documents=(known,)))).directory

    assert directory.organizations[APPLY].domains == ("litware.example",)


def test_partner_with_a_tenants_name_does_not_hide_it() -> None:
    elsewhere = tenant("tailspin", 1, Management.ELSEWHERE)
    namesake = partner("contoso", APPLY, "tailspin", "tailspin-toys.example")
    directory = World.from_seed(seed_of(estate(tenant("contoso", 2), elsewhere, documents=(namesake,)))).directory

    assert {APPLY, elsewhere.tenant_id} <= set(directory.organizations)


def test_variables_are_named_after_tenants() -> None:
    assert variables(tenant("tailspin-toys", 1, plan=PLAN, apply=APPLY)) == {
        "RECONCILER_ENDPOINT",
        "SSL_CERT_FILE",
        "RECONCILER_PLAN_CLIENT_SECRET_TAILSPIN_TOYS",
        "RECONCILER_APPLY_CLIENT_SECRET_TAILSPIN_TOYS",
    }


def test_general_application_is_named_in_the_environment() -> None:
    assert variables(tenant("contoso", 1)) == {
        "RECONCILER_ENDPOINT",
        "SSL_CERT_FILE",
        "AZURE_CLIENT_ID",
        "RECONCILER_CLIENT_SECRET_CONTOSO",
    }
