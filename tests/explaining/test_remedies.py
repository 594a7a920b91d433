"""Where a value comes from, and what is suggested against an obstacle: what to write, and in which document."""

from __future__ import annotations

from dataclasses import replace

import pytest
from picturing import IDS, STOCK, Said, block, judgement, view

from reconciler.explaining import View, explain
from reconciler.model import Address, Document, Json, Judgement, Lifecycle, Obstacle, Origin, Side, Source

ENTRY = Address("resource", "partner", IDS["home"])
FILE, PROFILE = Origin("tenants/resource/home.yaml", 1, 1), Origin("tenants/shared/profiles/ours.yaml", 7, 3)
LINE = Origin(FILE.file, 9, 3)
CLOSED = "blocked AllUsers / blocked AllApplications"
SAYS_NO = {"automaticUserConsentSettings": {"inboundAllowed": False}}


def document(said: dict[str, Json], line: Origin = LINE, **facts: Json) -> Document:
    return Document(ENTRY, "Home", FILE, said, dict.fromkeys(said, line), **facts)


def judged(capability: str, resource: View, home: Said | None = None) -> Judgement:
    """Return what is told of people of home; home is open to all unless it is said otherwise."""
    return judgement(
        explain(view("home", home or {"entry": {"consent": True}}), resource, STOCK, {}).directions[0], capability
    )


def suggested(capability: str, resource: View) -> Obstacle:
    [found] = judged(capability, resource).obstacles
    return found


def seen(said: Said, *documents: Document) -> View:
    return view("resource", said, {one.address: one for one in documents})


def inbound(said: Said, *documents: Document) -> Side:
    return judged("collaboration", seen(said, *documents)).sides[1]


# ---------------------------------------------------------------------------------------------- where it comes from


@pytest.mark.parametrize(
    ("said", "source", "basis"),
    [
        ({}, Source.DEFAULT, "its default, which is stock: there is no entry for home"),
        ({"entry": {}}, Source.INHERITED, "its default, which is stock: the entry for home leaves it open"),
        (
            {"default": {"collaboration": CLOSED}},
            Source.DEFAULT,
            "its default: there is no entry for home; no file says so",
        ),
        ({"entry": {"collaboration": CLOSED}}, Source.ENTRY, "its entry for home; no file says so"),
    ],
)
def test_value_names_its_source(said: Said, source: Source, basis: str) -> None:
    side = inbound(said)

    assert set(side.sources.values()) == {source}
    assert side.basis == basis
    assert side.stock == ("stock" in basis)


def test_halves_name_their_sources() -> None:
    side = inbound({"entry": {"collaboration": "allowed g1 / -"}})

    assert side.sources == {"usersAndGroups": Source.ENTRY, "applications": Source.INHERITED}
    assert side.basis.startswith("usersAndGroups by its entry for home; applications by its default, which is stock: ")


def test_line_in_git_is_shown_where_it_agrees() -> None:
    side = inbound({"entry": {"collaboration": CLOSED}}, document({"b2bCollaborationInbound": block(CLOSED)}))

    assert (side.basis, side.origin) == ("its entry for home", LINE)


def test_line_in_git_is_marked_where_it_differs() -> None:
    opened = document({"b2bCollaborationInbound": block("allowed AllUsers / allowed AllApplications")})
    side = inbound({"entry": {"collaboration": CLOSED}}, opened)

    assert (side.basis, side.origin) == ("its entry for home; Git says something else", LINE)


def test_line_of_the_default_is_shown() -> None:
    default = Address("resource", "default")
    shut = Document(default, "", FILE, {"b2bCollaborationInbound": block(CLOSED)})
    side = inbound({"default": {"collaboration": CLOSED}}, shut)

    assert (side.basis, side.origin) == ("its default: there is no entry for home", FILE)


def test_default_that_is_to_change_is_marked() -> None:
    default = Address("resource", "default")
    shut = Document(default, "", FILE, {"b2bCollaborationInbound": block(CLOSED)})
    side = inbound({}, shut)

    assert side.basis == "its default, which is stock: there is no entry for home; Git says something else"


def test_unsaid_consent_has_no_default_behind_it() -> None:
    side = judged("consent", seen({"entry": {}})).sides[1]

    assert (side.sources, side.value) == ({"": Source.UNSAID}, False)
    assert side.basis == "its entry says nothing, and no default stands behind it"


# ---------------------------------------------------------------------------------------------- what to write


def test_new_document_is_named_by_its_head() -> None:
    found = suggested("consent", seen({}))

    assert found.remedy == (
        "write automaticUserConsentSettings: {inboundAllowed: true} in a new Partner in the folder of resource, "
        "with name: home"
    )
    assert found.origin is None


def test_stranger_needs_an_id_in_a_new_document() -> None:
    stranger = view("home", {"unread": True})
    stranger = replace(stranger, party=replace(stranger.party, ours=False))
    found = explain(stranger, seen({}), STOCK, {}).directions[0]

    [*_, last] = judgement(found, "consent").obstacles
    assert last.remedy.endswith(f"with the tenantId {IDS['home']}, name and domain of the other")


def test_line_that_says_no_is_pointed_at() -> None:
    found = suggested("consent", seen({"entry": {"consent": False}}, document(SAYS_NO)))

    assert (found.remedy, found.origin) == (
        "write automaticUserConsentSettings: {inboundAllowed: true} in the Partner",
        LINE,
    )


def test_document_that_is_silent_is_pointed_at() -> None:
    found = suggested("consent", seen({"entry": {}}, document({})))

    assert found.origin == FILE


def test_shared_profile_is_never_the_place() -> None:
    """What is written there would hold for others too; what a Partner says itself replaces the whole block."""
    both = {"automaticUserConsentSettings": {"inboundAllowed": False, "outboundAllowed": True}}
    found = suggested("consent", seen({"entry": {"consent": False}}, document(both, PROFILE)))

    assert found.remedy == (
        "write automaticUserConsentSettings: {inboundAllowed: true, outboundAllowed: true} "
        "in the Partner, not in its profile"
    )
    assert found.origin == FILE


def test_pending_change_is_told() -> None:
    wanted = document({"automaticUserConsentSettings": {"inboundAllowed": True}})
    found = suggested("consent", seen({"entry": {"consent": False}}, wanted))

    assert found.remedy == "Git says something else: plan and apply the Partner, and look again"


def test_absent_document_would_have_to_be_kept() -> None:
    assert "says `state: absent`" in suggested("consent", seen({"entry": {}}, document({}, absent=True))).remedy


def test_ignored_block_belongs_to_others() -> None:
    ignoring = document(SAYS_NO, lifecycle=Lifecycle(ignore=("automaticUserConsentSettings",)))

    assert "lifecycle.ignore" in suggested("consent", seen({"entry": {"consent": False}}, ignoring)).remedy


def test_observed_tenant_is_changed_by_others() -> None:
    observed = replace(seen({}), observed=True)

    assert "somebody else has to do it" in suggested("consent", observed).remedy


def test_who_is_let_through_is_never_suggested() -> None:
    found = suggested("collaboration", seen({"entry": {"collaboration": CLOSED}}, document({})))

    assert found.remedy == "write b2bCollaborationInbound with whom to let through in the Partner"


def test_synchronization_is_a_document_of_its_own() -> None:
    found = suggested("user-sync", seen({"entry": {"consent": True}}))

    assert found.remedy.startswith("write userSyncInbound: {isSyncAllowed: true} in a new IdentitySynchronization")


def test_unread_tenant_is_asked_about() -> None:
    found = suggested("trust", view("resource", {"unread": True}))

    assert found.remedy == "ask whoever looks after resource"


def test_what_is_not_shown_has_no_remedy() -> None:
    found = suggested("group-sync", seen({"entry": {"consent": True}, "groups": "hidden"}))

    assert found.remedy == ""


def test_missing_cloud_is_named() -> None:
    far = {"cloud": "usgov", "clouds": ["microsoftonline.com"], "entry": {}}
    [found] = judged("collaboration", seen({"entry": {}}), far).obstacles

    assert found.remedy == (
        "write microsoftonline.us among its allowedCloudEndpoints in a new CrossTenantAccessPolicy "
        "in the folder of resource"
    )


def test_missing_entry_across_clouds_is_named() -> None:
    far = {"cloud": "usgov", "clouds": ["microsoftonline.com"], "entry": {}}
    [found] = judged("collaboration", seen({"clouds": ["microsoftonline.us"]}), far).obstacles

    assert found.remedy.startswith("write what shall apply to it in a new Partner")


# ---------------------------------------------------------------------------------------------- remarks


def test_restrictions_are_told_where_somebody_set_them() -> None:
    home = view("home", {"entry": {}})
    entry = Address("home", "partner", IDS["resource"])
    assert home.state is not None
    strict = {
        **home.state,
        entry: replace(home.state[entry], body={"tenantRestrictions": block("allowed u1 / allowed a1")}),
    }
    found = explain(replace(home, state=strict), seen({}), STOCK, {"u1": "Ann"}).directions

    [remark] = judgement(found[0], "collaboration").remarks
    assert remark.endswith("not about guests: users allowed: Ann (u1); applications allowed: a1")
    assert judgement(found[1], "collaboration").remarks == ()
