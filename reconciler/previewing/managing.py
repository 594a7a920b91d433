"""Who becomes whose manager, once it is known who of them is in the target after the cycle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from reconciler.model.people import Changed, Fate, Forecast
from reconciler.previewing.census import Census
from reconciler.previewing.judging import Judged
from reconciler.previewing.ledger import IN_SCOPE, Ledger

BACK: Final = "one of the two comes out of the bin, and the manager may be the manager again by that alone"
OUT: Final = "the manager is not in the target, and not set"


@dataclass(frozen=True, slots=True)
class _Managing:
    ledger: Ledger
    census: Census
    run: int
    held: bool

    def judged(self) -> Iterator[Judged]:
        """Yield the people whom their manager makes a difference to."""
        for one in self.ledger.with_managers(self.run, IN_SCOPE):
            found = self._managed(one)
            if found is not None:
                yield found

    def _managed(self, one: Judged) -> Judged | None:
        above = self.ledger.of(self.run, one.manager)
        if above is None or not self._is_there(above):
            words = OUT if above is None or above.fate is not Fate.UNKNOWN else "the fate of the manager is unknown"
            return replace(one, forecast=replace(one.forecast, notes=(*one.forecast.notes, words)))
        if above.target_id and above.target_id == one.has:
            return None
        before = self.census.user(one.has) if one.has else None
        change = Changed("manager", before.body.get("userPrincipalName") if before else None, above.principal_name)
        fate = Fate.UPDATE if one.forecast.fate is Fate.IN_SYNC else one.forecast.fate
        comes_back = Fate.RESTORE in (above.fate, fate)
        notes = (*one.forecast.notes, BACK) if comes_back else one.forecast.notes
        changed = replace(one.forecast, fate=fate, changes=(*one.forecast.changes, change), notes=notes)
        return replace(one, forecast=changed)

    def _is_there(self, above: Forecast) -> bool:
        """Tell whether somebody is in the target after the cycle, and linked."""
        if above.fate in IN_SCOPE:
            return True
        if above.fate is Fate.UNKNOWN or (above.fate is Fate.REMOVE and not self.held):
            return False
        person = self.census.person(above.source_id)
        if person is None or person.link is None or person.link.removed:
            return False
        user = self.census.user(person.link.target)
        return user is not None and not user.binned


def managed(run: int, ledger: Ledger, census: Census, *, held: bool) -> None:
    """Set who becomes whose manager; `held`: nobody is removed."""
    ledger.keep_chunked(run, _Managing(ledger, census, run, held).judged())
