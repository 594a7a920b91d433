"""The picture in the README: the beginning of a real plan of the example company. Nothing in it is drawn by hand."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path

import httpx
from rich.console import Console
from rich.text import Text

from reconciler import reconciling
from reconciler.emulator import seeds
from reconciler.emulator.asgi import app
from reconciler.emulator.world import World
from reconciler.graph.connecting import Network
from reconciler.kinds import REGISTRY
from reconciler.loading import load
from reconciler.model import Plan
from reconciler.reporting import render_plan

ROOT = Path(__file__).resolve().parents[1]
WIDTH, LINES = 140, 34
TENANT = "fabrikam"

# As rich makes it, without a font from somewhere else: a picture must not call home.
FRAME = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="A plan in a terminal">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace; font-size: {char_height}px;
  line-height: {line_height}px; }}
{styles}
</style>
<defs>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture() -> str:
    """Return the SVG."""
    text = render_plan(asyncio.run(_plan()), None, "text", colour=True)
    shown = "\n".join(text.splitlines()[:LINES])
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="standard")
    console.print(Text.from_ansi(f"$ reconciler plan\n{shown}"), soft_wrap=True)
    svg = console.export_svg(title="reconciler plan", code_format=FRAME, unique_id="plan")
    return re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE)


async def _plan() -> Plan:
    """Return what would change in one tenant of the example company, and the summary over it."""
    seed = seeds.parse((ROOT / "tests" / "company" / "portal.yaml").read_text(encoding="utf-8"))
    world = World.from_seed(seed)
    environment = {
        f"RECONCILER_{one.name.upper()}_CLIENT_SECRET_{tenant.name.upper().replace('-', '_')}": one.secret
        for tenant in world.directory.tenants.values()
        for one in tenant.applications.values()
    }
    network = Network(world.clock, environment, transports=lambda role: httpx.ASGITransport(app(world)))
    estate = load(ROOT / "tenants", REGISTRY)
    desired = reconciling.Desired(estate, REGISTRY, tree="", today=world.clock.now().date())
    plan = await reconciling.plan(desired, network.reader)
    return Plan(tuple(tenant for tenant in plan.tenants if tenant.tenant == TENANT), plan.tree)
