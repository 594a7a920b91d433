"""MSAL, for Python and for Node.js, against the emulated sign-in service; what it gets has to open Graph."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from foreign import CONTOSO, application, run, seed, trusting
from rehearsing import Emulator, emulating

SUBJECT = "repo:contoso/tenants:environment:production"
FEDERATED = {
    "issuer": "https://token.actions.githubusercontent.com",
    "subject": SUBJECT,
    "audience": "api://AzureADTokenExchange",
}


@dataclass(frozen=True)
class Identity:
    """A key and a certificate that its holder has made for it."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def private_key(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def thumbprint(self, algorithm: str) -> str:
        return hashlib.new(algorithm, self.certificate.public_bytes(Encoding.DER)).hexdigest()

    def pfx(self, passphrase: str) -> bytes:
        lock = BestAvailableEncryption(passphrase.encode())
        return pkcs12.serialize_key_and_certificates(b"apply", self.key, self.certificate, None, lock)


def identity() -> Identity:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "apply")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    return Identity(key, built.not_valid_after(now + timedelta(days=30)).sign(key, hashes.SHA256()))


@pytest.fixture(scope="module")
def registered() -> Identity:
    return identity()


@pytest.fixture(scope="module")
def emulator(registered: Identity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    apply = {
        "name": "apply",
        "roles": ["Policy.Read.All"],
        "certificates": [registered.pem],
        "federated": [FEDERATED],
    }
    said = {
        "clock": "real",
        "github": {"subject": SUBJECT},
        "tenants": {"contoso": {"tenantId": CONTOSO, "applications": [apply]}},
    }
    folder = tmp_path_factory.mktemp("sign-in")
    with emulating(folder, "--seed", str(seed(folder, said))) as emulator:
        yield emulator


def python(emulator: Emulator, credential: Any) -> Any:
    """Sign in with MSAL for Python."""
    said = {
        "client_id": application(emulator)["appId"],
        "client_credential": credential,
        "authority": f"{emulator.url}/{CONTOSO}",
        "instance_discovery": False,
    }
    environment = trusting(emulator.environment["SSL_CERT_FILE"])
    return run("msal_python.py", json.dumps(said), environment=environment)


def node(emulator: Emulator, **credential: Any) -> Any:
    """Sign in with MSAL for Node.js."""
    said = {
        "clientId": application(emulator)["appId"],
        "authority": f"{emulator.url}/{CONTOSO}",
        "knownAuthorities": [emulator.url.removeprefix("https://")],
        **credential,
    }
    return run("msal_node.cjs", json.dumps(said), environment=trusting(emulator.environment["SSL_CERT_FILE"]))


def opens_graph(emulator: Emulator, said: Any) -> bool:
    """Whether what MSAL returned holds a token that Graph takes."""
    assert "access_token" in said, said
    headers = {"Authorization": f"Bearer {said['access_token']}"}
    return emulator.client.get("/v1.0/policies/crossTenantAccessPolicy/partners", headers=headers).is_success


def word_of_github(emulator: Emulator) -> str:
    query = {"audience": FEDERATED["audience"]}
    answer = emulator.client.get(
        "/github/oidc/token", params=query, headers={"Authorization": "bearer github-request-token"}
    )
    word: str = answer.json()["value"]
    return word


def test_secret_signs_in(emulator: Emulator) -> None:
    said = python(emulator, application(emulator)["secret"])

    assert opens_graph(emulator, said)
    assert said["second_from"] == "cache"


def test_wrong_secret_is_told(emulator: Emulator) -> None:
    said = python(emulator, "wrong")

    assert (said["error"], said["error_codes"]) == ("invalid_client", [7000215])


def test_certificate_by_thumbprint_signs_in(emulator: Emulator, registered: Identity) -> None:
    """RS256 with x5t."""
    credential = {"private_key": registered.private_key, "thumbprint": registered.thumbprint("sha1")}

    assert opens_graph(emulator, python(emulator, credential))


def test_certificate_beside_its_thumbprint_signs_in(emulator: Emulator, registered: Identity) -> None:
    """RS256 with x5t and x5c."""
    credential = {
        "private_key": registered.private_key,
        "thumbprint": registered.thumbprint("sha1"),
        "public_certificate": registered.pem,
    }

    assert opens_graph(emulator, python(emulator, credential))


def test_certificate_alone_signs_in(emulator: Emulator, registered: Identity) -> None:
    """PS256 with x5t#S256 and x5c."""
    credential = {"private_key": registered.private_key, "public_certificate": registered.pem}

    assert opens_graph(emulator, python(emulator, credential))


def test_certificate_in_a_pfx_file_signs_in(emulator: Emulator, registered: Identity, tmp_path: Path) -> None:
    file = tmp_path / "apply.pfx"
    file.write_bytes(registered.pfx("only for tests"))
    credential = {"private_key_pfx_path": str(file), "passphrase": "only for tests", "public_certificate": True}

    assert opens_graph(emulator, python(emulator, credential))


def test_certificate_of_somebody_else_is_told(emulator: Emulator) -> None:
    stranger = identity()
    said = python(emulator, {"private_key": stranger.private_key, "public_certificate": stranger.pem})

    assert (said["error"], said["error_codes"]) == ("invalid_client", [700027])


def test_stolen_thumbprint_is_told(emulator: Emulator, registered: Identity) -> None:
    credential = {"private_key": identity().private_key, "thumbprint": registered.thumbprint("sha1")}

    assert python(emulator, credential)["error_codes"] == [700027]


def test_word_of_another_issuer_signs_in(emulator: Emulator) -> None:
    said = python(emulator, {"client_assertion": word_of_github(emulator)})

    assert opens_graph(emulator, said)


def test_certificate_signs_in_from_node(emulator: Emulator, registered: Identity) -> None:
    certificate = {
        "privateKey": registered.private_key,
        "thumbprintSha256": registered.thumbprint("sha256"),
        "x5c": registered.pem,
    }

    assert opens_graph(emulator, node(emulator, clientCertificate=certificate))


def test_word_of_another_issuer_signs_in_from_node(emulator: Emulator) -> None:
    assert opens_graph(emulator, node(emulator, clientAssertion=word_of_github(emulator)))


def test_wrong_secret_is_told_in_node(emulator: Emulator) -> None:
    said = node(emulator, clientSecret="wrong")

    assert said["error"] == "invalid_client"
    assert "AADSTS7000215" in said["error_description"]
