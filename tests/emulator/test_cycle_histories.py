"""Random histories of many people: after every cycle the target is what a second, independent account says."""

from __future__ import annotations

import json
import random

import pytest
from cycling import Cycling, source_id
from people_oracle import Job, Person
from worlds import FABRIKAM

from reconciler.emulator.calls import Json

PEOPLE, ROUNDS = 80, 12
STEPS = (
    "change", "clear", "disable", "enable", "leave", "join", "delete", "restore", "purge",
    "their delete", "their restore", "their purge", "their block", "their change",
)  # fmt: skip


class History:
    """People of the emulator and of the oracle, to whom the same happens."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        threshold = self.chance.choice([3, 8, 1000])
        guard = {"Enabled": False, "DeleteThresholdEnabled": True, "DeleteThresholdValue": threshold}
        self.names = [f"p{number}" for number in range(PEOPLE)]
        users: dict[str, Json] = {name: {"department": "Sales"} for name in self.names}
        self.cycling = Cycling(
            users=users, grouped=True, configuration={"settings": {"SyncNotificationSettings": json.dumps(guard)}}
        )
        self.job = Job(threshold, people={name: Person("Sales") for name in self.names})

    def happen(self) -> None:
        """Let something happen to some people."""
        for name in self.names:
            if self.chance.random() < 0.3:
                self.step(name, self.chance.choice(STEPS))

    def step(self, name: str, what: str) -> None:
        """Let something happen to a person, where it can."""
        one, cycling = self.job.people[name], self.cycling
        word = self.chance.choice(["Sales", "Legal", "Research"])
        user = f"users/{source_id(name)}"
        if what.startswith("their"):
            self._theirs(name, one, what)
        elif what == "change" and one.where == "live":
            cycling.change(name, department=word)
            one.department, one.touched = word, True
        elif what == "clear" and one.where == "live":
            cycling.change(name, department=None)
            one.department, one.touched = None, True
        elif what in ("disable", "enable") and one.where == "live":
            one.enabled, one.touched = what == "enable", True
            cycling.change(name, accountEnabled=one.enabled)
        elif what == "leave" and one.member:
            cycling.leave(name)
            one.member, one.touched = False, True
        elif what == "join" and one.where == "live" and not one.member:
            cycling.join(name)
            one.member, one.touched = True, True
        elif what == "delete" and one.where == "live":
            cycling.does("DELETE", user)
            one.where, one.since, one.touched = "bin", self.job.now, True
        elif what == "restore" and one.where == "bin":
            cycling.does("POST", f"directory/deletedItems/{source_id(name)}/restore")
            one.where, one.touched = "live", True
        elif what == "purge" and one.where == "bin":
            cycling.does("DELETE", f"directory/deletedItems/{source_id(name)}")
            one.where, one.touched = "gone", True

    def _theirs(self, name: str, one: Person, what: str) -> None:
        """Let somebody in the target do something to the user there."""
        shadow = one.shadow
        if shadow is None or shadow.where == "gone":
            return
        where = self.user_id(name)
        match what, shadow.where:
            case "their delete", "live":
                self.there("DELETE", f"users/{where}")
                shadow.where, shadow.since = "bin", self.job.now
            case "their restore", "bin":
                self.there("POST", f"directory/deletedItems/{where}/restore")
                shadow.where = "live"
            case "their purge", "bin":
                self.there("DELETE", f"directory/deletedItems/{where}")
                shadow.where = "gone"
            case "their block", "live":
                self.there("PATCH", f"users/{where}", {"accountEnabled": False})
                shadow.enabled = False
            case "their change", "live":
                self.there("PATCH", f"users/{where}", {"department": "Theirs"})
                shadow.department = "Theirs"

    def there(self, method: str, path: str, body: Json = None) -> None:
        self.cycling.does(method, path, body, tenant="fabrikam")

    def user_id(self, name: str) -> str:
        """Return the id of the newest user that was made for somebody."""
        found = [one for one in self.everything() if one["mailNickname"] == name]
        newest = max(found, key=lambda one: str(one["createdDateTime"]))
        return str(newest["id"])

    def everything(self) -> list[dict[str, Json]]:
        store = self.cycling.world.store
        return [*store.all(FABRIKAM, "user").values(), *store.all(FABRIKAM, "deletedItem").values()]

    def pass_time(self) -> None:
        """Let a cycle pass, now and then a month, now and then after a restart."""
        dice = self.chance.random()
        if self.job.held or dice < 0.1:
            scope, forces = self.chance.choice([("", False), ("ForceDeletes", True), ("Full", False)])
            self.cycling.restart(scope)
            self.job.restart(full=scope == "Full", forces=forces)
        minutes = 31 * 24 * 60 if dice > 0.93 else 40
        self.cycling.later(minutes)
        self.job.pass_time(minutes)

    def expected(self) -> dict[str, Json]:
        """Return what the oracle says of the target."""
        shadows = {name: one.shadow for name, one in self.job.people.items()}
        return {
            name: (shadow.enabled, shadow.department)
            for name, shadow in shadows.items()
            if shadow and shadow.where == "live"
        }

    def shown(self) -> dict[str, Json]:
        """Return what the target shows."""
        return {
            str(one["mailNickname"]): (one.get("accountEnabled", True), one.get("department"))
            for one in self.cycling.world.store.all(FABRIKAM, "user").values()
        }


@pytest.mark.parametrize("seed", range(12))
def test_target_is_what_the_oracle_says(seed: int) -> None:
    history = History(seed)
    history.pass_time()
    for _ in range(ROUNDS):
        assert history.shown() == history.expected()
        history.happen()
        history.pass_time()

    assert history.shown() == history.expected()
