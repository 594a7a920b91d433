"""What the emulated service remembers: objects, the journal of all mutations, audit records; in SQLite.

Every mutation is one transaction together with its journal and audit rows, so that a killed process leaves all of it
or nothing. The journal is the oracle of the tests: it also keeps the writes that were received and not committed.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.words import KINDS, words

# The second name of the kinds that have one, under which they are looked up as often as under their key.
_NAME = (
    "CASE WHEN kind IN ('user', 'group', 'application', 'servicePrincipal') THEN lower(coalesce("
    "json_extract(body, '$.userPrincipalName'), json_extract(body, '$.appId'), json_extract(body, '$.displayName')"
    ")) END"
)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS objects (
    position INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    body TEXT NOT NULL, UNIQUE (tenant, kind, key));
CREATE INDEX IF NOT EXISTS objects_order ON objects (tenant, kind);
CREATE INDEX IF NOT EXISTS objects_names ON objects (tenant, kind, {name});
CREATE INDEX IF NOT EXISTS objects_ends ON objects (tenant, kind, substr(key, 38, 36)) WHERE length(key) > 72;
CREATE TABLE IF NOT EXISTS words (
    tenant TEXT NOT NULL, kind TEXT NOT NULL, word TEXT NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, word, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS words_objects ON words (tenant, kind, key);
CREATE TABLE IF NOT EXISTS journal (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, tenant TEXT NOT NULL, principal TEXT NOT NULL,
    method TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, before TEXT NOT NULL,
    after TEXT NOT NULL, sent TEXT NOT NULL, request_id TEXT NOT NULL, client_request_id TEXT NOT NULL,
    committed INTEGER NOT NULL, status INTEGER NOT NULL, answered INTEGER NOT NULL, fault TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS journal_objects ON journal (tenant, kind, committed);
CREATE TABLE IF NOT EXISTS audits (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, time TEXT NOT NULL, body TEXT NOT NULL);
"""


# How many objects a scan reads at once.
_BIT = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One received write. `committed` tells whether it changed anything, `status` what the service decided.

    `answered` is the status the caller was given: a fault may have replaced it, and 0 means that no answer was sent.
    `before` and `after` are whole objects, None where there was or is none. Times are ISO 8601 in UTC.
    """

    sequence: int
    time: str
    tenant: str
    principal: Body
    method: str
    path: str
    kind: str
    key: str
    before: Body | None
    after: Body | None
    sent: Json
    request_id: str
    client_request_id: str
    committed: bool
    status: int
    answered: int
    fault: str

    @property
    def blocks(self) -> tuple[str, ...]:
        """The top-level properties that the write changed, sorted."""
        before, after = self.before or {}, self.after or {}
        return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))

    def as_json(self) -> dict[str, Json]:
        """Return the entry for the control plane."""
        return {**{name: getattr(self, name) for name in self.__slots__}, "blocks": list(self.blocks)}


_JSON_COLUMNS = frozenset({"principal", "before", "after", "sent"})
_COLUMNS = tuple(name for name in Entry.__slots__ if name != "sequence")


class Store:
    """Objects by tenant, kind and key; tenants by lower-case id, and "" for what belongs to none."""

    def __init__(self, path: Path | str = ":memory:") -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        weakref.finalize(self, self._connection.close)
        # A process that is killed loses nothing with this; only a power cut could.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA.replace("{name}", _NAME))
        self._index_all()

    def close(self) -> None:
        """Give the database file back."""
        self._connection.close()

    def watch(self, statement: Callable[[str], None], work: Callable[[], None], every: int = 100) -> None:
        """Tell of every statement, and of so many instructions that SQLite carried out: for whoever measures."""
        self._connection.set_trace_callback(statement)
        self._connection.set_progress_handler(work, every)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside happen, or nothing of it. One inside another is part of that."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    # ------------------------------------------------------------------------------------------ odd facts

    def remember(self, name: str, value: str) -> None:
        """Keep a fact about the world itself."""
        with self._lock:
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def recall(self, name: str) -> str | None:
        """Return what `remember` kept."""
        with self._lock:
            row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def clear(self) -> None:
        """Forget all objects, the journal and the audit records; facts about the world itself stay."""
        with self._lock:
            for table in ("objects", "words", "journal", "audits"):
                self._connection.execute(f"DELETE FROM {table}")
            self._connection.execute("DELETE FROM sqlite_sequence")

    # ------------------------------------------------------------------------------------------ objects

    def get(self, tenant: str, kind: str, key: str = "") -> dict[str, Json] | None:
        """Return the object, or None."""
        with self._lock:
            row = self._connection.execute(
                "SELECT body FROM objects WHERE tenant = ? AND kind = ? AND key = ?", (tenant, kind, key)
            ).fetchone()
        return None if row is None else json.loads(row[0])

    def all(self, tenant: str, kind: str) -> dict[str, dict[str, Json]]:
        """Return the objects of a kind by key, in the order of their creation."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT key, body FROM objects WHERE tenant = ? AND kind = ? ORDER BY position", (tenant, kind)
            ).fetchall()
        return {key: json.loads(body) for key, body in rows}

    def count(self, tenant: str, kind: str) -> int:
        """Return how many objects of a kind there are."""
        with self._lock:
            row = self._connection.execute(
                "SELECT count(*) FROM objects WHERE tenant = ? AND kind = ?", (tenant, kind)
            ).fetchone()
        return int(row[0])

    def page(self, tenant: str, kind: str, limit: int, after: str = "", skip: int = 0) -> dict[str, dict[str, Json]]:
        """Return up to `limit` objects by key, in the order of their creation.

        They follow the object with the key `after`; where that is gone, or none is named, `skip` objects are passed.
        """
        place = "SELECT position FROM objects WHERE tenant = ? AND kind = ? AND key = ?"
        with self._lock:
            row = self._connection.execute(place, (tenant, kind, after)).fetchone() if after else None
            rows = self._connection.execute(
                "SELECT key, body FROM objects WHERE tenant = ? AND kind = ? AND position > ? "
                "ORDER BY position LIMIT ? OFFSET ?",
                (tenant, kind, row[0] if row else 0, limit, 0 if row else skip),
            ).fetchall()
        return {key: json.loads(body) for key, body in rows}

    def scan(
        self, tenant: str, kind: str, *, below: str = "", after: str = "", skip: int = 0
    ) -> Iterator[tuple[str, dict[str, Json]]]:
        """Yield objects with their keys, read bit by bit: in the order of their creation, or, below `below`, of keys.

        What hangs below an object has a key that begins with that of the object and a slash. They follow the object
        with the key `after`, as in `page`.
        """
        while True:
            found = (
                self._below(tenant, kind, below, after, skip) if below else self.page(tenant, kind, _BIT, after, skip)
            )
            yield from found.items()
            if len(found) < _BIT:
                return
            after, skip = next(reversed(found)), 0

    def _below(self, tenant: str, kind: str, owner: str, after: str, skip: int) -> dict[str, dict[str, Json]]:
        with self._lock:
            rows = self._connection.execute(
                "SELECT key, body FROM objects WHERE tenant = ? AND kind = ? AND key > ? AND key < ? "
                "ORDER BY key LIMIT ? OFFSET ?",
                (tenant, kind, after or f"{owner}/", f"{owner}0", _BIT, 0 if after else skip),
            ).fetchall()
        return {key: json.loads(body) for key, body in rows}

    def named(self, tenant: str, kind: str, name: str) -> dict[str, dict[str, Json]]:
        """Return the objects by key that have this second name, without case, in the order of their creation.

        It is the principal name of a user, the application id of an application or a service principal, and the
        display name of a group. Case is that of ASCII alone.
        """
        where = f"tenant = ? AND kind = ? AND {_NAME} = lower(?)"
        return self._objects(f"{where} ORDER BY position", (tenant, kind, name))

    def ending(self, tenant: str, kind: str, end: str) -> dict[str, dict[str, Json]]:
        """Return the objects by key that hang below one and lead to another: those that lead to the id `end`."""
        where = "tenant = ? AND kind = ? AND length(key) > 72 AND substr(key, 38, 36) = ?"
        return self._objects(f"{where} ORDER BY position", (tenant, kind, end))

    def _index_all(self) -> None:
        """Let everything be found that a file holds which was written before there were words."""
        if self._connection.execute("SELECT 1 FROM words LIMIT 1").fetchone() is not None:
            return
        rows = self._connection.execute("SELECT tenant, kind, key, body FROM objects WHERE kind IN ('user', 'group')")
        for tenant, kind, key, body in rows.fetchall():
            self._index(tenant, kind, key, words(json.loads(body)))

    def worded(self, tenant: str, kind: str, word: str) -> dict[str, dict[str, Json]]:
        """Return the users or groups by key that are found by a word, in the order of their creation."""
        keys = "SELECT key FROM words WHERE tenant = ? AND kind = ? AND word = ?"
        # The plus keeps SQLite from walking through all objects in their order.
        where = f"tenant = ? AND kind = ? AND key IN ({keys}) ORDER BY +position"
        return self._objects(where, (tenant, kind, tenant, kind, word))

    def _objects(self, where: str, values: tuple[Json, ...]) -> dict[str, dict[str, Json]]:
        with self._lock:
            rows = self._connection.execute(f"SELECT key, body FROM objects WHERE {where}", values).fetchall()
        return {key: json.loads(body) for key, body in rows}

    def put(self, tenant: str, kind: str, key: str, body: Body) -> None:
        """Write an object; its place among the others stays."""
        with self._lock:
            self._connection.execute(
                "INSERT INTO objects (tenant, kind, key, body) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (tenant, kind, key) DO UPDATE SET body = excluded.body",
                (tenant, kind, key, json.dumps(body)),
            )
            if kind in KINDS:
                self._index(tenant, kind, key, words(body))

    def _index(self, tenant: str, kind: str, key: str, found_by: Iterable[str]) -> None:
        """Let an object be found by these words, and by no others."""
        self._connection.execute("DELETE FROM words WHERE tenant = ? AND kind = ? AND key = ?", (tenant, kind, key))
        self._connection.executemany(
            "INSERT OR IGNORE INTO words VALUES (?, ?, ?, ?)", [(tenant, kind, word, key) for word in found_by]
        )

    def delete(self, tenant: str, kind: str, key: str) -> None:
        """Remove an object."""
        with self._lock:
            self._connection.execute(
                "DELETE FROM objects WHERE tenant = ? AND kind = ? AND key = ?", (tenant, kind, key)
            )
            if kind in KINDS:
                self._index(tenant, kind, key, ())

    def delete_below(self, tenant: str, kind: str, owner: str) -> None:
        """Remove everything that hangs below an object."""
        with self._lock:
            self._connection.execute(
                "DELETE FROM objects WHERE tenant = ? AND kind = ? AND key > ? AND key < ?",
                (tenant, kind, f"{owner}/", f"{owner}0"),
            )

    # ------------------------------------------------------------------------------------------ journal

    def record(self, values: Mapping[str, Json]) -> int:
        """Append a journal row and return its sequence number; `values` are the fields of an Entry but `sequence`."""
        row = [json.dumps(values[name]) if name in _JSON_COLUMNS else values[name] for name in _COLUMNS]
        marks = ", ".join("?" for _ in _COLUMNS)
        with self._lock:
            cursor = self._connection.execute(f"INSERT INTO journal ({', '.join(_COLUMNS)}) VALUES ({marks})", row)
        return int(cursor.lastrowid or 0)

    def note_answer(self, sequence: int, answered: int, fault: str) -> None:
        """Write down what the caller was told about a committed write, and which faults were at work.

        Faults that are written down already, of the part of a batch, stay.
        """
        with self._lock:
            self._connection.execute(
                "UPDATE journal SET answered = ?, fault = CASE WHEN fault = '' OR ? = '' THEN fault || ? "
                "ELSE fault || ',' || ? END WHERE sequence = ?",
                (answered, fault, fault, fault, sequence),
            )

    def journal(self, *, since: int = 0) -> tuple[Entry, ...]:
        """Return the journal after `since`, in order."""
        return self._entries("sequence > ?", (since,))

    def history(self, tenant: str, kind: str, *, since: int = 0) -> tuple[Entry, ...]:
        """Return the committed writes to objects of a kind after `since`, newest first."""
        where = "tenant = ? AND kind = ? AND committed = 1 AND sequence > ?"
        return self._entries(where, (tenant, kind, since))[::-1]

    def changes(self, tenant: str, kind: str, since: int) -> tuple[Entry, ...]:
        """Return the committed writes to objects of a kind after `since`, in order."""
        return self._entries("tenant = ? AND kind = ? AND committed = 1 AND sequence > ?", (tenant, kind, since))

    def last_sequence(self) -> int:
        """Return the number of the newest journal row, 0 when there is none."""
        return self._highest("1", ())

    def last_time(self) -> str:
        """Return when the newest journal row was written, "" when there is none."""
        with self._lock:
            row = self._connection.execute("SELECT coalesce(max(time), '') FROM journal").fetchone()
        return str(row[0])

    def last_write(self, tenant: str, kind: str, key: str | None) -> int:
        """Return the number of the newest committed write to an object, or to any of its kind when `key` is None."""
        where = "tenant = ? AND kind = ? AND committed = 1"
        if key is None:
            return self._highest(where, (tenant, kind))
        return self._highest(f"{where} AND key = ?", (tenant, kind, key))

    def sequence_at(self, time: str) -> int:
        """Return the number of the last journal row that is not later than `time`."""
        return self._highest("time <= ?", (time,))

    def _highest(self, where: str, values: tuple[Json, ...]) -> int:
        with self._lock:
            row = self._connection.execute(
                f"SELECT coalesce(max(sequence), 0) FROM journal WHERE {where}", values
            ).fetchone()
        return int(row[0])

    def _entries(self, where: str, values: tuple[Json, ...]) -> tuple[Entry, ...]:
        with self._lock:
            rows = self._connection.execute(
                f"SELECT sequence, {', '.join(_COLUMNS)} FROM journal WHERE {where} ORDER BY sequence", values
            ).fetchall()
        return tuple(_entry(row) for row in rows)

    # ------------------------------------------------------------------------------------------ audits

    def audit(self, tenant: str, time: str, body: Body) -> None:
        """Append an audit record."""
        with self._lock:
            self._connection.execute(
                "INSERT INTO audits (tenant, time, body) VALUES (?, ?, ?)", (tenant, time, json.dumps(body))
            )

    def audits(self, tenant: str) -> list[dict[str, Json]]:
        """Return the audit records of a tenant, newest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT body FROM audits WHERE tenant = ? ORDER BY sequence DESC", (tenant,)
            ).fetchall()
        return [json.loads(row[0]) for row in rows]


def _entry(row: tuple[Json, ...]) -> Entry:
    named = dict(zip(("sequence", *_COLUMNS), row, strict=True))
    decoded = {name: json.loads(value) if name in _JSON_COLUMNS else value for name, value in named.items()}
    return Entry(**{**decoded, "committed": bool(named["committed"])})
