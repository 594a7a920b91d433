from pathlib import Path

import pytest
from asking import Desk, desk

from reconciler.kinds import REGISTRY
from reconciler.loading import load

__all__ = ["desk"]

COMPANY = Path(__file__).resolve().parents[2] / "tenants"
HEAD = "apiVersion: crosstenant/v1\nkind: MappingTest\n"
FILTER = "filters: [{name: sales, clauses: [{attribute: department, operator: EQUALS, value: Sales}]}]\n"
MAPPINGS = """\
mappings:
  displayName: {expression: 'Append([displayName], " (Contoso)")'}
  postalCode: {expression: 'Item([department], 1)'}
  employeeId: {expression: 'Redact([department])'}
  mobile: {drop: true}
"""
GOOD = """\
cases:
  - name: sales are in
    user: {displayName: Megan Bowen, department: Sales, mobilePhone: "+49 1"}
    inScope: true
    created: {displayName: Megan Bowen (Contoso), mobile: null, userType: Member}
    target: {displayName: Megan Bowen (Contoso), department: Legal}
    updated: {department: Sales, displayName: null, userType: null}
    fails: [postalCode]
  - {name: others are out, user: {department: Legal}, inScope: false}
"""
BAD = """\
cases:
  - name: all is otherwise
    user: {displayName: Megan Bowen, department: Legal}
    inScope: true
    created: {displayName: Megan Bowen, employeeId: Sales}
"""
MISFIT = "line 1, column 6: attribute of Item is 'Legal', and a multi-valued attribute is needed"


def case(text: str) -> str:
    return f"{HEAD}{FILTER}{MAPPINGS}cases:\n  - {text}\n"


def test_all_is_well(desk: Desk) -> None:
    desk.write("tenants/shared/links/link.test.yaml", HEAD + FILTER + MAPPINGS + GOOD)
    answer = desk.ask("test")

    assert (answer.code, answer.out, answer.err) == (0, "", "2 cases; none failed.\n")


def test_every_difference_has_its_place(desk: Desk) -> None:
    name = desk.write("link.test.yaml", HEAD + FILTER + MAPPINGS + BAD)
    answer = desk.ask("test", name)

    assert answer.code == 1
    assert answer.out.splitlines() == [
        "link.test.yaml:10:5: failed: all is otherwise",
        "  link.test.yaml:12:5: inScope",
        "    expected true",
        "    actual   false  (in group 'sales' `department EQUALS 'Sales'` is false, the attribute is 'Legal')",
        "  link.test.yaml:13:15: created.displayName",
        '    expected "Megan Bowen"',
        '    actual   "Megan Bowen (Contoso)"',
        "  link.test.yaml:13:41: created.employeeId",
        '    expected "Sales"',
        '    actual   "[Redact]"',
        "  link.test.yaml:10:5: postalCode",
        '    expected "no failure"',
        f'    actual   "a failure"  ({MISFIT})',
    ]
    assert answer.err == "1 case; 1 failed.\n"


def test_results_for_machines(desk: Desk) -> None:
    name = desk.write("link.test.yaml", HEAD + FILTER + MAPPINGS + GOOD + BAD.removeprefix("cases:\n"))
    told = desk.ask("test", name, "--output", "json").json

    assert (told["cases"], told["failed"]) == (3, 1)
    assert [one["passed"] for one in told["results"]] == [True, True, False]
    place = {name: told["results"][2][name] for name in ("file", "line", "column", "name")}
    assert place == {"file": "link.test.yaml", "line": 18, "column": 5, "name": "all is otherwise"}
    assert told["results"][2]["differences"][0] == {
        "line": 20,
        "column": 5,
        "about": "inScope",
        "expected": True,
        "actual": False,
        "reason": "in group 'sales' `department EQUALS 'Sales'` is false, the attribute is 'Legal'",
    }


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("{name: a, user: {department: x}, created: {accountEnabled: 1}, fails: [postalCode]}", "accountEnabled"),
        ("{name: a, user: {department: x}, created: {postalCode: x}}", "created.postalCode"),
        ("{name: a, user: {}, created: {}, fails: [postalCode]}", "fails.postalCode"),
        ("{name: a, user: {netId: x}, created: {alternativeSecurityIds: y}}", "created.alternativeSecurityIds"),
        ("{name: a, user: {city: x}, target: {city: y}, updated: {city: null}}", "updated.city"),
        ("{name: a, user: {accountEnabled: true}, created: {accountEnabled: 'true'}}", "created.accountEnabled"),
    ],
)
def test_expectation_that_is_not_met_fails(text: str, about: str, desk: Desk) -> None:
    answer = desk.ask("test", desk.write("a.yaml", case(text)))

    assert answer.code == 1
    assert about in answer.out


def test_lists_are_compared_by_their_members(desk: Desk) -> None:
    text = "{name: a, user: {otherMails: [a, b]}, created: {city: [a, b]}}"
    name = desk.write("a.yaml", f"{HEAD}mappings: {{city: {{expression: '[otherMails]'}}}}\ncases: [{text}]\n")

    assert desk.ask("test", name).code == 0


def test_endless_pattern_fails_its_case(desk: Desk) -> None:
    text = (
        "filters: [{clauses: [{attribute: mail, operator: REGEX MATCH, value: '^(a|aa|b?a)+c?$|(x+x+)+y'}]}]\n"
        f"cases: [{{name: a, user: {{mail: {'a' * 40}!}}, inScope: false}}]\n"
    )
    answer = desk.ask("test", desk.write("a.yaml", HEAD + text))

    assert answer.code == 1
    assert "stopped after 1 s" in answer.out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (case("{name: a, user: {}}"), "a.yaml:10:5: cases[0]: the case expects nothing"),
        (case("{name: a, user: {}, created: {}, updated: {}}"), "target and updated belong together"),
        (case("{name: a, user: {}, inScope: true, fails: [mail]}"), "fails needs created or updated"),
        (case("{name: a, user: {}, created: {displayname: a}}"), "a.yaml:10:35: no mapping writes 'displayname'"),
        (case("{name: a, user: {}, created: {}, fails: [mal]}"), "a.yaml:10:46: no mapping writes 'mal'"),
        (case("{name: a, user: {}, inscope: true}"), "there is no property 'inscope' in cases[0]; did you mean"),
        (case("{name: a, user: [], inScope: true}"), "cases[0].user has to be a mapping, not a list"),
        (case("{name: a, user: {}, inScope: yes}"), "cases[0].inScope has to be true or false"),
        (HEAD + "cases: []\n", "cases needs 1 or more entries"),
        (HEAD, "the document needs cases"),
        (HEAD + "mappings: {mail: {expression: '[a'}}\n" + GOOD, "a.yaml:3:32: mail: this attribute is not closed"),
        (HEAD + FILTER.replace("EQUALS", "SAME") + GOOD, "there is no operator 'SAME'"),
        (HEAD.replace("v1", "v2") + GOOD, "a.yaml:1:13: apiVersion is missing, or another one"),
        ("kind: Partner\n", "a.yaml:1:7: this is no test of mappings; write `kind: MappingTest`"),
        (HEAD + "cases: [&a {}]\n", "anchors are not allowed"),
        (HEAD + "cases: [\n", "this is not YAML"),
    ],
)
def test_wrong_test_is_told_with_its_place(text: str, told: str, desk: Desk) -> None:
    answer = desk.ask("test", desk.write("a.yaml", text))

    assert (answer.code, answer.out) == (1, "")
    assert told in answer.err


@pytest.mark.parametrize(("path", "told"), [("missing", "cannot be read"), ("empty", "nothing was tested")])
def test_nothing_to_test_is_no_success(path: str, told: str, desk: Desk) -> None:
    desk.write("empty/readme.md", "")

    answer = desk.ask("test", path)

    assert answer.code == 1
    assert told in answer.err


def test_folder_is_searched_for_tests_alone(desk: Desk) -> None:
    desk.write("all/a/whatever.yaml", HEAD + GOOD.replace("    fails: [postalCode]\n", "").partition("    created")[0])
    desk.write("all/b/partner.yaml", "apiVersion: crosstenant/v1\nkind: Partner\nname: x\n")

    assert desk.ask("test", "all").err == "1 case; none failed.\n"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("x.test.yaml", "kind: MappingTests\n", "all/x.test.yaml:1:7: this is no test of mappings"),
        ("x.yaml", "kind: [\n", "this is not YAML"),
        ("x.test.yml", HEAD + GOOD, "documents end in .yaml"),
    ],
)
def test_file_that_may_be_meant_as_a_test_is_told(name: str, text: str, told: str, desk: Desk) -> None:
    desk.write("all/good.yaml", HEAD + FILTER + MAPPINGS + GOOD)
    desk.write(f"all/{name}", text)
    answer = desk.ask("test", "all")

    assert answer.code == 1
    assert told in answer.err


def test_file_that_is_named_twice_is_run_once(desk: Desk) -> None:
    name = desk.write("all/a.yaml", HEAD + FILTER + MAPPINGS + GOOD)

    assert desk.ask("test", "all", name, "./all").err == "2 cases; none failed.\n"


# ---------------------------------------------------------------------------------------------- beside documents

TENANT = """\
apiVersion: crosstenant/v1
kind: Tenant
tenantId: 0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01
displayName: Contoso
domain: contoso.example
"""


def test_test_does_not_change_what_documents_mean(desk: Desk) -> None:
    desk.write("tenants/contoso/tenant.yaml", TENANT)
    folder = Path("tenants")
    before = load(folder, REGISTRY)

    desk.write("tenants/contoso/sync/fabrikam.test.yaml", HEAD + FILTER + MAPPINGS + GOOD)
    desk.write("tenants/shared/links/link.test.yaml", HEAD + "cases: 5\n")

    assert load(folder, REGISTRY) == before
    assert desk.ask("validate").code == 0


def test_name_alone_hides_no_document(desk: Desk) -> None:
    desk.write("tenants/contoso/tenant.yaml", TENANT)
    desk.write("tenants/contoso/fabrikam.test.yaml", "apiVersion: crosstenant/v1\nkind: Partner\n")

    assert "fabrikam.test.yaml:1:1: the document needs name" in desk.ask("validate").err


def test_tenant_file_cannot_be_a_test(desk: Desk) -> None:
    desk.write("tenants/contoso/tenant.yaml", HEAD + GOOD)

    assert "kind cannot be 'MappingTest'" in desk.ask("validate").err


def test_secret_in_a_test_is_told_by_validate(desk: Desk) -> None:
    desk.write("tenants/contoso/tenant.yaml", TENANT)
    desk.write("tenants/contoso/a.test.yaml", HEAD + "-----BEGIN PRIVATE KEY-----\n")

    assert desk.ask("validate").code == 1


def test_tests_of_the_example_company_pass(desk: Desk) -> None:
    answer = desk.ask("test", str(COMPANY))

    assert (answer.code, answer.out, answer.err) == (0, "", "6 cases; none failed.\n")


# What the example shows, turned around: each of these has to break at least one of its cases.
BREAKING = [
    ("value: Employee}", "value: Contractor}"),
    ("^(Sales|Engineering)$", "(Sales|Engineering)"),
    ('" (Contoso)"', '" (Fabrikam)"'),
    ("ToLower(", "ToUpper("),
    ("mobile: {drop: true}", "mobile: {apply: onCreate}"),
    ("department: {default: Unknown}", "department: {apply: onCreate}"),
]


@pytest.mark.parametrize(("right", "wrong"), BREAKING)
def test_example_notices_a_mistake(right: str, wrong: str, desk: Desk) -> None:
    text = next(COMPANY.rglob("*.test.yaml")).read_text(encoding="utf-8")
    assert right in text

    assert desk.ask("test", desk.write("a.test.yaml", text.replace(right, wrong))).code == 1


def test_notes_are_told_with_their_file(desk: Desk) -> None:
    text = (HEAD + FILTER + MAPPINGS + GOOD).replace("[displayName]", "[displayname]")
    name = desk.write("all/a.test.yaml", text)

    assert f"note: {name}: displayName: line 1, column 8: 'displayname' is no attribute" in desk.ask("test", "all").err
