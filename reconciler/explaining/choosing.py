"""Who is meant by a word on the command line: a tenant of the files, or somebody whom they name. Looks nothing up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from reconciler.errors import SetupError
from reconciler.model import Estate, Party, Tenant

STRANGER = "no tenant of these files, so that nobody here can see what it says"

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LISTED = 10


def choose(estate: Estate, one: str, two: str) -> tuple[Party, Party]:
    """Return the two who are meant by a name, a tenant id or a domain.

    Raises:
        SetupError: a word means nobody, both mean the same, or neither of them is a tenant of the files.
    """
    parties = _party(estate, one), _party(estate, two)
    if parties[0].tenant_id == parties[1].tenant_id:
        raise SetupError(f"{one!r} and {two!r} are the same tenant; name two")
    if not any(party.ours for party in parties):
        raise SetupError(
            f"neither {one!r} nor {two!r} is a tenant of these files; one of the two has to be{_ours(estate)}"
        )
    return parties


def _party(estate: Estate, word: str) -> Party:
    wanted = word.lower()
    found = next((party for names, party in _known(estate) if wanted in names), None)
    if found is not None:
        return found
    if _GUID.fullmatch(wanted):
        # Nobody has to be named anywhere for the default to apply to them.
        return Party(wanted, "", wanted, ours=False, reason=STRANGER)
    raise SetupError(
        f"{word!r} is no tenant of these files, and no organization that they name; {_meant(estate, wanted)}"
    )


def _known(estate: Estate) -> Iterator[tuple[set[str], Party]]:
    """Yield everybody whom the files know, with the names by which each may be called; our own go first."""
    for name, tenant in sorted(estate.tenants.items()):
        yield {name.lower(), tenant.tenant_id, tenant.domain.lower()}, _own(tenant)
    own = {tenant.tenant_id for tenant in estate.tenants.values()}
    for address, document in sorted(estate.documents.items()):
        if address.key in estate.organizations and address.key not in own:
            label = document.label or address.key
            party = Party(label, label, address.key, ours=False, reason=STRANGER)
            yield {label.lower(), address.key, document.domain.lower() or address.key}, party


def _own(tenant: Tenant) -> Party:
    return Party(tenant.name, tenant.display_name, tenant.tenant_id, ours=True, cloud=tenant.cloud)


def _meant(estate: Estate, wanted: str) -> str:
    """Return what was probably meant, or what there is."""
    names = sorted({name for names, _ in _known(estate) for name in names if not _GUID.fullmatch(name)})
    close = get_close_matches(wanted[:200], names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"anybody else is named by tenant id{_ours(estate)}"


def _ours(estate: Estate) -> str:
    names = sorted(estate.tenants)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f" (there is {', '.join(names[:_LISTED])}{more})" if names else " (there is none)"
