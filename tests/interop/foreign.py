"""Programs with clients that others wrote, each run in an environment of its own: .interop/, which make interop fills.

They learn of the emulator by arguments and environment alone, and say what they got as JSON.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rehearsing import Emulator

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = ROOT / ".interop"
PROGRAMS = Path(__file__).parent / "programs"
PATIENCE = 30.0

CONTOSO, FABRIKAM = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01", "39429824-604b-49fc-a4b3-b89447a14fd9"
SCOPE = "https://graph.microsoft.com/.default"


def run(program: str, *arguments: str, environment: Mapping[str, str]) -> Any:
    """Return what a program under programs/ prints, when it ends well."""
    command = [interpreter(program), str(PROGRAMS / program), *arguments]
    clean = {"PATH": os.environ["PATH"], "NODE_PATH": str(FOREIGN / "node_modules"), **environment}
    ran = subprocess.run(command, env=clean, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def interpreter(program: str) -> str:
    """Return what runs the program.

    Raises:
        AssertionError: it is not there.
    """
    found = shutil.which("node") if program.endswith(".cjs") else shutil.which(FOREIGN / "python" / "bin" / "python")
    assert found, "the foreign clients are not installed; run make interop, which installs them"
    assert (FOREIGN / "made-from").exists(), "the foreign clients are installed in part; run make interop"
    return found


def trusting(ca_file: str) -> dict[str, str]:
    """Return the variables by which foreign clients learn whom to trust."""
    return dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), ca_file)


def application(emulator: Emulator, name: str = "apply", tenant: str = "contoso") -> Mapping[str, Any]:
    """Return an application of the emulated tenant, as the emulator describes it."""
    found = emulator.state()["tenants"][tenant]["applications"]
    return next(one for one in found if one["name"] == name)


def signed_in(emulator: Emulator, name: str = "apply") -> dict[str, str]:
    """Return the variables with which a foreign client signs in to Contoso as one of its applications."""
    who = application(emulator, name)
    secret = {"AZURE_TENANT_ID": CONTOSO, "AZURE_CLIENT_ID": who["appId"], "AZURE_CLIENT_SECRET": who["secret"]}
    return {**secret, **trusting(emulator.environment["SSL_CERT_FILE"])}


def seed(folder: Path, said: Mapping[str, Any]) -> Path:
    """Write a seed into a file, and return it."""
    file = folder / "seed.yaml"
    file.write_text(json.dumps(said), encoding="utf-8")
    return file
