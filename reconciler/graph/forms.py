"""The forms of signing in, as values: what each of them needs, and how people call it. Signs in to nothing.

No secret is in a representation; `hidden` names what must be taken out of anything that somebody else may echo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Purpose: TypeAlias = Literal["plan", "apply"]


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret of the application, and the variable it came from."""

    variable: str
    value: str = field(repr=False)

    @property
    def told(self) -> str:
        return f"a client secret ({self.variable})"

    @property
    def check(self) -> str:
        return f"the secret in {self.variable} and that the application exists in this tenant"

    @property
    def hidden(self) -> tuple[str, ...]:
        return (self.value,)


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """A certificate of the application with its private key: a PEM or PFX file, and the variables that say so."""

    variable: str
    path: str
    password_variable: str = ""
    password: str = field(default="", repr=False)

    @property
    def told(self) -> str:
        return f"a certificate ({self.variable})"

    @property
    def check(self) -> str:
        return f"that the application in this tenant has the certificate that {self.variable} names"

    @property
    def hidden(self) -> tuple[str, ...]:
        return (self.password,) if self.password else ()


@dataclass(frozen=True, slots=True)
class GitHubJob:
    """A GitHub Actions job that may ask for a token about itself."""

    url: str
    token: str = field(repr=False)

    @property
    def told(self) -> str:
        return "GitHub's word for this job (OIDC)"

    @property
    def check(self) -> str:
        return "that the application trusts this repository, branch or environment (federated credential)"

    @property
    def hidden(self) -> tuple[str, ...]:
        return (self.token,)


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """An identity that Azure gives to the machine. `key` is what App Service wants to see; IMDS wants nothing.

    `assigned` says whose the identity is: one of several, named by its client id, or the machine's only one.
    """

    url: str
    assigned: Literal["user", "system"] = "user"
    key: str = field(default="", repr=False)

    @property
    def told(self) -> str:
        return f"a {self.assigned}-assigned managed identity"

    @property
    def check(self) -> str:
        return "that the identity with this client id is assigned to this machine, and lives in this tenant"

    @property
    def hidden(self) -> tuple[str, ...]:
        return (self.key,) if self.key else ()


@dataclass(frozen=True, slots=True)
class AzureCli:
    """The Azure CLI, which somebody signed in on this machine. `program` is the whole path of `az`."""

    program: str
    environment: Mapping[str, str] = field(repr=False)

    @property
    def told(self) -> str:
        return "the Azure CLI"

    @property
    def check(self) -> str:
        return "that the Azure CLI is signed in to this tenant (`az login --tenant … --allow-no-subscriptions`)"

    @property
    def hidden(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A person who types a code into a browser; `tell` shows one line to whoever sits at the terminal."""

    tell: Callable[[str], None] = field(repr=False, compare=False)

    @property
    def told(self) -> str:
        return "a person with a device code"

    @property
    def check(self) -> str:
        return "that the application allows public client flows, and that the person may use it"

    @property
    def hidden(self) -> tuple[str, ...]:
        return ()


Credential: TypeAlias = ClientSecret | CertificateFile | GitHubJob | ManagedIdentity | AzureCli | DeviceCode
