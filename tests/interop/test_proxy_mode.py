"""Clients with built-in host names, led to the emulator by nothing but HTTPS_PROXY and a certificate to trust."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from foreign import CONTOSO, FABRIKAM, ROOT, application, run, seed, signed_in
from rehearsing import COMMAND, Emulator, emulating, repository

SEED = {"tenants": {"contoso": {"tenantId": CONTOSO, "partners": [{"tenantId": FABRIKAM}]}}}
TENANT = f"""\
apiVersion: crosstenant/v1
kind: Tenant
tenantId: {CONTOSO}
displayName: Contoso
domain: contoso.example
management: observe
undeclared: report
owner: identity-team
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("proxy-mode")
    with emulating(folder, "--seed", str(seed(folder, SEED)), "--proxy") as emulator:
        yield emulator


def led(emulator: Emulator) -> dict[str, str]:
    """Return what leads a client through the proxy, and lets it sign in."""
    return {"HTTPS_PROXY": emulator.environment["HTTPS_PROXY"], **signed_in(emulator)}


def msal(emulator: Emulator, host: str) -> Mapping[str, str]:
    """Sign in with MSAL as it is out of the box: it asks which sign-in services there are, and believes the answer."""
    who = application(emulator)
    said = {
        "client_id": who["appId"],
        "client_credential": who["secret"],
        "authority": f"https://{host}/{CONTOSO}",
    }
    answer: Mapping[str, str] = run("msal_python.py", json.dumps(said), environment=led(emulator))
    return answer


@pytest.mark.parametrize("host", ["login.microsoftonline.com", "login.microsoftonline.us"])
def test_msal_signs_in_at_its_own_address(host: str, emulator: Emulator) -> None:
    said = msal(emulator, host)

    assert "access_token" in said, said
    assert said["second_from"] == "cache"


def test_msal_believes_in_no_other_sign_in_service(emulator: Emulator) -> None:
    with pytest.raises(AssertionError, match="invalid_instance"):
        msal(emulator, "login.contoso.example")


def test_sdk_reads_partners_at_its_own_address(emulator: Emulator) -> None:
    assert run("graph_sdk.py", "list", "{}", environment=led(emulator)) == [FABRIKAM]


def test_reconciler_plans_without_an_endpoint(emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "tenants" / "contoso").mkdir(parents=True)
    (tmp_path / "tenants" / "contoso" / "tenant.yaml").write_text(TENANT, encoding="utf-8")
    checkout = repository(tmp_path / "checkout", tmp_path / "tenants")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **led(emulator)}
    command = [*COMMAND, "plan"]
    ran = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)

    assert (ran.returncode, FABRIKAM in ran.stdout) == (0, True), ran.stdout + ran.stderr


def test_proxy_leads_nowhere_else(emulator: Emulator) -> None:
    ask = "import httpx; httpx.get('https://login.contoso.example')"
    environment = {"PATH": os.environ["PATH"], **led(emulator)}
    ran = subprocess.run([sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=False)

    assert "httpx.ProxyError: 403 Forbidden" in ran.stderr
