"""Dynamic groups of a target, read where a link writes something else about people, and nowhere else."""

from __future__ import annotations

from pathlib import Path

from spine import FABRIKAM, configuration, documents, link, scene, seed

from reconciler.model import Finding, Json, Plan

RULE = 'user.department -eq "Sales"'
MAPPED = {"department": {"constant": "Sales"}}


def start(**groups: Json) -> dict[str, Json]:
    """A link that is there and a target with a dynamic group."""
    said = seed({"link": configuration()})
    said["tenants"]["fabrikam"]["groups"] = {
        "sales": {"displayName": "Sales \x1b[2J", "membershipRule": RULE},
        **groups,
    }
    return said


def twelve(plan: Plan) -> list[Finding]:
    return [one for tenant in plan.tenants for one in tenant.findings if one.rule == 12]


def asked(folder: Path, said: Json, spec: Json) -> tuple[list[Finding], int]:
    """Return what rule 12 says of a plan, and how many requests the target got for it."""
    there = scene(folder, said, documents(link(spec=spec)))
    plan = there.rehearsal.plan()
    counts = there.world.requests.counts[FABRIKAM]
    return twelve(plan), counts["inner"] + counts["http"] - counts["batches"]


def test_changed_mapping_asks_for_the_groups_that_look_at_it(tmp_path: Path) -> None:
    (found,), _ = asked(tmp_path, start(), {"mappings": MAPPED})

    assert "department is written otherwise" in found.message
    assert any(RULE in line for line in found.details)


def test_yes_in_git_lets_it_be_applied(tmp_path: Path) -> None:
    there = scene(tmp_path, start(), documents(link(spec={"mappings": MAPPED})))

    assert there.apply().exit_code == 0
    assert not there.plan().steps


def test_groups_are_read_with_one_request_and_only_for_a_mapping(tmp_path: Path) -> None:
    (_, changed), (found, quiet) = asked(tmp_path, start(), {"mappings": MAPPED}), asked(tmp_path, start(), {})

    assert (found, changed - quiet) == ([], 1)


def test_groups_that_cannot_be_read_ask_all_the_same(tmp_path: Path) -> None:
    said = start()
    said["faults"] = [{"match": {"tenant": FABRIKAM, "path": "/v1.0/groups"}, "action": {"status": 403}}]
    (found,), _ = asked(tmp_path, said, {"mappings": MAPPED})

    assert "is not known" in found.message
    assert any("GroupMember.Read.All" in line for line in found.details)
