"""Folders of emulators that are gone are taken away by the next, and nobody else's."""

import os
from pathlib import Path

from reconciler.emulator.folders import lodged, sweep

GONE = 2**22 + 7


def test_folder_is_there_as_long_as_the_emulator() -> None:
    with lodged() as folder:
        assert folder.is_dir()
        assert f"-{os.getpid()}-" in folder.name
    assert not folder.exists()


def test_what_a_killed_one_left_is_taken_away(tmp_path: Path) -> None:
    left, ours, other = (
        tmp_path / name
        for name in (
            f"reconciler-emulator-{GONE}-abc",
            f"reconciler-emulator-{os.getpid()}-abc",
            "reconciler-emulator-x",
        )
    )
    for folder in (left, ours, other):
        folder.mkdir()
        (folder / "ca.pem").touch()

    sweep(tmp_path)

    assert [folder.exists() for folder in (left, ours, other)] == [False, True, True]


def test_link_is_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    (tmp_path / f"reconciler-emulator-{GONE}-abc").symlink_to(kept)

    sweep(tmp_path)

    assert (kept / "file").exists()
