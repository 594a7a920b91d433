"""Tenants before and after, in few words, for the tests of the guard rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from reconciler.diffing import diff
from reconciler.guarding import guard
from reconciler.kinds import REGISTRY
from reconciler.model import (
    Acknowledgement,
    Address,
    Body,
    Directory,
    Document,
    Finding,
    Json,
    Lifecycle,
    Lookup,
    Management,
    Origin,
    Resource,
    State,
    Tenant,
)

TODAY = date(2026, 11, 24)
LATER = TODAY + timedelta(days=30)
HERE = Origin("tenants/contoso/tenant.yaml", 1, 1)
CONTOSO = Tenant(
    name="contoso",
    tenant_id="0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01",
    display_name="Contoso",
    domain="contoso.example",
    origin=HERE,
    management=Management.HERE,
)
FABRIKAM, TAILSPIN = "3f1e0000-0000-4000-8000-00000000000a", "88ab0000-0000-4000-8000-00000000000b"
DEFAULT = Address("contoso", "default")
PARTNER, OTHER = Address("contoso", "partner", FABRIKAM), Address("contoso", "partner", TAILSPIN)
ORGANIZATIONS = {FABRIKAM: "Fabrikam", TAILSPIN: "Tailspin"}
DOMAIN = "partner.example"
STOCK = {name: kind.stock for name, kind in REGISTRY.items()}
MAIL = "00000012-0000-0000-c000-000000000000"


def half(words: str) -> Body:
    """Read `allowed g1 a1`: words that begin with g are groups, with u people, all others applications."""
    access, *names = words.split()
    types = {"g": "group", "u": "user"}
    return {
        "accessType": access,
        "targets": [
            {"target": name, "targetType": "user" if name == "AllUsers" else types.get(name[0], "application")}
            for name in names
        ],
    }


def block(users: str, applications: str) -> Body:
    return {"usersAndGroups": half(users), "applications": half(applications)}


OPEN = block("allowed AllUsers", "allowed AllApplications")
CLOSED = block("blocked AllUsers", "blocked AllApplications")
SOME = block("allowed g1", "allowed a1")
MORE = block("allowed g1 g2", "allowed a1")
MIXED = block("allowed g2", "allowed a1")


def trust(mfa: bool | None = None, compliant: bool | None = None, hybrid: bool | None = None) -> Body:
    return {
        "isMfaAccepted": mfa,
        "isCompliantDeviceAccepted": compliant,
        "isHybridAzureADJoinedDeviceAccepted": hybrid,
    }


def default(**blocks: Json) -> State:
    """A default that nobody touched, but for these blocks."""
    return {DEFAULT: Resource({**STOCK["default"], **blocks})}


def partner(address: Address = PARTNER, /, facts: Body | None = None, **blocks: Json) -> State:
    """A partner that inherits everything, but for these blocks."""
    return {address: Resource({**STOCK["partner"], **blocks}, facts=facts or {})}


def crowd(number: int, **blocks: Json) -> State:
    """That many partners, all alike."""
    keys = [f"{at:08x}-0000-4000-8000-000000000000" for at in range(1, number + 1)]
    return {
        address: resource
        for key in keys
        for address, resource in partner(Address("contoso", "partner", key), **blocks).items()
    }


def yes(rule: int, path: str = "", before: Json = None, after: Json = None, **more: Json) -> Acknowledgement:
    """An acknowledgement that is good for a month, unless something else is said."""
    fields = {"reason": "reviewed", "owner": "ann", "expires": LATER, "origin": Origin("a.yaml", 9, 3), **more}
    return Acknowledgement(rule, path=path, before=before, after=after, **fields)


def document(address: Address, said: Body | None = None, **more: Json) -> Document:
    known = {"label": ORGANIZATIONS.get(address.key, ""), "domain": DOMAIN, "owner": "ann"}
    return Document(address, **{**known, "origin": Origin("a.yaml", 1, 1), "said": said or {}, **more})


def directory(*addresses: Address) -> Directory:
    """Return a directory that knows these organizations by the names and the domain that the documents say."""
    keys = [address.key for address in addresses]
    return Directory({key: Lookup(key, DOMAIN, ORGANIZATIONS.get(key, "")) for key in keys})


def documented(*states: State) -> Mapping[Address, Document]:
    """A document for every object of these states, about everything there is to say."""
    return {
        address: document(address, resource.body, absent=address not in states[-1])
        for state in states
        for address, resource in state.items()
    }


def judge(
    live: State,
    desired: State,
    *yeses: Acknowledgement,
    on: Address | None = PARTNER,
    documents: Mapping[Address, Document] | None = None,
    lifecycle: Lifecycle | None = None,
    **more: Json,
) -> tuple[Finding, ...]:
    """Return what the guard says. Acknowledgements stand on the document of `on`, or in tenant.yaml when it is None."""
    papers = dict(documented(live, desired) if documents is None else documents)
    tenant = more.pop("tenant", CONTOSO)
    if on is None:
        tenant = replace(tenant, acknowledge=yeses)
    elif on in papers:
        papers[on] = replace(papers[on], acknowledge=yeses, lifecycle=lifecycle or Lifecycle())
    changes = more.pop("changes", None) or tuple(diff(desired, live, papers))
    fields = {"organizations": ORGANIZATIONS, "stock": STOCK, "directory": directory(*desired), **more}
    return guard(tenant, papers, live, desired, changes, fields.pop("today", TODAY), **fields)


def marks(findings: Iterable[Finding]) -> list[str]:
    """Return what weighs: `block 5 partner b2bCollaborationInbound`, `error 10`; notes and warnings are left out."""
    return [
        " ".join(
            part
            for part in (found.severity.value, str(found.rule), found.address.kind if found.address else "", found.path)
            if part
        )
        for found in findings
        if found.severity in ("block", "error")
    ]


def only(findings: Sequence[Finding], rule: int) -> Finding:
    """Return the one finding of a rule."""
    [found] = [finding for finding in findings if finding.rule == rule]
    return found
