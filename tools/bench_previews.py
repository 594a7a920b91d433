"""Two tenants with very many people in scope of a link, for the benchmark: the documents, and the file of an emulator.

Everybody is in one group that is assigned. Every second one is in the target already, as a guest; so half are created
and half adopted. The job has not run yet, so that its log is empty: the emulator keeps its log in memory.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench_people import MARK, filling
from bench_probe import PREVIEWED

from reconciler.emulator import people
from reconciler.emulator.directory_objects import MEMBER, USERS
from reconciler.emulator.seed_language import application_id, seeded_id
from reconciler.emulator.world import World

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
FABRIKAM = "39429824-604b-49fc-a4b3-b89447a14fd9"
PAGE = 999
_NOW = "2026-11-02T08:00:00.000000Z"
_HEAD = "apiVersion: crosstenant/v1\nkind: "
_LINK = f"""\
{_HEAD}SyncLink
name: {PREVIEWED}
source: contoso
target: fabrikam
owner: identity
spec:
  scope: {{assigned: {{groups: [{{name: Everybody}}]}}}}
"""
ROLES = (
    "Policy.Read.All", "Application.Read.All", "Synchronization.Read.All", "User.Read.All", "GroupMember.Read.All",
    "Group.Read.All", "AuditLog.Read.All", "Organization.Read.All",
)  # fmt: skip


def write(folder: Path) -> Path:
    """Write the documents, and return their folder."""
    texts = {"contoso/tenant.yaml": _tenant("contoso", CONTOSO), "fabrikam/tenant.yaml": _tenant("fabrikam", FABRIKAM)}
    for name, text in {**texts, "shared/links/one.yaml": _LINK}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def _tenant(name: str, tenant_id: str) -> str:
    return (
        f"{_HEAD}Tenant\ntenantId: {tenant_id}\ndisplayName: {name.title()}\ndomain: {name}.example\n"
        f"management: here\nowner: identity\nauth:\n  plan: {{clientId: {application_id(tenant_id, 'plan')}}}\n"
    )


def world(path: Path, count: int) -> Path:
    """Write the file of an emulator with so many people, and return it."""
    there = World.from_seed(_seed(), path=path)
    contoso, fabrikam = (there.directory.organizations[one] for one in (CONTOSO, FABRIKAM))
    key = f"10000000-0000-4000-8000-00000{MARK}"
    name = f"person{MARK}"
    source = people.user(name, {"department": "Sales", "jobTitle": "Engineer"}, contoso, key, _NOW)
    guest = people.guest(f"{name}@contoso.example", {}, fabrikam, key.replace("1", "2", 1), _NOW)
    group = seeded_id(CONTOSO, "group", "everybody")
    with filling(path) as fill:
        fill(CONTOSO, USERS.kind, key, USERS.sparse(source), count)
        fill(CONTOSO, MEMBER.kind, f"{group}/{key}", {"id": key, "kind": USERS.kind}, count)
        fill(FABRIKAM, USERS.kind, str(guest["id"]), USERS.sparse(guest), count // 2)
    there.store.close()
    return path


def _seed() -> Mapping[str, Any]:
    consent = "automaticUserConsentSettings"
    permission = {"tenantId": CONTOSO, "userSyncInbound": {"isSyncAllowed": True}}
    applications = [{"name": "plan", "roles": list(ROLES)}]
    return {
        "tenants": {
            "contoso": {
                "tenantId": CONTOSO,
                "domain": "contoso.example",
                "applications": applications,
                "partners": [{"tenantId": FABRIKAM, consent: {"outboundAllowed": True}}],
                "groups": {"everybody": {}},
                "servicePrincipals": {
                    "to-fabrikam": {
                        "assigned": ["everybody"],
                        "synchronization": {"target": "fabrikam", "state": "fresh"},
                    }
                },
            },
            "fabrikam": {
                "tenantId": FABRIKAM,
                "domain": "fabrikam.example",
                "applications": applications,
                "partners": [{"tenantId": CONTOSO, consent: {"inboundAllowed": True}}],
                "objects": {"identitySynchronization": {CONTOSO: permission}},
            },
        }
    }


def pages(count: int) -> int:
    """Return how many pages hold everybody: members and users of the source, users of the target."""
    return 2 * -(-count // PAGE) + -(-(count // 2) // PAGE)


def checked(text: str, count: int) -> None:
    """Insist that a preview is the right one.

    Raises:
        ValueError: it is not.
    """
    document = json.loads(text)
    counts = {fate: number for fate, number in document["wanted"]["counts"].items() if number}
    if document["exitCode"] or counts != {"create": count - count // 2, "adopt": count // 2}:
        raise ValueError(f"expected {count} people, half of them created and half adopted, got {counts}")
