"""From what was found out to what people should know and do. Pure: the same facts, the same checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from reconciler.doctoring import licensing
from reconciler.doctoring.credentials import credentials
from reconciler.doctoring.facts import LICENCES, ORGANIZATION, Facts, with_paths
from reconciler.doctoring.granting import grant, trust_job
from reconciler.doctoring.needs import beyond, missing, needs, only_reads
from reconciler.doctoring.subjects import doubts
from reconciler.errors import Forbidden, GraphError, Unavailable
from reconciler.model import Check, Estate, Health, Identity, Json, Kind, Management, Tenant

# Directory roles that are documented to suffice for a person, by template id.
_WRITERS = {
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
    "194ae4cb-b126-40b2-bd5b-6091b380977d": "Security Administrator",
}
_READERS = {
    **_WRITERS,
    "5d6b6bb7-de71-4623-b4af-96380a352509": "Security Reader",
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451": "Global Reader",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the files want, and the moment at which they are judged."""

    estate: Estate
    kinds: Mapping[str, Kind]
    now: datetime


def judge(wanted: Wanted, facts: Iterable[Facts]) -> tuple[Check, ...]:
    """Return all checks, tenant by tenant, what was asked once for a tenant behind what each identity may do."""
    found = list(facts)
    return tuple(
        check
        for tenant in wanted.estate.tenants.values()
        for check in _tenant(wanted, tenant, [one for one in found if one.tenant.name == tenant.name])
    )


def _tenant(wanted: Wanted, tenant: Tenant, facts: list[Facts]) -> Iterator[Check]:
    if tenant.management is Management.ELSEWHERE:
        yield Check(Health.NOTE, tenant.name, "", "sign-in", "managed elsewhere: nobody here signs in to it")
        return
    for one in facts:
        yield from _purpose(wanted, one)
    inside = next((one for one in facts if one.failure is None), None)
    if inside is not None:
        yield from _organization(inside)
        yield from _licences(wanted, inside)


def _purpose(wanted: Wanted, facts: Facts) -> Iterator[Check]:
    yield _sign_in(facts)
    identity = facts.identity
    if identity is not None and identity.vouched:
        yield _subject(facts, identity)
    if identity is None or facts.failure is not None:
        return
    yield from _permissions(wanted, facts, identity)
    yield from _reads(wanted, facts, identity)
    if identity.person:
        yield _directory_roles(facts, identity)
    yield from credentials(facts, identity, wanted.now)


def _sign_in(facts: Facts) -> Check:
    failure, identity = facts.failure, facts.identity
    if failure is None and identity is not None:
        return _check(facts, Health.FINE, "sign-in", f"signed in as {identity.application} with {identity.form}")
    health = Health.UNREACHABLE if isinstance(failure, Unavailable) else Health.MISSING
    vouched = identity is not None and identity.vouched
    remedy = trust_job(facts.tenant, identity) if identity is not None and vouched else ()
    message = _said(failure, facts.tenant)
    return _check(facts, health, "sign-in", message, remedy=remedy if health is Health.MISSING else ())


def _subject(facts: Facts, identity: Identity) -> Check:
    said = identity.vouched.get("sub", "nothing")
    details = tuple(doubts(identity.vouched))
    health = Health.DOUBTFUL if details else Health.FINE
    return _check(facts, health, "subject", f"GitHub says of this job: {said}", details)


# ---------------------------------------------------------------------------------------------- permissions


def _permissions(wanted: Wanted, facts: Facts, identity: Identity) -> Iterator[Check]:
    """Yield what is lacking, or that nothing is; and what is there beyond that."""
    needed = needs(facts.tenant, wanted.estate.documents, wanted.kinds, facts.purpose)
    lacking = missing(needed, identity.permissions)
    if lacking:
        names = [need.permission for need in lacking]
        details = tuple(f"{need.permission}: to {', '.join(need.uses)}" for need in lacking)
        message = f"the token lacks {', '.join(names)}, without which no {facts.purpose} can succeed"
        remedy = grant(facts.tenant, facts.where, identity, names)
        yield _check(facts, Health.MISSING, "permissions", message, details, remedy)
    else:
        names = [need.permission for need in needed]
        yield _check(facts, Health.FINE, "permissions", f"the token has what is needed: {', '.join(names)}")
    yield from _excess(facts, beyond(needed, identity.permissions))


def _excess(facts: Facts, more: tuple[str, ...]) -> Iterator[Check]:
    writing = [name for name in more if not only_reads(name)]
    reading = [name for name in more if only_reads(name)]
    if writing:
        message = f"the token may do more than to {facts.purpose}: {', '.join(writing)}"
        advice = (
            "a plan runs for changes that nobody has reviewed; give it an application of its own, "
            f"named in auth.plan.clientId of {facts.tenant.origin.file}, that can only read"
            if facts.purpose == "plan"
            else "take these grants back, under Permissions of the enterprise application"
        )
        yield _check(facts, Health.DOUBTFUL, "privileges", message, (advice,))
    if reading:
        message = f"the token may read more than is needed: {', '.join(reading)}"
        yield _check(facts, Health.NOTE, "privileges", message)


def _reads(wanted: Wanted, facts: Facts, identity: Identity) -> Iterator[Check]:
    """Yield what cannot be read although the token has the permission for it."""
    for name, kind in sorted(with_paths(wanted.kinds).items()):
        answer = facts.answers[kind.endpoint.path]
        if not isinstance(answer, GraphError):
            continue
        if isinstance(answer, Forbidden):
            lacking = missing(needs(facts.tenant, {}, {name: kind}, "plan"), identity.permissions)
            if any(need.permission == kind.permissions.read for need in lacking):
                continue
            message = (
                f"{name} cannot be read although the token has {kind.permissions.read}: {_said(answer, facts.tenant)}"
            )
            yield _check(facts, Health.MISSING, "reading", message)
        else:
            health = Health.UNREACHABLE if isinstance(answer, Unavailable) else Health.UNKNOWN
            yield _check(facts, health, "reading", f"{name} cannot be read: {_said(answer, facts.tenant)}")


def _directory_roles(facts: Facts, identity: Identity) -> Check:
    known = _READERS if facts.purpose == "plan" else _WRITERS
    held = sorted({known[role] for role in identity.directory_roles if role in known})
    if held:
        return _check(facts, Health.FINE, "directory roles", f"the person is {', '.join(held)}")
    message = f"the token names none of the directory roles that are known to suffice: {', '.join(known.values())}"
    return _check(facts, Health.DOUBTFUL, "directory roles", message, ("a custom role may do as well",))


# ---------------------------------------------------------------------------------------------- the tenant


def _organization(facts: Facts) -> Iterator[Check]:
    answer, tenant = facts.answers[ORGANIZATION], facts.tenant
    if isinstance(answer, GraphError):
        yield _unchecked(facts, "organization", "which tenant this is", answer)
        return
    match answer.get("value"):
        case [{"id": str(tenant_id), "displayName": str(name), "verifiedDomains": list(domains)}]:
            yield _identified(tenant, tenant_id, name, domains)
        case _:
            message = "which tenant this is cannot be checked: the answer does not describe one organization"
            yield Check(Health.UNKNOWN, tenant.name, "", "organization", message)


def _identified(tenant: Tenant, tenant_id: str, name: str, domains: list[Json]) -> Check:
    verified = {str(domain.get("name", "")).lower() for domain in domains if isinstance(domain, Mapping)}
    if tenant_id.lower() != tenant.tenant_id:
        message = f"this is tenant {tenant_id}, but {tenant.origin} says {tenant.tenant_id}"
        return Check(Health.MISSING, tenant.name, "", "organization", message)
    if tenant.domain and tenant.domain.lower() not in verified:
        message = f"{tenant.domain} is not among its verified domains; correct tenantId or domain in {tenant.origin}"
        return Check(Health.MISSING, tenant.name, "", "organization", message, (", ".join(sorted(verified)),))
    if name != tenant.display_name:
        message = f"it calls itself {name!r}, and {tenant.origin} calls it {tenant.display_name!r}"
        return Check(Health.NOTE, tenant.name, "", "organization", message)
    return Check(Health.FINE, tenant.name, "", "organization", f"it is {name} ({tenant.domain})")


def _licences(wanted: Wanted, facts: Facts) -> Iterator[Check]:
    uses = licensing.premium_uses(wanted.estate.documents, facts.tenant.name)
    name = facts.tenant.name
    if not uses:
        yield Check(Health.FINE, name, "", "licences", "the documents use nothing that needs a licence")
        return
    answer = facts.answers[LICENCES]
    if isinstance(answer, GraphError):
        yield _unchecked(
            facts, "licences", "whether the tenant has Entra ID P1, which the documents need,", answer, uses
        )
        return
    try:
        there = licensing.has_premium(answer["value"])
    except ValueError as error:
        yield Check(Health.UNKNOWN, name, "", "licences", f"licences cannot be checked: {error}", uses)
        return
    if there:
        yield Check(Health.FINE, name, "", "licences", "the tenant has Entra ID P1 or P2, which the documents need")
    else:
        message = "no subscription in force includes Entra ID P1 or P2, which the documents need"
        yield Check(Health.MISSING, name, "", "licences", message, uses)


def _unchecked(facts: Facts, subject: str, what: str, error: GraphError, details: tuple[str, ...] = ()) -> Check:
    """Return that something could not be found out: because nobody answers, or nobody may ask."""
    health = Health.UNREACHABLE if isinstance(error, Unavailable) else Health.UNKNOWN
    return Check(
        health, facts.tenant.name, "", subject, f"{what} cannot be checked: {_said(error, facts.tenant)}", details
    )


def _said(error: GraphError | None, tenant: Tenant) -> str:
    """Return the words of an error, without the tenant that stands above them anyway."""
    return str(error).removeprefix(f"{tenant.name}: ")


def _check(
    facts: Facts,
    health: Health,
    subject: str,
    message: str,
    details: tuple[str, ...] = (),
    remedy: tuple[str, ...] = (),
) -> Check:
    return Check(health, facts.tenant.name, facts.purpose, subject, message, details, remedy)
