"""Tokens of the emulated sign-in service and of the emulated GitHub: signed here, and checked here.

The signature is ES256, where the real services use RS256: clients treat access tokens as opaque, and such a key costs
nothing to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from reconciler.emulator.calls import Json

_REMEMBERED = 4096
_LONGEST = 16_384
_UNJUDGED: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}


class Signer:
    """One key for all issuers of a world; `pem` is what a restarted world needs to know its tokens again."""

    def __init__(self, pem: str | None = None) -> None:
        if pem is None:
            self._key = ec.generate_private_key(ec.SECP256R1())
        else:
            key = serialization.load_pem_private_key(pem.encode(), password=None)
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                raise ValueError("the stored signing key is not an elliptic curve key")
            self._key = key
        self._checked: dict[str, Mapping[str, Json]] = {}

    @cached_property
    def pem(self) -> str:
        """The private key."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @cached_property
    def key_set(self) -> Mapping[str, Json]:
        """The public key, as a JWKS document."""
        public: Any = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**public, "use": "sig", "kid": "emulator", "alg": "ES256"}]}

    def sign(self, claims: Mapping[str, Json]) -> str:
        """Return a token with `claims`."""
        token = jwt.encode(dict(claims), self._key, algorithm="ES256", headers={"kid": "emulator"})
        self._remember(token, claims)
        return token

    def claims(self, token: str) -> Mapping[str, Json] | None:
        """Return the claims of a token that was signed with this key, or None; times are the caller's to judge."""
        if len(token) > _LONGEST:
            return None
        if token in self._checked:
            return self._checked[token]
        try:
            claims = jwt.decode(token, self._key.public_key(), algorithms=["ES256"], options=_UNJUDGED)
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            return None
        self._remember(token, claims)
        return claims

    def _remember(self, token: str, claims: Mapping[str, Json]) -> None:
        if len(self._checked) >= _REMEMBERED:
            self._checked.clear()
        self._checked[token] = dict(claims)
