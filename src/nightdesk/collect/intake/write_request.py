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
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from nightdesk.collect.intake.protobuf import Allowance, Wire, read_fields, read_varint, signed
from nightdesk.errors import PayloadTooLarge
from nightdesk.model.series import Refs, Times, Values

_DOUBLE: Final = struct.Struct("<d")
_STAMP: Final = [("tag", "u1"), ("low", "<u4"), ("high", "<u2")]
_FULL: Final = np.dtype([("head", "<u2"), ("value_tag", "u1"), ("value", "<f8"), *_STAMP])
"""The 18 bytes of a Sample field: tag, length 16, tag, double, tag, six bytes of timestamp (the years 1971 to 2109)."""
_ZERO: Final = np.dtype([("head", "<u2"), *_STAMP])
"""The same in 9 bytes, without tag and double: proto3 leaves a zero out."""
_HEADS: Final = {_FULL: 0x1012, _ZERO: 0x0712}
_SIZES: Final = {dtype.itemsize: dtype for dtype in _HEADS}
_MORE: Final = np.int64(0x0080_8080_8080)
"""The bits that say `more follows` in a number of six bytes."""

MOST_SAMPLES: Final = 500_000
"""Samples a body may hold, and labels and other fields that are read one by one: about a second of the ingest thread.

Senders make bodies of 2,000 to 10,000 samples. An empty Sample has two bytes, so that 0.4 MB as sent could be millions.
"""

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
class _Samples:
    """Samples of one size: reference and offset of each."""

    refs: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)


def read_write_request(data: bytes, lookup: Lookup) -> Columns:
    """Read a whole request; `lookup` gives the reference of a block seen before.

    Raises:
        BadPayload: it is not a WriteRequest, or cut short.
        PayloadTooLarge: it holds more than `MOST_SAMPLES`, or as many labels and other fields.
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
        self._allowance = Allowance(MOST_SAMPLES)
        self._skipped = Skipped()
        self._unknown: dict[bytes, int] = {}
        self._samples = {_FULL: _Samples(), _ZERO: _Samples()}
        self._refs: list[int] = []
        self._times: list[int] = []
        self._values: list[float] = []

    def columns(self, *, quick: bool) -> Columns:
        place = self._read_quickly() if quick else 0
        while place < len(self._data):
            place = self._read_field(place)
        samples = len(self._refs) + sum(len(found.refs) for found in self._samples.values())
        if samples > MOST_SAMPLES:
            raise PayloadTooLarge(f"the body holds more than {MOST_SAMPLES} samples")
        parts = [_rows(self._data, form, found) for form, found in self._samples.items() if found.refs]
        slow = (np.array(self._refs, np.int64), np.array(self._times, np.int64), np.array(self._values, np.float64))
        refs, times, values = zip(*parts, slow, strict=True)
        blocks = list(self._unknown)
        return Columns(np.concatenate(refs), np.concatenate(times), np.concatenate(values), blocks, self._skipped)

    def _read_quickly(self) -> int:
        """Sort the series by the form of their samples; return how far it came: `MOST_SAMPLES` fields or a short rest.

        Every series passes this loop: it is kept flat on purpose.
        """
        data, lookup, place, total = self._data, self._lookup, 0, len(self._data)
        full_refs, full_starts = self._samples[_FULL].refs.append, self._samples[_FULL].starts.append
        zero_refs, zero_starts = self._samples[_ZERO].refs.append, self._samples[_ZERO].starts.append
        for _ in range(MOST_SAMPLES):
            if place + 2 >= total:
                break
            # The usual length has one byte or two; what is not usual goes the general way.
            length, start = data[place + 1], place + 2
            if length >= 0x80:
                length += (data[start] - 1) << 7
                start += 1
            end = start + length
            if data[place] != 0x0A or end > total or data[start - 1] >= 0x80:
                place = self._read_field(place)
                continue
            place = end
            # A known block before a last sample proves that there is just this one sample.
            last = end - 18
            if last > start and data[last] == 0x12 and data[last + 1] == 0x10:
                ref = lookup(data[start:last])
                if ref is not None:
                    full_refs(ref)
                    full_starts(last)
                    continue
            last = end - 9
            if last > start and data[last] == 0x12 and data[last + 1] == 0x07:
                ref = lookup(data[start:last])
                if ref is not None:
                    zero_refs(ref)
                    zero_starts(last)
                    continue
            self._read_run(start, end)
        return place

    def _read_run(self, start: int, end: int) -> None:
        """Read a series with several samples, or with labels not seen before."""
        data, place, labels = self._data, start, 0
        while place + 1 < end and data[place] == 0x0A and data[place + 1] < 0x80:
            place += 2 + data[place + 1]
            labels += 1
        self._allowance.take(1 + labels)
        size = 2 + data[place + 1] if place + 1 < end and data[place] == 0x12 else 0
        form = _SIZES.get(size)
        if place == start or form is None or (end - place) % size:
            self._read_series(start, end)
            return
        starts = range(place, end, size)
        self._allowance.take(len(starts))
        self._samples[form].starts.extend(starts)
        self._samples[form].refs.extend([self._reference(data[start:place])] * len(starts))

    def _read_field(self, place: int) -> int:
        """Read one field of the request in the general way; return where it ends."""
        number, wire, start, end = next(read_fields(self._data, place, len(self._data), self._allowance))
        if number == 1 and wire is Wire.BYTES:
            self._read_series(start, end)
        elif number == 3:
            self._skipped.metadata += 1
        return end

    def _read_series(self, start: int, end: int) -> None:
        """Read a series field by field, in whatever order its fields stand."""
        labels: list[bytes] = []
        times: list[int] = []
        before = start
        for number, wire, place, stop in read_fields(self._data, start, end, self._allowance):
            if number == 1 and wire is Wire.BYTES:
                labels.append(self._data[before:stop])
            elif number == 2 and wire is Wire.BYTES:
                time, value = _read_sample(self._data, place, stop, self._allowance)
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


def _read_sample(data: bytes, start: int, end: int, allowance: Allowance) -> tuple[int, float]:
    time, value = 0, 0.0
    for number, wire, place, stop in read_fields(data, start, end, allowance):
        if number == 1 and wire is Wire.FIXED64:
            (value,) = _DOUBLE.unpack_from(data, place)
        elif number == 2 and wire is Wire.VARINT:
            time = signed(read_varint(data, place, stop)[0])
    return time, value


def _rows(data: bytes, form: np.dtype[np.void], found: _Samples) -> tuple[Refs, Times, Values]:
    """Read samples of one form, all at once."""
    windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(data, dtype=np.uint8), form.itemsize)
    rows = windows[np.array(found.starts, dtype=np.int64)].view(form).ravel()
    stamp: Times = rows["low"].astype(np.int64) | rows["high"].astype(np.int64) << 32
    usual = (rows["head"] == _HEADS[form]) & (rows["tag"] == 0x10) & (stamp & (_MORE | 1 << 47) == _MORE)
    if form is _FULL:
        usual &= rows["value_tag"] == 0x09
    if not usual.all():
        raise _NotAsUsual
    times = stamp & 0x7F
    for byte in range(1, 6):
        times |= stamp >> byte & 0x7F << 7 * byte
    values = rows["value"].copy() if form is _FULL else np.zeros(len(rows))
    return np.array(found.refs, dtype=np.int64), times, values
