"""JSON batches: several reads in one request. Pure: makes the body, and finds the answers in the reply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from reconciler.graph.answers import Answer
from reconciler.model import Body, Json

# Graph's own limit for one JSON batch, not a knob of ours.
BATCH_SIZE = 20


def batches(paths: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the paths in sorted order, each once, in groups of at most twenty."""
    rest = iter(sorted(set(paths)))
    return list(iter(lambda: tuple(islice(rest, BATCH_SIZE)), ()))


def envelope(paths: Sequence[str]) -> Body:
    """Return the body of a batch that reads all paths, independently of each other."""
    return {"requests": [{"id": str(number), "method": "GET", "url": path} for number, path in enumerate(paths, 1)]}


def unpack(body: Body, paths: Sequence[str]) -> Mapping[str, Answer]:
    """Return the answer to each path; whatever is missing, there twice or malformed has none.

    Raises:
        ValueError: when the reply is not a list of responses at all.
    """
    responses = body.get("responses")
    if not isinstance(responses, list):
        raise ValueError("the reply to a batch has no responses")
    found: dict[str, list[Answer]] = {}
    for item in responses:
        match item:
            case {"id": str(name), "status": int(status)} if not isinstance(status, bool):
                found.setdefault(name.lower(), []).append(_answer(status, item))
    wanted = {path: found.get(str(number), []) for number, path in enumerate(paths, 1)}
    return {path: answers[0] for path, answers in wanted.items() if len(answers) == 1}


def _answer(status: int, item: Body) -> Answer:
    headers = item.get("headers")
    kept = _headers(headers) if isinstance(headers, Mapping) else {}
    body: Json = item.get("body")
    return Answer(status, kept, body, "" if body is None or isinstance(body, dict) else "its body is not a JSON object")


def _headers(headers: Mapping[str, Json]) -> dict[str, tuple[str, ...]]:
    return {name.lower(): (value,) for name, value in headers.items() if isinstance(value, str)}
