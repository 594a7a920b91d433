import json
from collections.abc import Callable
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import GraphError, NotFound, Unanswered
from reconciler.graph.answers import Answer, Where, acknowledged, read, understand
from reconciler.graph.pacing import Setback
from reconciler.graph.wire import Raw

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
READ, WRITE = Where("contoso", "GET", "/partners/a"), Where("contoso", "PATCH", "/partners/a")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "code", "message", "value", "innerError", "request-id"]), inner)
    ),
    max_leaves=8,
)
CONTENT = JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=30)
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "retry-after", "date", "request-id", "x-ms-throttle-limit-percentage"]),
    st.tuples(
        st.sampled_from(["application/json; charset=utf-8", "text/html", "5", "-1", "soon"]) | st.text(max_size=9)
    ),
)
STATUS = st.sampled_from([200, 201, 202, 204, 301, 400, 401, 403, 404, 408, 409, 429, 500, 503]) | st.integers(100, 999)


Judge = Callable[[Answer, Where, datetime], object]


def outcome(judge: Judge, where: Where, raw: Raw) -> object:
    """Return the body that `judge` finds in an answer, or the error it raises."""
    try:
        return judge(understand(raw), where, NOW)
    except (GraphError, Setback) as error:
        return error


@given(STATUS, HEADERS, CONTENT)
def test_any_answer_to_a_read_is_a_body_or_an_error_of_ours(
    status: int, headers: dict[str, tuple[str, ...]], content: bytes
) -> None:
    found = outcome(read, READ, Raw(status, headers, content))

    assert isinstance(found, dict | GraphError | Setback)
    assert not isinstance(found, dict) or status == 200
    assert not isinstance(found, NotFound) or (status == 404 and found.code)
    assert not isinstance(found, Unanswered)


@given(STATUS, HEADERS, CONTENT)
def test_any_answer_to_a_write_is_done_refused_or_unknown(
    status: int, headers: dict[str, tuple[str, ...]], content: bytes
) -> None:
    found = outcome(acknowledged, WRITE, Raw(status, headers, content))

    assert found is None or isinstance(found, dict | GraphError | Setback)
    assert isinstance(found, Setback) == (status == 429)
    assert isinstance(found, GraphError | Setback) or status in (200, 201, 202, 204)
    assert not isinstance(found, GraphError) or isinstance(found, Unanswered) or 400 <= status < 500
    assert not isinstance(found, Unanswered) or status not in (401, 403, 429)


def test_both_spellings_of_the_inner_error_are_read() -> None:
    for name in ("innerError", "innererror"):
        answer = Answer(400, {}, {"error": {"code": "x", "message": "y", name: {"request-id": "r-7"}}})

        assert answer.request_id == "r-7"


def test_header_goes_before_the_inner_error() -> None:
    answer = Answer(400, {"request-id": ("r-8",)}, {"error": {"code": "x", "innerError": {"request-id": "r-7"}}})

    assert answer.request_id == "r-8"
