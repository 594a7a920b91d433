import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import jsonschema
import pytest
from folders import CONTOSO, FABRIKAM, lay
from pydantic import Field
from ruamel.yaml import YAML

from reconciler.errors import DocumentErrors
from reconciler.kinds import REGISTRY
from reconciler.kinds.blocks import Strict
from reconciler.loading import load
from reconciler.loading.schemas import document_schemas
from reconciler.model import Address, Body, Collection, Kind, Permissions, Singleton


class Change(Strict):
    """A model whose name one of our own models has as well."""

    colour: Literal["red", "green"]


class ToySpec(Strict):
    """The settings of a toy."""

    wheels: int | None = Field(None, description="How many it has.")
    paint: Change | None = None


def as_it_is(body: Body) -> Body:
    return dict(sorted(body.items()))


def toy(endpoint: Singleton | Collection) -> Mapping[str, Kind]:
    kind = Kind(
        name="toy",
        document="BigToy",
        model=ToySpec,
        endpoint=endpoint,
        permissions=Permissions("Toy.Read.All", "Toy.ReadWrite.All"),
        canonical=as_it_is,
        stock={"wheels": None, "paint": None},
        summary="A toy.",
    )
    return {**REGISTRY, "toy": kind}


SINGLE = toy(Singleton("/toy"))
NAMED = toy(Collection("/toys", key="id", keyed_by="name"))
PER_ORGANIZATION = toy(Collection("/toys", key="tenantId"))

GOOD = {
    "single": (SINGLE, "kind: BigToy\nspec: {wheels: 4, paint: {colour: red}}\n", ""),
    "named": (NAMED, "kind: BigToy\nname: red-car\nspec: {wheels: 4, paint: {colour: red}}\n", "red-car"),
    "of an organization": (
        PER_ORGANIZATION,
        "kind: BigToy\nname: fabrikam\nspec: {wheels: 4, paint: {colour: red}}\n",
        FABRIKAM,
    ),
}
BAD = {
    "name of a singleton": (SINGLE, "kind: BigToy\nname: x\nspec: {}\n", "3:1: there is no property 'name' here"),
    "typo": (NAMED, "kind: BigToy\nname: x\nspec: {weels: 4}\n", "4:8: there is no property 'weels' in spec; did you"),
    "word": (SINGLE, "kind: BigToy\nspec: {paint: {colour: rot}}\n", "3:24: spec.paint.colour cannot be 'rot'"),
    "type": (NAMED, "kind: BigToy\nname: x\nspec: {wheels: four}\n", "4:16: spec.wheels has to be a whole number"),
    "kind": (NAMED, "kind: Bigtoy\nname: x\nspec: {}\n", "2:7: kind cannot be 'Bigtoy'; did you mean BigToy?"),
    "ignored": (
        NAMED,
        "kind: BigToy\nname: x\nlifecycle: {ignore: [wheel]}\nspec: {}\n",
        "4:22: there is no property 'whe",
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_document_of_any_kind_loads(case: str, tmp_path: Path) -> None:
    kinds, text, key = GOOD[case]

    [found] = load(lay(tmp_path, {"contoso/toy.yaml": text}), kinds).documents.values()

    assert found.address == Address("contoso", "toy", key)
    assert found.said == {"paint": {"colour": "red"}, "wheels": 4}
    assert str(found.origins["wheels"]).startswith("tenants/contoso/toy.yaml:")


@pytest.mark.parametrize("case", BAD)
def test_mistakes_in_any_kind_are_told(case: str, tmp_path: Path) -> None:
    kinds, text, told = BAD[case]

    with pytest.raises(DocumentErrors) as error:
        load(lay(tmp_path, {"contoso/toy.yaml": text}), kinds)

    assert str(error.value).startswith(f"tenants/contoso/toy.yaml:{told}")


@pytest.mark.parametrize("case", GOOD)
def test_any_kind_has_a_schema_that_takes_it(case: str) -> None:
    kinds, text, _ = GOOD[case]

    assert not list(objections(kinds, text))


@pytest.mark.parametrize("case", BAD)
def test_schema_of_any_kind_refuses_mistakes(case: str) -> None:
    kinds, text, _ = BAD[case]

    assert list(objections(kinds, text))


def objections(kinds: Mapping[str, Kind], text: str) -> Iterator[str]:
    """Yield what the schema of big toys objects to."""
    schema = json.loads(document_schemas(kinds)["big-toy.schema.json"])
    value = YAML(typ="safe").load(f"apiVersion: crosstenant/v1\n{text}")
    yield from (error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(value))


def test_only_organizations_are_known_by_their_id(tmp_path: Path) -> None:
    found = load(lay(tmp_path, {"contoso/toy.yaml": GOOD["named"][1]}), NAMED)

    assert set(found.organizations) == {CONTOSO, FABRIKAM}


def test_without_partners_there_are_no_sets_and_profiles() -> None:
    assert set(document_schemas({"toy": SINGLE["toy"]})) == {"big-toy.schema.json", "tenant.schema.json"}
