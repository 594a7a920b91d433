"""A mesh of tenants from one topology, made from nothing: one of everything for each link, and nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from driving import Documents, Rehearsal, estate

from reconciler.emulator.world import World
from reconciler.kinds import ALL

MEMBERS = ("contoso", "fabrikam", "litware", "northwind", "tailspin")
LINKS = len(MEMBERS) * (len(MEMBERS) - 1)
IDS = {name: f"fab00000-0000-4000-8000-{number:012}" for number, name in enumerate(MEMBERS, 1)}


def seed() -> dict[str, object]:
    return {
        "tenants": {
            name: {
                "tenantId": IDS[name],
                "displayName": name.title(),
                "domain": f"{name}.example",
                "groups": {other: {"displayName": f"XTS {name} to {other}"} for other in MEMBERS if other != name},
            }
            for name in MEMBERS
        }
    }


def documents() -> Documents:
    tenants = {
        f"{name}/tenant.yaml": {
            "kind": "Tenant",
            "tenantId": IDS[name],
            "displayName": name.title(),
            "domain": f"{name}.example",
            "management": "here",
            "owner": "identity",
        }
        for name in MEMBERS
    }
    topology = {
        "kind": "Topology",
        "name": "group",
        "shape": "mesh",
        "members": [*MEMBERS],
        "owner": "identity",
        "link": {"scope": {"assigned": {"groups": [{"name": "XTS {source.name} to {target.name}"}]}}},
    }
    return {**tenants, "shared/topologies/group.yaml": topology}


def test_mesh_of_five_is_made_from_one_topology(tmp_path: Path) -> None:
    world = World.from_seed(seed())
    rehearsal = Rehearsal(world, estate(tmp_path, documents(), ALL), ALL)
    plan = rehearsal.plan()
    report = rehearsal.apply(plan)
    written = Counter((one.kind, one.method) for one in world.store.journal() if one.committed)

    # The topology is the yes to all of it.
    assert not any(tenant.blocked for tenant in plan.tenants)
    assert report.exit_code == 0
    assert {outcome.verdict for outcome in report.outcomes} == {"applied"}
    assert not rehearsal.plan().steps
    assert written == {
        ("partner", "POST"): LINKS,
        ("identitySynchronization", "PUT"): LINKS,
        ("application", "POST"): LINKS,
        # Made along with its application, and marked.
        ("servicePrincipal", "POST"): LINKS,
        ("servicePrincipal", "PATCH"): LINKS,
        # Made, and started.
        ("synchronizationJob", "POST"): 2 * LINKS,
        ("synchronizationSecrets", "PUT"): LINKS,
        ("appRoleAssignment", "POST"): LINKS,
    }
    for name in MEMBERS:
        there = {kind: world.store.all(IDS[name], kind) for kind in ("synchronizationJob", "appRoleAssignment")}
        assert {kind: len(found) for kind, found in there.items()} == dict.fromkeys(there, len(MEMBERS) - 1)
        assert {one["schedule"]["state"] for one in there["synchronizationJob"].values()} == {"Active"}
        assert len({one["principalId"] for one in there["appRoleAssignment"].values()}) == len(MEMBERS) - 1


def test_writes_of_a_mesh_are_the_steps_of_its_plan(tmp_path: Path) -> None:
    """By object: an application and its service principal are one of a plan's configurations."""
    world = World.from_seed(seed())
    rehearsal = Rehearsal(world, estate(tmp_path, documents(), ALL), ALL)
    plan = rehearsal.plan()
    rehearsal.apply(plan)
    words = {
        "identitySynchronization": "identity-synchronization",
        "servicePrincipal": "configuration",
        "synchronizationJob": "job",
        "synchronizationSecrets": "settings",
        "appRoleAssignment": "assignment",
    }
    names = {tenant_id: name for name, tenant_id in IDS.items()}
    written = Counter(
        (names[one.tenant], words.get(one.kind, one.kind))
        for one in world.store.journal()
        if one.committed and one.kind != "application"
    )

    assert written == Counter((step.change.address.tenant, step.change.address.kind) for step in plan.steps)
