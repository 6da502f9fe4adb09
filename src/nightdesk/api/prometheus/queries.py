"""Prometheus' HTTP API for asking: query, query_range, series, labels, values, metadata, build."""

import platform
from collections.abc import Sequence
from typing import Final

from nightdesk import __version__
from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.encode import encode_instant, encode_range, success, text_json
from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.app.desk import Desk
from nightdesk.errors import QuerySyntaxError
from nightdesk.model.instant import MAX_INSTANT, SECOND
from nightdesk.model.labels import Labels, Matcher
from nightdesk.query.answer import Answer
from nightdesk.query.language.parser import parse
from nightdesk.query.language.tree import VectorSelector

MOST_SERIES_ANSWERED: Final = 100_000


async def query(request: Request, desk: Desk) -> Response:
    """Answer an instant query; `time` defaults to now."""
    asked = Parameters.of(request)
    at, limit = asked.instant("time", desk.now()), asked.count("limit")
    seconds = _seconds(asked, desk)

    def write(answer: Answer) -> Response:
        return Response(200, encode_instant(answer, limit)).packed(request)

    try:
        return await desk.query_instant(asked.text("query"), at, seconds, write)
    except QuerySyntaxError as error:
        raise bad_parameter("query", error) from error


async def query_range(request: Request, desk: Desk) -> Response:
    """Answer a range query."""
    asked = Parameters.of(request)
    start, end, step = asked.range(desk.query_steps)
    limit, seconds = asked.count("limit"), _seconds(asked, desk)

    def write(answer: Answer) -> Response:
        return Response(200, encode_range(answer, limit)).packed(request)

    try:
        return await desk.query_range(asked.text("query"), start, end, step, seconds, write)
    except QuerySyntaxError as error:
        raise bad_parameter("query", error) from error


def _seconds(asked: Parameters, desk: Desk) -> float:
    return asked.duration("timeout", round(desk.query_seconds * SECOND)) / SECOND


async def series(request: Request, desk: Desk) -> Response:
    """List the label sets that match any `match[]`."""
    asked = Parameters.of(request)
    selectors = _selectors(asked)
    if not selectors:
        raise bad_parameter("match[]", "no match[] parameter provided")
    limit = asked.count("limit") or MOST_SERIES_ANSWERED

    def write(found: list[Labels]) -> Response:
        return _list_answer([each.as_dict() for each in found], limit, request)

    return await desk.series(selectors, *_span(asked), write)


async def label_names(request: Request, desk: Desk) -> Response:
    """List the label names, of all series or of those that match."""
    asked = Parameters.of(request)
    selectors, (start, end), limit = _selectors(asked), _span(asked), asked.count("limit")

    def write(names: list[str]) -> Response:
        return _list_answer(names, limit, request)

    if not selectors:
        return await desk.label_names(start, end, write)
    return await desk.series(
        selectors, start, end, lambda found: write(sorted({name for each in found for name, _ in each}))
    )


async def label_values(request: Request, desk: Desk) -> Response:
    """List the values of one label, of all series or of those that match."""
    asked, name = Parameters.of(request), request.params["name"]
    selectors, (start, end), limit = _selectors(asked), _span(asked), asked.count("limit")

    def write(values: list[str]) -> Response:
        return _list_answer(values, limit, request)

    if not selectors:
        return await desk.label_values(name, start, end, write)
    return await desk.series(
        selectors, start, end, lambda found: write(sorted({value for each in found if (value := each.get(name))}))
    )


def _selectors(asked: Parameters) -> list[tuple[Matcher, ...]]:
    return [_matchers(text) for text in asked.all("match[]")]


def _matchers(text: str) -> tuple[Matcher, ...]:
    try:
        node = parse(text)
    except QuerySyntaxError as error:
        raise bad_parameter("match[]", error) from error
    if not isinstance(node, VectorSelector):
        raise bad_parameter("match[]", f"{text!r} is not a selector")
    return tuple(node.matchers)


def _span(asked: Parameters) -> tuple[int, int]:
    start, end = asked.instant("start", -(MAX_INSTANT // 4)), asked.instant("end", MAX_INSTANT // 4)
    if end < start:
        raise bad_parameter("end", "end timestamp must not be before start timestamp")
    return start, end


def _list_answer(rows: Sequence[object], limit: int, request: Request) -> Response:
    warnings = ["results truncated due to limit"] if 0 < limit < len(rows) else []
    return Response(200, success(text_json(rows[:limit] if limit else rows), warnings)).packed(request)


async def metadata(_request: Request, _desk: Desk) -> Response:
    """Answer that nothing is kept about types and help texts, as Prometheus does for an unknown metric."""
    return Response(200, success(b"{}"))


async def build_info(_request: Request, _desk: Desk) -> Response:
    """Name the program and the release whose API this speaks."""
    build = {"version": __version__, "application": "nightdesk", "goVersion": f"python{platform.python_version()}"}
    return Response(200, success(text_json({**build, "revision": "", "branch": "", "buildUser": "", "buildDate": ""})))
