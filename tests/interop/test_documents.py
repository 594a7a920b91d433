"""The example company, judged by the published schemas and somebody else's validator: what an editor would say."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
CHECKER = Path(sys.executable).parent / "check-jsonschema"


@cache
def schemas() -> Mapping[str, Path]:
    """Return the `kind:` of a document → the file of its schema."""
    files = {path: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "schemas").glob("*.json"))}
    kinds = {path: schema.get("properties", {}).get("kind", {}).get("const") for path, schema in files.items()}
    return {kind: path for path, kind in kinds.items() if kind}


def documents() -> Mapping[str, list[Path]]:
    """Return the `kind:` → the files of the example company that hold such a document."""
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for path in sorted((ROOT / "tenants").rglob("*.yaml")):
        found[YAML(typ="safe", pure=True).load(path)["kind"]].append(path)
    return found


def check(schema: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [CHECKER, "--schemafile", schema, *files]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_company_has_documents() -> None:
    assert {"Tenant", "Partner"} <= documents().keys()


def test_every_kind_has_a_schema() -> None:
    assert documents().keys() <= schemas().keys()


def test_company_fits_the_schemas() -> None:
    for kind, files in documents().items():
        run = check(schemas()[kind], *files)
        assert run.returncode == 0, run.stdout + run.stderr


def test_misspelt_property_does_not_fit(tmp_path: Path) -> None:
    document = tmp_path / "partner.yaml"
    document.write_text(
        "apiVersion: crosstenant/v1\nkind: Partner\nname: fabrikam\nspec:\n  inboundTrsut: {isMfaAccepted: true}\n",
        encoding="utf-8",
    )

    assert "inboundTrsut" in check(schemas()["Partner"], document).stdout
