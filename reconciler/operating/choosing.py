"""Which links are meant by words on the command line. Looks nothing up but the files."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from reconciler.errors import SetupError
from reconciler.model import Estate, Link, Management, Tenant

ACCEPTANCE = "SyncAcceptance"
_LISTED = 10


def choose(estate: Estate, words: Iterable[str]) -> tuple[Link, ...]:
    """Return the links with these names, or all.

    Raises:
        SetupError: a word is the name of no link.
    """
    wanted = set(words)
    for word in sorted(wanted):
        if word not in {link.name for link in estate.links}:
            raise SetupError(f"{word!r} is no link of these files; {_meant(estate, word)}")
    return tuple(link for link in estate.links if not wanted or link.name in wanted)


def choose_one(estate: Estate, word: str) -> tuple[Link, Tenant]:
    """Return the link with this name, and the tenant that it begins in, to which somebody here signs in.

    Raises:
        SetupError: there is none, or what is to be seen of it is in a tenant to which nobody here signs in.
    """
    found = choose(estate, [word])
    if len(found) > 1:
        places = ", ".join(str(link.origin) for link in found)
        raise SetupError(f"{word!r} is the name of {len(found)} links ({places}); give each its own")
    (link,) = found
    tenant = home(estate, link)
    if tenant is None:
        raise SetupError(
            f"{link.origin}: {link.name} begins in {link.source}, to which nobody here signs in; whoever runs that "
            "tenant can see it there"
        )
    return link, tenant


def home(estate: Estate, link: Link) -> Tenant | None:
    """Return the tenant that a link begins in, or None when it is not ours to sign in to."""
    tenant = estate.tenants.get(link.source)
    if tenant is None or link.shape == ACCEPTANCE or tenant.management is Management.ELSEWHERE:
        return None
    return tenant


def writable(tenant: Tenant) -> Tenant:
    """Return the tenant if something may be written there.

    Raises:
        SetupError: the files say that it is only looked at.
    """
    if tenant.management is not Management.HERE:
        raise SetupError(
            f"{tenant.origin}: {tenant.name} is only observed, so nothing is written there; "
            "`management: here` would allow it"
        )
    return tenant


def _meant(estate: Estate, word: str) -> str:
    names = sorted({link.name for link in estate.links})
    close = get_close_matches(word[:200], names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"there is {', '.join(names[:_LISTED])}{more}" if names else "they have none"
