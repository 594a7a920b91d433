"""Identifiers that cannot be meant, secrets that must not be there, and reminders."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from situations import (
    CLOSED,
    CONTOSO,
    DEFAULT,
    FABRIKAM,
    HERE,
    OPEN,
    OTHER,
    PARTNER,
    SOME,
    TODAY,
    block,
    crowd,
    default,
    document,
    documented,
    judge,
    marks,
    only,
    partner,
    trust,
    yes,
)

from reconciler.model import (
    Acknowledgement,
    Address,
    Body,
    Document,
    Json,
    Lifecycle,
    Resource,
    Severity,
    State,
    Undeclared,
)

IN, TRUST = "b2bCollaborationInbound", "inboundTrust"
ZERO = "00000000-0000-0000-0000-000000000000"

# ---------------------------------------------------------------------------------------------- rule 20


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (CONTOSO.tenant_id, "a tenant cannot be its own partner"),
        (CONTOSO.tenant_id.upper(), "a tenant cannot be its own partner"),
        (ZERO, "the zero GUID is no organization"),
        ("fabrikam", "the key of a partner has to be the tenant id of the other organization"),
        (f"{FABRIKAM}0", "the key of a partner has to be the tenant id of the other organization"),
    ],
)
def test_impossible_partner_is_an_error(key: str, message: str) -> None:
    address = Address("contoso", "partner", key)

    found = only(judge(default(), {**default(), **partner(address)}), 20)

    assert (found.severity, found.message, found.address) == ("error", message, address)
    assert found.origin == document(address).origin


def test_impossible_partner_is_an_error_without_document() -> None:
    address = Address("contoso", "partner", ZERO)

    assert only(judge(default(), {**default(), **partner(address)}, documents={}), 20).origin is None


def test_impossible_partner_may_go() -> None:
    """Nobody has to write a document for what stands in the tenant; deleting it needs no rule 20."""
    address = Address("contoso", "partner", ZERO)

    assert marks(judge({**default(), **partner(address)}, default(), documents={})) == ["block 8 partner"]


def test_other_kinds_have_other_keys() -> None:
    address = Address("contoso", "group", "fabrikam")

    assert marks(judge(default(), {**default(), address: Resource({})})) == []


def test_zero_target_is_an_error() -> None:
    found = judge(
        {**default(), **partner()}, {**default(), **partner(**{IN: block(f"allowed g1 {ZERO}", "allowed a1")})}
    )

    assert f"error 20 partner {IN}" in marks(found)


def test_zero_target_may_go() -> None:
    wrong = partner(**{IN: block("allowed AllUsers", f"blocked {ZERO}")})

    assert "error" not in " ".join(marks(judge({**default(), **wrong}, {**default(), **partner(**{IN: OPEN})})))


# ---------------------------------------------------------------------------------------------- rule 21

# Made up, and put together here, so that no scanner of this repository takes them for real ones.
SECRETS = {
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a client secret of Microsoft Entra": "abc8" + "Q~" + "x" * 34,
    "a signed token": "eyJ" + "a" * 20 + ".eyJ" + "b" * 20 + ".sig",
    "a token of GitHub": "ghp_" + "A" * 36,
    "a key of Azure": "AccountKey=" + "A" * 40,
    "a shared access signature": "https://x.example/?sv=1&sig=" + "A" * 40,
    "an access key of AWS": "AKIA" + "A" * 16,
    "a token of Slack": "xoxb-" + "1" * 12,
    "a bearer token": "Bearer " + "a" * 24,
    "a password": "password: " + "hunter22",
}
PLACES = ["label", "domain", "owner", "purpose", "ticket"]


def leaks(**fields: Json) -> list[str]:
    there = {**default(), **partner()}
    papers = {**documented(there), PARTNER: replace(document(PARTNER), **fields)}
    return [one.message for one in judge(there, there, documents=papers, on=None) if one.rule == 21]


@pytest.mark.parametrize("kind", SECRETS)
def test_secret_is_recognized(kind: str) -> None:
    assert leaks(purpose=f"see {SECRETS[kind]} there") == [
        f"purpose looks like {kind}; take it out, and rotate it, since it is in the history of Git now"
    ]


@pytest.mark.parametrize("kind", SECRETS)
def test_secret_is_never_repeated(kind: str) -> None:
    there = {**default(), **partner()}
    papers = {**documented(there), PARTNER: document(PARTNER, purpose=SECRETS[kind])}

    assert SECRETS[kind] not in repr(judge(there, there, documents=papers, on=None))


@pytest.mark.parametrize("place", PLACES)
def test_secret_is_found_everywhere(place: str) -> None:
    assert len(leaks(**{place: SECRETS["a token of GitHub"]})) == 1


def test_secret_in_a_target_name_is_found() -> None:
    assert leaks(names={"g1": SECRETS["a password"]})[0].startswith("a name of a target looks like a password")


@pytest.mark.parametrize(
    "answer",
    [
        yes(5, IN, reason=SECRETS["a password"]),
        yes(5, IN, owner=SECRETS["a password"]),
        yes(5, IN, before=["", SECRETS["a password"]]),
        yes(5, IN, after={SECRETS["a password"]: True}),
    ],
)
def test_secret_in_an_acknowledgement_is_found(answer: Acknowledgement) -> None:
    there = {**default(), **partner()}

    assert only([one for one in judge(there, there, answer) if one.stops], 21).address == PARTNER
    assert only([one for one in judge(there, there, answer, on=None) if one.stops], 21).origin == HERE


def test_secret_in_a_change_is_found() -> None:
    desired = {**default(), **partner(**{IN: block("allowed g1", "allowed " + SECRETS["a token of GitHub"])})}

    assert [one.address for one in judge(default(), desired) if one.rule == 21] == [PARTNER]


def test_secret_that_goes_away_is_quiet() -> None:
    live = {**default(), **partner(**{IN: block("allowed g1", "allowed " + SECRETS["a token of GitHub"])})}

    assert "error" not in " ".join(marks(judge(live, {**default(), **partner()})))


@pytest.mark.parametrize(
    "harmless",
    [
        "SEC-412",
        FABRIKAM,
        "https://wiki.example/cross-tenant?page=sig",
        "password policy of the vendor",
        "key account: Fabrikam",
        "the bearer of this message",
        "-----BEGIN CERTIFICATE-----",
        "AKIA",
        "eyJ",
        string.printable,
    ],
)
def test_ordinary_text_is_no_secret(harmless: str) -> None:
    assert leaks(purpose=harmless) == []


# ---------------------------------------------------------------------------------------------- reviews


@pytest.mark.parametrize(
    ("due", "overdue"), [(TODAY - timedelta(days=1), True), (TODAY, False), (date(2027, 1, 1), False), (None, False)]
)
def test_overdue_review_is_a_warning(due: date | None, overdue: bool) -> None:
    there = {**default(), **partner()}
    papers = {**documented(there), PARTNER: document(PARTNER, review_by=due, owner="legal-it")}

    found = [one for one in judge(there, there, documents=papers) if one.path == "reviewBy"]

    assert [(one.severity, one.message) for one in found] == (
        [(Severity.WARNING, f"Fabrikam ({FABRIKAM}): its review was due on 2026-11-23; ask legal-it")]
        if overdue
        else []
    )


def test_nobody_to_ask_is_not_asked() -> None:
    there = {**default(), **partner()}
    papers = {**documented(there), PARTNER: document(PARTNER, review_by=date(2026, 1, 1), owner="")}

    assert judge(there, there, documents=papers)[0].message.endswith("was due on 2026-01-01")


# ---------------------------------------------------------------------------------------------- what Git does not say


def reminded(
    live: State, papers: Mapping[Address, Document], desired: State | None = None, **more: Json
) -> list[tuple[str, tuple[str, ...]]]:
    """Return the notes, with their details."""
    found = judge(live, live if desired is None else desired, documents=papers, on=None, **more)
    assert {one.severity for one in found} <= {Severity.NOTE}
    return [(one.message, one.details) for one in found]


def test_undeclared_partners_are_listed() -> None:
    there = {**default(), **partner(**{IN: SOME, TRUST: trust(mfa=True)}), **partner(OTHER)}

    assert reminded(there, {}) == [
        (
            "2 partner objects there that no file speaks of, left alone",
            (f"Fabrikam ({FABRIKAM}): sets {IN}, {TRUST}", f"Tailspin ({OTHER.key}): inherits everything"),
        )
    ]


def test_undeclared_list_is_bounded() -> None:
    [(message, details)] = reminded({**default(), **crowd(60)}, {})

    assert message.startswith("60 partner objects there")
    assert len(details) == 51
    assert details[-1] == "and 10 more"


def test_bound_itself_is_listed_whole() -> None:
    [(_, details)] = reminded({**default(), **crowd(50)}, {})

    assert len(details) == 50


def test_undeclared_kinds_are_listed_apart() -> None:
    there = {**default(), **partner(), Address("contoso", "group", "g"): Resource({})}

    assert [message for message, _ in reminded(there, {})] == [
        "1 group object there that no file speaks of, left alone",
        "1 partner object there that no file speaks of, left alone",
    ]


def test_declared_partners_are_not_listed() -> None:
    there = {**default(), **partner()}

    assert reminded(there, documented(there)) == []


def test_undeclared_partner_that_goes_is_not_listed() -> None:
    """Only what stays is left alone: here the one that the multitenant organization protects."""
    tenant = replace(CONTOSO, undeclared=Undeclared.DELETE)
    live = {**default(), **partner(), **partner(OTHER)}
    desired = {**default(), **partner(OTHER)}

    found = [one for one in judge(live, desired, documents={}, tenant=tenant) if one.severity == "note"]

    assert found[0].details == (f"Tailspin ({OTHER.key}): inherits everything",)


def test_undeclared_properties_are_listed() -> None:
    there = {**default(**{IN: CLOSED}), **partner(**{IN: SOME, TRUST: trust(mfa=True, compliant=True)})}
    papers = {PARTNER: document(PARTNER, {TRUST: {"isMfaAccepted": True}})}

    assert reminded(there, papers) == [
        ("1 default object with settings that no file speaks of, left alone", (f"the default: {IN}",)),
        (
            "1 partner object with settings that no file speaks of, left alone",
            (f"Fabrikam ({FABRIKAM}): {IN}, {TRUST}.isCompliantDeviceAccepted",),
        ),
    ]


def test_default_leaves_are_compared_with_stock() -> None:
    there = default(**{TRUST: trust(True, False, True)})
    papers = {DEFAULT: document(DEFAULT, {TRUST: {"isMfaAccepted": True}})}

    assert reminded(there, papers) == [
        (
            "1 default object with settings that no file speaks of, left alone",
            (f"the default: {TRUST}.isHybridAzureADJoinedDeviceAccepted",),
        )
    ]


@pytest.mark.parametrize("said", [{IN: None, TRUST: None}, {IN: SOME, TRUST: trust(mfa=True)}])
def test_declared_properties_are_not_listed(said: Body) -> None:
    there = {**default(), **partner(**{IN: SOME, TRUST: trust(mfa=True)})}
    papers = {PARTNER: document(PARTNER, said)}

    assert reminded(there, papers) == []


def test_ignored_properties_are_not_listed() -> None:
    there = {**default(), **partner(**{IN: SOME})}
    papers = {PARTNER: document(PARTNER, lifecycle=Lifecycle(ignore=(IN,)))}

    assert reminded(there, papers) == []


def test_properties_of_what_goes_are_not_listed() -> None:
    live = {**default(), **partner(**{IN: SOME})}
    papers = {PARTNER: document(PARTNER, absent=True)}

    assert [one for one in judge(live, default(), documents=papers, on=None) if one.severity == "note"] == []


def test_properties_without_stock_are_not_listed() -> None:
    assert reminded(default(**{IN: CLOSED}), {}, stock={}) == []


def test_silence_can_be_asked_for() -> None:
    tenant = replace(CONTOSO, undeclared=Undeclared.IGNORE)
    there = {**default(**{IN: CLOSED}), **partner()}

    assert judge(there, there, documents={}, tenant=tenant) == ()
