"""Everybody of a preview, in a private database on disk that is gone when it is closed, and when we are killed.

It keeps and finds; it knows neither Graph nor what becomes of anybody. Addresses and names are kept in small letters
beside their own spelling.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from reconciler.model import Body
from reconciler.model.people import Route

_TABLES: Final = """
CREATE TABLE people (id TEXT PRIMARY KEY, upn TEXT, mail TEXT, body TEXT) WITHOUT ROWID;
CREATE TABLE gone (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE routes (
    id INTEGER PRIMARY KEY, type TEXT, principal TEXT, name TEXT, live INTEGER, wanted INTEGER
);
CREATE TABLE taken (person TEXT, route INTEGER, PRIMARY KEY (person, route)) WITHOUT ROWID;
CREATE TABLE links (
    person TEXT PRIMARY KEY, target TEXT, removed INTEGER, upn TEXT, name TEXT
) WITHOUT ROWID;
CREATE TABLE users (
    id TEXT PRIMARY KEY, upn TEXT, mail TEXT, external INTEGER, binned INTEGER, body TEXT
) WITHOUT ROWID;
CREATE TABLE addresses (address TEXT, type TEXT, id TEXT, name TEXT, PRIMARY KEY (address, type, id)) WITHOUT ROWID;
CREATE TABLE claims (run INTEGER, word TEXT, person TEXT, PRIMARY KEY (run, word)) WITHOUT ROWID;
CREATE TABLE fates (
    run INTEGER, person TEXT, fate TEXT, reason TEXT, maybe INTEGER, upn TEXT, mail TEXT, target TEXT,
    manager TEXT, has TEXT, body TEXT, changes TEXT, PRIMARY KEY (run, person)
) WITHOUT ROWID;
CREATE INDEX people_upn ON people (upn);
CREATE INDEX people_mail ON people (mail);
CREATE INDEX users_upn ON users (upn);
CREATE INDEX users_mail ON users (mail);
CREATE INDEX links_target ON links (target);
CREATE INDEX fates_upn ON fates (run, upn, person);
CREATE INDEX fates_mail ON fates (run, mail);
"""
_EVERYBODY: Final = """
SELECT m.id, p.body, l.target, l.removed, l.upn, l.name
FROM (SELECT id FROM people UNION SELECT person FROM taken UNION SELECT person FROM links) m
LEFT JOIN people p ON p.id = m.id LEFT JOIN links l ON l.person = m.id ORDER BY m.id
"""
_ANYBODY: Final = """
SELECT ?1, p.body, l.target, l.removed, l.upn, l.name FROM (SELECT 1)
LEFT JOIN people p ON p.id = ?1 LEFT JOIN links l ON l.person = ?1
"""
_UNPLACED: Final = """
SELECT person FROM (SELECT person FROM taken UNION SELECT person FROM links)
WHERE person NOT IN (SELECT id FROM people) ORDER BY person
"""
_NAMESAKE: Final = "SELECT body FROM people WHERE mail = ? AND id <> ? ORDER BY id LIMIT 1"
_BY_ID: Final = "SELECT id, body, external, binned FROM users WHERE id = ?"
_BY_NAME: Final = "SELECT id, body, external, binned FROM users WHERE upn = ? AND external AND NOT binned ORDER BY id"
_BY_MAIL: Final = "SELECT id, body, external, binned FROM users WHERE mail = ? AND external AND NOT binned ORDER BY id"


@dataclass(frozen=True, slots=True)
class Link:
    """What the provisioning log says of somebody: their user of the target, and whether the service removed it."""

    target: str
    removed: bool
    principal_name: str = ""
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the source: `body` as Graph shows it, None for who is not there any more."""

    id: str
    body: Body | None
    link: Link | None


@dataclass(frozen=True, slots=True)
class User:
    """A user of the target; `binned` is in the bin."""

    id: str
    body: Body
    external: bool
    binned: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an address in the target and is no external user."""

    type: Literal["user", "group"]
    id: str
    name: str


class Census:
    """A database of one preview."""

    def __init__(self) -> None:
        # An empty name is SQLite's own word for a file that nobody else can open and that is unlinked at once.
        self.base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192;")
        self.base.executescript(_TABLES)

    def close(self) -> None:
        """Forget everything."""
        self.base.close()

    # ---------------------------------------------------------------------------------------- keeping

    def keep_people(self, bodies: Iterable[Body]) -> None:
        """Keep people of the source; who is kept already stays."""
        rows = ((one["id"], *_found_by(one), _text(one)) for one in bodies)
        self._many("INSERT OR IGNORE INTO people VALUES (?, ?, ?, ?)", rows)

    def keep_gone(self, ids: Iterable[str]) -> None:
        """Note who was looked for in the source and is not there."""
        self._many("INSERT OR IGNORE INTO gone VALUES (?)", ((one,) for one in ids))

    def keep_route(self, route: Route, *, live: bool, wanted: bool) -> int:
        """Keep a way into scope, as it is or as the files want it, and return its number."""
        row = (route.type, route.id, route.name, live, wanted)
        return int(self.base.execute("INSERT INTO routes VALUES (NULL, ?, ?, ?, ?, ?)", row).lastrowid or 0)

    def keep_taken(self, route: int, people: Iterable[str]) -> None:
        """Note who is in scope by a way."""
        self._many("INSERT OR IGNORE INTO taken VALUES (?, ?)", ((one, route) for one in people))

    def keep_links(self, links: Iterable[tuple[str, Link]]) -> None:
        """Keep what the log says, the newest first: what is known already stays."""
        rows = ((key, one.target, one.removed, one.principal_name, one.display_name) for key, one in links)
        self._many("INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, ?)", rows)

    def keep_users(self, bodies: Iterable[tuple[Body, bool]], *, binned: bool = False) -> None:
        """Keep users of the target, each with whether they are external."""
        rows = ((one["id"], *_found_by(one), external, binned, _text(one)) for one, external in bodies)
        self._many("INSERT OR REPLACE INTO users VALUES (?, ?, ?, ?, ?, ?)", rows)

    def keep_addresses(self, rows: Iterable[tuple[str, Holder]]) -> None:
        """Keep who of the target's own has an address."""
        named = ((address.lower(), one.type, one.id, one.name) for address, one in rows)
        self._many("INSERT OR IGNORE INTO addresses VALUES (?, ?, ?, ?)", named)

    def claimed(self, run: int, word: str) -> str:
        """Return who was first to have a user of the target, or a mail there, "" for nobody."""
        key = (run, word.lower())
        found = self.base.execute("SELECT person FROM claims WHERE run = ? AND word = ?", key).fetchone()
        return "" if found is None else str(found[0])

    def claim(self, run: int, word: str, person: str) -> None:
        """Note who has a user of the target, or a mail there; whoever was first stays it."""
        self.base.execute("INSERT OR IGNORE INTO claims VALUES (?, ?, ?)", (run, word.lower(), person))

    def _many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        # One page at most. It is looked at before: a page that cannot be believed leaves no transaction open.
        page = list(rows)
        self.base.execute("BEGIN")
        self.base.executemany(statement, page)
        self.base.execute("COMMIT")

    # ---------------------------------------------------------------------------------------- finding

    def people(self) -> Iterator[Person]:
        """Yield everybody whom a cycle may look at, by id: who was read, who is in scope, who is linked."""
        return map(_person, self.base.execute(_EVERYBODY))

    def person(self, key: str) -> Person | None:
        """Return somebody by id."""
        found = _person(self.base.execute(_ANYBODY, (key,)).fetchone())
        return found if found.body is not None or found.link is not None else None

    def is_gone(self, key: str) -> bool:
        """Tell whether somebody was looked for and is not there."""
        return self._has("SELECT 1 FROM gone WHERE id = ?", key)

    def knows(self, key: str) -> bool:
        """Tell whether somebody is in scope or linked."""
        return self._has("SELECT 1 FROM links WHERE person = ?1 UNION ALL SELECT 1 FROM taken WHERE person = ?1", key)

    def routes(self, key: str, *, live: bool) -> tuple[Route, ...]:
        """Return the ways by which somebody is in scope, as it is or as the files want it."""
        rows = self.base.execute(
            "SELECT type, principal, name FROM taken JOIN routes ON routes.id = taken.route "
            "WHERE person = ? AND CASE WHEN ? THEN live ELSE wanted END ORDER BY type DESC, name, principal",
            (key, live),
        )
        return tuple(Route(*row) for row in rows)

    def user(self, key: str) -> User | None:
        """Return a user of the target by id, the bin included."""
        return next(self._users(_BY_ID, key), None)

    def named(self, principal_name: str) -> User | None:
        """Return the external user of the target with this principal name, out of the bin."""
        return next(self._users(_BY_NAME, principal_name.lower()), None)

    def with_mail(self, mail: str) -> list[User]:
        """Return the external users of the target with this mail, out of the bin."""
        return list(self._users(_BY_MAIL, mail.lower()))

    def holders(self, address: str) -> list[Holder]:
        """Return who of the target's own has an address, users first."""
        rows = self.base.execute(
            "SELECT type, id, name FROM addresses WHERE address = ? ORDER BY type DESC, id", (address.lower(),)
        )
        return [Holder(*row) for row in rows]

    def unplaced(self) -> Iterator[str]:
        """Yield the ids of those who are in scope or linked, and were not read."""
        return (row[0] for row in self.base.execute(_UNPLACED))

    def namesake(self, mail: str, key: str) -> str:
        """Return the principal name of somebody else of the source who was read and has this mail, "" for nobody."""
        found = self.base.execute(_NAMESAKE, (mail.lower(), key)).fetchone()
        return "" if found is None else str(json.loads(found[0])["userPrincipalName"])

    def count(self, statement: str, *values: object) -> int:
        """Return the one number that a statement gives."""
        return int(self.base.execute(statement, values).fetchone()[0])

    def live_links(self) -> int:
        """Return how many people the log says are linked, and not removed."""
        return self.count("SELECT count(*) FROM links WHERE NOT removed")

    def _users(self, statement: str, value: str) -> Iterator[User]:
        rows = self.base.execute(statement, (value,))
        return (User(key, json.loads(body), bool(external), bool(binned)) for key, body, external, binned in rows)

    def _has(self, statement: str, value: str) -> bool:
        return self.base.execute(statement, (value,)).fetchone() is not None


def lower(value: object) -> str | None:
    """Return a text in small letters, or None."""
    return value.lower() if isinstance(value, str) and value else None


def _found_by(body: Body) -> tuple[str | None, str | None]:
    return lower(body.get("userPrincipalName")), lower(body.get("mail"))


def _text(body: Body) -> str:
    said = {name: value for name, value in body.items() if value not in (None, []) and not name.startswith("@")}
    return json.dumps(said, ensure_ascii=True, separators=(",", ":"))


def _person(row: tuple[str, str | None, str | None, int, str, str]) -> Person:
    key, body, target, removed, upn, name = row
    link = None if target is None else Link(target, bool(removed), upn, name)
    return Person(key, None if body is None else json.loads(body), link)
