"""The page of environment variables: everything that is read is on it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from reconciler import environment

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "reconciler"
NAME = re.compile(r"(RECONCILER|AZURE|ACTIONS|GITHUB|IDENTITY|MSI|SSL|HTTPS?|https?|NO|no)_[A-Za-z_]*[A-Za-z]_?")
# Written by the emulator for other clients, and never read by us.
FOR_OTHERS = {"HTTP_PROXY"}


def constants(path: Path) -> Iterator[str]:
    """Yield every piece of text in a module, docstrings aside."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
            yield node.value


def read_names() -> set[str]:
    """Return what looks like the name of a variable, or the beginning of one, in the package."""
    modules = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "environment.py"]
    return {text for path in modules for text in constants(path) if NAME.fullmatch(text)} - FOR_OTHERS


def test_every_variable_is_on_the_page() -> None:
    documented = set(environment.names())

    unknown = [
        name
        for name in sorted(read_names())
        if name not in documented and not (name.endswith("_") and any(one.startswith(name) for one in documented))
    ]

    assert not unknown


def test_no_variable_on_the_page_is_read_by_nobody() -> None:
    texts = {text for path in PACKAGE.rglob("*.py") if path.name != "environment.py" for text in constants(path)}
    together = "\n".join(sorted(texts))

    unread = [
        name
        for name in environment.names()
        if name not in together
        and not ("<TENANT>" in name and re.sub(r"RECONCILER_(PLAN_|APPLY_)?|_<TENANT>", "", name) in texts)
    ]

    assert not unread


def test_page_is_fresh() -> None:
    assert (ROOT / "docs" / "reference" / "environment.md").read_text(encoding="utf-8") == environment.page()
