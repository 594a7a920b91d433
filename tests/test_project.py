import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pytest

from reconciler import errors

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "reconciler").rglob("*.py"))
SHIPPED = {".py", ".typed", ".j2", ".html", ".css"}
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-interop.lock")

# Written with brackets, so that this file does not find itself.
SILENCERS = {
    "a silenced type error": r"type: ign[o]re",
    "a silenced rule": r"n[o]qa",
    "a test that does not run": r"pytest\.(mark\.)?(skip|xf[a]il)",
    "a test that cannot fail": r"assert Tr[u]e\b",
    "an error of any kind, caught": r"except (Base)?Exception: *p[a]ss",
    "a stub": r"NotImplemented[E]rror",
    "a leftover": r"\b(T[O]DO|FIX[M]E|X[X]X)\b",
    "a failure that is ignored": r"\|\| tr[u]e|continue-on-error: tr[u]e",
}
ELSEWHERE = {
    "a path of somebody's machine": r"(^|[^\w/.-])/(w[o]rk|r[o]ot|Us[e]rs|h[o]me/\w+)/",
    "a host of a package registry": r"py[p]i\.org|python[h]osted|npm[j]s\.(org|com)",
}


@cache
def tracked() -> tuple[Path, ...]:
    """Return the text files that Git keeps, sorted; generated lock files are checked on their own."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    files = (ROOT / name for name in sorted(listing.split("\0")) if name and name not in LOCKS)
    return tuple(file for file in files if file.is_file() and b"\0" not in file.read_bytes()[:8000])


def found(pattern: str, files: tuple[Path, ...]) -> list[str]:
    """Return `file:line: text` for every line of `files` that matches."""
    return [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(ROOT)))
def test_module_fits_in_one_head(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 500


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(ROOT)))
def test_module_says_what_for(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))


@pytest.mark.parametrize("what", SILENCERS)
def test_nothing_is_silenced(what: str) -> None:
    # `except:` is a word of topologies as well.
    leaves_out = {".md", ".yaml"} if "except" in SILENCERS[what] else {".md"}
    code = tuple(file for file in tracked() if file.suffix not in leaves_out)

    assert not found(SILENCERS[what], code)


@pytest.mark.parametrize("what", ELSEWHERE)
def test_nothing_names_another_place(what: str) -> None:
    assert not found(ELSEWHERE[what], tracked())


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert not re.search(r"://|^-|@ (file|http)", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_hashes_every_package(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]

    assert entries
    assert not [entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]


def test_locks_agree_on_versions() -> None:
    runtime, dev, interop = (
        dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
        for lock in LOCKS
    )

    assert runtime.items() <= dev.items()
    assert [name for name in runtime.keys() & interop.keys() if runtime[name] != interop[name]] == []


def test_lock_has_what_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    names = {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~ ]", name)[0]).lower() for name in wanted}
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / LOCKS[1]).read_text(encoding="utf-8"), re.MULTILINE))

    assert names <= locked


def test_installing_makes_both_commands() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["scripts"] == {"reconciler": "reconciler.cli:main", "entra-reconciler": "reconciler.cli:main"}


def test_help_leaves_heavy_libraries_alone() -> None:
    script = (
        "import sys\n"
        "from reconciler.cli import main\n"
        "sys.argv = ['reconciler', '--help']\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        "heavy = {'httpx', 'msal', 'deepdiff', 'jinja2', 'lark', 'regex', 'starlette'}\n"
        "print(sorted(heavy & sys.modules.keys()), file=sys.stderr)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True, text=True)

    assert run.stderr.strip().splitlines()[-1] == "[]"


def test_page_lists_every_exit_code() -> None:
    page = (ROOT / "docs" / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    listed = [int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)]

    assert listed == [*range(11), 130, 143]


def test_error_tree_tells_true_codes() -> None:
    told = dict(re.findall(r"^[│├└─ ]*([A-Z]\w+) +(\d+) ", errors.__doc__ or "", re.MULTILINE))
    classes = {name: thing for name, thing in vars(errors).items() if isinstance(thing, type)}
    real = {name: str(thing.exit_code) for name, thing in classes.items() if issubclass(thing, errors.ReconcilerError)}

    assert told == real


def test_wheel_holds_the_package_alone(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(ZipFile(wheel).namelist())
    shipped = {str(path.relative_to(ROOT)) for path in (ROOT / "reconciler").rglob("*") if path.suffix in SHIPPED}

    assert shipped <= names
    assert all(name.startswith(("reconciler/", "entra_reconciler-")) for name in names)
