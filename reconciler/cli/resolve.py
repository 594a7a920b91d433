"""`reconciler resolve`: what files leave out and a directory knows, put into the files. Writes to no tenant."""

from __future__ import annotations

import asyncio
import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.cli.site import Site
from reconciler.cli.talking import say, tell

if TYPE_CHECKING:
    from reconciler.completing import Completion

OPEN = 1


@click.command(short_help="Look up ids, domains and templates that files leave out.")
@click.option("--write", is_flag=True, help="Put them into the files; else they are only shown.")
@options.tenants
@options.endpoint
def resolve(write: bool, folder: Path, endpoint: str) -> int:
    """Show, or with --write put into the files, what they leave out and a tenant knows.

    The tenant id of a domain and the domain of a tenant id; the ids of groups and users that links name; and the
    templateHash of links, which names the mappings of the service that they were written for.

    Nothing else in a file is touched: comments, order and quotes stay as they are.
    """
    from reconciler import completing
    from reconciler.loading import outline

    site = Site(folder, endpoint)
    known = outline(folder, site.kinds())
    bare = [mention for mention in known.mentions if completing.is_bare(mention)]
    reader, mappings = site.network(site.clock()).reader, site.kinds()["mappings"]
    found = [
        *asyncio.run(completing.complete(known.mentions, known.tenants, reader)),
        *asyncio.run(completing.complete_links(known, mappings, reader)),
    ]
    _put_in(folder, found, write=write)
    for mention in bare:
        say(f"{mention.origin}: {mention.name} has neither tenantId nor domain; write one of them")
    for one in found:
        if one.problem:
            say(f"{one.mention.origin}: {one.mention.name} stays open: {one.problem}")
        elif one.remark:
            say(f"{one.mention.origin}: {one.mention.name}: {one.remark}")
    return OPEN if bare or any(one.problem for one in found) else 0


def _put_in(folder: Path, found: Iterable[Completion], *, write: bool) -> None:
    """Show what differs, and write it when that is wanted."""
    from reconciler.cli.laying import lay
    from reconciler.reporting.wording import counted

    changed = list(_changed(folder, found))
    if not changed:
        say("Nothing to put in.")
        return
    tell("".join(line for file, _, before, after in changed for line in _difference(file, before, after)))
    if write:
        lay({path: after.encode() for _, path, _, after in changed})
    say(f"{counted(len(changed), 'file')} {'changed' if write else 'would change; --write does it'}.")


def _changed(folder: Path, found: Iterable[Completion]) -> Iterator[tuple[str, Path, str, str]]:
    """Yield name, path, and the text before and after of each file that changes."""
    from reconciler.loading.amending import amend

    additions: defaultdict[str, dict[tuple[str | int, ...], Mapping[str, str]]] = defaultdict(dict)
    for one in found:
        if one.said:
            additions[one.mention.file][one.mention.path] = one.said
    for file, said in sorted(additions.items()):
        path = folder / file.partition("/")[2]
        before = path.read_bytes().decode()
        yield file, path, before, amend(before, file, said)


def _difference(file: str, before: str, after: str) -> Iterator[str]:
    from reconciler.reporting.escaping import for_log_line

    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), file, file, n=1, lineterm="")
    return (f"{for_log_line(line)}\n" for line in lines)
