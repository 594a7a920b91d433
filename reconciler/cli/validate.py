"""`reconciler validate`: are the files right? Reads no tenant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.cli.site import Site
from reconciler.cli.talking import in_colour, say, tell
from reconciler.errors import DocumentErrors

if TYPE_CHECKING:
    from reconciler.model import Finding
    from reconciler.reporting import Output


@click.command()
@options.tenants
@options.output
def validate(folder: Path, output: Output) -> int:
    """Check the documents, and read no tenant."""
    from reconciler.reconciling.surprises import surprises
    from reconciler.reporting import render_findings
    from reconciler.reporting.wording import counted

    try:
        estate = Site(folder).estate()
    except DocumentErrors as error:
        if output == "text":
            raise
        tell(render_findings(_findings(error), output))
        return error.exit_code
    odd = tuple(surprises(estate))
    if odd or output != "text":
        tell(render_findings(odd, output, colour=in_colour()))
    found = f"{counted(len(estate.tenants), 'tenant')} and {counted(len(estate.documents), 'resource')}"
    say(f"{found}; nothing is wrong in the files.")
    return 0


def _findings(error: DocumentErrors) -> list[Finding]:
    from reconciler.model import Finding, Severity

    return [
        Finding(
            Severity.ERROR,
            "",
            problem.message,
            details=(problem.hint,) if problem.hint else (),
            origin=problem.origin,
        )
        for problem in error.problems
    ]
