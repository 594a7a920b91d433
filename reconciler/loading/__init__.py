"""Files → Estate: walk, parse, validate, expand, merge. All problems of all files in one run; nothing is guessed.

Reads the folder and nothing else: no Git, no network, no environment, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from reconciler.errors import DocumentErrors, Problem
from reconciler.loading.belonging import TENANT_FILE, Tenants, tenants
from reconciler.loading.catalogue import shapes
from reconciler.loading.expanding import parts, profiles
from reconciler.loading.implying import implied
from reconciler.loading.knowing import known, strangers
from reconciler.loading.linking import links
from reconciler.loading.mentioning import Footing, Mention, Naming, Outline, footings, mentions, namings
from reconciler.loading.merging import merge
from reconciler.loading.organizations import namesakes
from reconciler.loading.parsing import Parsed, parse
from reconciler.loading.shapes import MAPPING_TEST, Shape
from reconciler.loading.statements import Part
from reconciler.loading.surprising import hazards
from reconciler.loading.validating import Written, shape_of, validate
from reconciler.loading.walking import File, Walk, read, walk
from reconciler.loading.wishes import Asked
from reconciler.model import Estate, Kind, Origin

__all__ = ["Footing", "Mention", "Naming", "Outline", "is_mapping_test", "load", "outline"]

Item = TypeVar("Item")

# In one file. A file with more is not what it was meant to be.
MOST_PROBLEMS = 200


def load(folder: Path, kinds: Mapping[str, Kind]) -> Estate:
    """Return all that the documents under `folder` say, expanded.

    Raises:
        DocumentErrors: with everything that is wrong in the files.
        SetupError: when there is no such folder, or something in it cannot be read.
    """
    found, papers = _gathered(folder, kinds)
    owners, misplaced = tenants(papers.sound, found.files, found.root)
    shared, unfit = profiles(papers.sound, frozenset(papers.broken))
    asked, impossible = links(papers.sound, owners)
    problems = [*found.problems, *papers.problems, *misplaced, *unfit, *impossible]
    expanded = [one for paper in papers.sound for one in parts(paper, owners, shared)]
    if not impossible:
        expanded += implied(asked, shared, kinds)
    said = _only(Part, expanded)
    documents, contradictions = merge(said)
    problems += [*_only(Problem, expanded), *contradictions, *namesakes(_named(said, asked))]
    if problems:
        raise DocumentErrors(problems)
    organizations = _organizations(owners, said, asked)
    return Estate(owners.sound, documents, organizations, known(asked), hazards(asked.wishes))


def outline(folder: Path, kinds: Mapping[str, Kind]) -> Outline:
    """Return who and what the documents name, although not all of them may be fit for a plan yet.

    Raises:
        DocumentErrors: with everything for which a document cannot be understood even by itself.
        SetupError: when there is no such folder, or something in it cannot be read.
    """
    found, papers = _gathered(folder, kinds)
    owners, misplaced = tenants(papers.sound, found.files, found.root)
    shared, unfit = profiles(papers.sound, frozenset(papers.broken))
    problems = [*found.problems, *papers.problems, *misplaced, *unfit]
    if problems:
        raise DocumentErrors(problems)
    return Outline(
        tenants=owners.sound,
        mentions=tuple(mention for paper in papers.sound for mention in mentions(paper, owners)),
        profiles={name: settings.said for name, settings in shared.settings.items()},
        files=found.files,
        namings=tuple(naming for paper in papers.sound for naming in namings(paper, owners)),
        footings=tuple(footing for paper in papers.sound for footing in footings(paper, owners)),
    )


def _gathered(folder: Path, kinds: Mapping[str, Kind]) -> tuple[Walk, _Papers]:
    found = walk(folder)
    papers = _Papers()
    every = shapes(kinds)
    for file in found.files:
        papers.take(file, every)
    return found, papers


@dataclass(slots=True)
class _Papers:
    """The documents read so far: sound ones, names of profiles that are not, and what is wrong."""

    sound: list[Written] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def take(self, file: File, known: Mapping[str, Shape]) -> None:
        """Read, parse and validate one file."""
        parsed = parse(read(file), file.name)
        problems = list(parsed.problems)
        if is_mapping_test(parsed, file):
            self.problems += _first(problems)
            return
        written: Written | None = None
        if parsed.value is not None:
            shape, wrong = shape_of(parsed, known)
            problems += wrong
            if shape is not None:
                written, wrong = validate(parsed, shape, file.folders)
                problems += wrong
        if written is None or problems:
            self.broken |= {file.stem, str((parsed.value or {}).get("name"))}
        else:
            self.sound.append(written)
        self.problems += _first(problems)


def is_mapping_test(parsed: Parsed, file: File) -> bool:
    """Whether a document is about mappings and not about a tenant.

    Its kind says so, never its name: a document that is passed over for its name would be a partner that nobody
    manages.
    """
    is_tenant = file.name.rpartition("/")[2] == TENANT_FILE
    return not is_tenant and (parsed.value or {}).get("kind") == MAPPING_TEST


def _first(problems: list[Problem]) -> list[Problem]:
    """Return the problems of one file, or the first of very many and how many there are besides."""
    found = sorted(set(problems))
    more = len(found) - MOST_PROBLEMS
    if more <= 0:
        return found
    rest = found[MOST_PROBLEMS]
    return [*found[:MOST_PROBLEMS], Problem(rest.origin, f"{more} more problems from here on", "begin with the others")]


def _only(kind: type[Item], found: Iterable[object]) -> list[Item]:
    return [one for one in found if isinstance(one, kind)]


def _named(said: Iterable[Part], asked: Asked) -> Iterable[tuple[str, str, Origin]]:
    for part in said:
        if part.organization:
            yield part.organization.name, part.document.address.key, part.origin("name")
    for side in strangers(asked):
        yield side.name, side.tenant_id, side.origin


def _organizations(owners: Tenants, said: Iterable[Part], asked: Asked) -> Mapping[str, str]:
    """Return what people call each organization, by tenant id; our own tenants' word goes first."""
    linked = {side.tenant_id: side.label for side in strangers(asked)}
    theirs = {
        part.document.address.key: part.document.label
        for part in sorted(said, key=lambda one: one.document.address, reverse=True)
        if part.organization
    }
    ours = {tenant.tenant_id: tenant.display_name for tenant in owners.sound.values()}
    return dict(sorted({**linked, **theirs, **ours}.items()))
