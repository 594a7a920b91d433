"""Names for what has none in the tenant: organizations by what the directory calls them, profiles by what they say.

Deterministic, whatever the order: who shares a name with somebody else gets a piece of the tenant id behind it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Set

from reconciler.model import Body, Json, Lookup, canonical_json

_LONGEST = 63
_LONGEST_SLUG = 40
_IN_WORDS = {"&": " and ", "+": " plus ", "ß": "ss", "’": "", "'": ""}
_ALL = ("AllUsers", "AllApplications")


def slug(words: str, longest: int = _LONGEST_SLUG) -> str:
    """Return words as a name: a-z, 0-9 and - only; "" when nothing is left of them."""
    for character, said in _IN_WORDS.items():
        words = words.replace(character, said)
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(found) <= longest:
        return found
    return found[:longest].rpartition("-")[0] or found[:longest]


def names(lookups: Mapping[str, Lookup], known: Mapping[str, str], taken: Set[str]) -> Mapping[str, str]:
    """Return a name for each tenant id. `known` are names that files use already, `taken` those of all tenants."""
    wanted = {key: _wanted(key, lookup) for key, lookup in lookups.items() if key not in known}
    claims: defaultdict[str, set[str]] = defaultdict(set)
    for key, name in (*known.items(), *wanted.items()):
        claims[name].add(key)
    alone = {key: name for key, name in wanted.items() if len(claims[name]) == 1 and name not in taken}
    used = {*known.values(), *alone.values(), *taken}
    others = {key: _distinct(key, name, used) for key, name in sorted(wanted.items()) if key not in alone}
    return {**{key: known[key] for key in lookups if key in known}, **alone, **others}


def _wanted(key: str, lookup: Lookup) -> str:
    return slug(lookup.display_name) or slug(lookup.domain.partition(".")[0]) or f"unknown-{key[:8]}"


def _distinct(key: str, name: str, used: Set[str]) -> str:
    short = f"{name}-{key[:8]}"
    return short if short not in used and not name.startswith("unknown-") else f"{name[:26].strip('-')}-{key}"


def profile_names(tenant: str, patterns: Mapping[str, Body], taken: Set[str]) -> Mapping[str, str]:
    """Return a name for the settings of each pattern, after what sets it apart from the others."""
    told = {pattern: _telling(spec) for pattern, spec in patterns.items()}
    counts = Counter(word for words in told.values() for word in words)
    found: dict[str, str] = {}
    for pattern, words in sorted(told.items()):
        own = [word for word in words if counts[word] == 1] or words
        name = slug("-".join([tenant, *own]), _LONGEST - 4)
        numbers = (f"{name}-{number}" for number in range(2, len(patterns) + len(taken) + 3))
        used = {*taken, *found.values()}
        found[pattern] = next(one for one in (name, *numbers) if one not in used)
    return found


def _telling(spec: Body) -> list[str]:
    """Return what is granted or closed, in words; all that is set, when that is nothing."""
    if not spec:
        return ["inherits-everything"]
    words = [word for block, value in spec.items() for word in _words(block, value)]
    return words or [f"{_kebab(block)}-set" for block in spec]


def _words(block: str, value: Json) -> Iterator[str]:
    if not isinstance(value, Mapping):
        return
    yield from (_kebab(leaf).removeprefix("is-") for leaf, said in value.items() if said is True)
    halves = [member for member in value.values() if isinstance(member, Mapping) and "accessType" in member]
    if halves:
        words = {str(half["accessType"]) for half in halves}
        whole = all(any(f'"{word}"' in canonical_json(half).decode() for word in _ALL) for half in halves)
        yield f"{_kebab(block)}-{words.pop() if len(words) == 1 and whole else 'restricted'}"


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
