"""Answers of the engine as Prometheus' JSON, byte by byte.

The samples of a matrix are written by `stamped`, many at a time; here is what stands around them. Runs on a query
thread.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
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
_MATRIX: Final = OPENING + b'{"resultType":"matrix","result":['
_VECTOR: Final = OPENING + b'{"resultType":"vector","result":['
_AT_ONCE: Final = 8_192
"""Samples written between two looks at the budget."""
TRUNCATED: Final = "results truncated due to limit"
_MOST_KNOWN_BYTES: Final = 8 * 2**20
_SAMPLE_BYTES: Final = 26
"""Of a sample in a matrix, about."""
_MOST_JOINED: Final = 64
_JOINED_BYTES: Final = 64 * 1024


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


def metrics_json(labels: Sequence[Labels]) -> Iterator[bytes]:
    """Write label sets as objects; rows that come again and again remember how they are written, unless it is long."""
    known = labels.derived("json", _short_json, _bytes_of_json) if isinstance(labels, LabelRows) else None
    return map(metric_json, labels) if known is None else iter(known)


def _short_json(rows: LabelRows) -> list[bytes] | None:
    """Write label sets; None where that is too long to be remembered, and so to be held whole."""
    made: list[bytes] = []
    size, left = 0, iter(rows)
    while some := list(map(metric_json, islice(left, _AT_ONCE))):
        made += some
        size += bytes_of_texts(some)
        if size > _MOST_KNOWN_BYTES:
            return None
    return made


def _bytes_of_json(made: list[bytes] | None) -> int:
    return 0 if made is None else bytes_of_texts(made)


def names_json(names: Sequence[str]) -> bytes:
    """Write names or values as a list; what comes again and again remembers how it is written."""
    return names.derived("json", text_json, len) if isinstance(names, Remembered) else text_json(names)


def instant_parts(answer: Answer, budget: Budget, limit: int = 0, stats: bytes = b"") -> Iterator[bytes]:
    """Write the answer of an instant query piece by piece; `limit` above 0 cuts the series and says so in a warning.

    `stats` is JSON that goes into the data as it is. Raises what the budget raises, as all that writes here.
    """
    if answer.kind == "matrix":
        rows = sample_rows(answer, budget)
        return _listed(_MATRIX, answer, islice(rows, limit) if limit else rows, rows, stats)
    if answer.kind == "vector":
        return _of_rows(_VECTOR, answer, vector_rows(answer, budget), limit, stats)
    return iter((_lone_value(answer, stats),))


def range_parts(answer: Answer, budget: Budget, limit: int = 0, stats: bytes = b"") -> Iterator[bytes]:
    """Write the answer of a range query as `instant_parts`: always a matrix, without series that have no sample."""
    return _of_rows(_MATRIX, answer, range_rows(answer, budget), limit, stats)


def _of_rows(opening: bytes, answer: Answer, rows: Iterator[bytes], limit: int, stats: bytes) -> Iterator[bytes]:
    """Write rows some at once: each step of an iterator has its price, and most answers are few rows."""
    some = max(1, min(_MOST_JOINED, _JOINED_BYTES // (_SAMPLE_BYTES * len(answer.steps))))
    first = list(islice(rows, (min(some, limit) if limit else some) + 1))
    if 0 < limit < len(first):
        return iter((opening, b",".join(first[:limit]), _ending(answer, stats, cut=True)))
    if len(first) <= some:
        return iter((opening, b",".join(first), _ending(answer, stats, cut=False)))
    rows = chain(first, rows)
    joined = joined_rows(islice(rows, limit) if limit else rows, some)
    return _listed(opening, answer, ((text,) for text in joined), rows, stats)


def joined_rows(rows: Iterator[bytes], some: int = _MOST_JOINED) -> Iterator[bytes]:
    """Join rows with commas, some at once."""
    return iter(lambda: b",".join(islice(rows, some)), b"")


def _listed(
    opening: bytes, answer: Answer, shown: Iterator[Iterable[bytes]], rest: Iterator[object], stats: bytes
) -> Iterator[bytes]:
    """Write a vector or matrix; `rest` are the rows once `shown`, each of which comes in parts, were taken of them."""
    yield opening
    for number, row in enumerate(shown):
        if number:
            yield b","
        yield from row
    yield _ending(answer, stats, cut=next(rest, None) is not None)


def _ending(answer: Answer, stats: bytes, *, cut: bool) -> bytes:
    warnings = [*answer.warnings, TRUNCATED] if cut else answer.warnings
    return b"]" + stats_member(stats) + b"}" + closing(warnings, answer.infos)


def _lone_value(answer: Answer, stats: bytes) -> bytes:
    at = instant_text(int(answer.steps[0]))
    if answer.kind == "string":
        data = b'{"resultType":"string","result":[%s,%s]%s}' % (at, text_json(answer.text), stats_member(stats))
    else:
        value = value_text(float(answer.values[0, 0]))
        data = b'{"resultType":"scalar","result":[%s,"%s"]%s}' % (at, value, stats_member(stats))
    return success(data, answer.warnings, answer.infos)


def vector_rows(answer: Answer, budget: Budget) -> Iterator[bytes]:
    """Write the series of an instant vector, one by one, each with its sample."""
    at, present = instant_text(int(answer.steps[0])), answer.present[:, 0].tolist()
    texts = chain.from_iterable(value_texts(some) for some in _blocks(answer.values[:, 0], budget))
    return (
        b'{"metric":%s,"value":[%s,"%s"]}' % (metric, at, text)
        for metric, text, here in zip(metrics_json(answer.labels), texts, present, strict=True)
        if here
    )


def _blocks(values: NDArray[_Item], budget: Budget) -> Iterator[NDArray[_Item]]:
    """Yield an array in parts that are written within some milliseconds, with a look at the budget before each."""
    for start in range(0, len(values), _AT_ONCE):
        budget.check()
        yield values[start : start + _AT_ONCE]


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
    for metric, samples in zip(metrics_json(labels), written, strict=True):
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


def stats_member(stats: bytes) -> bytes:
    """Write the member of the data that tells what the answer took; nothing where that was not asked."""
    return b',"stats":' + stats if stats else b""
