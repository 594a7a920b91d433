"""Check-ups of an emulated tenant: what is missing, too much, about to end or not known."""

import shlex
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from emulated import secrets, tenant_of
from patients import APPLY, ASKS, CONTOSO, PLAIN, PLAN, READS, TRUST, WRITES, checkup, document, found, unwell, world

from reconciler.doctoring import exit_code
from reconciler.model import Health, Management

GRAPH, WRITING = "00000003-0000-0000-c000-000000000000", "338163d7-f101-4c92-94ba-ca46fe52447c"
JOB = "repo:contoso@1234/tenants@5678:environment:production"
GITHUB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.actions.example/github/oidc/token",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "github-request-token",
}
TRUSTED = {"issuer": "https://token.actions.githubusercontent.com", "subject": JOB}


def test_healthy_tenant_has_no_complaints() -> None:
    checks = checkup(world(), document(PLAIN))

    assert not unwell(checks)
    assert exit_code(checks) == 0
    assert (
        found(checks, "sign-in").message
        == f"signed in as {PLAN} with a client secret (RECONCILER_PLAN_CLIENT_SECRET_CONTOSO)"
    )


def test_checkup_writes_nothing() -> None:
    made = world()

    checkup(made, document(TRUST))

    assert not list(made.store.journal())


@pytest.mark.parametrize(
    ("plan", "apply", "expected"),
    [
        (READS[1:], WRITES, [(Health.MISSING, "plan", "permissions")]),
        (READS[:1], WRITES, [(Health.MISSING, "plan", "permissions")]),
        (READS[:2], WRITES, [(Health.MISSING, "plan", "permissions")]),
        (READS, READS, [(Health.MISSING, "apply", "permissions")]),
        (("Policy.Read.All", "Directory.Read.All", ASKS), WRITES, []),
        (READS, ("Organization.Read.All", ASKS, "Policy.ReadWrite.CrossTenantAccess"), []),
        (WRITES, WRITES, [(Health.DOUBTFUL, "plan", "privileges")]),
        ((*READS, "Application.ReadWrite.All"), WRITES, [(Health.DOUBTFUL, "plan", "privileges")]),
        ((*READS, "Sites.FullControl.All"), WRITES, [(Health.DOUBTFUL, "plan", "privileges")]),
        ((*READS, "Mail.Read"), WRITES, [(Health.NOTE, "plan", "privileges")]),
        (READS, (*WRITES, "RoleManagement.ReadWrite.Directory"), [(Health.DOUBTFUL, "apply", "privileges")]),
        ((*READS, "Application.Read.All", "AuditLog.Read.All"), WRITES, []),
    ],
    ids=str,
)
def test_permissions_are_held_against_what_is_needed(
    plan: Iterable[str], apply: Iterable[str], expected: list[tuple[Health, str, str]]
) -> None:
    about_permissions = ("permissions", "privileges")

    checks = checkup(world(plan=plan, apply=apply), document(PLAIN))

    assert [one for one in unwell(checks) if one[2] in about_permissions] == expected
    assert exit_code(checks) == (8 if any(one[0] is Health.MISSING for one in expected) else 0)


def test_permission_to_write_stands_in_for_reading_and_is_still_too_much_for_a_plan() -> None:
    checks = checkup(world(plan=("Organization.Read.All", "Policy.ReadWrite.CrossTenantAccess")))

    assert found(checks, "permissions").health is Health.FINE
    assert found(checks, "privileges").health is Health.DOUBTFUL


def test_missing_permission_comes_with_the_commands_that_grant_it() -> None:
    remedy = found(checkup(world(apply=READS), document(PLAIN)), "permissions", "apply").remedy

    assert [line for line in remedy if line[0] != "#"] == [
        f"az login --tenant {CONTOSO} --allow-no-subscriptions",
        f"az ad app permission add --id {APPLY} --api {GRAPH} --api-permissions {WRITING}=Role",
        f"az ad app permission admin-consent --id {APPLY}",
        f"https://login.microsoftonline.com/{CONTOSO}/adminconsent?client_id={APPLY}",
    ]


def test_missing_permission_in_another_cloud_is_granted_there() -> None:
    made = world(apply=READS)
    tenant = replace(tenant_of(made, "contoso"), cloud="usgov")

    remedy = found(checkup(made, document(PLAIN), tenant=tenant), "permissions", "apply").remedy

    assert "az cloud set --name AzureUSGovernment" in remedy
    assert remedy[-1].startswith("https://login.microsoftonline.us/")


def test_nothing_to_write_needs_no_permission_to_write() -> None:
    assert not unwell(checkup(world(apply=READS)))


def test_observed_tenant_is_not_asked_who_applies() -> None:
    made = world(apply=())
    tenant = replace(tenant_of(made, "contoso"), management=Management.OBSERVE)

    checks = checkup(made, document(PLAIN), tenant=tenant)

    assert not [check for check in checks if check.purpose == "apply"]
    assert exit_code(checks) == 0


def test_tenant_managed_elsewhere_is_left_alone() -> None:
    made = world()
    tenant = replace(tenant_of(made, "contoso"), management=Management.ELSEWHERE)

    checks = checkup(made, tenant=tenant)

    assert [check.health for check in checks] == [Health.NOTE]
    assert not made.requests.counts


# ---------------------------------------------------------------------------------------------- sign-in


def test_wrong_secret_of_one_purpose_says_nothing_of_the_other() -> None:
    made = world()
    environment = {**secrets(made), "RECONCILER_APPLY_CLIENT_SECRET_CONTOSO": "wrong"}

    checks = checkup(made, document(PLAIN), environment=environment)

    assert unwell(checks) == [(Health.MISSING, "apply", "sign-in")]
    assert "AADSTS7000215" in found(checks, "sign-in", "apply").message
    assert exit_code(checks) == 8


def test_missing_credential_is_missing() -> None:
    checks = checkup(world(), environment={})

    assert unwell(checks) == [(Health.MISSING, "plan", "sign-in"), (Health.MISSING, "apply", "sign-in")]
    assert "RECONCILER_PLAN_CLIENT_SECRET_CONTOSO" in found(checks, "sign-in").message


@pytest.mark.parametrize("path", ["*/oauth2/v2.0/token", "/v1.0/*"])
def test_service_that_does_not_answer_is_unreachable(path: str) -> None:
    made = world(faults=[{"match": {"path": path}, "action": {"status": 503}}])

    checks = checkup(made)

    assert {check.health for check in checks} == {Health.UNREACHABLE}
    assert exit_code(checks) == 9


def test_missing_weighs_more_than_unreachable() -> None:
    made = world(apply=READS, faults=[{"match": {"path": "*/partners"}, "action": {"status": 503}}])

    checks = checkup(made, document(PLAIN))

    assert {Health.MISSING, Health.UNREACHABLE} <= {check.health for check in checks}
    assert exit_code(checks) == 8


def test_refusal_in_spite_of_the_permission_is_told() -> None:
    made = world(faults=[{"match": {"path": "*/partners"}, "action": {"status": 403}}])

    checks = checkup(made)

    assert "although the token has Policy.Read.All" in found(checks, "reading").message
    assert exit_code(checks) == 8


# ---------------------------------------------------------------------------------------------- the tenant


@pytest.mark.parametrize(
    ("domain", "name", "health"),
    [
        ("contosso.example", "Contoso", Health.MISSING),
        ("contoso.example", "Contoso Ltd", Health.NOTE),
        ("contoso.example", "Contoso", Health.FINE),
    ],
)
def test_tenant_is_the_one_in_the_files(domain: str, name: str, health: Health) -> None:
    made = world()

    checks = checkup(made, tenant=replace(tenant_of(made, "contoso"), domain=domain, display_name=name))

    assert found(checks, "organization").health is health
    assert exit_code(checks) == (8 if health is Health.MISSING else 0)


def test_tenant_that_may_not_be_asked_who_it_is_is_not_fine() -> None:
    assert found(checkup(world(plan=READS[:1])), "organization").health is Health.UNKNOWN


@pytest.mark.parametrize(
    ("licences", "said", "health"),
    [
        ([], PLAIN, Health.FINE),
        ([], TRUST, Health.MISSING),
        (["Governance"], TRUST, Health.MISSING),
        (["P1"], TRUST, Health.FINE),
        (["P2"], TRUST, Health.FINE),
    ],
)
def test_licences_are_held_against_what_is_used(licences: list[str], said: dict[str, Any], health: Health) -> None:
    checks = checkup(world(licences=licences), document(said))

    check = found(checks, "licences")
    assert check.health is health
    assert ("trusting claims of others: fabrikam" in check.details) == (health is Health.MISSING)


def test_licences_that_nobody_may_see_are_not_fine() -> None:
    roles = ("Policy.Read.All", "User.Read.All", ASKS)

    checks = checkup(world(plan=roles, apply=(*roles, WRITES[-1])), document(TRUST))

    assert found(checks, "licences").health is Health.UNKNOWN
    assert exit_code(checks) == 0


# ---------------------------------------------------------------------------------------------- credentials


def credentials(ends: str | None, *, readable: bool = True) -> list[tuple[Health, str]]:
    plan = (*READS, "Application.Read.All") if readable else READS
    made = world(plan=plan, application={"secretEnds": ends} if ends else {})
    return [
        (one.health, one.message) for one in checkup(made) if one.subject == "credentials" and one.purpose == "plan"
    ]


@pytest.mark.parametrize(
    ("ends", "health", "words"),
    [
        (None, Health.FINE, "good until 2299-12-30"),
        ("2026-12-25T12:00:00Z", Health.FINE, "good until 2026-12-25"),
        ("2026-12-24T12:00:00Z", Health.DOUBTFUL, "ends on 2026-12-24 (in 30 days)"),
        ("2026-11-25T13:00:00Z", Health.DOUBTFUL, "ends on 2026-11-25 (in 1 day)"),
    ],
)
def test_secret_that_ends_within_a_month_is_told(ends: str | None, health: Health, words: str) -> None:
    ((seen, message),) = credentials(ends)

    assert seen is health
    assert words in message


def test_credentials_that_nobody_may_see_are_not_fine() -> None:
    ((seen, message),) = credentials(None, readable=False)

    assert seen is Health.UNKNOWN
    assert "lacks Application.Read.All" in message


# ---------------------------------------------------------------------------------------------- GitHub


def test_job_with_a_good_subject_is_fine() -> None:
    made = world(application={"federated": [TRUSTED]}, github={"subject": JOB})

    checks = checkup(made, document(PLAIN), environment=GITHUB)

    assert not unwell(checks)
    assert found(checks, "subject").message == f"GitHub says of this job: {JOB}"


def test_real_subject_is_told_where_nobody_trusts_it() -> None:
    made = world(github={"subject": JOB})

    checks = checkup(made, environment=GITHUB)

    assert found(checks, "subject").message.endswith(JOB)
    check = found(checks, "sign-in")
    assert check.health is Health.MISSING
    command = shlex.split(check.remedy[-1])
    assert command[:7] == ["az", "ad", "app", "federated-credential", "create", "--id", PLAN]
    assert f'"subject": "{JOB}"' in command[-1]


def test_secret_beside_a_trusted_job_is_one_too_many() -> None:
    made = world(plan=(*READS, "Application.Read.All"), application={"federated": [TRUSTED]}, github={"subject": JOB})

    checks = checkup(made, environment=GITHUB)

    standing = [one for one in checks if one.subject == "credentials" and "nobody needs" in one.message]
    assert [one.health for one in standing] == [Health.DOUBTFUL]
