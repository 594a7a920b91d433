"""Rules 12, 16 and 17 of links: dynamic groups that take people in, restarts, and settings nobody should have set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from situations import LATER, TODAY, only, yes
from test_links_change import (
    HELD,
    KINDS,
    MASKED,
    asked,
    at,
    guarded,
    job,
    mapping,
    mappings,
    said_by_link,
    settings,
    status,
)

from reconciler.guarding import Sight
from reconciler.model import Body, DynamicGroup, DynamicGroups, Resource, Severity, Standing, State
from reconciler.provisioning import attributes_in

SALES = DynamicGroup("5b1d0000-0000-4000-8000-000000000001", "Sales people", '(user.department -eq "Sales")')
EVERYBODY = DynamicGroup("5b1d0000-0000-4000-8000-000000000002", "Everybody", "user.objectId -ne null")
BEGUN = {at("settings"): Resource(KINDS["settings"])}


def fabrikam(*groups: DynamicGroup, problem: str = "") -> Mapping[str, Sight]:
    return {"fabrikam": Sight(Standing.PLANNED, shows_links=True, dynamic=DynamicGroups(groups, problem))}


def moved(expression: str = '"Sales"') -> State:
    return mappings(department=mapping(expression))


# ---------------------------------------------------------------------------------------------- rule 12


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ('(user.department -eq "Sales") -and (user.Country -in ["SE"])', {"department", "country"}),
        ("user.mobilePhone -ne null", {"mobilephone", "mobile"}),
        ('Direct Reports for "62e19b97-8b3d-4d4a-a106-4ce66896a863"', {"manager"}),
        ("device.model -eq 5", set()),
        ("\x1b[2J user . extensionAttribute5 -eq 1", {"extensionattribute5"}),
    ],
)
def test_rules_tell_what_they_look_at(rule: str, names: set[str]) -> None:
    assert attributes_in(rule) == names


def test_mapping_that_dynamic_groups_look_at_asks() -> None:
    there = job()
    found = guarded({**there, **mappings()}, {**there, **moved()}, others=fabrikam(SALES, EVERYBODY))

    question = only(found, 12)
    assert question.severity is Severity.BLOCK
    assert "dynamic groups of fabrikam look at it" in question.message
    assert any("Sales people" in line for line in question.details)
    assert not any("Everybody" in line for line in question.details)


def test_mapping_that_no_dynamic_group_looks_at_asks_nothing() -> None:
    there = job()
    found = guarded({**there, **mappings()}, {**there, **mappings(jobTitle=mapping('"x"'))}, others=fabrikam(SALES))

    assert [one for one in found if one.rule == 12] == []


@pytest.mark.parametrize("asks", [True, False])
def test_unread_dynamic_groups_ask(asks: bool) -> None:
    """Where the target was not asked at all, nobody knows either."""
    there = job()
    others = fabrikam(problem="fabrikam: 403") if asks else {"fabrikam": Sight(Standing.PLANNED, shows_links=True)}
    found = guarded({**there, **mappings()}, {**there, **moved()}, others=others)

    assert "is not known" in only(found, 12).message


def test_target_that_nobody_here_signs_in_to_is_its_own_business() -> None:
    there = job()
    others = {"fabrikam": Sight(Standing.ELSEWHERE)}
    found = guarded({**there, **mappings()}, {**there, **moved()}, others=others)

    assert [one for one in found if one.rule == 12] == []


def test_new_link_with_the_service_s_own_mappings_is_its_own_yes() -> None:
    found = guarded(BEGUN, {**job(), **settings(), **mappings()}, others=fabrikam(SALES, EVERYBODY))

    assert only(found, 12).answered
    assert asked(found) == []


def test_new_link_that_writes_something_else_asks() -> None:
    found = guarded(BEGUN, {**job(), **settings(), **moved()}, others=fabrikam(SALES, EVERYBODY))

    twelve = [one for one in found if one.rule == 12]
    assert sorted((one.answered, one.message.rpartition(" by what ")[2]) for one in twelve) == [
        (False, "its own mappings write"),
        (True, "is written about them"),
    ]


@pytest.mark.parametrize(("expires", "answered"), [(LATER, True), (TODAY, False)])
def test_yes_to_a_dynamic_group_is_exact_and_expires(expires: date, answered: bool) -> None:
    there, before = job(), KINDS["mappings"]["mappings"]["department"]
    wanted = {"mapping": mapping('"Sales"'), "dynamicGroups": [SALES.id]}
    answer = yes(12, "mappings.department", {"mapping": before}, wanted, expires=expires)
    desired = {**there, **moved()}
    documents = {
        address: replace(one, acknowledge=(answer,)) if address == at("mappings") else one
        for address, one in said_by_link(desired).items()
    }
    found = guarded({**there, **mappings()}, desired, documents=documents, others=fabrikam(SALES))

    assert only(found, 12).answered is answered


# ---------------------------------------------------------------------------------------------- rule 16


@pytest.mark.parametrize(("said", "asks"), [(HELD, True), ({}, True), (status(), False)])
def test_restart_of_a_held_job_asks(said: Body, asks: bool) -> None:
    """So does that of one of which the service does not tell whether it is held."""
    live, desired = job(said), job(said)
    [(address, resource)] = desired.items()
    desired = {address: replace(resource, body={**resource.body, "restart": "default scope"})}
    found = guarded(live, desired)

    assert [one.severity for one in found if one.rule == 16] == [Severity.BLOCK if asks else Severity.WARNING]


# ---------------------------------------------------------------------------------------------- rule 17


def with_hazards(**hazards: str) -> State:
    return {address: replace(one, facts={"hazards": hazards}) for address, one in settings().items()}


@pytest.mark.parametrize("key", ["SkipOutOfScopeDeletions", "HardDeletesEnabled"])
def test_setting_that_undoes_a_link_is_a_warning_and_an_error_once_it_is_changed(key: str) -> None:
    live = {**job(), **with_hazards(**{key: "True"})}
    quiet = only(guarded(live, live), 17)
    changed = only(guarded(live, {**live, **job(enabled=False)}), 17)

    assert (quiet.severity, changed.severity) == (Severity.WARNING, Severity.ERROR)
    assert key in quiet.message


def test_setting_that_is_not_shown_may_be_set() -> None:
    live = {**job(), **with_hazards(SkipOutOfScopeDeletions=MASKED)}

    assert "is not shown, so that it may be set" in only(guarded(live, live), 17).message


def test_people_matched_otherwise_are_refused() -> None:
    own = {**KINDS["mappings"]["mappings"]["alternativeSecurityIds"], "expression": "[mail]"}
    live = {**job(), **mappings()}
    found = guarded(live, {**job(), **mappings(alternativeSecurityIds=own)})

    assert only(found, 17).severity is Severity.ERROR
