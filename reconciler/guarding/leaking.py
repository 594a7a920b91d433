"""Rule 21: what looks like a secret in a change or beside it. Says where and what kind; never repeats the value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reconciler.guarding.case import Case
from reconciler.model import Acknowledgement, Change, Document, Finding, Json, Origin, Severity

# Shapes that their makers keep recognizable, and words that announce a secret. Kept narrow: an error has no way round.
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
        "a client secret of Microsoft Entra": r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])",
        "a signed token": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*",
        "a token of GitHub": r"\b(gh[oprsu]_[A-Za-z0-9]{36}|github_pat_\w{22})",
        "a key of Azure": r"(?i)\b(AccountKey|SharedAccessKey)=[\w+/=]{20}",
        "a shared access signature": r"[?&]sig=[\w%+/-]{20}",
        "an access key of AWS": r"\b(AKIA|ASIA)[A-Z0-9]{16}\b",
        "a token of Slack": r"\bxox[abeoprs]-[\w-]{10}",
        "a bearer token": r"(?i)\bbearer\s+[\w.~+/-]{20}",
        "a password": r"(?i)\b(password|passwd|pwd|client[_-]?secret|api[_-]?key)\s*[:=]\s*\S{6}",
    }.items()
}


def find(case: Case) -> Iterator[Finding]:
    """Yield one finding for every text that looks like a secret."""
    for change in case.changes:
        yield from _leaks(case, change, _texts_of_change(change), change.origin)
    for document in case.documents.values():
        yield from _leaks(case, document, _texts_of_document(document), document.origin)
    yield from _leaks(case, None, _acknowledged(case.tenant.acknowledge), case.tenant.origin)


def _leaks(
    case: Case, about: Change | Document | None, texts: Iterator[tuple[str, str]], origin: Origin | None
) -> Iterator[Finding]:
    listed = list(texts)
    # Nearly always there is nothing, which a search in all of them together tells at once.
    if not _secret("\n".join(text for _, text in listed)):
        return
    for place, text in listed:
        kind = _secret(text)
        if kind:
            yield Finding(
                Severity.ERROR,
                case.tenant.name,
                f"{place} looks like {kind}; take it out, and rotate it, since it is in the history of Git now",
                address=about.address if about else None,
                rule=21,
                origin=origin,
            )


def _secret(text: str) -> str:
    """Return what kind of secret is in the text, as far as shapes tell, or nothing."""
    return next((name for name, pattern in _PATTERNS.items() if pattern.search(text)), "")


def _texts_of_change(change: Change) -> Iterator[tuple[str, str]]:
    for block, value in sorted((change.after or {}).items()):
        yield from ((block, text) for text in _strings(value))


def _texts_of_document(document: Document) -> Iterator[tuple[str, str]]:
    for place in ("label", "domain", "owner", "purpose", "ticket"):
        yield place, getattr(document, place)
    yield from (("a name of a target", name) for name in sorted(document.names.values()))
    yield from _acknowledged(document.acknowledge)


def _acknowledged(acknowledgements: tuple[Acknowledgement, ...]) -> Iterator[tuple[str, str]]:
    for one in acknowledgements:
        for text in (one.reason, one.owner, *_strings(one.before), *_strings(one.after)):
            yield "an acknowledgement", text


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from (name, *_strings(member))
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _strings(member)
