"""Rule 1: a new partner is known when files name owner and domain, and the directory says the same."""

from dataclasses import replace

import pytest
from situations import (
    CONTOSO,
    DOMAIN,
    FABRIKAM,
    PARTNER,
    TAILSPIN,
    default,
    directory,
    document,
    judge,
    marks,
    only,
    partner,
    yes,
)

from reconciler.model import FILL_IN, FILL_IN_DOMAIN, Directory, Finding, Json, Lookup, Tenant

AGREES = directory(PARTNER)
OURS = replace(CONTOSO, name="fabrikam", tenant_id=FABRIKAM, display_name="Fabrikam", domain=DOMAIN, owner="it")


def introduce(asked: Directory = AGREES, ours: Tenant | None = None, **said: Json) -> tuple[Finding, ...]:
    """Return what the guard says of a new partner that inherits everything."""
    yeses, papers = said.pop("yeses", ()), {PARTNER: document(PARTNER, **said)}
    known = {ours.tenant_id: ours} if ours else {}
    return judge(default(), {**default(), **partner()}, *yeses, documents=papers, directory=asked, ours=known)


def asked(*, said: str = DOMAIN, first: str = DOMAIN, holder: str = "", name: str = "Fabrikam AB") -> Directory:
    """A directory in which the partner's first domain is `first`, and `said` that of `holder`."""
    domains = {said: Lookup(holder, said, "Tailspin")} if holder else {}
    return Directory({FABRIKAM: Lookup(FABRIKAM, first, name)}, domains)


def test_named_partner_that_the_directory_knows_asks_nothing() -> None:
    assert marks(introduce()) == []


@pytest.mark.parametrize("said", [{"owner": ""}, {"domain": ""}, {"owner": FILL_IN}, {"domain": FILL_IN_DOMAIN}])
def test_partner_that_files_name_by_half_asks(said: dict[str, Json]) -> None:
    assert marks(introduce(**said)) == ["block 1 partner"]


def test_partner_without_a_document_asks() -> None:
    assert marks(judge(default(), {**default(), **partner()}, documents={})) == ["block 1 partner"]


def test_tenant_document_of_a_partner_of_ours_names_owner_and_domain() -> None:
    assert marks(introduce(ours=OURS, owner="", domain="")) == []


@pytest.mark.parametrize("tenant", [replace(OURS, owner=""), replace(OURS, domain="")], ids=["owner", "domain"])
def test_tenant_document_that_lacks_something_does_not_introduce(tenant: Tenant) -> None:
    assert marks(introduce(ours=tenant, owner="", domain="")) == ["block 1 partner"]


def test_own_tenant_that_the_directory_knows_otherwise_asks() -> None:
    assert marks(introduce(asked(first="evil.example"), OURS)) == ["block 1 partner"]


def test_further_domain_of_the_same_tenant_is_its_domain() -> None:
    assert marks(introduce(asked(first="fabrikam.onmicrosoft.example", holder=FABRIKAM))) == []


def test_domain_of_another_tenant_asks_and_says_whose_it_is() -> None:
    found = only(introduce(asked(first="evil.example", holder=TAILSPIN)), 1)

    assert found.message == (
        f"Fabrikam ({FABRIKAM}) becomes a partner: in the directory Fabrikam AB, evil.example; "
        f"{DOMAIN} is a domain of Tailspin ({TAILSPIN})"
    )


def test_domain_that_nobody_could_ask_about_is_no_agreement() -> None:
    assert marks(introduce(asked(first="fabrikam.onmicrosoft.example"))) == ["block 1 partner"]


def test_spelling_of_the_domain_does_not_matter() -> None:
    assert marks(introduce(domain=DOMAIN.upper())) == []


@pytest.mark.parametrize(
    "nobody", [Directory(), Directory({FABRIKAM: Lookup(problem="not allowed")})], ids=["not asked", "refused"]
)
def test_silence_of_the_directory_is_no_agreement(nobody: Directory) -> None:
    found = only(introduce(nobody), 1)

    assert found.message.endswith("the directory does not say who that is")
    assert found.details[0] in ("the directory was not asked", "not allowed")


def test_existing_partner_is_not_introduced_again() -> None:
    live = {**default(), **partner()}

    assert marks(judge(live, live, documents={PARTNER: document(PARTNER, owner="")}, directory=Directory())) == []


EXACT = {"tenantId": FABRIKAM, "domain": DOMAIN, "defaultDomainName": "evil.example"}


def test_exact_answer_of_the_directory_is_acknowledged() -> None:
    found = only(introduce(asked(first="evil.example"), yeses=[yes(1, after=EXACT)]), 1)

    assert found.acknowledged is not None


@pytest.mark.parametrize("change", [{"defaultDomainName": "other.example"}, {"domain": None}, {"tenantId": TAILSPIN}])
def test_yes_to_another_organization_does_not_count(change: dict[str, Json]) -> None:
    found = only(introduce(asked(first="evil.example"), yeses=[yes(1, after={**EXACT, **change})]), 1)

    assert found.stops


def test_yes_for_a_silent_directory_does_not_count_when_it_speaks() -> None:
    silent = {"tenantId": FABRIKAM, "domain": DOMAIN}
    found = only(introduce(asked(first="evil.example"), yeses=[yes(1, after=silent)]), 1)

    assert found.stops
