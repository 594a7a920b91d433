"""The page that lists what the emulator assumes, rendered from the switches. It assumes nothing of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import Field, fields
from typing import Any

from reconciler.emulator.switches import Switches

_INTRODUCTION = """\
# What the emulator assumes

Nobody has called a real tenant to write the emulator: it stands on public sources. Where these are silent, weak, or
differ, the emulator has a switch. Its default is what we believe to be likeliest; the other setting is what a client
has to be ready for as well. A seed sets them:

```yaml
switches:
  page_size: 20
  list_order: shuffled
```

Generated from the switches of `reconciler/emulator/` by `make schemas`; do not edit.
"""

_EVIDENCE: Mapping[str, tuple[str, str]] = {
    "documented": (
        "Documented",
        "Microsoft's documentation says so; the switch is there because what it leaves open matters, or varies.",
    ),
    "captured": ("Captured", "Seen in a real answer that somebody published, once, from one tenant."),
    "practice": ("Practice", "A tool that runs against the real service behaves as if it were so."),
    "report": ("Reported", "A user's report says so."),
    "none": ("Assumed", "Inference or convention: no public source settles it."),
}


def page() -> str:
    """Return `docs/assumptions.md`."""
    return "\n".join((_INTRODUCTION, *_sections()))


def _sections() -> Iterator[str]:
    for evidence, (title, meaning) in _EVIDENCE.items():
        switches = [one for one in fields(Switches) if one.metadata["evidence"] == evidence]
        yield f"## {title}\n\n{meaning}\n"
        yield "\n".join(_table(switches)) + "\n"


def _table(switches: Iterable[Field[Any]]) -> Iterator[str]:
    yield "| Switch | Default | What the default means | Otherwise |"
    yield "|---|---|---|---|"
    for one in switches:
        cells = (f"`{one.name}`", f"`{_spelled(one.default)}`", one.metadata["assumption"], one.metadata["otherwise"])
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _spelled(value: object) -> str:
    """Return a value as YAML spells it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
