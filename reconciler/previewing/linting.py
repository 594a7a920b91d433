"""What of the people of a link will surprise somebody: counted over all of them, with some ids to look at.

Findings only: who is concerned was judged before, and nothing here changes that. What was not read is not looked at.
People have ids and no names here, since what is found is shown in pull requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from reconciler.model import Finding, Json, Severity
from reconciler.model.people import Fate
from reconciler.previewing.census import Census
from reconciler.previewing.judging import AMBIGUOUS, DISABLED, INVALID, attributes_of
from reconciler.previewing.known import Known, Seat
from reconciler.previewing.ledger import IN_SCOPE, listed
from reconciler.previewing.managing import OUT
from reconciler.previewing.terms import Terms
from reconciler.provisioning import EvaluationError
from reconciler.provisioning.trees import Text
from reconciler.provisioning.values import Misfit

SHOWN: Final = 10

_TWINS: Final = """
SELECT min(f.person) FROM fates f WHERE f.run = :run AND f.fate IN (SELECT value FROM json_each(:fates))
AND f.mail <> '' GROUP BY f.mail HAVING count(*) > 1 ORDER BY 1
"""
_NO_MAIL: Final = """
SELECT f.person FROM fates f WHERE f.run = :run AND f.fate IN (SELECT value FROM json_each(:fates))
AND coalesce(f.mail, '') = '' ORDER BY 1
"""
_STRANGE: Final = """
SELECT f.person FROM fates f WHERE f.run = :run AND f.fate IN (SELECT value FROM json_each(:fates))
AND f.mail <> '' AND substr(f.mail, instr(f.mail, '@') + 1) NOT IN (SELECT value FROM json_each(:domains)) ORDER BY 1
"""
_DISABLED: Final = """
SELECT f.person FROM fates f WHERE f.run = :run AND f.fate IN (SELECT value FROM json_each(:fates))
AND f.reason = :reason AND json_extract(f.body, '$.in_scope') ORDER BY 1
"""
_KEPT_OUT: Final = """
SELECT f.person FROM fates f WHERE f.run = :run AND f.fate IN (SELECT value FROM json_each(:fates))
AND json_extract(f.body, '$.obstacle.code') = :code ORDER BY 1
"""
_NOTED: Final = """
SELECT f.person FROM fates f WHERE f.run = :run AND f.fate IN (SELECT value FROM json_each(:fates))
AND EXISTS (SELECT 1 FROM json_each(f.body, '$.notes') n WHERE n.value = :note) ORDER BY 1
"""
_THERE: Final = """
SELECT f.person, json_extract(u.body, '$.userType') FROM fates f JOIN users u ON u.id = f.target
WHERE f.run = :run AND f.fate IN (SELECT value FROM json_each(:fates)) AND NOT u.binned ORDER BY 1
"""
_ALL: Final = (*IN_SCOPE, Fate.CONFLICT)


@dataclass(frozen=True, slots=True)
class Linting:
    """One run over a census, looked at once more."""

    seat: Seat
    census: Census
    known: Known
    terms: Terms
    run: int

    def findings(self) -> Iterator[Finding]:
        """Yield what will surprise somebody."""
        yield from self._mails()
        yield from self._groups()
        yield from self._people()
        yield from self._types()

    def _mails(self) -> Iterator[Finding]:
        yield from self._found(
            self._ids(_TWINS),
            "mail address in scope is that of several people|mail addresses in scope are those of several people",
            "one user of the target stands for all of them",
        )
        yield from self._found(
            self._ids(_NO_MAIL),
            "person in scope has no mail|people in scope have no mail",
            "the principal name is invited instead",
        )
        if self.known.domains is not None:
            yield from self._found(
                self._ids(_STRANGE, domains=listed(sorted(self.known.domains))),
                "person in scope has a mail|people in scope have a mail",
                f"its domain is not verified in {self.seat.source}, so that nobody new can be invited",
            )

    def _groups(self) -> Iterator[Finding]:
        groups = sorted({f"{route.name or route.id}: {name or key}" for route, key, name in self.known.nested})
        yield from self._found(
            groups,
            "group is inside of an assigned group|groups are inside of assigned groups",
            "only direct members are synchronized, and these bring nobody",
        )
        yield from self._found(
            sorted(route.name or route.id for route in self.known.powerless),
            "assigned group is no security group|assigned groups are no security groups",
            "nobody is in scope by them",
        )

    def _people(self) -> Iterator[Finding]:
        yield from self._found(
            self._ids(_DISABLED, fates=(Fate.SKIP,), reason=DISABLED),
            "person in scope is disabled and not in the target|people in scope are disabled and not in the target",
            "they come when they are enabled",
            Severity.NOTE,
        )
        yield from self._found(
            self._ids(_NOTED, note=OUT),
            "person in scope has a manager|people in scope have a manager",
            "the manager is not in the target, and none is set",
            Severity.NOTE,
        )
        for code, who in ((AMBIGUOUS, "an account of its own"), (INVALID, "a group")):
            yield from self._found(
                self._ids(_KEPT_OUT, code=code),
                f"person is kept out of {self.seat.target}|people are kept out of {self.seat.target}",
                f"{who} has their address there",
            )

    def _types(self) -> Iterator[Finding]:
        yield from self._found(
            self._other_types(),
            f"user of {self.seat.target} has another userType|users of {self.seat.target} have another userType",
            "the mapping that would give it applies to new people only",
        )

    def _other_types(self) -> Iterator[str]:
        """Yield who has another type in the target than a mapping for new people alone would give them."""
        rule = next((one for one in self.terms.flow.rules if one.target == "userType"), None)
        if rule is None or rule.mapping.flow_type != "ObjectAddOnly":
            return
        source = rule.mapping.source
        for key, there in self._rows(_THERE, fates=IN_SCOPE):
            try:
                wanted = source.value if isinstance(source, Text) else rule.run(self._attributes(key))
            except (EvaluationError, Misfit):
                continue
            wanted = rule.default if wanted is None else wanted
            if there and wanted and str(wanted).lower() != str(there).lower():
                yield key

    def _attributes(self, key: str) -> dict[str, Json]:
        person = self.census.person(key)
        return attributes_of(person.body, assigned=True) if person and person.body else {}

    # ---------------------------------------------------------------------------------------- counting

    def _ids(self, statement: str, fates: Iterable[Fate] = _ALL, **values: str) -> Iterator[str]:
        return (str(row[0]) for row in self._rows(statement, fates=fates, **values))

    def _rows(self, statement: str, *, fates: Iterable[Fate], **values: str) -> Iterator[tuple[str, str | None]]:
        asked = {"run": self.run, "fates": listed(one.value for one in fates), **values}
        return iter(self.census.base.execute(statement, asked))

    def _found(
        self, ids: Iterable[str], words: str, why: str, severity: Severity = Severity.WARNING
    ) -> Iterator[Finding]:
        """Yield what was counted, if it is any; `words` are for one and for several. Only some ids are kept."""
        number, shown = 0, list[str]()
        for one in ids:
            number += 1
            shown += [one] if number <= SHOWN else []
        if number:
            one, several = words.split("|")
            more = [f"and {number - SHOWN} more"] if number > SHOWN else []
            message = f"{number} {one if number == 1 else several}: {why}"
            yield Finding(severity, self.seat.source, message, details=(*shown, *more))
