"""What a finding prints to be pasted: filled in and put below the document, it is the yes that was asked for."""

import textwrap
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from folders import FABRIKAM, TAILSPIN, estate, partner, wrong

from reconciler.diffing import diff
from reconciler.guarding import guard
from reconciler.guarding.case import Question
from reconciler.guarding.words import suggestion
from reconciler.kinds import REGISTRY
from reconciler.kinds.blocks import everyone
from reconciler.model import Address, Body, Estate, Finding, Json, Resource, Severity, canonical_json
from reconciler.resolving import resolve

TODAY = date(2026, 11, 24)
DEFAULT, PARTNER = Address("contoso", "default"), Address("contoso", "partner", FABRIKAM)
GROUP = {
    "usersAndGroups": {
        "accessType": "allowed",
        "targets": [{"target": "5b1d6d3a-55c7-4c5e-8f39-9c3a2f1b7e21", "targetType": "group"}],
    },
    "applications": {"accessType": "allowed", "targets": [{"target": "AllApplications", "targetType": "application"}]},
}

# Name: the document of Contoso, the partner as it is now (None: none), and the rule that asks.
Asked = tuple[str, Body | None, int]
ASKED: Mapping[str, Asked] = {
    "inbound opens": (partner({"b2bCollaborationInbound": everyone("allowed")}), {"b2bCollaborationInbound": GROUP}, 5),
    "direct connect opens": (partner({"b2bDirectConnectInbound": GROUP}), {}, 5),
    "MFA is trusted": (partner({"inboundTrust": {"isMfaAccepted": True}}), {}, 6),
    "outbound narrows": (
        partner({"b2bCollaborationOutbound": GROUP}),
        {"b2bCollaborationOutbound": everyone("allowed")},
        7,
    ),
    "partner is deleted": (partner(None, state="absent"), {"b2bCollaborationInbound": GROUP}, 8),
    "block is given back": (
        partner({"b2bCollaborationInbound": None}),
        {"b2bCollaborationInbound": everyone("blocked")},
        8,
    ),
}


def blocking(found: Estate, live: Mapping[Address, Resource]) -> list[Finding]:
    """Return what keeps Contoso from being applied."""
    tenant = found.tenants["contoso"]
    papers = {address: one for address, one in found.documents.items() if address.tenant == "contoso"}
    desired = resolve(tenant, papers.values(), live, REGISTRY)
    changes = tuple(diff(desired, live, papers))
    return [one for one in guard(tenant, papers, live, desired, changes, TODAY) if one.stops]


def there(blocks: Body | None) -> Mapping[Address, Resource]:
    partners = {} if blocks is None else {PARTNER: Resource(REGISTRY["partner"].project(blocks))}
    # A second one, so that one change among them is not most of what is there.
    crowd = {
        Address("contoso", "partner", f"{at:08x}-0000-4000-8000-000000000000"): stock("partner") for at in range(1, 21)
    }
    return {DEFAULT: stock("default"), **crowd, **partners}


def stock(kind: str) -> Resource:
    return Resource(REGISTRY[kind].project(REGISTRY[kind].stock))


def filled(lines: str) -> str:
    """Return a suggestion with what a person has to add."""
    filled_in = lines.replace('reason: ""', 'reason: "reviewed"').replace('owner: ""', 'owner: "ann"')
    return filled_in.replace('expires: ""', 'expires: "2026-12-24"')


@pytest.mark.parametrize("case", ASKED)
def test_pasted_suggestion_is_the_yes_that_was_asked_for(case: str, tmp_path: Path) -> None:
    text, before, rule = ASKED[case]
    live = there(before)
    [asked] = [one for one in blocking(estate(tmp_path, {"contoso/a.yaml": text}), live) if one.rule == rule]

    answered = estate(tmp_path, {"contoso/a.yaml": text + filled(asked.suggestion)})

    assert not [one for one in blocking(answered, live) if one.rule == rule]


def test_suggestion_with_nothing_filled_in_is_refused(tmp_path: Path) -> None:
    text, before, _ = ASKED["MFA is trusted"]
    [asked] = blocking(estate(tmp_path, {"contoso/a.yaml": text}), there(before))

    assert len(wrong(tmp_path, {"contoso/a.yaml": text + asked.suggestion})) == 3


VALUES: Mapping[str, Json] = {
    "nothing": None,
    "flag": True,
    "text": "Office365",
    "text that needs care": 'a: "b" # \\ {c} & *d',
    "other scripts": "Zoë 東京",
    "block": GROUP,
    "empty list": [],
    "numbers": [0, -1, 2.5],
    "nested": {"a": [{"b": None}, ["c", []]], "d: e": {}},
}


@pytest.mark.parametrize("before", VALUES)
@pytest.mark.parametrize("path", ["", "inboundTrust", "inboundTrust.isMfaAccepted", "partner/" + TAILSPIN])
def test_any_value_comes_back_as_it_was(before: str, path: str, tmp_path: Path) -> None:
    finding = Finding(Severity.BLOCK, "contoso", "something", rule=8)
    lines = filled(suggestion(Question(finding, before=VALUES[before], after=GROUP), path))

    [yes] = estate(tmp_path, {"contoso/a.yaml": partner({}) + lines}).documents[PARTNER].acknowledge

    assert (yes.rule, yes.path, yes.reason, yes.owner, yes.expires) == (8, path, "reviewed", "ann", date(2026, 12, 24))
    assert canonical_json([yes.before, yes.after]) == canonical_json([VALUES[before], GROUP])
    assert str(yes.origin) == "tenants/contoso/a.yaml:6:5"


def test_number_comes_back_as_it_was(tmp_path: Path) -> None:
    finding = Finding(Severity.BLOCK, "contoso", "something", rule=9)
    lines = textwrap.dedent(filled(suggestion(Question(finding, count=40), "")))
    tenant = f"kind: Tenant\ntenantId: {TAILSPIN}\ndisplayName: Contoso\ndomain: contoso.example\n"

    [yes] = estate(tmp_path, {"contoso/tenant.yaml": tenant + lines}).tenants["contoso"].acknowledge

    assert (yes.rule, yes.count_max, yes.path, yes.before) == (9, 40, "", None)
