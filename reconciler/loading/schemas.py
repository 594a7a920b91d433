"""JSON Schemas of the documents, for editors, made from the models that `load` checks by.

They help while typing. They know no other file, and no rule between two properties but the simplest: what they accept
may still be refused by `load`, and what `load` accepts they accept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import GenericAlias
from typing import Any

from pydantic import BaseModel, create_model

from reconciler.loading.catalogue import shapes
from reconciler.loading.link_shapes import ACCEPTANCE, CONFIGURATION, LINK, TOPOLOGY
from reconciler.loading.mapping_shapes import DeltaShape
from reconciler.loading.offering import mapped, offer
from reconciler.loading.shapes import API_VERSION, PROFILE, PROFILED, SET, TENANT, Care, Profiled, Removable, Shape
from reconciler.model import Json, Kind

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ENDING = ".schema.json"

_SUMMARIES: Mapping[str, str] = {
    TENANT: "A tenant; the name of its folder is its name.",
    SET: "Many partners that are alike, one row each.",
    PROFILE: "Settings that many partners share.",
    LINK: "Synchronization from one tenant into another: all that it needs in both.",
    CONFIGURATION: "The source's half of a link into an organization that is not ours.",
    ACCEPTANCE: "The target's half of a link: people of another tenant may be created here.",
    TOPOLOGY: "Links between many tenants, made from one template.",
}
# Where filters and mappings are said: in a model of its own, whose name is not the document's.
_SETTINGS = ("SyncSpec", "Deviation")
_HEADER = ("apiVersion", "kind")
_ABSENT: Mapping[str, Json] = {"properties": {"state": {"const": "absent"}}, "required": ["state"]}


def document_schemas(kinds: Mapping[str, Kind]) -> Mapping[str, str]:
    """Return the schema of every kind of document, as file name → text."""
    return {
        f"{_kebab(word)}{ENDING}": json.dumps(_schema(shape), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        for word, shape in sorted(shapes(kinds).items())
    }


def _kebab(word: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", word).lower()


def _schema(shape: Shape) -> Mapping[str, Json]:
    schema = _settled(shape).model_json_schema()
    summary = shape.kind.summary if shape.kind and shape.word not in _SUMMARIES else _SUMMARIES[shape.word]
    plain(schema)
    plain(definitions := schema.get("$defs", {}), properties=True)
    if DeltaShape.__name__ in definitions:
        offer(definitions)
        for name in _SETTINGS:
            if name in definitions:
                definitions[name]["properties"]["mappings"]["properties"] = mapped()
    if shape.kind and Care.__name__ in definitions:
        definitions[Care.__name__]["properties"]["ignore"]["items"] = {"enum": list(shape.kind.blocks)}
    schema["properties"] |= {
        "apiVersion": {"const": API_VERSION, "description": "The version of the language."},
        "kind": {"const": shape.word, "description": summary},
    }
    schema["required"] = [*_HEADER, *schema.get("required", [])]
    return {**schema, "$schema": DIALECT, "title": shape.word, "description": summary, **_spoken(shape)}


def _settled(shape: Shape) -> type[BaseModel]:
    """Return the model with the settings of its kind where `spec` stands, in the document or in the rows of a set."""
    if shape.kind is None:
        return shape.model
    if shape.word != SET:
        return _with_settings(shape.model, shape.kind)
    rows: Any = GenericAlias(tuple, (_with_settings(Profiled, shape.kind), ...))
    return create_model(shape.word, __base__=shape.model, partners=(rows, shape.model.model_fields["partners"]))


def _with_settings(model: type[BaseModel], kind: Kind) -> type[BaseModel]:
    return create_model(model.__name__, __base__=model, spec=(kind.model, model.model_fields["spec"]))


def _spoken(shape: Shape) -> Mapping[str, Json]:
    """Return that a document of a resource has to say something about it."""
    if shape.word in (LINK, CONFIGURATION):
        return {"anyOf": [{"required": ["spec"]}, _ABSENT]}
    if shape.kind is None or shape.word in (SET, PROFILE):
        return {}
    ways: list[Json] = [{"required": ["spec"]}]
    if issubclass(shape.model, Removable):
        ways.append(_ABSENT)
    if shape.word == PROFILED:
        ways.append({"required": ["profile"]})
    return {"anyOf": ways}


def plain(schema: Json, *, properties: bool = False) -> None:
    """Drop what only pydantic needs: made-up titles, and defaults that stand for "not said".

    With `properties`, `schema` maps names to schemas, and a name may be any word.
    """
    if isinstance(schema, list):
        for inner in schema:
            plain(inner)
    if not isinstance(schema, dict):
        return
    if not properties:
        schema.pop("title", None)
        if not isinstance(schema.get("default"), bool | str) or schema["default"] == "":
            schema.pop("default", None)
    for name, inner in schema.items():
        if properties or name in ("properties", "items", "anyOf", "oneOf"):
            plain(inner, properties=name == "properties" and not properties)
