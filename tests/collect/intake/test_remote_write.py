"""Remote write: every sample to the bit, in whatever legal form it comes; what cannot be read leaves no trace."""

import random
import struct

import cramjam
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.collect.intake.metadata import MetadataBook
from nightdesk.collect.intake.remote_write import RemoteWriteDecoder
from nightdesk.collect.intake.write_request import MOST_SAMPLES
from nightdesk.errors import BadLabels, BadPayload, PayloadTooLarge, SeriesLimitExceeded
from nightdesk.model.labels import Labels
from nightdesk.model.metric import Metadata, MetricType
from nightdesk.model.series import STALE_BITS, AppendRefusal
from nightdesk.testing.lake import Lake
from nightdesk.testing.remote_write import label_block, snappy, time_series, varint, write_body

NOW = 1_700_000_000_000


def _series(count: int) -> list[Labels]:
    return [Labels.of("some_metric_total", number=str(n), job="bot") for n in range(count)]


def _field(tag: int, body: bytes) -> bytes:
    return bytes([tag]) + varint(len(body)) + body


def _sample(value: float, time: int, *, swapped: bool = False) -> bytes:
    """Encode a Sample as Go does: zeros left out."""
    first = b"" if value == 0 and struct.pack("<d", value)[7] == 0 else b"\x09" + struct.pack("<d", value)
    second = b"" if time == 0 else b"\x10" + varint(time)
    return _field(0x12, second + first if swapped else first + second)


def _request(*series: bytes) -> bytes:
    return snappy(b"".join(_field(0x0A, each) for each in series))


def test_samples_arrive_with_their_series() -> None:
    """One sample a series, several requests: each value under its series and instant."""
    lake, decoder, series = Lake(), RemoteWriteDecoder(), _series(3)
    for step in range(3):
        body = write_body([(each, [(NOW + step, float(10 * n + step))]) for n, each in enumerate(series)])
        lake.append(decoder(body)(lake))
    assert lake.told("some_metric_total") == [
        (each, NOW + step, float(10 * n + step)) for n, each in enumerate(series) for step in range(3)
    ]


def test_a_known_series_costs_the_store_no_look_up() -> None:
    """The second request asks for no reference."""
    lake, decoder, series = Lake(), RemoteWriteDecoder(), _series(3)
    for _ in range(2):
        decoder(write_body([(each, [(NOW, 1.0)]) for each in series]))(lake)
    assert lake.asked == 3


def test_nan_bits_are_kept() -> None:
    """The stale marker and other NaNs arrive with their very bits: one of them ends a series, the others do not."""
    lake, decoder = Lake(), RemoteWriteDecoder()
    bits = [STALE_BITS, 0x7FF8000000000001, 0xFFF8000000000000, 0x7FF0000000000001]
    for block in (label_block(_series(1)[0]),) * 2:
        samples = b"".join(_field(0x12, b"\x09" + struct.pack("<Q", each) + b"\x10" + varint(NOW)) for each in bits)
        batch = decoder(_request(block + samples))(lake)
        assert batch.values.view(np.uint64).tolist() == bits


_TIMES = st.sampled_from([0, 1, NOW, NOW + 1, -1, 2**35 - 1, 2**35, 2**42 - 1, 2**42, -(2**63), 2**63 - 1])
_VALUES = st.floats() | st.just(0.0) | st.just(-0.0)


@settings(max_examples=150)
@given(
    st.lists(st.lists(st.tuples(_TIMES, _VALUES, st.booleans()), max_size=4), min_size=1, max_size=5),
    st.lists(st.sampled_from(["plain", "exemplar", "histogram", "metadata", "unknown", "labels last"]), max_size=3),
)
def test_every_legal_form_is_read(shape: list[list[tuple[int, float, bool]]], extras: list[str]) -> None:
    """Zeros left out, fields swapped, labels last, foreign fields: the same samples, cold and from the cache."""
    series, messages, expected = _series(len(shape)), b"", []
    for labels, samples in zip(series, shape, strict=True):
        block = label_block(labels)
        body = b"".join(_sample(value, time, swapped=swapped) for time, value, swapped in samples)
        more = b"".join(_field(0x1A, b"") for each in extras if each == "exemplar")
        more += b"".join(_field(0x22, b"") for each in extras if each == "histogram")
        more += b"".join(b"\x7a\x01x" for each in extras if each == "unknown")
        messages += _field(0x0A, body + more + block if "labels last" in extras else block + body + more)
        messages += b"".join(_field(0x1A, b"\x08\x01\x12\x01m") for each in extras if each == "metadata")
        expected += [(labels, time, struct.pack("<d", value)) for time, value, _ in samples]
    book = MetadataBook()
    lake, decoder = Lake(), RemoteWriteDecoder(book=book)
    for _ in range(2):
        job = decoder(snappy(messages))
        batch = job(lake)
        names = {ref: labels for labels, ref in lake._refs.items()}
        rows = zip(batch.refs.tolist(), batch.times.tolist(), batch.values, strict=True)
        found = [(names[ref], time, value.tobytes()) for ref, time, value in rows]
        assert sorted(found, key=repr) == sorted(expected, key=repr)
        assert job.samples == len(expected)
        known = [Metadata("m", MetricType.COUNTER)] if "metadata" in extras else []
        assert list(book.told().values()) == known


def test_refused_series_are_counted_and_the_rest_is_taken() -> None:
    """Series over the cap and label sets that cannot stand are left out by reason; the complaint names the first."""
    lake, decoder = Lake(), RemoteWriteDecoder()
    lake.refusals = {"full": SeriesLimitExceeded("no room"), "wrong": BadLabels("no good")}
    twice = label_block(Labels.of("x", a="1")) + label_block(Labels.of("", a="2"))
    nameless, not_text = label_block(Labels.of("", a="1")), b"\x0a\x06\x0a\x01a\x12\x01\xff"
    blocks = [label_block(Labels.of(name)) for name in ("good", "full", "wrong")] + [twice, nameless, not_text]
    for _ in range(2):
        job = decoder(_request(*(block + _sample(1.0, NOW) + _sample(2.0, NOW + 1) for block in blocks)))
        assert len(job(lake)) == 2
        assert job.refused == {AppendRefusal.SERIES_LIMIT: 2, AppendRefusal.BAD_LABELS: 8}
        assert job.complaint == "no room"
        assert job.samples == 12


def test_a_body_cut_short_leaves_no_trace() -> None:
    """At every length short of the whole, the request is refused and no series is made."""
    whole = b"".join(time_series(label_block(each), [(NOW, 1.0)]) for each in _series(2))
    first = len(time_series(label_block(_series(1)[0]), [(NOW, 1.0)]))
    for length in range(1, len(whole)):
        if length == first:
            continue
        lake = Lake()
        with pytest.raises(BadPayload):
            RemoteWriteDecoder()(snappy(whole[:length]))(lake)
        assert lake.asked == 0


@pytest.mark.parametrize(
    "unpacked",
    [
        _field(0x0A, label_block(_series(1)[0]) + b"\x12\x00" * (MOST_SAMPLES + 1)),
        _field(0x0A, label_block(_series(1)[0]) + _sample(1.0, NOW) * (MOST_SAMPLES + 1)),
        _field(0x0A, label_block(_series(1)[0]) + _sample(1.0, NOW)) * (MOST_SAMPLES + 1),
        b"\x0a\x00" * (MOST_SAMPLES + 2),
        b"\x1a\x00" * (MOST_SAMPLES + 2),
        _field(0x0A, b"\x0a\x00" * (MOST_SAMPLES + 1) + _sample(1.0, NOW)),
        _field(0x0A, _field(0x0A, b"\x1a\x00" * (MOST_SAMPLES + 1)) + _sample(1.0, NOW)),
    ],
    ids=["empty samples", "samples", "series", "empty series", "metadata", "labels", "fields of a label"],
)
def test_a_body_of_endless_fields_is_refused(unpacked: bytes) -> None:
    """However small its fields are, a body holds no more of them than the ingest thread reads in about a second."""
    lake = Lake()
    with pytest.raises(PayloadTooLarge, match="holds more than"):
        RemoteWriteDecoder()(snappy(unpacked))(lake)
    assert lake.asked == 0


def test_a_body_counts_as_what_it_unpacks_to() -> None:
    """The size of a job is the memory it will take, known without unpacking."""
    body = _field(0x0A, label_block(_series(1)[0]) + _sample(1.0, NOW) * 1_000)
    assert RemoteWriteDecoder()(bytes(cramjam.snappy.compress_raw(body))).size == len(body)


def test_bodies_from_a_real_snappy_encoder_are_read() -> None:
    """Two thousand series, compressed with copies as senders do."""
    raw = b"".join(time_series(label_block(each), [(NOW, 1.5)]) for each in _series(2000))
    batch = RemoteWriteDecoder()(bytes(cramjam.snappy.compress_raw(raw)))(Lake())
    assert (len(batch), set(batch.values.tolist())) == (2000, {1.5})


def test_a_declared_size_over_the_cap_is_refused_unread() -> None:
    """Fifteen bytes that claim 4 GiB are refused; a claim the bytes could not hold, too."""
    with pytest.raises(PayloadTooLarge):
        RemoteWriteDecoder()(b"\xff\xff\xff\xff\x0f" + b"\x00" * 10)(Lake())
    with pytest.raises(BadPayload, match="declares more"):
        RemoteWriteDecoder()(varint(60_000_000) + b"\x00" * 10)(Lake())


@settings(max_examples=200)
@given(st.binary(max_size=120), st.randoms(use_true_random=False))
def test_any_bytes_are_read_or_refused(noise: bytes, chance: random.Random) -> None:
    """Noise, and good requests with bytes changed, give a batch or BadPayload, on a warm cache and a cold one."""
    lake, decoder = Lake(), RemoteWriteDecoder()
    good = b"".join(time_series(label_block(each), [(NOW, 1.0), (NOW + 1, 0.0)]) for each in _series(3))
    decoder(snappy(good))(lake)
    spoilt = bytearray(good)
    for _ in range(chance.randint(1, 3)):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    for body in (snappy(noise), snappy(bytes(spoilt)), snappy(good + noise), noise):
        for each in (decoder, RemoteWriteDecoder()):
            try:
                batch = each(body)(lake)
                assert len(batch.refs) == len(batch.times) == len(batch.values)
                assert (batch.refs >= 0).all()
            except (BadPayload, PayloadTooLarge):
                continue
