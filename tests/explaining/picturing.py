"""Two tenants drawn with a few words, for tests of what holds between them: see the head of truth_table.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.explaining import View, explain
from reconciler.kinds import REGISTRY
from reconciler.model import Address, Answer, Body, Capability, Direction, Document, Json, Judgement, Party, Resource

Said = Mapping[str, Json]

IDS = {"home": "c0000000-0000-4000-8000-000000000001", "resource": "fab00000-0000-4000-8000-000000000002"}
OUTBOUND, INBOUND = "Outbound", "Inbound"
FLAGS = {
    "mfa": "isMfaAccepted",
    "device": "isCompliantDeviceAccepted",
    "hybrid": "isHybridAzureADJoinedDeviceAccepted",
}
BLOCKS = {"collaboration": "b2bCollaboration", "connect": "b2bDirectConnect"}
STOCK = REGISTRY["default"].stock


def half(words: str) -> Json:
    """Read `allowed g1 u2`; `-` is a half of which nothing is said."""
    if words.strip() == "-":
        return None
    verdict, *names = words.split()
    return {"accessType": verdict, "targets": [{"target": name, "targetType": kind(name)} for name in sorted(names)]}


def kind(name: str) -> str:
    if name.startswith("u") or name == "AllUsers":
        return "user"
    return "group" if name.startswith("g") else "application"


def block(words: str) -> Json:
    """Read `allowed g1 / blocked a1` as the two halves of a block."""
    users, applications = words.split("/")
    return {"usersAndGroups": half(users), "applications": half(applications)}


def body(said: Said, role: str) -> Body:
    """Return the blocks that a few words mean, for the tenant whose people go (home) or that is gone to."""
    way, flag = (OUTBOUND, "outboundAllowed") if role == "home" else (INBOUND, "inboundAllowed")
    found: dict[str, Json] = {}
    for word, value in said.items():
        if word in BLOCKS:
            found[f"{BLOCKS[word]}{way}"] = block(value)
        elif word == "trust":
            found["inboundTrust"] = {FLAGS[name]: claim for name, claim in value.items()}
        else:
            found["automaticUserConsentSettings"] = {flag: value}
    return found


def view(role: str, said: Said, documents: Mapping[Address, Document] | None = None) -> View:
    """Return one of the two as it was read, or not."""
    other = IDS["resource" if role == "home" else "home"]
    party = Party(role, role.title(), IDS[role], ours=True, cloud=said.get("cloud", "global"))
    if said.get("unread"):
        return View(replace(party, reason="nobody signs in there"), documents=documents or {})
    clouds = said.get("clouds", [])
    state = {
        Address(role, "policy"): Resource({"allowedCloudEndpoints": None if clouds == "hidden" else clouds}),
        Address(role, "default"): Resource({**STOCK, **body(said.get("default", {}), role)}),
    }
    if "entry" in said:
        empty = dict.fromkeys(REGISTRY["partner"].stock)
        state[Address(role, "partner", other)] = Resource({**empty, **body(said["entry"], role)})
    if "people" in said or "groups" in said:
        state[Address(role, "identity-synchronization", other)] = Resource(synchronization(said))
    return View(party, state, documents or {})


def synchronization(said: Said) -> Body:
    """Return the permission to create objects; a hidden block is not in the answer at all."""
    people, groups = (said.get(word) for word in ("people", "groups"))
    shown = {} if groups == "hidden" else {"groupSyncInbound": permission(groups)}
    return {"displayName": None, "userSyncInbound": permission(people), **shown}


def permission(said: Json) -> Json:
    return None if said is None else {"isSyncAllowed": said}


def there(home: Said, resource: Said) -> Direction:
    """Return what holds for people of home and resources of resource."""
    return explain(view("home", home), view("resource", resource), STOCK, {}).directions[0]


def judgement(direction: Direction, capability: str) -> Judgement:
    """Return what is said about one capability."""
    [found] = [one for one in direction.judgements if one.capability == Capability(capability)]
    return found


def answers(direction: Direction) -> dict[str, Answer]:
    """Return the answers by capability."""
    return {one.capability.value: one.answer for one in direction.judgements}
