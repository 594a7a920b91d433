"""What the benchmark measures, each in a process of its own: `plan`, `preview`, `parse` or `validate`, and a folder.

Prints JSON.

Not part of the package. Everything that a command imports is imported first, so that the figures tell of work alone;
what the imports cost is a figure of its own.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import pkgutil
import resource
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

ROUNDS = 3
PREVIEWED = "contoso-to-fabrikam"
"""The link that is previewed."""
PARSINGS = 15
LIBRARIES = ("certifi", "deepdiff", "httpx", "jsonpatch", "msal", "ruamel.yaml")


def main() -> None:
    what, folder = sys.argv[1], Path(sys.argv[2])
    began = time.perf_counter()
    _import_all()
    imported = time.perf_counter() - began
    measured = {"plan": plan, "preview": preview, "parse": parse, "validate": validate}[what](folder)
    json.dump({**measured, "imports": imported}, sys.stdout)


def plan(folder: Path) -> Mapping[str, Any]:
    """Run `reconciler plan` here, and tell what it took and which plan came out."""
    out = folder.parent / "plan.json"
    wall, cpu = time.perf_counter(), time.process_time()
    code, said = _command("plan", "--tenants", str(folder), "--out", str(out))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = _peak()
    if not out.exists():
        raise RuntimeError(f"there is no plan; exit code {code}: {said}")
    steps = {tenant["tenant"]: len(tenant["steps"]) for tenant in json.loads(out.read_bytes())["body"]["tenants"]}
    out.unlink()
    return {"wall": wall, "cpu": cpu, "peak": peak, "code": code, "steps": steps}


def preview(folder: Path) -> Mapping[str, Any]:
    """Run `reconciler preview` here, for the one link, and tell what it took and what it said."""
    wall, cpu = time.perf_counter(), time.process_time()
    code, said = _command("preview", PREVIEWED, "--tenants", str(folder), "--output", "json")
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"wall": wall, "cpu": cpu, "peak": _peak(), "code": code, "said": said[said.index("{") :]}


def _peak() -> float:
    """Return the most memory that this process had, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # What `getrusage` tells begins with the memory of the process that started this one.
        lines = status.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
    # Bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def _command(*arguments: str) -> tuple[int, str]:
    """Run the real command in this process, and return its exit code and what it printed."""
    from reconciler.cli import main as command

    sys.argv = ["reconciler", *arguments]
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            command()
        except SystemExit as end:
            return int(end.code or 0), printed.getvalue()
    raise RuntimeError("the command did not end by itself")


def parse(folder: Path) -> Mapping[str, Any]:
    """Plan, keep the bytes that come from Microsoft Graph, and tell what `json.loads` of them takes."""
    import httpx

    from reconciler import reconciling
    from reconciler.cli.site import Site
    from reconciler.graph.connecting import Network, trust

    received: list[bytes] = []

    class Recording(httpx.AsyncHTTPTransport):
        """Keeps the bodies of all answers from Graph."""

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await super().handle_async_request(request)
            content = await response.aread()
            if request.url.path.startswith("/v1.0/"):
                received.append(content)
            headers = [pair for pair in response.headers.multi_items() if pair[0] != "content-encoding"]
            return httpx.Response(response.status_code, headers=headers, content=content, request=request)

    site = Site(folder, os.environ["RECONCILER_ENDPOINT"])
    clock = site.clock()
    network = Network(
        clock, os.environ, site.endpoint, transports=lambda role: Recording(verify=trust(os.environ), http2=True)
    )
    asyncio.run(reconciling.plan(site.desired(clock), network.reader))
    taken = [_cpu(lambda: [json.loads(content) for content in received]) for _ in range(PARSINGS)]
    return {"json": taken, "bytes": sum(map(len, received)), "answers": len(received)}


def validate(folder: Path) -> Mapping[str, Any]:
    """Load all documents in turn with us and with ruamel.yaml's safe loader in C, and tell what each takes."""
    from ruamel.yaml import YAML

    from reconciler.kinds import REGISTRY
    from reconciler.loading import load

    files = sorted(folder.rglob("*.yaml"))
    yaml = YAML(typ="safe")
    pairs = [
        (_cpu(lambda: load(folder, REGISTRY)), _cpu(lambda: [yaml.load(file.read_bytes()) for file in files]))
        for _ in range(ROUNDS)
    ]
    return {"ours": [ours for ours, _ in pairs], "theirs": [theirs for _, theirs in pairs], "files": len(files)}


def _cpu(work: Callable[[], object]) -> float:
    """Return the seconds of processor time that `work` takes; what it returns is kept until it is over."""
    began = time.process_time()
    made = work()
    taken = time.process_time() - began
    del made
    return taken


def _import_all() -> None:
    """Import every module of ours but the emulator, and the libraries that are imported when they are needed."""
    import reconciler

    for library in LIBRARIES:
        import_module(library)
    for module in pkgutil.walk_packages(reconciler.__path__, "reconciler."):
        if not module.name.startswith("reconciler.emulator"):
            import_module(module.name)


if __name__ == "__main__":
    main()
