import asyncio
import signal
import socket
import ssl
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from commanding import CONTOSO, clean_environment, emulating, failing, read_json, state

PARTNER = "88ab0000-0000-4000-8000-000000000001"


def test_printed_lines_lead_a_client_to_the_emulator(tmp_path: Path) -> None:
    ask = (
        "import httpx, os\n"
        "print(httpx.get(os.environ['RECONCILER_ENDPOINT'] + '/metadata/endpoints?api-version=2022-09-01').status_code)"
    )
    with emulating(tmp_path) as running:
        script = "".join(running.lines) + f'exec "{sys.executable}" -c "$1"'
        shell = ["sh", "-euc", script, "sh", ask]
        answer = subprocess.run(shell, capture_output=True, text=True, env=clean_environment(), check=False)

    assert (answer.stdout.strip(), answer.stderr) == ("200", "")


@pytest.mark.parametrize("purpose", ["PLAN", "APPLY"])
def test_printed_secrets_sign_in(purpose: str, tmp_path: Path) -> None:
    with emulating(tmp_path) as running, running.client() as caller:
        token = running.token(caller, purpose)
        answer = caller.get("/v1.0/organization", headers={"Authorization": f"Bearer {token}"})

    assert answer.json()["value"][0]["id"] == CONTOSO


def test_many_connections_need_no_preparation(tmp_path: Path) -> None:
    many = 100

    async def connect() -> int:
        context = ssl.create_default_context(cafile=running.variables["SSL_CERT_FILE"])
        port = httpx.URL(running.variables["RECONCILER_ENDPOINT"]).port
        opening = [asyncio.open_connection("127.0.0.1", port, ssl=context) for _ in range(many)]
        writers = [writer for _, writer in await asyncio.gather(*opening)]
        for writer in writers:
            writer.transport.abort()
        return len(writers)

    with emulating(tmp_path, limit=f"ulimit -Sn {many}") as running:
        assert asyncio.run(connect()) == many


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_ends_it_quietly(number: signal.Signals, code: int, tmp_path: Path) -> None:
    with emulating(tmp_path) as running:
        ended = running.end(number)
        assert running.process.stderr is not None
        rest = running.process.stderr.read()

    assert (ended, rest) == (code, "")


def test_temporary_certificate_goes_with_it(tmp_path: Path) -> None:
    with emulating(tmp_path) as running:
        ca_file = Path(running.variables["SSL_CERT_FILE"])
        there = ca_file.exists()
        running.end(signal.SIGTERM)

    assert there
    assert not ca_file.parent.exists()


def test_certificate_is_written_where_asked(tmp_path: Path) -> None:
    with emulating(tmp_path, "--ca-file", "here.pem") as running:
        assert running.variables["SSL_CERT_FILE"] == str(tmp_path / "here.pem")


def test_ready_file_tells_scripts_where(tmp_path: Path) -> None:
    with emulating(tmp_path, "--ready-file", "ready.json") as running:
        ready = read_json(tmp_path / "ready.json")
        rights = stat.S_IMODE((tmp_path / "ready.json").stat().st_mode)

    assert ready == {
        "url": running.variables["RECONCILER_ENDPOINT"],
        "caFile": running.variables["SSL_CERT_FILE"],
        "pid": running.process.pid,
        "environment": running.variables,
    }
    assert rights == 0o600


def test_ready_file_goes_with_it(tmp_path: Path) -> None:
    with emulating(tmp_path, "--ready-file", "ready.json") as running:
        running.end(signal.SIGTERM)

    assert not (tmp_path / "ready.json").exists()


@pytest.mark.parametrize("proxy", [["--proxy"], ["--proxy", "0"]], ids=" ".join)
def test_proxy_is_printed_in_place_of_the_endpoint(proxy: list[str], tmp_path: Path) -> None:
    with emulating(tmp_path, *proxy, "--ca-file", "ca.pem") as running:
        variables = running.variables
        context = ssl.create_default_context(cafile=tmp_path / "ca.pem")
        with httpx.Client(proxy=variables["HTTPS_PROXY"], verify=context) as caller:
            answer = caller.get(f"https://login.microsoftonline.com/{CONTOSO}/v2.0/.well-known/openid-configuration")

    assert answer.json()["token_endpoint"] == f"https://login.microsoftonline.com/{CONTOSO}/oauth2/v2.0/token"
    assert set(variables) == {"HTTPS_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}
    assert f"behind the proxy {variables['HTTPS_PROXY']}" in running.talk


@pytest.mark.parametrize(("clock", "virtual"), [([], False), (["--clock", "virtual"], True)], ids=["left out", "said"])
def test_time_is_real_behind_a_proxy(clock: list[str], virtual: bool, tmp_path: Path) -> None:
    with emulating(tmp_path, "--proxy", *clock, "--ready-file", "ready.json") as running:
        context = ssl.create_default_context(cafile=running.variables["SSL_CERT_FILE"])
        url = read_json(tmp_path / "ready.json")["url"]
        answer = httpx.get(f"{url}/emulator/clock", headers={"X-Emulator": "control"}, verify=context)

    assert answer.json()["virtual"] is virtual


def test_killed_emulator_goes_on_where_it_was(tmp_path: Path) -> None:
    """State, tokens, certificate and port: a client sees nothing but one broken connection."""
    with emulating(tmp_path, "--db", "world.db") as running, running.client() as caller:
        first = running.variables
        headers = {"Authorization": f"Bearer {running.token(caller)}"}
        path = "/v1.0/policies/crossTenantAccessPolicy/partners"
        made = caller.post(path, headers=headers, json={"tenantId": PARTNER})
        assert running.end(signal.SIGKILL) == -signal.SIGKILL
        port = str(caller.base_url.port)
        with emulating(tmp_path, "--db", "world.db", "--port", port) as again:
            found = caller.get(f"{path}/{PARTNER}", headers=headers)

    assert (made.status_code, found.status_code) == (201, 200)
    assert again.variables == first
    assert "contoso, as left in world.db." in again.talk


def test_switch_changes_an_assumption(tmp_path: Path) -> None:
    switches = ("--switch", "page_size=7", "--switch", "list_order=shuffled", "--switch", "null_clears=false")
    with emulating(tmp_path, *switches) as running, running.client() as caller:
        assert state(caller)["switches"] == {"page_size": 7, "list_order": "shuffled", "null_clears": False}


@pytest.mark.parametrize(("clock", "virtual"), [("virtual", True), ("real", False)])
def test_clock_is_as_asked(clock: str, virtual: bool, tmp_path: Path) -> None:
    with emulating(tmp_path, "--clock", clock) as running, running.client() as caller:
        assert caller.get("/emulator/clock", headers={"X-Emulator": "control"}).json()["virtual"] is virtual


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--switch", "page_size"], "write NAME=VALUE"),
        (["--switch", "page_sise=7"], "switch 'page_sise' does not exist"),
        (["--port", "70000"], "70000 is not in the range"),
        (["--seed", "nowhere.yaml"], "does not exist"),
        (["--seed", "broken.yaml"], "tenants.contoso.tenantId"),
        (["--seed", "twice.yaml"], "found duplicate key"),
        (["--ca-file", "no/such/folder/ca.pem"], "No such file or directory"),
        (["--db", "broken.yaml"], "file is not a database"),
    ],
)
def test_wrong_input_is_told(arguments: list[str], words: str, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("tenants: {contoso: {tenantId: me}}\n" + "#" * 999, encoding="utf-8")
    (tmp_path / "twice.yaml").write_text("tenants: {}\n" * 2, encoding="utf-8")
    (tmp_path / "seed.yaml").write_text("tenants: {}\n", encoding="utf-8")
    seed = [] if "--seed" in arguments else ["--seed", "seed.yaml"]

    code, told = failing(tmp_path, *seed, *arguments)

    assert code == 1
    assert words in told
    assert "x0a" not in told


def test_taken_port_is_told(tmp_path: Path) -> None:
    (tmp_path / "seed.yaml").write_text("tenants: {}\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, told = failing(tmp_path, "--seed", "seed.yaml", "--port", str(taken.getsockname()[1]))

    assert code == 1
    assert "choose another --port" in told


@pytest.mark.parametrize("library", ["granian", "starlette", "trustme", "jwt"])
def test_missing_extra_is_named(library: str, tmp_path: Path) -> None:
    (tmp_path / "seed.yaml").write_text("tenants: {}\n", encoding="utf-8")
    script = (
        "import sys\n"
        f"sys.modules[{library!r}] = None\n"
        "from reconciler.cli import main\n"
        "sys.argv = ['reconciler', 'emulate', '--seed', 'seed.yaml']\n"
        "main()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=clean_environment(),
        check=False,
    )

    assert run.returncode == 1
    assert f"the emulator needs {library}" in run.stderr
    assert "pip install 'entra-reconciler[emulator]'" in run.stderr
