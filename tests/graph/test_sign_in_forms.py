"""Which form of signing in is taken, and what people are told when the one they asked for is not there."""

from dataclasses import replace
from pathlib import Path

import pytest
from graph_service import CONTOSO, ENVIRONMENT

from reconciler.errors import SetupError, SignInFailed
from reconciler.graph.credentials import FORMS, Situation, credential
from reconciler.graph.forms import (
    AzureCli,
    CertificateFile,
    ClientSecret,
    DeviceCode,
    GitHubJob,
    ManagedIdentity,
    Purpose,
)

JOB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.actions.example/oidc",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "job-key",
}
APP_SERVICE = {"IDENTITY_ENDPOINT": "http://127.0.0.1:41741/msi/token", "IDENTITY_HEADER": "header-key"}
CERTIFICATE = {"AZURE_CLIENT_CERTIFICATE_PATH": "client.pem"}
EVERYTHING = {**ENVIRONMENT, **CERTIFICATE, **JOB, **APP_SERVICE}
LOOPBACK = "https://127.0.0.1:8443"


def test_first_form_that_the_environment_offers_is_taken() -> None:
    left = dict(EVERYTHING)
    taken = []
    for gone in (ENVIRONMENT, CERTIFICATE, JOB, APP_SERVICE):
        taken.append(type(credential(Situation(CONTOSO, "plan", left))))
        for name in gone:
            del left[name]

    assert taken == [ClientSecret, CertificateFile, GitHubJob, ManagedIdentity]


def test_nobody_becomes_a_person_or_a_machine_without_being_asked(tmp_path: Path) -> None:
    program(tmp_path)

    with pytest.raises(SignInFailed, match="RECONCILER_SIGN_IN"):
        credential(Situation(CONTOSO, "plan", {"PATH": str(tmp_path)}, tell=print))


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("secret", ClientSecret),
        ("certificate", CertificateFile),
        ("github", GitHubJob),
        ("managed-identity", ManagedIdentity),
        ("azure-cli", AzureCli),
        ("device-code", DeviceCode),
    ],
)
def test_named_form_is_taken_whatever_else_is_there(form: str, expected: type, tmp_path: Path) -> None:
    program(tmp_path)
    environment = {**EVERYTHING, "PATH": str(tmp_path), "RECONCILER_SIGN_IN": form}

    assert type(credential(Situation(CONTOSO, "plan", environment, tell=print))) is expected


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("secret", "RECONCILER_PLAN_CLIENT_SECRET_CONTOSO"),
        ("certificate", "RECONCILER_PLAN_CLIENT_CERTIFICATE_CONTOSO"),
        ("github", "id-token: write"),
        ("azure-cli", "az login"),
        ("device-code", "not a terminal"),
    ],
)
def test_named_form_that_is_not_there_is_not_replaced_by_another(form: str, words: str) -> None:
    others = {name: value for name, value in EVERYTHING.items() if name not in offered(form)}

    with pytest.raises(SignInFailed, match=words):
        credential(Situation(CONTOSO, "plan", {**others, "RECONCILER_SIGN_IN": form}))


def offered(form: str) -> dict[str, str]:
    return {"secret": ENVIRONMENT, "certificate": CERTIFICATE, "github": JOB}.get(form, {})


def test_unknown_form_is_a_mistake_in_the_environment() -> None:
    with pytest.raises(SetupError, match="secret, certificate, github, managed-identity, azure-cli, device-code"):
        credential(Situation(CONTOSO, "plan", {**EVERYTHING, "RECONCILER_SIGN_IN": "password"}))


@pytest.mark.parametrize("form", ["managed-identity", "azure-cli", "device-code"])
def test_nobody_real_vouches_for_us_at_an_emulator(form: str, tmp_path: Path) -> None:
    program(tmp_path)
    environment = {"PATH": str(tmp_path), "RECONCILER_SIGN_IN": form}

    with pytest.raises(SignInFailed, match="emulator"):
        credential(Situation(CONTOSO, "plan", environment, LOOPBACK, print))


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [("plan", "RECONCILER_PLAN_CLIENT_CERTIFICATE_TREY_RESEARCH"), ("apply", "AZURE_CLIENT_CERTIFICATE_PATH")],
)
def test_nearest_certificate_wins_with_its_own_password(purpose: Purpose, expected: str) -> None:
    environment = {
        "AZURE_CLIENT_CERTIFICATE_PATH": "general.pem",
        "AZURE_CLIENT_CERTIFICATE_PASSWORD": "general",
        "RECONCILER_PLAN_CLIENT_CERTIFICATE_TREY_RESEARCH": "plan.pem",
        "RECONCILER_PLAN_CLIENT_CERTIFICATE_PASSWORD_TREY_RESEARCH": "plan",
    }

    found = credential(Situation(replace(CONTOSO, name="trey-research"), purpose, environment))

    assert isinstance(found, CertificateFile)
    assert found.variable == expected
    assert found.password == found.path.removesuffix(".pem")


@pytest.mark.parametrize(
    "url", ["https://identity.example/token", "http://10.0.0.4/token", "http://[x", "file:///x", "http://8.8.8.8/"]
)
def test_identity_of_the_machine_is_asked_for_nearby(url: str) -> None:
    with pytest.raises(SignInFailed, match="loopback or link-local"):
        credential(Situation(CONTOSO, "plan", {**APP_SERVICE, "IDENTITY_ENDPOINT": url}))


def test_kind_of_managed_identity_is_user_or_system() -> None:
    with pytest.raises(SetupError, match="user or system"):
        credential(Situation(CONTOSO, "plan", {**APP_SERVICE, "RECONCILER_MANAGED_IDENTITY": "both"}))


@pytest.mark.parametrize("form", FORMS)
def test_no_form_shows_a_secret(form: str, tmp_path: Path) -> None:
    program(tmp_path)
    password = {"AZURE_CLIENT_CERTIFICATE_PASSWORD": "certificate-password"}
    environment = {**EVERYTHING, **password, "PATH": str(tmp_path), "RECONCILER_SIGN_IN": form}
    found = credential(Situation(CONTOSO, "plan", environment, tell=print))

    shown = f"{found!r} {found.told} {found.check}"

    assert not [
        secret for secret in (*ENVIRONMENT.values(), *password.values(), "job-key", "header-key") if secret in shown
    ]


def program(folder: Path, script: str = "exit 1") -> None:
    """Make a program `az`."""
    path = folder / "az"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
