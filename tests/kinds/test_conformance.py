"""What every kind has to do, whatever it is about. A new one passes this without a line of its own.

The toys take part so that the suite itself cannot rest on what the real kinds have in common.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from specimen import IDENTITY, Specimen, Subject, as_said, flags, inheriting, scrambled
from toys import SERVED, TOYS

from reconciler import reconciling
from reconciler.kinds import REGISTRY
from reconciler.loading.schemas import document_schemas
from reconciler.model import Action, Body, Json, Severity, Standing, TenantPlan, Verdict

SUBJECTS = [
    *(Subject(kind, REGISTRY) for kind in REGISTRY.values()),
    *(Subject(kind, {**TOYS, **REGISTRY}, SERVED) for kind in TOYS.values()),
]
COMING_AND_GOING = [subject for subject in SUBJECTS if subject.comes_and_goes]
EXAMPLES = [(subject, example) for subject in SUBJECTS for example in subject.kind.examples]
FLAGS = [(subject, block, leaves) for subject in SUBJECTS for block, leaves in flags(subject.kind)]
INHERITING = [
    (subject, example, block)
    for subject, example in EXAMPLES
    for block in inheriting(subject.kind)
    if example.get(block) is not None
]


def named(value: object) -> str:
    return json.dumps(value, default=str)[:60] if isinstance(value, Mapping) else str(value)


def said_of(value: Json, shown: Json) -> Json:
    """Return `shown` without the leaves of which nothing is said."""
    if isinstance(value, Mapping) and isinstance(shown, Mapping):
        return {name: said_of(member, shown[name]) for name, member in value.items()}
    return shown


def assert_shows(specimen: Specimen, example: Body, name: str = "fabrikam") -> None:
    """What is said is there."""
    said = as_said(specimen.subject.kind, example)
    shown = specimen.shows(name)

    assert said_of(said, {block: shown[block] for block in said}) == said


def assert_settled(plan: TenantPlan) -> None:
    """Nothing is left to do, and nothing stands in the way."""
    assert (plan.standing, plan.steps) == (Standing.PLANNED, ())
    assert not [finding for finding in plan.findings if finding.stops]


# ---------------------------------------------------------------------------------------------- what it says of itself


@pytest.mark.parametrize("subject", SUBJECTS, ids=named)
def test_kind_has_examples(subject: Subject) -> None:
    assert subject.kind.examples


@pytest.mark.parametrize("subject", SUBJECTS, ids=named)
def test_every_block_has_a_stock_value(subject: Subject) -> None:
    kind = subject.kind

    assert sorted(kind.stock) == sorted(kind.blocks)
    assert kind.canonical(kind.stock) == kind.project(kind.stock)


@pytest.mark.parametrize("subject", SUBJECTS, ids=named)
def test_blocks_are_written_and_facts_are_not(subject: Subject) -> None:
    kind = subject.kind

    assert not set(kind.blocks) & set(kind.read_only)
    assert set(kind.protected) <= set(kind.read_only)


@pytest.mark.parametrize("subject", SUBJECTS, ids=named)
def test_kinds_it_names_exist(subject: Subject) -> None:
    kind = subject.kind

    assert {*kind.needs, *filter(None, [kind.fallback])} <= subject.kinds.keys()


@pytest.mark.parametrize("subject", SUBJECTS, ids=named)
def test_stock_is_what_the_service_shows(subject: Subject, tmp_path: Path) -> None:
    specimen = Specimen(subject, tmp_path)
    specimen.apply(specimen.document({}))

    assert specimen.shows() == subject.kind.canonical(subject.kind.stock)


# ---------------------------------------------------------------------------------------------- its canonical form


@pytest.mark.parametrize(("subject", "example"), EXAMPLES, ids=named)
def test_canonical_form_is_reached_at_once(subject: Subject, example: Body) -> None:
    once = subject.kind.canonical(example)

    assert subject.kind.canonical(once) == once


@pytest.mark.parametrize(("subject", "example"), EXAMPLES, ids=named)
def test_order_case_and_repetition_mean_nothing(subject: Subject, example: Body, dice: random.Random) -> None:
    canonical, ordered = subject.kind.canonical, subject.kind.ordered

    assert all(canonical(scrambled(example, dice, ordered)) == canonical(example) for _ in range(20))


@pytest.mark.parametrize(("subject", "example"), EXAMPLES, ids=named)
def test_what_is_not_said_stays_unsaid(subject: Subject, example: Body) -> None:
    canonical = subject.kind.canonical(example)

    assert canonical.keys() == example.keys()
    assert subject.kind.canonical(dict.fromkeys(example)) == dict.fromkeys(example)


@pytest.mark.parametrize(("subject", "example"), EXAMPLES, ids=named)
def test_schema_accepts_the_example(subject: Subject, example: Body, tmp_path: Path) -> None:
    schemas = [json.loads(text) for text in document_schemas(subject.kinds).values()]
    [schema] = [schema for schema in schemas if schema["title"] == subject.kind.document]
    document = {"apiVersion": "crosstenant/v1", **Specimen(subject, tmp_path).document(example)}

    Draft202012Validator(schema).validate(json.loads(json.dumps(document)))


# ---------------------------------------------------------------------------------------------- its life


@pytest.mark.parametrize(("subject", "example"), EXAMPLES, ids=named)
def test_example_is_brought_about(subject: Subject, example: Body, tmp_path: Path) -> None:
    specimen = Specimen(subject, tmp_path)
    specimen.apply(specimen.document(example))

    assert_shows(specimen, example)
    assert_settled(specimen.plan(specimen.document(example)))


@pytest.mark.parametrize("other", range(4))
@pytest.mark.parametrize(("subject", "example"), EXAMPLES, ids=named)
def test_example_follows_another(subject: Subject, example: Body, other: int, tmp_path: Path) -> None:
    examples = [one for one in subject.kind.examples if one != example]
    before = examples[other % len(examples)]
    specimen = Specimen(subject, tmp_path)
    specimen.apply(specimen.document(before))
    stood = specimen.stored() or {}
    specimen.apply(specimen.document(example))
    stands = specimen.stored() or {}

    assert_shows(specimen, example)
    assert_settled(specimen.plan(specimen.document(example)))
    unsaid = [name for name in subject.kind.blocks if name not in example]
    assert [json.dumps(stands[name]) for name in unsaid] == [json.dumps(stood[name]) for name in unsaid]


@pytest.mark.parametrize(("subject", "example", "block"), INHERITING, ids=named)
def test_null_gives_the_word_back(subject: Subject, example: Body, block: str, tmp_path: Path) -> None:
    specimen = Specimen(subject, tmp_path)
    specimen.apply(specimen.document(example))
    specimen.apply(specimen.document({block: None}))

    assert specimen.shows()[block] is None
    assert_settled(specimen.plan(specimen.document({block: None})))


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize(("subject", "block", "leaves"), FLAGS, ids=named)
def test_unsaid_flags_stay(subject: Subject, block: str, leaves: tuple[str, ...], value: bool, tmp_path: Path) -> None:
    first, *others = leaves
    specimen = Specimen(subject, tmp_path)
    specimen.apply(specimen.document({}))
    # What is on goes off, since a guard rule may forbid the other way round for good.
    specimen.keep(**{block: {first: True, **dict.fromkeys(others, value)}})
    specimen.apply(specimen.document({block: {first: False}}))

    assert (specimen.stored() or {})[block] == {first: False, **dict.fromkeys(others, value)}


@pytest.mark.parametrize("subject", COMING_AND_GOING, ids=named)
def test_absent_deletes(subject: Subject, tmp_path: Path) -> None:
    specimen = Specimen(subject, tmp_path)
    specimen.apply(specimen.document(subject.kind.examples[0]))
    gone = specimen.document(None, state="absent")
    report = specimen.apply(gone)

    assert [(outcome.action, outcome.verdict) for outcome in report.outcomes] == [(Action.DELETE, Verdict.APPLIED)]
    assert specimen.stored() is None
    assert_settled(specimen.plan(gone))


@pytest.mark.parametrize("subject", COMING_AND_GOING, ids=named)
def test_undeclared_is_reported_and_left_alone(subject: Subject, tmp_path: Path) -> None:
    specimen = Specimen(subject, tmp_path)
    specimen.apply(*(specimen.document(subject.kind.examples[0], name) for name in ("fabrikam", "tailspin")))
    plan = specimen.plan(specimen.document(subject.kind.examples[0]))

    assert_settled(plan)
    key = specimen.address("tailspin").key
    assert [finding for finding in plan.findings if any(key in detail for detail in finding.details)]


@pytest.mark.parametrize("subject", COMING_AND_GOING, ids=named)
def test_undeclared_is_deleted_where_that_is_said(subject: Subject, tmp_path: Path) -> None:
    specimen = Specimen(subject, tmp_path, undeclared="delete")
    specimen.apply(*(specimen.document(subject.kind.examples[0], name) for name in ("fabrikam", "tailspin")))
    unasked = specimen.rehearse(specimen.document(subject.kind.examples[0])).plan()
    specimen.apply(specimen.document(subject.kind.examples[0]))

    assert [(finding.severity, finding.rule) for finding in unasked.tenants[0].findings if finding.stops] == [
        (Severity.BLOCK, 8)
    ]
    assert specimen.stored("tailspin") is None
    assert_shows(specimen, subject.kind.examples[0])


@pytest.mark.parametrize(
    ("subject", "fact"), [(subject, fact) for subject in SUBJECTS for fact in subject.kind.protected], ids=named
)
def test_protected_is_never_deleted(subject: Subject, fact: str, tmp_path: Path) -> None:
    specimen = Specimen(subject, tmp_path, undeclared="delete")
    specimen.apply(*(specimen.document(subject.kind.examples[0], name) for name in ("fabrikam", "tailspin")))
    specimen.keep("tailspin", **{fact: True})

    assert_settled(specimen.plan(specimen.document(subject.kind.examples[0])))


@pytest.mark.parametrize(("subject", "example"), EXAMPLES, ids=named)
def test_spelling_of_the_service_means_nothing(
    subject: Subject, example: Body, dice: random.Random, tmp_path: Path
) -> None:
    specimen = Specimen(subject, tmp_path)
    specimen.apply(specimen.document(example))
    ordered = subject.kind.ordered
    specimen.keep(**scrambled({name: specimen.shows()[name] for name in example}, dice, ordered))

    assert_settled(specimen.plan(specimen.document(scrambled(example, dice, ordered))))


# --------------------------------------------------------------------------------------------- what it does not know


@pytest.mark.parametrize(("subject", "example"), EXAMPLES, ids=named)
def test_unknown_is_told_and_left_alone(subject: Subject, example: Body, tmp_path: Path) -> None:
    specimen = Specimen(subject, tmp_path)
    specimen.apply(specimen.document({}))
    specimen.keep(novelty={"isNew": True, "of": ["somebody"]})
    document = specimen.document(example)
    plan = specimen.plan(document)
    before = specimen.writes()
    specimen.apply(document)

    assert [finding for finding in plan.findings if finding.details == ("novelty",)]
    assert (specimen.stored() or {})["novelty"] == {"isNew": True, "of": ["somebody"]}
    assert not [entry for entry in specimen.world.store.journal()[before:] if "novelty" in (entry.sent or {})]


# ---------------------------------------------------------------------------------------------- what it needs


def alone(subject: Subject) -> Subject:
    """The kind, with only those that it rests on."""
    names = {subject.kind.name, *subject.kind.needs, subject.kind.fallback}
    return replace(subject, kinds={name: kind for name, kind in subject.kinds.items() if name in names})


def writing(specimen: Specimen) -> dict[str, Json]:
    """Return a document that asks for a write."""
    documents = (specimen.document(example) for example in specimen.subject.kind.examples)
    return next(document for document in documents if specimen.plan(document).steps)


@pytest.mark.parametrize("subject", SUBJECTS, ids=named)
def test_named_permissions_suffice(subject: Subject, tmp_path: Path) -> None:
    may = subject.kind.permissions
    specimen = Specimen(alone(subject), tmp_path, reading=(may.read,), writing=(may.read, may.write))
    report = specimen.apply(writing(specimen))

    assert [outcome.verdict for outcome in report.outcomes] == [Verdict.APPLIED]


@pytest.mark.parametrize("subject", SUBJECTS, ids=named)
def test_who_may_not_read_is_told(subject: Subject, tmp_path: Path) -> None:
    specimen = Specimen(alone(subject), tmp_path, reading=(IDENTITY,))
    plan = specimen.rehearse(specimen.document({})).plan()

    assert [tenant.standing for tenant in plan.tenants] == [Standing.UNREADABLE]
    assert reconciling.plan_exit_code(plan) == 8


@pytest.mark.parametrize("subject", SUBJECTS, ids=named)
def test_who_may_not_write_is_told(subject: Subject, tmp_path: Path) -> None:
    may = subject.kind.permissions
    specimen = Specimen(alone(subject), tmp_path, reading=(may.read,), writing=(may.read,))
    rehearsal, plan = specimen.agreed(writing(specimen))
    before = specimen.stored()
    report = rehearsal.apply(plan)

    assert ([outcome.verdict for outcome in report.outcomes], report.exit_code) == ([Verdict.FAILED], 8)
    assert specimen.stored() == before
