"""Small worlds with links that are still to be made: documents as people write them, and what stands there before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from driving import Documents, write
from linked_trials import Stage
from trials import Scenario

from reconciler.emulator.seeds import application_id
from reconciler.model import Body

IDS = {
    "contoso": "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01",
    "fabrikam": "fab00000-0000-4000-8000-000000000002",
    "northwind": "d8312f06-9ddf-4ed9-9eaf-45ce8f79433c",
    "tailspin": "88ab1111-2222-4333-8444-555566667777",
}
GROUPS = {"sync": {"displayName": "Sync", "members": ["megan"]}, "more": {"displayName": "More", "members": ["megan"]}}
# What others made: a configuration into a tenant of which no file speaks, and one of the admin center.
OTHERS: Mapping[str, Mapping[str, Any]] = {
    "theirs": {"displayName": "By hand", "assigned": ["sync"], "synchronization": {"target": "tailspin"}},
    "mto": {"displayName": f"MTO_Sync_{IDS['fabrikam']}"},
}


def seed(*tenants: str, switches: Mapping[str, Any] | None = None, others: bool = True) -> Mapping[str, Any]:
    """Return tenants with a person and two groups each; the first also has configurations of others."""
    return {
        "switches": dict(switches or {}),
        "organizations": {
            "tailspin": {"tenantId": IDS["tailspin"], "displayName": "Tailspin", "domain": "tailspin.example"}
        },
        "tenants": {
            name: {
                "tenantId": IDS[name],
                "displayName": name.title(),
                "domain": f"{name}.example",
                "users": {"megan": {"displayName": "Megan Bowen"}},
                "groups": GROUPS,
                "servicePrincipals": OTHERS if others and name == tenants[0] else {},
            }
            for name in tenants
        },
    }


def documents(*links: tuple[str, str], **spec: Any) -> Documents:
    """Return the files of tenants and of the links between them, from source to target."""
    tenants = dict.fromkeys(name for pair in links for name in pair)
    return {
        **{
            f"{name}/tenant.yaml": {
                "kind": "Tenant",
                "tenantId": IDS[name],
                "displayName": name.title(),
                "domain": f"{name}.example",
                "management": "here",
                "owner": "identity",
            }
            for name in tenants
        },
        **{
            f"shared/links/{source}-to-{target}.yaml": {
                "kind": "SyncLink",
                "name": f"{source}-to-{target}",
                "source": source,
                "target": target,
                "owner": "identity",
                "spec": {"scope": {"assigned": {"groups": [{"name": "Sync"}, {"name": "More"}]}}, **spec},
            }
            for source, target in links
        },
    }


def pair(folder: Path, switches: Mapping[str, Any] | None = None) -> Stage:
    """Return two tenants and a link, with a mapping of its own, so that everything there is gets written."""
    mappings = {"displayName": {"expression": 'Append([displayName], " (Contoso)")'}}
    said = documents(("contoso", "fabrikam"), mappings=mappings)
    return Stage(folder, said, seed("contoso", "fabrikam", switches=switches))


def linking(folder: Path) -> Scenario:
    """Return the same for the real command: with documents on disk that name the applications of the emulator."""
    stage = pair(folder)
    documents = {name: _signed_in(one) for name, one in stage.documents.items()}
    return Scenario(write(folder, documents), stage.seed)


def _signed_in(document: Body) -> Body:
    if document["kind"] != "Tenant":
        return document
    auth = {one: {"clientId": application_id(document["tenantId"], one)} for one in ("plan", "apply")}
    return {**document, "auth": auth}


def twins(folder: Path, switches: Mapping[str, Any] | None = None) -> Stage:
    """Return two links from one tenant whose configurations have the same display name."""
    said = documents(("contoso", "fabrikam"), ("contoso", "northwind"), displayName="People")
    return Stage(folder, said, seed("contoso", "fabrikam", "northwind", switches=switches))


def crossed(folder: Path, switches: Mapping[str, Any] | None = None) -> Stage:
    """Return the twins in a world in which the configuration that is made second has the lower id."""
    return replace(twins(folder, switches), passed_over=1)


def namesake(folder: Path, switches: Mapping[str, Any] | None = None) -> Stage:
    """Return a link whose configuration is to have the name of one that others made, and that provisions elsewhere."""
    said = documents(("contoso", "fabrikam"), displayName="By hand")
    return Stage(folder, said, seed("contoso", "fabrikam", switches=switches))
