"""What the attribute flow costs: beside `json.loads` of the same pages, with a hundred times the users, in memory.

`figures()` returns the numbers; run as a script it prints them. The users come page by page, as Graph would send them,
and are forgotten as soon as they are evaluated. One core, time-outs of patterns on.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import tracemalloc
from collections.abc import Iterator
from time import process_time

from reconciler.provisioning.attributes import from_graph
from reconciler.provisioning.flowing import Flow, Flowed, compile_mappings
from reconciler.provisioning.mapping import DEFAULT_MAPPINGS, Delta, lay

PAGE = 1_000
# Pages repeat after a while, so that making them costs no memory; the evaluation remembers nothing of a user.
DIFFERENT_PAGES = 5

EXPRESSIONS = {
    "displayName": Delta(expression='Append([displayName], " (Contoso)")'),
    "extensionAttribute1": Delta(expression='Join("; ", [department], [companyName], [country])'),
    "extensionAttribute2": Delta(expression='Switch([country], "Other", "DE", "EMEA", "FR", "EMEA", "US", "AMER")'),
    "telephoneNumber": Delta(expression='Replace([telephoneNumber], , "[()\\\\s-]+", , "", , )'),
    "mailNickname": Delta(expression='ToLower(NormalizeDiacritics(Join(".", [givenName], [surname])))'),
}

_GIVEN = ["Megan", "Zoë", "José", "Alex", "Søren", "Lee", "Adele", "Łukasz", "Grady", "Nestor"]
_SURNAMES = ["Bowen", "Müller", "Vance", "Wilber", "Núñez", "Archie", "Gu", "Stone", "Wilke", "Johnson"]


def flow() -> Flow:
    """Return the service's own mappings with five expressions laid over them."""
    return compile_mappings(lay(DEFAULT_MAPPINGS, EXPRESSIONS))


def page(number: int, size: int = PAGE) -> bytes:
    """Return one page of users as Graph sends it, always the same for the same number."""
    chance = random.Random(number)
    users = [_user(chance, number * size + index) for index in range(size)]
    return json.dumps({"value": users}, ensure_ascii=False).encode()


def _user(chance: random.Random, number: int) -> dict[str, object]:
    given, surname = chance.choice(_GIVEN), chance.choice(_SURNAMES)
    name = f"user{number}@contoso.example"
    return {
        "id": f"{chance.getrandbits(32):08x}-0000-4000-8000-{number:012x}",
        "accountEnabled": chance.random() > 0.02,
        "userPrincipalName": name,
        "mail": name,
        "mailNickname": f"user{number}",
        "displayName": f"{given} {surname}",
        "givenName": given,
        "surname": surname,
        "department": chance.choice(["Sales", "Engineering", "Legal", None]),
        "companyName": "Contoso",
        "jobTitle": chance.choice(["Engineer", "Account manager", None]),
        "employeeId": str(100_000 + number),
        "mobilePhone": chance.choice([None, f"+49 151 {chance.randrange(10**7):07d}"]),
        "businessPhones": [f"+1 ({chance.randrange(900) + 100}) 555-{chance.randrange(10**4):04d}"],
        "officeLocation": f"{chance.randrange(40)}/{chance.randrange(3000)}",
        "streetAddress": f"{chance.randrange(200)} Main Street",
        "city": chance.choice(["Berlin", "Paris", "Seattle"]),
        "state": chance.choice(["BE", "WA", None]),
        "postalCode": f"{chance.randrange(10**5):05d}",
        "country": chance.choice(["DE", "FR", "US", "JP"]),
        "preferredLanguage": chance.choice(["de-DE", "en-US", None]),
        "userType": "Member",
        "externalUserState": None,
    }


def sample() -> Flowed:
    """Return what the first of the measured users becomes, for a test of the measure itself."""
    return flow().created(from_graph(json.loads(page(0))["value"][0]))


def figures(users: int = 1_000_000, small: int = 10_000) -> dict[str, float]:
    """Return the figures by name, for `users` in all beside `small`."""
    pages = [page(number) for number in range(DIFFERENT_PAGES)]
    ready = flow()
    _evaluate(ready, pages, DIFFERENT_PAGES * PAGE)
    few = min(_seconds(ready, pages, small) for _ in range(3))
    many = _seconds(ready, pages, users)
    return {
        "evaluate_over_json_loads": many / _loading(pages, users),
        "evaluate_users_per_second": users / many,
        "evaluate_growth_100x": many / few * (100 * small / users),
        "evaluate_peak_mib_growth": _peak(ready, pages, users) - _peak(ready, pages, small),
    }


def _asked(pages: list[bytes], users: int) -> Iterator[bytes]:
    for index in range(-(-users // PAGE)):
        yield pages[index % len(pages)]


def _evaluate(ready: Flow, pages: list[bytes], users: int) -> int:
    written = 0
    for text in _asked(pages, users):
        for user in json.loads(text)["value"]:
            written += len(ready.created(from_graph(user)).values)
    return written


def _seconds(ready: Flow, pages: list[bytes], users: int) -> float:
    gc.collect()
    start = process_time()
    _evaluate(ready, pages, users)
    return process_time() - start


def _loading(pages: list[bytes], users: int) -> float:
    gc.collect()
    start = process_time()
    for text in _asked(pages, users):
        json.loads(text)
    return process_time() - start


def _peak(ready: Flow, pages: list[bytes], users: int) -> float:
    """Return the peak of memory in MiB while so many users are evaluated."""
    tracemalloc.start()
    try:
        _evaluate(ready, pages, users)
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    print(json.dumps({name: round(value, 2) for name, value in figures(size).items()}, indent=2))
