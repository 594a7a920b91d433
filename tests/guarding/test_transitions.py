"""Which rules speak about which transition: one table, and what they say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from situations import (
    CLOSED,
    CONTOSO,
    DEFAULT,
    MAIL,
    MIXED,
    MORE,
    OPEN,
    OTHER,
    PARTNER,
    SOME,
    block,
    crowd,
    default,
    documented,
    half,
    judge,
    marks,
    only,
    partner,
    trust,
)

from reconciler.model import Address, Body, Json, Lifecycle, Resource, State, Undeclared

IN, OUT = "b2bCollaborationInbound", "b2bCollaborationOutbound"
DIRECT, DIRECT_OUT = "b2bDirectConnectInbound", "b2bDirectConnectOutbound"
TRUST, CONSENT = "inboundTrust", "automaticUserConsentSettings"
NO, YES = trust(False, False, False), trust(True, False, False)
STOCK_TRUST = {TRUST: NO}

# What the partner says before and after, under a default of stock values: collaboration is open, direct connect closed.
PARTNERS: list[tuple[str, dict[str, Json], dict[str, Json], list[str]]] = [
    ("inbound collaboration widens", {IN: SOME}, {IN: MORE}, [f"block 5 partner {IN}"]),
    ("inbound collaboration narrows", {IN: MORE}, {IN: SOME}, [f"block 7 partner {IN}"]),
    ("inbound moves to others", {IN: SOME}, {IN: MIXED}, [f"block 5 partner {IN}", f"block 7 partner {IN}"]),
    ("inbound is set below the default", {}, {IN: SOME}, [f"block 7 partner {IN}"]),
    ("inbound is set as the default", {}, {IN: OPEN}, []),
    ("inbound is given back", {IN: SOME}, {}, [f"block 5 partner {IN}", f"block 8 partner {IN}"]),
    ("inbound is given back to the same", {IN: OPEN}, {}, []),
    ("direct connect is set above the default", {}, {DIRECT: SOME}, [f"block 5 partner {DIRECT}"]),
    ("direct connect is given back", {DIRECT: SOME}, {}, [f"block 7 partner {DIRECT}"]),
    ("outbound widens", {OUT: SOME}, {OUT: MORE}, []),
    ("outbound narrows", {OUT: MORE}, {OUT: SOME}, [f"block 7 partner {OUT}"]),
    ("outbound is given back", {OUT: SOME}, {}, [f"block 8 partner {OUT}"]),
    ("outbound direct connect opens", {}, {DIRECT_OUT: OPEN}, []),
    ("outbound direct connect closes", {DIRECT_OUT: OPEN}, {}, [f"block 7 partner {DIRECT_OUT}"]),
    ("half a block is filled", {IN: {**SOME, "applications": None}}, {IN: SOME}, [f"block 7 partner {IN}"]),
    ("trust begins", {}, {TRUST: trust(mfa=True)}, [f"block 6 partner {TRUST}.isMfaAccepted"]),
    ("trust ends", {TRUST: trust(mfa=True)}, {TRUST: trust(mfa=False)}, []),
    ("trust is given back", {TRUST: trust(mfa=True)}, {}, []),
    ("distrust is said", {}, {TRUST: NO}, []),
    (
        "trust in devices begins",
        {TRUST: trust(mfa=True)},
        {TRUST: trust(mfa=True, compliant=True, hybrid=True)},
        [
            f"block 6 partner {TRUST}.isCompliantDeviceAccepted",
            f"block 6 partner {TRUST}.isHybridAzureADJoinedDeviceAccepted",
        ],
    ),
    (
        "consent goes on",
        {},
        {CONSENT: {"inboundAllowed": True, "outboundAllowed": None}},
        [f"block 3 partner {CONSENT}.inboundAllowed"],
    ),
    ("consent is given back", {CONSENT: {"inboundAllowed": True, "outboundAllowed": None}}, {}, []),
    ("nothing changes", {IN: SOME}, {IN: SOME}, []),
]


@pytest.mark.parametrize(
    ("before", "after", "expected"), [row[1:] for row in PARTNERS], ids=[row[0] for row in PARTNERS]
)
def test_partner_update_is_judged(before: dict[str, Json], after: dict[str, Json], expected: list[str]) -> None:
    found = judge({**default(), **partner(**before)}, {**default(), **partner(**after)})

    assert marks(found) == expected


CREATES: list[tuple[str, dict[str, Json], list[str]]] = [
    ("inherits everything", {}, []),
    ("says what the default says", {IN: OPEN, DIRECT: CLOSED, TRUST: NO}, []),
    ("opens direct connect", {DIRECT: SOME}, [f"block 5 partner {DIRECT}"]),
    ("is trusted", {TRUST: trust(mfa=True)}, [f"block 6 partner {TRUST}.isMfaAccepted"]),
    ("narrows", {IN: SOME}, [f"block 7 partner {IN}"]),
]


@pytest.mark.parametrize(("after", "expected"), [row[1:] for row in CREATES], ids=[row[0] for row in CREATES])
def test_partner_create_is_judged(after: dict[str, Json], expected: list[str]) -> None:
    assert marks(judge(default(), {**default(), **partner(**after)})) == expected


DEFAULTS: list[tuple[str, dict[str, Json], dict[str, Json], list[str]]] = [
    ("inbound collaboration opens", {IN: SOME}, {IN: OPEN}, [f"block 5 default {IN}"]),
    ("inbound collaboration closes", {IN: OPEN}, {IN: SOME}, [f"block 7 default {IN}"]),
    ("direct connect opens to the world", {}, {DIRECT: OPEN}, [f"error 5 default {DIRECT}"]),
    (
        "direct connect opens one application",
        {},
        {DIRECT: block("allowed AllUsers", "allowed a1")},
        ["error 5 default " + DIRECT],
    ),
    (
        "direct connect opens to all but some",
        {},
        {DIRECT: block("blocked g1", "blocked a1")},
        ["error 5 default " + DIRECT],
    ),
    ("direct connect opens to some", {}, {DIRECT: SOME}, [f"block 5 default {DIRECT}"]),
    ("direct connect closes", {DIRECT: OPEN}, {}, [f"block 7 default {DIRECT}"]),
    ("outbound opens", {OUT: SOME}, {OUT: OPEN}, []),
    ("outbound closes", {}, {OUT: CLOSED}, [f"block 7 default {OUT}"]),
    ("outbound direct connect closes", {DIRECT_OUT: OPEN}, {}, [f"block 7 default {DIRECT_OUT}"]),
    ("trust begins", {}, {TRUST: YES}, [f"error 6 default {TRUST}.isMfaAccepted"]),
    ("trust ends", {TRUST: YES}, {}, []),
    ("inbound moves", {IN: SOME}, {IN: MIXED}, [f"block 5 default {IN}", f"block 7 default {IN}"]),
]


@pytest.mark.parametrize(
    ("before", "after", "expected"), [row[1:] for row in DEFAULTS], ids=[row[0] for row in DEFAULTS]
)
def test_default_update_is_judged(before: dict[str, Json], after: dict[str, Json], expected: list[str]) -> None:
    assert marks(judge(default(**before), default(**after))) == expected


def test_standing_openness_is_not_judged() -> None:
    """The rules judge transitions, so that a tenant can be taken over as it is."""
    wide = {**default(**{DIRECT: OPEN, TRUST: YES}), **partner(**{DIRECT: OPEN, TRUST: trust(True, True, True)})}

    assert marks(judge(wide, wide)) == []


def test_half_a_block_meets_a_narrower_default() -> None:
    """The default narrows for the world, and yet widens what a half-configured partner has."""
    partly = {IN: {"usersAndGroups": half("blocked g1"), "applications": None}}
    before, after = default(**{IN: OPEN}), default(**{IN: block("allowed AllUsers", "blocked a1")})

    found = judge({**before, **partner(**partly)}, {**after, **partner(**partly)})

    assert marks(found) == [f"block 5 default {IN}", f"block 7 default {IN}"]
    assert only(found, 5).details[0] == f"Fabrikam ({PARTNER.key}) gains: g1; in: every other application"


def test_half_a_block_opens_no_world() -> None:
    """What only a named partner gains by the default's direct connect can be acknowledged."""
    partly = {DIRECT: {"usersAndGroups": half("blocked g1"), "applications": None}}
    before = default(**{DIRECT: block("allowed u1", "allowed AllApplications")})
    after = default(**{DIRECT: block("allowed u1", "blocked a1")})

    assert f"block 5 default {DIRECT}" in marks(judge({**before, **partner(**partly)}, {**after, **partner(**partly)}))


# ---------------------------------------------------------------------------------------------- a moving default


@pytest.mark.parametrize(("was", "will"), [(OPEN, CLOSED), (CLOSED, OPEN), (OPEN, OPEN)])
def test_giving_back_is_judged_under_both_defaults(was: Body, will: Body) -> None:
    """The default that is wider may stand before or after; either is enough."""
    live = {**default(**{IN: was}), **partner(**{IN: SOME})}
    desired = {**default(**{IN: will}), **partner()}

    found = marks(judge(live, desired))

    assert f"block 5 partner {IN}" in found
    assert f"block 8 partner {IN}" in found


def test_trust_given_back_to_a_trusting_default() -> None:
    live = {**default(**{TRUST: YES}), **partner(**{TRUST: NO})}

    found = judge(live, {**default(**{TRUST: YES}), **partner()})

    assert marks(found) == [f"block 6 partner {TRUST}.isMfaAccepted", f"block 8 partner {TRUST}"]


def test_one_claim_given_back_to_a_trusting_default() -> None:
    live = {**default(**{TRUST: YES}), **partner(**{TRUST: trust(mfa=False, compliant=True)})}

    found = judge(live, {**default(**{TRUST: YES}), **partner(**{TRUST: trust(compliant=True)})})

    assert marks(found) == [f"block 6 partner {TRUST}.isMfaAccepted"]


def test_default_that_begins_to_trust_beside_a_give_back() -> None:
    live = {**default(**STOCK_TRUST), **partner(**{TRUST: NO})}

    found = marks(judge(live, {**default(**{TRUST: YES}), **partner()}))

    assert found == [
        f"error 6 default {TRUST}.isMfaAccepted",
        f"block 6 partner {TRUST}.isMfaAccepted",
        f"block 8 partner {TRUST}",
    ]


def test_partner_set_apart_from_a_closing_default_is_quiet() -> None:
    """It keeps what it had."""
    live = {**default(**{IN: OPEN}), **partner()}

    found = marks(judge(live, {**default(**{IN: CLOSED}), **partner(**{IN: OPEN})}))

    assert found == [f"block 7 default {IN}"]


@pytest.mark.parametrize(("was", "will"), [(OPEN, OPEN), (CLOSED, OPEN), (OPEN, CLOSED)])
def test_deletion_says_what_then_applies(was: Body, will: Body) -> None:
    live = {**default(**{IN: was}), **partner(**{IN: SOME})}

    found = only(judge(live, default(**{IN: will})), 8)

    assert found.stops
    assert any(line.startswith(f"{IN} gains: ") for line in found.details)
    assert f"{IN} in effect before: users allowed: g1; applications allowed: a1" in found.details
    assert f"{IN} in effect after: users allowed: AllUsers; applications allowed: AllApplications" in found.details


def test_deletion_says_what_is_lost() -> None:
    live = {**default(), **partner(**{DIRECT: SOME})}

    found = only(judge(live, default()), 8)

    assert found.details == (
        "the default applies to it then, and restoring it may be impossible",
        f"{DIRECT} loses: g1; in: a1",
        f"{DIRECT} in effect before: users allowed: g1; applications allowed: a1",
        f"{DIRECT} in effect after: users blocked: AllUsers; applications blocked: AllApplications",
    )


def test_deletion_is_one_question() -> None:
    """It opens, closes and trusts at once, and yet one exact acknowledgement is enough."""
    live = {**default(**{TRUST: YES}), **partner(**{IN: SOME, DIRECT: SOME, TRUST: NO})}

    assert marks(judge(live, default(**{TRUST: YES}))) == ["block 8 partner"]


def test_harmless_deletion_asks_too() -> None:
    assert marks(judge({**default(), **partner()}, default())) == ["block 8 partner"]


# ---------------------------------------------------------------------------------------------- what is said


def test_widening_says_who_gains() -> None:
    live = {**default(), **partner(**{IN: SOME})}
    papers = documented(live, desired := {**default(), **partner(**{IN: MORE})})
    papers = {**papers, PARTNER: replace(papers[PARTNER], names={"g2": "Engineering"})}

    found = only(judge(live, desired, documents=papers, on=None), 5)

    assert found.message == f"Fabrikam ({PARTNER.key}): {IN} lets in more than now"
    assert found.details == (
        "gains: Engineering (g2); in: a1",
        "in effect before: users allowed: g1; applications allowed: a1",
        "in effect after: users allowed: g1, Engineering (g2); applications allowed: a1",
    )


def test_gain_in_between_is_shown() -> None:
    """What is wider is the default that is about to close; the details show that one."""
    live = {**default(**{IN: OPEN}), **partner(**{IN: SOME})}

    found = [one for one in judge(live, {**default(**{IN: CLOSED}), **partner()}) if one.address == PARTNER]

    assert "in effect after: users allowed: AllUsers; applications allowed: AllApplications" in found[0].details


def test_trust_says_what_applied() -> None:
    found = only(judge({**default(), **partner()}, {**default(), **partner(**{TRUST: trust(mfa=True)})}), 6)

    assert found.message == f"Fabrikam ({PARTNER.key}): its claim replaces ours, {TRUST}.isMfaAccepted becomes true"
    assert found.details[1] == (
        "in effect after: isCompliantDeviceAccepted false, "
        "isHybridAzureADJoinedDeviceAccepted false, isMfaAccepted true"
    )


def test_narrower_default_names_inheriting_partners() -> None:
    there = {**crowd(12), **partner(**{IN: OPEN}), **partner(OTHER, **{IN: {**SOME, "applications": None}})}

    found = only(judge({**default(), **there}, {**default(**{IN: SOME}), **there}), 7)

    assert found.details[0].startswith(
        "live partners without own entry for it: 13 (00000001-0000-4000-8000-000000000000, "
    )
    assert found.details[0].endswith(" and 3 more)")
    assert PARTNER.key not in found.details[0]


def test_narrower_default_counts_nobody() -> None:
    there = partner(**{IN: OPEN})

    found = only(judge({**default(), **there}, {**default(**{IN: SOME}), **there}), 7)

    assert found.details[0] == "live partners without own entry for it: 0"


@pytest.mark.parametrize(
    ("after", "noted"),
    [
        (CLOSED, True),
        (block("allowed AllUsers", "allowed a1"), True),
        (block("allowed AllUsers", f"allowed {MAIL}"), False),
        (block("blocked g1", "blocked AllApplications"), True),
        (block("blocked g1", "blocked a1"), False),
    ],
)
@pytest.mark.parametrize("whose", [DEFAULT, PARTNER])
def test_encrypted_mail_is_remembered(after: Body, noted: bool, whose: Address) -> None:
    at_default, at_partner = ({OUT: after}, {}) if whose == DEFAULT else ({}, {OUT: after})

    found = only(judge({**default(), **partner()}, {**default(**at_default), **partner(**at_partner)}), 7)

    assert any("encrypted mail" in line for line in found.details) is noted


def test_inbound_has_no_encrypted_mail() -> None:
    assert not any("encrypted mail" in line for line in only(judge(default(), default(**{IN: CLOSED})), 7).details)


def test_findings_stand_where_git_speaks() -> None:
    live, desired = {**default(), **partner(**{IN: SOME})}, {**default(), **partner(**{IN: MORE})}
    papers = documented(live, desired)
    place = replace(papers[PARTNER].origin, line=7)
    papers = {**papers, PARTNER: replace(papers[PARTNER], origins={IN: place})}

    assert only(judge(live, desired, documents=papers, on=None), 5).origin == place


def test_findings_are_in_order() -> None:
    live = {**default(**{IN: SOME}), **partner(**{IN: SOME}), **partner(OTHER, **{TRUST: NO})}
    desired = {**default(**{IN: OPEN}), **partner(**{IN: MIXED}), **partner(OTHER, **{TRUST: YES})}

    assert [found.rule for found in judge(live, desired) if found.rule] == [5, 5, 6, 7]


# ---------------------------------------------------------------------------------------------- never deleted


@pytest.mark.parametrize("fact", ["isServiceProvider", "isInMultiTenantOrganization"])
def test_protected_partner_is_never_deleted(fact: str) -> None:
    live = {**default(), **partner(facts={fact: True})}

    assert marks(judge(live, default())) == ["error 8 partner"]


@pytest.mark.parametrize("fact", ["isServiceProvider", "isInMultiTenantOrganization"])
@pytest.mark.parametrize("value", [None, False])
def test_ordinary_partner_is_deleted_on_request(fact: str, value: bool | None) -> None:
    live = {**default(), **partner(facts={fact: value})}

    assert marks(judge(live, default())) == ["block 8 partner"]


def test_prevented_deletion_is_an_error() -> None:
    live = {**default(), **partner()}

    assert marks(judge(live, default(), lifecycle=Lifecycle(prevent_destroy=True))) == ["error 8 partner"]


def test_prevented_deletion_allows_updates() -> None:
    live, desired = {**default(), **partner(**{IN: SOME})}, {**default(), **partner(**{IN: MORE})}

    assert marks(judge(live, desired, lifecycle=Lifecycle(prevent_destroy=True))) == [f"block 5 partner {IN}"]


def test_changed_service_provider_is_a_warning() -> None:
    facts = {"isServiceProvider": True}
    live, desired = {**default(), **partner(facts=facts)}, {**default(), **partner(facts=facts, **{OUT: OPEN})}

    assert [(one.severity, one.stops) for one in judge(live, desired)] == [("warning", False)]


def test_changed_member_is_no_warning() -> None:
    facts = {"isInMultiTenantOrganization": True}
    live, desired = {**default(), **partner(facts=facts)}, {**default(), **partner(facts=facts, **{OUT: OPEN})}

    assert judge(live, desired) == ()


# ---------------------------------------------------------------------------------------------- other kinds

GROUP = Address("contoso", "group", "g")


def test_strange_kind_asks_only_when_deleted() -> None:
    there: State = {GROUP: Resource({IN: SOME})}
    wider: State = {GROUP: Resource({IN: None})}

    assert marks(judge({**default(), **there}, {**default(), **wider}, on=GROUP)) == []
    assert marks(judge({**default(), **there}, default(), on=GROUP)) == ["block 8 group"]
    assert only(judge({**default(), **there}, default(), on=GROUP), 8).details == ("restoring it may be impossible",)


# ---------------------------------------------------------------------------------------------- missing input


def unread(**partners: Json) -> list[str]:
    return marks(judge(partner(**partners.get("before", {})), partner(**partners.get("after", {}))))


@pytest.mark.parametrize(
    "transition",
    [
        ({}, {OUT: OPEN}),
        ({IN: SOME}, {}),
        ({TRUST: trust(mfa=True)}, {TRUST: trust(mfa=False)}),
        ({IN: SOME}, {IN: {**MORE, "usersAndGroups": None}}),
    ],
)
def test_missing_default_blocks(transition: tuple[dict[str, Json], dict[str, Json]]) -> None:
    before, after = transition

    assert "block 0 default" in unread(before=before, after=after)


def test_missing_default_does_not_matter() -> None:
    """Both sides say everything themselves."""
    assert unread(before={IN: SOME}, after={IN: MORE}) == [f"block 5 partner {IN}"]
    assert unread(before={TRUST: NO}, after={TRUST: NO}) == []


def test_deletion_needs_the_default() -> None:
    """Whatever it says itself: the other blocks are given back too."""
    assert "block 0 default" in marks(judge(partner(**{IN: SOME}), {}))


def test_half_read_default_blocks() -> None:
    half_read = {DEFAULT: Resource({**default()[DEFAULT].body, OUT: None})}

    found = judge({**half_read, **partner()}, {**half_read, **partner(**{OUT: OPEN})})
    quiet = judge({**half_read, **partner()}, {**half_read, **partner(**{DIRECT: CLOSED})})

    assert marks(found) == [f"block 7 partner {OUT}", "block 0 default"]
    assert only(found, 0).details == (f"not known: {OUT}", f"partners: Fabrikam ({PARTNER.key})")
    assert marks(quiet) == []


def test_default_that_disappears_blocks() -> None:
    assert "block 0 default" in marks(judge({**default(), **partner(**{IN: SOME})}, partner()))


def test_missing_default_cannot_be_acknowledged() -> None:
    lacking = only(judge(partner(), partner(**{OUT: OPEN})), 0)

    assert lacking.stops
    assert lacking.suggestion == ""


def test_undeclared_deletion_asks_in_the_tenant() -> None:
    """Nobody wrote a document that could carry the acknowledgement."""
    tenant = replace(CONTOSO, undeclared=Undeclared.DELETE)
    live = {**default(), **partner(), **partner(OTHER)}
    desired = {**default(), **partner(OTHER)}
    papers = documented(desired)

    found = only(judge(live, desired, tenant=tenant, documents=papers), 8)

    assert f'property: "partner/{PARTNER.key}"' in found.suggestion
    assert "no file speaks of it" in found.details[-1]
