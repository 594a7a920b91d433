import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from graph_service import CONTOSO, ENVIRONMENT, Service, StillClock, network

from reconciler.errors import SetupError
from reconciler.graph.clouds import checked_endpoint, is_loopback, place
from reconciler.graph.connecting import Network, trust
from reconciler.graph.proxies import proxy_for

Cloud = Literal["global", "usgov", "usgovdod", "china"]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("", ""),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("https://127.0.0.1:8443/", "https://127.0.0.1:8443"),
        ("https://127.9.9.9", "https://127.9.9.9"),
        ("https://localhost:1", "https://localhost:1"),
        ("https://LOCALHOST:1", "https://localhost:1"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_endpoint_on_this_machine_is_taken(url: str, origin: str) -> None:
    assert checked_endpoint(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8443",
        "https://10.0.0.1",
        "https://graph.microsoft.com",
        "https://localhost.example",
        "https://127.0.0.1.example",
        "https://0.0.0.0:8443",
        "https://[::]:8443",
        "https://127.1:8443",
        "https://2130706433",
        "https://127.0.0.1@elsewhere.example",
        "https://user@127.0.0.1",
        "https://127.0.0.1/v1.0",
        "https://127.0.0.1?x=1",
        "https://127.0.0.1:99999",
        "https://127.0.0.1:x",
        "https://[::1",
        "127.0.0.1:8443",
        "https:///x",
        "nonsense",
    ],
)
def test_any_other_endpoint_is_refused(url: str) -> None:
    with pytest.raises(SetupError, match="--endpoint"):
        Network(StillClock(), ENVIRONMENT, url)


@pytest.mark.parametrize("host", ["localhost.localdomain", "ip6-localhost", "loopback", ""])
def test_names_are_never_looked_up(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("cloud", "login", "graph"),
    [
        ("global", "login.microsoftonline.com", "graph.microsoft.com"),
        ("usgov", "login.microsoftonline.us", "graph.microsoft.us"),
        ("usgovdod", "login.microsoftonline.us", "dod-graph.microsoft.us"),
        ("china", "login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"),
    ],
)
def test_each_cloud_has_its_own_hosts(cloud: Cloud, login: str, graph: str) -> None:
    service = Service(aud=f"https://{graph}")
    asked: set[str] = set()

    def handle(request: httpx.Request) -> httpx.Response:
        asked.add(request.url.host)
        return service.handle(request)

    net = Network(service.clock, ENVIRONMENT, transports=lambda _: httpx.MockTransport(handle))

    async def run() -> None:
        client = net.reader(replace(CONTOSO, cloud=cloud))
        await client.get("/thing")
        await client.aclose()

    asyncio.run(run())

    assert asked == {login, graph}


def test_endpoint_stands_for_every_host() -> None:
    here = place("usgov", "https://127.0.0.1:8443")

    assert here.login == here.graph == "https://127.0.0.1:8443"
    assert here.scope == "https://graph.microsoft.us/.default"
    assert "https://127.0.0.1:8443" in here.audiences


@pytest.mark.parametrize(
    ("host", "environment", "expected"),
    [
        ("graph.microsoft.com", {}, None),
        ("graph.microsoft.com", {"HTTPS_PROXY": "http://proxy:3128"}, "http://proxy:3128"),
        ("graph.microsoft.com", {"https_proxy": "http://proxy:3128"}, "http://proxy:3128"),
        ("graph.microsoft.com", {"HTTP_PROXY": "http://p:1", "ALL_PROXY": "http://p:1"}, None),
        ("graph.microsoft.com", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ("graph.microsoft.com", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.example, .microsoft.com"}, None),
        ("graph.microsoft.com", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*.microsoft.com"}, None),
        ("graph.microsoft.com", {"HTTPS_PROXY": "http://p:1", "no_proxy": "graph.microsoft.com"}, None),
        ("graph.microsoft.com", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "soft.com,"}, "http://p:1"),
        ("127.0.0.1", {"HTTPS_PROXY": "http://p:1"}, None),
        ("localhost", {"HTTPS_PROXY": "http://p:1"}, None),
        ("::1", {"HTTPS_PROXY": "http://p:1"}, None),
    ],
)
def test_proxy_is_what_two_variables_say(host: str, environment: dict[str, str], expected: str | None) -> None:
    assert proxy_for(host, environment) == expected


@pytest.mark.parametrize("url", ["proxy:3128", "socks5://proxy:1080", "http://"])
def test_odd_proxy_is_refused(url: str) -> None:
    with pytest.raises(SetupError, match="HTTPS_PROXY"):
        proxy_for("graph.microsoft.com", {"HTTPS_PROXY": url})


def test_certificate_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="SSL_CERT_FILE"):
        trust({"SSL_CERT_FILE": str(tmp_path / "missing.pem")})


def test_certificate_file_that_is_garbage_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")

    with pytest.raises(SetupError, match="SSL_CERT_FILE"):
        trust({"SSL_CERT_FILE": str(tmp_path / "ca.pem")})


@pytest.mark.parametrize("value", ["0", "-1", "601", "abc", "1.5", "٣"])
def test_odd_time_for_a_request_is_refused(value: str) -> None:
    with pytest.raises(SetupError, match="RECONCILER_REQUEST_SECONDS"):
        Network(StillClock(), {"RECONCILER_REQUEST_SECONDS": value})


def test_traffic_of_tenants_adds_up() -> None:
    service = Service()
    net = network(service)
    other = replace(CONTOSO, name="fabrikam", tenant_id="11111111-0000-4000-8000-0000000000ff")

    async def run() -> None:
        client = net.reader(CONTOSO)
        await client.get("/thing")
        await client.aclose()

    asyncio.run(run())

    assert net.traffic_of(CONTOSO).http == net.traffic.http == 3
    assert net.traffic_of(other).http == 0


def test_writes_have_their_own_connection() -> None:
    service = Service()
    roles: list[str] = []

    def transport(role: str) -> httpx.MockTransport:
        def handle(request: httpx.Request) -> httpx.Response:
            roles.append(f"{role} {request.method}")
            return service.handle(request)

        return httpx.MockTransport(handle)

    async def run() -> None:
        client: Any = Network(service.clock, ENVIRONMENT, transports=transport).writer(CONTOSO)
        await client.get("/thing")
        await client.write("PATCH", "/thing", {})
        await client.aclose()

    asyncio.run(run())

    assert roles == ["sign-in GET", "sign-in POST", "reads GET", "writes PATCH"]


def test_importing_loads_no_heavy_library() -> None:
    script = (
        "import sys, reconciler.graph.connecting, reconciler.graph.client, reconciler.graph.emulated_clock\n"
        "print(sorted({'httpx', 'msal', 'h2'} & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)

    assert run.stdout.strip() == "[]"
