"""What looks like a secret, and how to speak of values without repeating one. Rule 21, for what people write in files.

The value is never part of a message: errors end up in logs and pull requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice

from reconciler.errors import Problem
from reconciler.model import Json, Origin

# Shapes that their makers keep recognizable, and words that announce a secret. Kept narrow: there is no way round.
_PATTERNS: Mapping[str, str] = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "a client secret of Microsoft Entra": r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])",
    "a signed token": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*",
    "a token of GitHub": r"\b(gh[oprsu]_[A-Za-z0-9]{36}|github_pat_\w{22})",
    "a key of Azure": r"\b([Aa]ccount[Kk]ey|[Ss]hared[Aa]ccess[Kk]ey)=[\w+/=]{20}",
    "a shared access signature": r"[?&]sig=[\w%+/-]{20}",
    "an access key of AWS": r"\b(AKIA|ASIA)[A-Z0-9]{16}\b",
    "a token of Slack": r"\bxox[abeoprs]-[\w-]{10}",
    "a bearer token": r"\b[Bb]earer\s+[\w.~+/-]{20}",
}
_COMPILED = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}
# A text without any of these holds none of the shapes above; looking for them is far cheaper than matching.
_TRACES = re.compile(r"PRIVATE KEY|Q~|eyJ|gh[oprsu]_|github_pat_|[Kk]ey=|sig=|AKIA|ASIA|xox|[Bb]earer")
_TELLING_KEY = re.compile(
    r"(?i)(^|[_-]|(?<=[a-z])(?=[A-Z]))(password|passwd|pwd|secret|secrets|(client|app)_?-?secret|private_?-?key|api_?-?key"
    r"|access_?-?key|access_?-?token|refresh_?-?token|connection_?-?string)$"
)

LONGEST = 80
# Secrets of one shape that are told at once: each costs a look back through the text.
MOST = 20
_ROTATE = "take it out and rotate it, since it may be in the history of Git now"


def show(text: str) -> str:
    """Return a text of people for a message: quoted, cut when long, and hidden when it looks like a secret."""
    if looks_secret(text):
        return "(hidden, it looks like a secret)"
    return repr(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")


def looks_secret(text: str) -> bool:
    """Whether the text has the shape of a secret."""
    return bool(_TRACES.search(text)) and any(pattern.search(text) for pattern in _COMPILED.values())


def leaks(text: str, file: str) -> Iterator[Problem]:
    """Yield a problem for the secrets in the text of a file, comments included; for the first ones of each shape."""
    if not _TRACES.search(text):
        return
    for name, pattern in _COMPILED.items():
        for match in islice(pattern.finditer(text), MOST):
            line, column = text.count("\n", 0, match.start()) + 1, match.start() - text.rfind("\n", 0, match.start())
            yield Problem(Origin(file, line, column), f"this looks like {name}", _ROTATE)


def telling(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every property that by its name holds a secret, and holds something."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            if _tells(key) and isinstance(member, str | int):
                yield (*path, key)
            elif isinstance(member, Mapping | tuple):
                yield from telling(member, (*path, key))
    elif isinstance(value, tuple):
        for index, member in enumerate(value):
            if isinstance(member, Mapping | tuple):
                yield from telling(member, (*path, index))


# The same few names stand in every document.
@lru_cache(maxsize=1024)
def _tells(key: str) -> bool:
    return _TELLING_KEY.search(key) is not None
