"""Emulators that tests borrow: started once, kept for whoever comes next, and begun anew for each.

For tests of the command line, which need a served world and say nothing about how one is started. Whoever chooses
assumptions or a database starts an emulator of their own, by `rehearsing`.
"""

from __future__ import annotations

import atexit
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from rehearsing import ROOT, Emulator, emulating
from ruamel.yaml import YAML

from reconciler.cli import stand_ins
from reconciler.emulator.clock import MORNING
from reconciler.emulator.world import World
from reconciler.model import Json

_free: list[Emulator] = []
_kept = ExitStack()
atexit.register(_kept.close)


@contextmanager
def lent(seed: Mapping[str, Json]) -> Iterator[Emulator]:
    """Lend an emulator in which this world begins. It comes back from a block that ends well and leaves it alive."""
    emulator = _free.pop() if _free else _started()
    # A seed without a time would go on at the time that the test before has reached.
    emulator.control("PUT", "state", {"clock": MORNING.isoformat(), **seed})
    tenants = World.from_seed(seed).directory.tenants.values()
    variables = stand_ins.environment(emulator.url, Path(emulator.environment["SSL_CERT_FILE"]), tenants)
    yield replace(emulator, environment=variables)
    if emulator.process.poll() is None:
        emulator.control("POST", "release", {"carryOn": False})
        _free.append(emulator)


def portal() -> Json:
    """Return the example company as people have clicked it together, as a seed."""
    said = YAML(typ="safe").load(ROOT / "tests" / "company" / "portal.yaml")
    return json.loads(json.dumps(said, default=datetime.isoformat))


def _started() -> Emulator:
    folder = Path(_kept.enter_context(tempfile.TemporaryDirectory(prefix="lent-")))
    (folder / "seed.json").write_text('{"tenants": {}}', encoding="utf-8")
    return _kept.enter_context(emulating(folder / "emulator", "--seed", str(folder / "seed.json")))
