import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema
import pytest
from folders import COMPANY, FABRIKAM, TAILSPIN, partner, versioned, wrong
from hypothesis import event, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from reconciler.kinds import REGISTRY
from reconciler.kinds.blocks import everyone
from reconciler.loading.catalogue import shapes
from reconciler.loading.parsing import parse
from reconciler.loading.schemas import document_schemas

SCHEMAS = document_schemas(REGISTRY)
PUBLISHED = Path(__file__).parents[2] / "schemas"
WRONG: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("wrong_inputs.yaml"))


@cache
def validator(kind: str) -> jsonschema.Draft202012Validator:
    [schema] = [one for text in SCHEMAS.values() if (one := json.loads(text))["properties"]["kind"]["const"] == kind]
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def objections(text: str) -> list[str]:
    """Return what the schema of its kind objects to; numbers, words and dates are read as our parser reads them."""
    value = listed(parse(versioned(text).encode(), "a.yaml").value)
    kind = value.get("kind") if isinstance(value, Mapping) else None
    if not isinstance(kind, str) or kind not in shapes(REGISTRY):
        return ["no schema is for it"]
    return [error.message for error in validator(kind).iter_errors(value)]


def listed(value: Any) -> Any:
    match value:
        case Mapping():
            return {name: listed(member) for name, member in value.items()}
        case tuple():
            return [listed(member) for member in value]
        case _:
            return value


def test_every_kind_of_document_has_a_schema() -> None:
    assert sorted(SCHEMAS) == [
        "access-profile.schema.json",
        "cross-tenant-access-policy.schema.json",
        "default-configuration.schema.json",
        "identity-synchronization.schema.json",
        "partner-set.schema.json",
        "partner.schema.json",
        "sync-acceptance.schema.json",
        "sync-configuration.schema.json",
        "sync-link.schema.json",
        "tenant.schema.json",
        "topology.schema.json",
    ]


@pytest.mark.parametrize("name", SCHEMAS)
def test_committed_document_schemas_are_current(name: str) -> None:
    assert (PUBLISHED / name).read_text(encoding="utf-8") == SCHEMAS[name]


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_property_is_explained(name: str) -> None:
    schema = json.loads(SCHEMAS[name])
    unexplained = [
        f"{owner}.{word}"
        for owner, described in {name: schema, **schema["$defs"]}.items()
        for word, inner in described.get("properties", {}).items()
        if "description" not in inner and "$ref" not in inner and owner not in {"People", "Applications", "Target"}
    ]

    assert not unexplained


@pytest.mark.parametrize("name", SCHEMAS)
def test_nothing_unknown_is_allowed_anywhere(name: str) -> None:
    closed = (False, {"$ref": "#/$defs/DeltaShape"})

    assert not [one for one in described(json.loads(SCHEMAS[name])) if one.get("additionalProperties") not in closed]


def described(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every part of a schema that describes an object."""
    if isinstance(schema, list):
        for one in schema:
            yield from described(one)
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for one in schema.values():
            yield from described(one)


# ---------------------------------------------------------------------------------------------- load and schema agree


@pytest.mark.parametrize("case", WRONG, ids=lambda case: str(case["name"]))
def test_editor_sees_just_what_the_case_says(case: dict[str, Any]) -> None:
    """Whether the schema objects to one of the files; the rest takes a look at other files, or at the text itself."""
    seen = any(objections(text) for text in case["files"].values() if parse(versioned(text).encode(), "a").value)

    assert seen == case.get("editor", False)


@pytest.mark.parametrize("name", COMPANY)
def test_schema_takes_the_company(name: str) -> None:
    assert not objections(COMPANY[name])


# ---------------------------------------------------------------------------------------------- drawn documents


def mostly(*good: object, bad: Sequence[object] = ()) -> st.SearchStrategy[Any]:
    """Draw a good value, or now and then a bad one."""
    return st.integers(0, 9).flatmap(
        lambda at: st.sampled_from(list(bad)) if bad and at == 0 else st.sampled_from(good)
    )


def words(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw any of the properties that people say about a thing."""
    line = mostly("ann", "SEC-412", "Zoë & co", "12", bad=["", " ", "two\nlines", "x" * 300, 12, True, None, ["ann"]])
    day = mostly("2027-03-31", None, bad=["2027-02-30", "27-3-1", "", 20270331])
    return st.fixed_dictionaries({}, optional={"owner": line, "purpose": line, "ticket": line, "reviewBy": day, **more})


TRUSTS = mostly(
    None,
    {"isMfaAccepted": True},
    {"isMfaAccepted": False, "isCompliantDeviceAccepted": None},
    bad=[{}, {"isMfaAccepted": None}, {"isMfaAccepted": "yes"}, {"isMFAAccepted": True}, [], "all", 1],
)
BLOCKS = mostly(
    None,
    everyone("allowed"),
    everyone("blocked"),
    bad=[{}, everyone("refused"), {"usersAndGroups": None}, {**everyone("allowed"), "applications": {}}, True],
)
SPECS = st.fixed_dictionaries({}, optional={"inboundTrust": TRUSTS, "b2bCollaborationInbound": BLOCKS})
YESES = st.one_of(
    st.fixed_dictionaries({"countMax": mostly(1, 40, bad=[0, None, "1", 1.5])}),
    st.fixed_dictionaries(
        {
            "change": mostly(
                {"from": None, "to": {"a": [1]}}, {"property": "x", "from": 1, "to": 2}, bad=[{}, {"to": 1}, None]
            )
        }
    ),
).flatmap(
    lambda what: st.fixed_dictionaries(
        {
            "rule": mostly(5, 9, bad=[0, "5", 100, None]),
            "reason": mostly("reviewed", bad=["", None]),
            "owner": mostly("ann", bad=["", 1]),
            "expires": mostly("2027-01-31", bad=["soon", "", None]),
        },
        optional={name: st.just(value) for name, value in what.items()},
    )
)
PARTNERS = words(
    displayName=mostly("Fabrikam, Inc.", bad=["", 1]),
    tenantId=mostly(FABRIKAM, FABRIKAM.upper(), bad=["00000000-0000-0000-0000-000000000000", "x", "", None]),
    domain=mostly("fabrikam.example", "FABRIKAM.example", bad=["fabrikam", "ü.example", "", "a..example", 1]),
    profile=mostly("vendor", bad=["Vendor", "", None]),
    state=mostly("present", "absent", bad=["gone", None]),
    lifecycle=mostly(
        {}, {"preventDestroy": True}, {"ignore": ["inboundTrust"]}, bad=[None, {"ignore": ["x"]}, {"a": 1}]
    ),
    acknowledge=mostly(0, 1, 2, bad=[None]).flatmap(lambda n: st.none() if n is None else st.lists(YESES, max_size=n)),
).flatmap(
    lambda said: st.fixed_dictionaries(
        {"name": mostly("fabrikam", bad=["Fabrikam", "", "-", 1, None]), "spec": SPECS},
        optional={name: st.just(value) for name, value in said.items()},
    )
)
PEOPLE = mostly(
    {"name": "Sales"}, {"id": FABRIKAM}, {"name": "Sales", "id": TAILSPIN}, bad=[{}, {"id": "x"}, "Sales", None]
)
FILTERS = mostly(
    [],
    [{"name": "", "clauses": [{"attribute": "city", "operator": "IS NULL"}]}],
    [{"clauses": [{"attribute": "city", "operator": "EQUALS", "value": "a"}]}],
    bad=[None, [{"clauses": []}], [{"clauses": [{"attribute": "city"}]}], {}],
)
SCOPES = st.one_of(
    mostly("all", {"all": True}, bad=["everybody", {}, None, {"all": False}, {"all": True, "assigned": {}}]),
    st.fixed_dictionaries(
        {
            "assigned": st.fixed_dictionaries(
                {"groups": st.lists(PEOPLE, max_size=1)}, optional={"exclusive": mostly(False, bad=["no"])}
            )
        },
        optional={"filters": FILTERS},
    ),
)
DELTAS = st.fixed_dictionaries(
    {},
    optional={
        "expression": mostly("[city]", 'Append([city], "a")', bad=["", None, 1]),
        "constant": mostly("a", None, bad=[True]),
        "apply": mostly("always", "onCreate", bad=["never"]),
        "drop": mostly(False, True, bad=[None]),
    },
)
LINK_SETTINGS = {
    "displayName": mostly("Contoso to Fabrikam", "{source.name} there", bad=["", None, "a\nb"]),
    "enabled": mostly(True, False, bad=["yes", None]),
    "access": mostly("vendor", bad=["", "Vendor", "{source.name}", None]),
    "mappings": st.dictionaries(st.sampled_from(["city", "state", "mail", "nothing"]), DELTAS, max_size=2),
    "groupSync": mostly(False, True, bad=[None, 1]),
    "accidentalDeletion": mostly({}, {"enabled": False}, {"threshold": 5}, bad=[None, {"threshold": 0}, {"a": 1}]),
    "notifications": mostly(
        {}, {"recipients": ["a@b.example"]}, bad=[None, {"recipients": "a@b"}, {"recipients": ["a"]}]
    ),
}
LINK_SPECS = st.fixed_dictionaries({"scope": SCOPES}, optional=LINK_SETTINGS)
GOING = mostly(
    {},
    {"state": "absent", "people": "keep"},
    {"state": "present"},
    bad=[{"state": "gone"}, {"people": None}, {"people": "all"}],
)
ORGANIZATIONS = mostly(
    "fabrikam",
    {"name": "fabrikam"},
    {"name": "tailspin", "tenantId": TAILSPIN, "domain": "tailspin.example"},
    bad=["Fabrikam", {"name": "tailspin"}, {}, None, ["fabrikam"]],
)
LINKS = st.one_of(
    st.tuples(words(), GOING, LINK_SPECS).map(
        lambda drawn: (
            "shared/links/a.yaml",
            {"kind": "SyncLink", "name": "a", "source": "contoso", "target": "fabrikam", "spec": drawn[2]}
            | drawn[0]
            | drawn[1],
        )
    ),
    st.tuples(words(), GOING, LINK_SPECS, ORGANIZATIONS).map(
        lambda drawn: (
            "contoso/sync/a.yaml",
            {"kind": "SyncConfiguration", "name": "a", "target": drawn[3], "spec": drawn[2]} | drawn[0] | drawn[1],
        )
    ),
    words(groupSync=mostly(True, bad=[None]), access=mostly("vendor", bad=[""])).flatmap(
        lambda said: ORGANIZATIONS.map(
            lambda one: ("contoso/accepts/a.yaml", {"kind": "SyncAcceptance", "source": one, **said})
        )
    ),
    st.tuples(
        GOING,
        LINK_SPECS,
        mostly("mesh", {"hub": "contoso", "direction": "in"}, bad=["ring", None, {"hub": "contoso"}, {}]),
        st.fixed_dictionaries({}, optional={**LINK_SETTINGS, "skip": mostly(True, bad=[False]), "scope": SCOPES}),
    ).map(
        lambda drawn: (
            "shared/topologies/a.yaml",
            {
                "kind": "Topology",
                "name": "a",
                "shape": drawn[2],
                "members": ["contoso", "fabrikam"],
                "link": drawn[1],
                "except": [{"source": "fabrikam", "target": "contoso", "reason": "a", **drawn[3]}],
                **drawn[0],
            },
        )
    ),
)
DOCUMENTS = st.one_of(
    PARTNERS.map(lambda one: ("contoso/a.yaml", {"kind": "Partner", **one})),
    words(profile=mostly("vendor", bad=["", 1])).flatmap(
        lambda said: st.lists(PARTNERS, max_size=1).map(
            lambda rows: ("contoso/set.yaml", {"kind": "PartnerSet", **said, "partners": rows})
        )
    ),
    words(spec=SPECS).map(lambda said: ("shared/profiles/b.yaml", {"kind": "AccessProfile", "name": "b", **said})),
    words(spec=SPECS).map(lambda said: ("contoso/default.yaml", {"kind": "DefaultConfiguration", **said})),
    words(
        management=mostly("here", "elsewhere", bad=["there", None]),
        auth=mostly({}, {"plan": {"clientId": TAILSPIN}}, {"plan": None}, bad=[None, {"plan": {}}, {"sign": {}}]),
        acknowledge=st.lists(YESES, max_size=1),
    ).map(
        lambda said: (
            "northwind/tenant.yaml",
            {"kind": "Tenant", "tenantId": TAILSPIN, "displayName": "Northwind", "domain": "northwind.example", **said},
        )
    ),
)


@settings(max_examples=120)
@given(DOCUMENTS)
def test_schema_takes_whatever_loads(drawn: tuple[str, dict[str, Any]]) -> None:
    loads_or_not(drawn)


@settings(max_examples=100)
@given(LINKS)
def test_schema_takes_whatever_link_loads(drawn: tuple[str, dict[str, Any]]) -> None:
    loads_or_not(drawn)


def loads_or_not(drawn: tuple[str, dict[str, Any]]) -> None:
    """Assert that the schema has nothing against what loads."""
    name, value = drawn
    text = json.dumps({"apiVersion": "crosstenant/v1", **value}, ensure_ascii=False)
    with TemporaryDirectory() as root:
        told = wrong(Path(root), {name: text})
    event("loads" if not told else "is refused")

    assert told or not objections(text)


def test_good_documents_are_good_for_both(tmp_path: Path) -> None:
    text = partner({"inboundTrust": {"isMfaAccepted": True}}, reviewBy="2027-03-31", owner="ann")

    assert not wrong(tmp_path, {"contoso/a.yaml": text})
    assert not objections(text)
