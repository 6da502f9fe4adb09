"""Prometheus' HTTP API for asking: `/api/v1/query` and `/api/v1/query_range`."""

from typing import Final

from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.answers import instant_response, range_response
from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.app.desk import AnswerThen, Desk
from nightdesk.app.questions import Question
from nightdesk.errors import QuerySyntaxError, Refused
from nightdesk.model.instant import SECOND
from nightdesk.query.asking import Asking
from nightdesk.query.selecting.resolution import resolution_of

_COARSEST: Final = "max_source_resolution"


async def query(request: Request, desk: Desk) -> Response:
    """Answer an instant query: `query`, `time` (now), `timeout`, `limit`, `lookback_delta`, `stats`."""
    asked = Parameters.of(request)
    at, limit, stats = asked.instant("time", desk.now()), asked.count("limit"), asked.text("stats")
    question = Question(asked.text("query"), at, at, 0, _asking(asked), bool(stats))
    return await _answer(
        desk,
        asked,
        question,
        lambda answer, cost, budget: instant_response(answer, cost, budget, limit, stats, request),
    )


async def query_range(request: Request, desk: Desk) -> Response:
    """Answer a range query: `query`, `start`, `end`, `step`, and what an instant query takes."""
    asked = Parameters.of(request)
    start, end, step = asked.range(desk.query_steps)
    limit, stats = asked.count("limit"), asked.text("stats")
    question = Question(asked.text("query"), start, end, step, _asking(asked), bool(stats))
    return await _answer(
        desk, asked, question, lambda answer, cost, budget: range_response(answer, cost, budget, limit, stats, request)
    )


async def _answer(desk: Desk, asked: Parameters, question: Question, then: AnswerThen[Response]) -> Response:
    seconds = asked.duration("timeout", round(desk.query_seconds * SECOND)) / SECOND
    try:
        return await desk.ask(question, seconds, then)
    except QuerySyntaxError as error:
        raise bad_parameter("query", error) from error


def _asking(asked: Parameters) -> Asking:
    """Read how the query is to be answered; samples count as long as the desk has it where nothing above 0 is asked."""
    lookback = asked.duration("lookback_delta", 0)
    resolution = None if asked.text(_COARSEST) in ("", "auto") else _resolution(asked)
    return Asking(lookback if lookback > 0 else None, resolution)


def _resolution(asked: Parameters) -> int:
    """Return the coarsest buckets to answer from, in ms; 0 for samples alone.

    Named as Thanos names it, and with its values: `0s`, `5m`, `1h`, and `auto`, which leaves it to the desk.
    """
    try:
        return resolution_of(asked.duration(_COARSEST))
    except Refused as error:
        raise Refused(f"{error}; write 0s for samples alone, 5m, 1h or auto") from error
