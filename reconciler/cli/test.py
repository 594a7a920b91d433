"""`reconciler test`: do mappings and filters do what their tests say? Reads files, and no tenant."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from reconciler.cli import options
from reconciler.cli.talking import say, tell

FAILED = 1


@click.command(short_help="Run the tests of mappings and filters.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@options.text_or_json
def test(paths: tuple[Path, ...], output: Literal["text", "json"]) -> int:
    """Run every document of kind MappingTest in PATHS, which are files or folders; tenants when none is given.

    Each case names a user, and says what has to become of it. What is otherwise is told with its place.
    """
    from reconciler.evaluating import finding, running, telling

    suites = finding.suites(paths or (Path("tenants"),))
    for suite in suites:
        for lint in suite.lints:
            say(f"note: {suite.parsed.file}: {lint}")
    results = running.run(suites)
    tell(telling.as_json(telling.results_json(results)) if output == "json" else telling.results_text(results))
    say(telling.summary(results))
    return 0 if all(result.passed for result in results) else FAILED
