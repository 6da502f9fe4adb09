"""What becomes of an answer of the engine: one body where it is small, parts where it is wide."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from nightdesk.api.message import Parts, Request, Response
from nightdesk.api.prometheus.encode import (
    OPENING,
    TRUNCATED,
    closing,
    encode_instant,
    encode_range,
    range_rows,
    sample_rows,
    stats_member,
    text_json,
    vector_rows,
)
from nightdesk.app.questions import Cost
from nightdesk.query.answer import Answer
from nightdesk.query.limits import QueryBudget

WIDE_FROM: Final = 250_000
"""Points from which an answer goes out in parts: some 7 MB of text, which would be held three times over."""
WIDE_VECTOR_FROM: Final = 50_000
"""The same in series of an instant vector, whose labels are most of what is written."""


def instant_response(
    answer: Answer, cost: Cost, budget: QueryBudget, limit: int, stats: str, request: Request
) -> Response:
    """Return the answer of an instant query; runs on a query thread. Raises what the budget raises."""
    told = _stats(cost, stats)
    if answer.kind == "matrix" and sum(len(each.times) for each in answer.series) >= WIDE_FROM:
        parts = _parts(b"matrix", answer, sample_rows(answer, budget), len(answer.series), limit, told)
    elif answer.kind == "vector" and len(answer.labels) >= WIDE_VECTOR_FROM:
        rows = ((row,) for row in vector_rows(answer, budget))
        parts = _parts(b"vector", answer, rows, int(answer.present[:, 0].sum()), limit, told)
    else:
        return Response(200, encode_instant(answer, budget, limit, told)).packed(request)
    return Response(200, parts=Parts(parts, budget.deadline))


def range_response(
    answer: Answer, cost: Cost, budget: QueryBudget, limit: int, stats: str, request: Request
) -> Response:
    """Return the answer of a range query; runs on a query thread. Raises what the budget raises."""
    told = _stats(cost, stats)
    if answer.values.size < WIDE_FROM:
        return Response(200, encode_range(answer, budget, limit, told)).packed(request)
    rows = ((row,) for row in range_rows(answer, budget))
    parts = _parts(b"matrix", answer, rows, int(answer.present.any(axis=1).sum()), limit, told)
    return Response(200, parts=Parts(parts, budget.deadline))


def _parts(
    kind: bytes, answer: Answer, rows: Iterator[Iterable[bytes]], count: int, limit: int, stats: bytes
) -> Iterator[bytes]:
    """Write a vector or matrix row by row, each of which comes in parts; `count` is how many rows there are."""
    cut = 0 < limit < count
    yield OPENING + b'{"resultType":"%s","result":[' % kind
    for number, row in enumerate(islice(rows, limit) if cut else rows):
        if number:
            yield b","
        yield from row
    warnings = [*answer.warnings, TRUNCATED] if cut else answer.warnings
    yield b"]" + stats_member(stats) + b"}" + closing(warnings, answer.infos)


def _stats(cost: Cost, asked: str) -> bytes:
    """Write what the answer took in Prometheus' form; nothing unless it was asked for, each step where asked for all.

    The engine evaluates once for the whole grid, so preparation and sorting are part of the evaluation.
    """
    if not asked:
        return b""
    samples: dict[str, object] = {"totalQueryableSamples": int(cost.samples.sum()), "peakSamples": cost.read}
    if asked == "all":
        pairs = zip((cost.steps / 1000).tolist(), cost.samples.tolist(), strict=True)
        steps = [[int(at) if at.is_integer() else at, count] for at, count in pairs]
        samples = {"totalQueryableSamplesPerStep": steps, **samples}
    timings = {
        "evalTotalTime": cost.evaluated,
        "resultSortTime": 0,
        "queryPreparationTime": 0,
        "innerEvalTime": cost.evaluated,
        "execQueueTime": cost.queued,
        "execTotalTime": cost.queued + cost.evaluated,
    }
    return text_json({"timings": timings, "samples": samples})
