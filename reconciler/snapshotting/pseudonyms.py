"""Other names for people: the same for the same word, in all tenants, under a key that nobody keeps. Pure but for that.

Words are replaced one by one, with their case kept, so that a name which an expression has put together out of others
is still put together out of theirs. Words that stand in expressions stay, or conditions would turn out otherwise.
Of addresses the part before the `@` is replaced, and of the name of a guest the part before the home domain.

What is not in `KEPT` and no filter asks for is replaced; an expression that cuts a value into pieces gives something
else for a pseudonym than for a name.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.model import Body, Json
from reconciler.provisioning import ATTRIBUTES
from reconciler.snapshotting.shapes import Snapshot

KEPT: Final = frozenset(
    {
        # What tells nobody from others, and what cycles decide by.
        "accountEnabled", "createdDateTime", "creationType", "deletedDateTime", "externalUserState", "userType",
        "onPremisesSyncEnabled", "showInAddressList", "usageLocation", "country", "state", "preferredLanguage",
        "companyName", "department", "jobTitle", "employeeType",
        # Files and other objects refer to it.
        "id", "home", "manager",
    }
)  # fmt: skip
_ADDRESSES: Final = frozenset({"userPrincipalName", "mail", "otherMails", "proxyAddresses", "identities"})
_WORD: Final = re.compile(r"[^\W_]+")
_GUEST: Final = re.compile(r"(?P<name>.+)(?P<rest>_[^_@]+#EXT#)$", re.IGNORECASE)
_LITERAL: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_CUTTING: Final = "an expression that cuts names or addresses into pieces may give another result for pseudonyms"
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class _Names:
    """Pseudonyms under one key. `true` are words that stay."""

    key: bytes
    true: frozenset[str]

    def word(self, match: re.Match[str]) -> str:
        word = match[0]
        small = word.casefold()
        if small in self.true:
            return word
        digest = hmac.new(self.key, small.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        if word.isdigit():
            return "".join(str(byte % 10) for byte in digest[: max(6, len(word))])
        made = "".join(_LETTERS[byte % 26] for byte in digest[:10])
        return made.upper() if word.isupper() and len(word) > 1 else made.title() if word[0].isupper() else made

    def text(self, text: str) -> str:
        return _WORD.sub(self.word, text)

    def address(self, text: str) -> str:
        """Return an address with another name before its domain, in small letters as such names compare."""
        scheme, colon, rest = text.rpartition(":")
        local, at, domain = rest.rpartition("@")
        if not at:
            local, domain = rest, ""
        guest = _GUEST.match(local)
        named = f"{self._local(guest['name'])}{guest['rest']}" if guest else self._local(local)
        return f"{scheme}{colon}{named}{at}{domain}"

    def _local(self, local: str) -> str:
        return _WORD.sub(lambda match: self.word(match).lower(), local.lower())


def pseudonymized(snapshot: Snapshot, key: bytes, wanted: Iterable[Body] = ()) -> Snapshot:
    """Return the snapshot with pseudonyms in place of names and addresses of people.

    `key` is to be random, and to be forgotten. `wanted` is what files say of mappings and filters, beside those that
    run already.
    """
    said = [*_schemas(snapshot), *wanted]
    kept = KEPT | {_graph(str(name)) for part in ("sourceOperandName", "attribute") for name in _members(said, part)}
    if kept & _ADDRESSES:
        # They are compared with each other.
        kept |= _ADDRESSES
    names = _Names(key, frozenset(_spoken(said)))
    tenants = {name: _tenant(seed, names, kept) for name, seed in snapshot.tenants.items()}
    known = KEPT | _ADDRESSES | {one.graph.partition(".")[0] for one in ATTRIBUTES.values()}
    return replace(snapshot, tenants=tenants, kept=tuple(sorted(kept & known)), assumed=(*snapshot.assumed, _CUTTING))


def _spoken(said: Json) -> Iterator[str]:
    """Yield the words that mappings themselves hold, in small letters."""
    literals = [part for text in _members(said, "expression") for part in _LITERAL.findall(str(text))]
    values = [str(text) for part in ("constant", "default", "defaultValue") for text in _members(said, part) if text]
    yield from (word.casefold() for text in (*literals, *values) for word in _WORD.findall(text))


def _schemas(snapshot: Snapshot) -> Iterator[Json]:
    for seed in snapshot.tenants.values():
        for one in seed.get("servicePrincipals", {}).values():
            if "synchronization" in one:
                yield one["synchronization"].get("schema")


def _members(value: Json, name: str) -> Iterator[Json]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == name:
                yield inner
            yield from _members(inner, name)
    if isinstance(value, (list, tuple)):
        for inner in value:
            yield from _members(inner, name)


def _graph(name: str) -> str:
    known = ATTRIBUTES.get(name)
    return known.graph.partition(".")[0] if known and known.graph else name


def _tenant(seed: Body, names: _Names, kept: Collection[str]) -> dict[str, Json]:
    people = {
        part: {key: _person(one, names, kept) for key, one in seed.get(part, {}).items()}
        for part in ("users", "deletedUsers")
    }
    return {**seed, **people}


def _person(one: Body, names: _Names, kept: Collection[str]) -> dict[str, Json]:
    return {
        name: value if name in kept else _replaced(value, names.address if name in _ADDRESSES else names.text, name)
        for name, value in one.items()
    }


def _replaced(value: Json, rename: Callable[[str], str], name: str = "") -> Json:
    match value:
        case str() if name == "mailNickname":
            return rename(value).lower()
        case str():
            return rename(value)
        case list():
            return [_replaced(inner, rename) for inner in value]
        case {"issuerAssignedId": str(own)}:
            return {**value, "issuerAssignedId": rename(own)}
        case Mapping() if "signInType" not in value:
            return {key: _replaced(inner, rename) for key, inner in value.items()}
        case _:
            return value
