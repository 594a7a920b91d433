"""The command line: one file a command. Decides nothing; how a run ends is told in `ending` alone."""

from __future__ import annotations

import gc
import sys

import click

from reconciler import __version__
from reconciler.cli.apply import apply
from reconciler.cli.coverage import coverage
from reconciler.cli.doctor import doctor
from reconciler.cli.drift import drift
from reconciler.cli.emulate import emulate
from reconciler.cli.ending import Ending
from reconciler.cli.evaluate import evaluate
from reconciler.cli.explain import explain
from reconciler.cli.github import github
from reconciler.cli.import_ import import_
from reconciler.cli.logs import logs
from reconciler.cli.new import new
from reconciler.cli.plan import plan
from reconciler.cli.preview import preview
from reconciler.cli.provision import provision
from reconciler.cli.rehearse import rehearse
from reconciler.cli.resolve import resolve
from reconciler.cli.restart import restart
from reconciler.cli.show import show
from reconciler.cli.status import status
from reconciler.cli.test import test
from reconciler.cli.validate import validate
from reconciler.cli.verify import verify

__all__ = ["cli", "main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="reconciler")
def cli() -> None:
    """Cross-tenant access of Microsoft Entra tenants as code: plan, apply and drift from Git."""


for command in (
    apply,
    coverage,
    doctor,
    drift,
    emulate,
    evaluate,
    explain,
    github,
    import_,
    logs,
    new,
    plan,
    preview,
    provision,
    rehearse,
    resolve,
    restart,
    show,
    status,
    test,
    validate,
    verify,
):
    cli.add_command(command)


def main() -> None:
    """Run one command and end the process with its exit code."""
    # What a command makes lives until its end, and has hardly a cycle in it: looking for garbage seldom finds any.
    gc.set_threshold(50_000, 20, 20)
    with Ending() as ending:
        ending.code = cli.main(sys.argv[1:], prog_name="reconciler", standalone_mode=False) or 0
    sys.exit(ending.code)
