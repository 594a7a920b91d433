"""Histories drawn at random: the same happens to people of the emulator and to those of the oracle.

Replayable by their seeds. What differs is told; whether anything may is asked in the tests and by `make soak`.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterable
from functools import cache, lru_cache

from people_oracle import ALL_SCOPES, Company, Guest, Job, Person
from sync_pair import filtered, pair_seed
from worlds import CONTOSO, FABRIKAM

from reconciler.emulator.calls import Json
from reconciler.emulator.seeds import seeded_id
from reconciler.emulator.switches import Switches
from reconciler.emulator.synchronization import schemas
from reconciler.emulator.world import World

ROUNDS = 6
GRAPH = "https://graph.microsoft.com/v1.0"
WORDS = ("Sales", "Legal", "Research")
CONFIGURATIONS = ("to-fabrikam", "again")
ROLE = "00000000-0000-0000-0000-000000000000"
FLOW_TYPES = ("Add, Update, Delete", "Update, Delete", "Add, Delete", "Add, Update")
RESTARTS = {
    "": frozenset({"Escrows", "Watermark", "QuarantineState"}),
    "Escrows": frozenset({"Escrows"}),
    "Watermark": frozenset({"Watermark"}),
    "ConnectorDataStore": frozenset({"ConnectorDataStore"}),
    "QuarantineState": frozenset({"QuarantineState"}),
    "Full": ALL_SCOPES,
    "ForceDeletes": frozenset({"ForceDeletes"}),
    "None": frozenset[str](),
    "ForceDeletes, Watermark": frozenset({"ForceDeletes", "Watermark"}),
}
AT_HOME = (
    "change", "change", "clear", "disable", "disable", "enable", "enable", "leave", "join", "join", "delete", "restore",
    "purge", "lead", "orphan", "assign", "unassign",
)  # fmt: skip
JOB_STEPS = ("restart", "restart", "restart", "pause", "start", "start", "edit")
ELSEWHERE = ("delete", "restore", "purge", "block", "change", "ungroup", "give way")


class History:
    """Two tenants, one or two jobs between them, and everything that happens; `seed` is all that there is to chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        # Now and then so many accounts of the target are in the way that a job has too many failures.
        self.is_obstructed = self.chance.random() < 0.15
        people = {f"p{number}": self._person() for number in range(self.chance.randint(3, 6))}
        self.company = Company(people, {"g0": "G0", "g1": "G1"})
        for one in people.values():
            one.manager = self.chance.choice(["", "", *people])
        count = self.chance.choice([1, 1, 2])
        self.names = sorted(CONFIGURATIONS[:count], key=principal_id)
        self.company.jobs = [self._job() for _ in self.names]
        self.world = World.from_seed(self._seed())
        self.jobs = [next(iter(dict(self._jobs_of(name)))) for name in self.names]
        for name, key, job in zip(self.names, self.jobs, self.company.jobs, strict=True):
            schema = stored(job.filter, written(job), job.with_groups)
            self.world.store.put(CONTOSO, "synchronizationSchema", f"{principal_id(name)}/{key}", {"id": key, **schema})
        self.known: dict[str, Guest] = {}
        self.world.catch_up()

    def _person(self) -> Person:
        chance = self.chance
        groups = {group for group in ("g0", "g1") if chance.random() < 0.5}
        return Person(
            chance.choice([None, *WORDS]),
            enabled=chance.random() < 0.9,
            groups=groups,
            in_way=chance.random() < (0.7 if self.is_obstructed else 0.1),
        )

    def _job(self) -> Job:
        chance = self.chance
        names = self.company.people
        return Job(
            self.company,
            {name for name in names if chance.random() < 0.3},
            {group for group in ("g0", "g1") if chance.random() < 0.6},
            everybody=chance.random() < 0.2,
            filter=chance.choice([None, None, ("EQUALS", "Sales"), ("NOT EQUALS", "Legal")]),
            may=frozenset(chance.choice([FLOW_TYPES[0], *FLOW_TYPES]).split(", ")),
            with_groups=chance.random() < 0.5,
            threshold=chance.choice([0, 1, 2, 500]),
            failures_from=5_000,
        )

    def _seed(self) -> dict[str, Json]:
        people = self.company.people
        own = {f"own-{name}": {"proxyAddresses": [f"smtp:{name}@contoso.example"]} for name in people}
        in_way = {key: one for key, one in own.items() if people[key.removeprefix("own-")].in_way}
        limit = 2 if self.is_obstructed else 5_000
        seed = pair_seed(
            users={name: user(one) for name, one in people.items()},
            target={"users": in_way},
            switches={"escrows_evaluated_from": limit},
        )
        contoso = seed["tenants"]["contoso"]
        contoso["groups"] = {
            group: {"members": [name for name, one in people.items() if group in one.groups]}
            for group in self.company.groups
        }
        principals = contoso["servicePrincipals"] = {}
        for name, job in zip(self.names, self.company.jobs, strict=True):
            job.failures_from = limit
            principals[name] = {"assigned": sorted({*job.people, *job.groups}), "synchronization": configuration(job)}
        return seed

    def _jobs_of(self, name: str) -> list[tuple[str, Json]]:
        found = self.world.store.scan(CONTOSO, "synchronizationJob", below=principal_id(name))
        return [(str(body["id"]), body) for _, body in found]

    # ---------------------------------------------------------------------------------------- what happens

    def run(self, rounds: int = ROUNDS) -> list[str]:
        """Live the whole history; return what differs as soon as something does."""
        for _ in range(rounds):
            self.pass_time()
            told = self.differences()
            if told:
                return told
            self.happen()
        self.pass_time()
        return self.differences()

    def happen(self) -> None:
        """Let something happen to some people on both sides, to groups, and at last to a job."""
        for name, one in self.company.people.items():
            if self.chance.random() < 0.45:
                self.at_home(name, self.chance.choice(AT_HOME))
            elif not one.enabled and self.chance.random() < 0.5:
                # Whoever was blocked before they leave is an exception, and rare where all is left to chance.
                for what in ("leave", "leave", "unassign"):
                    self.at_home(name, what)
        for guest in list(self.known.values()):
            if self.chance.random() < 0.12:
                self.elsewhere(guest, self.chance.choice(ELSEWHERE))
        for group in self.company.groups:
            if self.chance.random() < 0.2:
                self.to_group(group)
        if self.chance.random() < 0.4:
            self.to_job()

    def pass_time(self) -> None:
        """Let time pass in both accounts."""
        minutes = self.chance.choice([40, 40, 40, 40, 25, 100, 6 * 60, 24 * 60, 29 * 24 * 60, 31 * 24 * 60])
        self.world.clock.wait(minutes * 60.0)
        self.world.catch_up()
        self.company.pass_time(minutes)
        self._learn()

    def _learn(self) -> None:
        """Find out under which ids new users of the target are known."""
        users = self.world.store.all(FABRIKAM, "user")
        known = set(map(id, self.known.values()))
        for guest in self.company.guests:
            if id(guest) not in known:
                found = [
                    key
                    for key, one in users.items()
                    if one["mailNickname"] == guest.home and key not in self.known and "creationType" in one
                ]
                self.known.update(dict.fromkeys(found[:1], guest))

    def does(self, method: str, path: str, body: Json = None, *, tenant: str = CONTOSO) -> Json:
        """Do something in the portal of a tenant."""
        sent = b"" if body is None else json.dumps(body).encode()
        answer = self.world.portal(self.world.directory.tenants[tenant], "Megan Bowen", method, path, sent)
        assert answer.status < 300, (method, path, answer.body)
        return answer.body

    def at_home(self, name: str, what: str) -> None:
        """Let something happen to somebody of the source, where it can."""
        one, company, chance = self.company.people[name], self.company, self.chance
        path, is_here = f"users/{user_id(name)}", self.company.people[name].where == "live"
        word, group = chance.choice(WORDS), chance.choice(["g0", "g1"])
        match what:
            case "change" | "clear" if is_here:
                one.department = word if what == "change" else None
                self.does("PATCH", path, {"department": one.department})
            case "disable" | "enable" if is_here:
                one.enabled = what == "enable"
                self.does("PATCH", path, {"accountEnabled": one.enabled})
            case "leave" if is_here and group in one.groups - company.dissolved:
                one.groups.remove(group)
                self.does("DELETE", f"groups/{group_id(group)}/members/{user_id(name)}/$ref")
                company.touch(group)
            case "join" if is_here and group not in one.groups | company.dissolved:
                one.groups.add(group)
                reference = {"@odata.id": f"{GRAPH}/directoryObjects/{user_id(name)}"}
                self.does("POST", f"groups/{group_id(group)}/members/$ref", reference)
                company.touch(group)
            case "delete" if is_here:
                one.where, one.since = "bin", company.now
                self.does("DELETE", path)
            case "restore" | "purge" if one.where == "bin":
                one.where = "live" if what == "restore" else "gone"
                verb, end = ("POST", "/restore") if what == "restore" else ("DELETE", "")
                self.does(verb, f"directory/deletedItems/{user_id(name)}{end}")
            case "lead" | "orphan" if is_here:
                if not self._led(one, path, what):
                    return
            case "assign" | "unassign" if is_here:
                self._assign(name, user_id(name), what)
                return
            case _:
                return
        company.touch(name)

    def _led(self, one: Person, path: str, what: str) -> bool:
        """Give somebody a manager who is there, or take the manager away; tell whether anything was done."""
        if what == "orphan":
            if not one.manager or self.company.people[one.manager].where != "live":
                return False
            one.manager = ""
            self.does("DELETE", f"{path}/manager/$ref")
            return True
        leaders = [name for name, other in self.company.people.items() if other.where == "live"]
        one.manager = self.chance.choice(leaders)
        self.does("PUT", f"{path}/manager/$ref", {"@odata.id": f"{GRAPH}/users/{user_id(one.manager)}"})
        return True

    def _assign(self, name: str, key: str, what: str) -> None:
        """Assign a person or a group to a job, or take that back."""
        at = self.chance.randrange(len(self.names))
        job, principal = self.company.jobs[at], principal_id(self.names[at])
        assigned = job.people if name in self.company.people else job.groups
        if (what == "assign") is (name in assigned) or name in self.company.dissolved:
            return
        if what == "assign":
            assigned.add(name)
            said = {"principalId": key, "resourceId": principal, "appRoleId": self._role(principal)}
            self.does("POST", f"servicePrincipals/{principal}/appRoleAssignedTo", said)
        else:
            assigned.remove(name)
            for _, one in self.world.store.scan(CONTOSO, "appRoleAssignment", below=f"{principal}/{key}"):
                self.does("DELETE", f"servicePrincipals/{principal}/appRoleAssignedTo/{one['id']}")
        (job.touched if name in self.company.people else job.reassigned).add(name)

    def _role(self, principal: str) -> str:
        roles = (self.world.store.get(CONTOSO, "servicePrincipal", principal) or {}).get("appRoles") or []
        return str(roles[0]["id"]) if roles else ROLE

    def to_group(self, group: str) -> None:
        """Let a group be assigned, or no longer, or have another name."""
        what = self.chance.choice(["assign", "assign", "assign", "unassign", "rename", "dissolve"])
        if group in self.company.dissolved:
            return
        match what:
            case "dissolve":
                self.company.dissolved.add(group)
                self.does("DELETE", f"groups/{group_id(group)}")
                self.company.touch(group, *(name for name, one in self.company.people.items() if group in one.groups))
            case "rename":
                self.company.groups[group] = f"{group} {self.chance.choice(WORDS)}"
                self.does("PATCH", f"groups/{group_id(group)}", {"displayName": self.company.groups[group]})
                self.company.touch(group)
            case _:
                self._assign(group, group_id(group), what)

    def elsewhere(self, guest: Guest, what: str) -> None:
        """Let somebody in the target do something to a user there, where they can."""
        key = next(key for key, one in self.known.items() if one is guest)
        path, one = f"users/{key}", self.company.people[guest.home]
        match what, guest.where:
            case "delete", "live":
                guest.where, guest.since = "bin", self.company.now
                self.does("DELETE", path, tenant=FABRIKAM)
            case "restore", "bin" if self.company.guest(guest.home) is None:
                guest.where = "live"
                self.does("POST", f"directory/deletedItems/{key}/restore", tenant=FABRIKAM)
            case "purge", "bin":
                guest.where = "gone"
                self.does("DELETE", f"directory/deletedItems/{key}", tenant=FABRIKAM)
            case "block", "live":
                guest.enabled = False
                self.does("PATCH", path, {"accountEnabled": False}, tenant=FABRIKAM)
            case "change", "live":
                guest.department = "Theirs"
                self.does("PATCH", path, {"department": "Theirs"}, tenant=FABRIKAM)
            case "ungroup", "live":
                self._ungroup(guest, key)
            case "give way", _ if one.in_way:
                one.in_way = False
                self.does("DELETE", f"users/{seeded_id(FABRIKAM, 'user', f'own-{guest.home}')}", tenant=FABRIKAM)

    def _ungroup(self, guest: Guest, key: str) -> None:
        for job, at in zip(self.company.jobs, range(len(self.jobs)), strict=True):
            for name, crowd in job.crowds.items():
                if guest in crowd.members and not crowd.is_gone:
                    crowd.members.remove(guest)
                    there = self._links(at)[group_id(name)]["target"]
                    self.does("DELETE", f"groups/{there}/members/{key}/$ref", tenant=FABRIKAM)

    def to_job(self) -> None:
        """Let something happen to a job: the last thing of a round, since it may set a cycle going at once."""
        at = self.chance.randrange(len(self.names))
        job, path = self.company.jobs[at], f"servicePrincipals/{principal_id(self.names[at])}/synchronization/jobs"
        path = f"{path}/{self.jobs[at]}"
        match self.chance.choice(JOB_STEPS):
            case "restart":
                scope = self.chance.choice(sorted(RESTARTS))
                self.does("POST", f"{path}/restart", {"criteria": {"resetScope": scope}})
                job.restart(RESTARTS[scope])
            case "pause":
                self.does("POST", f"{path}/pause")
                job.pause()
            case "start":
                self.does("POST", f"{path}/start")
                job.start()
            case "edit":
                self._edited(job, path)

    def _edited(self, job: Job, path: str) -> None:
        """Write the schema of a job otherwise: its next cycle looks at everybody."""
        match self.chance.choice(["filter", "actions", "groups"]):
            case "filter":
                job.filter = self.chance.choice([None, ("EQUALS", "Sales"), ("NOT EQUALS", "Legal")])
            case "actions":
                job.may = frozenset(self.chance.choice(FLOW_TYPES).split(", "))
            case _:
                job.with_groups = not job.with_groups
        whole = schemas.whole(stored(job.filter, written(job), job.with_groups))
        self.does("PUT", f"{path}/schema", {name: value for name, value in whole.items() if name != "version"})
        job.looks_at_all = True

    # ---------------------------------------------------------------------------------------- what is compared

    def _links(self, at: int) -> dict[str, dict[str, Json]]:
        below = f"{principal_id(self.names[at])}/{self.jobs[at]}"
        return {str(one["id"]): one for _, one in self.world.store.scan(CONTOSO, "synchronizedObject", below=below)}

    def differences(self) -> list[str]:
        """Return in what the two accounts differ."""
        shown, expected = self.shown(), self.expected()
        return [f"{name}: {shown[name]} is not {expected[name]}" for name in shown if shown[name] != expected[name]]

    def shown(self) -> dict[str, Json]:
        """Return what the emulator has."""
        store, ids = self.world.store, {key: number for number, key in enumerate(self.known)}
        users = {key: one for key, one in store.all(FABRIKAM, "user").items() if "creationType" in one}
        found: dict[str, Json] = {
            "users": {ids.get(key, key): look(one, ids) for key, one in users.items()},
            "number": len(users),
        }
        for at, name in enumerate(self.names):
            found |= {f"{name} {part}": value for part, value in self._job_shown(at, ids).items()}
        return found

    def _job_shown(self, at: int, ids: dict[str, int]) -> dict[str, Json]:
        store, links = self.world.store, self._links(at)
        path = f"{principal_id(self.names[at])}/{self.jobs[at]}"
        job, state = (store.get(CONTOSO, f"synchronization{kind}", path) or {} for kind in ("Job", "State"))
        quarantine = job["status"]["quarantine"]
        crowds = {}
        for key, link in links.items():
            group = store.get(FABRIKAM, "group", str(link["target"]))
            if link["kind"] == "Group" and group is not None:
                members = store.scan(FABRIKAM, "member", below=str(link["target"]))
                crowds[NAMES[key]] = (group["displayName"], sorted(ids[str(one["id"])] for _, one in members))
        return {
            "log": self._logged(at),
            "links": {NAMES[key]: ids.get(str(one["target"])) for key, one in links.items() if one["kind"] == "User"},
            "removed": sorted(NAMES[key] for key, one in links.items() if one["removed"]),
            "crowds": crowds,
            "failures": {named(key): one["count"] for key, one in state["escrows"].items()},
            "staged": sorted(NAMES[key] for key in state["staged"]),
            "state": (job["schedule"]["state"] == "Active", (quarantine or {}).get("reason", "")),
            "pruned": job["status"]["escrowsPruned"],
        }

    def _logged(self, at: int) -> dict[str, list[str]]:
        """Return what the log says of each person under a job, the oldest first."""
        found: dict[str, list[str]] = {}
        for one in self.world.store.all(CONTOSO, "provisioningEvent").values():
            if one["jobId"] == self.jobs[at] and one["sourceIdentity"]["identityType"] == "User":
                words = f"{one['provisioningAction']} {one['provisioningStatusInfo']['status']}"
                found.setdefault(NAMES[str(one["sourceIdentity"]["id"])], []).append(words)
        return found

    def expected(self) -> dict[str, Json]:
        """Return what the oracle says."""
        ids = {id(guest): number for number, guest in enumerate(self.known.values())}
        live = [one for one in self.company.guests if one.where == "live"]
        found: dict[str, Json] = {
            "users": {
                ids.get(id(one)): (one.home, one.enabled, one.department, ids.get(id(one.manager))) for one in live
            },
            "number": len(live),
        }
        for name, job in zip(self.names, self.company.jobs, strict=True):
            found |= {f"{name} {part}": value for part, value in expected_of(job, ids).items()}
        return found


def expected_of(job: Job, ids: dict[int, int]) -> dict[str, Json]:
    """Return what the oracle says of a job."""
    log: dict[str, list[str]] = {}
    for name, words in job.log:
        log.setdefault(name, []).append(words)
    return {
        "log": log,
        "links": {name: ids[id(guest)] for name, guest in job.guests.items()},
        "removed": sorted(job.removed),
        "crowds": {
            name: (crowd.name, sorted(ids[id(one)] for one in crowd.members))
            for name, crowd in job.crowds.items()
            if not crowd.is_gone
        },
        "failures": {key: one.count for key, one in job.failures.items()},
        "staged": sorted(job.staged),
        "state": (job.is_active, job.quarantine),
        "pruned": job.pruned,
    }


def look(one: Json, ids: dict[str, int]) -> tuple[Json, ...]:
    """Return what is compared of a user of the target."""
    manager = ids.get(str(one.get("manager")))
    return one["mailNickname"], one.get("accountEnabled", True), one.get("department"), manager


def user(one: Person) -> dict[str, Json]:
    """Return somebody as a seed describes them."""
    said = {"department": one.department, "manager": one.manager or None, "accountEnabled": one.enabled}
    return {name: value for name, value in said.items() if value is not None}


def configuration(job: Job) -> dict[str, Json]:
    """Return a job as a seed describes it, but for its schema."""
    guard = {"Enabled": False, "DeleteThresholdEnabled": True, "DeleteThresholdValue": job.threshold}
    settings = {"SyncAll": str(job.everybody).lower(), "SyncNotificationSettings": json.dumps(guard)}
    return {"target": "fabrikam", "settings": settings}


def written(job: Job) -> str:
    """Return what a job may do as a schema says it."""
    return ", ".join(one for one in ("Add", "Update", "Delete") if one in job.may)


@lru_cache(maxsize=256)
def stored(asked: tuple[str, str] | None, actions: str, with_groups: bool) -> dict[str, Json]:
    """Return a schema as the store keeps it."""
    standing = schemas.whole(None)
    sent = {name: value for name, value in copy.deepcopy(standing).items() if name != "version"}
    users, *_, groups = sent["synchronizationRules"][0]["objectMappings"]
    users["flowTypes"] = actions
    users["scope"]["groups"] = [] if asked is None else [filtered("department", *asked)]
    groups["enabled"] = with_groups
    return schemas.stored(schemas.checked(sent, standing, Switches()), "v1.1")


@cache
def user_id(name: str) -> str:
    """Return the id of somebody of the source."""
    return seeded_id(CONTOSO, "user", name)


@cache
def group_id(name: str) -> str:
    """Return the id of a group of the source."""
    return seeded_id(CONTOSO, "group", name)


@cache
def principal_id(name: str) -> str:
    """Return the id of the service principal of a configuration."""
    return seeded_id(CONTOSO, "service principal", name)


NAMES = {
    **{user_id(f"p{number}"): f"p{number}" for number in range(10)},
    **{group_id(one): one for one in ("g0", "g1")},
}


def named(key: str) -> str:
    """Return the key of a failure with names instead of ids."""
    return "/".join(NAMES.get(one, one) for one in key.split("/"))


def disagreements(seeds: Iterable[int], rounds: int = ROUNDS) -> dict[int, list[str]]:
    """Return what differs, by the seeds of the histories in which something does."""
    told = {seed: History(seed).run(rounds) for seed in seeds}
    return {seed: differs for seed, differs in told.items() if differs}
