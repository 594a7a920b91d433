"""What the templates of the multitenant organization bear on: the service lays them over partners when a tenant joins.

Notes only. We read templates, never write them, and what they wrote already is a difference like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.guarding import words
from reconciler.model import Address, Aside, AsideName, Finding, Json, Severity, State, Tenant

_KINDS: Mapping[AsideName, str] = {
    "partner template": "partner",
    "synchronization template": "identity-synchronization",
}


def joining(
    tenant: Tenant, asides: Iterable[Aside], live: State, desired: State, organizations: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield a note for each template that says something, as long as a partner is in the multitenant organization.

    `organizations` maps tenant ids to labels.
    """
    keys = [
        address.key
        for address, resource in sorted(live.items())
        if address.kind == "partner" and resource.facts.get("isInMultiTenantOrganization") is True
    ]
    templates = [aside for aside in asides if aside.name in _KINDS] if keys else []
    yield from _unread(tenant, [aside for aside in templates if aside.reason], len(keys))
    for template in templates:
        if template.sets:
            message = (
                f"the {template.name} of the multitenant organization sets {', '.join(template.sets)} "
                f"({', '.join(template.level)}) when a tenant joins; it is read and never written here"
            )
            details = words.lines([_line(tenant, template, key, desired, organizations) for key in keys])
            yield Finding(Severity.NOTE, tenant.name, message, details=details)


def _unread(tenant: Tenant, templates: Sequence[Aside], members: int) -> Iterator[Finding]:
    if templates:
        message = (
            f"{words.counted(members, 'partner')} in the multitenant organization, and what the service writes there "
            "when a tenant joins was not read"
        )
        details = tuple(f"{template.name}: {template.reason}" for template in templates)
        yield Finding(Severity.NOTE, tenant.name, message, details=details)


def _line(tenant: Tenant, template: Aside, key: str, desired: State, organizations: Mapping[str, str]) -> str:
    resource = desired.get(Address(tenant.name, _KINDS[template.name], key))
    wanted = resource.body if resource else {}
    says = template.body or {}
    others = [name for name in template.sets if not _within(says[name], wanted.get(name))]
    label = organizations.get(key, "")
    who = f"{label} ({key})" if label else key
    return f"{who}: {', '.join(others)} shall be otherwise" if others else f"{who}: shall be as the template says"


def _within(says: Json, wanted: Json) -> bool:
    """Whether what a template says is wanted; its nulls say nothing."""
    if says is None:
        return True
    if isinstance(says, Mapping) and isinstance(wanted, Mapping):
        return all(_within(value, wanted.get(name)) for name, value in says.items())
    return bool(says == wanted)
