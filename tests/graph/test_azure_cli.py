"""Signing in with what the Azure CLI holds: a real program `az`, written for each test."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graph_service import CONTOSO, READER, TENANT_ID, Service, network, reading

from reconciler.errors import GraphError, SignInFailed, Unavailable
from reconciler.graph.azure_cli import APPLICATION

STRANGER = "ffffffff-0000-4000-8000-000000000000"


def az(folder: Path, *lines: str) -> dict[str, str]:
    """Make a program `az` of shell lines, and return the environment that finds it. It notes its arguments."""
    program = folder / "az"
    note = f"printf '%s\\n' \"$@\" > '{folder}/arguments'"
    program.write_text("\n".join(("#!/bin/sh", note, *lines, "")))
    program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "RECONCILER_SIGN_IN": "azure-cli"}


def answering(folder: Path, value: Any) -> dict[str, str]:
    """Make a program that prints JSON."""
    (folder / "answer").write_text(json.dumps(value))
    return az(folder, f"cat '{folder}/answer'")


def holding(folder: Path, service: Service, client_id: str) -> dict[str, str]:
    """Make a program that hands out a token."""
    return answering(folder, {"accessToken": service.token(client_id), "tokenType": "Bearer", "tenant": TENANT_ID})


def get(service: Service, environment: dict[str, str], **others: Any) -> Any:
    return reading(service, lambda graph: graph.get("/thing"), environment=environment, **others)


def failure(environment: dict[str, str], **others: Any) -> GraphError:
    service = Service()
    with pytest.raises(GraphError) as caught:
        get(service, environment, **others)
    assert not service.seen
    return caught.value


def test_person_of_the_cli_signs_in(tmp_path: Path) -> None:
    service = Service(scp="Policy.Read.All User.Read", roles=None)

    get(service, holding(tmp_path, service, APPLICATION))

    arguments = (tmp_path / "arguments").read_text().split("\n")
    assert arguments[:6] == [
        "account",
        "get-access-token",
        "--tenant",
        TENANT_ID,
        "--resource",
        "https://graph.microsoft.com",
    ]


def test_application_of_the_cli_is_the_one_in_the_file(tmp_path: Path) -> None:
    service = Service()

    assert get(service, holding(tmp_path, service, READER))


def test_permissions_of_a_person_are_those_lent(tmp_path: Path) -> None:
    service = Service(scp="User.Read Policy.Read.All", roles=None, wids=["194ae4cb-b126-40b2-bd5b-6091b380977d"])

    async def work(graph: Any) -> Any:
        await graph.get("/thing")
        return graph.identity

    identity = reading(service, work, environment=holding(tmp_path, service, APPLICATION))

    assert identity.person
    assert identity.permissions == ("Policy.Read.All", "User.Read")
    assert identity.directory_roles == ("194ae4cb-b126-40b2-bd5b-6091b380977d",)


@pytest.mark.parametrize(
    ("claims", "client_id"),
    [
        ({}, STRANGER),
        ({}, APPLICATION),
        ({"scp": "Policy.Read.All"}, READER),
        ({"tid": STRANGER, "scp": "Policy.Read.All"}, APPLICATION),
        ({"aud": "https://management.azure.com", "scp": "x"}, APPLICATION),
        ({"scp": ["Policy.Read.All"]}, APPLICATION),
        ({"idtyp": "user"}, APPLICATION),
    ],
    ids=str,
)
def test_token_of_somebody_else_is_never_used(claims: dict[str, Any], client_id: str, tmp_path: Path) -> None:
    service = Service(**claims)

    with pytest.raises(SignInFailed):
        get(service, holding(tmp_path, service, client_id))

    assert not service.asked


def test_cli_that_nobody_signed_in_says_what_to_type(tmp_path: Path) -> None:
    caught = failure(az(tmp_path, "echo \"ERROR: Please run 'az login' to setup account.\" >&2", "exit 1"))

    assert type(caught) is SignInFailed
    assert "Please run 'az login'" in str(caught)


@pytest.mark.parametrize("answer", [{}, [], {"accessToken": ""}, {"accessToken": 5}], ids=str)
def test_answer_without_a_token_is_told(answer: Any, tmp_path: Path) -> None:
    assert "no token that can be read" in str(failure(answering(tmp_path, answer)))


def test_garbage_is_told_and_not_shown(tmp_path: Path) -> None:
    caught = failure(az(tmp_path, "echo '{eyJhbGciOi.secret.thing'"))

    assert "no token that can be read" in str(caught)
    assert "secret" not in str(caught)


def test_program_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    environment = az(tmp_path)
    (tmp_path / "az").write_text("#!/no/such/shell\n")

    assert "cannot be started" in str(failure(environment))


def test_program_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    environment = az(tmp_path, "sleep 60 &", "sleep 60", "echo never")
    began = time.monotonic()

    caught = failure(environment, request_seconds=0.2)

    assert type(caught) is Unavailable
    assert time.monotonic() - began < 5


def test_cli_brings_an_application_of_its_own(tmp_path: Path) -> None:
    graph = network(Service(), az(tmp_path)).reader(replace(CONTOSO, auth={}))

    assert graph.identity.form == "the Azure CLI"
