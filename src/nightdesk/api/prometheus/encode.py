"""Answers of the engine as Prometheus' JSON, byte by byte.

The samples of a matrix are written by `stamped`, many at a time; here is what stands around them. Runs on a query
thread.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from nightdesk.api.prometheus.numbers import instant_text, value_text, value_texts
from nightdesk.api.prometheus.stamped import Stamps
from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels
from nightdesk.model.remembered import Remembered, bytes_of_texts
from nightdesk.model.series import Series, stale_mask
from nightdesk.query.answer import Answer
from nightdesk.query.grid import Mask
from nightdesk.seams.samples import Budget

_Item = TypeVar("_Item", bound=np.generic)

MOST_NOTES: Final = 10
"""Warnings that an answer tells, and infos; how many more there were is said instead of them, as in Prometheus."""
OPENING: Final = b'{"status":"success","data":'
_AT_ONCE: Final = 8_192
"""Samples written between two looks at the budget."""
TRUNCATED: Final = "results truncated due to limit"


def success(data: bytes, warnings: Sequence[str] = (), infos: Sequence[str] = ()) -> bytes:
    """Wrap data that is JSON already."""
    return b"".join([OPENING, data, closing(warnings, infos)])


def closing(warnings: Sequence[str] = (), infos: Sequence[str] = ()) -> bytes:
    """Write what follows the data."""
    parts = []
    if warnings:
        parts += [b',"warnings":', text_json(_told(warnings, "warning"))]
    if infos:
        parts += [b',"infos":', text_json(_told(infos, "info"))]
    return b"".join([*parts, b"}"])


def _told(notes: Sequence[str], kind: str) -> list[str]:
    more = len(notes) - MOST_NOTES
    return [*notes[:MOST_NOTES], *([f"{more} more {kind} annotations omitted"] if more > 0 else [])]


def failure(kind: str, message: str) -> bytes:
    """Write an error; `kind` is one of Prometheus' error types."""
    return text_json({"status": "error", "errorType": kind, "error": message})


def text_json(value: object) -> bytes:
    """Write JSON of text, lists and mappings; bytes that were no UTF-8 become replacement characters."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return orjson.dumps(_clean(value))


def _clean(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(value, dict):
        return {_clean(key): _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value


def metric_json(labels: Labels) -> bytes:
    """Write a label set as an object."""
    return text_json(labels.as_dict())


def metrics_json(labels: Sequence[Labels]) -> Sequence[bytes]:
    """Write label sets as objects; rows that come again and again remember how they are written."""
    return _known_json(labels) if isinstance(labels, LabelRows) else list(map(metric_json, labels))


def _known_json(labels: LabelRows) -> Sequence[bytes]:
    return labels.derived("json", lambda rows: list(map(metric_json, rows)), bytes_of_texts)


def names_json(names: Sequence[str]) -> bytes:
    """Write names or values as a list; what comes again and again remembers how it is written."""
    return names.derived("json", text_json, len) if isinstance(names, Remembered) else text_json(names)


def encode_instant(answer: Answer, budget: Budget, limit: int = 0, stats: bytes = b"") -> bytes:
    """Write the answer of an instant query; `limit` above 0 cuts the series and says so in a warning.

    `stats` is JSON that goes into the data as it is. Raises what the budget raises, as all that writes here.
    """
    warnings = list(answer.warnings)
    if answer.kind == "matrix":
        rows = [b"".join(row) for row in sample_rows(answer, budget)]
        data = _result("matrix", _cut(rows, limit, warnings), stats)
        return success(data, warnings, answer.infos)
    if answer.kind == "vector":
        data = _result("vector", _cut(list(vector_rows(answer, budget)), limit, warnings), stats)
        return success(data, warnings, answer.infos)
    at = instant_text(int(answer.steps[0]))
    if answer.kind == "string":
        data = b'{"resultType":"string","result":[%s,%s]%s}' % (at, text_json(answer.text), stats_member(stats))
    else:
        value = value_text(float(answer.values[0, 0]))
        data = b'{"resultType":"scalar","result":[%s,"%s"]%s}' % (at, value, stats_member(stats))
    return success(data, warnings, answer.infos)


def vector_rows(answer: Answer, budget: Budget) -> Iterator[bytes]:
    """Write the series of an instant vector, one by one, each with its sample."""
    at, present = instant_text(int(answer.steps[0])), answer.present[:, 0].tolist()
    texts = chain.from_iterable(value_texts(some) for some in _blocks(answer.values[:, 0], budget))
    return (
        b'{"metric":%s,"value":[%s,"%s"]}' % (metric, at, text)
        for metric, text, here in zip(_metrics(answer.labels), texts, present, strict=True)
        if here
    )


def _metrics(labels: Sequence[Labels]) -> Iterable[bytes]:
    """Write label sets as `metrics_json`, those of one question no sooner than they are needed."""
    return _known_json(labels) if isinstance(labels, LabelRows) else map(metric_json, labels)


def _blocks(values: NDArray[_Item], budget: Budget) -> Iterator[NDArray[_Item]]:
    """Yield an array in parts that are written within some milliseconds, with a look at the budget before each."""
    for start in range(0, len(values), _AT_ONCE):
        budget.check()
        yield values[start : start + _AT_ONCE]


def encode_range(answer: Answer, budget: Budget, limit: int = 0, stats: bytes = b"") -> bytes:
    """Write the answer of a range query, always a matrix; series without a sample are left out."""
    warnings = list(answer.warnings)
    rows = _cut(list(range_rows(answer, budget)), limit, warnings)
    return success(_result("matrix", rows, stats), warnings, answer.infos)


def sample_rows(answer: Answer, budget: Budget) -> Iterator[Iterator[bytes]]:
    """Write the raw samples of a range selector, series by series, each in parts; stale markers are left out."""
    for series in answer.series:
        kept = ~stale_mask(series.values)
        if kept.any():
            yield _series_row(series, kept, budget)


def range_rows(answer: Answer, budget: Budget) -> Iterator[bytes]:
    """Write the series of a range query, one by one."""
    labels = answer.labels if answer.kind == "vector" or answer.kind == "matrix" else [Labels()]
    written = Stamps.of(answer.steps).rows(answer.values, answer.present, budget)
    for metric, samples in zip(_metrics(labels), written, strict=True):
        if samples:
            yield b'{"metric":%s,"values":[%s"]]}' % (metric, samples)


def _series_row(series: Series, kept: Mask, budget: Budget) -> Iterator[bytes]:
    """Write the samples of a series that are kept, a few thousand at a time: a year of one has some millions."""
    yield b'{"metric":%s,"values":[' % metric_json(series.labels)
    between = b""
    for places in _blocks(np.flatnonzero(kept), budget):
        values = series.values[places]
        (samples,) = Stamps.of(series.times[places]).rows(values[None], np.ones((1, len(values)), np.bool_), budget)
        yield b"%s%s" % (between, samples)
        between = b'"],'
    yield b'"]]}'


def _cut(rows: list[bytes], limit: int, warnings: list[str]) -> list[bytes]:
    if 0 < limit < len(rows):
        warnings.append(TRUNCATED)
        return rows[:limit]
    return rows


def _result(kind: str, rows: list[bytes], stats: bytes) -> bytes:
    return b'{"resultType":"%s","result":[%s]%s}' % (kind.encode(), b",".join(rows), stats_member(stats))


def stats_member(stats: bytes) -> bytes:
    """Write the member of the data that tells what the answer took; nothing where that was not asked."""
    return b',"stats":' + stats if stats else b""
