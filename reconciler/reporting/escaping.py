"""One function for each place where text ends up: everything from a tenant, a file or a pull request is hostile.

Escaping is visible, not deletion: who reviews must see that something was there. A character that acts instead of
being read is shown as `\\x1b`, `\\u202e` or `\\U000e0041`, and a backslash is doubled where it could be taken for the
start of such an escape, so that two different texts never look the same. What is too long is cut, and a digest of
the whole stands behind it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from reconciler.model import Json

# Longer than any expression or sentence that people wrote on purpose; a name of a megabyte is not one.
LONGEST = 4000
LONGEST_FILE_NAME = 80

# C0, DEL, C1 · spaces that are not U+0020 · marks that combine with what stands before them, ours included · soft
# hyphen, joiners, fillers and other things without a shape · line and paragraph separators · bidi controls · variation
# selectors, which can carry data · lone surrogates · non-characters, private use and tags.
_ACTING = (
    "\x00-\x1f\x7f-\xa0\xad\u0300-\u036f\u0483-\u0489\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u2000-\u200f\u2028-\u202f\u205f-\u206f\u20d0-\u20ff\u2800\u3000\u3164\ud800-\udfff"
    "\ue000-\uf8ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uffa0\ufff0-\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
)
_ESCAPED = re.compile(rf"[{_ACTING}]|\\(?=[\\xuU{_ACTING}])")
_ACTS = re.compile(rf"[{_ACTING}]")
_ESCAPED_IN_QUOTES = re.compile(rf"[{_ACTING}\"]|\\(?=[\\xuU\"{_ACTING}]|\Z)")


def shorten(text: str, limit: int = LONGEST) -> str:
    """Return `text`, or its first `limit` characters with the number of the others and a digest of the whole."""
    if len(text) <= limit:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{text[:limit]}… ({len(text) - limit} more characters, sha256 {digest})"


def visible(text: str, *, limit: int = LONGEST) -> str:
    """Return `text` as one line in which every character can be seen and none acts. Reversible, cutting aside."""
    text = shorten(text, limit)
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return _ESCAPED.sub(_show, text)


def quoted(text: str, *, limit: int = LONGEST) -> str:
    """Return `text` like `visible`, between double quotes that nothing inside can close."""
    text = shorten(text, limit)
    if text.isascii() and text.isprintable() and "\\" not in text and '"' not in text:
        return f'"{text}"'
    return f'"{_ESCAPED_IN_QUOTES.sub(_show_in_quotes, text)}"'


def _show_in_quotes(found: re.Match[str]) -> str:
    return '\\"' if found[0] == '"' else _show(found)


def visible_lines(text: str) -> list[str]:
    """Return the lines of YAML that is offered for pasting, with what acts escaped as YAML itself would write it.

    Backslashes stay as they are: between YAML's double quotes `\\x1b` already means what it shows.
    """
    return [_ACTS.sub(_show, line) for line in shorten(text.rstrip("\n"), 4 * LONGEST).split("\n")]


def _show(match: re.Match[str]) -> str:
    character = match[0]
    if character == "\\":
        return r"\\"
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


# ---------------------------------------------------------------------------------------- terminal and log


def for_terminal(text: str, *, limit: int = LONGEST) -> str:
    """Return `text` as part of one terminal line: nothing in it moves, colours, hides, rings or reorders."""
    return visible(text, limit=limit)


# GitHub's runner takes `::command::` after leading blanks, and `##[command]` anywhere in the line; Azure Pipelines
# takes `##vso[` too. Colour codes of our own may stand before.
_COMMAND_AT_START = re.compile(r"^((?:\s|\x1b\[[0-9;]*m)*):(?=:)")
_COMMAND_ANYWHERE = re.compile(r"#(?=#(?:\[|vso\[))")


def for_log_line(text: str, *, limit: int = LONGEST) -> str:
    """Return `text` as one line of a CI log that no runner takes for a command."""
    return defuse(visible(text, limit=limit))


def defuse(line: str) -> str:
    """Return a line whose parts are escaped already, as one that no runner takes for a command."""
    if ":" in line:
        line = _COMMAND_AT_START.sub(r"\1\\x3a", line)
    return _COMMAND_ANYWHERE.sub(r"\\x23", line) if "##" in line else line


# ---------------------------------------------------------------------------------------- Markdown

_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~&$]|  +")
_AT_START = re.compile(r"^(?:[-+=#:]|\d+(?=[.)]))")
# GitHub makes something of these in text, after Markdown itself is done: only an invisible break stops it.
_REFERENCES = re.compile(
    r"@(?=\w)|#(?=\d)|\bGH-(?=\d)|\b(?:https?|ftp|mailto|xmpp):|\bwww(?=\.)|:(?=[\w+-]+:)", re.IGNORECASE
)
_BREAK = "&#8203;"
_ENTITIES = {"|": "&#124;", "&": "&amp;", "$": r"\\x24", "<": "&lt;", ">": "&gt;"}


def for_markdown(text: str, *, limit: int = LONGEST) -> str:
    """Return `text` as inline Markdown that reads as it is: no markup, HTML, link, mention, reference or maths.

    Fit for table cells as well. An invisible break stands where GitHub would make a link or notify somebody; the
    same break written by others shows as `\\u200b`. A dollar sign, which opens maths on GitHub, shows as `\\x24`.
    """
    return _plain_markdown(visible(text, limit=limit))


def _plain_markdown(text: str) -> str:
    # What is visible has no line ends, so one can mark a break until the other characters are escaped.
    text = _REFERENCES.sub("\\g<0>\n", text)
    text = _AT_START.sub(_inert_start, _MARKDOWN.sub(_inert, text))
    if text.startswith(" "):
        text = f"&#32;{text[1:]}"
    if text.endswith(" "):
        text = f"{text[:-1]}&#32;"
    return text.replace("\n", _BREAK)


def _inert(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] == " ":
        return " " + "&nbsp;" * (len(found) - 1)
    return _ENTITIES.get(found, f"\\{found}")


def _inert_start(match: re.Match[str]) -> str:
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"


def code_span(text: str, *, limit: int = LONGEST) -> str:
    """Return `text` as a code span, in which GitHub makes no links and notifies nobody; fit for table cells.

    A text with a pipe is not made code: a table cell ends at a pipe even there.
    """
    text = visible(text, limit=limit)
    if not text.strip(" ") or "|" in text:
        return _plain_markdown(text) or "(empty)"
    ticks = "`" * (_longest_run(text, "`") + 1)
    pad = " " if text[0] in " `" or text[-1] in " `" else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fence(text: str, language: str = "") -> str:
    """Return `text`, whose lines are escaped already, as a fenced block that nothing inside can close."""
    ticks = "`" * max(3, _longest_run(text, "`") + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"


def _longest_run(text: str, character: str) -> int:
    return max((len(run) for run in re.findall(f"{re.escape(character)}+", text)), default=0)


# ---------------------------------------------------------------------------------------- HTML


def for_html(text: str, *, limit: int = LONGEST) -> Markup:
    """Return `text` as HTML text, or as a value between double quotes."""
    return escape(visible(text, limit=limit))


# ---------------------------------------------------------------------------------------- JSON, CSV, files

_SURROGATE = re.compile("[\ud800-\udfff]|\\\\(?=\\\\*(?:[\ud800-\udfff]|ud[89a-f][0-9a-f]{2}))")


def for_json(value: Json) -> Json:
    """Return `value` as JSON that every strict parser takes: lone surrogates become text such as `\\ud800`."""
    match value:
        case str():
            return value if value.isascii() and "\\u" not in value else _SURROGATE.sub(_show, value)
        case Mapping():
            return {for_json(key): for_json(member) for key, member in value.items()}
        case list() | tuple():
            return [for_json(member) for member in value]
        case _:
            return value


# OWASP ASVS 1.2.10, and the full-width forms that spreadsheets take as well; a leading quote is doubled in kind.
_FORMULA = re.compile("[=+\\-@'＝＋－＠]")


def for_csv(text: str, *, limit: int = LONGEST) -> str:
    """Return `text` as one quoted cell that no spreadsheet takes for a formula."""
    text = visible(text, limit=limit)
    text = f"'{text}" if _FORMULA.match(text.lstrip(" ")) else text
    return '"' + text.replace('"', '""') + '"'


_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)*")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


def for_file_name(text: str) -> str:
    """Return a name for one file, the same on every system: harmless names stay, others become a slug and a digest.

    No harmless name has the `~` that stands before the digest, so none can be taken for another.
    """
    if len(text) <= LONGEST_FILE_NAME and _FILE_NAME.fullmatch(text) and not _DEVICES.fullmatch(text):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    slug = re.sub(r"[^a-z0-9]+", "-", text[:LONGEST_FILE_NAME].lower()).strip("-")
    return f"{slug[:40] or 'name'}~{digest}"
