"""Answers of the engine as Prometheus' JSON, byte by byte.

The samples of a matrix are written by `stamped`, many at a time; here is what stands around them. Runs on a query
thread.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import orjson

from nightdesk.api.prometheus.numbers import instant_text, value_text, value_texts
from nightdesk.api.prometheus.stamped import Stamps
from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels
from nightdesk.model.remembered import Remembered
from nightdesk.model.series import Series, stale_mask
from nightdesk.query.answer import Answer

MOST_NOTES: Final = 10
"""Warnings that an answer tells, and infos; how many more there were is said instead of them, as in Prometheus."""
OPENING: Final = b'{"status":"success","data":'
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
    if isinstance(labels, LabelRows):
        return labels.derived("json", lambda rows: list(map(metric_json, rows)))
    return list(map(metric_json, labels))


def names_json(names: Sequence[str]) -> bytes:
    """Write names or values as a list; what comes again and again remembers how it is written."""
    return names.derived("json", text_json) if isinstance(names, Remembered) else text_json(names)


def encode_instant(answer: Answer, limit: int = 0, stats: bytes = b"") -> bytes:
    """Write the answer of an instant query; `limit` above 0 cuts the series and says so in a warning.

    `stats` is JSON that goes into the data as it is.
    """
    warnings = list(answer.warnings)
    if answer.kind == "matrix":
        data = _result("matrix", _cut(list(sample_rows(answer)), limit, warnings), stats)
        return success(data, warnings, answer.infos)
    at = instant_text(int(answer.steps[0]))
    if answer.kind == "string":
        data = b'{"resultType":"string","result":[%s,%s]%s}' % (at, text_json(answer.text), stats_member(stats))
    elif answer.kind == "scalar":
        value = value_text(float(answer.values[0, 0]))
        data = b'{"resultType":"scalar","result":[%s,"%s"]%s}' % (at, value, stats_member(stats))
    else:
        data = _result("vector", _cut(_vector_rows(answer, at), limit, warnings), stats)
    return success(data, warnings, answer.infos)


def _vector_rows(answer: Answer, at: bytes) -> list[bytes]:
    texts = value_texts(answer.values[:, 0])
    return [
        b'{"metric":%s,"value":[%s,"%s"]}' % (metric, at, text)
        for metric, text, here in zip(metrics_json(answer.labels), texts, answer.present[:, 0].tolist(), strict=True)
        if here
    ]


def encode_range(answer: Answer, limit: int = 0, stats: bytes = b"") -> bytes:
    """Write the answer of a range query, always a matrix; series without a sample are left out."""
    warnings = list(answer.warnings)
    rows = _cut(list(range_rows(answer)), limit, warnings)
    return success(_result("matrix", rows, stats), warnings, answer.infos)


def sample_rows(answer: Answer) -> Iterator[bytes]:
    """Write the raw samples of a range selector, series by series."""
    return (row for series in answer.series if (row := _series_row(series)))


def range_rows(answer: Answer) -> Iterator[bytes]:
    """Write the series of a range query, one by one."""
    labels = answer.labels if answer.kind == "vector" or answer.kind == "matrix" else [Labels()]
    written = Stamps.of(answer.steps).rows(answer.values, answer.present)
    for metric, samples in zip(metrics_json(labels), written, strict=True):
        if samples:
            yield _matrix_row(metric, samples)


def _matrix_row(metric: bytes, samples: bytes | memoryview) -> bytes:
    return b'{"metric":%s,"values":[%s"]]}' % (metric, samples)


def _series_row(series: Series) -> bytes:
    """Write the raw samples of a series, stale markers left out; empty where nothing is left."""
    kept = ~stale_mask(series.values)
    if not kept.any():
        return b""
    (samples,) = Stamps.of(series.times).rows(np.asarray(series.values)[None, :], kept[None, :])
    return _matrix_row(metric_json(series.labels), samples)


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
