import pytest

from reconciler.provisioning import (
    DEFAULT_MAPPINGS,
    AttributeMapping,
    Delta,
    Flow,
    MappingError,
    User,
    Value,
    compile_mappings,
    from_graph,
    lay,
    parse,
)
from reconciler.provisioning.mapping import FlowBehavior, FlowType

MEGAN: User = {
    "id": "5b1d",
    "accountEnabled": True,
    "displayName": "Megan Bowen",
    "givenName": "Megan",
    "surname": "Bowen",
    "mail": "megan@contoso.example",
    "userPrincipalName": "megan@contoso.example",
    "mobilePhone": "+49 151",
    "businessPhones": ["+1 555", "+1 556"],
    "officeLocation": "18/2111",
    "department": None,
    "onPremisesExtensionAttributes": {"extensionAttribute1": "blue"},
}


def flow(target: str, expression: str | None, default: str | None = None, kind: FlowType = "Always") -> Flow:
    source = None if expression is None else parse(expression)
    return compile_mappings([AttributeMapping(target, source, default, kind)])


def test_graph_names_become_the_engines() -> None:
    named = from_graph(MEGAN)

    assert (named["mobile"], named["telephoneNumber"], named["physicalDeliveryOfficeName"]) == (
        "+49 151",
        "+1 555",
        "18/2111",
    )
    assert (named["objectId"], named["extensionAttribute1"], named["IsSoftDeleted"]) == ("5b1d", "blue", False)


def test_names_that_only_graph_has_are_gone() -> None:
    named = from_graph({**MEGAN, "id": "5b1d"})

    assert not named.keys() & {"mobilePhone", "businessPhones", "officeLocation", "onPremisesExtensionAttributes"}
    assert (named["id"], named["objectId"]) == ("5b1d", "5b1d")


def test_the_engines_names_go_before_graphs() -> None:
    named = from_graph({"mobile": "engine", "mobilePhone": "graph", "telephoneNumber": "t", "businessPhones": ["g"]})

    assert (named["mobile"], named["telephoneNumber"]) == ("engine", "t")


def test_default_mappings_make_a_user() -> None:
    made = compile_mappings(DEFAULT_MAPPINGS).created(from_graph(MEGAN))

    assert made.failures == {}
    assert made.values == {
        "IsSoftDeleted": False,
        "accountEnabled": True,
        "displayName": "Megan Bowen",
        "givenName": "Megan",
        "surname": "Bowen",
        "mail": "megan@contoso.example",
        "userPrincipalName": "megan@contoso.example",
        "mobile": "+49 151",
        "telephoneNumber": "+1 555",
        "physicalDeliveryOfficeName": "18/2111",
        "preferredLanguage": "en-US",
        "showInAddressList": True,
        "userType": "Member",
    }


def test_there_are_24_default_mappings() -> None:
    kinds = {mapping.target: mapping.type for mapping in DEFAULT_MAPPINGS}

    assert len(DEFAULT_MAPPINGS) == len(kinds) == 24
    assert kinds["alternativeSecurityIds"] == "Function"
    assert [target for target, kind in kinds.items() if kind == "Constant"] == ["showInAddressList", "userType"]


def test_null_does_not_flow() -> None:
    assert flow("department", "[department]").created({"department": None}).values == {}
    assert flow("department", "[department]").updated({"department": None}, {"department": "Sales"}).values == {}


def test_default_is_for_creating_only() -> None:
    ready = flow("department", "[department]", default="Unknown")

    assert ready.created({}).values == {"department": "Unknown"}
    assert ready.updated({}, {}).values == {}


def test_empty_text_flows_and_is_not_null() -> None:
    assert flow("department", "[department]", default="Unknown").created({"department": ""}).values == {
        "department": ""
    }


def test_dropped_value_uses_no_default() -> None:
    ready = flow("department", "IgnoreFlowIfNullOrEmpty([department])", default="Unknown")

    assert ready.created({"department": ""}).values == {}
    assert ready.created({"department": "Sales"}).values == {"department": "Sales"}


def test_mapping_for_creating_leaves_an_existing_user_alone() -> None:
    ready = flow("userType", '"Member"', kind="ObjectAddOnly")

    assert ready.created({}).values == {"userType": "Member"}
    assert ready.updated({}, {"userType": "Guest"}).values == {}


def test_mapping_without_source_fills_what_is_empty() -> None:
    ready = flow("department", None, default="Unknown")

    assert ready.created({}).values == {"department": "Unknown"}
    assert ready.updated({"department": "Sales"}, {"department": ""}).values == {"department": "Unknown"}
    assert ready.updated({"department": "Sales"}, {"department": "Legal"}).values == {}


def test_update_writes_what_differs() -> None:
    ready = compile_mappings(DEFAULT_MAPPINGS)
    target = {**ready.created(from_graph(MEGAN)).values, "displayName": "Someone", "userType": "Guest"}

    assert ready.updated(from_graph(MEGAN), target).values == {"displayName": "Megan Bowen"}


def test_flow_always_writes_what_is_the_same() -> None:
    behavior: FlowBehavior = "FlowAlways"
    ready = compile_mappings([AttributeMapping("city", parse("[city]"), flow_behavior=behavior)])

    assert ready.updated({"city": "Paris"}, {"city": "Paris"}).values == {"city": "Paris"}


ADDED: list[tuple[FlowType, Value, Value, dict[str, Value]]] = [
    ("AttributeAddOnly", "new", "old", {}),
    ("AttributeAddOnly", "new", None, {"a": "new"}),
    ("MultiValueAddOnly", ["x", "y"], ["x", "z"], {"a": ["x", "z", "y"]}),
    ("MultiValueAddOnly", ["x"], ["x", "z"], {}),
    ("MultiValueAddOnly", ["x"], None, {"a": ["x"]}),
    ("ValueAddOnly", ["x"], ["y"], {"a": ["y", "x"]}),
    ("ValueAddOnly", "new", "old", {"a": "new"}),
    ("Always", ["x"], ["x", "z"], {"a": ["x"]}),
    ("Always", ["x"], ("x",), {}),
]


@pytest.mark.parametrize(("kind", "value", "present", "written"), ADDED)
def test_flow_type_decides_what_is_added(
    kind: FlowType, value: Value, present: Value, written: dict[str, Value]
) -> None:
    assert flow("a", "[s]", kind=kind).updated({"s": value}, {"a": present}).values == written


def test_boolean_target_gets_booleans() -> None:
    ready = flow("accountEnabled", "Not([IsSoftDeleted])")

    assert ready.created({"IsSoftDeleted": False}).values == {"accountEnabled": True}
    assert flow("showInAddressList", '"false"').created({}).values == {"showInAddressList": False}
    assert flow("showInAddressList", "[x]", default="true").created({}).values == {"showInAddressList": True}


def test_text_and_number_of_the_same_writing_are_the_same() -> None:
    assert flow("a", "BitAnd(7, 7)").updated({}, {"a": "7"}).values == {}


def test_failing_attribute_is_told_and_the_others_flow() -> None:
    ready = compile_mappings(
        [
            AttributeMapping("a", parse("CDate([d])")),
            AttributeMapping("b", parse("[b]")),
            AttributeMapping("c", parse("Guid()")),
        ]
    )

    made = ready.created({"d": "never", "b": "x"})
    changed = ready.updated({"d": "never", "b": "x"}, {})

    assert made == changed
    assert (made.values, made.unknowable) == ({"b": "x"}, ("c",))
    assert "'never' is no date" in made.failures["a"]


def test_redacted_targets_are_named() -> None:
    ready = compile_mappings(
        [AttributeMapping("a", parse('Append(Redact([x]), "!")')), AttributeMapping("b", parse("[x]"))]
    )

    assert ready.redacted == {"a"}


def test_delta_lies_over_the_template() -> None:
    laid = lay(
        DEFAULT_MAPPINGS,
        {
            "displayName": Delta(expression='Append([displayName]," (Contoso)")'),
            "userType": Delta(constant="Guest", apply="always"),
            "mobile": Delta(drop=True),
            "department": Delta(default="Unknown"),
            "extensionAttribute2": Delta(constant="blue"),
            "companyName": Delta(expression="[companyName]", apply="onCreate"),
        },
    )
    by_target = {mapping.target: mapping for mapping in laid}

    assert by_target["displayName"].expression == 'Append([displayName], " (Contoso)")'
    assert (by_target["userType"].expression, by_target["userType"].flow_type) == ('"Guest"', "Always")
    assert "mobile" not in by_target
    assert (by_target["department"].expression, by_target["department"].default) == ("[department]", "Unknown")
    assert [mapping.target for mapping in laid][-2:] == ["companyName", "extensionAttribute2"]
    assert by_target["companyName"].flow_type == "ObjectAddOnly"


def test_empty_delta_changes_nothing() -> None:
    assert lay(DEFAULT_MAPPINGS, {}) == DEFAULT_MAPPINGS


REFUSED: dict[str, tuple[str, Delta, str]] = {
    "drops and says": ("mobile", Delta(drop=True, constant="x"), "dropped cannot say anything else"),
    "two sources": ("mobile", Delta(expression="[a]", constant="x"), "exclude each other"),
    "unknown": ("mobil", Delta(apply="onCreate"), "no such mapping; did you mean 'mobile'?"),
    "drops the unknown": ("mobil", Delta(drop=True), "no such mapping"),
    "matching": ("alternativeSecurityIds", Delta(constant="x"), "matches users by this mapping"),
    "broken": ("mobile", Delta(expression="Append("), "mobile: line 1, column 7: this ( is not closed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_delta_without_meaning_is_refused(case: str) -> None:
    target, delta, message = REFUSED[case]

    with pytest.raises(MappingError) as error:
        lay(DEFAULT_MAPPINGS, {target: delta})

    assert message in str(error.value)


def test_two_mappings_of_one_target_are_refused() -> None:
    with pytest.raises(MappingError, match="two mappings of this target"):
        compile_mappings([AttributeMapping("a", parse("[x]")), AttributeMapping("a", parse("[y]"))])


def test_reference_is_mapped_directly_or_not_at_all() -> None:
    with pytest.raises(MappingError, match="only be mapped directly"):
        flow("manager", 'Append([manager], "x")')


def test_unknown_function_is_told_with_its_target() -> None:
    with pytest.raises(
        MappingError, match=r"city: line 1, column 1: there is no function 'Joim'; did you mean 'Join'\?"
    ):
        flow("city", 'Joim(",", [city])')


@pytest.mark.parametrize(("case_exact", "written"), [(True, {"mail": "a@x.example"}), (False, {})])
def test_change_of_case_is_a_change_where_case_counts(case_exact: bool, written: dict[str, Value]) -> None:
    ready = compile_mappings([AttributeMapping("mail", parse("ToLower([mail])"), case_exact=case_exact)])

    assert ready.updated({"mail": "A@x.example"}, {"mail": "A@X.example"}).values == written


def test_objects_without_an_id_differ_by_what_is_in_them() -> None:
    ready = compile_mappings([AttributeMapping("odd", parse("[odd]"))])

    assert ready.updated({"odd": {"a": 1}}, {"odd": {"a": 2}}).values == {"odd": {"a": 1}}
    assert ready.updated({"odd": [{"a": 1}]}, {"odd": [{"a": 1}]}).values == {}


def test_what_was_not_read_is_not_null() -> None:
    ready = compile_mappings(lay(DEFAULT_MAPPINGS, {"extensionAttribute1": Delta(expression='Append([netId], "x")')}))

    assert ready.created({"mail": "a"}).unknowable == ("alternativeSecurityIds", "extensionAttribute1")
    assert ready.updated({"mail": "a"}, {}).unknowable == ("extensionAttribute1",)
    assert ready.created({"netId": "1003"}).unknowable == ()


def test_guess_about_what_was_not_read_is_not_told() -> None:
    ready = compile_mappings([AttributeMapping("a", parse("Coalesce([netId], [mail])"))])

    assert ready.created({"mail": "a"}).values == {}
