"""Each form of signing in asks the cloud that the tenant lives in, and no other."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs

import httpx
import pytest
from graph_service import CONTOSO, ENVIRONMENT, TENANT_ID, Reply, Service, network
from key_files import certificate_pem, key_pem, written

from reconciler.errors import SignInFailed

Cloud = Literal["global", "usgov", "usgovdod", "china"]
CLOUDS: dict[Cloud, tuple[str, str, str]] = {
    "global": ("login.microsoftonline.com", "graph.microsoft.com", "api://AzureADTokenExchange"),
    "usgov": ("login.microsoftonline.us", "graph.microsoft.us", "api://AzureADTokenExchangeUSGov"),
    "usgovdod": ("login.microsoftonline.us", "dod-graph.microsoft.us", "api://AzureADTokenExchangeUSGov"),
    "china": ("login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn", "api://AzureADTokenExchangeChina"),
}
JOB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.actions.example/oidc",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "job-key",
}


class Cloudy(Service):
    """Every host of a cloud, GitHub and a machine's metadata service; remembers whom it was asked for what."""

    def __init__(self, graph: str, **claims: Any) -> None:
        super().__init__(aud=f"https://{graph}", **claims)
        self.requests: list[httpx.Request] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.host == "token.actions.example":
            return Reply(body={"value": "word"}).response()
        if request.url.host == "169.254.169.254":
            return Reply(body={"access_token": self.token(), "expires_in": "3599"}).response()
        if request.url.path.endswith("/devicecode"):
            flow = {"device_code": "x", "user_code": "CODE", "verification_uri": "https://login.example/device"}
            return Reply(body=flow).response()
        if "openid-configuration" in request.url.path:
            origin = f"https://{request.url.host}/{TENANT_ID}/oauth2/v2.0"
            names = {"authorization": "authorize", "token": "token", "device_authorization": "devicecode"}
            found = {f"{name}_endpoint": f"{origin}/{path}" for name, path in names.items()}
            return Reply(body={"issuer": origin, **found}).response()
        return super().handle(request)

    def scopes(self) -> set[str]:
        """Return what the sign-in service was asked for, without what every person's token has."""
        forms = [parse_qs(one.content.decode()) for one in self.requests if one.method == "POST"]
        words = {word for form in forms for scope in form.get("scope", []) for word in scope.split()}
        return words - {"openid", "profile", "offline_access"}


def signed_in(service: Service, cloud: Cloud, environment: Mapping[str, str]) -> None:
    """Sign in to a tenant of that cloud, and read something."""

    async def run() -> None:
        net = network(service, environment, tell=lambda line: None)
        graph = net.reader(replace(CONTOSO, cloud=cloud))
        try:
            await graph.get("/thing")
        finally:
            await graph.aclose()

    asyncio.run(run())


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("form", ["secret", "certificate", "github", "device-code"])
def test_sign_in_service_is_that_of_the_cloud(form: str, cloud: Cloud, tmp_path: Path) -> None:
    login, graph, _ = CLOUDS[cloud]
    key_file = written(tmp_path, key_pem() + certificate_pem())
    person = {"scp": "Policy.Read.All", "roles": None} if form == "device-code" else {}
    service = Cloudy(graph, **person)

    signed_in(service, cloud, {**ENVIRONMENT, **key_file, **JOB, "RECONCILER_SIGN_IN": form})

    assert {one.url.host for one in service.requests} - {"token.actions.example"} == {login, graph}
    assert service.scopes() == {f"https://{graph}/.default"}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_word_of_github_is_for_the_cloud(cloud: Cloud) -> None:
    _, graph, audience = CLOUDS[cloud]
    service = Cloudy(graph)

    signed_in(service, cloud, JOB)

    (asked,) = [one for one in service.requests if one.url.host == "token.actions.example"]
    assert asked.url.params["audience"] == audience


@pytest.mark.parametrize("cloud", CLOUDS)
def test_machine_is_asked_for_the_graph_of_the_cloud(cloud: Cloud) -> None:
    _, graph, _ = CLOUDS[cloud]
    service = Cloudy(graph)

    signed_in(service, cloud, {"RECONCILER_SIGN_IN": "managed-identity"})

    assert service.requests[0].url.params["resource"] == f"https://{graph}"
    assert {one.url.host for one in service.requests} == {"169.254.169.254", graph}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_cli_is_asked_for_the_graph_of_the_cloud(cloud: Cloud, tmp_path: Path) -> None:
    _, graph, _ = CLOUDS[cloud]
    service = Cloudy(graph)
    (tmp_path / "answer").write_text(json.dumps({"accessToken": service.token()}))
    program = tmp_path / "az"
    program.write_text(f"#!/bin/sh\necho \"$@\" > '{tmp_path}/arguments'\ncat '{tmp_path}/answer'\n")
    program.chmod(0o755)

    signed_in(service, cloud, {"RECONCILER_SIGN_IN": "azure-cli", "PATH": f"{tmp_path}:/usr/bin:/bin"})

    assert f"--resource https://{graph} " in (tmp_path / "arguments").read_text()
    assert {one.url.host for one in service.requests} == {graph}


def test_token_of_another_cloud_is_never_used() -> None:
    service = Cloudy("graph.microsoft.com")

    with pytest.raises(SignInFailed, match="another aud"):
        signed_in(service, "china", ENVIRONMENT)

    assert not [one for one in service.requests if "graph" in one.url.host]
