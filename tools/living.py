"""What becomes of people whom a link shows in another tenant: who joins, changes, leaves and comes back, day by day.

Each day somebody does something in the source, a cycle of the service runs, and the target is asked over Graph. What it
answers is printed, and held to what the day promises. Not for settings: those are in place before the first day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rehearsing import Emulator

SOURCE, TARGET, GROUP = "contoso", "fabrikam", "Sync to Fabrikam"
SHOWN = ("mail", "displayName", "givenName", "surname", "jobTitle", "department", "mobilePhone")
DAY = 24 * 3600

JOINER = {
    "mail": "grace.gomez@contoso.example",
    "displayName": "Grace Gomez",
    "givenName": "Grace",
    "surname": "Gomez",
    "jobTitle": "Engineer",
    "department": "Engineering",
    "mobilePhone": "+46 70 100 0007",
}
MOVER = {
    "mail": "grace.green@contoso.example",
    "displayName": "Grace Green",
    "givenName": "Gracie",
    "surname": "Green",
    "jobTitle": "Head of Sales",
    "department": "Sales",
    "mobilePhone": "+46 70 100 0008",
}
GRACE, BILAL, CLARA = (f"{name}@contoso.example" for name in ("grace.gomez", "bilal.bakri", "clara.chen"))

Say = Callable[[str], None]


class BrokenPromise(Exception):
    """The target shows something else than the day promised."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the target shows them. `state` is in words: there, blocked, soft-deleted."""

    id: str
    state: str
    attributes: Mapping[str, Any]


@dataclass(slots=True)
class Company:
    """The source as its administrators change it, and the target as its own see it; both are asked over Graph."""

    emulator: Emulator
    ids: dict[str, str] = field(default_factory=dict)

    def portal(self, method: str, path: str, body: Mapping[str, Any] | None = None, tenant: str = SOURCE) -> Any:
        """Let an administrator send something to the Graph of their tenant, and return what it answers."""
        call = {"tenant": tenant, "who": "Megan Bowen", "method": method, "path": path, "body": body}
        answer = self.emulator.control("POST", "portal", call)
        if answer["status"] >= 300:
            raise RuntimeError(f"the portal refused {method} {path}: {answer}")
        return answer["body"]

    def account(self, upn: str) -> str:
        """Return the path of somebody's account in the source; it is remembered when the account is gone."""
        if upn not in self.ids:
            self.ids[upn] = self._id(f"/users?$filter=userPrincipalName eq '{upn}'")
        return f"/users/{self.ids[upn]}"

    def membership(self, upn: str) -> str:
        """Return the path of somebody's place in the group that is in scope."""
        group = self._id(f"/groups?$filter=displayName eq '{GROUP}'")
        return f"/groups/{group}/members/{self.account(upn).rpartition('/')[2]}/$ref"

    def join(self, upn: str) -> None:
        """Put somebody into the group that is in scope."""
        group = self._id(f"/groups?$filter=displayName eq '{GROUP}'")
        reference = f"https://graph.microsoft.com/v1.0/directoryObjects/{self.account(upn).rpartition('/')[2]}"
        self.portal("POST", f"/groups/{group}/members/$ref", {"@odata.id": reference})

    def _id(self, path: str) -> str:
        [found] = self.portal("GET", path)["value"]
        name: str = found["id"]
        return name

    def pass_days(self, days: float) -> None:
        """Let so much time go by; the service runs its cycles meanwhile."""
        self.emulator.control("POST", "clock/advance", {"seconds": days * DAY})

    def cycle(self) -> str:
        """Run a cycle now, and return the time in the tenants."""
        self.emulator.control("POST", "cycles", {"tenant": SOURCE})
        now: str = self.emulator.control("GET", "clock")["now"]
        return now[:16].replace("T", " ")

    def seen(self, upn: str) -> Person | None:
        """Return somebody of the source as the target shows them over Graph, the deleted included."""
        name = f"{upn.replace('@', '_')}#EXT#@"
        wanted = f"$select=id,userPrincipalName,accountEnabled,{','.join(SHOWN)}"
        for path, deleted in (("users", False), ("directory/deletedItems/microsoft.graph.user", True)):
            for one in self.portal("GET", f"/{path}?{wanted}", tenant=TARGET)["value"]:
                if name in one["userPrincipalName"]:
                    return Person(one["id"], _state(one, deleted=deleted), {key: one.get(key) for key in SHOWN})
        return None


def _state(one: Mapping[str, Any], *, deleted: bool) -> str:
    if deleted:
        return "soft-deleted"
    return "there" if one["accountEnabled"] else "blocked"


# ---------------------------------------------------------------------------------------------- the days


@dataclass(frozen=True, slots=True)
class Promise:
    """What the target shows of somebody after the day. `same` is whether it is the account of the day before."""

    upn: str
    state: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    same: bool = True


@dataclass(frozen=True, slots=True)
class Day:
    """So many days later somebody does something, and a cycle runs; then this is promised."""

    title: str
    later: float
    does: Callable[[Company], None]
    promises: Sequence[Promise]


def _hire(company: Company) -> None:
    account = {"userPrincipalName": GRACE, "mailNickname": "grace.gomez", "accountEnabled": True}
    password = {"passwordProfile": {"password": "only-in-the-emulator-1"}}
    company.portal("POST", "/users", {**account, **password, **JOINER})
    company.join(GRACE)


def _return(company: Company) -> None:
    company.join(BILAL)
    company.portal("POST", f"/directory/deletedItems/{company.ids[GRACE]}/restore")


# A day more is a line more here: what happens, and what the target has to show then.
DAYS = (
    Day(
        "Grace joins Contoso and the group. Fabrikam gets her with mail, names, job, department and mobile phone.",
        1,
        _hire,
        [Promise(GRACE, "there", JOINER, same=False)],
    ),
    Day(
        "Grace marries and moves to Sales: all seven change at Contoso, then at Fabrikam, in the same account.",
        1,
        lambda company: company.portal("PATCH", company.account(GRACE), MOVER),
        [Promise(GRACE, "there", MOVER)],
    ),
    Day(
        "Bilal leaves the group, and is out of scope: Fabrikam deletes him softly, which can be undone for 30 days.",
        1,
        lambda company: company.portal("DELETE", company.membership(BILAL)),
        [Promise(BILAL, "soft-deleted"), Promise(GRACE, "there", MOVER)],
    ),
    Day(
        "Grace leaves Contoso: her account is deleted there, and softly at Fabrikam.",
        1,
        lambda company: company.portal("DELETE", company.account(GRACE)),
        [Promise(GRACE, "soft-deleted", MOVER)],
    ),
    Day(
        "Twelve days later both are back, within the 30 days: Fabrikam restores the accounts that they had.",
        12,
        _return,
        [Promise(BILAL, "there"), Promise(GRACE, "there", MOVER)],
    ),
    Day(
        "Clara's account is disabled at Contoso: she stays at Fabrikam, and cannot sign in.",
        1,
        lambda company: company.portal("PATCH", company.account(CLARA), {"accountEnabled": False}),
        [Promise(CLARA, "blocked")],
    ),
)


def live(company: Company, say: Say, days: Iterable[Day] = DAYS) -> None:
    """Live through the days, and print what the target shows before and after each.

    Raises:
        BrokenPromise: when the target shows something else.
    """
    for day in days:
        company.pass_days(day.later)
        before = {promise.upn: company.seen(promise.upn) for promise in day.promises}
        day.does(company)
        now = company.cycle()
        say(f"\n  {now}  {day.title}\n")
        for promise in day.promises:
            after = company.seen(promise.upn)
            say(_table(promise.upn, before[promise.upn], after))
            hold(promise, before[promise.upn], after)


def hold(promise: Promise, before: Person | None, after: Person | None) -> None:
    """Compare what the target showed and shows of somebody with the promise.

    Raises:
        BrokenPromise: with the first difference.
    """
    if after is None or after.state != promise.state:
        raise BrokenPromise(
            f"{promise.upn} is {after.state if after else 'unknown'} in the target, not {promise.state}"
        )
    wrong = {name: after.attributes[name] for name in promise.attributes}
    wrong = {name: value for name, value in wrong.items() if value != promise.attributes[name]}
    if wrong:
        raise BrokenPromise(f"{promise.upn} has {wrong}, not { ({name: promise.attributes[name] for name in wrong}) }")
    if promise.same and (before is None or before.id != after.id):
        raise BrokenPromise(f"{promise.upn} is another account than before")
    if not promise.same and before is not None:
        raise BrokenPromise(f"{promise.upn} was there before")


def _table(upn: str, before: Person | None, after: Person | None) -> str:
    """Return what the target showed of somebody and shows now: the state, and of the attributes what is not alike."""
    rows = [("", "before", "after"), ("state", *(one.state if one else "-" for one in (before, after)))]
    for name in SHOWN:
        then, now = (str((one.attributes if one else {}).get(name) or "-") for one in (before, after))
        if then != now:
            rows.append((name, then, now))
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    lines = (f"      {name:{widths[0]}}  {then:{widths[1]}}  {now}".rstrip() for name, then, now in rows)
    return f"    {upn}\n" + "\n".join(lines) + "\n"
