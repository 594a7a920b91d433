"""What holds between two tenants, judged by counting: every person and application that may exist, one by one.

Written from the table alone, without a look at how the answers are found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st
from picturing import BLOCKS, answers, body, there

from reconciler.kinds import REGISTRY
from reconciler.model import Body, Json

STOCK = REGISTRY["default"].stock
Someone = frozenset[str]
ENDPOINTS = {
    "global": "microsoftonline.com",
    "usgov": "microsoftonline.us",
    "usgovdod": "microsoftonline.us",
    "china": "partner.microsoftonline.cn",
}

# ---------------------------------------------------------------------------------------------- whom there may be


def subsets(names: Iterable[str]) -> list[Someone]:
    every = list(names)
    return [frozenset(one) for one in chain.from_iterable(combinations(every, size) for size in range(len(every) + 1))]


PEOPLE = [groups | one for groups in subsets(("g1", "g2")) for one in (Someone(), {"u1"}, {"u2"})]
THINGS = [suites | one for suites in subsets(("Office365",)) for one in (Someone(), {"a1"}, {"a2"})]
EVERYBODY = list(product(PEOPLE, THINGS))


def matches(who: Someone, said: Body) -> bool:
    return any(target["target"] in {*who, "AllUsers", "AllApplications"} for target in said["targets"])


def lets_through(value: Body, who: Someone, what: Someone) -> bool:
    users, applications = value["usersAndGroups"], value["applications"]
    hits = matches(who, users), matches(what, applications)
    if users["accessType"] == "blocked" and applications["accessType"] == "blocked":
        return hits != (True, True)
    wanted = users["accessType"] == "allowed", applications["accessType"] == "allowed"
    return hits == wanted


# ---------------------------------------------------------------------------------------------- the same, by hand

Crowd = frozenset[tuple[Someone, Someone]] | None
"""Who gets through a block; None when nobody can say."""


def strangers(mine: Mapping[str, Json], theirs: Mapping[str, Json]) -> str:
    """Return "" where settings apply, "shut" or "hidden" where another cloud comes before them."""
    endpoint = ENDPOINTS[theirs["cloud"]]
    if endpoint == ENDPOINTS[mine["cloud"]]:
        return ""
    if mine["clouds"] == "hidden":
        return "hidden"
    return "" if endpoint in mine["clouds"] and "entry" in mine else "shut"


def crowd(mine: Mapping[str, Json], theirs: Mapping[str, Json], role: str, word: str) -> Crowd:
    if mine["unread"]:
        return None
    match strangers(mine, theirs):
        case "shut":
            return frozenset()
        case "hidden":
            return None
    name = BLOCKS[word] + ("Outbound" if role == "home" else "Inbound")
    own = body(mine.get("entry", {}), role).get(name) or {}
    behind = body(mine["default"], role).get(name) or STOCK[name]
    value = {member: own.get(member) or behind[member] for member in ("usersAndGroups", "applications")}
    return frozenset(pair for pair in EVERYBODY if lets_through(value, *pair))


def through(crowds: list[Crowd]) -> str:
    if frozenset() in crowds:
        return "no"
    if None in crowds:
        return "unknown"
    both = [pair for pair in EVERYBODY if all(one is not None and pair in one for one in crowds)]
    return "yes" if len(both) == len(EVERYBODY) else "some" if both else "no"


def all_of(*words: str) -> str:
    return next((word for word in ("no", "unknown", "some") if word in words), "yes")


def word(said: bool | None) -> str:
    return "unknown" if said is None else "yes" if said else "no"


def trusted(home: Mapping[str, Json], resource: Mapping[str, Json]) -> str:
    if resource["unread"]:
        return "unknown"
    match strangers(resource, home):
        case "shut":
            return "no"
        case "hidden":
            return "unknown"
    own, behind = resource.get("entry", {}).get("trust", {}), resource["default"].get("trust", {})
    claims = {own.get(name, behind.get(name, False)) for name in ("mfa", "device", "hybrid")}
    if {True, False} <= claims:
        return "some"
    return "unknown" if None in claims else word(claims.pop())


def consents(tenant: Mapping[str, Json]) -> str:
    return "unknown" if tenant["unread"] else word(tenant.get("entry", {}).get("consent") is True)


def permits(resource: Mapping[str, Json], what: str) -> str:
    if resource["unread"]:
        return "unknown"
    there_is_one = "people" in resource or "groups" in resource
    if not there_is_one or resource.get(what) != "hidden":
        return word(resource.get(what) is True)
    return "unknown"


def counted(home: Mapping[str, Json], resource: Mapping[str, Json]) -> dict[str, str]:
    """Return the answers as somebody with pencil and paper would find them."""
    two_clouds = ENDPOINTS[home["cloud"]] != ENDPOINTS[resource["cloud"]]
    guests, connected = (
        through([crowd(home, resource, "home", one), crowd(resource, home, "resource", one)])
        for one in ("collaboration", "connect")
    )
    consent = all_of(consents(home), consents(resource))
    people, groups = (all_of(permits(resource, one), consent, guests) for one in ("people", "groups"))
    return {
        "collaboration": guests,
        "direct-connect": "no" if two_clouds else connected,
        "trust": trusted(home, resource),
        "consent": consent,
        "user-sync": all_of(people, "unknown") if two_clouds else people,
        "group-sync": "no" if two_clouds else groups,
    }


# ---------------------------------------------------------------------------------------------- any two tenants


def halves(names: list[str], everything: str) -> st.SearchStrategy[str]:
    some = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(" ".join)
    return st.builds("{} {}".format, st.sampled_from(["allowed", "blocked"]), st.one_of(st.just(everything), some))


USERS, THINGS_SAID = halves(["u1", "u2", "g1", "g2"], "AllUsers"), halves(["a1", "a2", "Office365"], "AllApplications")
WHOLE = st.builds("{} / {}".format, USERS, THINGS_SAID)
ANY = st.builds("{} / {}".format, st.one_of(st.just("-"), USERS), st.one_of(st.just("-"), THINGS_SAID))
CLAIMS = st.dictionaries(st.sampled_from(["mfa", "device", "hybrid"]), st.booleans())
DEFAULTS = st.fixed_dictionaries(
    {},
    optional={
        "collaboration": WHOLE,
        "connect": WHOLE,
        "trust": st.tuples(*[st.sampled_from([True, False, None])] * 3).map(
            lambda flags: dict(zip(("mfa", "device", "hybrid"), flags, strict=True))
        ),
    },
)
ENTRIES = st.fixed_dictionaries(
    {}, optional={"collaboration": ANY, "connect": ANY, "trust": CLAIMS, "consent": st.booleans()}
)
CLOUDS = st.one_of(st.lists(st.sampled_from(sorted(set(ENDPOINTS.values()))), unique=True), st.just("hidden"))
TENANTS = st.fixed_dictionaries(
    {
        "default": DEFAULTS,
        "cloud": st.sampled_from(["global", "global", "global", "usgov", "usgovdod", "china"]),
        "clouds": CLOUDS,
        "unread": st.sampled_from([False, False, False, True]),
    },
    optional={
        "entry": ENTRIES,
        "people": st.booleans(),
        "groups": st.one_of(st.booleans(), st.just("hidden")),
    },
)


@settings(max_examples=300, deadline=None)
@given(TENANTS, TENANTS)
def test_answers_agree_with_counting(home: dict[str, Json], resource: dict[str, Json]) -> None:
    assert answers(there(home, resource)) == counted(home, resource)


@settings(max_examples=100, deadline=None)
@given(TENANTS, TENANTS)
def test_unread_tenant_only_takes_certainty_away(home: dict[str, Json], resource: dict[str, Json]) -> None:
    """What is certain although a tenant was not read is so whatever it says."""
    known = answers(there(home, {**resource, "unread": False}))
    guessed = answers(there(home, {**resource, "unread": True}))

    for capability, answer in guessed.items():
        assert answer == "unknown" or answer == known[capability]
