"""What an application says of itself with a certificate: only the truth, and only in time."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from worlds import CONTOSO, FABRIKAM, seed, small_world

from reconciler.emulator.calls import Answer, Call
from reconciler.emulator.seeds import SeedError, application_id, seed_of
from reconciler.emulator.world import World

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
APP = application_id(CONTOSO, "apply")
BASE = "https://login.microsoftonline.com"
ENDPOINT = f"{BASE}/{CONTOSO}/oauth2/v2.0/token"


@dataclass(frozen=True)
class Identity:
    """A key and a certificate for it, valid for a day around START."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    der: bytes
    pem: str

    def named(self, *ways: str) -> dict[str, Any]:
        """Return a header that names the certificate in these ways."""
        all_ways = {
            "x5t": unpadded(hashlib.sha1(self.der, usedforsecurity=False).digest()),
            "x5t#S256": unpadded(hashlib.sha256(self.der).digest()),
            "x5c": [base64.b64encode(self.der).decode()],
        }
        return {name: all_ways[name] for name in ways}


def unpadded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def identity(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Identity:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "apply")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(START - timedelta(hours=12))
    made = built.not_valid_after(START + timedelta(hours=12)).sign(key, hashes.SHA256())
    return Identity(key, made.public_bytes(Encoding.DER), made.public_bytes(Encoding.PEM).decode())


@cache
def ours() -> Identity:
    return identity(rsa.generate_private_key(65537, 2048))


@cache
def theirs() -> Identity:
    return identity(rsa.generate_private_key(65537, 2048))


def certified_world(pem: str = "") -> World:
    application = {"name": "apply", "roles": ["Policy.Read.All"], "certificates": [pem or ours().pem]}
    tenants = {"contoso": {"tenantId": CONTOSO, "applications": [application]}}
    return World.from_seed(seed(clock=START.isoformat(), tenants=tenants))


def claims(**changed: Any) -> dict[str, Any]:
    now = int(START.timestamp())
    return {"iss": APP, "sub": APP, "aud": ENDPOINT, "nbf": now, "exp": now + 600, "jti": "1", **changed}


def present(
    world: World,
    said: dict[str, Any] | None = None,
    *,
    algorithm: str = "PS256",
    header: dict[str, Any] | None = None,
    by: Identity | None = None,
) -> Answer:
    """Ask for a token with what the application says of itself."""
    header = ours().named("x5t#S256") if header is None else header
    assertion = jwt.encode(said or claims(), (by or ours()).key, algorithm=algorithm, headers=header)
    form = (
        f"client_id={APP}&grant_type=client_credentials&scope=https://graph.microsoft.com/.default"
        "&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        f"&client_assertion={assertion}"
    )
    return world.serve_now(Call("POST", f"/{CONTOSO}/oauth2/v2.0/token", body=form.encode(), base=BASE))


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
@pytest.mark.parametrize("ways", [("x5t",), ("x5t#S256",), ("x5c",), ("x5t", "x5c"), ("x5t#S256", "x5c")], ids="+".join)
def test_certificate_signs_in(ways: tuple[str, ...], algorithm: str) -> None:
    answer = present(certified_world(), algorithm=algorithm, header=ours().named(*ways))

    assert answer.status == 200, answer.body


@pytest.mark.parametrize("audience", [ENDPOINT, f"{BASE}/{CONTOSO}/v2.0"])
def test_service_has_two_names(audience: str) -> None:
    assert present(certified_world(), claims(aud=audience)).status == 200


NOW = int(START.timestamp())


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ({"iss": FABRIKAM}, 700021),
        ({"sub": FABRIKAM}, 700021),
        ({"aud": f"{BASE}/{FABRIKAM}/oauth2/v2.0/token"}, 700023),
        ({"aud": [ENDPOINT]}, 700023),
        ({"exp": NOW}, 700024),
        ({"nbf": NOW + 301}, 700024),
        ({"exp": "soon"}, 50027),
        ({"iss": "https://sts.contoso.example"}, 50027),
    ],
    ids=str,
)
def test_untrue_claim_is_refused(said: dict[str, Any], number: int) -> None:
    answer = present(certified_world(), claims(**said))

    assert (answer.status, answer.body["error_codes"]) == (401, [number])


def test_claims_without_an_expiry_are_refused() -> None:
    said = claims()
    del said["exp"]

    assert present(certified_world(), said).body["error_codes"] == [700024]


def test_unregistered_certificate_is_refused() -> None:
    answer = present(certified_world(), header=theirs().named("x5t#S256"), by=theirs())

    assert (answer.status, answer.body["error_codes"]) == (401, [700027])
    assert "key was not found" in answer.body["error_description"]


def test_signature_of_somebody_else_is_refused() -> None:
    answer = present(certified_world(), by=theirs())

    assert answer.body["error_codes"] == [700027]
    assert "signature" in answer.body["error_description"]


def test_names_that_contradict_each_other_are_refused() -> None:
    header = {**ours().named("x5t"), **theirs().named("x5c")}

    assert present(certified_world(), header=header).body["error_codes"] == [700027]


@pytest.mark.parametrize("chain", ["nonsense", [], [1], {}, None], ids=str)
def test_malformed_chain_is_refused(chain: Any) -> None:
    assert present(certified_world(), header={"x5c": chain}).body["error_codes"] == [700027]


def test_unnamed_certificate_is_refused() -> None:
    assert present(certified_world(), header={}).body["error_codes"] == [50027]


def test_other_algorithm_is_refused() -> None:
    assert present(certified_world(), algorithm="RS512").body["error_codes"] == [50027]


def test_expired_certificate_is_refused() -> None:
    world = certified_world()
    world.clock.wait(13 * 3600)
    answer = present(world, claims(exp=NOW + 14 * 3600))

    assert answer.body["error_codes"] == [700027]
    assert "expired" in answer.body["error_description"]


@pytest.mark.parametrize("pem", ["nonsense", "elliptic"])
def test_seed_takes_certificates_that_sign_in(pem: str) -> None:
    if pem == "elliptic":
        pem = identity(ec.generate_private_key(ec.SECP256R1())).pem

    with pytest.raises(SeedError, match=r"tenants\.contoso\.applications\.0\.certificates\.0"):
        certified_world(pem)


def test_certificates_are_part_of_the_state() -> None:
    state = seed_of(certified_world())

    assert state["tenants"]["contoso"]["applications"][0]["certificates"] == [ours().pem]
    assert present(World.from_seed(state)).status == 200


@pytest.mark.parametrize(
    ("host", "preferred"),
    [("login.microsoftonline.com", "login.microsoftonline.com"), ("login.windows.net", "login.microsoftonline.com")],
)
def test_known_sign_in_service_is_vouched_for(host: str, preferred: str) -> None:
    answer = small_world().serve_now(
        Call("GET", "/common/discovery/instance", {"authorization_endpoint": f"https://{host}/{CONTOSO}/authorize"})
    )
    known = next(one for one in answer.body["metadata"] if host in one["aliases"])

    assert answer.body["tenant_discovery_endpoint"] == f"https://{host}/{CONTOSO}/v2.0/.well-known/openid-configuration"
    assert known["preferred_network"] == preferred


@pytest.mark.parametrize("endpoint", ["", "https://login.contoso.example/common/authorize", "https://[", "nonsense"])
def test_unknown_sign_in_service_is_not_vouched_for(endpoint: str) -> None:
    answer = small_world().serve_now(
        Call("GET", "/common/discovery/instance", {"authorization_endpoint": endpoint} if endpoint else {})
    )

    assert (answer.status, answer.body["error"], answer.body["error_codes"]) == (400, "invalid_instance", [50049])
