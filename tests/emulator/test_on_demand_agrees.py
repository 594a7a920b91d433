"""Provisioning on demand makes of a person what the next cycle would have made of them, and tells it alike."""

from __future__ import annotations

from typing import Any

import pytest
from random_histories import NAMES, History, principal_id, user_id
from worlds import CONTOSO

from reconciler.emulator.calls import Json


def lived(seed: int) -> History:
    """Return a history of one job that has come to its third round, where nobody is led by anybody."""
    history = History(seed)
    for _ in range(2):
        history.pass_time()
        history.happen()
    history.pass_time()
    for name, one in history.company.people.items():
        if one.where == "live":
            history.does("PATCH", f"users/{user_id(name)}", {"department": "Moved"})
        if one.where == "live" and one.manager:
            history.does("DELETE", f"users/{user_id(name)}/manager/$ref")
    return history


def told(history: History, before: int) -> dict[str, Json]:
    """Return what the log says of people since then, and without what tells one run from another."""
    events = list(history.world.store.all(CONTOSO, "provisioningEvent").values())[before:]
    return {
        NAMES[str(one["sourceIdentity"]["id"])]: (
            one["provisioningAction"],
            one["provisioningStatusInfo"],
            one["modifiedProperties"],
            one["provisioningSteps"],
        )
        for one in events
        if one["sourceIdentity"]["identityType"] == "User"
    }


def count(history: History) -> int:
    return history.world.store.count(CONTOSO, "provisioningEvent")


def job_of(history: History) -> str:
    return f"servicePrincipals/{principal_id(history.names[0])}/synchronization/jobs/{history.jobs[0]}"


def on_demand(history: History, name: str) -> None:
    path = job_of(history)
    history.world.clock.wait(10)
    rule: Any = history.does("GET", f"{path}/schema")
    subject = {"objectId": user_id(name), "objectTypeName": "User"}
    parameters = [{"ruleId": rule["synchronizationRules"][0]["id"], "subjects": [subject]}]
    history.does("POST", f"{path}/provisionOnDemand", {"parameters": parameters})


# Of these the job is one alone, and holds nothing back: no guard counts what is done on demand.
@pytest.mark.parametrize("seed", [514, 520, 526, 537, 544, 554, 556])
def test_person_becomes_on_demand_what_the_cycle_makes_of_them(seed: int) -> None:
    ours, theirs = lived(seed), lived(seed)
    people = [name for name, one in ours.company.people.items() if one.where == "live"]
    before = count(ours)
    ours.does("POST", f"{job_of(ours)}/restart", {"criteria": {"resetScope": ""}})
    ours.world.clock.wait(3600)
    ours.world.catch_up()
    for name in people:
        on_demand(theirs, name)
    cycle, demand = told(ours, before), told(theirs, before)
    both = [name for name in people if name in cycle]

    assert both
    assert {name: demand[name] for name in both} == {name: cycle[name] for name in both}
