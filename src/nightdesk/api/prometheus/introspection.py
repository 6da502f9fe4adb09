"""Prometheus' HTTP API about the server itself: what clients read of it beside answers to queries."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.encode import success, text_json
from nightdesk.api.prometheus.numbers import moment_text
from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.app.desk import Desk
from nightdesk.errors import QuerySyntaxError
from nightdesk.model.instant import HOUR
from nightdesk.model.labels import METRIC_NAME, Labels, Matcher, MatchOp
from nightdesk.query.checking.parsing import parse
from nightdesk.query.limits import QueryBudget

MOST_LISTED: Final = 10_000
_NEVER: Final = 2**62
LISTED: Final = 10
"""Rows of each list of `status/tsdb` unless `limit` asks for others, as in Prometheus."""
_EVERYTHING: Final = (Matcher(METRIC_NAME, MatchOp.NOT_EQUAL, ""),)


async def runtime_info(_request: Request, desk: Desk) -> Response:
    """Say since when the desk runs, where its data lie, and how many series are live."""
    standing = await desk.standing()
    data = {
        "startTime": moment_text(standing.started_at),
        "CWD": standing.data,
        "timeSeriesCount": standing.series,
        "corruptionCount": sum(warning.code.value == "samples_damaged" for warning in standing.warnings),
    }
    return Response(200, success(text_json(data)))


async def tsdb(request: Request, desk: Desk) -> Response:
    """Say which names and labels make the most series, of those with samples on the days of the last hour."""
    asked = Parameters.of(request)
    limit = asked.count("limit") or LISTED
    if limit > MOST_LISTED:
        raise bad_parameter("limit", f"must not exceed {MOST_LISTED}")
    now = desk.now()

    def write(found: list[Labels], _budget: QueryBudget) -> Response:
        return Response(200, success(text_json(_statistics(found, limit)))).packed(request)

    return await desk.series([_EVERYTHING], now - HOUR, now, write)


def _statistics(found: list[Labels], limit: int) -> dict[str, object]:
    pairs = Counter(pair for labels in found for pair in labels)
    values, sizes = Counter[str](), Counter[str]()
    for name, value in pairs:
        values[name] += 1
        sizes[name] += len(value.encode("utf-8", "surrogateescape"))
    return {
        "headStats": {"numSeries": len(found), "numLabelPairs": len(pairs)},
        "seriesCountByMetricName": _listed(Counter(labels.name for labels in found).items(), limit),
        "labelValueCountByLabelName": _listed(values.items(), limit),
        "memoryInBytesByLabelName": _listed(sizes.items(), limit),
        "seriesCountByLabelValuePair": _listed(((f"{name}={value}", n) for (name, value), n in pairs.items()), limit),
    }


def _listed(counts: Iterable[tuple[str, int]], limit: int) -> list[dict[str, object]]:
    """Return the largest, those of one size by name."""
    ordered = sorted(counts, key=lambda row: (-row[1], row[0]))[:limit]
    return [{"name": name, "value": value} for name, value in ordered]


async def query_exemplars(request: Request, _desk: Desk) -> Response:
    """Answer that there are no exemplars: none are kept."""
    asked = Parameters.of(request)
    if asked.instant("end", _NEVER) < asked.instant("start", -_NEVER):
        raise bad_parameter("end", "end timestamp must not be before start timestamp")
    try:
        parse(asked.text("query"))
    except QuerySyntaxError as error:
        raise bad_parameter("query", error) from error
    return Response(200, success(b"[]"))
