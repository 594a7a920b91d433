"""What cross-tenant access blocks let in, alone and together, and how two of them compare. Values and sets only.

A b2b block is a predicate over one person and one application. Whoever matches a target of a half "hits" it:

    users allowed, applications allowed    hits users and hits applications
    users allowed, applications blocked    hits users and hits no application
    users blocked, applications allowed    hits no user and hits applications
    users blocked, applications blocked    does not hit both at once

This is the documented table of combinations. Some blocks have one half only; whoever or whatever the other half would
name is then let through. Comparisons are exact for everybody who may exist: a person has one
object id at most, and belongs to any set of groups; an application has one client id, and belongs or does not belong
to `Office365` and to `AllMicrosoftApps`, whose members nobody publishes. So `blocked {group 1}` → `allowed {group 2}`
counts as wider: somebody in both groups gains. A widening is never missed; one that no real person makes use of may
be reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.model import Address, Answer, Body, Change, Effect, Json, State

USERS, APPLICATIONS, VISITORS = "usersAndGroups", "applications", "users"

INBOUND = ("b2bCollaborationInbound", "b2bDirectConnectInbound")
OUTBOUND = ("b2bCollaborationOutbound", "b2bDirectConnectOutbound")
SETTINGS = (*INBOUND, *OUTBOUND)
"""Blocks of two halves about B2B: who, and what."""

RESTRICTIONS = "tenantRestrictions"
ENTRANCES = (*INBOUND, "appServiceConnectInbound", "m365CollaborationInbound")
"""Blocks that let people or applications of others in."""

HALVES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys((*SETTINGS, RESTRICTIONS), (USERS, APPLICATIONS)),
    "m365CollaborationInbound": (VISITORS,),
    "m365CollaborationOutbound": (USERS,),
    "appServiceConnectInbound": (APPLICATIONS,),
}
"""Every block that lets some through and others not, with the halves it is made of."""

TRUST, CONSENT = "inboundTrust", "automaticUserConsentSettings"
FLAGS: Mapping[str, tuple[str, ...]] = {
    TRUST: ("isMfaAccepted", "isCompliantDeviceAccepted", "isHybridAzureADJoinedDeviceAccepted"),
    CONSENT: ("inboundAllowed", "outboundAllowed"),
}
"""Blocks of named flags, in which true is wider than false."""

SYNCHRONIZATION = "identity-synchronization"
MEMBERSHIP = "membership"
SYNC_PERMISSIONS = ("groupSyncInbound", "userSyncInbound")
"""Blocks of an object of that kind in which `isSyncAllowed` lets another organization create objects here."""

BLOCKS = tuple(sorted((*HALVES, *FLAGS)))

CLOUDS = "allowedCloudEndpoints"
ENDPOINTS: Mapping[str, str] = {
    "global": "microsoftonline.com",
    "usgov": "microsoftonline.us",
    "usgovdod": "microsoftonline.us",
    "china": "partner.microsoftonline.cn",
}
"""What the policy of a tenant calls each cloud where it names those that it works with."""

EVERYONE, EVERYTHING = "AllUsers", "AllApplications"
OTHERS, OTHER_APPLICATIONS = "everyone else", "every other application"
SEVERAL, SEVERAL_APPLICATIONS = "people who match several targets", "applications that match several targets"

# Words for sets of applications: unlike a client id, they can hold an application that is also named otherwise.
_SUITES = frozenset({"Office365", "AllMicrosoftApps"})

_WORDS_OF_HALVES = frozenset({USERS, APPLICATIONS, VISITORS})

_CLOSED: Json = {
    APPLICATIONS: {"accessType": "blocked", "targets": [{"target": EVERYTHING, "targetType": "application"}]},
    USERS: {"accessType": "blocked", "targets": [{"target": EVERYONE, "targetType": "user"}]},
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Who gains something, where somebody gains something, and which flags become true; false when nothing does.

    `users` and `applications` are ids or words, sorted, with `OTHERS` or `SEVERAL` for people nobody names. One of both
    is empty where the block does not speak of them.
    """

    users: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.users or self.applications or self.flags)

    @property
    def open_ended(self) -> bool:
        """Whether people are among them whom nobody names."""
        return not {EVERYONE, OTHERS}.isdisjoint(self.users)


# ---------------------------------------------------------------------------------------------- what applies


def effective(block: str, own: Json, default: Json) -> Json:
    """Return what applies where a partner says `own` and the default says `default`; None is "says nothing".

    A half and a flag that are None inherit too; consent is false where nobody says it, whatever the default says. What
    nobody says at all stays None: unknown, not closed.
    """
    mine: Mapping[str, Json] = own or {}
    behind: Mapping[str, Json] = default or {}
    if block in HALVES:
        return {half: mine.get(half) or behind.get(half) for half in HALVES[block]}
    if block == CONSENT:
        return {flag: mine.get(flag) is True for flag in FLAGS[CONSENT]}
    if block in FLAGS:
        return {flag: behind.get(flag) if mine.get(flag) is None else mine[flag] for flag in FLAGS[block]}
    return default if own is None else own


def known(value: Json) -> bool:
    """Whether every half or flag of an effective block is said by somebody, in words that we understand."""
    return isinstance(value, Mapping) and all(_understood(member) for member in value.values())


def _understood(member: Json) -> bool:
    if isinstance(member, Mapping):
        return member.get("accessType") in ("allowed", "blocked")
    return member is not None


def acceptable(value: Json) -> Json:
    """Return a setting that lets in the same people, in a form that the service accepts.

    Two halves that are fine apart may let in nobody together, which the service takes only as everything blocked.
    """
    if not known(value) or not {USERS, APPLICATIONS} <= value.keys():
        return value
    people, applications = value[USERS], value[APPLICATIONS]
    shut = [
        half["accessType"] == "blocked" and word in [target["target"] for target in half["targets"]]
        for half, word in ((people, EVERYONE), (applications, EVERYTHING))
    ]
    contradicts = (shut[0] and applications["accessType"] == "allowed") or (
        shut[1] and people["accessType"] == "allowed"
    )
    return _CLOSED if contradicts else value


def inherits(block: str, own: Json) -> bool:
    """Whether some of the block, a half or a flag at least, is left to the default."""
    members = FLAGS.get(block) or HALVES.get(block, ())
    return own is None or any(own.get(member) is None for member in members)


def settings(state: State, tenant: str, key: str) -> Body:
    """Return all that applies to one organization, block by block; without an entry of its own, the default."""
    own = _body(state, Address(tenant, "partner", key))
    default = _body(state, Address(tenant, "default"))
    return {block: effective(block, own.get(block), default.get(block)) for block in BLOCKS}


def world(state: State, tenant: str) -> Body:
    """Return all that applies to organizations without an entry of their own."""
    return settings(state, tenant, "")


def _body(state: State, address: Address) -> Body:
    resource = state.get(address)
    return resource.body if resource else {}


# ---------------------------------------------------------------------------------------------- getting through


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether anybody gets through; when only some do, who they are and where they get, in the words of Difference."""

    answer: Answer
    users: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()


def admitted(*values: Json) -> Admission:
    """Return who gets through all of these effective blocks, one behind the other.

    What a known block shuts stays shut, whatever an unknown one says; nothing else is certain beside an unknown one.
    """
    understood = [_setting(value) for value in values if known(value)]
    users, applications = [one.users for one in understood], [one.applications for one in understood]
    pairs = [(who, what) for who in _combinations(users, EVERYONE) for what in _combinations(applications, EVERYTHING)]
    through = [
        (who, what)
        for who, what in pairs
        if all(one.admits(bool(who >> at & 1), bool(what >> at & 1)) for at, one in enumerate(understood))
    ]
    if not through:
        return Admission(Answer.NO)
    if len(understood) < len(values):
        return Admission(Answer.UNKNOWN)
    if len(through) == len(pairs):
        return Admission(Answer.YES)
    people = _named(users, {who for who, _ in through}, EVERYONE, OTHERS, SEVERAL)
    things = _named(applications, {what for _, what in through}, EVERYTHING, OTHER_APPLICATIONS, SEVERAL_APPLICATIONS)
    return Admission(Answer.SOME, people, things)


# ---------------------------------------------------------------------------------------------- comparing


def gained(before: Json, after: Json) -> Difference:
    """Return who and what is let in by `after` and not by `before`; both are effective blocks.

    What is unknown counts as closed before and as open after. Blocks of another shape never differ.
    """
    return _beyond(after, (before,))


def lost(before: Json, after: Json) -> Difference:
    """Return who and what was let in by `before` and is not by `after`."""
    return _beyond(before, (after,))


def exceeded(now: Body, *bounds: Body) -> tuple[str, ...]:
    """Return the blocks in which `now` lets somebody in whom none of the bounds lets in; all from `settings`."""
    return tuple(block for block in BLOCKS if _beyond(now[block], [bound[block] for bound in bounds]))


def loses(before: Json, after: Json, application: str) -> bool:
    """Whether somebody may use that application, known by client id alone, under `before` but not under `after`."""
    if not (known(before) and known(after)):
        return bool(before != after)
    was, will = _setting(before), _setting(after)
    hits = [application in names or EVERYTHING in names for names in (was.applications.names, will.applications.names)]
    people = _combinations([was.users, will.users], EVERYONE)
    return any(was.admits(bool(who & 1), hits[0]) and not will.admits(bool(who & 2), hits[1]) for who in people)


@dataclass(frozen=True, slots=True)
class _Half:
    blocked: bool
    names: frozenset[str]
    overlapping: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Setting:
    users: _Half
    applications: _Half

    def admits(self, hits_users: bool, hits_applications: bool) -> bool:
        if self.users.blocked and self.applications.blocked:
            return not (hits_users and hits_applications)
        return hits_users != self.users.blocked and hits_applications != self.applications.blocked


def _setting(value: Body) -> _Setting:
    return _Setting(
        _half(value.get(USERS) or value.get(VISITORS), EVERYONE), _half(value.get(APPLICATIONS), EVERYTHING)
    )


def _half(value: Json, everything: str) -> _Half:
    if value is None:
        return _Half(blocked=False, names=frozenset([everything]), overlapping=frozenset())
    targets = value["targets"]
    overlapping = [target for target in targets if target["targetType"] == "group" or target["target"] in _SUITES]
    return _Half(
        blocked=value["accessType"] != "allowed",
        names=frozenset(target["target"] for target in targets),
        overlapping=frozenset(target["target"] for target in overlapping),
    )


def _beyond(value: Json, bounds: Sequence[Json]) -> Difference:
    if not isinstance(value, Mapping) or value in bounds:
        return Difference()
    if not _WORDS_OF_HALVES.isdisjoint(value):
        return _setting_beyond(value, bounds)
    flags = (flag for flag, said in sorted(value.items()) if said in (True, None) and not _any_true(flag, bounds))
    return Difference(flags=tuple(flags))


def _any_true(flag: str, bounds: Iterable[Json]) -> bool:
    return any(isinstance(bound, Mapping) and bound.get(flag) is True for bound in bounds)


def _setting_beyond(value: Body, bounds: Sequence[Json]) -> Difference:
    speaks_of_people, speaks_of_applications = APPLICATIONS not in value or len(value) > 1, APPLICATIONS in value
    if not known(value):
        return Difference((EVERYONE,) * speaks_of_people, (EVERYTHING,) * speaks_of_applications)
    # An unknown bound lets nobody in, so leaving it out changes nothing.
    all_of_them = [_setting(value), *(_setting(bound) for bound in bounds if known(bound))]
    users, applications = [one.users for one in all_of_them], [one.applications for one in all_of_them]
    gains = [
        (who, what)
        for who in _combinations(users, EVERYONE)
        for what in _combinations(applications, EVERYTHING)
        if _only_first_admits(all_of_them, who, what)
    ]
    people = _named(users, {who for who, _ in gains}, EVERYONE, OTHERS, SEVERAL)
    things = _named(applications, {what for _, what in gains}, EVERYTHING, OTHER_APPLICATIONS, SEVERAL_APPLICATIONS)
    return Difference(people if speaks_of_people else (), things if speaks_of_applications else ())


def _only_first_admits(candidates: Sequence[_Setting], who: int, what: int) -> bool:
    first, *others = (one.admits(bool(who >> at & 1), bool(what >> at & 1)) for at, one in enumerate(candidates))
    return first and not any(others)


def _combinations(halves: Sequence[_Half], everything: str) -> frozenset[int]:
    """Return which sets of halves one person, or one application, can hit at the same time; bit n is half n.

    All that matters about people is which halves they hit, so a handful of combinations stands for everybody.
    """
    reached = {_hits(everything, halves, everything)}
    for together in {_hits(name, halves, everything) for half in halves for name in half.overlapping}:
        reached |= {together | other for other in reached}
    alone = {_hits(name, halves, everything) for half in halves for name in half.names}
    return frozenset(reached | {one | other for one in alone for other in reached})


def _hits(name: str, halves: Sequence[_Half], everything: str) -> int:
    return sum(1 << at for at, half in enumerate(halves) if name in half.names or everything in half.names)


def _named(halves: Sequence[_Half], gaining: set[int], everything: str, others: str, several: str) -> tuple[str, ...]:
    """Return the names of those who hit exactly such a combination, and the word for those nobody names."""
    if not gaining:
        return ()
    names = sorted(frozenset().union(*(half.names for half in halves)) - {everything})
    found = [name for name in names if _hits(name, halves, everything) in gaining]
    if _hits(everything, halves, everything) not in gaining:
        return tuple(found) or (several,)
    return (everything,) if found == names else (*found, others)


# ---------------------------------------------------------------------------------------------- judging a change


def effect(change: Change, live: State, desired: State) -> Effect:
    """Return what a change of a default, a partner or its synchronization does to access.

    What pulls both ways counts as widening.

    Judged under the default before and after, since the change may be carried out under either. Whoever joins a group
    gets what it gives.
    """
    if change.address.kind == MEMBERSHIP:
        return Effect.NARROW if change.after is None else Effect.WIDEN
    pairs = [pair for block in change.blocks for pair in _in_effect(change, block, live, desired)]
    if any(gained(before, after) for before, after in pairs):
        return Effect.WIDEN
    return Effect.NARROW if any(lost(before, after) for before, after in pairs) else Effect.NEUTRAL


def _in_effect(change: Change, block: str, live: State, desired: State) -> Iterator[tuple[Json, Json]]:
    before, after = (change.before or {}).get(block), (change.after or {}).get(block)
    tenant = change.address.tenant
    if change.address.kind == SYNCHRONIZATION and block in SYNC_PERMISSIONS:
        yield {block: allows_sync(before)}, {block: allows_sync(after)}
    if block not in BLOCKS:
        return
    if change.address.kind == "partner":
        for state in (live, desired):
            default = _body(state, Address(tenant, "default")).get(block)
            yield effective(block, before, default), effective(block, after, default)
    if change.address.kind == "default":
        partly = (own for state in (live, desired) for _, own in halved(block, state, tenant))
        for own in (None, *partly):
            yield effective(block, own, before), effective(block, own, after)


def allows_sync(permission: Json) -> bool:
    """Whether a block of SYNC_PERMISSIONS says yes; nothing said is no."""
    return isinstance(permission, Mapping) and permission.get("isSyncAllowed") is True


def halved(block: str, state: State, tenant: str) -> Iterator[tuple[Address, Json]]:
    """Yield what partners say who set only one half of the block: their access need not follow the default's.

    A default of `allowed` everything that becomes `blocked {a}` is narrower; joined with a partner's own
    `blocked {group}` it is wider, because two blocked halves shut out their combination only.
    """
    for address, resource in state.items() if len(HALVES.get(block, ())) > 1 else ():
        own = resource.body.get(block)
        if address.tenant == tenant and address.kind == "partner" and own is not None and inherits(block, own):
            yield address, own
