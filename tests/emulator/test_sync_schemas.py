"""The schema of a job: what the template gives, what a PUT may change, and what it is refused for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sync_pair import Pair, filtered, function, mapping_of, users_mapping
from worlds import CONTOSO, code

from reconciler.emulator.calls import Json
from reconciler.emulator.synchronization import template
from reconciler.emulator.synchronization.definitions import ATTRIBUTE_MEMBERS

EXTENSION = "extension_0123456789abcdef0123456789abcdef_badge"
DEEP = 'IIF([city] = "a", "b", ' * 30 + '"c"' + ")" * 30


@pytest.fixture
def pair() -> Pair:
    return Pair()


def changed(pair: Pair, change: Callable[[Json], object]) -> Json:
    """Change the schema, and return it as it is then read."""
    schema = pair.schema()
    change(schema)
    answer = pair.put_schema(schema)
    assert answer.status == 204, answer.body
    return pair.schema()


# ------------------------------------------------------------------------------------------ what the template gives


def test_schema_has_the_id_of_its_job(pair: Pair) -> None:
    schema = pair.schema()

    assert schema.keys() == {"id", "version", "directories", "synchronizationRules"}
    assert schema["id"] == pair.name


def test_there_is_one_editable_rule_between_two_directories(pair: Pair) -> None:
    schema = pair.schema()
    (rule,) = schema["synchronizationRules"]

    assert (rule["name"], rule["priority"], rule["editable"]) == ("USER_INBOUND_USER", 1, True)
    assert (rule["containerFilter"], rule["groupFilter"]) == (None, None)
    assert [one["name"] for one in schema["directories"]] == [rule["sourceDirectoryName"], rule["targetDirectoryName"]]
    assert {one["key"] for one in rule["metadata"]} == {"defaultSourceObjectMappings", "supportsProvisionOnDemand"}


def test_users_are_synchronized_and_groups_are_not(pair: Pair) -> None:
    mappings = pair.schema()["synchronizationRules"][0]["objectMappings"]
    named = {one["name"]: one for one in mappings if one["name"]}

    assert [one["enabled"] for one in named.values()] == [True, False]
    assert [one["sourceObjectName"] for one in named.values()] == ["User", "Group"]
    assert len(mappings) - len(named) >= 3
    assert named["Provision Microsoft Entra ID Users"]["flowTypes"] == "Add, Update, Delete"


def test_built_in_filter_keeps_external_users_out(pair: Pair) -> None:
    scope = users_mapping(pair.schema())["scope"]
    (group,) = scope["inputFilterGroups"]

    assert (scope["groups"], scope["categoryFilterGroups"], group["name"]) == ([], [], "Filter external users")
    assert [(one["sourceOperandName"], one["operatorName"]) for one in group["clauses"]] == [
        ("alternativeSecurityIds", "EQUALS"),
        ("userState", "NOT EQUALS"),
    ]


def test_users_are_matched_by_their_security_id_alone(pair: Pair) -> None:
    mappings = users_mapping(pair.schema())["attributeMappings"]
    (matching,) = (one for one in mappings if one["matchingPriority"])

    assert matching["targetAttributeName"] == "alternativeSecurityIds"
    assert matching["source"] == {
        "expression": "AltSecIdFromNetId([netId])",
        "name": "AltSecIdFromNetId",
        "type": "Function",
        "parameters": [
            {
                "key": "source",
                "value": {"expression": "[netId]", "name": "netId", "type": "Attribute", "parameters": []},
            }
        ],
    }


@pytest.mark.parametrize(
    ("target", "kind", "name", "expression", "flow"),
    [
        ("mail", "Attribute", "mail", "[mail]", "Always"),
        ("showInAddressList", "Constant", "true", '"true"', "Always"),
        ("userType", "Constant", "Member", '"Member"', "ObjectAddOnly"),
        ("manager", "Attribute", "manager", "[manager]", "Always"),
    ],
)
def test_default_mapping(pair: Pair, target: str, kind: str, name: str, expression: str, flow: str) -> None:
    mapping = mapping_of(pair.schema(), target)

    assert mapping["source"] == {"expression": expression, "name": name, "type": kind, "parameters": []}
    assert mapping["flowType"] == flow
    assert mapping.keys() == {
        "defaultValue", "exportMissingReferences", "flowBehavior", "flowType", "matchingPriority", "source",
        "targetAttributeName",
    }  # fmt: skip


def test_every_attribute_that_is_mapped_is_defined(pair: Pair) -> None:
    schema = pair.schema()
    defined = {
        one["name"]: {part["name"]: {each["name"] for each in part["attributes"]} for part in one["objects"]}
        for one in schema["directories"]
    }
    source, target = defined.values()

    for mapping in schema["synchronizationRules"][0]["objectMappings"]:
        names = {one["targetAttributeName"] for one in mapping["attributeMappings"]}
        assert names <= target.get(mapping["targetObjectName"], set())
    assert {"department", "extensionAttribute1", "extensionAttribute15", "netId"} <= source["User"]
    assert not {"userType", "samAccountName"} & source["User"]
    assert not {"otherMails", "proxyAddresses"} & target["User"]


def test_attribute_definitions_are_whole(pair: Pair) -> None:
    definitions = [
        each
        for directory in pair.schema()["directories"]
        for part in directory["objects"]
        for each in part["attributes"]
    ]

    assert {frozenset(each) for each in definitions} == {ATTRIBUTE_MEMBERS}
    assert {each["type"] for each in definitions} >= {"String", "Boolean", "Reference", "DateTime"}
    assert {each["mutability"] for each in definitions} == {"ReadOnly", "ReadWrite", "Immutable"}


# ------------------------------------------------------------------------------------------ what a PUT changes


def test_what_is_read_may_be_put(pair: Pair) -> None:
    before = pair.schema()

    assert pair.put_schema(pair.client.get(f"{pair.job}/schema").body).status == 204
    assert {name for name in before if before[name] != pair.schema()[name]} == {"version"}


def without_nulls(value: Json) -> Json:
    if isinstance(value, list):
        return [without_nulls(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: without_nulls(one) for name, one in value.items() if one is not None}


def test_what_is_null_may_be_left_out(pair: Pair) -> None:
    before = pair.schema()

    assert pair.put_schema(without_nulls(before)).status == 204
    assert {name for name in before if before[name] != pair.schema()[name]} == {"version"}


def test_every_put_gets_a_new_version(pair: Pair) -> None:
    versions = [pair.schema()["version"]]
    for _ in range(2):
        pair.put_schema(pair.schema())
        versions.append(pair.schema()["version"])

    assert versions == ["v1.0", "v1.1", "v1.2"]


def test_template_is_not_stored_again(pair: Pair) -> None:
    pair.put_schema(pair.schema())
    (stored,) = pair.world.store.all(CONTOSO, "synchronizationSchema").values()

    assert (stored["directories"], stored["synchronizationRules"]) == (None, None)


def test_expression_is_rendered_and_parsed_by_the_service(pair: Pair) -> None:
    written = 'Replace([preferredLanguage],"-",,,"_",,)'
    schema = changed(pair, lambda one: mapping_of(one, "preferredLanguage").update(source=function(written)))
    source = mapping_of(schema, "preferredLanguage")["source"]

    assert source["expression"] == 'Replace([preferredLanguage], "-", , , "_", , )'
    assert [one["key"] for one in source["parameters"]] == ["source", "Find", "Replacement"]
    assert source["parameters"][1]["value"] == {
        "expression": '"-"',
        "name": "-",
        "type": "Constant",
        "parameters": [],
    }


def test_expressions_may_be_nested_deep(pair: Pair) -> None:
    schema = changed(pair, lambda one: mapping_of(one, "city").update(source=function(DEEP)))

    assert mapping_of(schema, "city")["source"]["expression"] == DEEP
    assert pair.put_schema(schema).status == 204


def test_attribute_may_be_named_without_an_expression(pair: Pair) -> None:
    source = {"type": "Attribute", "name": "companyName"}
    schema = changed(pair, lambda one: mapping_of(one, "department").update(source=source))

    assert mapping_of(schema, "department")["source"]["expression"] == "[companyName]"


def test_mapping_may_be_added_and_removed(pair: Pair) -> None:
    def change(schema: Json) -> None:
        mappings = users_mapping(schema)["attributeMappings"]
        mappings.remove(mapping_of(schema, "city"))
        mappings.append({"targetAttributeName": "companyName", "source": function('"Contoso"')})

    schema = changed(pair, change)
    names = [one["targetAttributeName"] for one in users_mapping(schema)["attributeMappings"]]

    assert "city" not in names
    assert names[-1] == "companyName"
    assert mapping_of(schema, "companyName") == {
        "defaultValue": None,
        "exportMissingReferences": False,
        "flowBehavior": "FlowWhenChanged",
        "flowType": "Always",
        "matchingPriority": 0,
        "targetAttributeName": "companyName",
        "source": {"expression": '"Contoso"', "name": "Contoso", "type": "Constant", "parameters": []},
    }


def test_mapping_without_source_keeps_its_default(pair: Pair) -> None:
    schema = changed(pair, lambda one: mapping_of(one, "city").update(source=None, defaultValue="Oslo"))

    assert (mapping_of(schema, "city")["source"], mapping_of(schema, "city")["defaultValue"]) == (None, "Oslo")


def test_actions_are_spelled_in_one_way(pair: Pair) -> None:
    schema = changed(pair, lambda one: users_mapping(one).update(flowTypes="Update,Add"))

    assert users_mapping(schema)["flowTypes"] == "Add, Update"


@pytest.mark.parametrize(
    ("operator", "values", "spelled"),
    [
        ("EQUALS", ["Sales"], "EQUALS"),
        ("is not null", [], "IS NOT NULL"),
        ("REGEX MATCH", ["^S.*$"], "REGEX MATCH"),
        ("Greater_Than", ["5"], "Greater_Than"),
    ],
)
def test_scoping_filter_is_kept(pair: Pair, operator: str, values: list[str], spelled: str) -> None:
    group = filtered("department", operator, *values)
    schema = changed(pair, lambda one: users_mapping(one)["scope"]["groups"].append(group))
    (kept,) = users_mapping(schema)["scope"]["groups"]

    assert kept["clauses"] == [
        {"sourceOperandName": "department", "operatorName": spelled, "targetOperand": {"values": values}}
    ]


def test_groups_may_be_switched_on(pair: Pair) -> None:
    def change(schema: Json) -> None:
        schema["synchronizationRules"][0]["objectMappings"][-1]["enabled"] = True

    assert changed(pair, change)["synchronizationRules"][0]["objectMappings"][-1]["enabled"] is True


def test_directory_extension_is_defined_and_mapped_at_once(pair: Pair) -> None:
    def change(schema: Json) -> None:
        for directory in schema["directories"]:
            directory["objects"][0]["attributes"].append({"name": EXTENSION, "type": "String"})
        source = {"type": "Attribute", "name": EXTENSION, "expression": f"[{EXTENSION}]", "parameters": []}
        users_mapping(schema)["attributeMappings"].append({"targetAttributeName": EXTENSION, "source": source})

    schema = changed(pair, change)
    (definition,) = (one for one in schema["directories"][0]["objects"][0]["attributes"] if one["name"] == EXTENSION)

    assert mapping_of(schema, EXTENSION)["source"]["name"] == EXTENSION
    assert definition.keys() == ATTRIBUTE_MEMBERS


def test_extension_may_be_taken_away_again(pair: Pair) -> None:
    before = pair.schema()
    changed(
        pair,
        lambda one: one["directories"][0]["objects"][0]["attributes"].append({"name": EXTENSION, "type": "String"}),
    )
    pair.put_schema(before)

    assert pair.schema()["directories"] == before["directories"]


def test_delete_restores_the_template(pair: Pair) -> None:
    before = pair.schema()
    changed(pair, lambda one: mapping_of(one, "city").update(source=function('"Oslo"')))

    assert pair.client.delete(f"{pair.job}/schema").status == 204
    after = pair.schema()
    assert (after["synchronizationRules"], after["version"]) == (before["synchronizationRules"], "v1.2")


def test_changed_schema_forgets_the_watermark_and_keeps_links(pair: Pair) -> None:
    pair.configured().provision("ada")
    ((key, known),) = pair.world.store.all(CONTOSO, "synchronizationState").items()
    pair.world.store.put(CONTOSO, "synchronizationState", key, {**known, "watermark": "some"})
    pair.put_schema(pair.schema())
    after = pair.world.store.get(CONTOSO, "synchronizationState", key) or {}

    assert after["watermark"] is None
    assert pair.world.store.count(CONTOSO, "synchronizedObject") == 1


def test_patch_has_no_route(pair: Pair) -> None:
    answer = pair.client.patch(f"{pair.job}/schema", {"synchronizationRules": []})

    assert (answer.status, code(answer)) == (404, "UnknownError")
    assert answer.body["error"]["message"].startswith('{"Message":"No HTTP resource was found')
    assert f"jobs('{pair.name}')/schema?api-version=2.0" in answer.body["error"]["message"]


def test_discovery_notes_when_it_looked(pair: Pair) -> None:
    directory = pair.schema()["directories"][0]
    answer = pair.client.post(f"{pair.job}/schema/directories/{directory['id']}/discover")
    after = pair.schema()["directories"][0]

    assert answer.status == 200
    assert after["discoveryDateTime"] is not None
    assert after["version"].startswith("Date:")
    assert after["objects"] == directory["objects"]
    assert pair.client.post(f"{pair.job}/schema/directories/{pair.name}/discover").status == 404


def test_discovered_schema_may_be_put(pair: Pair) -> None:
    before = pair.schema()
    pair.client.post(f"{pair.job}/schema/directories/{before['directories'][0]['id']}/discover")

    assert pair.put_schema(before).status == 204
    assert pair.schema()["directories"][0]["discoveryDateTime"] is not None


# ------------------------------------------------------------------------------------------ what is refused


def user_mapping_with(**members: Json) -> Callable[[Json], object]:
    return lambda schema: users_mapping(schema).update(members)


def city_with(**members: Json) -> Callable[[Json], object]:
    return lambda schema: mapping_of(schema, "city").update(members)


def rule_with(**members: Json) -> Callable[[Json], object]:
    return lambda schema: schema["synchronizationRules"][0].update(members)


def filter_with(group: Json) -> Callable[[Json], object]:
    return lambda schema: users_mapping(schema)["scope"]["groups"].append(group)


def without_an_attribute(schema: Json) -> None:
    del schema["directories"][0]["objects"][0]["attributes"][0]


def twice(schema: Json) -> None:
    users_mapping(schema)["attributeMappings"].append(mapping_of(schema, "city"))


def without_matching(schema: Json) -> None:
    users_mapping(schema)["attributeMappings"].remove(mapping_of(schema, "alternativeSecurityIds"))


INVALID: dict[str, Callable[[Json], object]] = {
    "no directories": lambda schema: schema.pop("directories"),
    "no rules": lambda schema: schema.pop("synchronizationRules"),
    "a rule of another id": rule_with(id="d0f0b1b7-0000-4000-8000-000000000001"),
    "a rule of another name": rule_with(name="USER_OUTBOUND_USER"),
    "a rule of another priority": rule_with(priority=2),
    "another target directory": rule_with(targetDirectoryName="Elsewhere"),
    "other metadata": user_mapping_with(metadata=[]),
    "no object mappings": rule_with(objectMappings=[]),
    "an object mapping less": lambda schema: schema["synchronizationRules"][0]["objectMappings"].pop(),
    "an object mapping of another name": user_mapping_with(name="Users"),
    "users switched off": user_mapping_with(enabled=False),
    "an attribute of the template less": without_an_attribute,
    "matching gone": without_matching,
    "matching by another expression": lambda schema: mapping_of(schema, "alternativeSecurityIds").update(
        source=function("[netId]")
    ),
    "a second matching attribute": city_with(matchingPriority=2),
    "two mappings of one target": twice,
    "an unknown target": city_with(targetAttributeName="town"),
    "a target in another case": city_with(targetAttributeName="City"),
    "a target that is computed": city_with(targetAttributeName="otherMails"),
    "an unknown source": city_with(source=function("[town]")),
    "a source that is not offered": city_with(source=function("[userType]")),
    "an unknown source inside": city_with(source=function('Append([town], "x")')),
    "an expression that is none": city_with(source=function("Append(")),
    "an unknown function": city_with(source=function("Glue([city])")),
    "too few arguments": city_with(source=function("Append([city])")),
    "a function without a text": city_with(source={"type": "Function", "name": "Append"}),
    "a reference that is computed": lambda schema: mapping_of(schema, "manager").update(
        source=function("Append([mail], [city])")
    ),
    "a filter over nothing": filter_with({"name": "None", "clauses": []}),
    "a filter over an unknown attribute": filter_with(filtered("town", "EQUALS", "x")),
    "an unknown operator": filter_with(filtered("city", "LIKE", "x")),
    "an unsupported operator": filter_with(filtered("city", "IsMemberOf", "x")),
    "an operator without its value": filter_with(filtered("city", "EQUALS")),
    "an operator with a value too many": filter_with(filtered("city", "IS NULL", "x")),
    "a pattern that is none": filter_with(filtered("city", "REGEX MATCH", "(")),
}
UNREADABLE: dict[str, Callable[[Json], object]] = {
    "an unknown member": lambda schema: schema.update(novelty=1),
    "rules that are no list": lambda schema: schema.update(synchronizationRules={}),
    "an unknown member of a rule": rule_with(novelty=1),
    "an unknown member of a mapping": city_with(novelty=1),
    "a flow type in another case": city_with(flowType="always"),
    "an unknown flow behavior": city_with(flowBehavior="Sometimes"),
    "an unknown action": user_mapping_with(flowTypes="Add, Remove"),
    "a priority that is none": city_with(matchingPriority="1"),
    "an expression that is a number": city_with(source={"type": "Function", "expression": 5}),
    "an unknown type of source": city_with(source={"type": "Direct", "expression": "[city]"}),
    "a default that is a number": city_with(defaultValue=5),
    "values that are numbers": filter_with(
        {"name": "x", "clauses": [{**filtered("city", "EQUALS")["clauses"][0], "targetOperand": {"values": [1]}}]}
    ),
    "a scope that is a list": user_mapping_with(scope=[]),
    "an attribute of an unknown type": lambda schema: schema["directories"][0]["objects"][0]["attributes"][0].update(
        type="Text"
    ),
}


@pytest.mark.parametrize("change", INVALID.values(), ids=INVALID)
def test_schema_that_cannot_be_is_invalid(pair: Pair, change: Callable[[Json], object]) -> None:
    before, schema = pair.schema(), pair.schema()
    change(schema)
    answer = pair.put_schema(schema)

    assert (answer.status, code(answer)) == (400, "schemaInvalid"), answer.body
    assert pair.schema() == before


@pytest.mark.parametrize("change", UNREADABLE.values(), ids=UNREADABLE)
def test_body_that_is_no_schema_is_a_bad_request(pair: Pair, change: Callable[[Json], object]) -> None:
    schema = pair.schema()
    change(schema)
    answer = pair.put_schema(schema)

    assert (answer.status, code(answer)) == (400, "BadRequest"), answer.body


def test_what_the_service_counts_is_its_own(pair: Pair) -> None:
    schema = pair.schema()
    schema.update(id="mine", version="v9.9")
    schema["directories"][0].update(version="mine", discoveryDateTime="2020-01-01T00:00:00Z")

    assert pair.put_schema(schema).status == 204
    assert pair.schema()["version"] == "v1.1"
    assert pair.schema()["directories"] == template.schema()["directories"]
