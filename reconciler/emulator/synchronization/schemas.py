"""The schema of a job: what it is, and what of it a PUT may change. Everything is replaced, or nothing.

Rules, object mappings and directories are the service's own; people change scopes, attribute mappings, actions, whether
groups are synchronized, and add attributes to the definitions of directories.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.switches import Switches
from reconciler.emulator.synchronization import attribute_mappings, scopes
from reconciler.emulator.synchronization.definitions import ATTRIBUTE_MEMBERS, attribute
from reconciler.emulator.synchronization.forms import (
    ATTRIBUTE_TYPES,
    MUTABILITIES,
    actions,
    flag,
    items,
    members,
    text,
    word,
)
from reconciler.emulator.synchronization.refusing import invalid_schema
from reconciler.emulator.synchronization.template import FIRST_VERSION, schema

_PARTS: Final = ("id", "version", "directories", "synchronizationRules")
_OWNED_BY_DIRECTORY: Final = ("discoverabilities", "name", "readOnly")
_OWNED_BY_RULE: Final = (
    "containerFilter", "editable", "groupFilter", "metadata", "name", "priority", "sourceDirectoryName",
    "targetDirectoryName",
)  # fmt: skip
# What tells one object mapping of a rule from another.
_NAMES: Final = ("name", "sourceObjectName", "targetObjectName")
_USER: Final = ("User", "User")


def whole(stored: Body | None) -> dict[str, Json]:
    """Return version, directories and rules as they stand; what is not stored is as the template has it."""
    kept = {name: value for name, value in (stored or {}).items() if name != "id" and value is not None}
    return {"version": FIRST_VERSION, **schema(), **kept}


def stored(parts: Body, version: str) -> dict[str, Json]:
    """Return a schema as it is kept: without what is as in the template."""
    stock = schema()
    return {"version": version, **{name: None if parts[name] == stock[name] else parts[name] for name in stock}}


def next_version(version: str) -> str:
    """Return the version that follows a change."""
    major, _, minor = version.removeprefix("v").partition(".")
    return f"v{major}.{int(minor) + 1}"


def checked(sent: Body, standing: Body, switches: Switches) -> dict[str, Json]:
    """Return directories and rules as they will stand after a PUT of `sent`.

    Raises:
        Refusal: 400 where the body is not a schema, and `schemaInvalid` where it is one that cannot be.
    """
    said = members(sent, _PARTS, "synchronizationSchema")
    checking = _Checking(switches)
    directories = list(checking.directories(said.get("directories"), standing["directories"]))
    rules = list(checking.rules(said.get("synchronizationRules"), standing["synchronizationRules"], directories))
    return {"directories": directories, "synchronizationRules": rules}


class _Checking:
    """One look at a schema, under the assumptions of a world."""

    def __init__(self, switches: Switches) -> None:
        self.switches = switches

    # ---------------------------------------------------------------------------------------- directories

    def directories(self, said: Json, standing: list[Json]) -> Iterator[dict[str, Json]]:
        """Yield the directories: those that stand, with the attributes that are said."""
        known = ("discoveryDateTime", "id", "objects", "version", *_OWNED_BY_DIRECTORY)
        for one, before in self._paired(said, standing, ("id",), known, "directoryDefinition"):
            self._owned(one, before, _OWNED_BY_DIRECTORY)
            yield {**before, "objects": list(self._objects(one.get("objects"), before["objects"]))}

    def _objects(self, said: Json, standing: list[Json]) -> Iterator[dict[str, Json]]:
        known = ("attributes", "metadata", "name", "supportedApis")
        for one, before in self._paired(said, standing, ("name",), known, "objectDefinition"):
            attributes = [self._attribute(each) for each in items(one.get("attributes"), "attributes")]
            names = {each["name"] for each in attributes}
            lost = [each for each in before["attributes"] if each["name"] not in names and not _added(each)]
            if lost and self.switches.owned_schema_parts == "refused":
                raise invalid_schema(f"The attribute '{lost[0]['name']}' cannot be removed.", self.switches)
            if len(names) != len(attributes):
                raise invalid_schema("An attribute is defined more than once.", self.switches)
            yield {**before, "attributes": [*attributes, *lost]}

    def _attribute(self, said: Json) -> dict[str, Json]:
        given = members(said, ATTRIBUTE_MEMBERS, "attributeDefinition")
        name = text(given.get("name"), "name")
        if not name:
            raise invalid_schema("An attribute has no name.", self.switches)
        made = {**attribute(name), **given}
        word(made["type"], ATTRIBUTE_TYPES, "type")
        word(made["mutability"], MUTABILITIES, "mutability")
        for member in ("anchor", "caseExact", "flowNullValues", "multivalued", "required"):
            flag(made[member], member)
        for member in ("apiExpressions", "metadata"):
            made[member] = items(made[member], member)
        referenced = {"referencedObjectName": None, "referencedProperty": None}
        made["referencedObjects"] = [
            {**referenced, **members(one, referenced, "referencedObject")}
            for one in items(made["referencedObjects"], "referencedObjects")
        ]
        return made

    # ---------------------------------------------------------------------------------------- rules

    def rules(self, said: Json, standing: list[Json], directories: list[Json]) -> Iterator[dict[str, Json]]:
        """Yield the rules: those that stand, with the object mappings that are said."""
        known = ("id", "objectMappings", *_OWNED_BY_RULE)
        for one, before in self._paired(said, standing, ("id",), known, "synchronizationRule"):
            self._owned(one, before, _OWNED_BY_RULE)
            sides = [
                attributes_of(directories, before[name]) for name in ("sourceDirectoryName", "targetDirectoryName")
            ]
            yield {
                **before,
                "objectMappings": list(self._object_mappings(one.get("objectMappings"), before, *sides)),
            }

    def _object_mappings(
        self, said: Json, rule: Body, sources: Mapping[str, list[str]], targets: Mapping[str, list[str]]
    ) -> Iterator[dict[str, Json]]:
        known = ("attributeMappings", "enabled", "flowTypes", "metadata", "scope", *_NAMES)
        for one, before in self._paired(said, rule["objectMappings"], _NAMES, known, "objectMapping"):
            self._owned(one, before, ("metadata",))
            source = frozenset(sources.get(before["sourceObjectName"], ()))
            target = frozenset(targets.get(before["targetObjectName"], ()))
            enabled = flag(one.get("enabled", before["enabled"]), "enabled")
            if not enabled and (before["sourceObjectName"], before["targetObjectName"]) == _USER:
                raise invalid_schema("The mapping of users cannot be disabled.", self.switches)
            yield {
                **before,
                "enabled": enabled,
                "flowTypes": actions(one.get("flowTypes", before["flowTypes"]), "flowTypes"),
                "scope": scopes.checked(one.get("scope"), source, self.switches),
                "attributeMappings": attribute_mappings.checked(
                    one.get("attributeMappings"), before["attributeMappings"], source, target, self.switches
                ),
            }

    # ---------------------------------------------------------------------------------------- what is the service's

    def _paired(
        self, said: Json, standing: list[Json], key: tuple[str, ...], known: Collection[str], what: str
    ) -> Iterator[tuple[Mapping[str, Json], dict[str, Json]]]:
        """Yield what is said with what stands; nothing may be missing, and nothing new."""
        each = [members(one, known, what) for one in items(said, what)]
        given = {json.dumps([one.get(name) for name in key]): one for one in each}
        if len(each) != len(standing) or given.keys() != {json.dumps([one[name] for name in key]) for one in standing}:
            raise invalid_schema(f"Each {what} of the schema must be there once, and no other.", self.switches)
        for before in standing:
            yield given[json.dumps([before[name] for name in key])], before

    def _owned(self, said: Mapping[str, Json], before: Body, names: Collection[str]) -> None:
        """Refuse other values of what the service owns, unless it is assumed to keep its own without a word."""
        if self.switches.owned_schema_parts == "kept":
            return
        for name in names:
            if name in said and said[name] != before[name]:
                raise invalid_schema(f"'{name}' cannot be changed.", self.switches)


def _added(definition: Body) -> bool:
    """Tell whether somebody added this attribute to the definitions of the template."""
    name = definition["name"]
    stock = (each["name"] for one in schema()["directories"] for part in one["objects"] for each in part["attributes"])
    return name not in set(stock)


def attributes_of(directories: list[Json], name: str) -> dict[str, list[str]]:
    """Return the names of the attributes of each object of a directory."""
    (found,) = (one for one in directories if one["name"] == name)
    return {one["name"]: [each["name"] for each in one["attributes"]] for one in found["objects"]}


def exact_of(directories: list[Json], name: str, kind: str) -> frozenset[str]:
    """Return the attributes of a kind of objects of a directory of which a change of case is a change."""
    (found,) = (one for one in directories if one["name"] == name)
    attributes = (each for one in found["objects"] if one["name"] == kind for each in one["attributes"])
    return frozenset(str(each["name"]) for each in attributes if each["caseExact"])
