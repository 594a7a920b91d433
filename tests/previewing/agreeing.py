"""Whether a preview says of everybody what the emulator's next cycle then does: told by its log, and by the target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import driving
from foreseen import SALES, Done, Foreseen, after, documents, done
from random_people import drawn

from reconciler.kinds import ALL
from reconciler.model import Estate, Json
from reconciler.model.people import Fate, Forecast, Preview
from reconciler.previewing.managing import BACK

# What no client of Graph can read, or is not a property of the user that is written.
SECRET = {"alternativeSecurityIds", "IsSoftDeleted"}
NOT_WRITTEN = (Fate.CREATE, Fate.CONFLICT)


def files(folder: Path) -> Estate:
    """Return what the files say of the link in every random estate."""
    return driving.estate(folder, documents(**SALES), ALL)


def disagreements(number: int, estate: Estate) -> list[str]:
    """Preview a random estate as it is, run its next cycle, and return what differs."""
    pair, everybody = drawn(number, estate)
    found = pair.preview()
    if found.exit_code:
        return [f"not read: {found.missed}"]
    return list(compared(pair, found, done(pair, everybody=everybody), live=True, everybody=everybody))


def compared(
    pair: Foreseen, found: Preview, did: Mapping[str, Done], *, live: bool, everybody: bool = True
) -> Iterator[str]:
    """Yield what a cycle did otherwise than a preview said."""
    people = {one.source_id: one for one in found.people.forecasts(live=live)}
    # Who is neither in scope nor linked is passed over by a cycle, and not named by a preview.
    yield from (f"unforeseen: {did[key]}" for key in did.keys() - people.keys() if did[key].fate is not Fate.SKIP)
    several = _shared(did)
    for key, one in people.items():
        if key in several:
            if not (one.notes or one.fate in (Fate.CREATE, Fate.SKIP) or key == min(several)):
                yield f"one user of the target with somebody else, and not said: {one}"
        elif key not in did:
            if everybody and one.fate is not Fate.SKIP:
                yield f"did not happen: {one}"
        else:
            told = _told(one, keeps_name=_keeps_name(pair, one, everybody=everybody))
            if told != _seen(pair, did[key]):
                yield f"said {told}, done {_seen(pair, did[key])}"


def _shared(did: Mapping[str, Done]) -> set[str]:
    """Return who is one user of the target with somebody else: what a cycle does hangs on whom it comes to first."""
    treated = {key: one for key, one in did.items() if one.target and one.fate is not Fate.SKIP}
    often = Counter(one.target for one in treated.values())
    return {key for key, one in treated.items() if often[one.target] > 1}


def _told(one: Forecast, *, keeps_name: bool) -> Json:
    changes = after(one)
    if keeps_name:
        changes.pop("userPrincipalName", None)
    if BACK in one.notes:
        changes.pop("manager", None)
    fate = Fate.IN_SYNC if one.fate is Fate.UPDATE and not changes else one.fate
    return fate, "" if one.fate is Fate.CONFLICT else one.target_id, changes


def _keeps_name(pair: Foreseen, one: Forecast, *, everybody: bool) -> bool:
    """Tell whether somebody who was invited and never came keeps that name: only a look at everybody changes it."""
    user = pair.users().get(one.target_id) or {}
    return not everybody and user.get("externalUserState") == "PendingAcceptance"


def _seen(pair: Foreseen, one: Done) -> Json:
    changes = {name: value for name, value in one.changes.items() if name not in SECRET}
    if "manager" in changes:
        changes["manager"] = pair.home_of(changes["manager"])
    return one.fate, "" if one.fate in NOT_WRITTEN else one.target, changes
