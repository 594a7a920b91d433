"""Two tenants whose job is started, people who come and go by requests, and cycles that are let pass."""

from __future__ import annotations

from sync_pair import CONFIGURATION, Pair, pair_seed
from worlds import CONTOSO, FABRIKAM, Client

from reconciler.emulator.calls import Json
from reconciler.emulator.seeds import seeded_id
from reconciler.emulator.store import Entry
from reconciler.emulator.world import World

MINUTES = 60.0
GRAPH = "https://graph.microsoft.com/v1.0"


class Cycling(Pair):
    """A pair with a started job, as somebody sees it who works in the portals of both tenants."""

    def __init__(
        self, *, configuration: Json = None, grouped: bool = False, assigned: Json = None, **said: Json
    ) -> None:
        seed = pair_seed(**said)
        contoso = seed["tenants"]["contoso"]
        if grouped:
            contoso["groups"] = {"sales": {"members": list(contoso["users"])}}
            contoso["servicePrincipals"]["to-fabrikam"]["assigned"] = ["sales"]
        if assigned is not None:
            contoso["servicePrincipals"]["to-fabrikam"]["assigned"] = assigned
        contoso["servicePrincipals"]["to-fabrikam"]["synchronization"] = {"target": "fabrikam", **(configuration or {})}
        super().__init__(World.from_seed(seed))
        ((key, job),) = self.world.store.all(CONTOSO, "synchronizationJob").items()
        self.key, self.name = key, str(job["id"])
        self.world.catch_up()

    def later(self, minutes: float = 40) -> Cycling:
        """Let time pass, and what is due happen."""
        self.world.clock.wait(minutes * MINUTES)
        self.world.catch_up()
        # Tokens live an hour.
        self.client = Client(self.world, CONTOSO)
        return self

    # ---------------------------------------------------------------------------------------- what people do

    def does(self, method: str, path: str, body: Json = None, *, tenant: str = "contoso") -> Json:
        """Do something in the portal of a tenant."""
        import json

        who = self.world.directory.named(tenant)
        assert who is not None
        answer = self.world.portal(who, "Megan Bowen", method, path, b"" if body is None else json.dumps(body).encode())
        assert answer.status < 300, answer.body
        return answer.body

    def change(self, key: str, **members: Json) -> None:
        """Change a user of the source."""
        self.does("PATCH", f"users/{source_id(key)}", members)

    def leave(self, key: str, group: str = "sales") -> None:
        """Take a user out of a group."""
        self.does("DELETE", f"groups/{seeded_id(CONTOSO, 'group', group)}/members/{source_id(key)}/$ref")

    def join(self, key: str, group: str = "sales") -> None:
        """Put a user into a group."""
        reference = {"@odata.id": f"{GRAPH}/directoryObjects/{source_id(key)}"}
        self.does("POST", f"groups/{seeded_id(CONTOSO, 'group', group)}/members/$ref", reference)

    def restart(self, scope: str = "") -> None:
        """Restart the job."""
        assert self.act("restart", {"criteria": {"resetScope": scope}}).status == 204

    # ---------------------------------------------------------------------------------------- what is to be seen

    def there(self, key: str) -> dict[str, Json] | None:
        """Return the user of the target that stands for a user of the source, or None."""
        name = f"{key}_contoso.example#EXT#@fabrikam.example"
        found = [one for one in self.world.store.all(FABRIKAM, "user").values() if one["userPrincipalName"] == name]
        assert len(found) < 2
        return found[0] if found else None

    def binned(self) -> list[str]:
        """Return the mail nicknames of what is in the bin of the target."""
        return [str(one["mailNickname"]) for one in self.world.store.all(FABRIKAM, "deletedItem").values()]

    def log(self, key: str = "") -> list[tuple[str, str]]:
        """Return action and status of what the provisioning log has, of one user or of all, the oldest first."""
        return [
            (str(one["provisioningAction"]), str(one["provisioningStatusInfo"]["status"])) for one in self.events(key)
        ]

    def events(self, key: str = "") -> list[dict[str, Json]]:
        """Return the provisioning log, of one user or of all, the oldest first."""
        events = self.world.store.all(CONTOSO, "provisioningEvent").values()
        return [one for one in events if not key or one["sourceIdentity"]["id"] == source_id(key)]

    def known(self) -> dict[str, Json]:
        """Return what the job knows."""
        return self.world.store.get(CONTOSO, "synchronizationState", f"{CONFIGURATION}/{self.name}") or {}

    def written(self) -> list[Entry]:
        """Return what the service itself has written."""
        return [one for one in self.world.store.journal() if one.principal["kind"] == "service"]


def source_id(key: str) -> str:
    """Return the id of a user of the source."""
    return seeded_id(CONTOSO, "user", key)
