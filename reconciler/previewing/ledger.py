"""The forecasts of one run over a census, on disk: kept as they are made, read one by one. It judges nobody."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from itertools import islice
from typing import Final

from reconciler.errors import SetupError
from reconciler.model import Json
from reconciler.model.people import Altered, Changed, Confidence, Fate, Forecast, Matched, Obstacle, Route, Turn
from reconciler.previewing.census import Census, lower
from reconciler.previewing.judging import LIVE, WANTED, Judged

IN_SCOPE: Final = (Fate.CREATE, Fate.ADOPT, Fate.UPDATE, Fate.BLOCK, Fate.RESTORE, Fate.IN_SYNC)
"""The fates of those who are in the target when the cycle has ended."""

_CARED_FOR: Final = (Fate.UPDATE, Fate.BLOCK, Fate.IN_SYNC)
_MATCHED: Final = (
    "SELECT count(*) FROM fates f WHERE run = ? AND NOT maybe AND target <> '' "
    "AND fate IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM links l WHERE l.person = f.person)"
)
_ALL: Final = (
    "SELECT fate, reason, target, body FROM fates WHERE run = ? AND fate IN (SELECT value FROM json_each(?)) "
    "ORDER BY upn, person"
)
# Whoever one run does not know is left alone by it.
_ALTERED: Final = (
    "SELECT f.fate, f.reason, f.target, f.body, g.fate, g.reason, g.target, g.body FROM fates g "
    "LEFT JOIN fates f ON f.person = g.person AND f.run = ?1 "
    "WHERE g.run = ?2 AND (g.fate <> coalesce(f.fate, 'skip') OR g.changes <> coalesce(f.changes, '[]')) "
    "ORDER BY g.upn, g.person"
)
_TURNS: Final = (
    "SELECT f.fate, g.fate, count(*) FROM fates g LEFT JOIN fates f ON f.person = g.person AND f.run = ?1 "
    "WHERE g.run = ?2 AND (g.fate <> coalesce(f.fate, 'skip') OR g.changes <> coalesce(f.changes, '[]')) "
    "GROUP BY 1, 2 ORDER BY 1, 2"
)
_BY_ID: Final = "SELECT fate, reason, target, body FROM fates WHERE run = ? AND person = ?"
_BY_NAME: Final = "SELECT fate, reason, target, body FROM fates WHERE run = ? AND upn = ? ORDER BY person"
_BY_MAIL: Final = "SELECT fate, reason, target, body FROM fates WHERE run = ? AND mail = ? ORDER BY person"
_MANAGED: Final = (
    "SELECT fate, reason, target, body, manager, has, person FROM fates WHERE run = ? AND person > ? "
    "AND manager <> '' AND fate IN (SELECT value FROM json_each(?)) ORDER BY person LIMIT ?"
)
_COLUMNS: Final = frozenset({"fate", "reason", "target_id"})
_NAMES: Final = {one: tuple(each.name for each in fields(one)) for one in (Forecast, Route, Changed, Obstacle)}
_CHUNK: Final = 500
# How many of those who go by one word are told.
_TOLD: Final = 5
_MAYBE: Final = "whether the job has linked them is not known, and if it has, they are soft-deleted: "


class Ledger:
    """The forecasts of a preview; `same` says that there is one run only: the files want what is live."""

    def __init__(self, census: Census, *, same: bool) -> None:
        self._census = census
        self._base = census.base
        self._same = same

    # ---------------------------------------------------------------------------------------- keeping

    def keep(self, run: int, judged: Iterable[Judged]) -> None:
        """Keep what was judged."""
        rows = (_row(run, one) for one in judged)
        self._base.execute("BEGIN")
        self._base.executemany("INSERT OR REPLACE INTO fates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._base.execute("COMMIT")

    def keep_chunked(self, run: int, judged: Iterator[Judged]) -> None:
        """Keep what is being judged, a part at a time, so that no reader meets what it has just kept."""
        while chunk := list(islice(judged, _CHUNK)):
            self.keep(run, chunk)

    def settle(self, run: int, linked: int | None) -> None:
        """Settle the fate of those who may be linked: where the job has linked nobody else, they are not."""
        if linked is None or linked > self._certain(run):
            self._base.execute("UPDATE fates SET reason = ? || reason WHERE run = ? AND maybe", (_MAYBE, run))
        else:
            self._base.execute("UPDATE fates SET fate = ? WHERE run = ? AND maybe", (Fate.SKIP.value, run))

    def accounted(self, run: int) -> int:
        """Return how many people are linked, or may be, and have a name here."""
        return self._certain(run) + self._census.count("SELECT count(*) FROM fates WHERE run = ? AND maybe", run)

    def _certain(self, run: int) -> int:
        """Return how many people count as linked: whom the log names, and whom the job seems to care for already."""
        return self._census.live_links() + self._census.count(_MATCHED, run, listed(_CARED_FOR))

    # ---------------------------------------------------------------------------------------- reading

    def counts(self, run: int) -> Mapping[Fate, int]:
        """Return how many people have each fate; a fate that nobody has is 0."""
        rows = dict(self._base.execute("SELECT fate, count(*) FROM fates WHERE run = ? GROUP BY fate", (run,)))
        return {fate: int(rows.get(fate.value, 0)) for fate in Fate}

    def forecasts(self, *fates: Fate, live: bool = False) -> Iterator[Forecast]:
        """Yield people of these fates, or all; as the files want it, or as it is `live`."""
        return (_forecast(*row) for row in self._base.execute(_ALL, (self._run(live=live), listed(fates or Fate))))

    def matched(self) -> Iterator[Matched]:
        """Yield everybody in scope with who they are in the target, as the files want it."""
        for one in self.forecasts(*IN_SCOPE):
            yield Matched(one.source_id, one.principal_name, one.target_id, one.computed, one.confidence, one.fate)

    def was(self, key: str) -> Forecast | None:
        """Return what becomes of somebody as it is."""
        return self.of(LIVE, key)

    def turns(self) -> tuple[Turn, ...]:
        """Return how many people's fate the files change, from what into what."""
        rows = () if self._same else self._base.execute(_TURNS, (LIVE, WANTED))
        return tuple(Turn(Fate(before) if before else None, Fate(after), int(count)) for before, after, count in rows)

    def altered(self) -> Iterator[Altered]:
        """Yield those whose fate the files change."""
        rows = self._base.execute(_ALTERED, (LIVE, WANTED))
        return (Altered(None if row[0] is None else _forecast(*row[:4]), _forecast(*row[4:])) for row in rows)

    def find(self, word: str, *, live: bool = False) -> Forecast | None:
        """Return somebody by id, principal name or mail, whatever the case.

        Raises:
            SetupError: several go by this name or mail, and none of them is chosen.
        """
        asked = (self._run(live=live), word.lower())
        for statement in (_BY_ID, _BY_NAME, _BY_MAIL):
            match [_forecast(*row) for row in self._base.execute(statement, asked).fetchmany(_TOLD)]:
                case [one]:
                    return one
                case [_, *_] as several:
                    ids = ", ".join(sorted(one.source_id for one in several))
                    raise SetupError(f"several people go by {word!r}; write the id of one: {ids}")
        return None

    def of(self, run: int, key: str) -> Forecast | None:
        """Return somebody by id."""
        found = self._base.execute(_BY_ID, (run, key)).fetchone()
        return None if found is None else _forecast(*found)

    def with_managers(self, run: int, fates: Iterable[Fate]) -> Iterator[Judged]:
        """Yield those of these fates who are to have a manager, a part at a time: they may be kept anew meanwhile."""
        among, last = listed(fates), ""
        while rows := self._base.execute(_MANAGED, (run, last, among, _CHUNK)).fetchall():
            for fate, reason, target, body, manager, has, _ in rows:
                yield Judged(_forecast(fate, reason, target, body), manager, has)
            last = rows[-1][-1]

    def close(self) -> None:
        """Forget everybody."""
        self._census.close()

    def _run(self, *, live: bool) -> int:
        return LIVE if live or self._same else WANTED


def _row(run: int, one: Judged) -> tuple[object, ...]:
    said = one.forecast
    text, changes = _text(_packed(said)), _text([_flat(change) for change in said.changes])
    return (
        run, said.source_id, said.fate.value, said.reason, one.maybe, lower(said.principal_name), lower(said.mail),
        said.target_id, one.manager, one.has, text, changes,
    )  # fmt: skip


def _packed(said: Forecast) -> Mapping[str, Json]:
    """Return what has no column of its own. `dataclasses.asdict` would copy every value, and take most of the time."""
    return {
        **{name: value for name, value in _flat(said).items() if name not in _COLUMNS},
        "routes": [_flat(route) for route in said.routes],
        "changes": [_flat(change) for change in said.changes],
        "obstacle": _flat(said.obstacle) if said.obstacle else None,
    }


def _flat(one: Forecast | Route | Changed | Obstacle) -> dict[str, Json]:
    return {name: getattr(one, name) for name in _NAMES[type(one)]}


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def listed(words: Iterable[str]) -> str:
    """Return words as SQLite takes a list of them."""
    return json.dumps([str(word) for word in words])


def _forecast(fate: str, reason: str, target: str, text: str) -> Forecast:
    body = json.loads(text)
    obstacle = body["obstacle"]
    return Forecast(
        **{
            **body,
            "fate": Fate(fate),
            "reason": reason,
            "target_id": target,
            "confidence": Confidence(body["confidence"]),
            "routes": tuple(Route(**one) for one in body["routes"]),
            "changes": tuple(Changed(**one) for one in body["changes"]),
            "obstacle": Obstacle(**obstacle) if obstacle else None,
            "notes": tuple(body["notes"]),
        }
    )
