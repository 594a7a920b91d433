"""Every variable of the environment that changes what a command does, in one table. Reads none of them.

The reference page is made from it, and a test finds variables that somebody reads and nobody wrote down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable, or several of one meaning. `<TENANT>` is a tenant's name in capitals, with `_` for `-`."""

    names: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Group:
    """Variables for one end, with what has to be known of all of them."""

    title: str
    words: str
    variables: tuple[Variable, ...]


def _one(name: str, meaning: str) -> Variable:
    return Variable((name,), meaning)


GROUPS = (
    Group(
        "Which form of signing in",
        "Without `RECONCILER_SIGN_IN`, the first of `secret`, `certificate`, `github` and `managed-identity` (in App "
        "Service) that the environment offers is taken. The others are never taken unasked: `azure-cli` and "
        "`device-code` make the tool act as a person, and `managed-identity` on a virtual machine as the machine.",
        (
            _one(
                "RECONCILER_SIGN_IN",
                "`secret`, `certificate`, `github`, `managed-identity`, `azure-cli` or `device-code`. What is named "
                "and not there is an error; no other form takes its place.",
            ),
            _one(
                "AZURE_CLIENT_ID",
                "The application to sign in as, where `tenant.yaml` names none under `auth.plan` or `auth.apply`.",
            ),
        ),
    ),
    Group(
        "`secret`",
        "The first that is set counts.",
        (
            Variable(
                ("RECONCILER_PLAN_CLIENT_SECRET_<TENANT>", "RECONCILER_APPLY_CLIENT_SECRET_<TENANT>"),
                "The secret of the application that plans, or applies, in one tenant.",
            ),
            _one("RECONCILER_CLIENT_SECRET_<TENANT>", "The same for both."),
            _one("AZURE_CLIENT_SECRET", "The same for every tenant."),
        ),
    ),
    Group(
        "`certificate`",
        "The first that is set counts, with the password variable of the same row. The file is PEM or PFX and holds an "
        "RSA key with its certificate; it is read anew for each token.",
        (
            Variable(
                ("RECONCILER_PLAN_CLIENT_CERTIFICATE_<TENANT>", "RECONCILER_APPLY_CLIENT_CERTIFICATE_<TENANT>"),
                "The file for the application that plans, or applies, in one tenant. Password: "
                "`RECONCILER_PLAN_CLIENT_CERTIFICATE_PASSWORD_<TENANT>`, "
                "`RECONCILER_APPLY_CLIENT_CERTIFICATE_PASSWORD_<TENANT>`.",
            ),
            _one(
                "RECONCILER_CLIENT_CERTIFICATE_<TENANT>",
                "The same for both. Password: `RECONCILER_CLIENT_CERTIFICATE_PASSWORD_<TENANT>`.",
            ),
            _one(
                "AZURE_CLIENT_CERTIFICATE_PATH",
                "The same for every tenant. Password: `AZURE_CLIENT_CERTIFICATE_PASSWORD`.",
            ),
        ),
    ),
    Group(
        "`github`",
        "GitHub sets both in a job that has `permissions: id-token: write`.",
        (
            Variable(
                ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
                "Where, and with what, a job asks for GitHub's word about itself. An https address; at an emulator, "
                "one on this machine.",
            ),
        ),
    ),
    Group(
        "`managed-identity`",
        "Azure sets the first two in App Service, Functions and Container Apps. Without them, the metadata service of "
        "a virtual machine is asked, which has one link-local address everywhere.",
        (
            Variable(
                ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"),
                "Where, and with what, an identity is asked for. The address is on this machine or link-local.",
            ),
            _one(
                "RECONCILER_MANAGED_IDENTITY",
                "`user` (when left out): the identity whose client id is that of the application. `system`: the "
                "machine's own; the client id is still compared with the one in the token.",
            ),
        ),
    ),
    Group(
        "`azure-cli`",
        "`az` is called once for each token, as somebody has signed it in.",
        (_one("PATH", "Where `az` is looked for."),),
    ),
    Group(
        "The network",
        "Only these are read; settings of the system and other variables of other clients are not.",
        (
            _one(
                "RECONCILER_ENDPOINT", "An emulator on this machine in place of every host; the option is `--endpoint`."
            ),
            _one(
                "RECONCILER_REQUEST_SECONDS",
                "The time for one request, in whole seconds from 1 to 600; 30 when left out.",
            ),
            Variable(("SSL_CERT_FILE", "SSL_CERT_DIR"), "Whom to believe, in place of the authorities of certifi."),
            Variable(
                ("HTTPS_PROXY", "https_proxy"),
                "The proxy for everything but this machine and its metadata service: `http://host:port`.",
            ),
            Variable(
                ("NO_PROXY", "no_proxy"), "Hosts and domains that are reached without it, with commas between them."
            ),
        ),
    ),
    Group(
        "GitHub",
        "For `reconciler github` alone. GitHub Actions sets the last two by itself; the token has to be handed to the "
        "step that posts.",
        (
            _one("GITHUB_TOKEN", "With what to post. It is sent to the address below, and is in no output."),
            _one("GITHUB_API_URL", "An https address, or one on this machine; `https://api.github.com` when left out."),
            _one("GITHUB_REPOSITORY", "`OWNER/NAME`."),
        ),
    ),
    Group(
        "What is said",
        "",
        (
            _one("NO_COLOR", "Anything: no colour, not even on a terminal."),
            _one("TERM", "`dumb`: the same."),
            _one(
                "RECONCILER_TRACEBACK",
                "`1`: a defect is told with its traceback. Read it before you send it to anybody.",
            ),
        ),
    ),
)


def names() -> Iterator[str]:
    """Yield every name on the page, passwords included."""
    for group in GROUPS:
        for variable in group.variables:
            yield from variable.names
            yield from (word for word in variable.meaning.split("`") if word.isupper() and "_" in word)


def page() -> str:
    """Return the reference page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Environment variables"
    yield ""
    yield (
        "Generated from `reconciler/environment.py`. `<TENANT>` is the name of the tenant's folder in capitals, with "
        "`_` for `-`: the secret of `trey-research` is in `RECONCILER_CLIENT_SECRET_TREY_RESEARCH`. How to set up each "
        "form is told in [sign in](../how-to/sign-in.md)."
    )
    for group in GROUPS:
        yield from ("", f"## {group.title}", "")
        if group.words:
            yield from (group.words, "")
        yield from _table(group.variables)


def _table(variables: Iterable[Variable]) -> Iterator[str]:
    yield "| variable | meaning |"
    yield "| --- | --- |"
    for variable in variables:
        yield f"| {', '.join(f'`{name}`' for name in variable.names)} | {variable.meaning} |"
