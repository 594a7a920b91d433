from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
from folders import COMPANY, at, estate, lay

from reconciler.kinds import ALL
from reconciler.loading import load
from reconciler.model import Address, Estate, Origin

MEMBERS = {
    f"{name}/tenant.yaml": f"kind: Tenant\ntenantId: 88ab0000-0000-4000-8000-0000000001{number:02}\n"
    f"displayName: {name.capitalize()} AG\ndomain: {name}.example\n"
    for number, name in enumerate(("adatum", "northwind"))
}
TOPOLOGY = "tenants/shared/topologies/group.yaml"
MESH = """\
kind: Topology
name: group
shape: mesh
owner: identity-team
members: [contoso, fabrikam, northwind]
link:
  displayName: "{source.displayName} in {target.name}"
  access: vendor
  scope: {assigned: {groups: [{name: "XTS {source.name} to {target.name}"}]}}
"except":
  - {source: northwind, target: fabrikam, skip: true, reason: NDA}
  - source: fabrikam
    target: contoso
    reason: everybody works in Contoso
    scope: all
"""


def laid_out(root: Path, topology: str, **files: str) -> Estate:
    return estate(root, {**MEMBERS, "shared/topologies/group.yaml": topology, **files}, ALL)


def test_mesh_links_each_member_with_each_other(tmp_path: Path) -> None:
    found = laid_out(tmp_path, MESH)

    assert [link.name for link in found.links] == [
        "group-contoso-fabrikam",
        "group-contoso-northwind",
        "group-fabrikam-contoso",
        "group-fabrikam-northwind",
        "group-northwind-contoso",
    ]
    assert {(link.shape, link.owner) for link in found.links} == {("Topology", "identity-team")}


@pytest.mark.parametrize(
    ("direction", "names"),
    [
        ("in", ["group-fabrikam-contoso", "group-northwind-contoso"]),
        ("out", ["group-contoso-fabrikam", "group-contoso-northwind"]),
        (
            "both",
            [
                "group-contoso-fabrikam",
                "group-contoso-northwind",
                "group-fabrikam-contoso",
                "group-northwind-contoso",
            ],
        ),
    ],
)
@pytest.mark.parametrize("members", ["[contoso, fabrikam, northwind]", "[fabrikam, northwind]"])
def test_hub_is_linked_with_each_member(direction: str, names: list[str], members: str, tmp_path: Path) -> None:
    text = f"kind: Topology\nname: group\nshape: {{hub: contoso, direction: {direction}}}\nmembers: {members}\n"

    assert [link.name for link in laid_out(tmp_path, text + "link: {scope: all}\n").links] == names


def test_template_is_filled_in_for_each_pair(tmp_path: Path) -> None:
    found = laid_out(tmp_path, MESH)

    assert at(found, "northwind/configuration/group-northwind-contoso").said["displayName"] == "Northwind AG in contoso"
    assert Address("contoso", "assignment", "group-contoso-fabrikam/group:XTS contoso to fabrikam") in found.documents


def test_groups_of_the_target_are_filled_in_as_well(tmp_path: Path) -> None:
    group = '  targetGroups: [{group: {name: "{source.name} people"}}]\n'
    found = laid_out(tmp_path, MESH.replace("  scope: {", f"{group}  scope: {{", 1))
    address = Address("northwind", "membership", "group-contoso-northwind/group:contoso people")

    assert found.documents[address].said == {"member": True}
    assert Address("fabrikam", "membership", "group-contoso-fabrikam/group:contoso people") in found.documents


def test_pair_may_have_settings_of_its_own(tmp_path: Path) -> None:
    found = laid_out(tmp_path, MESH)
    settings = at(found, "fabrikam/settings/group-fabrikam-contoso")

    assert settings.said["scope"] == "all"
    assert at(found, "contoso/settings/group-contoso-fabrikam").said["scope"] == "assigned"
    assert (settings.origin, settings.origins["scope"]) == (Origin(TOPOLOGY, 13, 5), Origin(TOPOLOGY, 16, 5))
    assert settings.origins["targetTenantId"] == Origin(TOPOLOGY, 6, 11)


def test_links_of_a_topology_stand_at_their_source(tmp_path: Path) -> None:
    found = laid_out(tmp_path, MESH)

    assert at(found, "contoso/configuration/group-contoso-fabrikam").origin == Origin(TOPOLOGY, 6, 11)
    assert at(found, "northwind/job/group-northwind-contoso").origin == Origin(TOPOLOGY, 6, 30)


def test_one_pair_of_a_topology_may_go(tmp_path: Path) -> None:
    going = "  - {source: contoso, target: northwind, state: absent, people: keep, reason: sold}\n"
    found = laid_out(tmp_path, MESH + going)

    assert [link.name for link in found.links if link.absent] == ["group-contoso-northwind"]


def test_whole_topology_may_go(tmp_path: Path) -> None:
    found = laid_out(tmp_path, MESH + "state: absent\npeople: deprovision\n")

    assert {(link.absent, link.people) for link in found.links} == {(True, "deprovision")}
    assert all(document.absent for document in found.documents.values())


def test_topology_may_follow_a_link_whose_people_stay(tmp_path: Path) -> None:
    old = "kind: SyncLink\nname: old\nsource: contoso\ntarget: fabrikam\nstate: absent\npeople: keep\n"
    found = laid_out(tmp_path, MESH, **{"shared/links/old.yaml": old})

    assert [link.name for link in found.links if link.absent] == ["old"]


def test_braces_of_patterns_are_no_placeholders(tmp_path: Path) -> None:
    pattern = r"^\p{Lu}[0-9]{2,3}$"
    scope = f"{{all: true, filters: [{{clauses: [{{attribute: city, operator: REGEX MATCH, value: '{pattern}'}}]}}]}}"
    text = f"kind: Topology\nname: group\nshape: mesh\nmembers: [contoso, fabrikam]\nlink: {{scope: {scope}}}\n"
    found = laid_out(tmp_path, text)

    assert at(found, "contoso/mappings/group-contoso-fabrikam").said["filters"][0]["clauses"][0]["value"] == pattern


def test_name_that_is_filled_in_cannot_end_a_text_of_an_expression(tmp_path: Path) -> None:
    tenant = COMPANY["contoso/tenant.yaml"].replace("displayName: Contoso", """displayName: 'C "and" \\Co'""")
    link = """{scope: all, mappings: {city: {expression: 'Append([city], "{source.displayName}")'}}}"""
    text = f"kind: Topology\nname: group\nshape: mesh\nmembers: [contoso, fabrikam]\nlink: {link}\n"
    found = laid_out(tmp_path, text, **{"contoso/tenant.yaml": tenant})

    said_of_city = at(found, "contoso/mappings/group-contoso-fabrikam").said["mappings"]["city"]
    assert said_of_city == {"expression": r'Append([city], "C \"and\" \\Co")'}


def test_large_mesh_is_laid_out_quickly(tmp_path: Path) -> None:
    names = [f"t{number:02}" for number in range(30)]
    company = {
        f"{name}/tenant.yaml": f"kind: Tenant\ntenantId: 88ab0000-0000-4000-8000-0000000002{name[1:]}\n"
        f"displayName: {name}\ndomain: {name}.example\n"
        for name in names
    }
    mapping = """{expression: 'Append([displayName], " ({source.displayName})")'}"""
    text = (
        f"kind: Topology\nname: group\nshape: mesh\nmembers: [{', '.join(names)}]\nlink:\n"
        f"  scope: {{assigned: {{groups: [{{name: '{{source.name}} to {{target.name}}'}}]}}}}\n"
        f"  mappings: {{displayName: {mapping}}}\n"
    )
    folder = lay(tmp_path, {"shared/topologies/group.yaml": text}, company)
    began = process_time()
    found = load(folder, ALL)

    assert len(found.links) == 870
    # Half a second for a hundred links, on any machine.
    assert process_time() - began < 870 / 100 * 0.5
