"""The emulator's own certificate authority: clients that insist on TLS trust one file, and nothing else on the machine.

It vouches for loopback and for nothing that anybody should trust: never put its certificate into a system's store.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from trustme import CA, KeyType

from reconciler.emulator.folders import lodged

LOOPBACK = ("127.0.0.1", "::1", "localhost")

_KEPT = "authority.pem"
_NAME = "entra-reconciler emulator"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate with its chain and its private key, as files that exist only for a while."""

    certificate: Path
    key: Path


class Authority:
    """Issues certificates for the emulator. Its private key stays in memory, or in the folder it was kept in."""

    def __init__(self, ca: CA | None = None) -> None:
        self._ca = ca or CA(organization_name=_NAME, organization_unit_name="not for trust", key_type=KeyType.ECDSA)

    @classmethod
    def kept_in(cls, folder: Path) -> Authority:
        """Return the authority that `folder` keeps, or a new one that it keeps from now on (0600).

        Raises:
            OSError: when the folder cannot be read or written.
            ValueError: when the file in it is not what was written there.
        """
        kept = folder / _KEPT
        if kept.exists():
            pem = kept.read_bytes()
            return cls(CA.from_pem(pem, pem))
        made = cls()
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(kept, made._ca.private_key_pem.bytes() + made.pem, mode=0o600)
        return made

    @property
    def pem(self) -> bytes:
        """The certificate that clients have to trust."""
        return self._ca.cert_pem.bytes()

    def write(self, path: Path) -> None:
        """Write the certificate where clients can read it (0644)."""
        write_whole(path, self.pem, mode=0o644)

    @contextmanager
    def issued(self, *names: str) -> Iterator[KeyPair]:
        """Yield a certificate for loopback and `names`; the key is a file (0600) only until the block ends."""
        leaf = self._ca.issue_cert(*LOOPBACK, *names, organization_name=_NAME, key_type=KeyType.ECDSA)
        with lodged() as folder:
            pair = KeyPair(folder / "certificate.pem", folder / "key.pem")
            write_whole(pair.certificate, b"".join(pem.bytes() for pem in leaf.cert_chain_pems), mode=0o600)
            write_whole(pair.key, leaf.private_key_pem.bytes(), mode=0o600)
            yield pair


def write_whole(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file that is there whole or not at all, and never with wider rights than `mode`."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
