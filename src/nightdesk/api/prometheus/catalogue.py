"""Prometheus' HTTP API for what there is: series, label names, label values."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.answers import gathered
from nightdesk.api.prometheus.encode import OPENING, TRUNCATED, closing, joined_rows, metrics_json, names_json, success
from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.api.prometheus.selectors import selectors_of
from nightdesk.app.desk import Desk
from nightdesk.errors import Refused
from nightdesk.model.instant import MAX_INSTANT
from nightdesk.model.labels import Labels
from nightdesk.query.limits import QueryBudget

MOST_SERIES_ANSWERED: Final = 100_000
ESCAPED: Final = "U__"
_UNIT: Final = re.compile(r"[^_]+|__|_([0-9a-fA-F]{1,6})_")
"""A piece of an escaped name: itself, an underscore doubled, or a character by its number."""


async def series(request: Request, desk: Desk) -> Response:
    """List the label sets that match any `match[]`."""
    asked = Parameters.of(request)
    selectors = selectors_of(asked)
    if not selectors:
        raise Refused("no match[] parameter provided")
    (start, end), limit = _span(asked), asked.count("limit") or MOST_SERIES_ANSWERED

    def write(found: list[Labels], budget: QueryBudget) -> Response:
        return gathered(_written(found, limit, desk.flaws(start, end), budget), budget.deadline, request)

    return await desk.series(selectors, start, end, write)


def _written(found: list[Labels], limit: int, flaws: Sequence[str], budget: QueryBudget) -> Iterator[bytes]:
    """Write label sets piece by piece. Raises what the budget raises."""
    shown = found if len(found) <= limit else found[:limit]
    yield OPENING + b"["
    for number, text in enumerate(joined_rows(metrics_json(shown))):
        budget.check()
        yield b"," + text if number else text
    yield b"]" + closing([*flaws, *([TRUNCATED] if len(shown) < len(found) else [])])


async def label_names(request: Request, desk: Desk) -> Response:
    """List the label names, of all series or of those that match."""
    asked = Parameters.of(request)
    selectors, (start, end), limit = selectors_of(asked), _span(asked), asked.count("limit")

    def write(names: list[str]) -> Response:
        return _listed(names, limit, desk.flaws(start, end), request)

    if not selectors:
        return await desk.label_names(start, end, write)
    return await desk.series(
        selectors, start, end, lambda found, _: write(sorted({name for each in found for name, _ in each}))
    )


async def label_values(request: Request, desk: Desk) -> Response:
    """List the values of one label, of all series or of those that match; `U__...` names any name in plain letters."""
    asked, name = Parameters.of(request), unescaped(request.params["name"])
    selectors, (start, end), limit = selectors_of(asked), _span(asked), asked.count("limit")

    def write(values: list[str]) -> Response:
        return _listed(values, limit, desk.flaws(start, end), request)

    if not selectors:
        return await desk.label_values(name, start, end, write)
    return await desk.series(
        selectors, start, end, lambda found, _: write(sorted({value for each in found if (value := each.get(name))}))
    )


def unescaped(name: str) -> str:
    """Return the name that an escaped one stands for: `U__a_2e_b` is `a.b`, `U__a__b` is `a_b`.

    Clients write names that would not fit a path so (Prometheus' escaping scheme `values`). What is not well formed
    stands for itself.
    """
    if not name.startswith(ESCAPED):
        return name
    pieces: list[str] = []
    place = len(ESCAPED)
    while place < len(name):
        unit = _UNIT.match(name, place)
        if unit is None or (unit[1] and not _is_character(int(unit[1], 16))):
            return name
        pieces.append(chr(int(unit[1], 16)) if unit[1] else "_" if unit[0] == "__" else unit[0])
        place = unit.end()
    return "".join(pieces)


def _is_character(number: int) -> bool:
    return number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF


def _span(asked: Parameters) -> tuple[int, int]:
    start, end = asked.instant("start", -(MAX_INSTANT // 4)), asked.instant("end", MAX_INSTANT // 4)
    if end < start:
        raise bad_parameter("end", "end timestamp must not be before start timestamp")
    return start, end


def _listed(names: Sequence[str], limit: int, flaws: Sequence[str], request: Request) -> Response:
    warnings = [*flaws, *([TRUNCATED] if 0 < limit < len(names) else [])]
    return Response(200, success(names_json(names[:limit] if limit else names), warnings)).packed(request)
