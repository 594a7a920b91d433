from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from folders import COMPANY, CONTOSO, FABRIKAM, LITWARE, TAILSPIN, at, estate, lay, wrong

from reconciler.kinds import ALL, REGISTRY
from reconciler.loading import outline
from reconciler.loading.amending import amend
from reconciler.model import Address, Body, Estate, Link, Origin, Principal

GROUP = "7c0e0000-0000-4000-8000-000000000001"
LINK = "contoso-to-fabrikam"
FILE = "tenants/shared/links/link.yaml"

WHOLE = f"""\
kind: SyncLink
name: {LINK}
source: contoso
target: fabrikam
owner: identity-team
purpose: One people search
ticket: ID-7
reviewBy: 2027-03-31
spec:
  displayName: Contoso people
  enabled: false
  access: vendor
  scope:
    assigned:
      groups: [{{name: Sync to Fabrikam, id: {GROUP.upper()}}}]
      users:
        - {{name: Ann}}
      exclusive: false
    filters: [{{name: sales, clauses: [{{attribute: department, operator: equals, value: Sales}}]}}]
  mappings:
    userType: {{constant: Member, apply: onCreate}}
    displayName: {{expression: 'Append([displayName], " (Contoso)")'}}
    mobile: {{drop: true}}
    department: {{default: Unknown, drop: false}}
  groupSync: true
  accidentalDeletion: {{threshold: 5}}
  notifications: {{recipients: [zoe@contoso.example, ann@contoso.example]}}
acknowledge:
  - rule: 2
    change: {{property: userSyncInbound, from: null, to: {{isSyncAllowed: true}}}}
    reason: agreed
    owner: ann
    expires: 2027-01-31
"""
SHORT = f"kind: SyncLink\nname: {LINK}\nsource: contoso\ntarget: fabrikam\nspec: {{scope: all}}\n"
BACK = "kind: SyncLink\nname: back\nsource: fabrikam\ntarget: contoso\nspec: {scope: all}\n"
ASKED_FIRST = COMPANY["fabrikam/tenant.yaml"] + "acceptance: required\n"


def linked(root: Path, link: str, files: Mapping[str, str | bytes] | None = None) -> Estate:
    """Return what the company with one link, and other files, means."""
    return estate(root, {"shared/links/link.yaml": link, **(files or {})}, ALL)


def said(found: Estate) -> dict[str, Body]:
    return {str(address): document.said for address, document in found.documents.items()}


def line(origin: Origin | None) -> int:
    return origin.line if origin and origin.file == FILE else 0


# ---------------------------------------------------------------------------------------------- a link, whole


def test_link_becomes_all_that_it_needs(tmp_path: Path) -> None:
    assert said(linked(tmp_path, WHOLE)) == {
        f"fabrikam/partner/{CONTOSO}": {
            "automaticUserConsentSettings": {"inboundAllowed": True},
            "inboundTrust": {"isMfaAccepted": False},
        },
        f"fabrikam/identity-synchronization/{CONTOSO}": {
            "userSyncInbound": {"isSyncAllowed": True},
            "groupSyncInbound": {"isSyncAllowed": True},
        },
        f"contoso/partner/{FABRIKAM}": {
            "automaticUserConsentSettings": {"outboundAllowed": True},
            "inboundTrust": {"isMfaAccepted": False},
        },
        f"contoso/configuration/{LINK}": {"displayName": "Contoso people", "marker": LINK},
        f"contoso/settings/{LINK}": {
            "targetTenantId": FABRIKAM,
            "scope": "assigned",
            "accidentalDeletion": {"enabled": True, "threshold": 5},
            "notifications": {"enabled": True, "recipients": ["ann@contoso.example", "zoe@contoso.example"]},
        },
        f"contoso/job/{LINK}": {"enabled": False},
        f"contoso/mappings/{LINK}": {
            "mappings": {
                "department": {"default": "Unknown"},
                "displayName": {"expression": 'Append([displayName], " (Contoso)")'},
                "mobile": {"drop": True},
                "userType": {"constant": "Member", "apply": "onCreate"},
            },
            "filters": [
                {"name": "sales", "clauses": [{"attribute": "department", "operator": "EQUALS", "value": "Sales"}]}
            ],
            "groupSync": True,
        },
        f"contoso/assignment/{LINK}/{GROUP}": {"principalType": "Group"},
        f"contoso/assignment/{LINK}/user:Ann": {"principalType": "User"},
    }


def test_what_is_left_out_of_a_link_has_a_default(tmp_path: Path) -> None:
    found = said(linked(tmp_path, SHORT))

    assert found[f"contoso/configuration/{LINK}"]["displayName"] == "Contoso to Fabrikam"
    assert found[f"contoso/job/{LINK}"] == {"enabled": True}
    assert found[f"contoso/mappings/{LINK}"] == {"mappings": {}, "filters": [], "groupSync": False}
    assert found[f"contoso/settings/{LINK}"] == {
        "targetTenantId": FABRIKAM,
        "scope": "all",
        "accidentalDeletion": {"enabled": True, "threshold": 100},
        "notifications": {"enabled": False, "recipients": []},
    }
    assert found[f"fabrikam/identity-synchronization/{CONTOSO}"] == {"userSyncInbound": {"isSyncAllowed": True}}


def test_link_itself_is_known(tmp_path: Path) -> None:
    assert linked(tmp_path, WHOLE).links == (
        Link(
            name=LINK,
            source="contoso",
            source_id=CONTOSO,
            target="fabrikam",
            target_id=FABRIKAM,
            shape="SyncLink",
            origin=Origin(FILE, 3, 1),
            label="Contoso people",
            enabled=False,
            scope="assigned",
            exclusive=False,
            group_sync=True,
            owner="identity-team",
        ),
    )


def test_every_document_says_which_link_asks_for_it(tmp_path: Path) -> None:
    assert {document.link for document in linked(tmp_path, WHOLE).documents.values()} == {LINK}


def test_every_document_has_the_yeses_of_its_link(tmp_path: Path) -> None:
    assert [len(document.acknowledge) for document in linked(tmp_path, WHOLE).documents.values()] == [1] * 9


def test_configuration_says_who_answers_for_it(tmp_path: Path) -> None:
    found = at(linked(tmp_path, WHOLE), f"contoso/configuration/{LINK}")

    facts = (found.owner, found.purpose, found.ticket, found.review_by)
    assert facts == ("identity-team", "One people search", "ID-7", date(2027, 3, 31))


def test_settings_stand_where_somebody_wrote_them(tmp_path: Path) -> None:
    found = linked(tmp_path, WHOLE)

    lines = {
        f"{document.address.kind}.{name}": line(origin)
        for document in found.documents.values()
        if document.address.tenant == "contoso" and document.principal is None
        for name, origin in document.origins.items()
    }
    assert lines == {
        "partner.inboundTrust": 0,
        "partner.automaticUserConsentSettings": 3,
        "configuration.displayName": 11,
        "configuration.marker": 3,
        "settings.targetTenantId": 5,
        "settings.scope": 14,
        "settings.accidentalDeletion": 27,
        "settings.notifications": 28,
        "job.enabled": 12,
        "mappings.mappings": 21,
        "mappings.filters": 20,
        "mappings.groupSync": 26,
    }


def test_assignments_stand_where_somebody_wrote_them(tmp_path: Path) -> None:
    found = linked(tmp_path, WHOLE)
    group, user = (document for document in found.documents.values() if document.principal)

    assert group.principal == Principal("group", "Sync to Fabrikam", GROUP, Origin(FILE, 16, 16))
    assert (group.label, group.names, group.origin) == (
        "Sync to Fabrikam",
        {GROUP: "Sync to Fabrikam"},
        Origin(FILE, 16, 16),
    )
    assert user.principal == Principal("user", "Ann", "", Origin(FILE, 18, 11))
    assert (user.label, user.names) == ("Ann", {})


@pytest.mark.parametrize(
    ("scope", "kinds"),
    [
        ("{assigned: {users: [{name: Ann}]}}", ("assignment",)),
        ("{assigned: {users: [{name: Ann}], exclusive: false}}", ()),
        ("{assigned: {exclusive: false}}", ()),
        ("all", ()),
        ("{all: true}", ()),
    ],
)
def test_assignments_of_others_stay_where_the_link_says_so(scope: str, kinds: tuple[str, ...], tmp_path: Path) -> None:
    found = linked(tmp_path, SHORT.replace("all", scope))

    assert at(found, f"contoso/configuration/{LINK}").exclusive == kinds
    assert found.links[0].exclusive is bool(kinds)


def test_resources_of_unknown_kinds_are_left_out(tmp_path: Path) -> None:
    found = estate(tmp_path, {"shared/links/link.yaml": WHOLE}, REGISTRY)

    assert {address.kind for address in found.documents} == {"partner", "identity-synchronization"}
    assert [link.name for link in found.links] == [LINK]


# ---------------------------------------------------------------------------------------------- a link that goes


@pytest.mark.parametrize("people", ["keep", "deprovision"])
def test_absent_link_takes_its_configuration_along_and_implies_nothing(people: str, tmp_path: Path) -> None:
    text = f"kind: SyncLink\nname: {LINK}\nsource: contoso\ntarget: fabrikam\nstate: absent\npeople: {people}\n"
    found = linked(tmp_path, text)

    kinds = {document.address.kind for document in found.documents.values() if document.absent}
    assert kinds == {"configuration", "settings", "job", "mappings"} == {one.kind for one in found.documents}
    assert [(link.absent, link.people) for link in found.links] == [(True, people)]
    assert at(found, f"contoso/settings/{LINK}").said == {"targetTenantId": FABRIKAM}


def test_absent_link_takes_the_assignments_along_that_it_names(tmp_path: Path) -> None:
    found = linked(tmp_path, WHOLE + "state: absent\npeople: keep\n")

    assert all(document.absent for document in found.documents.values())
    assert Address("contoso", "assignment", f"{LINK}/{GROUP}") in found.documents


def test_link_may_follow_one_whose_people_stay(tmp_path: Path) -> None:
    old = "kind: SyncLink\nname: old\nsource: contoso\ntarget: fabrikam\nstate: absent\npeople: keep\n"

    assert not wrong(tmp_path, {"shared/links/link.yaml": SHORT, "shared/links/old.yaml": old})


def test_link_cannot_follow_one_whose_people_go(tmp_path: Path) -> None:
    old = "kind: SyncLink\nname: old\nsource: contoso\ntarget: fabrikam\nstate: absent\npeople: deprovision\n"

    assert "(rule 20)" in wrong(tmp_path, {"shared/links/link.yaml": SHORT, "shared/links/old.yaml": old})[0]


# ---------------------------------------------------------------------------------------------- beside other documents


def test_both_directions_make_one_entry_of_each(tmp_path: Path) -> None:
    found = said(linked(tmp_path, SHORT, {"shared/links/back.yaml": BACK}))

    both = {"automaticUserConsentSettings": {"inboundAllowed": True, "outboundAllowed": True}}
    assert found[f"contoso/partner/{FABRIKAM}"] == found[f"fabrikam/partner/{CONTOSO}"] == both


def test_consent_of_a_link_goes_beside_what_a_document_says(tmp_path: Path) -> None:
    own = (
        "kind: Partner\nname: fabrikam\nowner: sales\nspec:\n  automaticUserConsentSettings: {inboundAllowed: false}\n"
    )
    found = at(linked(tmp_path, SHORT, {"contoso/fabrikam.yaml": own}), f"contoso/partner/{FABRIKAM}")

    assert found.said == {"automaticUserConsentSettings": {"inboundAllowed": False, "outboundAllowed": True}}
    assert (found.owner, found.link, found.origin.file) == ("sales", LINK, "tenants/contoso/fabrikam.yaml")


def test_document_may_say_what_a_link_implies(tmp_path: Path) -> None:
    own = "kind: Partner\nname: fabrikam\nspec:\n  automaticUserConsentSettings: {outboundAllowed: true}\n"

    assert linked(tmp_path, SHORT, {"contoso/fabrikam.yaml": own}).documents


def test_profile_and_consent_of_a_link_become_one_block(tmp_path: Path) -> None:
    profile = "kind: AccessProfile\nname: own\nspec: {automaticUserConsentSettings: {inboundAllowed: true}}\n"
    link = SHORT.replace("{scope", "{access: own, scope")
    found = linked(tmp_path, link, {"shared/profiles/own.yaml": profile})

    both = {"inboundAllowed": True, "outboundAllowed": True}
    assert at(found, f"contoso/partner/{FABRIKAM}").said == {"automaticUserConsentSettings": both}


def test_profile_of_a_link_may_not_contradict_a_document(tmp_path: Path) -> None:
    own = "kind: Partner\nname: fabrikam\nspec: {inboundTrust: {isMfaAccepted: true}}\n"

    [told] = wrong(tmp_path, {"shared/links/link.yaml": WHOLE, "contoso/fabrikam.yaml": own})

    there = "tenants/contoso/fabrikam.yaml:4:8"
    assert told.startswith(f"{FILE}:13:3: inboundTrust of Fabrikam is said in two ways, here and at {there}; ")


DISJOINT = {
    "different values": ("department, operator: EQUALS, value: a", "department, operator: EQUALS, value: b"),
    "a value and not": ("department, operator: EQUALS, value: a", "department, operator: NOT EQUALS, value: a"),
    "a value and none": ("city, operator: IS NULL", "city, operator: Includes, value: a"),
    "true and false": ("accountEnabled, operator: IS TRUE", "accountEnabled, operator: IS FALSE"),
    "a pattern and not": ("city, operator: REGEX MATCH, value: ^a$", "city, operator: NOT REGEX MATCH, value: ^a$"),
}
OVERLAPPING = {
    "same value": ("department, operator: EQUALS, value: a", "department, operator: EQUALS, value: a"),
    "two attributes": ("department, operator: EQUALS, value: a", "city, operator: EQUALS, value: b"),
    "two patterns": ("city, operator: REGEX MATCH, value: ^a", "city, operator: REGEX MATCH, value: a$"),
    "not two values": ("city, operator: NOT EQUALS, value: a", "city, operator: NOT EQUALS, value: b"),
}


def two_links(one: str, other: str) -> dict[str, str | bytes]:
    filtered = "{{all: true, filters: [{{clauses: [{{attribute: {}}}]}}]}}"
    return {
        "shared/links/link.yaml": SHORT.replace("all", filtered.format(one)),
        "shared/links/other.yaml": SHORT.replace("all", filtered.format(other)).replace(LINK, "other"),
    }


@pytest.mark.parametrize("case", DISJOINT)
def test_two_links_of_a_pair_may_share_it(case: str, tmp_path: Path) -> None:
    assert not wrong(tmp_path, two_links(*DISJOINT[case]))


@pytest.mark.parametrize("case", OVERLAPPING)
def test_two_links_of_a_pair_may_not_overlap(case: str, tmp_path: Path) -> None:
    assert "(rule 20)" in wrong(tmp_path, two_links(*OVERLAPPING[case]))[0]


def test_directory_extension_may_be_read_filtered_on_and_written(tmp_path: Path) -> None:
    name = f"extension_{'0a' * 16}_costCenter"
    scope = f"{{all: true, filters: [{{clauses: [{{attribute: {name}, operator: IS NOT NULL}}]}}]}}"
    link = SHORT.replace("{scope: all}", f"{{scope: {scope}, mappings: {{{name}: {{expression: '[{name}]'}}}}}}")

    assert not wrong(tmp_path, {"shared/links/link.yaml": link})


# ---------------------------------------------------------------------------------------------- one side alone


def test_configuration_is_the_half_of_the_source(tmp_path: Path) -> None:
    text = (
        f"kind: SyncConfiguration\nname: to-tailspin\nspec: {{scope: all}}\n"
        f"target: {{name: tailspin, tenantId: {TAILSPIN}, domain: tailspin.example}}\n"
    )
    found = estate(tmp_path, {"contoso/sync/tailspin.yaml": text}, ALL)

    assert {str(address) for address in found.documents} == {
        f"contoso/partner/{TAILSPIN}",
        *(f"contoso/{kind}/to-tailspin" for kind in ("configuration", "settings", "job", "mappings")),
    }
    [link] = found.links
    assert (link.source, link.target, link.target_id, link.shape) == (
        "contoso",
        "tailspin",
        TAILSPIN,
        "SyncConfiguration",
    )
    assert found.organizations[TAILSPIN] == "tailspin"
    assert at(found, f"contoso/partner/{TAILSPIN}").domain == "tailspin.example"


def test_configuration_into_one_of_ours_leaves_the_target_alone(tmp_path: Path) -> None:
    text = f"kind: SyncConfiguration\nname: {LINK}\ntarget: fabrikam\nspec: {{scope: all}}\n"
    found = estate(tmp_path, {"contoso/sync/fabrikam.yaml": text}, ALL)

    assert {address.tenant for address in found.documents} == {"contoso"}


def test_acceptance_is_the_half_of_the_target(tmp_path: Path) -> None:
    text = (
        "kind: SyncAcceptance\nowner: ann\naccess: vendor\ngroupSync: true\n"
        f"source: {{name: litware, tenantId: {LITWARE}, domain: litware.example}}\n"
    )
    found = estate(tmp_path, {"fabrikam/accepts/litware.yaml": text}, ALL)

    assert said(found) == {
        f"fabrikam/partner/{LITWARE}": {
            "automaticUserConsentSettings": {"inboundAllowed": True},
            "inboundTrust": {"isMfaAccepted": False},
        },
        f"fabrikam/identity-synchronization/{LITWARE}": {
            "groupSyncInbound": {"isSyncAllowed": True},
            "userSyncInbound": {"isSyncAllowed": True},
        },
    }
    [link] = found.links
    assert (link.name, link.source, link.target, link.shape, link.owner) == (
        "litware-to-fabrikam",
        "litware",
        "fabrikam",
        "SyncAcceptance",
        "ann",
    )
    assert found.organizations[LITWARE] == "litware"


def test_one_name_stands_for_one_organization_in_links_too(tmp_path: Path) -> None:
    partner = f"kind: Partner\nname: litware\ntenantId: {TAILSPIN}\ndomain: litware.example\nspec: {{}}\n"
    text = f"kind: SyncAcceptance\nsource: {{name: litware, tenantId: {LITWARE}, domain: litware.example}}\n"

    [told] = wrong(tmp_path, {"contoso/litware.yaml": partner, "fabrikam/accepts/litware.yaml": text})

    place = "tenants/fabrikam/accepts/litware.yaml:3:9"
    assert told.startswith(f"{place}: litware is tenant {LITWARE} here and tenant {TAILSPIN} at tenants/contoso/")


# ---------------------------------------------------------------------------------------------- targets that are asked


def test_target_that_wants_to_be_asked_gets_nothing_unasked(tmp_path: Path) -> None:
    found = linked(tmp_path, WHOLE, {"fabrikam/tenant.yaml": ASKED_FIRST})

    assert {address.tenant for address in found.documents} == {"contoso"}
    assert not found.links[0].accepted


@pytest.mark.parametrize("more", ["", f"link: {LINK}\n"])
def test_target_that_accepts_gets_its_half(more: str, tmp_path: Path) -> None:
    files = {
        "fabrikam/tenant.yaml": ASKED_FIRST,
        "fabrikam/accepts/contoso.yaml": f"kind: SyncAcceptance\nsource: contoso\n{more}",
    }
    found = linked(tmp_path, WHOLE, files)

    assert said(found)[f"fabrikam/identity-synchronization/{CONTOSO}"] == {"userSyncInbound": {"isSyncAllowed": True}}
    assert [(link.name, link.accepted) for link in found.links] == [(LINK, True)]


def test_target_accepts_groups_by_themselves(tmp_path: Path) -> None:
    files = {
        "fabrikam/tenant.yaml": ASKED_FIRST,
        "fabrikam/accepts/contoso.yaml": "kind: SyncAcceptance\nsource: contoso\ngroupSync: true\n",
    }

    assert "groupSyncInbound" in said(linked(tmp_path, WHOLE, files))[f"fabrikam/identity-synchronization/{CONTOSO}"]


def test_acceptance_of_one_link_is_none_of_another(tmp_path: Path) -> None:
    files = {
        **two_links(*DISJOINT["different values"]),
        "fabrikam/tenant.yaml": ASKED_FIRST,
        "fabrikam/accepts/contoso.yaml": f"kind: SyncAcceptance\nsource: contoso\nlink: {LINK}\n",
    }

    assert {link.name: link.accepted for link in estate(tmp_path, files, ALL).links} == {LINK: True, "other": False}


def test_broken_tenant_is_told_once(tmp_path: Path) -> None:
    broken = COMPANY["fabrikam/tenant.yaml"].replace("domain: fabrikam.example", "domain: fabrikam")

    told = wrong(tmp_path, {"fabrikam/tenant.yaml": broken, "shared/links/link.yaml": SHORT})

    assert told == ["tenants/fabrikam/tenant.yaml:5:9: domain 'fabrikam' is not a domain such as fabrikam.example"]


# ---------------------------------------------------------------------------------------------- completion


def test_other_end_that_is_half_said_is_mentioned_for_completion(tmp_path: Path) -> None:
    target = (
        f"kind: SyncConfiguration\nname: a\ntarget: {{name: tailspin, tenantId: {TAILSPIN}}}\nspec: {{scope: all}}\n"
    )
    source = "kind: SyncAcceptance\nsource:\n  name: litware\n  domain: litware.example\n"
    bare = "kind: SyncAcceptance\nsource: relecloud\n"
    folder = lay(tmp_path, {"contoso/a.yaml": target, "fabrikam/b.yaml": source, "fabrikam/c.yaml": bare})

    mentions = outline(folder, ALL).mentions
    assert [(one.home, one.path, one.name, one.tenant_id, one.domain) for one in mentions] == [
        ("contoso", ("target",), "tailspin", TAILSPIN, ""),
        ("fabrikam", ("source",), "litware", "", "litware.example"),
    ]
    file = mentions[1].file
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert amend(text, file, {("source",): {"tenantId": LITWARE}}) == text.replace(
        "litware\n", f"litware\n  tenantId: {LITWARE}\n"
    )


def test_group_of_the_target_that_has_no_id_is_named_for_completion(tmp_path: Path) -> None:
    groups = f"[{{group: {{name: People}}}}, {{group: {{name: Known, id: {GROUP}}}}}]"
    text = f"kind: SyncLink\nname: a\nsource: contoso\ntarget: fabrikam\nspec: {{scope: all, targetGroups: {groups}}}\n"
    (one,) = outline(lay(tmp_path, {"shared/links/a.yaml": text}), ALL).namings

    assert (one.home, one.path, one.principal) == (
        "fabrikam",
        ("spec", "targetGroups", 0, "group"),
        Principal("group", "People"),
    )
