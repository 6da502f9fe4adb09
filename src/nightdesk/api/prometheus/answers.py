"""What becomes of an answer of the engine: one body where it is small, parts where it is wide."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from nightdesk.api.message import JSON, Parts, Request, Response
from nightdesk.api.prometheus.encode import instant_parts, range_parts, text_json
from nightdesk.app.questions import Cost
from nightdesk.clock import Deadline
from nightdesk.query.answer import Answer
from nightdesk.query.limits import QueryBudget

WIDE_BYTES: Final = 8 * 2**20
"""Bytes from which an answer goes out in parts: whole, it would be held several times over."""


def instant_response(
    answer: Answer, cost: Cost, budget: QueryBudget, limit: int, stats: str, request: Request
) -> Response:
    """Return the answer of an instant query; runs on a query thread. Raises what the budget raises."""
    return gathered(instant_parts(answer, budget, limit, _stats(cost, stats)), budget.deadline, request)


def range_response(
    answer: Answer, cost: Cost, budget: QueryBudget, limit: int, stats: str, request: Request
) -> Response:
    """Return the answer of a range query; runs on a query thread. Raises what the budget raises."""
    return gathered(range_parts(answer, budget, limit, _stats(cost, stats)), budget.deadline, request)


def gathered(parts: Iterator[bytes], deadline: Deadline, request: Request, kind: bytes = JSON) -> Response:
    """Return what an answer's parts come to: its whole body, or, once that shows itself to be wide, what makes it."""
    held: list[bytes] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size > WIDE_BYTES:
            return Response(200, content_type=kind, parts=Parts(chain(held, parts), deadline))
    return Response(200, b"".join(held), kind).packed(request)


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
