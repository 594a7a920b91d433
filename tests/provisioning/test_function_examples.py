import pytest

from reconciler.provisioning.compiling import compile_expression
from reconciler.provisioning.functions import FUNCTIONS
from reconciler.provisioning.functions.signatures import Function

EXAMPLES = [function for function in FUNCTIONS.values() if function.example]


@pytest.mark.parametrize("function", EXAMPLES, ids=lambda function: function.name)
def test_example_gives_what_it_says(function: Function) -> None:
    assert function.example
    expression = compile_expression(function.example.expression)

    assert expression.evaluate(function.example.user) == function.example.result


@pytest.mark.parametrize("function", EXAMPLES, ids=lambda function: function.name)
def test_example_is_canonical(function: Function) -> None:
    assert function.example
    assert compile_expression(function.example.expression).text == function.example.expression


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda function: function.name)
def test_function_is_described(function: Function) -> None:
    assert function.description.endswith(".")
    assert function.nulls
    assert function.example or not function.offline
