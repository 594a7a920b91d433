"""What an apply says at its end of an earlier run that was cut off."""

from collections.abc import Mapping

from reconciler.cli.apply import settled
from reconciler.errors import SetupError
from reconciler.model import Json, Report

PENDING = [{"run": "0badcafe", "action": "create", "address": "contoso/partner/x", "at": "2026-11-24T08:00:00+00:00"}]


class FullDisk:
    """A journal that takes no line."""

    def record(self, event: str, facts: Mapping[str, Json]) -> None:
        raise SetupError("journal.jsonl: the journal cannot be written (No space left on device)")


def test_full_disk_at_the_very_end_changes_no_ending() -> None:
    """Everything is written by then: an error would say that nothing was."""
    report = settled(Report((), 0), FullDisk(), PENDING)

    assert report.exit_code == 0
    assert "An earlier run (0badcafe) was cut off" in report.remarks[0]
    assert "No space left on device); the next run will name these writes once more" in report.remarks[1]
