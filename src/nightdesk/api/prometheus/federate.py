"""Federation: the newest sample of chosen series as text, for another Prometheus to scrape."""

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from nightdesk.api.lifecycle import EXPOSITION
from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.numbers import value_text
from nightdesk.api.prometheus.parameters import Parameters
from nightdesk.api.prometheus.selectors import selectors_of
from nightdesk.app.desk import Desk
from nightdesk.model.instant import format_duration
from nightdesk.model.labels import METRIC_NAME, Labels, quote
from nightdesk.model.series import stale_mask
from nightdesk.query.answer import Answer
from nightdesk.query.language.printer import print_node
from nightdesk.query.language.tree import VectorSelector
from nightdesk.query.limits import LOOKBACK

_FIVE_MINUTES: Final = format_duration(LOOKBACK)

Newest = dict[Labels, tuple[int, float]]
"""Instant (ms) and value of a series' newest sample."""


async def federate(request: Request, desk: Desk) -> Response:
    """Answer every series that a `match[]` chooses with its newest sample of the last five minutes.

    A series that has ended is left out; without any `match[]` nothing is answered.
    As in Prometheus all families are untyped, whatever is known of them. Where samples of the time may be missing, as
    they were found damaged, a comment says so: the format has no other place for it.
    """
    selectors = [print_node(VectorSelector(matchers)) for matchers in selectors_of(Parameters.of(request))]
    at, found = desk.now(), Newest()
    for selector in selectors:
        found |= await desk.query_instant(f"{selector}[{_FIVE_MINUTES}]", at, desk.query_seconds, _newest)
    warnings = [f"# {told}\n".encode("utf-8", "replace") for told in desk.flaws(at - LOOKBACK, at)]
    return await desk.aside(lambda: Response(200, b"".join([*warnings, *_lines(found)]), EXPOSITION).packed(request))


def _newest(answer: Answer) -> Newest:
    return {
        series.labels: (int(series.times[-1]), float(series.values[-1]))
        for series in answer.series
        if not bool(stale_mask(series.values[-1:])[0])
    }


def _lines(found: Newest) -> Iterable[bytes]:
    """Write the families in order of name, each series as `name{labels} value instant`."""
    for name, rows in groupby(sorted(found.items(), key=_by_name), key=lambda row: row[0].name):
        yield f"# TYPE {name} untyped\n".encode("utf-8", "replace")
        for labels, (at, value) in rows:
            # As Prometheus: an empty `instance` keeps the scraper from putting its own there.
            pairs = [*labels.without_name(), *([] if "instance" in labels else [("instance", "")])]
            inside = ",".join(f"{key}={quote(text)}" for key, text in pairs)
            yield f"{name}{{{inside}}} ".encode("utf-8", "replace") + b"%s %d\n" % (value_text(value), at)


def _by_name(row: tuple[Labels, tuple[int, float]]) -> tuple[str, tuple[tuple[str, str], ...]]:
    return row[0].get(METRIC_NAME), row[0].pairs
