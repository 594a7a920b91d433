import json
import os
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from privileges import without_privileges

from reconciler.errors import SetupError
from reconciler.repository import (
    APPLIED,
    REHEARSED,
    Record,
    commit_id,
    documents,
    inside_git,
    records,
    remember,
    tree_id,
)

TENANT, OTHER = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01", "3f1e0000-0000-4000-8000-0000000000fa"
RECORD = Record("contoso", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "d" * 64, 0, 3)
CALM = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{role}_{what}": "ann@contoso.example" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    """Run the real git, with nothing of this machine's settings."""
    done = subprocess.run(
        ["git", "-c", "core.autocrlf=false", *arguments],
        cwd=folder,
        env={**os.environ, **CALM},
        input=stdin,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh repository, and nothing of this machine's settings of git."""
    for name, value in CALM.items():
        monkeypatch.setenv(name, value)
    git(tmp_path, "init", "--quiet")
    return tmp_path


def put(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below `tenants/`."""
    tenants = folder / "tenants"
    tenants.mkdir(exist_ok=True)
    for name, content in files.items():
        path = tenants / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tenants


def committed(repository: Path) -> str:
    """What git itself calls the tree of `tenants/`, once all of it is committed."""
    git(repository, "add", "--all", "--force", "tenants")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "All")
    return git(repository, "rev-parse", "HEAD:tenants")


# ---------------------------------------------------------------------------------------------- the tree

FILES: Mapping[str, Mapping[str, bytes]] = {
    "one file": {"contoso/tenant.yaml": b"kind: Tenant\n"},
    "nested folders": {"a/b/c/d/e.yaml": b"1", "a/b/f.yaml": b"2", "g.yaml": b"3"},
    "names that sort oddly": {
        "a": b"",
        "a.yaml": b"1",
        "a-b/x": b"2",
        "a0": b"3",
        "ab": b"4",
        "A": b"5",
        "a b": b"6",
        "a_": b"7",
    },
    "folder and file alike": {"a/x": b"1", "a.b": b"2", "a-": b"3", "a0": b"4", "a.b.c": b"5"},
    "letters of the world": {"ä.yaml": b"1", "z.yaml": b"2", "日本.yaml": b"3", "\U0001f600.yaml": b"4", "ﬀ": b"5"},
    "carriage returns": {"a.yaml": b"a: 1\r\nb: 2\r\n", "b.yaml": b"a: 1\rb"},
    "empty and binary": {"empty": b"", "binary": bytes(range(256))},
    "ignored by git": {".gitignore": b"*\n", "secret.yaml": b"1", ".hidden/x": b"2"},
    "line breaks in names": {"a\nb": b"1", 'quo"te': b"2"},
}


@pytest.mark.parametrize("which", FILES)
def test_tree_is_what_git_calls_it(which: str, repository: Path) -> None:
    tenants = put(repository, FILES[which])

    assert tree_id(tenants) == committed(repository)


def test_tree_counts_the_executable_bit(repository: Path) -> None:
    tenants = put(repository, {"a.sh": b"1", "b.sh": b"1"})
    (tenants / "a.sh").chmod(0o744)
    (tenants / "b.sh").chmod(0o654)

    assert tree_id(tenants) == committed(repository)
    assert "100755" in git(repository, "ls-tree", "HEAD:tenants", "a.sh")


def test_tree_counts_links_as_links(repository: Path) -> None:
    tenants = put(repository, {"a/x.yaml": b"1"})
    for name, target in {"b": "a", "c": "a/x.yaml", "d": "nowhere", "e": "../..", "f": "f"}.items():
        (tenants / name).symlink_to(target)

    assert tree_id(tenants) == committed(repository)


def test_tree_takes_names_that_are_no_text(repository: Path) -> None:
    tenants = put(repository, {})
    with open(os.fsencode(tenants) + b"/\xff\xfe.yaml", "wb") as stream:
        stream.write(b"1")
    os.symlink(b"\xff", os.fsencode(tenants) + b"/link")

    assert tree_id(tenants) == committed(repository)


def test_tree_leaves_empty_folders_out(repository: Path) -> None:
    tenants = put(repository, {"a.yaml": b"1"})
    (tenants / "empty" / "inner").mkdir(parents=True)

    assert tree_id(tenants) == committed(repository)


def test_tree_of_nothing_is_the_empty_tree(tmp_path: Path) -> None:
    empty = git(tmp_path, "hash-object", "-t", "tree", "--stdin")

    (tmp_path / "inner").mkdir()
    assert tree_id(tmp_path) == empty


def test_tree_counts_what_git_does_not_track(repository: Path) -> None:
    """A file that is not committed is read as a document all the same, so a plan is bound to it as well."""
    tenants = put(repository, {"a.yaml": b"1"})
    before = committed(repository)
    put(repository, {"untracked.yaml": b"2"})

    assert tree_id(tenants) != before


@pytest.mark.parametrize("change", ["content", "name", "mode", "removal"])
def test_tree_is_another_after_any_change(change: str, tmp_path: Path) -> None:
    tenants = put(tmp_path, {"a.yaml": b"1", "b.yaml": b"2"})
    before = tree_id(tenants)

    match change:
        case "content":
            (tenants / "a.yaml").write_bytes(b"3")
        case "name":
            (tenants / "a.yaml").rename(tenants / "c.yaml")
        case "mode":
            (tenants / "a.yaml").chmod(0o755)
        case _:
            (tenants / "a.yaml").unlink()

    assert tree_id(tenants) != before


def test_tree_needs_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tenants = put(tmp_path, {"a.yaml": b"1"})
    monkeypatch.setenv("PATH", "")

    assert tree_id(tenants) == tree_id(tenants)
    assert (commit_id(tenants), inside_git(tenants), records(tenants, APPLIED)) == ("", False, {})


def test_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    tenants = put(tmp_path, {"a.yaml": b"1"})
    (tenants / "a.yaml").chmod(0)

    with without_privileges(), pytest.raises(SetupError, match="cannot be read"):
        tree_id(tenants)


def test_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"tenants: cannot be read \(No such file"):
        tree_id(tmp_path / "tenants")


def test_pipe_among_the_files_is_told(tmp_path: Path) -> None:
    """Reading it would wait for ever."""
    tenants = put(tmp_path, {})
    os.mkfifo(tenants / "pipe")

    with pytest.raises(SetupError, match="neither a file"):
        tree_id(tenants)


def test_folders_without_end_are_told(tmp_path: Path) -> None:
    tenants = put(tmp_path, {})
    here = os.open(tenants, os.O_RDONLY)
    for _ in range(400):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)

    with pytest.raises(SetupError, match="nested too deeply"):
        tree_id(tenants)


# ---------------------------------------------------------------------------------------------- the commit


def test_commit_is_the_one_that_is_checked_out(repository: Path) -> None:
    tenants = put(repository, {"a.yaml": b"1"})
    committed(repository)

    assert commit_id(tenants) == git(repository, "rev-parse", "HEAD")


def test_repository_without_a_commit_has_none(repository: Path) -> None:
    assert (commit_id(repository), inside_git(repository)) == ("", True)


def test_outside_git_there_is_no_commit(tmp_path: Path) -> None:
    assert (commit_id(tmp_path), inside_git(tmp_path)) == ("", False)


# ---------------------------------------------------------------------------------------------- records


def test_record_comes_back(repository: Path) -> None:
    other = Record("fabrikam", "", "", 7, 0)

    assert remember(repository, APPLIED, {TENANT: RECORD, OTHER: other}) == []
    assert records(repository, APPLIED) == {TENANT: RECORD, OTHER: other}


def test_later_record_replaces_the_earlier(repository: Path) -> None:
    remember(repository, APPLIED, {TENANT: Record("contoso", "", "", 6, 1)})
    remember(repository, APPLIED, {TENANT: RECORD})

    assert records(repository, APPLIED) == {TENANT: RECORD}


def test_rehearsal_does_not_speak_for_real_tenants(repository: Path) -> None:
    remember(repository, REHEARSED, {TENANT: RECORD})

    assert (records(repository, APPLIED), records(repository, REHEARSED)) == ({}, {TENANT: RECORD})


def test_rehearsal_does_not_speak_for_another_emulated_world(repository: Path) -> None:
    """Whoever starts an emulator anew has applied nothing there yet."""
    one = replace(RECORD, world="one")
    remember(repository, REHEARSED, {TENANT: one})

    found = [records(repository, REHEARSED, world) for world in ("one", "other", "")]
    assert found == [{TENANT: one}, {}, {}]


def test_hostile_name_comes_back_as_it_was(repository: Path) -> None:
    hostile = Record("\n::add-mask::\x1b[31m\ud800\u202e", "$(id)", "", 0, 1)

    remember(repository, APPLIED, {TENANT: hostile})

    assert records(repository, APPLIED) == {TENANT: hostile}


def test_outside_git_nothing_is_remembered_and_that_is_said(tmp_path: Path) -> None:
    [remark] = remember(tmp_path, APPLIED, {TENANT: RECORD})

    assert remark.startswith("contoso: ")
    assert records(tmp_path, APPLIED) == {}


def test_locked_record_is_a_remark_and_no_error(repository: Path) -> None:
    remember(repository, APPLIED, {TENANT: RECORD})
    (repository / ".git" / "refs" / "reconciler" / "applied" / f"{TENANT}.lock").touch()

    assert len(remember(repository, APPLIED, {TENANT: RECORD})) == 1
    assert records(repository, APPLIED) == {TENANT: RECORD}


DAMAGED = {
    "nothing": b"",
    "no JSON": b"{",
    "no text": b"\xff\xfe\x00",
    "null": b"null",
    "list": b"[]",
    "too few": b'{"tenant": "contoso"}',
    "too many": b'{"tenant":"c","tree":"","digest":"","exit_code":0,"managed":1,"more":1}',
    "number for a word": b'{"tenant":5,"tree":"","digest":"","exit_code":0,"managed":1}',
    "word for a number": b'{"tenant":"c","tree":"","digest":"","exit_code":0,"managed":"many"}',
    "truth for a number": b'{"tenant":"c","tree":"","digest":"","exit_code":0,"managed":true}',
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_record_counts_as_missing(damage: str, repository: Path) -> None:
    blob = git(repository, "hash-object", "-w", "--stdin", stdin=DAMAGED[damage])
    git(repository, "update-ref", f"{APPLIED}/{TENANT}", blob)
    remember(repository, APPLIED, {OTHER: RECORD})

    assert records(repository, APPLIED) == {OTHER: RECORD}


@pytest.mark.parametrize("name", ["contoso", "x/y", TENANT.upper(), f"{TENANT}0", f"old-{TENANT}", f"{TENANT}/old"])
def test_reference_that_is_no_tenant_id_is_none_of_ours(name: str, repository: Path) -> None:
    blob = git(repository, "hash-object", "-w", "--stdin", stdin=json.dumps(asdict(RECORD)).encode())
    git(repository, "update-ref", f"{APPLIED}/{name}", blob)

    assert records(repository, APPLIED) == {}


def test_record_that_is_no_blob_counts_as_missing(repository: Path) -> None:
    put(repository, {"a": b""})
    committed(repository)
    git(repository, "update-ref", f"{APPLIED}/{TENANT}", "HEAD")

    assert records(repository, APPLIED) == {}


# ---------------------------------------------------------------------------------------------- hostile settings


def trap(folder: Path) -> tuple[str, Path]:
    """A program that leaves a mark when somebody runs it, and the mark."""
    mark, program = folder / "sprung", folder / "trap"
    program.write_text(f"#!/bin/sh\ntouch '{mark}'\ncat\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program), mark


def use(folder: Path) -> None:
    """All that we ever ask git for."""
    assert inside_git(folder)
    commit_id(folder)
    remember(folder, APPLIED, {TENANT: RECORD})
    assert records(folder, APPLIED) == {TENANT: RECORD}


def test_hostile_settings_of_a_repository_run_nothing(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    program, mark = trap(tmp_path_factory.mktemp("trap"))
    hooks = repository / "hooks"
    hooks.mkdir()
    for hook in ("reference-transaction", "post-index-change", "post-checkout"):
        (hooks / hook).symlink_to(program)
        (repository / ".git" / "hooks" / hook).unlink(missing_ok=True)
        (repository / ".git" / "hooks" / hook).symlink_to(program)
    for name in ("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "diff.external"):
        git(repository, "config", name, program)
    for name in ("alias.rev-parse", "alias.cat-file", "pager.cat-file"):
        git(repository, "config", name, f"!{program}")
    git(repository, "config", "core.hooksPath", str(hooks))
    git(repository, "config", "filter.x.clean", program)
    (repository / ".gitattributes").write_text("* filter=x diff=x\n", encoding="utf-8")
    mark.unlink(missing_ok=True)

    use(put(repository, {"a.yaml": b"1"}))

    assert not mark.exists()


def test_missing_object_is_not_fetched(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    program, mark = trap(tmp_path_factory.mktemp("trap"))
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": f"ext::{program}",
        "remote.origin.promisor": "true",
        "protocol.ext.allow": "always",
    }.items():
        git(repository, "config", name, value)
    ref = repository / ".git" / "refs" / "reconciler" / "applied" / TENANT
    ref.parent.mkdir(parents=True)
    ref.write_text("1234567890123456789012345678901234567890\n", encoding="utf-8")

    assert records(repository, APPLIED) == {}
    assert not mark.exists()


def test_documents_that_look_like_a_repository_are_none(repository: Path) -> None:
    """Whoever may add documents must not bring records of his own, nor settings."""
    tenants = put(repository, {"a.yaml": b"1"})
    git(repository, "init", "--quiet", "--bare", "bare")
    lie = git(repository / "bare", "hash-object", "-w", "--stdin", stdin=json.dumps(asdict(RECORD)).encode())
    git(repository / "bare", "update-ref", f"{APPLIED}/{TENANT}", lie)
    for entry in (repository / "bare").iterdir():
        entry.rename(tenants / entry.name)

    assert git(tenants, "rev-parse", "--is-bare-repository") == "true"
    assert records(tenants, APPLIED) == {}
    assert not inside_git(tenants)


@pytest.mark.parametrize(
    "name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"]
)
def test_variables_of_another_repository_do_not_matter(
    name: str, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inside a hook of git these are set, and name what the hook is about."""
    tenants = put(repository, {"a.yaml": b"1"})
    committed(repository)
    monkeypatch.setenv(name, "elsewhere")

    use(tenants)
    monkeypatch.delenv(name)
    assert git(repository, "rev-parse", "--verify", f"{APPLIED}/{TENANT}")


# ---------------------------------------------------------------------------------------------- earlier documents


def test_documents_of_an_earlier_tree_are_there(repository: Path) -> None:
    tenants = put(repository, {"contoso/tenant.yaml": b"1\n\xff", "b.yaml": b"", "notes.md": b"x", ".hidden": b"y"})
    tree = committed(repository)
    put(repository, {"b.yaml": b"later"})
    committed(repository)

    assert documents(tenants, tree) == {"b.yaml": b"", "contoso/tenant.yaml": b"1\n\xff"}


@pytest.mark.parametrize("tree", ["", "HEAD", "--help", "f" * 40, "0" * 39])
def test_tree_that_git_does_not_have_is_unknown(repository: Path, tree: str) -> None:
    tenants = put(repository, {"a.yaml": b"1"})
    committed(repository)

    assert documents(tenants, tree) is None


def test_outside_git_no_earlier_documents_are_known(tmp_path: Path) -> None:
    assert documents(tmp_path, RECORD.tree) is None


def test_earlier_tree_with_a_link_in_it_is_unknown(repository: Path) -> None:
    tenants = put(repository, {"a.yaml": b"1"})
    (tenants / "b.yaml").symlink_to("/etc/passwd")

    assert documents(tenants, committed(repository)) is None


def test_earlier_tree_cannot_lead_out_of_its_folder(repository: Path) -> None:
    tenants = put(repository, {"a.yaml": b"1"})
    blob = git(repository, "hash-object", "-w", "--stdin", stdin=b"out")
    inner = b"100644 a.yaml\0" + bytes.fromhex(blob)
    down = git(repository, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=inner)
    outer = b"40000 ..\0" + bytes.fromhex(down)
    tree = git(repository, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=outer)

    assert documents(tenants, tree) is None


def test_replaced_objects_are_not_read(repository: Path) -> None:
    tenants = put(repository, {"a.yaml": b"1"})
    tree = committed(repository)
    put(repository, {"a.yaml": b"2"})
    git(repository, "replace", tree, committed(repository))

    assert documents(tenants, tree) == {"a.yaml": b"1"}
