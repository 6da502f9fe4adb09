"""The Prometheus text format, and what of OpenMetrics is the same: bytes in, label sets and arrays out.

A target says the same names each time and other values. So a line up to its value is looked up as bytes, and only a
line not seen before is read with care.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from nightdesk.collect.collector import CollectFailure, Readings
from nightdesk.collect.intake.label_cache import TwoGenerations
from nightdesk.collect.intake.metadata import read_comments
from nightdesk.collect.intake.sample_line import read_series, read_timestamp, read_value
from nightdesk.errors import BadPayload, CollectError, PayloadTooLarge
from nightdesk.model.labels import Labels
from nightdesk.model.metric import Metadata

REMEMBERED_LINES: Final = 50_000
LINES_A_SAMPLE: Final = 20
"""Lines that a body may have for each sample it may hold: HELP, TYPE, UNIT and comments are few."""
LINES_ALWAYS_READ: Final = 10_000
COMMENTS_EVERY: Final = 64
"""Bodies that name the same series, of which one has its comments read again: they hardly ever change alone."""
_HASH: Final = ord("#")
_EXEMPLAR: Final = re.compile(r"[ \t]#")
_CREATED: Final = "_created"
_IGNORED: Final = Labels([("ignored", "series")])
"""Stands in the cache for a series that is not taken."""


def parse(body: bytes, at: int = 0, *, open_metrics: bool = False) -> Readings:
    """Read one body that will not be followed by others like it; see `ExpositionReader.read`."""
    return ExpositionReader().read(body, at, open_metrics=open_metrics)


class ExpositionReader:
    """Reads the bodies of one target; keeps what it learnt of their lines. Not safe for several threads."""

    def __init__(self, finish: Callable[[Labels], Labels] = lambda labels: labels) -> None:
        """`finish` makes a series' labels from those in the body, once for each series; it adds the target's."""
        self._finish = finish
        self._known: TwoGenerations[Labels] = TwoGenerations(REMEMBERED_LINES)
        self._keys: list[bytes] = []
        self._labels: tuple[Labels, ...] = ()
        self._alike = 0
        self.metadata: Mapping[str, Metadata] = MappingProxyType({})
        """What the comments say of metrics, by name; a new mapping whenever they were read."""

    def read(self, body: bytes, at: int, *, open_metrics: bool = False, most: int | None = None) -> Readings:
        """Return the samples of a body, at most `most`; exemplars and `_created` of OpenMetrics are left out.

        As long as a body holds the same series in the same order, the readings carry the same tuple of labels.

        Raises:
            BadPayload: a line cannot be read; the message names it. Nothing of the body counts then.
            CollectError: SAMPLE_LIMIT where it holds more samples than `most`.
            PayloadTooLarge: it holds far more lines than so many samples need.
        """
        if most is not None:
            _demand_few_lines(body, most)
        lines = body.split(b"\n")
        if open_metrics:
            _demand_end(lines)
        told = [line for line in lines if line and line[0] != _HASH]
        if most is not None and len(told) > most:
            message = f"the target gives {len(told)} samples, its sample_limit is {most}"
            raise CollectError(message, CollectFailure.SAMPLE_LIMIT)
        quick = self._read_quickly(told, at)
        if quick is None or self._alike >= COMMENTS_EVERY:
            self.metadata, self._alike = read_comments(lines), 0
        self._alike += 1
        return quick or self._read_carefully(lines, at, open_metrics=open_metrics)

    def _read_quickly(self, told: list[bytes], at: int) -> Readings | None:
        """Read a body that says the same as the one before with other values; None where it does not."""
        parts = [line.rpartition(b" ") for line in told]
        if [key for key, _, _ in parts] != self._keys:
            return None
        words = [word for _, _, word in parts]
        if b"_" in b"".join(words):
            return None
        try:
            values = np.fromiter(map(float, words), dtype=np.float64, count=len(words))
        except ValueError:
            return None
        return Readings(self._labels, values, at)

    def _read_carefully(self, lines: list[bytes], at: int, *, open_metrics: bool) -> Readings:
        labels: list[Labels] = []
        keys: list[bytes] = []
        values: list[float] = []
        times: list[int] = []
        timed = False
        counted = _counted_families(lines) if open_metrics else frozenset[str]()
        for number, line in enumerate(lines, 1):
            if not line or line[0] == _HASH:
                continue
            try:
                key, series, words = self._split(line, counted)
                if series is _IGNORED:
                    continue
                values.append(read_value(words[0]))
                times.append(read_timestamp(words[1], open_metrics=open_metrics) if len(words) > 1 else at)
            except BadPayload as error:
                raise BadPayload(f"line {number}: {error}") from None
            labels.append(series)
            keys.append(key)
            timed = timed or len(words) > 1
        self._keys, self._labels = keys, tuple(labels)
        given = np.array(times, dtype=np.int64) if timed else None
        return Readings(self._labels, np.array(values, dtype=np.float64), at, given)

    def _split(self, line: bytes, counted: frozenset[str]) -> tuple[bytes, Labels, list[bytes]]:
        """Return the line up to its value, its series, and the one or two words that follow."""
        key, _, word = line.rpartition(b" ")
        series = self._known.get(key)
        if series is not None and word and b"\t" not in word:
            return key, series, [word]
        # With a timestamp at the end, the line up to its value is one word shorter.
        head, _, value = key.rpartition(b" ")
        series = self._known.get(head)
        if series is not None and value and word and b"\t" not in value + word and b"#" not in word:
            return head, series, [value, word]
        return self._learn(line, counted)

    def _learn(self, line: bytes, counted: frozenset[str]) -> tuple[bytes, Labels, list[bytes]]:
        """Read a line not seen before."""
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise BadPayload("not UTF-8") from error
        text = text.strip(" \t\r")
        if not text or text.startswith("#"):
            return b"", _IGNORED, []
        labels, end = read_series(text)
        rest = _EXEMPLAR.split(text[end:], maxsplit=1)[0]
        words = rest.encode().split()
        if not 1 <= len(words) <= 2 or (rest[0] not in " \t" and not text[end - 1] == "}"):
            raise BadPayload("after the series comes a value, then at most a timestamp")
        ignored = labels.name.endswith(_CREATED) and labels.name.removesuffix(_CREATED) in counted
        series = _IGNORED if ignored else self._finish(labels)
        key = text[:end].encode()
        self._known.put(key, series)
        return key, series, words


def _demand_few_lines(body: bytes, most: int) -> None:
    """Refuse a body of nothing but lines before they are cut apart: 60 MB of them pack into 60 KB."""
    lines = body.count(b"\n")
    if lines > max(LINES_ALWAYS_READ, LINES_A_SAMPLE * most):
        raise PayloadTooLarge(f"the answer has {lines} lines, far more than {most} samples need")


def _demand_end(lines: list[bytes]) -> None:
    """An OpenMetrics body ends with `# EOF`: without it, it was cut short."""
    last = next((line for line in reversed(lines) if line.strip()), b"")
    if last.strip() != b"# EOF":
        raise BadPayload(f"line {len(lines)}: the body does not end with # EOF, so it was cut short")


def _counted_families(lines: list[bytes]) -> frozenset[str]:
    """Return the families whose `_created` tells only when they began to count."""
    words = (line.split() for line in lines if line.startswith(b"# TYPE "))
    return frozenset(
        each[2].decode(errors="replace")
        for each in words
        if each[3:] and each[3] in (b"counter", b"histogram", b"summary")
    )
