"""Who is meant by a word on the command line."""

from __future__ import annotations

import pytest

from reconciler.errors import SetupError
from reconciler.explaining import choose
from reconciler.model import Address, Document, Estate, Origin, Tenant

CONTOSO, FABRIKAM, TREY, NOBODY = (f"{number}0000000-0000-4000-8000-00000000000a" for number in "1234")
HERE = Origin("tenants/x.yaml", 1, 1)
ADDRESS = Address("contoso", "partner", TREY)
ESTATE = Estate(
    {
        "contoso": Tenant("contoso", CONTOSO, "Contoso", "contoso.example", HERE),
        "fabrikam": Tenant("fabrikam", FABRIKAM, "Fabrikam", "fabrikam.example", HERE, cloud="usgov"),
    },
    {
        ADDRESS: Document(ADDRESS, "trey", HERE, {}, domain="Trey.example"),
        Address("contoso", "default"): Document(Address("contoso", "default"), "", HERE, {}),
    },
    {CONTOSO: "Contoso", FABRIKAM: "Fabrikam", TREY: "trey"},
)


@pytest.mark.parametrize("word", ["fabrikam", "Fabrikam", "fabrikam.example", FABRIKAM, FABRIKAM.upper()])
def test_tenant_is_found_by_any_of_its_names(word: str) -> None:
    _, found = choose(ESTATE, "contoso", word)

    assert (found.name, found.ours, found.cloud, found.reason) == ("fabrikam", True, "usgov", "")


@pytest.mark.parametrize("word", ["trey", "trey.example", TREY])
def test_organization_of_the_files_is_found(word: str) -> None:
    _, found = choose(ESTATE, "contoso", word)

    assert (found.name, found.tenant_id, found.ours, found.cloud) == ("trey", TREY, False, "")
    assert found.reason


def test_stranger_is_named_by_id() -> None:
    found, _ = choose(ESTATE, NOBODY, "contoso")

    assert (found.name, found.tenant_id, found.ours) == (NOBODY, NOBODY, False)
    assert found.reason


@pytest.mark.parametrize(
    ("one", "two", "words"),
    [
        (
            "contosso",
            "fabrikam",
            "'contosso' is no tenant of these files, and no organization that they name; did you mean 'contoso'?",
        ),
        ("contoso", "tray", "did you mean 'trey'?"),
        ("contoso", "zzz", "anybody else is named by tenant id (there is contoso, fabrikam)"),
        ("contoso", CONTOSO, "are the same tenant"),
        ("trey", NOBODY, "one of the two has to be (there is contoso, fabrikam)"),
    ],
)
def test_what_cannot_be_explained_is_said(one: str, two: str, words: str) -> None:
    with pytest.raises(SetupError) as caught:
        choose(ESTATE, one, two)

    assert words in str(caught.value)


def test_files_without_tenants_are_told_so() -> None:
    with pytest.raises(SetupError, match="there is none"):
        choose(Estate({}, {}), "contoso", "fabrikam")
