"""What changes in a link that is there: rules 12 to 16, and 18. A new job asks nothing for what it begins with."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from situations import CONTOSO, FABRIKAM, LATER, STOCK, default, judge, marks, only, partner, yes

from reconciler.diffing import diff
from reconciler.guarding import Sight, guard
from reconciler.kinds import ALL
from reconciler.model import (
    Address,
    Body,
    Declaration,
    Document,
    Finding,
    Json,
    Link,
    Origin,
    Resource,
    Severity,
    Standing,
    State,
    Tenant,
)

NAME = "contoso-to-fabrikam"
LINE = Origin("tenants/shared/links/contoso-to-fabrikam.yaml", 3, 1)
KINDS = {name: kind.stock for name, kind in ALL.items()}
TARGET = Tenant("fabrikam", FABRIKAM, "Fabrikam", "fabrikam.example", LINE)
LINK = Link(NAME, "contoso", CONTOSO.tenant_id, "fabrikam", FABRIKAM, "SyncLink", LINE)
OURS = {CONTOSO.tenant_id: CONTOSO, FABRIKAM: TARGET}
LATELY = "2026-11-24T08:00:00Z"
MASKED = "*"


def at(kind: str, key: str = NAME) -> Address:
    return Address("contoso", kind, key)


def status(people: int | None = 240, **more: Json) -> Body:
    """What the service says of a job that ended its last cycle well."""
    counts = [] if people is None else [{"key": "User", "value": people}]
    ended = {"state": "Succeeded", "timeEnded": LATELY}
    return {"code": "Active", "lastSuccessfulExecution": ended, "synchronizedEntryCountByType": counts, **more}


NEVER = {"code": "Paused", "lastExecution": None, "steadyStateFirstAchievedTime": "0001-01-01T00:00:00Z"}
HELD = status(quarantine={"reason": "TooManyDeletes"})


def job(said: Body | None = None, *, enabled: bool = True) -> State:
    return {at("job"): Resource({"enabled": enabled}, facts={"status": status() if said is None else said})}


def settings(**said: Json) -> State:
    whole = {
        "targetTenantId": FABRIKAM,
        "scope": "assigned",
        "accidentalDeletion": {"enabled": True, "threshold": 100},
        "notifications": {"enabled": False, "recipients": []},
    }
    return {at("settings"): Resource({**whole, **said})}


def mappings(**said: Json) -> State:
    """The service's own mappings, but for these; None is no mapping."""
    own = {**KINDS["mappings"]["mappings"], **said}
    kept = {name: mapping for name, mapping in own.items() if mapping is not None}
    return {at("mappings"): Resource({**KINDS["mappings"], "mappings": kept})}


def mapping(expression: str, apply: str = "always", default: str | None = None) -> Body:
    unusual = {"apply": apply if apply != "always" else None, "default": default}
    return {"expression": expression, **{name: value for name, value in unusual.items() if value is not None}}


GUEST, MEMBER = mapping('"Guest"', "onCreate"), mapping('"Member"', "onCreate")


def said_by_link(*states: State, declares: bool = True) -> dict[Address, Document]:
    """A document of the link for everything in these states."""
    return {
        address: Document(
            address,
            "Contoso to Fabrikam",
            LINE,
            resource.body,
            link=NAME,
            declared={block: Declaration(NAME, LINE) for block in resource.body if declares},
        )
        for state in states
        for address, resource in state.items()
    }


def guarded(live: State, desired: State, link: Link = LINK, **more: Json) -> tuple[Finding, ...]:
    documents = more.pop("documents", None)
    documents = said_by_link(desired) if documents is None else documents
    changes = tuple(diff(desired, live, documents))
    known = {"stock": KINDS, "ours": OURS, "links": [link], **more}
    return guard(CONTOSO, documents, live, desired, changes, LATER, **known)


def asked(found: tuple[Finding, ...]) -> list[str]:
    """Return what weighs, but for deletions and counts as such."""
    return [mark for mark in marks(one for one in found if not one.answered) if mark.split()[1] not in ("8", "9")]


# ---------------------------------------------------------------------------------------------- rule 12


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (GUEST, MEMBER),
        (GUEST, mapping("[employeeType]", "onCreate")),
        (GUEST, mapping("", "onCreate", "Member")),
        (GUEST, None),
        (MEMBER, mapping('"Member"', "always")),
        (GUEST, mapping('"Guest"', "always")),
    ],
)
def test_becoming_more_than_a_guest_asks(before: Body, after: Body | None) -> None:
    found = guarded({**job(NEVER), **mappings(userType=before)}, {**job(NEVER), **mappings(userType=after)}, stock={})

    assert asked(found) == ["block 12 mappings mappings.userType"]


@pytest.mark.parametrize(("before", "after"), [(MEMBER, GUEST), (mapping('"Member"'), MEMBER), (None, MEMBER)])
def test_becoming_less_asks_nothing(before: Body | None, after: Body) -> None:
    found = guarded({**job(NEVER), **mappings(userType=before)}, {**job(NEVER), **mappings(userType=after)})

    assert asked(found) == []


def test_link_answers_for_the_service_s_own_mapping() -> None:
    """Somebody made guests of them by hand, and the link says nothing about it."""
    found = guarded({**job(NEVER), **mappings(userType=GUEST)}, {**job(NEVER), **mappings()})

    assert only(found, 12).declared == Declaration(NAME, LINE)


def test_link_that_makes_members_always_is_asked() -> None:
    always = mappings(userType=mapping('"Member"'))

    assert asked(guarded({**job(NEVER), **mappings()}, {**job(NEVER), **always})) == [
        "block 12 mappings mappings.userType"
    ]


@pytest.mark.parametrize(
    "after", [None, mapping('"True"'), mapping("[accountEnabled]", "onCreate"), mapping('Not("[accountEnabled]")')]
)
def test_people_who_are_blocked_at_home_have_to_be_blocked_here(after: Body | None) -> None:
    found = guarded({**job(NEVER), **mappings()}, {**job(NEVER), **mappings(accountEnabled=after)})

    assert asked(found) == ["block 12 mappings mappings.accountEnabled"]


def test_other_mappings_ask_nothing_of_rule_12() -> None:
    named = mapping('Append([displayName], " (C)")')
    other = mappings(displayName=named, accountEnabled=mapping("Not([accountEnabled])"))

    assert asked(guarded({**job(NEVER), **mappings()}, {**job(NEVER), **other})) == []


def test_yes_to_members_is_exact() -> None:
    always = mapping('"Member"')
    documents = said_by_link(job(NEVER), mappings(userType=always))
    agreed = yes(12, "mappings.userType", MEMBER, always, expires=LATER)
    documents[at("mappings")] = replace(documents[at("mappings")], acknowledge=(agreed,))
    found = guarded({**job(NEVER), **mappings()}, {**job(NEVER), **mappings(userType=always)}, documents=documents)

    assert only(found, 12).acknowledged == agreed


# ---------------------------------------------------------------------------------------------- rule 18


def renamed() -> State:
    return mappings(displayName=mapping("[mail]"))


def test_changed_mappings_of_a_job_that_ran_are_a_warning() -> None:
    found = only(guarded({**job(), **mappings()}, {**job(), **renamed()}), 18)

    assert found.severity is Severity.WARNING
    assert found.details[0] == "it has brought 240 people"


@pytest.mark.parametrize("people", [1001, None])
def test_many_people_or_nobody_knows_how_many_ask(people: int | None) -> None:
    there = job(status(people))

    assert asked(guarded({**there, **mappings()}, {**there, **renamed()})) == ["block 18 mappings"]


def test_job_without_a_word_about_itself_may_have_run() -> None:
    there = job({})

    assert asked(guarded({**there, **mappings()}, {**there, **renamed()})) == ["block 16 mappings", "block 18 mappings"]


def test_job_that_never_ran_looks_at_nobody_again() -> None:
    found = guarded({**job(NEVER), **mappings()}, {**job(NEVER), **renamed()})

    assert [one for one in found if one.rule == 18] == []


def test_filters_and_groups_count_as_well() -> None:
    before, after = mappings(), mappings()
    [(address, resource)] = after.items()
    changed = replace(resource, body={**resource.body, "groupSync": True, "filters": [{"name": "a", "clauses": []}]})
    found = only(guarded({**job(), **before}, {**job(), address: changed}), 18)

    assert "filters and the mappings of groups change" in found.message


# ---------------------------------------------------------------------------------------------- rule 13


@pytest.mark.parametrize(
    ("before", "after"), [("assigned", "all"), ("all", "assigned"), (None, "all"), (MASKED, "assigned")]
)
def test_another_scope_asks(before: str | None, after: str) -> None:
    found = guarded({**job(), **settings(scope=before)}, {**job(), **settings(scope=after)})

    assert asked(found) == ["block 13 settings scope"]
    assert only(found, 13).details[0].startswith("it has brought 240 people; ")


def test_scope_that_was_never_said_means_the_assigned() -> None:
    assert asked(guarded({**job(), **settings(scope=None)}, {**job(), **settings()})) == []


def test_new_job_says_its_scope_without_a_question() -> None:
    begun = {at("settings"): Resource(KINDS["settings"])}

    assert asked(guarded(begun, {**job(), **settings(scope="all")})) == []


# ---------------------------------------------------------------------------------------------- rule 14


def brake(threshold: int = 100, *, enabled: bool = True) -> Body:
    return {"enabled": enabled, "threshold": threshold}


@pytest.mark.parametrize(
    ("before", "after", "people"),
    [
        (brake(), brake(enabled=False), 240),
        (None, brake(enabled=False), 240),
        (brake(), brake(501), 100_000),
        (None, brake(501), 100_000),
        (brake(10), brake(61), 240),
        (brake(10), brake(11), None),
        (MASKED, brake(enabled=False), 240),
    ],
)
def test_brake_that_stops_less_asks(before: Json, after: Body, people: int | None) -> None:
    there = job(status(people))
    live, desired = settings(accidentalDeletion=before), settings(accidentalDeletion=after)

    assert asked(guarded({**there, **live}, {**there, **desired})) == ["block 14 settings accidentalDeletion"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (brake(), brake(60)),
        (brake(10), brake(60)),
        (brake(enabled=False), brake(1000)),
        (brake(1000), brake(900)),
        (None, brake()),
    ],
)
def test_brake_that_stops_as_much_asks_nothing(before: Json, after: Body) -> None:
    live, desired = settings(accidentalDeletion=before), settings(accidentalDeletion=after)

    assert asked(guarded({**job(), **live}, {**job(), **desired})) == []


def test_new_job_with_the_brake_of_the_template_asks_nothing() -> None:
    begun = {at("settings"): Resource(KINDS["settings"])}

    assert asked(guarded(begun, {**job(), **settings()})) == []


def test_new_job_without_a_brake_asks() -> None:
    begun = {at("settings"): Resource(KINDS["settings"])}
    found = guarded(begun, {**job(), **settings(accidentalDeletion=brake(enabled=False))})

    assert asked(found) == ["block 14 settings accidentalDeletion"]


# ---------------------------------------------------------------------------------------------- rule 15


def test_job_that_goes_without_a_word_about_people_asks() -> None:
    found = guarded(job(), {}, documents={})

    assert asked(found) == ["block 15 job"]
    assert only(found, 15).details[0] == "it has brought 240 people"


@pytest.mark.parametrize("people", ["deprovision", "keep"])
def test_link_that_says_what_becomes_of_people_answers(people: Literal["deprovision", "keep"]) -> None:
    documents = {address: replace(one, absent=True) for address, one in said_by_link(job()).items()}
    link = replace(LINK, absent=True, people=people)

    assert asked(guarded(job(), {}, link, documents=documents)) == []


def test_job_that_never_ran_leaves_nobody_behind() -> None:
    assert asked(guarded(job(NEVER), {}, documents={})) == []


def test_number_that_is_not_shown_is_unknown() -> None:
    found = only(guarded(job(status(None)), {}, documents={}), 15)

    assert found.details[0] == "nobody can say how many people it has brought"


SYNCED = Address("contoso", "identity-synchronization", FABRIKAM)


def permission(*, allowed: bool) -> State:
    return {SYNCED: Resource({"userSyncInbound": {"isSyncAllowed": allowed}})}


def sight(said: Body, target: str | None = CONTOSO.tenant_id, *, shows_links: bool = True) -> dict[str, Sight]:
    """What contoso sees of the tenant that sends people here."""
    live = {
        Address("fabrikam", "job", "back"): Resource({"enabled": True}, facts={"status": said}),
        Address("fabrikam", "settings", "back"): Resource({"targetTenantId": target}),
    }
    return {"fabrikam": Sight(Standing.PLANNED, live, shows_links)}


@pytest.mark.parametrize(
    ("others", "told"),
    [
        (sight(status(7)), "it has brought 7 people"),
        (sight(status(7), shows_links=False), "nobody can say"),
        (sight(status(7), MASKED), "nobody can say"),
        ({}, "nobody can say"),
    ],
)
def test_permission_that_goes_asks_for_the_people(others: dict[str, Sight], told: str) -> None:
    beside = partner()
    found = judge(
        {**beside, **permission(allowed=True)},
        {**beside, **permission(allowed=False)},
        ours=OURS,
        others=others,
        stock=STOCK,
    )

    assert asked(found) == ["block 15 identity-synchronization userSyncInbound"]
    assert told in only(found, 15).details[0]


@pytest.mark.parametrize("others", [sight(status(7), FABRIKAM), sight(NEVER), sight(status(0))])
def test_permission_that_nobody_used_asks_nothing(others: dict[str, Sight]) -> None:
    beside = partner()
    found = judge(
        {**beside, **permission(allowed=True)}, {**beside, **permission(allowed=False)}, ours=OURS, others=others
    )

    assert asked(found) == []


def test_link_that_goes_and_says_so_lets_the_permission_go() -> None:
    back = Link(
        "back", "fabrikam", FABRIKAM, "contoso", CONTOSO.tenant_id, "SyncLink", LINE, absent=True, people="keep"
    )
    beside = partner()
    found = judge({**beside, **permission(allowed=True)}, {**beside, **permission(allowed=False)}, links=[back])

    assert asked(found) == []


def test_partner_that_goes_takes_the_permission_along() -> None:
    live = {**default(), **partner(), **permission(allowed=True)}
    changes = tuple(diff({}, partner(), {}))
    found = judge(live, default(), documents={}, changes=changes)

    assert asked(found) == ["block 15 partner"]


# ---------------------------------------------------------------------------------------------- rule 16


def test_starting_a_held_job_asks() -> None:
    found = guarded(job(HELD, enabled=False), job(HELD, enabled=True))

    assert asked(found) == ["block 16 job enabled"]


def test_changing_the_mappings_of_a_held_job_asks() -> None:
    """It is stopped for that, and started again."""
    found = guarded({**job(HELD), **mappings()}, {**job(HELD), **renamed()})

    assert asked(found) == ["block 16 mappings"]


def test_pausing_a_held_job_asks_nothing() -> None:
    assert asked(guarded(job(HELD, enabled=True), job(HELD, enabled=False))) == []


def test_starting_a_job_with_another_trouble_asks_nothing() -> None:
    other = status(quarantine={"reason": "EncounteredQuarantineException"})

    assert asked(guarded(job(other, enabled=False), job(other, enabled=True))) == []


def test_numbers_that_move_do_not_make_a_plan_stale() -> None:
    """The job goes on while a plan waits, so that no message may tell how many people it has brought."""
    live, desired = {**mappings(), **settings()}, {**renamed(), **settings(scope="all", accidentalDeletion=brake(600))}
    messages = [
        [one.message for one in guarded({**job(status(people)), **live}, {**job(status(people)), **desired})]
        for people in (1500, 1501)
    ]

    assert messages[0] == messages[1]


# ---------------------------------------------------------------------------------------------- rules 20 and 23


def of_rule_23(found: tuple[Finding, ...]) -> list[Severity]:
    return [one.severity for one in found if one.rule == 23 and "waits" not in one.message]


@pytest.mark.parametrize(
    ("said", "target", "severities"),
    [
        (status(), CONTOSO.tenant_id, [Severity.ERROR]),
        (status(), MASKED, [Severity.NOTE]),
        (status(), FABRIKAM, []),
        (NEVER, CONTOSO.tenant_id, []),
    ],
)
def test_job_cannot_be_led_elsewhere(said: Body, target: str, severities: list[Severity]) -> None:
    live = {**job(said), **settings(targetTenantId=target)}

    assert of_rule_23(guarded(live, {**live, **settings()})) == severities


@pytest.mark.parametrize(("said", "waits"), [(NEVER, 1), (status(), 0), (HELD, 1), ({}, 1)])
def test_link_waits_until_its_job_works(said: Body, waits: int) -> None:
    """Nobody can look into the target, but what the job does shows what was done there."""
    found = guarded(job(said), job(said), ours={})

    assert len([one for one in found if "waits for fabrikam" in one.message]) == waits


def test_configurations_that_may_both_be_meant_are_an_error() -> None:
    found = only(guarded({}, {}, ambiguous={NAME: ("Pair (application 1)", "Pair (application 2)")}), 20)

    assert (found.severity, found.details) == (Severity.ERROR, ("Pair (application 1)", "Pair (application 2)"))
    assert found.origin == LINE


# ---------------------------------------------------------------------------------------------- rule 8


@pytest.mark.parametrize(
    ("kind", "name", "whose"),
    [("Group", "Sync to Fabrikam ", "a direct member who is"), ("User", "", "somebody who is")],
)
def test_assignment_that_goes_says_who_loses(kind: str, name: str, whose: str) -> None:
    """Of a person the id alone: names of people are no part of a plan."""
    principal = "7c0e0000-0000-4000-8000-000000000001"
    facts = {"principalDisplayName": "Sync to Fabrikam"}
    live = {**job(), at("assignment", f"{NAME}/{principal}"): Resource({"principalType": kind}, facts=facts)}
    found = only(guarded(live, job()), 8)

    assert found.message == f"{name}({principal}) is no longer assigned to {NAME}"
    assert found.details[0].startswith(whose)
