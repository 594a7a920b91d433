"""Who is meant by a name: a tenant of this repository, or somebody outside it. Looks nothing up anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.errors import Problem
from reconciler.loading.belonging import Tenants
from reconciler.loading.shapes import Organization
from reconciler.loading.validating import Row, meant
from reconciler.model import Origin, Tenant


@dataclass(frozen=True, slots=True)
class Known:
    """An organization: its tenant id, a domain of it, and what people call it."""

    tenant_id: str
    domain: str
    label: str


def identify(row: Row, said: Organization, tenant: Tenant, tenants: Tenants) -> tuple[Known | None, list[Problem]]:
    """Return whom a document of `tenant` means, or what is wrong. Neither, when the tenant meant is itself broken."""
    if said.name == tenant.name or said.tenantId == tenant.tenant_id:
        where = "name" if said.name == tenant.name else "tenantId"
        return None, [row.problem(where, f"{tenant.name} cannot be its own partner", "name another tenant")]
    ours = tenants.sound.get(said.name)
    if ours is not None:
        return Known(ours.tenant_id, ours.domain, ours.display_name), list(_contradicted(row, said, ours, tenants))
    if said.name in tenants.names:
        return None, []
    problems = [*_incomplete(row, said, tenants), *_disguised(row, said, tenants)]
    return (None, problems) if problems else (Known(said.tenantId, said.domain, said.name), [])


def _contradicted(row: Row, said: Organization, ours: Tenant, tenants: Tenants) -> Iterator[Problem]:
    """Yield what a document says of one of our tenants and its `tenant.yaml` says otherwise."""
    for name, here, there in (("tenantId", said.tenantId, ours.tenant_id), ("domain", said.domain, ours.domain)):
        if here and here != there:
            message = f"{name} of {ours.name} is {here} here and {there} at {tenants.origin(ours.name, name)}"
            yield row.problem(name, message, "take it out here: tenant.yaml says it")


def _incomplete(row: Row, said: Organization, tenants: Tenants) -> Iterator[Problem]:
    lacking = [name for name in ("tenantId", "domain") if not row.says(name)]
    if len(lacking) == 2:
        guess = meant(said.name, tenants.names, "")
        hint = (
            f"{guess} Anyone else needs tenantId and domain" if guess.endswith("?") else "it needs tenantId and domain"
        )
        yield row.problem("name", f"no tenant of this repository is called {said.name!r}", hint)
    elif lacking:
        message = f"{said.name} is no tenant of this repository, so it needs {lacking[0]} too"
        why = "nobody reviews a GUID without a domain" if lacking == ["domain"] else "add it"
        yield row.problem("name", message, f"{why}; `reconciler resolve --write` looks it up")


def _disguised(row: Row, said: Organization, tenants: Tenants) -> Iterator[Problem]:
    """Yield when one of our tenants is spoken of by another name."""
    same = tenants.ids.get(said.tenantId)
    if same:
        message = f"tenantId {said.tenantId} is that of {same}, at {tenants.origin(same, 'tenantId')}"
        yield row.problem("tenantId", message, f"write `name: {same}`, without tenantId and domain")


def namesakes(named: Iterable[tuple[str, str, Origin]]) -> Iterator[Problem]:
    """Yield where one name stands for two organizations; takes names, tenant ids and places."""
    seen: dict[str, tuple[str, Origin]] = {}
    for name, tenant_id, origin in named:
        first, there = seen.setdefault(name, (tenant_id, origin))
        if first != tenant_id:
            message = f"{name} is tenant {tenant_id} here and tenant {first} at {there}"
            yield Problem(origin, message, "one of the two is wrong, or needs another name")
