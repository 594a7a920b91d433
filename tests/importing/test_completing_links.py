"""What links leave out is looked up where they begin, and put into their files."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import emulated
import pytest
from arriving import known
from linked import LINK, TAILSPIN, configuration, imported, plan, world

from reconciler.completing import Completion, complete_links
from reconciler.emulator.world import World
from reconciler.kinds import ALL
from reconciler.loading import outline
from reconciler.loading.amending import amend

FOOTING = ALL["mappings"].footing(None)
HEAD = "apiVersion: crosstenant/v1\nkind: SyncLink\nname: contoso-to-fabrikam\nsource: contoso\ntarget: fabrikam\n"


@pytest.fixture
def there() -> World:
    return world(one=configuration())


def found(there: World, folder: Path, text: str, file: str = LINK, management: str = "observe") -> list[Completion]:
    """Return what is found for a document beside two imported tenants."""
    imported(there, folder)
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / LINK).unlink(missing_ok=True)
    (folder / file).write_text(text, encoding="utf-8")
    home = folder / "contoso/tenant.yaml"
    home.write_text(home.read_text().replace("observe\n", f"{management}\n"))
    everything = outline(folder, ALL)
    tenants = {name: known(there, tenant) for name, tenant in everything.tenants.items()}
    reader = emulated.network(there).reader
    return asyncio.run(complete_links(replace(everything, tenants=tenants), ALL["mappings"], reader))


def amended(text: str, completions: list[Completion]) -> str:
    return amend(text, LINK, {one.mention.path: one.said for one in completions if one.said})


def problems(completions: list[Completion]) -> list[str]:
    return [one.problem for one in completions if one.problem]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tenants"


def test_import_says_for_which_template_a_link_is_written(there: World, folder: Path) -> None:
    imported(there, folder)

    assert f'templateHash: "{FOOTING}"' in (folder / LINK).read_text().replace("'", '"')
    assert not plan(there, folder).steps


def test_ids_and_template_are_put_in_and_nothing_else_changes(there: World, folder: Path) -> None:
    text = f"""{HEAD}spec:  # ours
  scope:
    assigned:
      # of the source
      groups:
        - name: Sync to Fabrikam  # by HR
      users: [{{name: megan@contoso.example}}]
  mappings:
    mobile: {{drop: true}}
"""
    group, user, footing = found(there, folder, text)

    assert (group.problem, user.problem, footing.said) == ("", "", {"templateHash": FOOTING})
    assert amended(text, [group, user, footing]) == (
        text.replace("# by HR\n", f"# by HR\n          id: {group.said['id']}\n")
        .replace("megan@contoso.example}", f"megan@contoso.example, id: {user.said['id']}}}")
        .replace("  mappings:\n", f'  templateHash: "{FOOTING}"\n  mappings:\n')
    )


def test_template_is_put_into_a_row_between_braces(there: World, folder: Path) -> None:
    text = f"{HEAD}spec: {{enabled: false, scope: all}}\n"

    changed = amended(text, found(there, folder, text))

    assert changed == text.replace("{enabled", f'{{templateHash: "{FOOTING}", enabled')


def test_nobody_and_several_stay_open(there: World, folder: Path) -> None:
    principals = "groups: [{name: Nobody}], users: [{name: nobody@contoso.example}]"
    text = f'{HEAD}spec: {{templateHash: "{FOOTING}", scope: {{assigned: {{{principals}}}}}}}\n'

    assert problems(found(there, folder, text)) == [
        "there is no such group in contoso",
        "there is no such user in contoso",
    ]


def test_template_that_changed_is_not_taken_over_by_itself(there: World, folder: Path) -> None:
    text = f'{HEAD}spec: {{templateHash: "{"0" * 32}", scope: all}}\n'

    [problem] = problems(found(there, folder, text))

    assert f'templateHash: "{FOOTING}" takes them over' in problem


def test_topology_gets_its_template_and_ids_where_one_pair_is_meant(there: World, folder: Path) -> None:
    text = """apiVersion: crosstenant/v1
kind: Topology
name: group
shape: {hub: fabrikam, direction: in}
members: [contoso]
link: {scope: {assigned: {groups: [{name: "XTS {source.name}"}]}}}
except:
  - {source: contoso, target: fabrikam, reason: old, scope: {assigned: {groups: [{name: Sync to Fabrikam}]}}}
"""
    group, footing = found(there, folder, text, "shared/topologies/group.yaml")

    assert (group.mention.path, [*group.said]) == (("except", 0, "scope", "assigned", "groups", 0), ["id"])
    assert (footing.mention.path, footing.said) == (("link",), {"templateHash": FOOTING})


def test_without_a_configuration_no_template_is_shown(folder: Path) -> None:
    text = f"""apiVersion: crosstenant/v1
kind: SyncConfiguration
name: contoso-to-tailspin
target: {{name: tailspin, tenantId: {TAILSPIN}, domain: tailspin.example}}
spec: {{scope: all}}
"""
    [one] = found(world(), folder, text, "contoso/sync/alone.yaml")

    assert (one.said, one.problem, one.remark.startswith("no configuration is there yet")) == ({}, "", True)


def test_nobody_is_asked_where_nobody_signs_in(there: World, folder: Path) -> None:
    text = f"{HEAD}spec: {{scope: {{assigned: {{groups: [{{name: Sync to Fabrikam}}]}}}}}}\n"

    reason = "nobody here signs in to contoso, to ask there"
    assert problems(found(there, folder, text, management="elsewhere")) == [reason, f"contoso: {reason}"]
