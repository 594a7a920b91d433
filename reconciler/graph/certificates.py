"""A certificate file, PEM or PFX, made ready for msal. Reads one file; signs in to nothing and keeps no password.

msal could read PFX itself, but its errors could show what is in the file, and say nothing of what to do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.errors import SignInFailed
from reconciler.graph.forms import CertificateFile

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.x509 import Certificate

# A chain with a long key has some 20 KiB.
MAX_BYTES = 256 * 1024

_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z]+ )?(?:ENCRYPTED )?PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """What a certificate file holds: the key and the certificate that belongs to it, as PEM, and its last moment."""

    key: str = field(repr=False)
    certificate: str
    thumbprint: str
    expires: datetime


def read(tenant: str, file: CertificateFile) -> KeyPair:
    """Return the key of the file with its certificate. `thumbprint` is the SHA-256 one, which msal sends too.

    Raises:
        SignInFailed: the file cannot be read, or does not hold a key with its certificate.
    """
    content = _content(tenant, file)
    try:
        key, certificates = _pem(content, file) if b"-----BEGIN " in content else _pfx(content, file)
    except (ValueError, TypeError) as error:
        # The message of the library could quote the file.
        raise _unfit(tenant, file, _trouble(file)) from error
    return _pair(*_belonging(tenant, file, key, certificates))


def _content(tenant: str, file: CertificateFile) -> bytes:
    try:
        with Path(file.path).open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unfit(tenant, file, f"cannot be read ({error.strerror})") from error
    if len(content) > MAX_BYTES:
        raise _unfit(tenant, file, f"is larger than {MAX_BYTES // 1024} KiB, so it is no certificate")
    return content


def _pem(content: bytes, file: CertificateFile) -> tuple[PrivateKeyTypes | None, list[Certificate]]:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificates

    keys = _KEY.findall(content)
    password = file.password.encode() if b"ENCRYPTED" in b"".join(keys) else None
    key = load_pem_private_key(keys[0], password) if keys else None
    return key, load_pem_x509_certificates(content) if b"BEGIN CERTIFICATE" in content else []


def _pfx(content: bytes, file: CertificateFile) -> tuple[PrivateKeyTypes | None, list[Certificate]]:
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

    key, certificate, others = load_key_and_certificates(content, file.password.encode() or None)
    return key, [one for one in (certificate, *others) if one is not None]


def _belonging(
    tenant: str, file: CertificateFile, key: PrivateKeyTypes | None, certificates: list[Certificate]
) -> tuple[RSAPrivateKey, Certificate]:
    """Return the key with its certificate; what else is there is the chain above it."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    if key is None or not certificates:
        lacking = "no private key" if key is None else "no certificate"
        raise _unfit(tenant, file, f"holds {lacking}; both have to be in the one file")
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _unfit(tenant, file, "holds a key that is not RSA; the sign-in service takes RSA alone")
    for certificate in certificates:
        if certificate.public_key() == key.public_key():
            return key, certificate
    raise _unfit(tenant, file, "holds a private key and a certificate that do not belong together")


def _pair(key: RSAPrivateKey, certificate: Certificate) -> KeyPair:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return KeyPair(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        certificate.public_bytes(Encoding.PEM).decode(),
        certificate.fingerprint(SHA256()).hex(),
        certificate.not_valid_after_utc,
    )


def _trouble(file: CertificateFile) -> str:
    if file.password:
        return f"is not a PEM or PFX file that the password in {file.password_variable} opens"
    return f"is not a PEM or PFX file, or needs a password; set {file.password_variable}"


def _unfit(tenant: str, file: CertificateFile, what: str) -> SignInFailed:
    return SignInFailed(f"{tenant}: the file that {file.variable} names, {file.path!r}, {what}")
