import asyncio
import ssl
import stat
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from tiny_app import TEXT, Bare, Tiny, against, client, listeners, trusting

from reconciler.emulator.authority import Authority
from reconciler.emulator.clouds import PUBLIC_HOSTS
from reconciler.emulator.server import Served, serving_app
from reconciler.emulator.wire import BACKLOG


@pytest.mark.parametrize(("http2", "version"), [(False, "1.1"), (True, "2")], ids=["HTTP/1.1", "HTTP/2"])
def test_speaks_both_versions_of_http(http2: bool, version: str) -> None:
    async def ask(tiny: Tiny, served: Served) -> tuple[str, str]:
        async with client(served, http2=http2) as caller:
            answer = await caller.get("/who")
            return answer.http_version, answer.json()["version"]

    assert against(ask) == (f"HTTP/{version}", version)


def test_is_trusted_through_its_file_only() -> None:
    async def ask(tiny: Tiny, served: Served) -> str:
        async with httpx.AsyncClient(verify=ssl.create_default_context()) as stranger:
            with pytest.raises(httpx.ConnectError) as refused:
                await stranger.get(f"{served.url}/who")
        return str(refused.value)

    assert "CERTIFICATE_VERIFY_FAILED" in against(ask)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda version: version.name)
def test_speaks_modern_tls(version: ssl.TLSVersion) -> None:
    async def ask(tiny: Tiny, served: Served) -> int:
        context = trusting(served)
        context.minimum_version = context.maximum_version = version
        async with httpx.AsyncClient(verify=context) as caller:
            return (await caller.get(f"{served.url}/who")).status_code

    assert against(ask) == 200


def test_certificate_names_all_of_loopback() -> None:
    with Authority().issued(*PUBLIC_HOSTS) as pair:
        certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert {str(address) for address in names.get_values_for_type(x509.IPAddress)} == {"127.0.0.1", "::1"}
    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", *PUBLIC_HOSTS}


def test_private_key_is_a_file_for_a_moment_only() -> None:
    with Authority().issued() as pair:
        rights = stat.S_IMODE(pair.key.stat().st_mode)

    assert rights == 0o600
    assert not pair.key.exists()


def test_everyone_may_read_the_ca_file(tmp_path: Path) -> None:
    Authority().write(tmp_path / "ca.pem")

    assert stat.S_IMODE((tmp_path / "ca.pem").stat().st_mode) == 0o644
    assert b"PRIVATE" not in (tmp_path / "ca.pem").read_bytes()


def test_authority_is_the_same_after_a_restart(tmp_path: Path) -> None:
    made = Authority.kept_in(tmp_path / "authority")
    found = Authority.kept_in(tmp_path / "authority")

    assert found.pem == made.pem
    assert stat.S_IMODE((tmp_path / "authority" / "authority.pem").stat().st_mode) == 0o600


def test_clients_trust_a_restarted_server(tmp_path: Path) -> None:
    async def serve_twice() -> list[int]:
        tiny, statuses = Tiny(), []
        context: ssl.SSLContext | None = None
        for _ in range(2):
            async with serving_app(tiny.app, authority=Authority.kept_in(tmp_path)) as served:
                context = context or trusting(served)
                async with httpx.AsyncClient(verify=context) as caller:
                    statuses.append((await caller.get(f"{served.url}/who")).status_code)
        return statuses

    assert asyncio.run(serve_twice()) == [200, 200]


def test_answers_many_connections_at_once() -> None:
    many = 200

    async def ask(tiny: Tiny, served: Served) -> list[str]:
        limits = httpx.Limits(max_connections=many)
        async with httpx.AsyncClient(verify=trusting(served), timeout=30, limits=limits) as caller:
            asking = [asyncio.create_task(caller.get(f"{served.url}/wait")) for _ in range(many)]
            for _ in range(many):
                await tiny.arrived.acquire()
            tiny.go_on.set()
            return [answer.text for answer in await asyncio.gather(*asking)]

    assert against(ask) == [TEXT] * many


def test_queues_a_thousand_connections() -> None:
    assert BACKLOG >= 1_000


def test_client_that_leaves_early_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    async def ask(tiny: Tiny, served: Served) -> None:
        bare = await Bare.connected(served)
        bare.ask("POST", "/upload", length=10)
        await tiny.arrived.acquire()
        bare.close()
        await tiny.given_up.wait()

    against(ask)

    assert capsys.readouterr().err == ""


def test_defect_of_the_app_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    async def ask(tiny: Tiny, served: Served) -> int:
        async with client(served, http2=True) as caller:
            return (await caller.get("/shaped/nobody-knows")).status_code

    assert against(ask) == 500
    assert "KeyError: 'nobody-knows'" in capsys.readouterr().err


def test_stops_while_a_request_is_unfinished() -> None:
    async def ask() -> Tiny:
        tiny = Tiny()
        async with serving_app(tiny.app) as served:
            bare = await Bare.connected(served)
            bare.ask("GET", "/wait")
            await tiny.arrived.acquire()
        with pytest.raises(ConnectionResetError):
            await bare.rest()
        bare.close()
        await tiny.given_up.wait()
        return tiny

    assert asyncio.run(ask()).given_up.is_set()


def test_error_in_the_block_stops_the_server() -> None:
    asked: list[Bare] = []

    async def fail(tiny: Tiny) -> None:
        async with serving_app(tiny.app) as served:
            asked.append(await Bare.connected(served))
            asked[0].ask("GET", "/wait")
            await tiny.arrived.acquire()
            raise ZeroDivisionError

    async def ask() -> None:
        with pytest.raises(ZeroDivisionError):
            await fail(Tiny())
        with pytest.raises(ConnectionResetError):
            await asked[0].rest()
        asked[0].close()

    asyncio.run(ask())


def test_stopped_server_refuses_connections() -> None:
    async def ask() -> None:
        async with serving_app(Tiny().app) as served:
            pass
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", served.port)

    asyncio.run(ask())


def test_port_that_is_taken_is_an_error() -> None:
    async def serve_twice() -> None:
        async with serving_app(Tiny().app) as served:
            with pytest.raises(OSError, match="address already in use"):
                async with serving_app(Tiny().app, port=served.port):
                    pass

    asyncio.run(serve_twice())


def test_listens_on_loopback_only() -> None:
    async def ask(tiny: Tiny, served: Served) -> list[str]:
        return listeners(served.port)

    assert against(ask) == ["0100007F"]
