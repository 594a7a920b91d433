"""Estates of any size for the benchmark: documents as people write them, and a seed that differs from them a little.

Not part of the package. Which partner differs, and how, follows from its number alone, so the plan is known beforehand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.emulator.seed_language import application_id, generated_id

# Partners in one PartnerSet; a file holds twenty thousand values at most.
ROWS = 900
# One partner in so many has a file of its own.
SINGLE = 10

TRUSTED, OPEN, SHUT, FOREIGN, MISSING = 8, 6, 3, 3, 3
"""Live partners whose claims count, that say nothing about direct connect, that keep guests out, of which no file
speaks; and partners that only files speak of."""
STEPS = TRUSTED + OPEN + SHUT + MISSING

_HEAD = "apiVersion: crosstenant/v1\nkind: "
_PROFILE = """\
  inboundTrust: {isMfaAccepted: false, isCompliantDeviceAccepted: false, isHybridAzureADJoinedDeviceAccepted: false}
  b2bCollaborationInbound: null
  b2bDirectConnectInbound:
    usersAndGroups: {accessType: blocked, targets: [{target: AllUsers, targetType: user}]}
    applications: {accessType: blocked, targets: [{target: AllApplications, targetType: application}]}
"""


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant with so many partners, in the files and live; `synced`: all of them may create people in it."""

    name: str
    tenant_id: str
    partners: int
    synced: bool = False

    @property
    def numbers(self) -> list[int]:
        """The numbers of the partners that the files speak of."""
        live = self.partners - FOREIGN
        return [*range(1, live + 1), *range(self.partners + 1, self.partners + MISSING + 1)]

    @property
    def steps(self) -> int:
        """How many steps a right plan has."""
        return STEPS + (MISSING if self.synced else 0)


def write(folder: Path, companies: Iterable[Company], *, single: int = SINGLE) -> Path:
    """Write the documents of all companies, one partner in `single` in a file of its own; return the folder."""
    _put(folder / "shared" / "profiles" / "vendor.yaml", f"{_HEAD}AccessProfile\nname: vendor\nspec:\n{_PROFILE}")
    for company in companies:
        home = folder / company.name
        _put(home / "tenant.yaml", _tenant(company))
        alone = [number for number in company.numbers if number % single == 0]
        for number in alone:
            _put(home / "partners" / f"vendor-{number}.yaml", _partner(company, number))
        for number in company.numbers if company.synced else ():
            _put(home / "sync" / f"vendor-{number}.yaml", _synchronization(company, number))
        rows = sorted(set(company.numbers) - set(alone))
        for start in range(0, len(rows), ROWS):
            _put(home / "sets" / f"{start // ROWS + 1}.yaml", _set(company, rows[start : start + ROWS]))
    return folder


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _tenant(company: Company) -> str:
    return (
        f"{_HEAD}Tenant\ntenantId: {company.tenant_id}\ndisplayName: {company.name.title()}\n"
        f"domain: {company.name}.example\nmanagement: here\nowner: identity-team\n"
        f"auth:\n  plan: {{clientId: {application_id(company.tenant_id, 'plan')}}}\n"
    )


def _partner(company: Company, number: int) -> str:
    said = "\n".join(f"{name}: {value}" for name, value in _described(company, number).items())
    return f"# What they may do was agreed in the ticket.\n{_HEAD}Partner\n{said}\nspec:\n{_PROFILE}"


def _synchronization(company: Company, number: int) -> str:
    described = _described(company, number)
    said = "\n".join(f"{name}: {described[name]}" for name in ("name", "tenantId", "domain"))
    return f"{_HEAD}IdentitySynchronization\n{said}\nspec: {{userSyncInbound: {{isSyncAllowed: true}}}}\n"


def _set(company: Company, numbers: Iterable[int]) -> str:
    rows = (
        f"  - {{{', '.join(f'{name}: {value}' for name, value in _described(company, number).items())}}}\n"
        for number in numbers
    )
    return f"{_HEAD}PartnerSet\nprofile: vendor\npartners:\n{''.join(rows)}"


def _described(company: Company, number: int) -> Mapping[str, str]:
    return {
        "name": f"{company.name}-vendor-{number}",
        "tenantId": generated_id(company.tenant_id, number),
        "domain": f"generated-{number}.example",
        "owner": f"team-{number % 40}",
        "ticket": f"PROC-{number}",
        "reviewBy": f"2090-{number % 12 + 1:02}-{number % 28 + 1:02}",
    }


def seed(path: Path, companies: Iterable[Company], switches: Mapping[str, Any] | None = None) -> Path:
    """Write what the tenants hold, on the machine's own clock, and return the file."""
    tenants = {
        one.name: {"tenantId": one.tenant_id, "partners": list(_live(one)), "objects": _below(one)} for one in companies
    }
    _put(path, json.dumps({"clock": "real", "switches": switches or {}, "tenants": tenants}))
    return path


def _below(company: Company) -> Mapping[str, Any]:
    """Return what hangs below the partners that are live."""
    if not company.synced:
        return {}
    keys = [generated_id(company.tenant_id, number) for number in range(1, company.partners + 1)]
    return {"identitySynchronization": {key: {"userSyncInbound": {"isSyncAllowed": True}} for key in keys}}


def _live(company: Company) -> Iterator[Mapping[str, Any]]:
    """Yield rules for partners by number: first the many that are as the files say, and last those without a file."""
    trust = dict.fromkeys(("isMfaAccepted", "isCompliantDeviceAccepted", "isHybridAzureADJoinedDeviceAccepted"), False)
    usual = {"inboundTrust": trust, "b2bDirectConnectInbound": _blocked()}
    unlike = TRUSTED + OPEN + SHUT + FOREIGN
    yield {"generate": company.partners - unlike, **usual}
    yield {"generate": TRUSTED, **usual, "inboundTrust": {**trust, "isMfaAccepted": True}}
    yield {"generate": OPEN, "inboundTrust": trust}
    yield {"generate": SHUT, **usual, "b2bCollaborationInbound": _blocked()}
    yield {"generate": FOREIGN, **usual}


def _blocked() -> Mapping[str, Any]:
    return {
        "usersAndGroups": {"accessType": "blocked", "targets": [{"target": "AllUsers", "targetType": "user"}]},
        "applications": {
            "accessType": "blocked",
            "targets": [{"target": "AllApplications", "targetType": "application"}],
        },
    }
