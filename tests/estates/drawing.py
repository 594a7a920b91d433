"""Estates drawn at random: tenants as they were clicked together, and documents that want something else.

A draw is what a seed and files can say; what is legal in both is drawn often, what the guard rules forbid for good
seldom. Nothing here knows how the package reads or compares.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.model import Json

OURS = {
    "contoso": "c0000000-0000-4000-8000-00000000000c",
    "fabrikam": "fab00000-0000-4000-8000-00000000000f",
    "northwind": "0bad0000-0000-4000-8000-00000000000e",
}
OTHERS = {name: f"{at}a{at}b0000-0000-4000-8000-0000000000{at}d" for at, name in enumerate("qrstuv", 1)}
IDENTIFIERS = [f"{at}e{at}f0000-0000-4000-8000-0000000000{at}c" for at in range(1, 7)]

FLAGS = {
    "inboundTrust": ("isMfaAccepted", "isCompliantDeviceAccepted", "isHybridAzureADJoinedDeviceAccepted"),
    "automaticUserConsentSettings": ("inboundAllowed", "outboundAllowed"),
}
SETTINGS = (
    "b2bCollaborationInbound",
    "b2bCollaborationOutbound",
    "b2bDirectConnectInbound",
    "b2bDirectConnectOutbound",
)
MANAGED = {"default": ("inboundTrust", *SETTINGS), "partner": (*FLAGS, *SETTINGS)}
UNMANAGED = {
    "m365CollaborationInbound": ("users",),
    "m365CollaborationOutbound": ("usersAndGroups",),
    "appServiceConnectInbound": ("applications",),
}
# How the service may spell and page, without meaning anything else by it.
SPELLINGS: Mapping[str, Sequence[Json]] = {
    "nested_patch": ["merge", "replace"],
    "empty_block_refused": [True, False],
    "conflict_refused": [True, False],
    "mixed_all_refused": [True, False],
    "default_null_is_stock": [True, False],
    "target_case": ["as-sent", "lower"],
    "target_order": ["as-sent", "sorted"],
    "partner_key_case": ["lower", "as-sent"],
    "duplicate_targets_kept": [True, False],
    "annotations_accepted": [True, False],
    "any_write_customises": [True, False],
    "redemption_order": ["external-first", "directory-first"],
    "undeclared_properties": [True, False],
    "missing_partner_read": ["Request_ResourceNotFound", "ResourceNotFound"],
    "missing_partner_write": ["Directory_ObjectNotFound", "Request_ResourceNotFound"],
    "malformed_key_is_missing": [True, False],
    "page_size": [1, 2, 3, 100],
    "list_order": ["creation", "shuffled"],
    "filter_refused": [True, False],
    "skip_refused": [True, False],
    "count_route": [True, False],
    "delete_lingers_seconds": [0, 0, 20],
    "read_lag_seconds": [0, 0, 3],
    "batch_order": ["shuffled", "as-sent"],
    "roles_travel_in_token": [True, False],
}


@dataclass(slots=True)
class Wish:
    """What the files say about one object: `said` by block, unless it shall be gone."""

    said: dict[str, Json] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    absent: bool = False


@dataclass(slots=True)
class Drawn:
    """One estate. `wishes` maps a tenant and the key of a partner, "" for the default, to what files say."""

    seed: dict[str, Json]
    documents: dict[str, dict[str, Json]] = field(default_factory=dict)
    wishes: dict[tuple[str, str], Wish] = field(default_factory=dict)
    management: dict[str, str] = field(default_factory=dict)
    undeclared: dict[str, str] = field(default_factory=dict)


def draw(dice: random.Random) -> Drawn:
    """Return an estate."""
    drawn = Drawn({"switches": _switches(dice), "organizations": _organizations(), "tenants": {}})
    profiles = {name: _spec(dice, "partner", {}) for name in dice.sample(["plain", "close"], dice.randint(0, 2))}
    for name, said in profiles.items():
        drawn.documents[f"shared/profiles/{name}.yaml"] = {"kind": "AccessProfile", "name": name, "spec": said}
    names = dice.sample(sorted(OURS), dice.randint(1, 3))
    for name in names:
        Tenant(name, names, profiles, drawn, dice).draw()
    return drawn


def _switches(dice: random.Random) -> dict[str, Json]:
    flipped = dice.sample(sorted(SPELLINGS), dice.randint(0, len(SPELLINGS)))
    return {name: dice.choice(SPELLINGS[name]) for name in flipped}


def _organizations() -> dict[str, Json]:
    return {name: {"tenantId": key, "domain": f"{name}.example"} for name, key in OTHERS.items()}


# ---------------------------------------------------------------------------------------------- one tenant


@dataclass(slots=True)
class Tenant:
    """One tenant while it is drawn; `names` are those of all tenants of the estate."""

    name: str
    names: Sequence[str]
    profiles: Mapping[str, Mapping[str, Json]]
    drawn: Drawn
    dice: random.Random

    def draw(self) -> None:
        """Add what is live, and what the files say."""
        dice = self.dice
        management = dice.choices(["here", "observe", "elsewhere"], [8, 1, 1])[0]
        undeclared = dice.choice(["report", "ignore", "delete"])
        self.drawn.management[self.name], self.drawn.undeclared[self.name] = management, undeclared
        about = {"tenantId": OURS[self.name], "displayName": self.name.title(), "domain": f"{self.name}.example"}
        self.paper("tenant", {"kind": "Tenant", **about, "management": management, "undeclared": undeclared})
        default = _live(dice, "default") if dice.random() < 0.7 else {}
        partners = self._partners()
        self.drawn.seed["tenants"][self.name] = {**about, "default": default, "partners": list(partners.values())}
        if dice.random() < 0.6:
            self._want_default(default)
        self._want_partners(partners)

    def paper(self, name: str, said: dict[str, Json]) -> None:
        """Add a file of this tenant."""
        self.drawn.documents[f"{self.name}/{name}.yaml"] = said

    def _partners(self) -> dict[str, dict[str, Json]]:
        candidates = [*OTHERS, *(name for name in self.names if name != self.name)]
        chosen = self.dice.sample(candidates, self.dice.randint(0, 6))
        return {name: {"tenantId": _key(name), **_facts(self.dice), **_live(self.dice, "partner")} for name in chosen}

    def _want_default(self, live: Mapping[str, Json]) -> None:
        wish = Wish(_spec(self.dice, "default", live), _ignored(self.dice, "default"))
        self.drawn.wishes[self.name, ""] = wish
        self.paper("default", {"kind": "DefaultConfiguration", "spec": wish.said, **_lifecycle(wish)})

    def _want_partners(self, live: Mapping[str, Mapping[str, Json]]) -> None:
        strangers = [name for name in (*OTHERS, *self.names) if name not in live and name != self.name]
        some = self.dice.sample(strangers, self.dice.randint(0, min(2, len(strangers))))
        wanted = [*(name for name in live if self.dice.random() < 0.75), *some]
        rows = [self._want_partner(name, live.get(name, {})) for name in wanted]
        in_a_set = [row for row in rows if self.dice.random() < 0.4]
        if in_a_set:
            self.paper("partners", {"kind": "PartnerSet", "partners": in_a_set})
        for row in rows:
            if row not in in_a_set:
                self._files(row)

    def _want_partner(self, name: str, live: Mapping[str, Json]) -> dict[str, Json]:
        """Return the row about a partner, and remember what it means."""
        dice, row = self.dice, {"name": name}
        if name not in self.names:
            row |= {"tenantId": dice.choice([str.upper, str.lower])(_key(name)), "domain": f"{name}.example"}
        if dice.random() < 0.12:
            self.drawn.wishes[self.name, _key(name)] = Wish(absent=True)
            return {**row, "state": "absent"}
        said = _spec(dice, "partner", live)
        profile: Mapping[str, Json] = {}
        if self.profiles and dice.random() < 0.4:
            row["profile"] = dice.choice(sorted(self.profiles))
            profile = self.profiles[row["profile"]]
        wish = Wish({**profile, **said}, _ignored(dice, "partner"))
        self.drawn.wishes[self.name, _key(name)] = wish
        return {**row, "spec": said, **_lifecycle(wish)}

    def _files(self, row: dict[str, Json]) -> None:
        """Write the row as a file of its own, or as two that share what it says."""
        spec = row.get("spec") or {}
        if len(spec) > 1 and "profile" not in row and self.dice.random() < 0.2:
            names = sorted(spec)
            halves = [{name: spec[name] for name in names[at::2]} for at in range(2)]
            for at, half in enumerate(halves):
                self.paper(f"partners/{row['name']}-{at}", {"kind": "Partner", **row, "spec": half})
        else:
            self.paper(f"partners/{row['name']}", {"kind": "Partner", **row})


def _key(name: str) -> str:
    return OURS.get(name) or OTHERS[name]


def _facts(dice: random.Random) -> dict[str, Json]:
    odds = {"isServiceProvider": 0.04, "isInMultiTenantOrganization": 0.06}
    return {name: True for name, chance in odds.items() if dice.random() < chance}


def _ignored(dice: random.Random, kind: str) -> tuple[str, ...]:
    return tuple(dice.sample(MANAGED[kind], dice.randint(1, 2))) if dice.random() < 0.15 else ()


def _lifecycle(wish: Wish) -> dict[str, Json]:
    return {"lifecycle": {"ignore": list(wish.ignored)}} if wish.ignored else {}


# ---------------------------------------------------------------------------------------------- blocks


def _live(dice: random.Random, kind: str) -> dict[str, Json]:
    """Return blocks as they may stand in the service, in any spelling."""
    body: dict[str, Json] = {}
    for name in MANAGED[kind]:
        if dice.random() < 0.5:
            body[name] = _live_block(dice, kind, name)
    for name, halves in UNMANAGED.items():
        if dice.random() < 0.15:
            body[name] = {half: _half(dice, half, spelled=True) for half in halves}
    return body


def _live_block(dice: random.Random, kind: str, name: str) -> Json:
    if name in FLAGS:
        values = [True, False, None] if kind == "partner" else [True, False]
        return {leaf: dice.choice(values) for leaf in FLAGS[name]}
    setting = any_setting(dice, spelled=True)
    if kind == "partner" and dice.random() < 0.15:
        setting[dice.choice(sorted(setting))] = None
    return setting


def _spec(dice: random.Random, kind: str, live: Mapping[str, Json]) -> dict[str, Json]:
    """Return what a person says about some blocks, now and then what is live anyway."""
    said: dict[str, Json] = {}
    for name in MANAGED[kind]:
        if dice.random() < 0.45:
            said[name] = _said_block(dice, kind, name, live.get(name))
    return said


def _said_block(dice: random.Random, kind: str, name: str, live: Json) -> Json:
    if kind == "partner" and dice.random() < 0.2:
        return None
    if name in FLAGS:
        return _said_flags(dice, kind, FLAGS[name])
    if live and all(live.values()) and dice.random() < 0.4:
        return respelled(dice, live)
    while True:
        setting = any_setting(dice)
        opens = kind == "default" and name == "b2bDirectConnectInbound" and _lets_strangers_in(setting)
        if not opens or dice.random() < 0.1:
            return setting


def _said_flags(dice: random.Random, kind: str, leaves: Sequence[str]) -> dict[str, Json]:
    values, weights = ([True, False, None], [3, 3, 2]) if kind == "partner" else ([True, False], [1, 15])
    while True:
        some = dice.sample(leaves, dice.randint(1, len(leaves)))
        said = {leaf: dice.choices(values, weights)[0] for leaf in some}
        # Nothing but nulls about a part of a block is refused: it could mean two things.
        if any(value is not None for value in said.values()) or len(said) == len(leaves):
            return said


def _lets_strangers_in(setting: Mapping[str, Json]) -> bool:
    people = setting["usersAndGroups"]
    return bool((people["targets"][0]["target"] == "AllUsers") == (people["accessType"] == "allowed"))


def any_setting(dice: random.Random, *, spelled: bool = False) -> dict[str, Json]:
    """Return a setting as the service accepts it, `spelled` as it likes."""
    while True:
        setting = {half: _half(dice, half, spelled=spelled) for half in ("usersAndGroups", "applications")}
        people, applications = (
            (half["accessType"], half["targets"][0]["target"].startswith("All")) for half in setting.values()
        )
        # The service refuses these two.
        if (*people, applications[0]) == ("blocked", True, "allowed"):
            continue
        if (*applications, people[0]) == ("blocked", True, "allowed"):
            continue
        return setting


def _half(dice: random.Random, half: str, *, spelled: bool) -> dict[str, Json]:
    types = ["application"] if half == "applications" else ["user"] if half == "users" else ["user", "group"]
    if dice.random() < 0.5:
        word = "AllApplications" if half == "applications" else "AllUsers"
        targets = [{"target": word, "targetType": types[0]}]
    else:
        words = [*IDENTIFIERS, *(["Office365", "AllMicrosoftApps"] if half == "applications" else [])]
        targets = [
            {"target": target, "targetType": dice.choice(types)} for target in dice.sample(words, dice.randint(1, 3))
        ]
    whole = {"accessType": dice.choice(["allowed", "blocked"]), "targets": targets}
    return respelled(dice, whole) if spelled else whole


def respelled(dice: random.Random, value: Json) -> Json:
    """Return the same with targets in another order, another case, and twice."""
    match value:
        case {"target": target, "targetType": kind}:
            loud = not target[0].isupper() and dice.random() < 0.5
            return {"target": target.upper() if loud else target, "targetType": kind}
        case {"accessType": access, "targets": targets}:
            again = [respelled(dice, one) for one in (*targets, *dice.sample(targets, dice.randint(0, 1)))]
            if str(targets[0]["target"]).startswith("All"):
                again = again[:1]
            return {"accessType": access, "targets": dice.sample(again, len(again))}
        case Mapping():
            return {name: respelled(dice, member) for name, member in value.items()}
        case _:
            return value
