"""Where a command works: the documents, the Git records beside them, the clock and the way to the tenants.

The libraries behind it are imported when a command runs, so that `--help` stays quick.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler import repository
from reconciler.cli.talking import say
from reconciler.clock import Clock, SystemClock

if TYPE_CHECKING:
    from reconciler.graph.connecting import Network
    from reconciler.model import Estate, Kind
    from reconciler.reconciling import Desired
    from reconciler.repository import Record


@dataclass(frozen=True, slots=True)
class Site:
    """One folder of documents, seen from one command. `endpoint` is the address of an emulator, or ""."""

    folder: Path
    endpoint: str = ""

    @property
    def is_rehearsal(self) -> bool:
        """Whether an emulator stands in for the tenants."""
        return bool(self.endpoint)

    @property
    def namespace(self) -> str:
        """Where Git remembers what was applied: a rehearsal never speaks for real tenants."""
        return repository.REHEARSED if self.is_rehearsal else repository.APPLIED

    @property
    def work(self) -> Path:
        """The folder for the journal and the lock, beside the documents and out of their tree."""
        return self.folder.absolute().parent / ".reconciler"

    @property
    def journal(self) -> Path:
        """The file that tells what applies were about to do, and what came of it."""
        return self.work / "journal.jsonl"

    def clock(self) -> Clock:
        """Return what tells the time: in a rehearsal the emulator does."""
        if not self.endpoint:
            return SystemClock()
        from reconciler.graph.emulated_clock import EmulatedClock

        return EmulatedClock(self.endpoint, os.environ)

    def _emulated(self, clock: Clock) -> str:
        """Return what tells an emulated world from any other, which its clock knows; "" for real tenants."""
        if not self.is_rehearsal:
            return ""
        from reconciler.graph.emulated_clock import EmulatedClock

        return clock.world if isinstance(clock, EmulatedClock) else ""

    def network(self, clock: Clock) -> Network:
        """Return the way to the tenants, with what the environment holds for signing in."""
        from reconciler.graph.connecting import Network

        return Network(clock, os.environ, self.endpoint, tell=say if sys.stderr.isatty() else None)

    def kinds(self) -> Mapping[str, Kind]:
        """Return the kinds that documents may speak of."""
        from reconciler.kinds import ALL

        return ALL

    def estate(self) -> Estate:
        """Return what the files say, expanded.

        Raises:
            DocumentErrors: everything that is wrong in them.
        """
        from reconciler.loading import load

        return load(self.folder, self.kinds())

    def desired(self, clock: Clock, *, attributing: bool = False) -> Desired:
        """Return all that a plan is computed from, but for what is live.

        With `attributing`, also what the files said when they were last applied, as far as Git knows.

        Raises:
            DocumentErrors: everything that is wrong in the files.
            SetupError: when a file cannot be read.
        """
        from reconciler.reconciling import Desired

        tree = repository.tree_id(self.folder) if self.folder.is_dir() else ""
        estate = self.estate()
        world = self._emulated(clock)
        records = repository.records(self.folder, self.namespace, world) if tree else {}
        return Desired(
            estate=estate,
            kinds=self.kinds(),
            tree=tree,
            today=clock.now().date(),
            records=records,
            world=world,
            applied=self._applied(records, {tree: estate}) if attributing else {},
        )

    def _applied(self, records: Mapping[str, Record], known: Mapping[str, Estate]) -> Mapping[str, Estate]:
        """Return what the files said of each tenant when all of it was last applied. `known` are estates by tree."""
        whole = {tenant_id: record.tree for tenant_id, record in records.items() if record.exit_code == 0}
        estates = {tree: known.get(tree) or self._estate_of(tree) for tree in set(whole.values())}
        return {tenant_id: estate for tenant_id, tree in whole.items() if (estate := estates[tree])}

    def _estate_of(self, tree: str) -> Estate | None:
        """Return what the files of an earlier tree said; None when Git does not have them, or they are not readable."""
        from reconciler.errors import ReconcilerError
        from reconciler.loading import load

        files = repository.documents(self.folder, tree)
        if files is None:
            return None
        with tempfile.TemporaryDirectory() as room:
            folder = Path(room) / "tenants"
            try:
                for name, text in files.items():
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / name).write_bytes(text)
                return load(folder, self.kinds())
            except (ReconcilerError, OSError):
                return None

    def keep(self) -> Path:
        """Make the folder for the journal and the lock, which Git shall not see, and return it."""
        from reconciler.errors import SetupError

        try:
            self.work.mkdir(exist_ok=True)
            # Both may have come with the repository: a link in their place would have us write somewhere else.
            if self.work.is_symlink():
                raise SetupError(f"{self.work}: this is a link, and links are not followed; nothing was written")
            with contextlib.suppress(FileExistsError), (self.work / ".gitignore").open("x", encoding="utf-8") as ignore:
                ignore.write("*\n")
        except OSError as error:
            raise SetupError(f"{self.work}: cannot be made ({error.strerror}); nothing was written") from error
        return self.work
