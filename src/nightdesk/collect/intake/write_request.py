"""The message WriteRequest of remote write 1.0, turned into columns.

    WriteRequest  { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3 }
    TimeSeries    { repeated Label labels = 1; repeated Sample samples = 2; exemplars = 3; histograms = 4 }
    Label         { string name = 1; string value = 2 }
    Sample        { double value = 1; int64 timestamp = 2 }

Senders repeat the same labels each time, so the bytes of a series' labels (its block) are looked up, not read; and a
Sample of today has 18 bytes, or 9 where its value is 0 and so left out: those are read by numpy, all at once. Whatever
looks different is read field by field.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.collect.intake.protobuf import Wire, read_fields, read_varint, signed
from nightdesk.errors import BadPayload
from nightdesk.model.series import Refs, Times, Values

_DOUBLE: Final = struct.Struct("<d")
_FULL: Final = 18
"""Bytes of a Sample field: tag, length 16, tag, double, tag, six bytes of timestamp (the years 1971 to 2109)."""
_ZERO: Final = 9
"""The same without tag and double: proto3 leaves a zero out."""
_SEVENS: Final = 1 << np.arange(0, 42, 7, dtype=np.int64)

Lookup = Callable[[bytes], int | None]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The samples of one request, row by row; a reference below 0 stands for `blocks[-1 - ref]`."""

    refs: Refs
    times: Times
    values: Values
    blocks: list[bytes]
    """Labels that `lookup` did not know, as they stand in the body: whole Label fields and nothing else."""
    skipped: "Skipped"


@dataclass(slots=True)
class Skipped:
    """What a body held beside samples, and was not taken."""

    metadata: int = 0
    exemplars: int = 0
    histograms: int = 0


@dataclass(slots=True)
class _Runs:
    """Series whose samples all have one size: reference, offset of the first sample, number of samples."""

    refs: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)


def read_write_request(data: bytes, lookup: Lookup) -> Columns:
    """Read a whole request; `lookup` gives the reference of a block seen before.

    Raises:
        BadPayload: it is not a WriteRequest, or cut short.
    """
    request = _Request(data, lookup)
    try:
        return request.columns(quick=True)
    except _NotAsUsual:
        return _Request(data, lookup).columns(quick=False)


class _NotAsUsual(Exception):
    """Samples that looked like the usual form are not."""


class _Request:
    """One pass over one request."""

    def __init__(self, data: bytes, lookup: Lookup) -> None:
        self._data, self._lookup = data, lookup
        self._skipped = Skipped()
        self._unknown: dict[bytes, int] = {}
        self._runs = {_FULL: _Runs(), _ZERO: _Runs()}
        self._refs: list[int] = []
        self._times: list[int] = []
        self._values: list[float] = []

    def columns(self, *, quick: bool) -> Columns:
        if quick:
            self._read_quickly()
        else:
            for start, end in self._series():
                self._read_series(start, end)
        parts = [_rows(self._data, size, runs) for size, runs in self._runs.items() if runs.refs]
        slow = (np.array(self._refs, np.int64), np.array(self._times, np.int64), np.array(self._values, np.float64))
        refs, times, values = zip(*parts, slow, strict=True)
        blocks = list(self._unknown)
        return Columns(np.concatenate(refs), np.concatenate(times), np.concatenate(values), blocks, self._skipped)

    def _read_quickly(self) -> None:
        """Sort the series by the form of their samples. The loop every sample passes: kept flat on purpose."""
        data, lookup = self._data, self._lookup
        full, zero = self._runs[_FULL], self._runs[_ZERO]
        full_refs, full_starts, full_counts = full.refs.append, full.starts.append, full.counts.append
        zero_refs, zero_starts, zero_counts = zero.refs.append, zero.starts.append, zero.counts.append
        for start, end in self._series():
            # A known block before the last sample proves that there is just this one sample.
            last = end - _FULL
            if last > start and data[last] == 0x12 and data[last + 1] == 0x10:
                ref = lookup(data[start:last])
                if ref is not None:
                    full_refs(ref)
                    full_starts(last)
                    full_counts(1)
                    continue
            last = end - _ZERO
            if last > start and data[last] == 0x12 and data[last + 1] == 0x07:
                ref = lookup(data[start:last])
                if ref is not None:
                    zero_refs(ref)
                    zero_starts(last)
                    zero_counts(1)
                    continue
            self._read_run(start, end)

    def _read_run(self, start: int, end: int) -> None:
        """Read a series with several samples, or with labels not seen before."""
        data, place = self._data, start
        while place + 1 < end and data[place] == 0x0A and data[place + 1] < 0x80:
            place += 2 + data[place + 1]
        length = end - place
        size = 2 + data[place + 1] if place + 1 < end and data[place] == 0x12 else 0
        runs = self._runs.get(size)
        if place == start or runs is None or length % size:
            self._read_series(start, end)
            return
        runs.refs.append(self._reference(data[start:place]))
        runs.starts.append(place)
        runs.counts.append(length // size)

    def _read_series(self, start: int, end: int) -> None:
        """Read a series field by field, in whatever order its fields stand."""
        labels: list[bytes] = []
        times: list[int] = []
        before = start
        for number, wire, place, stop in read_fields(self._data, start, end):
            if number == 1 and wire is Wire.BYTES:
                labels.append(self._data[before:stop])
            elif number == 2 and wire is Wire.BYTES:
                time, value = _read_sample(self._data, place, stop)
                times.append(time)
                self._values.append(value)
            elif number == 3:
                self._skipped.exemplars += 1
            elif number == 4:
                self._skipped.histograms += 1
            before = stop
        if times:
            self._times += times
            self._refs += [self._reference(b"".join(labels))] * len(times)

    def _reference(self, block: bytes) -> int:
        ref = self._lookup(block)
        return -1 - self._unknown.setdefault(block, len(self._unknown)) if ref is None else ref

    def _series(self) -> Iterator[tuple[int, int]]:
        """Yield start and end of each TimeSeries."""
        data = self._data
        place, end = 0, len(data)
        while place < end:
            # The usual field by hand, with a length of one or two bytes: this runs once a series.
            if data[place] == 0x0A and place + 2 < end and (data[place + 1] < 0x80 or data[place + 2] < 0x80):
                length = data[place + 1]
                if length < 0x80:
                    start = place + 2
                else:
                    length += (data[place + 2] - 1) << 7
                    start = place + 3
                place = start + length
                if place > end:
                    raise BadPayload("protobuf: a series is cut short")
                yield start, place
                continue
            number, wire, start, place = next(read_fields(data, place, end))
            if number == 1 and wire is Wire.BYTES:
                yield start, place
            elif number == 3:
                self._skipped.metadata += 1


def _read_sample(data: bytes, start: int, end: int) -> tuple[int, float]:
    time, value = 0, 0.0
    for number, wire, place, stop in read_fields(data, start, end):
        if number == 1 and wire is Wire.FIXED64:
            (value,) = _DOUBLE.unpack_from(data, place)
        elif number == 2 and wire is Wire.VARINT:
            time = signed(read_varint(data, place, stop)[0])
    return time, value


def _rows(data: bytes, size: int, runs: _Runs) -> tuple[Refs, Times, Values]:
    """Read the samples of runs, all of one size, at once."""
    counts = np.array(runs.counts, dtype=np.int64)
    refs = np.repeat(np.array(runs.refs, dtype=np.int64), counts)
    within = np.arange(len(refs)) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = np.repeat(np.array(runs.starts, dtype=np.int64), counts) + within * size
    windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(data, dtype=np.uint8), size)
    rows: NDArray[np.uint8] = windows[starts]
    head = b"\x12\x10\x09" if size == _FULL else b"\x12\x07"
    stamp = rows[:, -6:]
    usual = (rows[:, : len(head)] == np.frombuffer(head, dtype=np.uint8)).all()
    usual &= (rows[:, -7] == 0x10).all() & (stamp[:, :5] >= 0x80).all() & (stamp[:, 5] < 0x80).all()
    if not usual:
        raise _NotAsUsual
    times: Times = (stamp & 0x7F).astype(np.int64) @ _SEVENS
    values = np.zeros(len(rows)) if size == _ZERO else rows[:, 3:11].copy().view("<f8").ravel()
    return refs, times, values
