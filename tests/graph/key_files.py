"""Certificates with their keys, as files that people have: PEM and PFX, with a password and without."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

PASSWORD = "a password that nobody may see"
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@cache
def key(number: int) -> rsa.RSAPrivateKey:
    """Return a key; the number tells keys apart."""
    return rsa.generate_private_key(65537, 2048)


def certificate(number: int = 0, end: datetime = END) -> x509.Certificate:
    """Return the certificate of the key with that number."""
    return _certificate(number, end)


@cache
def _certificate(number: int, end: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"client {number}")])
    builder = x509.CertificateBuilder(name, name, key(number).public_key(), number + 1, BEGIN, end)
    return builder.sign(key(number), SHA256())


def thumbprint(number: int = 0) -> str:
    """Return the SHA-256 thumbprint of a certificate."""
    return certificate(number).fingerprint(SHA256()).hex()


def _locked(password: str) -> KeySerializationEncryption:
    return BestAvailableEncryption(password.encode()) if password else NoEncryption()


def key_pem(password: str = "", number: int = 0, form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    """Return a key alone."""
    return key(number).private_bytes(Encoding.PEM, form, _locked(password))


def certificate_pem(number: int = 0, end: datetime = END) -> bytes:
    """Return a certificate alone."""
    return certificate(number, end).public_bytes(Encoding.PEM)


def elliptic_pem() -> bytes:
    """Return a key that the sign-in service does not take."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def pfx(password: str = "", *, with_key: bool = True) -> bytes:
    """Return key and certificate as PFX, with another certificate as its chain."""
    chain = [certificate(1)]
    return pkcs12.serialize_key_and_certificates(
        b"client", key(0) if with_key else None, certificate(), chain, _locked(password)
    )


def written(folder: Path, content: bytes) -> dict[str, str]:
    """Write a file, and return the environment that names it."""
    path = folder / "client"
    path.write_bytes(content)
    return {"AZURE_CLIENT_CERTIFICATE_PATH": str(path)}
