"""What becomes of an answer of the engine: one body where it is small, parts where it is wide."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from nightdesk.api.message import Request, Response
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
)
from nightdesk.app.questions import Cost
from nightdesk.query.answer import Answer

WIDE_FROM: Final = 250_000
"""Points from which an answer goes out in parts: some 7 MB of text, which would be held three times over."""


def instant_response(answer: Answer, cost: Cost, limit: int, stats: str, request: Request) -> Response:
    """Return the answer of an instant query; runs on a query thread."""
    told = _stats(cost, stats)
    if answer.kind == "matrix" and sum(len(each.times) for each in answer.series) >= WIDE_FROM:
        return Response(200, parts=_parts(answer, sample_rows(answer), len(answer.series), limit, told))
    return Response(200, encode_instant(answer, limit, told)).packed(request)


def range_response(answer: Answer, cost: Cost, limit: int, stats: str, request: Request) -> Response:
    """Return the answer of a range query; runs on a query thread."""
    told = _stats(cost, stats)
    if answer.values.size < WIDE_FROM:
        return Response(200, encode_range(answer, limit, told)).packed(request)
    useful = int(answer.present.any(axis=1).sum())
    return Response(200, parts=_parts(answer, range_rows(answer), useful, limit, told))


def _parts(answer: Answer, rows: Iterator[bytes], count: int, limit: int, stats: bytes) -> Iterator[bytes]:
    """Write a matrix row by row; `count` is how many rows there are."""
    cut = 0 < limit < count
    yield OPENING + b'{"resultType":"matrix","result":['
    for number, row in enumerate(islice(rows, limit) if cut else rows):
        yield b"," + row if number else row
    warnings = [*answer.warnings, TRUNCATED] if cut else answer.warnings
    yield b"]" + stats_member(stats) + b"}" + closing(warnings, answer.infos)


def _stats(cost: Cost, asked: str) -> bytes:
    """Write what the answer took in Prometheus' form; nothing unless it was asked for, each step where asked for all.

    The engine evaluates once for the whole grid, so preparation and sorting are part of the evaluation.
    """
    if not asked:
        return b""
    samples: dict[str, object] = {"totalQueryableSamples": int(cost.samples.sum()), "peakSamples": cost.peak}
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
