"""Who is meant by a name: a tenant of this repository, or somebody outside it. Looks nothing up anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.errors import Problem
from reconciler.loading.belonging import Tenants
from reconciler.loading.link_shapes import Party
from reconciler.loading.scalars import Page
from reconciler.loading.secrecy import show
from reconciler.loading.shapes import Organization
from reconciler.loading.validating import Path, Row, Written, meant
from reconciler.loading.wishes import Side
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


def ours(name: str, page: Page, path: Path, tenants: Tenants, otherwise: str = "") -> Side | Problem | None:
    """Return the tenant of this repository that is meant, or that there is none; None when its own file is broken.

    `otherwise` is the advice for somebody who means an organization that is not ours.
    """
    tenant = tenants.sound.get(name)
    if tenant is not None:
        return side_of(tenant, page.origin(*path))
    if name in tenants.names:
        return None
    guess = meant(name, tenants.names, "there is")
    if otherwise:
        hint = f"{guess} {otherwise}" if guess.endswith("?") else f"{otherwise[0].lower()}{otherwise[1:]}"
    else:
        hint = guess
    return page.problem(path, f"no tenant of this repository is called {show(name)}", hint)


def party(one: Written, said: Party, path: Path, home: Tenant, tenants: Tenants) -> tuple[Side | None, list[Problem]]:
    """Return the other end of a link of `home`, or what is wrong with it. Neither, when its own file is broken."""
    if said.name == home.name or said.tenantId == home.tenant_id:
        return None, [one.problem(path, f"{home.name} cannot be synchronized into itself", "name another tenant")]
    organization = Organization.model_validate(said.model_dump(exclude_unset=True))
    known, problems = identify(Row(one, organization, path), organization, home, tenants)
    if known is None or problems:
        return None, problems
    tenant = tenants.sound.get(said.name)
    side = Side(said.name, known.tenant_id, known.label, known.domain, one.origin(path), tenant)
    return side, []


def side_of(tenant: Tenant, origin: Origin) -> Side:
    """Return a tenant of this repository as one end of a link, named at `origin`."""
    return Side(tenant.name, tenant.tenant_id, tenant.display_name, tenant.domain, origin, tenant)


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
