"""Write every file that is generated and committed. With --check, write nothing and fail where one is stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import commands
import expressions
from picture import picture

from reconciler import environment, troubles
from reconciler.emulator import assumptions
from reconciler.evaluating import editors
from reconciler.kinds import REGISTRY
from reconciler.loading.schemas import document_schemas
from reconciler.reporting.documents import schemas

ROOT = Path(__file__).resolve().parents[1]


def generated() -> Mapping[str, str]:
    """Return path below the repository → text, for all that is made from the code."""
    every = {**schemas(), **document_schemas(REGISTRY), **editors.schemas()}
    described = {f"schemas/{name}": text for name, text in every.items()}
    return {
        **described,
        "docs/assumptions.md": f"{assumptions.page()}\n{expressions.assumed()}",
        "docs/expressions.md": expressions.page(),
        "docs/reference/commands.md": commands.page(),
        "docs/reference/environment.md": environment.page(),
        "docs/reference/error-codes.md": troubles.page(),
        "docs/images/plan.svg": picture(),
    }


def stale(files: Mapping[str, str]) -> list[str]:
    """Return the paths whose file is missing or says something else, sorted."""
    return [path for path, text in sorted(files.items()) if not _is(ROOT / path, text)]


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is stale")
    check = parser.parse_args().check
    files = generated()
    old = stale(files)
    for path in old:
        sys.stdout.write(f"{'stale' if check else 'written'}: {path}\n")
        if not check:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(files[path], encoding="utf-8")
    if check and old:
        sys.exit("Run: make schemas")


if __name__ == "__main__":
    main()
