"""The folder beside the documents, in which an apply keeps its journal and its lock."""

from pathlib import Path

import pytest

from reconciler.cli.site import Site
from reconciler.errors import SetupError


def test_folder_is_none_of_git_s_business(tmp_path: Path) -> None:
    kept = Site(tmp_path / "tenants").keep()

    assert kept == tmp_path / ".reconciler"
    assert (kept / ".gitignore").read_text() == "*\n"
    assert Site(tmp_path / "tenants").keep() == kept


def test_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".reconciler").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SetupError, match="this is a link, and links are not followed; nothing was written"):
        Site(tmp_path / "tenants").keep()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_link_in_the_folder_makes_no_file_elsewhere(tmp_path: Path) -> None:
    """Whoever may commit a link must not choose what gets written on the machine that applies."""
    (tmp_path / ".reconciler").mkdir()
    (tmp_path / ".reconciler/.gitignore").symlink_to(tmp_path / "elsewhere")

    Site(tmp_path / "tenants").keep()

    assert not (tmp_path / "elsewhere").exists()
