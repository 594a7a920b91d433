"""Two tenants with a started job between them, what a preview says of its next cycle, and what the cycle then does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import driving
import emulated
import httpx
from operated import tenant

from reconciler.emulator.seeds import seeded_id
from reconciler.emulator.world import World
from reconciler.graph.connecting import Network
from reconciler.kinds import ALL
from reconciler.model import Body, Estate, Json
from reconciler.model.people import Changed, Fate, Forecast, Preview, Single
from reconciler.previewing import of_one
from reconciler.reconciling.forecasting import forecast, placed

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
FABRIKAM = "fab00000-0000-4000-8000-000000000002"
LINK = "contoso-to-fabrikam"
JOB, EVENT, STATE, KEPT = "synchronizationJob", "provisioningEvent", "synchronizationState", "synchronizedObject"
READING = [
    "Policy.Read.All", "Application.Read.All", "Synchronization.Read.All", "User.Read.All", "GroupMember.Read.All",
    "Group.Read.All", "AuditLog.Read.All", "CrossTenantInformation.ReadBasic.All", "Organization.Read.All",
]  # fmt: skip

WRITING = [
    *READING, "Policy.ReadWrite.CrossTenantAccess", "Synchronization.ReadWrite.All", "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
]  # fmt: skip


def seed(
    users: Mapping[str, Json],
    *,
    assigned: Iterable[str] | None = None,
    groups: Mapping[str, Json] | None = None,
    configuration: Mapping[str, Json] | None = None,
    target: Mapping[str, Json] | None = None,
    reading: Iterable[str] = READING,
    made: bool = True,
    **members: Json,
) -> dict[str, Json]:
    """Return a world; who is not said otherwise is assigned."""
    own = {
        "to-fabrikam": {
            "displayName": "Fabrikam",
            "assigned": list(users) if assigned is None else list(assigned),
            "synchronization": {"target": "fabrikam", **(configuration or {})},
        }
    }
    applications = [{"name": "plan", "roles": list(reading)}, {"name": "apply", "roles": WRITING}]
    permission = {"tenantId": CONTOSO, "displayName": None, "userSyncInbound": {"isSyncAllowed": True}}
    said = {
        "tenants": {
            "contoso": {
                "tenantId": CONTOSO,
                "domain": "contoso.example",
                "applications": applications,
                "partners": [{"tenantId": FABRIKAM, "automaticUserConsentSettings": {"outboundAllowed": True}}],
                "users": users,
                "groups": groups or {},
                "servicePrincipals": own if made else {},
            },
            "fabrikam": {
                "tenantId": FABRIKAM,
                "domain": "fabrikam.example",
                "applications": applications,
                "partners": [{"tenantId": CONTOSO, "automaticUserConsentSettings": {"inboundAllowed": True}}],
                "objects": {"identitySynchronization": {CONTOSO: permission}},
                **(target or {}),
            },
        },
        **members,
    }
    found: dict[str, Json] = json.loads(json.dumps(said))
    return found


def documents(*, said: Mapping[str, Json] | None = None, target: str = "here", **spec: Json) -> dict[str, Body]:
    """Return the files of both tenants and of the link; `said` adds to the link beside its spec."""
    return {
        "contoso/tenant.yaml": tenant("contoso", CONTOSO, "here"),
        "fabrikam/tenant.yaml": tenant("fabrikam", FABRIKAM, target),
        "shared/links/one.yaml": {
            "kind": "SyncLink",
            "name": LINK,
            "source": "contoso",
            "target": "fabrikam",
            "owner": "identity",
            "spec": spec,
            **(said or {}),
        },
    }


SALES: Mapping[str, Json] = {"scope": {"assigned": {"groups": [{"name": "Sales"}], "exclusive": False}}}
"""What the files say of a link that they leave to others but for one group."""


def user_id(key: str) -> str:
    return seeded_id(CONTOSO, "user", key)


def group_id(key: str) -> str:
    return seeded_id(CONTOSO, "group", key)


@dataclass
class Foreseen:
    """A world, the files about it, and what is to be seen of both."""

    world: World
    estate: Estate
    transport: Callable[[World], httpx.AsyncBaseTransport] = emulated.AsyncTransport

    @property
    def network(self) -> Network:
        return emulated.network(self.world, transport=self.transport(self.world))

    # ---------------------------------------------------------------------------------------- previews

    def preview(self) -> Preview:
        """Return what the next cycle would do."""
        return asyncio.run(forecast(self.estate, LINK, self.network.reader, self.world.clock.now))

    def one(self, word: str) -> Single:
        """Return what it would do for one person."""

        async def asking() -> Single:
            now = self.world.clock.now
            async with placed(self.estate, LINK, self.network.reader, now) as at:
                return await of_one(at.seat, at.source, at.target, at.made(), word, now, linked=at.linked)

        return asyncio.run(asking())

    def person(self, word: str) -> Forecast:
        """Return what it would do for somebody, as part of everybody."""
        found = self.preview().people.find(word)
        assert found is not None, word
        return found

    def counts(self, found: Preview) -> Mapping[Fate, int]:
        """Return the counts with the configuration as it is."""
        assert found.live is not None
        return found.live.counts

    # ---------------------------------------------------------------------------------------- what people do

    def does(self, method: str, path: str, body: Json = None, *, tenant: str = "contoso") -> Json:
        """Do something in the portal of a tenant."""
        who = self.world.directory.named(tenant)
        assert who is not None
        answer = self.world.portal(who, "Megan Bowen", method, path, b"" if body is None else json.dumps(body).encode())
        assert answer.status < 300, answer.body
        return answer.body

    def leave(self, key: str, group: str = "sales") -> None:
        """Take somebody out of a group."""
        self.does("DELETE", f"groups/{group_id(group)}/members/{user_id(key)}/$ref")

    def join(self, key: str, group: str = "sales") -> None:
        """Put somebody into a group."""
        body = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{user_id(key)}"}
        self.does("POST", f"groups/{group_id(group)}/members/$ref", body)

    def cycle(self, *, everybody: bool = False) -> None:
        """Run a cycle, and let some minutes pass, so that the log shows it; `everybody` is looked at again."""
        if everybody:
            for key, known in self.world.store.all(CONTOSO, STATE).items():
                self.world.store.put(CONTOSO, STATE, key, {**known, "watermark": None})
        self.world.cycles.run_all(self.world, CONTOSO)
        self.world.clock.wait(600)

    # ---------------------------------------------------------------------------------------- what a cycle did

    def links(self) -> dict[str, Json]:
        """Return whom the job has linked, by id of the source."""
        return {str(one["id"]): one for one in self.world.store.all(CONTOSO, KEPT).values()}

    def home_of(self, target: str) -> str:
        """Return the principal name at home of a user of the target whom the job has linked."""
        (key, *_) = (key for key, link in self.links().items() if link["target"] == target)
        return str((self.world.store.get(CONTOSO, "user", key) or {})["userPrincipalName"])

    def users(self) -> dict[str, Json]:
        """Return the users of the target by id."""
        return dict(self.world.store.all(FABRIKAM, "user"))


@dataclass
class Done:
    """What a cycle did for one person."""

    fate: Fate
    target: str = ""
    changes: dict[str, Json] = field(default_factory=dict)


def done(pair: Foreseen, *, everybody: bool) -> dict[str, Done]:
    """Run the next cycle, and return what it did by id of the source: told by its log, and by the target before."""
    before, users, known = pair.links(), pair.users(), set(pair.world.store.all(CONTOSO, EVENT))
    pair.cycle(everybody=everybody)
    events = [one for key, one in pair.world.store.all(CONTOSO, EVENT).items() if key not in known]
    found: dict[str, Done] = {}
    for event in events:
        key = event["sourceIdentity"]["id"]
        if event["sourceIdentity"]["identityType"] == "User":
            _note(found, key, event, before.get(key), users)
    return found


def _note(found: dict[str, Done], key: str, event: Body, link: Json, users: Mapping[str, Json]) -> None:
    changes = {one["displayName"]: one["newValue"] for one in event["modifiedProperties"]}
    if key not in found:
        # The manager is named with the rest, and written when everybody else has been.
        changes.pop("manager", None)
        target = str(event["targetIdentity"]["id"] or "")
        found[key] = Done(_fate(event, link, users, changes), target, changes)
        return
    if event["provisioningStatusInfo"]["status"] == "failure":
        # A manager who could not be written; it says nothing about the user.
        return
    found[key].fate = Fate.UPDATE if found[key].fate is Fate.IN_SYNC else found[key].fate
    found[key].changes |= changes


def _fate(event: Body, link: Json, users: Mapping[str, Json], changes: Mapping[str, Json]) -> Fate:
    match event["provisioningAction"], event["provisioningStatusInfo"]["status"]:
        case _, "failure":
            found = Fate.CONFLICT
        case "create", _:
            found = Fate.CREATE
        case (("delete" | "stagedDelete"), _):
            found = Fate.REMOVE
        case "update", _:
            found = _update(link, users, changes)
        case _:
            is_same = event["provisioningSteps"][-1]["details"].get("SkipReason") == "RedundantExport"
            found = (Fate.ADOPT if link is None else Fate.IN_SYNC) if is_same else Fate.SKIP
    return found


def _update(link: Json, users: Mapping[str, Json], changes: Mapping[str, Json]) -> Fate:
    if link is None:
        return Fate.ADOPT
    if link["target"] not in users:
        return Fate.RESTORE
    return Fate.BLOCK if changes.get("accountEnabled") == "False" else Fate.UPDATE


def foreseen(
    folder: Path,
    said: Mapping[str, Json],
    files: Mapping[str, Body] | None = None,
    transport: Callable[[World], httpx.AsyncBaseTransport] = emulated.AsyncTransport,
) -> Foreseen:
    """Return a world with the files about it."""
    return Foreseen(World.from_seed(dict(said)), driving.estate(folder, files or documents(**SALES), ALL), transport)


def after(one: Forecast) -> dict[str, Json]:
    """Return what a forecast says of attributes, as the log of the service would spell it."""
    return {change.attribute: _spelled(change) for change in one.changes}


def _spelled(change: Changed) -> Json:
    return str(change.after) if isinstance(change.after, bool) else change.after
