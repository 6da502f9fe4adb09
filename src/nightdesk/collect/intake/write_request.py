"""The message WriteRequest of remote write 1.0, turned into columns.

    WriteRequest  { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3 }
    TimeSeries    { repeated Label labels = 1; repeated Sample samples = 2; exemplars = 3; histograms = 4 }
    Label         { string name = 1; string value = 2 }
    Sample        { double value = 1; int64 timestamp = 2 }

Senders repeat the same labels each time, so the bytes of a series' labels (its block) are looked up, not read; and a
Sample of today has 18 bytes, or 9 where its value is 0 and so left out: those are read by numpy, all at once. Stretches
of series that came before in this order are not even looked up (`stretches`). Whatever looks different is read field by
field.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.collect.intake.protobuf import Allowance, Wire, read_fields, read_varint, signed
from nightdesk.collect.intake.stretches import FULL, STRETCH, ZERO, Stretches
from nightdesk.errors import PayloadTooLarge
from nightdesk.model.series import Refs, Times, Values

_DOUBLE: Final = struct.Struct("<d")
_HEADS: Final = {FULL: 0x1012, ZERO: 0x0712}
"""How a Sample of today begins, tag and length, by its bytes: tag, length 16, tag, double, tag, six bytes of timestamp
(the years 1971 to 2109); or, without tag and double, length 7, since proto3 leaves a zero out."""
_MORE: Final = np.uint64(0x0080_8080_8080)
"""The bits that say `more follows` in a number of six bytes."""

MOST_SAMPLES: Final = 500_000
"""Samples a body may hold, and labels and other fields that are read one by one: about a second of the ingest thread.

Senders make bodies of 2,000 to 10,000 samples. An empty Sample has two bytes, so that 0.4 MB as sent could be millions.
"""

Lookup = Callable[[bytes], int | None]
Offsets = NDArray[np.int64]
"""Where Sample fields begin in the request, in bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The samples of one request, row by row; a reference below 0 stands for `blocks[-1 - ref]`."""

    refs: Refs
    times: Times
    values: Values
    blocks: list[bytes]
    """Labels that `lookup` did not know, as they stand in the body: whole Label fields and nothing else."""
    metadata: list[bytes]
    """Messages about metrics, unread: `metadata.read_message` reads one."""
    skipped: "Skipped"


@dataclass(slots=True)
class Skipped:
    """What a body held beside samples, and was not taken."""

    exemplars: int = 0
    histograms: int = 0


@dataclass(slots=True)
class _Samples:
    """Samples of one size: reference and offset of each, one by one and by stretches."""

    refs: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    stretches: list[tuple[Refs, Offsets]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.refs) + sum(len(refs) for refs, _ in self.stretches)

    def arrays(self) -> tuple[Refs, Offsets]:
        """Return references and offsets, in no particular order."""
        alone = (np.array(self.refs, dtype=np.int64), np.array(self.starts, dtype=np.int64))
        refs, starts = zip(*self.stretches, alone, strict=True)
        return np.concatenate(refs), np.concatenate(starts)


def read_write_request(data: bytes, lookup: Lookup, stretches: Stretches | None = None) -> Columns:
    """Read a whole request; `lookup` gives the reference of a block seen before, `stretches` remembers whole ones.

    Samples of usual form come in the order of the request.

    Raises:
        BadPayload: it is not a WriteRequest, or cut short.
        PayloadTooLarge: it holds more than `MOST_SAMPLES`, or as many labels and other fields.
    """
    known = Stretches(0) if stretches is None else stretches
    try:
        return _Request(data, lookup, known).columns(quick=True)
    except _NotAsUsual:
        return _Request(data, lookup, known).columns(quick=False)


class _NotAsUsual(Exception):
    """Samples that looked like the usual form are not."""


class _Request:
    """One pass over one request."""

    def __init__(self, data: bytes, lookup: Lookup, stretches: Stretches) -> None:
        self._data, self._lookup, self._stretches = data, lookup, stretches
        self._bytes = np.frombuffer(data, dtype=np.uint8)
        self._allowance = Allowance(MOST_SAMPLES)
        self._skipped = Skipped()
        self._metadata: list[bytes] = []
        self._unknown: dict[bytes, int] = {}
        self._samples = {FULL: _Samples(), ZERO: _Samples()}
        self._refs: list[int] = []
        self._times: list[int] = []
        self._values: list[float] = []

    def columns(self, *, quick: bool) -> Columns:
        place = self._read_quickly() if quick else 0
        while place < len(self._data):
            place = self._read_field(place)
        samples = len(self._refs) + sum(len(found) for found in self._samples.values())
        if samples > MOST_SAMPLES:
            raise PayloadTooLarge(f"the body holds more than {MOST_SAMPLES} samples")
        refs, times, values = _usual(self._data, self._samples)
        if self._refs:
            refs = np.concatenate((refs, np.array(self._refs, np.int64)))
            times = np.concatenate((times, np.array(self._times, np.int64)))
            values = np.concatenate((values, np.array(self._values, np.float64)))
        return Columns(refs, times, values, list(self._unknown), self._metadata, self._skipped)

    def _read_quickly(self) -> int:
        """Take known stretches whole, and read in between; return how far it came: a short rest may be left."""
        place, allowed = 0, MOST_SAMPLES
        while allowed > 0 and place + 2 < len(self._data):
            ahead = self._take_stretch(place)
            if ahead:
                place += ahead
                allowed -= STRETCH
                continue
            before, marks = place, tuple(len(each.refs) for each in self._samples.values())
            place, is_usual = self._read_some(place)
            allowed -= STRETCH
            if is_usual:
                self._learn(before, place, marks)
        return place

    def _take_stretch(self, place: int) -> int:
        """Take a stretch that begins here; return its bytes, 0 where none does."""
        stretch = self._stretches.get(self._block(place))
        if stretch is None or not stretch.begins(self._bytes[place : place + len(stretch)]):
            return 0
        for found, (refs, starts) in zip(self._samples.values(), (stretch.full, stretch.zero), strict=True):
            if len(refs):
                found.stretches.append((refs, starts + place))
        return len(stretch)

    def _block(self, place: int) -> bytes:
        """Return the label block of the series that begins here if it has one sample of usual form, else nothing."""
        data = self._data
        length, start = data[place + 1], place + 2
        if length >= 0x80 and start < len(data):
            length += (data[start] - 1) << 7
            start += 1
        end = start + length
        for size, head in ((FULL, 0x10), (ZERO, 0x07)):
            last = end - size
            if end <= len(data) and last > start and data[last] == 0x12 and data[last + 1] == head:
                return data[start:last]
        return b""

    def _learn(self, place: int, end: int, marks: tuple[int, ...]) -> None:
        found = [
            (each.refs[mark:], [start - place for start in each.starts[mark:]])
            for each, mark in zip(self._samples.values(), marks, strict=True)
        ]
        self._stretches.learn(self._block(place), self._bytes[place:end], found[0], found[1])

    def _read_some(self, place: int) -> tuple[int, bool]:
        """Read up to `STRETCH` fields; return how far it came, and whether all were known series of usual form.

        It sorts them by the form of their samples. Every series of a new stretch passes here: kept flat on purpose.
        """
        data, lookup, total, others = self._data, self._lookup, len(self._data), 0
        full_refs, full_starts = self._samples[FULL].refs.append, self._samples[FULL].starts.append
        for _ in range(STRETCH):
            if place + 2 >= total:
                break
            # The usual length has one byte or two; what is not usual goes the general way.
            length, start = data[place + 1], place + 2
            if length >= 0x80:
                length += (data[start] - 1) << 7
                start += 1
            end = start + length
            if data[place] != 0x0A or end > total or data[start - 1] >= 0x80:
                place, others = self._read_field(place), others + 1
                continue
            place = end
            # A known block before a last sample proves that there is just this one sample.
            last = end - FULL
            if last > start and data[last] == 0x12 and data[last + 1] == 0x10:
                ref = lookup(data[start:last])
                if ref is not None:
                    full_refs(ref)
                    full_starts(last)
                    continue
            if not self._read_zero(start, end):
                self._read_run(start, end)
                others += 1
        return place, not others

    def _read_zero(self, start: int, end: int) -> bool:
        """Read a known series with one sample whose value is 0; return whether it was one."""
        last = end - ZERO
        if last <= start or self._data[last] != 0x12 or self._data[last + 1] != 0x07:
            return False
        ref = self._lookup(self._data[start:last])
        if ref is None:
            return False
        self._samples[ZERO].refs.append(ref)
        self._samples[ZERO].starts.append(last)
        return True

    def _read_run(self, start: int, end: int) -> None:
        """Read a series with several samples, or with labels not seen before."""
        data, place, labels = self._data, start, 0
        while place + 1 < end and data[place] == 0x0A and data[place + 1] < 0x80:
            place += 2 + data[place + 1]
            labels += 1
        self._allowance.take(1 + labels)
        size = 2 + data[place + 1] if place + 1 < end and data[place] == 0x12 else 0
        if place == start or size not in _HEADS or (end - place) % size:
            self._read_series(start, end)
            return
        starts = range(place, end, size)
        self._allowance.take(len(starts))
        self._samples[size].starts.extend(starts)
        self._samples[size].refs.extend([self._reference(data[start:place])] * len(starts))

    def _read_field(self, place: int) -> int:
        """Read one field of the request in the general way; return where it ends."""
        number, wire, start, end = next(read_fields(self._data, place, len(self._data), self._allowance))
        if number == 1 and wire is Wire.BYTES:
            self._read_series(start, end)
        elif number == 3 and wire is Wire.BYTES:
            self._metadata.append(self._data[start:end])
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


def _usual(data: bytes, samples: Mapping[int, _Samples]) -> tuple[Refs, Times, Values]:
    """Read the samples of usual form, all at once, and put them in the order of the request."""
    found = [(size, *each.arrays()) for size, each in samples.items() if len(each)]
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64)
    rows = [(refs, *_rows(data, size, starts), starts) for size, refs, starts in found]
    refs, times, values, starts = (np.concatenate(column) for column in zip(*rows, strict=True))
    if bool((starts[1:] > starts[:-1]).all()):
        return refs, times, values
    order = np.argsort(starts)
    return refs[order], times[order], values[order]


def _rows(data: bytes, size: int, starts: Offsets) -> tuple[Times, Values]:
    """Read samples of one size. Raises _NotAsUsual where one is not what its size says."""
    words = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))
    # A field's last eight bytes: one of no interest, the tag of the timestamp, the timestamp.
    tails, heads = words[starts + (size - 8)], words[starts]
    stamps = tails >> np.uint64(16)
    usual = (heads & 0xFFFF == _HEADS[size]) & (tails >> np.uint64(8) & 0xFF == 0x10)
    usual &= stamps & (_MORE | np.uint64(1 << 47)) == _MORE
    if size == FULL:
        usual &= heads >> np.uint64(16) & 0xFF == 0x09
    if not usual.all():
        raise _NotAsUsual
    values = words[starts + 3].view(np.float64) if size == FULL else np.zeros(len(starts))
    # Samples of one scrape share their instant.
    alike = bool((stamps == stamps[0]).all())
    times = _instants(stamps[:1] if alike else stamps)
    return np.full(len(starts), times[0]) if alike else times, values


def _instants(stamps: NDArray[np.uint64]) -> Times:
    """Return numbers of six bytes, seven bits each, as instants in ms."""
    times = stamps & 0x7F
    for byte in range(1, 6):
        times |= stamps >> np.uint64(byte) & np.uint64(0x7F << 7 * byte)
    return times.astype(np.int64)
