"""One user of the source provisioned at once: found, judged, matched, written, and every step told.

It writes to the target tenant: it is no dry run. Groups, and users who are gone from the source, are refused: what the
service makes of them is a matter of the cycle.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from reconciler.emulator.calls import Body, Call, Json, Principal
from reconciler.emulator.committing import Written, by, commit_all, stamp
from reconciler.emulator.directory_objects import USERS
from reconciler.emulator.refusals import Refusal, bad_request, missing
from reconciler.emulator.synchronization import connection, cycle, exporting, persons
from reconciler.emulator.synchronization.attribute_mappings import engine_mappings
from reconciler.emulator.synchronization.events import (
    Circumstances,
    Happening,
    Identity,
    Status,
    Step,
    Trouble,
    answer,
    event,
)
from reconciler.emulator.synchronization.forms import items, members, text
from reconciler.emulator.synchronization.kinds import EVENT, STATE
from reconciler.emulator.synchronization.persons import Verdict
from reconciler.emulator.synchronization.schemas import attributes_of
from reconciler.emulator.synchronization.settings import value_of
from reconciler.provisioning import Flow, Flowed, PatternTimeout, Surroundings, compile_mappings
from reconciler.provisioning.values import Misfit, Value, text_of

if TYPE_CHECKING:
    from reconciler.emulator.directory import Organization
    from reconciler.emulator.synchronization.finding import Place

MOST, SECONDS = 5, 10.0
"""The service's own limit: so many requests in so many seconds."""

FABRIC: Final = Principal("app", "00000014-0000-0000-c000-000000000000", "Microsoft.Azure.SyncFabric")


def check_rate(here: Place) -> None:
    """Count this request.

    Raises:
        Refusal: 429, when too many came in a short time.
    """
    name, now = f"on demand {here.call.tenant}/{here.id}", here.world.clock.monotonic()
    recent = [one for one in json.loads(here.world.store.recall(name) or "[]") if 0 <= now - one < SECONDS]
    if len(recent) >= MOST:
        wait = max(1, round(SECONDS - (now - recent[0])))
        raise Refusal(429, "TooManyRequests", "Too many requests.", headers={"Retry-After": str(wait)})
    here.world.store.remember(name, json.dumps([*recent, now]))


def subject(said: Mapping[str, Json], here: Place) -> str:
    """Return the id of the user who is meant.

    Raises:
        Refusal: 400, where the request does not mean one user and the rule of the job.
    """
    parameters = items(members(said, ("parameters",), "provisionOnDemand").get("parameters"), "parameters")
    if len(parameters) != 1:
        raise bad_request("Exactly one set of parameters is expected.", code="BadRequest")
    given = members(parameters[0], ("ruleId", "subjects"), "synchronizationJobApplicationParameters")
    if given.get("ruleId") not in [rule["id"] for rule in here.schema()["synchronizationRules"]]:
        raise bad_request("The job has no rule with this identifier.", code="BadRequest")
    subjects = items(given.get("subjects"), "subjects")
    if len(subjects) != 1:
        raise bad_request("Exactly one subject is expected.", code="BadRequest")
    one = members(subjects[0], ("links", "objectId", "objectTypeName"), "synchronizationJobSubject")
    if one.get("objectTypeName") != "User":
        raise bad_request("Only an object of the type 'User' can be provisioned on demand.", code="BadRequest")
    return (text(one.get("objectId"), "objectId") or "").lower()


def provision(here: Place, user_id: str) -> tuple[dict[str, Json], tuple[int, ...]]:
    """Provision a user, and return the answer with the numbers of the journal rows."""
    source = here.world.store.get(here.call.tenant, USERS.kind, user_id)
    if source is None:
        raise missing("Request_ResourceNotFound", user_id)
    run = _run(here, source)
    what, changes = run.happens()
    where = run.circumstances()
    committed = _write(here, run.target, changes)
    log = Written(EVENT, where.ids[0], None, event(what, where))
    committed += commit_all(here.world, here.call, [log], 200)
    as_result = here.world.switches.on_demand_answer == "result"
    return answer(what, where, as_result=as_result), committed


@dataclass(frozen=True, slots=True)
class _Changes:
    """What is to be written: the user of the target before and after, and the job's new link."""

    before: Body | None = None
    after: Body | None = None
    known: Body | None = None


def _write(here: Place, target: Organization | None, changes: _Changes) -> tuple[int, ...]:
    committed: tuple[int, ...] = ()
    if target is not None and changes.after is not None:
        tenant = here.world.directory.tenants[target.id]
        there: Call = by(here.call, tenant, FABRIC)
        written = Written(USERS.resource, str(changes.after["id"]), changes.before, changes.after)
        committed += commit_all(here.world, there, [written], 200)
    if changes.known is not None:
        before = here.world.store.get(here.call.tenant, STATE.kind, here.key)
        committed += commit_all(here.world, here.call, [Written(STATE, here.key, before, changes.known)], 200)
    return committed


def _run(here: Place, source: Body) -> _Run:
    schema = here.schema()
    (rule,) = schema["synchronizationRules"]
    (mapping,) = (one for one in rule["objectMappings"] if one["sourceObjectName"] == "User")
    settings = here.settings()
    assigned = persons.is_assigned(here.world, here.call.tenant, here.id, str(source["id"]))
    return _Run(
        here=here,
        source=source,
        rule=rule,
        mapping=mapping,
        attributes=attributes_of(schema["directories"], rule["sourceDirectoryName"])["User"],
        settings=settings,
        target=here.world.organization(value_of(settings, "CompanyId").lower()),
        known=cycle.state(here.world, here.call.tenant, here.key),
        assigned=assigned,
        user=persons.seen(source, assigned=assigned),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """One user on the way, with everything that is known when it begins."""

    here: Place
    source: Body
    rule: Body
    mapping: Body
    attributes: list[str]
    settings: list[dict[str, Json]]
    target: Organization | None
    known: Body
    assigned: bool
    user: Mapping[str, Value]

    def circumstances(self) -> Circumstances:
        world = self.here.world
        return Circumstances(
            tenant=self.here.call.tenant,
            job=self.here.the_job,
            principal=self.here.principal,
            rule=self.rule,
            target_tenant=value_of(self.settings, "CompanyId").lower(),
            time=stamp(world.clock.now()),
            ids=(world.new_id(), world.new_id(), world.new_id()),
        )

    # ---------------------------------------------------------------------------------------- the steps

    def happens(self) -> tuple[Happening, _Changes]:
        """Return what becomes of the user, and what is to be written for it."""
        objection = connection.refusal(self.here.world, self.here.call.tenant, self.settings)
        if objection is not None or self.target is None:
            code, words = (objection.code, objection.message) if objection else ("ExternalTenantNotFound", "")
            step = Step("TestConnection", "Import", "Failure", words, {"errorCode": code})
            return self._ended((step,), "Other", "Failure", Trouble(code, words)), _Changes()
        imported = _imported(self.user, self.attributes)
        try:
            verdict = persons.verdict(
                self.user, self.mapping, self.settings, assigned=self.assigned, switches=self.here.world.switches
            )
        except PatternTimeout as error:
            trouble = Trouble("Timeout", str(error))
            step = Step("EntrySynchronizationScoping", "Scoping", "Failure", trouble.reason, {})
            return self._ended((imported, step), "Other", "Failure", trouble), _Changes()
        steps = (imported, _scoped(verdict))
        if not verdict.in_scope:
            return self._skipped(steps, verdict.reason), _Changes()
        return self._matched(self.target, steps)

    def _matched(self, target: Organization, steps: tuple[Step, ...]) -> tuple[Happening, _Changes]:
        linked = str(self.known["links"].get(self.source["id"], ""))
        found = exporting.found(self.here.world, target, self.source, linked)
        name = "EntrySynchronizationAdd" if found.user is None else "EntryImport"
        words = "No user was found in the target." if found.user is None else "A user was found in the target."
        steps += (Step(name, "Matching", "Success", words, {}),)
        trouble = found.trouble
        if trouble is None and found.user is None:
            trouble = exporting.refused(self.here.world, target)
        if trouble is not None:
            return self._failed(steps, trouble), _Changes()
        return self._exported(target, found.user, steps)

    def _exported(self, target: Organization, user: Body | None, steps: tuple[Step, ...]) -> tuple[Happening, _Changes]:
        action, verb = ("Add", "Create") if user is None else ("Update", "Update")
        if action not in self.mapping["flowTypes"]:
            return self._skipped(steps, "EntrySynchronizationSkipped"), _Changes()
        flowed = self._flowed(target, user)
        if flowed.failures:
            (name, reason), *_ = flowed.failures.items()
            return self._failed(steps, Trouble("AttributeMappingFailed", f"{name}: {reason}")), _Changes()
        world = self.here.world
        if user is None:
            after = exporting.made(self.source, flowed.values, target, world.new_id(), stamp(world.clock.now()))
        else:
            after = exporting.written(user, flowed.values, target)
        after = self._with_manager(after, flowed)
        links = {**self.known["links"], self.source["id"]: after["id"]}
        known = None if links == self.known["links"] else {**self.known, "links": links}
        if after == user:
            return self._skipped(steps, "RedundantExport", after), _Changes(known=known)
        shown = exporting.shown(flowed.values, target)
        details = {name: _text(value) for name, value in shown.items()}
        steps += (Step(f"EntryExport{action}", "Export", "Success", f"The user was written ({verb}).", details),)
        what = self._ended(steps, "Create" if user is None else "Update", "Success", None, after)
        old = exporting.shown(exporting.present(user, self.source, target), target) if user else {}
        changes = tuple(
            (name, None if old.get(name) is None else _text(old[name]), _text(value)) for name, value in shown.items()
        )
        return replace(what, changes=changes), _Changes(user, after, known)

    def _flowed(self, target: Organization, user: Body | None) -> Flowed:
        flow: Flow = compile_mappings(
            engine_mappings(self.mapping["attributeMappings"]),
            surroundings=Surroundings(now=self.here.world.clock.now),
        )
        if user is None:
            return flow.created(self.user)
        return flow.updated(self.user, exporting.present(user, self.source, target))

    def _with_manager(self, after: dict[str, Json], flowed: Flowed) -> dict[str, Json]:
        """Return the user with the manager, where that one is in the target already."""
        manager = self.known["links"].get(str(flowed.values.get("manager", "")))
        return after if manager is None else {**after, "manager": manager}

    # ---------------------------------------------------------------------------------------- the ends

    def _skipped(self, steps: tuple[Step, ...], reason: str, target: Body | None = None) -> Happening:
        details = {"SkipReason": reason, "ReportableIdentifier": str(self.source["userPrincipalName"])}
        steps += (Step("EntrySynchronizationSkip", "Export", "Skipped", f"Skipped: {reason}.", details),)
        return self._ended(steps, "Other", "Skipped", Trouble(reason, ""), target)

    def _failed(self, steps: tuple[Step, ...], trouble: Trouble) -> Happening:
        steps += (Step("EntryExportAdd", "Export", "Failure", trouble.reason, {"errorCode": trouble.code}),)
        return self._ended(steps, "Create", "Failure", trouble)

    def _ended(
        self,
        steps: tuple[Step, ...],
        action: Json,
        status: Json,
        trouble: Trouble | None,
        target: Body | None = None,
    ) -> Happening:
        source = Identity(
            str(self.source["id"]),
            str(self.source.get("displayName") or ""),
            principal_name=str(self.source["userPrincipalName"]),
        )
        there = Identity(str(target["id"])) if target is not None else Identity()
        return Happening(action, status, source, there, steps, trouble=trouble)


def _imported(user: Mapping[str, Value], attributes: Collection[str]) -> Step:
    """Return the step that read the user: what the source has of the attributes that its definition names."""
    details = {name: _text(user[name]) for name in attributes if user.get(name) is not None}
    return Step("EntryImportAdd", "Import", "Success", "The user was read from the source.", details)


def _scoped(verdict: Verdict) -> Step:
    words = "The user is in scope." if verdict.in_scope else "The user is not in scope."
    judged: Status = "Success" if verdict.in_scope else "Skipped"
    return Step("EntrySynchronizationScoping", "Scoping", judged, words, verdict.details())


def _text(value: Value) -> str:
    """Return a value as steps show it."""
    try:
        return text_of(value) or ""
    except Misfit:
        return ",".join(str(one) for one in value) if isinstance(value, (list, tuple)) else str(value)
