"""The multitenant organization as a tenant sees it, and the templates by which it sets up partners.

No tenant joins here: who is in an organization says its seed, and templates are kept without ever being laid over a
partner.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reconciler.emulator.blocks import SETTINGS, checked, refuse_conflict
from reconciler.emulator.calls import Answer, Body, Call, Json, Route
from reconciler.emulator.committing import commit, stamp
from reconciler.emulator.cross_tenant_access import POLICY, permission
from reconciler.emulator.refusals import bad_request, unauthenticated
from reconciler.emulator.resources import Audited, Resource, Writing, known, overlay

if TYPE_CHECKING:
    from reconciler.emulator.world import World

READ = ("MultiTenantOrganization.Read.All", "MultiTenantOrganization.ReadWrite.All")
WRITE = ("MultiTenantOrganization.ReadWrite.All",)
TEMPLATES = f"{POLICY}/templates"
LEVELS = ("newPartners", "existingPartners")
_CATEGORY = "MultiTenantOrg"
_TEMPLATE = Audited(update="Update a multi tenant org template", delete="Reset a multi tenant org template")


def _check_template(writing: Writing) -> Body:
    body: dict[str, Json] = {}
    for name, value in known(writing).items():
        if name == "templateApplicationLevel":
            body[name] = _level(value)
        elif value is None:
            body[name] = None
        elif name == "userSyncInbound":
            body[name] = permission(writing, name, value)
        else:
            said = checked(name, value, writing.switches, nulls=True)
            body[name] = overlay(writing.before.get(name), said, writing.switches)
            refuse_conflict(name, body[name], writing.switches)
    return body


def _level(value: Json) -> str:
    """Return a set of flags as the service writes it: in the order of their values."""
    names = [name.strip() for name in value.split(",")] if isinstance(value, str) else [""]
    if names == ["none"]:
        return "none"
    if any(name not in LEVELS for name in names):
        raise bad_request("Invalid value specified for property 'templateApplicationLevel' of resource.")
    return ",".join(level for level in LEVELS if level in names)


PARTNER_TEMPLATE = Resource(
    kind="multiTenantOrganizationPartnerConfiguration",
    path=f"{TEMPLATES}/multiTenantOrganizationPartnerConfiguration",
    stock={
        "templateApplicationLevel": ",".join(LEVELS),
        "inboundTrust": None,
        **{name: None for name in SETTINGS if name.startswith("b2b")},
        "automaticUserConsentSettings": None,
    },
    read=READ,
    write=WRITE,
    has_id=True,
    reset="resetToDefaultSettings",
    check=_check_template,
    audited=_TEMPLATE,
)

SYNCHRONIZATION_TEMPLATE = Resource(
    kind="multiTenantOrganizationIdentitySynchronization",
    path=f"{TEMPLATES}/multiTenantOrganizationIdentitySynchronization",
    stock={"templateApplicationLevel": ",".join(LEVELS), "userSyncInbound": None},
    read=READ,
    write=WRITE,
    has_id=True,
    reset="resetToDefaultSettings",
    check=_check_template,
    audited=_TEMPLATE,
)


# ------------------------------------------------------------------------------------------ the organization


def _check_organization(writing: Writing) -> Body:
    if writing.action == "update" and writing.before["state"] != "active":
        raise bad_request("There is no multi-tenant organization to update.")
    body = known(writing)
    for name, value in body.items():
        if not isinstance(value, str) and not (name == "description" and value is None):
            raise bad_request(f"Invalid value specified for property '{name}' of resource.")
    return body


ORGANIZATION = Resource(
    kind="multiTenantOrganization",
    path="/tenantRelationships/multiTenantOrganization",
    stock={"createdDateTime": None, "displayName": None, "description": None, "state": "inactive"},
    read=READ,
    write=WRITE,
    read_only=("createdDateTime", "state"),
    has_id=True,
    check=_check_organization,
    audited=Audited(category=_CATEGORY, create="Create a MultiTenantOrg", update="Update a MultiTenantOrg"),
)

RESOURCES = (PARTNER_TEMPLATE, SYNCHRONIZATION_TEMPLATE, ORGANIZATION)


def _found(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    """Begin an organization of one's own."""
    standing = world.store.get(call.tenant, ORGANIZATION.kind) or ORGANIZATION.stock
    if standing["state"] == "active":
        raise bad_request("The tenant is in a multi-tenant organization already.")
    if call.principal is None:
        raise unauthenticated("Access token is empty.")
    writing = Writing(ORGANIZATION, "create", world, call.tenant, call.principal, standing, call.object())
    began = {"state": "active", "createdDateTime": stamp(world.clock.now())}
    after = {**ORGANIZATION.stock, **_check_organization(writing), **began}
    sequence = commit(world, call, ORGANIZATION, "", None, after, 201)
    shown = {"id": world.directory.tenants[call.tenant].object_id(ORGANIZATION.kind), **after}
    return Answer(201, shown, committed=(sequence,))


ROUTES = (Route("PUT", ORGANIZATION.path, _found, WRITE, kind=ORGANIZATION.kind),)
