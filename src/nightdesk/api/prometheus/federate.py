"""Federation: the newest sample of chosen series as text, for another Prometheus to scrape."""

import re
from collections.abc import Iterator
from itertools import chain, groupby
from typing import Final

from nightdesk.api.lifecycle import EXPOSITION
from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.answers import gathered
from nightdesk.api.prometheus.parameters import Parameters
from nightdesk.api.prometheus.selectors import selectors_of
from nightdesk.app.desk import Desk
from nightdesk.model.go_numbers import go_text
from nightdesk.model.instant import format_duration
from nightdesk.model.labels import METRIC_NAME, Labels, quote
from nightdesk.model.series import stale_mask
from nightdesk.query.answer import Answer
from nightdesk.query.language.printer import print_node
from nightdesk.query.language.tree import VectorSelector
from nightdesk.query.limits import LOOKBACK

_FIVE_MINUTES: Final = format_duration(LOOKBACK)

_UTF8: Final = "escaping=allow-utf-8"
"""What a scraper that reads quoted names puts into its Accept header."""
_UTF8_EXPOSITION: Final = b"text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
_ODD_IN_METRIC: Final = re.compile(r"^[0-9]|[^a-zA-Z0-9_:]")
_ODD_IN_LABEL: Final = re.compile(r"^[0-9]|[^a-zA-Z0-9_]")

Newest = dict[Labels, tuple[int, float]]
"""Instant (ms) and value of a series' newest sample."""


async def federate(request: Request, desk: Desk) -> Response:
    """Answer every series that a `match[]` chooses with its newest sample of the last five minutes.

    A series that has ended is left out, as is one without a name; without any `match[]` nothing is answered. As in
    Prometheus all families are untyped, whatever is known of them. Whoever writes to the desk chooses its names, and
    none may forge a line here: what readers of old do not know in a name becomes an underscore, as there, unless the
    one who asks reads quoted names. Where samples of the time may be missing, as they were found damaged, a comment
    says so: the format has no other place for it.
    """
    selectors = [print_node(VectorSelector(matchers)) for matchers in selectors_of(Parameters.of(request))]
    at, found, deadline = desk.now(), Newest(), desk.deadline()
    for selector in selectors:
        found |= await desk.query_instant(f"{selector}[{_FIVE_MINUTES}]", at, desk.query_seconds, _newest)
    warnings = [
        f"# {' '.join(told.splitlines())}\n".encode("utf-8", "replace") for told in desk.flaws(at - LOOKBACK, at)
    ]
    quoted = _UTF8 in request.headers.get("accept", "").lower()
    kind = _UTF8_EXPOSITION if quoted else EXPOSITION

    def write() -> Response:
        rows = found if quoted else _underscored(found)
        return gathered(chain(warnings, _lines(rows)), deadline, request, kind)

    return await desk.aside(write)


def _newest(answer: Answer) -> Newest:
    return {
        series.labels: (int(series.times[-1]), float(series.values[-1]))
        for series in answer.series
        if not bool(stale_mask(series.values[-1:])[0])
    }


def _underscored(found: Newest) -> Newest:
    """Return the series with an underscore for each character that older readers know in no name.

    Of series that become the same, and of labels of one, the first in order is kept: no line may be there twice.
    """
    kept = Newest()
    for labels, newest in sorted(found.items(), key=_by_name):
        pairs: dict[str, str] = {}
        for key, text in labels.without_name():
            pairs.setdefault(_ODD_IN_LABEL.sub("_", key), text)
        pairs[METRIC_NAME] = _ODD_IN_METRIC.sub("_", labels.name)
        kept.setdefault(Labels.from_mapping(pairs), newest)
    return kept


def _lines(found: Newest) -> Iterator[bytes]:
    """Write the families in order of name, each series as `name{labels} value instant`."""
    named = (row for row in sorted(found.items(), key=_by_name) if row[0].name)
    for name, rows in groupby(named, key=lambda row: row[0].name):
        is_plain = not _ODD_IN_METRIC.search(name)
        yield f"# TYPE {name if is_plain else quote(name)} untyped\n".encode("utf-8", "replace")
        for labels, (at, value) in rows:
            # As Prometheus: an empty `instance` keeps the scraper from putting its own there.
            pairs = [*labels.without_name(), *([] if "instance" in labels else [("instance", "")])]
            inside = ",".join([*([] if is_plain else [quote(name)]), *(_pair(key, text) for key, text in pairs)])
            line = f"{name if is_plain else ''}{{{inside}}} {go_text(value)} {at}\n"
            yield line.encode("utf-8", "replace")


def _pair(key: str, text: str) -> str:
    return f"{quote(key) if _ODD_IN_LABEL.search(key) else key}={quote(text)}"


def _by_name(row: tuple[Labels, tuple[int, float]]) -> tuple[str, tuple[tuple[str, str], ...]]:
    return row[0].get(METRIC_NAME), row[0].pairs
