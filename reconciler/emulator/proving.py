"""How an application proves who it is to the sign-in service: by a secret, a certificate, or another issuer's word.

Judges credentials only; which application is meant, and what its token says, is the business of the routes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from reconciler.emulator.calls import Json
from reconciler.emulator.directory import Application
from reconciler.emulator.refusals import shorten

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_BEARER_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS: Final = ("RS256", "PS256")
_LONGEST: Final = 16_384
# Clocks that differ by less are the same clock.
_SKEW_SECONDS: Final = 300
_TIMES_ARE_OURS: Final[Any] = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}


class SignInError(Exception):
    """How the sign-in service says no: an OAuth error, and the number by which people look it up."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.error = error
        self.number = number
        self.text = text


def judge(world: World, application: Application, form: Mapping[str, str], audiences: frozenset[str]) -> None:
    """Return when the form proves that it comes from the application; `audiences` name the service itself.

    Raises:
        SignInError: when it does not.
    """
    if "client_assertion" in form:
        _judge_assertion(world, application, form, audiences)
    elif "client_secret" not in form:
        text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        raise SignInError(401, "invalid_client", 7000218, text)
    elif form["client_secret"] != application.secret:
        raise SignInError(401, "invalid_client", 7000215, "Invalid client secret provided.")
    elif application.secret_ends and datetime.fromisoformat(application.secret_ends) <= world.clock.now():
        raise SignInError(401, "invalid_client", 7000222, "The provided client secret keys for the app are expired.")


def certificate(pem: str) -> x509.Certificate:
    """Return a certificate that an application may register.

    Raises:
        ValueError: the text is not one certificate, or its key is not an RSA key.
    """
    found = x509.load_pem_x509_certificate(pem.encode())
    if not isinstance(found.public_key(), rsa.RSAPublicKey):
        raise ValueError("the sign-in service takes certificates with RSA keys only")
    return found


# ------------------------------------------------------------------------------------------ assertions


def _judge_assertion(
    world: World, application: Application, form: Mapping[str, str], audiences: frozenset[str]
) -> None:
    if form.get("client_assertion_type") != _BEARER_ASSERTION:
        raise SignInError(400, "invalid_request", 900144, "The request has no valid client_assertion_type.")
    assertion = form["client_assertion"]
    header, claims = _unjudged(assertion)
    # Not by the header: GitHub's tokens name a certificate as well, which is GitHub's own.
    if str(claims.get("iss", "")).startswith("https://"):
        _judge_word_of_another(world, application, assertion)
    else:
        _judge_own_word(world, application, assertion, header, audiences)


def _judge_word_of_another(world: World, application: Application, assertion: str) -> None:
    """Judge the token of an issuer that the application trusts."""
    claims = world.signer.claims(assertion)
    if claims is None:
        raise _malformed()
    if claims.get("exp", 0) <= world.clock.now().timestamp():
        raise _out_of_time()
    said = tuple(str(claims.get(name, "")) for name in ("iss", "sub", "aud"))
    if said not in {(one.issuer, one.subject, one.audience) for one in application.federated}:
        text = f"No matching federated identity record found for presented assertion subject '{shorten(said[1])}'."
        raise SignInError(401, "invalid_client", 700213, text)


def _judge_own_word(
    world: World, application: Application, assertion: str, header: Mapping[str, Json], audiences: frozenset[str]
) -> None:
    """Judge what the application says of itself, signed with the key of one of its certificates."""
    found = _registered(application, header)
    if found is None:
        raise _not_by_certificate("The key was not found.")
    now = world.clock.now()
    if not found.not_valid_before_utc <= now <= found.not_valid_after_utc:
        raise _not_by_certificate("The key used is expired.")
    claims = _signed(assertion, found)
    if any(str(claims.get(name)).lower() != application.app_id.lower() for name in ("iss", "sub")):
        text = "Client assertion application identifier doesn't match 'client_id' parameter."
        raise SignInError(401, "invalid_client", 700021, text)
    if str(claims.get("aud")) not in audiences:
        text = "Client assertion audience claim does not match Realm issuer."
        raise SignInError(401, "invalid_client", 700023, text)
    if not _seconds(claims, "nbf", 0) - _SKEW_SECONDS <= now.timestamp() < _seconds(claims, "exp", 0):
        raise _out_of_time()


def _unjudged(assertion: str) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
    """Return header and claims of a token that anybody may have written."""
    if len(assertion) > _LONGEST:
        raise _malformed()
    try:
        parts = jwt.decode_complete(assertion, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
        raise _malformed() from error
    return parts["header"], parts["payload"]


def _registered(application: Application, header: Mapping[str, Json]) -> x509.Certificate | None:
    """Return the certificate that the header names; whatever it says of it has to be true."""
    if not header.keys() & {"x5t", "x5t#S256", "x5c"}:
        raise _malformed()
    for pem in application.certificates:
        found = certificate(pem)
        der = found.public_bytes(Encoding.DER)
        truth = {
            # An identifier that clients send, not a protection.
            "x5t": _unpadded(hashlib.sha1(der, usedforsecurity=False).digest()),
            "x5t#S256": _unpadded(hashlib.sha256(der).digest()),
        }
        said = {name: str(header[name]).rstrip("=") for name in truth if name in header}
        if said.items() <= truth.items() and ("x5c" not in header or _leaf(header["x5c"]) == der):
            return found
    return None


def _unpadded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _leaf(chain: Json) -> bytes:
    """Return the first certificate of an x5c header, or nothing; MSAL for Python leaves line breaks in it."""
    first = chain[0] if isinstance(chain, list) and chain else ""
    try:
        return base64.b64decode("".join(str(first).split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _signed(assertion: str, by: x509.Certificate) -> Mapping[str, Json]:
    key = by.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise _not_by_certificate("The key was not found.")
    try:
        return jwt.decode(assertion, key, algorithms=_ALGORITHMS, options=_TIMES_ARE_OURS)
    except jwt.InvalidSignatureError as error:
        raise _not_by_certificate("The provided signature value did not match the expected signature value.") from error
    except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
        raise _malformed() from error


def _seconds(claims: Mapping[str, Json], name: str, otherwise: float) -> float:
    said = claims.get(name, otherwise)
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise _malformed()
    return said


# ------------------------------------------------------------------------------------------ ways to say no


def _malformed() -> SignInError:
    return SignInError(401, "invalid_client", 50027, "JWT token is invalid or malformed.")


def _out_of_time() -> SignInError:
    return SignInError(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")


def _not_by_certificate(reason: str) -> SignInError:
    text = (
        "The certificate with identifier used to sign the client assertion is not registered on application. "
        f"[Reason - {reason}]"
    )
    return SignInError(401, "invalid_client", 700027, text)
