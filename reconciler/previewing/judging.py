"""What the next cycle makes of one person: in scope or not, who they are in the target, what is done, what flows.

The decision itself is the engine's. Here is what a caller has to bring for it, and what happens where that is not
known: then the fate is unknown, and never a smaller one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.model import Body, Json
from reconciler.model.people import Changed, Confidence, Fate, Forecast, Obstacle, Route
from reconciler.previewing.census import Census, Link, Person, User
from reconciler.previewing.known import Known
from reconciler.previewing.targeting import is_external, is_named_external
from reconciler.previewing.terms import NOT_WRITTEN, Terms
from reconciler.provisioning import Action, Decision, Flowed, PatternTimeout, Standing, decide, from_graph
from reconciler.provisioning.deciding import Account, Scope, Target
from reconciler.provisioning.values import User as Attributes
from reconciler.provisioning.values import Value

AMBIGUOUS: Final = "InvitationCreationFailureAmbiguousUser"
INVALID: Final = "InvitationCreationFailureInvalidPropertyValue"
UNVERIFIED: Final = "InvitationCreationFailure"
FORBIDDEN: Final = "AzureActiveDirectoryForbidden"
MASTERED: Final = "AzureActiveDirectoryCannotUpdateObjectsMasteredOnPremises"
MISFIT: Final = "AttributeMappingFailed"
ELSEWHERE: Final = "AzureActiveDirectoryCannotUpdateObjectsOriginatedInExternalService"
SHARED: Final = "is the same user of the target: whoever a cycle comes to last has their own values there"
TWIN: Final = "has the same mail in the source, so that either may be taken for the other"
INVITED: Final = "the name of the invitation stays until a restart, or until they are provisioned on demand"
DISABLED: Final = "disabled, and not yet in the target"
OWN: Final = "their user in the target has a name of the target's own people, and joins none of its groups"
VANISHED: Final = "the user of the target was deleted there by somebody else"

LIVE, WANTED = 0, 1
"""The two runs over a census: as it is, and as the files want it."""

_FATES: Final[Mapping[Action, Fate]] = {
    Action.CREATE: Fate.CREATE,
    Action.ADOPT: Fate.ADOPT,
    Action.UPDATE: Fate.UPDATE,
    Action.BLOCK: Fate.BLOCK,
    Action.REMOVE: Fate.REMOVE,
    Action.RESTORE: Fate.RESTORE,
    Action.SKIP: Fate.SKIP,
    Action.FAIL: Fate.CONFLICT,
}

# Of whom nobody can say whether they are linked, it is unknown as well.
_CARED_FOR: Final = frozenset({Fate.UPDATE, Fate.BLOCK, Fate.IN_SYNC, Fate.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Scoped:
    """Whether somebody is in scope by all questions but their account, and in words why not."""

    scope: Scope
    reason: str = ""
    unassigned: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Who stands in the target for somebody. `unknown` says why nobody can tell, or ""."""

    target: Target
    user: User | None = None
    confidence: Confidence = Confidence.NONE
    obstacle: Obstacle | None = None
    unknown: str = ""
    linked: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A forecast, and who is to be the manager, by their id in the source; `has` is the id of whom they have now.

    `maybe`: their fate hangs on whether they are one of those whom the job has linked and the log does not name.
    """

    forecast: Forecast
    manager: str = ""
    has: str = ""
    maybe: bool = False


@dataclass(frozen=True, slots=True)
class Judge:
    """What it takes to judge anybody. `long_linked`: the job has linked more people than its log tells of.

    `was` tells what becomes of somebody as it is: whom the job cares for already, the files' wish finds linked.
    """

    census: Census
    known: Known
    terms: Terms
    run: int
    long_linked: bool
    was: Callable[[str], Forecast | None]

    def everybody(self) -> Iterator[Judged]:
        """Yield what the next cycle makes of everybody; of who is nowhere any more, nothing is made."""
        for one in self.census.people():
            if one.body is not None or one.link is not None or not self._is_gone(one.id):
                yield self.judge(one)

    def judge(self, one: Person) -> Judged:
        """Return what the next cycle makes of somebody."""
        routes = self._routes(one.id)
        blank = self._blank(one, routes)
        if one.body is None:
            return self._absent(one, blank)
        active = one.body.get("accountEnabled") is not False
        user = attributes_of(one.body, assigned=bool(routes))
        try:
            scoped = self._scoped(user, routes)
        except PatternTimeout as error:
            return Judged(replace(blank, fate=Fate.UNKNOWN, reason=str(error)))
        found = self._found(one, needed=active and scoped.scope == "in")
        account: Account = "active" if active else "disabled"
        return self._decided(one, account, scoped, found, blank, user)

    def _routes(self, key: str) -> tuple[Route, ...]:
        if self.terms.syncs_all:
            return (Route("all"),)
        return self.census.routes(key, live=self.run == LIVE)

    def _blank(self, one: Person, routes: tuple[Route, ...]) -> Forecast:
        body = one.body or {}
        name = str(body.get("userPrincipalName") or (one.link.principal_name if one.link else ""))
        shown = str(body.get("displayName") or (one.link.display_name if one.link else ""))
        computed = self.computed(name) if name else ""
        return Forecast(one.id, name, shown, str(body.get("mail") or ""), Fate.SKIP, computed=computed, routes=routes)

    def computed(self, principal_name: str) -> str:
        """Return the principal name that the service gives somebody in the target, "" where nobody can say."""
        domain = self.known.initial_domain
        return f"{principal_name.replace('@', '_')}#EXT#@{domain}" if domain else ""

    # ---------------------------------------------------------------------------------------- scope

    def _scoped(self, user: Attributes, routes: tuple[Route, ...]) -> Scoped:
        if user.get("userType") == "Guest" and not user.get("alternativeSecurityIds"):
            return Scoped("ignored" if routes else "out", "a guest without an account elsewhere is not synchronized")
        if not self.terms.admits.passes(user):
            return Scoped("ignored" if routes else "out", "the service's own filter leaves out who is external")
        if not routes:
            return Scoped("out", "not assigned, and in no group that is", unassigned=True)
        verdict = self.terms.passes.explain(user)
        if verdict.in_scope:
            return Scoped("in")
        failing = dict.fromkeys(str(one.clause) for one in verdict.failing)
        return Scoped("out", f"the scoping filter says no: {'; '.join(failing)}")

    # ---------------------------------------------------------------------------------------- the target

    def _found(self, one: Person, *, needed: bool) -> Found:
        """Look for somebody in the target; where they are not linked only as far as that is `needed`."""
        body = one.body or {}
        if one.link is not None:
            found = self._linked(one.link)
            # Whom the bin of the target has let go of is new, as if they had never been linked.
            return self._unlinked(body) if found.target == "expired" and needed else found
        may_be_linked = self._may_be_linked(one.id)
        if not needed and not may_be_linked:
            return Found("none")
        match = self.matched(body)
        if match is None and not needed:
            return Found("none")
        if match is None:
            return self._nobody(body)
        user, confidence, notes = match
        if other := self.census.namesake(str(body.get("mail") or ""), one.id):
            notes = (*notes, f"{other} {TWIN}")
        if may_be_linked:
            state: Target = "blocked" if user.body.get("accountEnabled") is False else "live"
            return Found(state, user, confidence, linked=True, notes=notes)
        return Found("match", user, confidence, notes=notes)

    def _unlinked(self, body: Body) -> Found:
        """Return who somebody seems to be in the target whom nothing links to anybody, or what is in their way."""
        match = self.matched(body)
        if match is None:
            return self._nobody(body)
        user, confidence, notes = match
        return Found("match", user, confidence, notes=notes)

    def _may_be_linked(self, key: str) -> bool:
        """Tell whether somebody whom the log does not name may be linked all the same."""
        if self.run == LIVE or not self.long_linked:
            return self.long_linked
        before = self.was(key)
        return before is not None and before.fate in _CARED_FOR

    def _was_cared_for(self, key: str) -> bool:
        """Tell whether somebody is in scope as it is, and in the target, so that a wish of the files removes them."""
        before = self.was(key) if self.run == WANTED else None
        return before is not None and before.fate in _CARED_FOR and before.fate is not Fate.UNKNOWN

    def _linked(self, link: Link) -> Found:
        user = self.census.user(link.target)
        if user is None and not (self.known.users and self.known.bin):
            return Found("live", unknown="the users of the target were not read to their end", linked=True)
        if user is None:
            return Found("expired" if link.removed else "gone", confidence=Confidence.EXACT, linked=True)
        if user.binned:
            state: Target = "removed" if link.removed else "discarded"
        else:
            state = "blocked" if user.body.get("accountEnabled") is False else "live"
        notes = () if is_named_external(user.body) else (OWN,)
        return Found(state, user, Confidence.EXACT, linked=True, notes=notes)

    def matched(self, body: Body) -> tuple[User, Confidence, tuple[str, ...]] | None:
        """Return the external user of the target who somebody seems to be, whom no log links to them."""
        computed = self.computed(str(body.get("userPrincipalName")))
        user = self.census.named(computed) if computed else None
        if user is not None:
            return user, Confidence.LIKELY, ()
        mail = body.get("mail")
        several = self.census.with_mail(mail) if isinstance(mail, str) and mail else []
        if not several:
            return None
        notes = () if len(several) == 1 else (f"{len(several)} external users of the target have this mail",)
        return several[0], Confidence.GUESS, notes

    def _nobody(self, body: Body) -> Found:
        """Return what is in the way of an invitation, where nobody is found who was invited."""
        if not self.known.users or not self.known.initial_domain:
            return Found("none", unknown="the users of the target were not read to their end")
        mail = body.get("mail")
        address = str(mail or body.get("userPrincipalName"))
        for holder in self.census.holders(address):
            code = AMBIGUOUS if holder.type == "user" else INVALID
            return Found("conflict", obstacle=Obstacle(code, holder.type, holder.id, holder.name))
        domain = str(mail or "").rpartition("@")[2].lower()
        if domain and self.known.domains is not None and domain not in self.known.domains:
            return Found("conflict", obstacle=Obstacle(UNVERIFIED, name=domain))
        if self.known.invites_nobody:
            return Found("conflict", obstacle=Obstacle(FORBIDDEN))
        return Found("none")

    # ---------------------------------------------------------------------------------------- deciding

    def _absent(self, one: Person, blank: Forecast) -> Judged:
        """Return what becomes of somebody who is linked and was not found in the source."""
        if not self._is_gone(one.id):
            return Judged(
                replace(blank, fate=Fate.UNKNOWN, reason="the users of the source were not read to their end")
            )
        scoped = Scoped("out", "there is no such user in the source any more")
        return self._decided(one, "gone", scoped, self._found(one, needed=False), blank, {})

    def _is_gone(self, key: str) -> bool:
        """Tell whether somebody who was not read is not there."""
        return self.known.people or self.census.is_gone(key)

    def _decided(
        self, one: Person, account: Account, scoped: Scoped, found: Found, blank: Forecast, user: Attributes
    ) -> Judged:
        blank = replace(
            blank,
            confidence=found.confidence,
            target_id=found.user.id if found.user else one.link.target if one.link and found.linked else "",
            obstacle=found.obstacle,
            notes=found.notes,
        )
        if doubt := found.unknown or self._doubt(account, scoped):
            return Judged(replace(blank, fate=Fate.UNKNOWN, reason=doubt))
        blank = replace(blank, in_scope=scoped.scope == "in")
        if found.linked and one.link is None and scoped.scope == "out" and not self._was_cared_for(one.id):
            return Judged(replace(blank, fate=Fate.UNKNOWN, reason=scoped.reason), maybe=True)
        standing = Standing(
            linked=found.linked,
            account=account,
            scope=scoped.scope,
            target=found.target,
            reason=scoped.reason,
            conflict=found.obstacle.code if found.obstacle else "",
            allowed=self.terms.allowed,
        )
        return self._done(decide(standing), standing, found, blank, user)

    def _doubt(self, account: Account, scoped: Scoped) -> str:
        """Return why nobody can say whether somebody is in scope, or ""."""
        is_there = account in ("active", "disabled")
        return (
            "whether they are assigned was not read to its end"
            if is_there and scoped.unassigned and not self.known.scope
            else ""
        )

    def _done(self, decision: Decision, standing: Standing, found: Found, blank: Forecast, user: Attributes) -> Judged:
        fate = _FATES[decision.action]
        if found.user and fate is not Fate.SKIP and (other := self._other(blank)):
            blank = replace(blank, notes=(*blank.notes, f"{other} {SHARED}"))
        match decision.action:
            case Action.SKIP:
                return Judged(replace(blank, fate=fate, reason=_why(standing, decision)))
            case Action.FAIL:
                reason = decision.reason if found.obstacle else f"{decision.reason}: {VANISHED}"
                return Judged(replace(blank, fate=fate, reason=reason))
            case Action.REMOVE:
                return Judged(replace(blank, fate=fate, reason=standing.reason))
            case Action.CREATE:
                return self._created(blank, user)
            case _:
                return self._updated(fate, found, blank, user)

    def _created(self, blank: Forecast, user: Attributes) -> Judged:
        """Return what becomes of somebody who is new: a user of their own, or one together with who has their mail."""
        flowed = self.terms.flow.created(user)
        twin = self.census.claimed(self.run, blank.mail) if blank.mail else ""
        other = self.census.person(twin) if twin else None
        if other is None or other.body is None:
            mail = flowed.values.get("mail")
            if isinstance(mail, str) and not flowed.failures:
                self.census.claim(self.run, mail, blank.source_id)
            return self._flowed(Fate.CREATE, flowed, blank, {}, "")
        first = attributes_of(other.body, assigned=True)
        present = {**self.terms.flow.created(first).values, "manager": None}
        name = str(other.body.get("userPrincipalName"))
        words = f"{name} has the same mail, and is created by the same cycle: both become one user of the target"
        blank = replace(blank, confidence=Confidence.GUESS, notes=(*blank.notes, words))
        return self._flowed(Fate.ADOPT, self.terms.flow.updated(user, present), blank, present, "")

    def _updated(self, fate: Fate, found: Found, blank: Forecast, user: Attributes) -> Judged:
        body = found.user.body if found.user else {}
        if body.get("onPremisesSyncEnabled"):
            obstacle = Obstacle(MASTERED, "user", blank.target_id, str(body.get("userPrincipalName") or ""))
            return Judged(replace(blank, fate=Fate.CONFLICT, reason=MASTERED, obstacle=obstacle))
        present = self._present(body, blank)
        flowed = self.terms.flow.updated(user, present)
        if fate is Fate.ADOPT and body.get("externalUserState") == "PendingAcceptance":
            flowed.values.pop("userPrincipalName", None)
            blank = replace(blank, notes=(*blank.notes, INVITED))
        if _has_mailbox(body) and any(name in flowed.values for name in _MAILBOX):
            obstacle = Obstacle(ELSEWHERE, "user", blank.target_id, str(body.get("userPrincipalName") or ""))
            return Judged(replace(blank, fate=Fate.CONFLICT, reason=ELSEWHERE, obstacle=obstacle))
        return self._flowed(fate, flowed, blank, present, str(body.get("manager") or ""))

    def _other(self, blank: Forecast) -> str:
        """Return who else is the same user of the target, "" for nobody."""
        other = self.census.claimed(self.run, blank.target_id)
        self.census.claim(self.run, blank.target_id, blank.source_id)
        person = self.census.person(other) if other else None
        return str((person.body or {}).get("userPrincipalName") or other) if person else ""

    def _present(self, body: Body, blank: Forecast) -> dict[str, Value]:
        """Return a user of the target in the engine's names, so that they can be compared with what flows."""
        engine = {**from_graph(body), "manager": None}
        name = str(body.get("userPrincipalName") or "")
        # In the bin, the id stands before the name.
        if blank.computed and name.lower() in (blank.computed.lower(), _binned(blank)):
            engine["userPrincipalName"] = blank.principal_name
        return engine

    def _flowed(
        self, fate: Fate, flowed: Flowed, blank: Forecast, present: Mapping[str, Value], manager: str
    ) -> Judged:
        if flowed.failures:
            (name, words), *_ = flowed.failures.items()
            return Judged(replace(blank, fate=Fate.CONFLICT, reason=f"{MISFIT}: {name}: {words}"))
        changes = tuple(self._changes(flowed, present, created=fate is Fate.CREATE))
        if fate is Fate.BLOCK and not any(change.attribute == "accountEnabled" for change in changes):
            fate = Fate.UPDATE
        if fate is Fate.UPDATE and not changes:
            fate = Fate.IN_SYNC
        wanted = flowed.values.get("manager")
        return Judged(replace(blank, fate=fate, changes=changes), str(wanted or ""), manager)

    def _changes(self, flowed: Flowed, present: Mapping[str, Value], *, created: bool) -> list[Changed]:
        found = []
        for name, value in flowed.values.items():
            before, after = present.get(name), value
            if name in NOT_WRITTEN or (not created and before == after):
                continue
            if name == "userPrincipalName":
                before, after = self._told(before), self.computed(str(value))
            found.append(Changed(name, _json(before), _json(after)))
        secret = (name for name in flowed.unknowable if name not in NOT_WRITTEN)
        hidden = [Changed(name, _json(present.get(name)), None, known=False) for name in secret]
        return [*found, *hidden]

    def _told(self, name: Value) -> Value:
        """Return a principal name of the target as it is there."""
        return self.computed(name) if isinstance(name, str) and "#EXT#" not in name.upper() else name


_MAILBOX: Final = ("mail", "showInAddressList")


def _has_mailbox(body: Body) -> bool:
    """Tell whether a user has a mailbox, which keeps their mail and their place in the address list to itself."""
    plans = body.get("assignedPlans") or ()
    return any(one.get("service") == "exchange" and one.get("capabilityStatus") == "Enabled" for one in plans)


def _binned(one: Forecast) -> str:
    return f"{one.target_id.replace('-', '')}{one.computed.lower()}"


def attributes_of(body: Body, *, assigned: bool) -> dict[str, Value]:
    """Return somebody of the source by the engine's names; what Graph does not show has what the engine would have."""
    return {
        **from_graph(body),
        "alternativeSecurityIds": [body["id"]] if is_external(body) else None,
        "userState": body.get("externalUserState"),
        "manager": body.get("manager"),
        "appRoleAssignments": ["msiam_access"] if assigned else None,
    }


def _why(standing: Standing, decision: Decision) -> str:
    if standing.account == "disabled" and not standing.linked:
        return DISABLED
    if standing.account == "disabled" and standing.linked and standing.target == "blocked":
        return f"{standing.reason}; blocked before, so they stay"
    if standing.scope == "in" and decision.reason:
        return f"the object mapping does not allow it ({', '.join(sorted(standing.allowed)) or 'nothing'} is allowed)"
    return standing.reason or decision.reason


def _json(value: Value) -> Json:
    return list(value) if isinstance(value, tuple) else value
