"""Signing in with a certificate: what is read from a file, what is sent, and what people are told."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat
from graph_service import READER, TENANT_ID, Reply, Service, reading
from key_files import (
    BEGIN,
    PASSWORD,
    certificate_pem,
    elliptic_pem,
    key,
    key_pem,
    pfx,
    thumbprint,
    written,
)

from reconciler.errors import SignInFailed

LOCKED = {"AZURE_CLIENT_CERTIFICATE_PASSWORD": PASSWORD}
WRONG = {"AZURE_CLIENT_CERTIFICATE_PASSWORD": "wrong"}
AUDIENCE = f"https://login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0/token"


def get(service: Service, environment: dict[str, str]) -> Any:
    return reading(service, lambda graph: graph.get("/thing"), environment=environment)


def assertion(service: Service) -> str:
    """Return what was sent in place of a secret."""
    (posted,) = [seen for seen in service.seen if seen.method == "POST" and "/oauth2/" in seen.path]
    (value,) = parse_qs(posted.content.decode())["client_assertion"]
    return value


def failure(environment: dict[str, str]) -> str:
    service = Service()
    with pytest.raises(SignInFailed) as caught:
        get(service, environment)
    assert not service.seen
    assert PASSWORD not in str(caught.value)
    assert "PRIVATE KEY" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "more"),
    [
        (key_pem() + certificate_pem(), {}),
        (certificate_pem() + key_pem(), {}),
        (key_pem(form=PrivateFormat.TraditionalOpenSSL) + certificate_pem(), {}),
        (certificate_pem(1) + certificate_pem() + key_pem(), {}),
        (b"Bag Attributes\n    friendlyName: client\n" + key_pem() + certificate_pem(), {}),
        (key_pem(PASSWORD) + certificate_pem(), LOCKED),
        (key_pem(PASSWORD, form=PrivateFormat.TraditionalOpenSSL) + certificate_pem(), LOCKED),
        (key_pem() + certificate_pem(), LOCKED),
        (pfx(), {}),
        (pfx(PASSWORD), LOCKED),
    ],
    ids=[
        "key first",
        "certificate first",
        "traditional",
        "with a chain",
        "with words",
        "locked",
        "locked traditional",
        "password for nothing",
        "pfx",
        "locked pfx",
    ],
)
def test_certificate_proves_who_we_are(content: bytes, more: dict[str, str], tmp_path: Path) -> None:
    service = Service()

    get(service, {**written(tmp_path, content), **more})

    sent = assertion(service)
    header = jwt.get_unverified_header(sent)
    claims = jwt.decode(
        sent,
        key(0).public_key(),
        ["PS256"],
        audience=AUDIENCE,
        options={"verify_exp": False, "verify_nbf": False},
    )
    assert (claims["iss"], claims["sub"]) == (READER, READER)
    assert base64.urlsafe_b64decode(header["x5t#S256"] + "=").hex() == thumbprint()


@pytest.mark.parametrize(
    ("content", "more", "words"),
    [
        (b"", {}, "not a PEM or PFX file"),
        (b"nonsense", {}, "not a PEM or PFX file"),
        (b"-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n" + key_pem(), {}, "not a PEM"),
        (key_pem(), {}, "holds no certificate"),
        (certificate_pem(), {}, "holds no private key"),
        (pfx(with_key=False), {}, "holds no private key"),
        (key_pem() + certificate_pem(1), {}, "do not belong together"),
        (elliptic_pem() + certificate_pem(), {}, "not RSA"),
        (key_pem(PASSWORD) + certificate_pem(), {}, "needs a password; set AZURE_CLIENT_CERTIFICATE_PASSWORD"),
        (pfx(PASSWORD), {}, "needs a password; set AZURE_CLIENT_CERTIFICATE_PASSWORD"),
        (key_pem(PASSWORD) + certificate_pem(), WRONG, "the password in AZURE_CLIENT_CERTIFICATE_PASSWORD"),
        (pfx(PASSWORD), WRONG, "the password in AZURE_CLIENT_CERTIFICATE_PASSWORD"),
        (b"-" * 300_000, {}, "larger than 256 KiB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_file_that_cannot_be_used_is_told_and_not_shown(
    content: bytes, more: dict[str, str], words: str, tmp_path: Path
) -> None:
    told = failure({**written(tmp_path, content), **more})

    assert words in told
    assert "AZURE_CLIENT_CERTIFICATE_PATH" in told


def test_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "No such file" in failure({"AZURE_CLIENT_CERTIFICATE_PATH": str(tmp_path / "nothing.pem")})


def test_certificate_that_has_ended_is_not_sent(tmp_path: Path) -> None:
    told = failure(written(tmp_path, key_pem() + certificate_pem(end=BEGIN.replace(month=10))))

    assert "ended at 2026-10-01 00:00 UTC" in told
    assert READER in told


def test_refused_certificate_says_where_to_look(tmp_path: Path) -> None:
    service = Service()
    body = {"error": "invalid_client", "error_description": "AADSTS700027: The certificate is not registered."}
    service.sign_in = [Reply(401, body)]

    with pytest.raises(SignInFailed, match=r"AADSTS700027.*AZURE_CLIENT_CERTIFICATE_PATH"):
        get(service, written(tmp_path, key_pem() + certificate_pem()))


def test_header_names_no_broken_thumbprint(tmp_path: Path) -> None:
    service = Service()

    get(service, written(tmp_path, pfx()))

    raw = assertion(service).split(".")[0]
    header = json.loads(base64.urlsafe_b64decode(raw + "=="))
    assert "x5t" not in header
