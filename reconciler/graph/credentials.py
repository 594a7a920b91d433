"""How we prove who we are, chosen from the environment. Chooses and names; signs in to nothing.

RECONCILER_SIGN_IN names a form. Without it, the first of `secret`, `certificate`, `github` and `managed-identity` (App
Service) that the environment offers is taken. Nothing in an environment offers the identity of a person, or of a whole
machine: `azure-cli`, `device-code` and a virtual machine's managed identity have to be asked for by name.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from reconciler.errors import SetupError, SignInFailed
from reconciler.graph.clouds import is_link_local, is_loopback
from reconciler.graph.forms import (
    AzureCli,
    CertificateFile,
    ClientSecret,
    Credential,
    DeviceCode,
    GitHubJob,
    ManagedIdentity,
    Purpose,
)
from reconciler.model import Tenant

FORM = "RECONCILER_SIGN_IN"
CLIENT_ID = "AZURE_CLIENT_ID"
IDENTITY_KIND = "RECONCILER_MANAGED_IDENTITY"
# How GitHub names what a job asks with.
REQUEST_URL = "ACTIONS_ID_TOKEN_REQUEST_URL"
REQUEST_KEY = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
# How App Service, Functions and Container Apps name what a program asks with.
IDENTITY_URL = "IDENTITY_ENDPOINT"
IDENTITY_KEY = "IDENTITY_HEADER"
# The metadata service of a virtual machine; the address is the same everywhere, and never leaves the host.
METADATA = "http://169.254.169.254/metadata/identity/oauth2/token"


@dataclass(frozen=True, slots=True)
class Situation:
    """For whom and where somebody signs in. `endpoint` is an emulator or "", `tell` reaches a person or is None."""

    tenant: Tenant
    purpose: Purpose
    environment: Mapping[str, str]
    endpoint: str = ""
    tell: Callable[[str], None] | None = None

    def said(self, name: str) -> str:
        """Return what a variable holds, without blanks around it, or ""."""
        return self.environment.get(name, "").strip()

    def failed(self, words: str) -> SignInFailed:
        """Return the error that says so of this tenant."""
        return SignInFailed(f"{self.tenant.name}: {words}")


def client_id(tenant: Tenant, purpose: Purpose, environment: Mapping[str, str]) -> str:
    """Return the application to sign in as.

    Raises:
        SignInFailed: nobody says which.
    """
    found = tenant.auth.get(purpose) or environment.get(CLIENT_ID, "").strip()
    if not found:
        raise SignInFailed(
            f"{tenant.name}: no application to sign in as; write auth.{purpose}.clientId in {tenant.origin.file} "
            f"or set {CLIENT_ID}"
        )
    return found


def credential(situation: Situation) -> Credential:
    """Return what to sign in with: as RECONCILER_SIGN_IN says, else the first that the environment offers.

    Where the service is emulated, whoever vouches for us has to be as well: nobody real tells an emulator anything.

    Raises:
        SetupError: RECONCILER_SIGN_IN names nothing that we know.
        SignInFailed: what it names is not there, or nothing is.
    """
    form = situation.said(FORM)
    if form:
        return _asked_for(form, situation)
    for offered in (_secret, _certificate, _github, _app_service):
        if (found := offered(situation)) is not None:
            return found
    first, *others = variables(situation.tenant.name, situation.purpose)
    raise situation.failed(
        f"no credential to {situation.purpose} with; set {first} (or {', '.join(others)}), "
        "or run as a GitHub Actions job with `permissions: id-token: write`, "
        f"or name another form in {FORM}"
    )


def variables(tenant: str, purpose: Purpose) -> tuple[str, ...]:
    """Return the variables that may hold a secret for this tenant, the one that goes before the others first."""
    return (*_own_variables("CLIENT_SECRET", tenant, purpose), "AZURE_CLIENT_SECRET")


def certificate_variables(tenant: str, purpose: Purpose) -> Mapping[str, str]:
    """Return the variables that may name a certificate file, in the same order, each with that of its password."""
    paths = _own_variables("CLIENT_CERTIFICATE", tenant, purpose)
    passwords = _own_variables("CLIENT_CERTIFICATE_PASSWORD", tenant, purpose)
    own = dict(zip(paths, passwords, strict=True))
    return {**own, "AZURE_CLIENT_CERTIFICATE_PATH": "AZURE_CLIENT_CERTIFICATE_PASSWORD"}


def _own_variables(what: str, tenant: str, purpose: Purpose) -> tuple[str, str]:
    name = tenant.upper().replace("-", "_")
    return f"RECONCILER_{purpose.upper()}_{what}_{name}", f"RECONCILER_{what}_{name}"


# ---------------------------------------------------------------------------------------------- by name


def _asked_for(form: str, situation: Situation) -> Credential:
    if form not in FORMS:
        raise SetupError(f"{FORM} is {form!r}; write one of {', '.join(FORMS)}, or leave it out")
    find, missing = FORMS[form]
    found = find(situation)
    if found is None:
        raise situation.failed(f"{FORM} asks for {form}, but {missing(situation)}")
    return found


def _no_secret(situation: Situation) -> str:
    first, *others = variables(situation.tenant.name, situation.purpose)
    return f"there is no secret; set {first} (or {', '.join(others)})"


def _no_certificate(situation: Situation) -> str:
    first, *others = certificate_variables(situation.tenant.name, situation.purpose)
    return f"no certificate file is named; set {first} (or {', '.join(others)})"


def _no_job(situation: Situation) -> str:
    return f"{REQUEST_URL} and {REQUEST_KEY} are not there; give the job `permissions: id-token: write`"


def _no_metadata(situation: Situation) -> str:
    return "no machine of an emulator has an identity; sign in with a secret"


def _no_cli(situation: Situation) -> str:
    if situation.endpoint:
        return "a real token is nothing to show to an emulator; sign in with a secret"
    return "there is no program `az` on PATH; install the Azure CLI and run `az login`"


def _nobody(situation: Situation) -> str:
    if situation.endpoint:
        return "a person's sign-in is nothing to show to an emulator; sign in with a secret"
    return "standard error is not a terminal, so nobody would read the code"


# ---------------------------------------------------------------------------------------------- what is there


def _secret(situation: Situation) -> Credential | None:
    for name in variables(situation.tenant.name, situation.purpose):
        if value := situation.said(name):
            return ClientSecret(name, value)
    return None


def _certificate(situation: Situation) -> Credential | None:
    for name, password in certificate_variables(situation.tenant.name, situation.purpose).items():
        if path := situation.said(name):
            # A password may begin or end with a blank.
            return CertificateFile(name, path, password, situation.environment.get(password, ""))
    return None


def _github(situation: Situation) -> Credential | None:
    url, token = (situation.environment.get(name, "") for name in (REQUEST_URL, REQUEST_KEY))
    if not url or not token:
        return None
    scheme, host = _origin(url)
    if not host or scheme != "https" or (situation.endpoint and not is_loopback(host)):
        wanted = "an https address on this machine, as the endpoint is" if situation.endpoint else "an https address"
        raise situation.failed(f"{REQUEST_URL} is not {wanted}; nothing was sent there")
    return GitHubJob(url, token)


def _managed_identity(situation: Situation) -> Credential | None:
    if (found := _app_service(situation)) is not None:
        return found
    return None if situation.endpoint else ManagedIdentity(METADATA, _assigned(situation))


def _app_service(situation: Situation) -> Credential | None:
    url, key = situation.said(IDENTITY_URL), situation.said(IDENTITY_KEY)
    if not url or not key:
        return None
    _, host = _origin(url)
    if not is_loopback(host) and (situation.endpoint or not is_link_local(host)):
        raise situation.failed(
            f"{IDENTITY_URL} does not lead to this machine or its host (loopback or link-local), "
            "where a managed identity is given out; nothing was sent there"
        )
    return ManagedIdentity(url, _assigned(situation), key)


def _azure_cli(situation: Situation) -> Credential | None:
    program = shutil.which("az", path=situation.environment.get("PATH", ""))
    return None if situation.endpoint or program is None else AzureCli(program, situation.environment)


def _device_code(situation: Situation) -> Credential | None:
    return None if situation.endpoint or situation.tell is None else DeviceCode(situation.tell)


def _assigned(situation: Situation) -> Literal["user", "system"]:
    match situation.said(IDENTITY_KIND):
        case "" | "user":
            return "user"
        case "system":
            return "system"
        case other:
            raise SetupError(f"{IDENTITY_KIND} is {other!r}; write user or system, or leave it out")


def _origin(url: str) -> tuple[str, str]:
    """Return scheme and host of a URL, empty where it is none."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or ""
    except ValueError:
        return "", ""


Finder: TypeAlias = Callable[[Situation], Credential | None]
Missing: TypeAlias = Callable[[Situation], str]

FORMS: Mapping[str, tuple[Finder, Missing]] = {
    "secret": (_secret, _no_secret),
    "certificate": (_certificate, _no_certificate),
    "github": (_github, _no_job),
    "managed-identity": (_managed_identity, _no_metadata),
    "azure-cli": (_azure_cli, _no_cli),
    "device-code": (_device_code, _nobody),
}
"""What RECONCILER_SIGN_IN may say, in the order in which a form is looked for; how to find it, and what is missing."""
