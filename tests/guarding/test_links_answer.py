"""A link between two tenants of one organization says yes to what it asks for, and to nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from driving import Documents
from pairs import FILE, LINK, SCOPE, SEED, found, link, open_marks, papers, rehearsed
from situations import block

from reconciler import planfile
from reconciler.emulator.world import World
from reconciler.model import FILL_IN, Plan
from reconciler.reporting import Output, render_plan

EVERYBODY = block("allowed AllUsers", "allowed AllApplications")


def planned(folder: Path, documents: Documents, world: World | None = None) -> Plan:
    return rehearsed(folder, documents, world).plan()


def profile(**spec: object) -> Documents:
    return {"shared/profiles/own.yaml": {"kind": "AccessProfile", "name": "own", "spec": spec}}


def test_link_asks_for_no_acknowledgement(tmp_path: Path) -> None:
    """From two empty tenants and one file."""
    assert open_marks(planned(tmp_path, papers())) == {}


def test_what_a_link_answers_stays_visible(tmp_path: Path) -> None:
    plan = planned(tmp_path, papers())

    told = {(one.tenant, one.rule, one.path): one.declared for one in found(plan, 2) + found(plan, 3) + found(plan, 4)}
    assert {key: one.link if one else "" for key, one in told.items()} == dict.fromkeys(
        [
            ("fabrikam", 2, "userSyncInbound"),
            ("fabrikam", 3, "automaticUserConsentSettings.inboundAllowed"),
            ("fabrikam", 4, ""),
            ("contoso", 3, "automaticUserConsentSettings.outboundAllowed"),
        ],
        LINK,
    )
    assert {one.origin.file.rpartition("/")[2] for one in told.values() if one} == {f"{LINK}.yaml"}


def test_every_report_names_the_link(tmp_path: Path) -> None:
    plan = planned(tmp_path, papers())
    outputs: tuple[Output, ...] = ("text", "markdown", "html")

    for output in outputs:
        assert f"by the link {LINK} at " in render_plan(plan, None, output).replace("\\", "")
    assert f'"link": "{LINK}"' in render_plan(plan, None, "json")


def test_plan_file_keeps_the_link(tmp_path: Path) -> None:
    rehearsal = rehearsed(tmp_path, papers())
    plan = rehearsal.plan()

    sealed = planfile.seal(plan, created=rehearsal.world.clock.now(), commit="")
    assert planfile.decode(planfile.encode(sealed)).plan == plan


def test_group_sync_is_answered_as_well(tmp_path: Path) -> None:
    plan = planned(tmp_path, papers(groupSync=True))

    assert open_marks(plan) == {}
    assert {one.path for one in found(plan, 2)} == {"groupSyncInbound", "userSyncInbound"}


def test_profile_of_a_link_is_its_word(tmp_path: Path) -> None:
    """Both partner entries open as far as the link's access says."""
    documents = {**papers(access="own"), **profile(b2bDirectConnectInbound=EVERYBODY)}
    plan = planned(tmp_path, documents)

    assert open_marks(plan) == {}
    assert {one.tenant for one in found(plan, 5)} == {"contoso", "fabrikam"}


def test_claims_that_a_profile_trusts_are_still_asked_about(tmp_path: Path) -> None:
    documents = {**papers(access="own"), **profile(inboundTrust={"isMfaAccepted": True})}

    assert open_marks(planned(tmp_path, documents)) == {
        "contoso": ["block 6 partner inboundTrust.isMfaAccepted"],
        "fabrikam": ["block 6 partner inboundTrust.isMfaAccepted"],
    }


def test_document_beside_a_link_is_not_its_word(tmp_path: Path) -> None:
    partner = {"kind": "Partner", "name": "contoso", "owner": "ann", "spec": {"b2bDirectConnectInbound": EVERYBODY}}
    documents = {**papers(), "fabrikam/partners/contoso.yaml": partner}

    assert open_marks(planned(tmp_path, documents)) == {"fabrikam": ["block 5 partner b2bDirectConnectInbound"]}


def test_consent_the_other_way_is_not_the_link_s_word(tmp_path: Path) -> None:
    spec = {"automaticUserConsentSettings": {"outboundAllowed": True}}
    partner = {"kind": "Partner", "name": "contoso", "owner": "ann", "spec": spec}
    documents = {**papers(), "fabrikam/partners/contoso.yaml": partner}

    assert open_marks(planned(tmp_path, documents)) == {
        "fabrikam": ["block 3 partner automaticUserConsentSettings.outboundAllowed"]
    }


def test_groups_beside_a_link_are_not_its_word(tmp_path: Path) -> None:
    """Somebody else lets groups in as well: one of the three steps at once is then nobody's."""
    spec = {"groupSyncInbound": {"isSyncAllowed": True}}
    beside = {"kind": "IdentitySynchronization", "name": "contoso", "spec": spec}
    documents = {**papers(), "fabrikam/sync/contoso.yaml": beside}

    assert open_marks(planned(tmp_path, documents)) == {
        "fabrikam": ["block 2 identity-synchronization groupSyncInbound", "block 4 partner"]
    }


def test_link_to_an_external_tenant_answers_nothing(tmp_path: Path) -> None:
    plan = planned(tmp_path, papers(fabrikam={"relationship": "external"}))

    assert "error 2 identity-synchronization userSyncInbound" in open_marks(plan)["fabrikam"]
    assert open_marks(plan)["contoso"] == ["block 3 partner automaticUserConsentSettings.outboundAllowed"]


def test_half_a_link_answers_nothing(tmp_path: Path) -> None:
    """A SyncConfiguration speaks for the source alone, although both tenants are known."""
    half = {"kind": "SyncConfiguration", "name": LINK, "target": "fabrikam", "spec": {"scope": SCOPE}}
    documents = {name: said for name, said in papers().items() if name != FILE}
    plan = planned(tmp_path, {**documents, "contoso/sync/fabrikam.yaml": half})

    assert open_marks(plan)["contoso"] == ["block 3 partner automaticUserConsentSettings.outboundAllowed"]


def test_link_that_is_not_accepted_asks_for_no_consent(tmp_path: Path) -> None:
    """Only the link waits: what else is planned in its source is not held up by a question about it."""
    plan = planned(tmp_path, papers(fabrikam={"acceptance": "required"}))

    assert open_marks(plan) == {}
    assert not [step for step in plan.steps if step.change.address.kind == "partner"]
    assert [one.message for one in found(plan, 23)] == [
        f"{LINK} waits: fabrikam wants to be asked, and no SyncAcceptance there speaks of it"
    ]


def test_link_that_is_accepted_answers(tmp_path: Path) -> None:
    accepted = {"kind": "SyncAcceptance", "source": "contoso", "owner": "ann"}
    documents = papers(fabrikam={"acceptance": "required"})

    assert open_marks(planned(tmp_path, {**documents, "fabrikam/accepts/contoso.yaml": accepted})) == {}


def test_acceptance_that_lets_in_more_is_asked_about(tmp_path: Path) -> None:
    accepted = {"kind": "SyncAcceptance", "source": "contoso", "owner": "ann", "groupSync": True}
    documents = papers(fabrikam={"acceptance": "required"})
    plan = planned(tmp_path, {**documents, "fabrikam/accepts/contoso.yaml": accepted})

    assert "block 2 identity-synchronization groupSyncInbound" in open_marks(plan)["fabrikam"]


def test_topology_answers_for_its_links(tmp_path: Path) -> None:
    mesh = {"kind": "Topology", "name": "group", "shape": "mesh", "members": ["contoso", "fabrikam"]}
    documents = {name: said for name, said in papers().items() if name != FILE}
    everybody = {"link": {"scope": "all"}}

    assert open_marks(planned(tmp_path, {**documents, "shared/topologies/group.yaml": {**mesh, **everybody}})) == {}


def test_nameless_partner_of_a_link_is_answered(tmp_path: Path) -> None:
    """No file names an owner of the tenants, but the link is reviewed."""
    plan = planned(tmp_path, papers(contoso={"owner": FILL_IN}, fabrikam={"owner": FILL_IN}))

    assert open_marks(plan) == {}
    assert {one.declared.link for one in found(plan, 1) if one.declared} == {LINK}


def test_link_does_not_know_better_than_the_directory(tmp_path: Path) -> None:
    """The domain in the file of the source is the target's."""
    plan = planned(tmp_path, papers(contoso={"domain": "fabrikam.example"}))

    assert [one.tenant for one in found(plan, 1) if one.stops] == ["fabrikam"]


def test_yes_beside_a_link_is_told_to_be_idle(tmp_path: Path) -> None:
    """What the link answers needs no second yes."""
    until = (World.from_seed(SEED).clock.now().date() + timedelta(days=30)).isoformat()
    change = {"property": "userSyncInbound", "from": None, "to": {"isSyncAllowed": True}}
    yes = {"rule": 2, "change": change, "reason": "reviewed", "owner": "ann", "expires": until}
    plan = planned(tmp_path, {**papers(), FILE: {**link(), "acknowledge": [yes]}})

    idle = [one.message for tenant in plan.tenants for one in tenant.findings if "answers nothing" in one.message]
    assert idle
