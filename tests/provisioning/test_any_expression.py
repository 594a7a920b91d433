"""Whatever is written and whoever it is about: a value or one of our errors, and nothing else."""

import json
import random
from contextlib import suppress
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from reconciler.provisioning import (
    FUNCTIONS,
    EvaluationError,
    ExpressionError,
    Options,
    Surroundings,
    User,
    compile_expression,
    from_graph,
    lint_expression,
    parse,
    render,
    trace,
)

CHANCE = random.Random(4)
SURROUNDINGS = Surroundings(now=lambda: datetime(2026, 11, 24, tzinfo=UTC), below=CHANCE.randrange)
OPTIONS = Options(pattern_seconds=0.1)

LEAVES = st.sampled_from([
    '""', '" "', '"a"', '"d"', '"yyyy-MM-dd"', '"2020-01-02T03:04:05Z"', '"(?<a>.)"', '"${a}"', '"[^a]"', '"tr-TR"',
    '"ßİ"',
    "0", "1", "-1", "&HFF", "1.5", "[a]", "[b]", "[c]", "vbTextCompare", "", '[a] = "x"', "[b] >= 3",
])  # fmt: skip
CALLS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda name, arguments: f"{name}({', '.join(arguments)})",
        st.sampled_from(sorted(FUNCTIONS)),
        st.lists(inner, max_size=7),
    ),
    max_leaves=8,
)
ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("\ud800")
JSON = st.recursive(ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner))
USERS = st.dictionaries(st.sampled_from(["a", "b", "c", "id", "businessPhones", "mobilePhone"]), JSON)


@given(CALLS, USERS)
def test_any_call_gives_a_value_or_an_error_of_ours(text: str, said: User) -> None:
    with suppress(ExpressionError):
        ready = compile_expression(text, OPTIONS, SURROUNDINGS)
        lint_expression(ready.tree)
        traced = trace(ready.tree, from_graph(said), OPTIONS, SURROUNDINGS)
        assert traced.failure is not None or json.dumps(traced.value)
        with suppress(EvaluationError):
            json.dumps(ready.evaluate(from_graph(said)))


@given(CALLS)
def test_any_call_is_the_same_when_rendered(text: str) -> None:
    with suppress(ExpressionError):
        tree = parse(text)

        assert parse(render(tree)) == tree
