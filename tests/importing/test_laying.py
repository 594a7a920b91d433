from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.cli.laying import lay
from reconciler.errors import SetupError


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_files_are_written(tmp_path: Path) -> None:
    lay({tmp_path / "a" / "b.yaml": b"b", tmp_path / "c.yaml": b"c"})

    assert files(tmp_path) == {"a/b.yaml": b"b", "c.yaml": b"c"}


def test_one_that_cannot_be_written_leaves_all_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"old")
    (tmp_path / "z").write_bytes(b"no folder")

    with pytest.raises(SetupError, match="nothing was written"):
        lay({tmp_path / "a.yaml": b"new", tmp_path / "m" / "n.yaml": b"new", tmp_path / "z" / "b.yaml": b"new"})

    assert files(tmp_path) == {"a.yaml": b"old", "z": b"no folder"}
    assert not (tmp_path / "m").exists()


def test_failure_half_way_takes_back_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"old")
    (tmp_path / "z.yaml" / "inner").mkdir(parents=True)

    with pytest.raises(SetupError, match=r"z\.yaml.*nothing was written"):
        lay({tmp_path / "a.yaml": b"new", tmp_path / "b.yaml": b"new", tmp_path / "z.yaml": b"new"})

    assert files(tmp_path) == {"a.yaml": b"old"}
