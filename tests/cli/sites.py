"""A small repository and the emulator behind it, for tests of the command line as a user has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import warmed
from lent import lent
from rehearsing import Emulator, Ran, finish, repository, start

from reconciler.cli.stand_ins import seed_of
from reconciler.kinds import ALL
from reconciler.loading import load

CONTOSO, FABRIKAM = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01", "39429824-604b-49fc-a4b3-b89447a14fd9"
TREY = "4097fab2-2dad-4c4a-af54-1bcd6b214988"
PARTNERS = "/policies/crossTenantAccessPolicy/partners"

REHEARSAL = "Rehearsal: an emulator stands in for Microsoft Graph; no tenant is read or written."

TENANT = """\
apiVersion: crosstenant/v1
kind: Tenant
tenantId: {id}
displayName: {name}
domain: {name}.example
management: here
owner: identity-team
"""
PARTNER = """\
apiVersion: crosstenant/v1
kind: Partner
name: {name}
{identity}owner: identity-team
spec:
  automaticUserConsentSettings: {{inboundAllowed: false, outboundAllowed: false}}
"""
FILES = {
    "contoso/tenant.yaml": TENANT.format(id=CONTOSO, name="contoso"),
    "fabrikam/tenant.yaml": TENANT.format(id=FABRIKAM, name="fabrikam"),
    "contoso/partners/fabrikam.yaml": PARTNER.format(name="fabrikam", identity=""),
    "contoso/partners/trey.yaml": PARTNER.format(name="trey", identity=f"tenantId: {TREY}\ndomain: trey.example\n"),
    "fabrikam/partners/contoso.yaml": PARTNER.format(name="contoso", identity=""),
}
"""Three partners to create, two of them in contoso."""


@dataclass(frozen=True, slots=True)
class Site:
    """A repository, the emulator of its tenants, and the command to run in it."""

    folder: Path
    emulator: Emulator

    def run(self, *arguments: str) -> Ran:
        return warmed.kept().run(arguments, self.emulator, self.folder)

    def write(self, file: str, text: str) -> None:
        path = self.folder / "tenants" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def committed(self) -> list[tuple[str, str]]:
        """Return method and key of every write that was carried out."""
        return [(entry["method"], entry["key"]) for entry in self.emulator.journal() if entry["committed"]]


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """A repository with FILES in it, and an emulator in which its tenants are untouched."""
    source = folder / "source"
    for name, text in FILES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, encoding="utf-8")
    checkout = repository(folder / "checkout", source)
    with lent(seed_of(load(source, ALL))) as emulator:
        yield Site(checkout, emulator)


__all__ = ["CONTOSO", "FABRIKAM", "PARTNER", "PARTNERS", "REHEARSAL", "TREY", "Site", "finish", "site", "start"]
