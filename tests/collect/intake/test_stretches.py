"""Stretches of remote write bodies that are recognised whole read the same as those that are read one by one."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.collect.intake import stretches as module
from nightdesk.collect.intake.stretches import STRETCH, Stretches
from nightdesk.collect.intake.write_request import Columns, read_write_request
from nightdesk.errors import BadPayload

START = 1_700_000_000_000


def _field(number: int, payload: bytes) -> bytes:
    assert len(payload) < 128 * 128
    size = len(payload)
    length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    return bytes([number << 3 | 2]) + length + payload


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _block(name: str) -> bytes:
    return _field(1, _field(1, b"__name__") + _field(2, b"m")) + _field(1, _field(1, b"s") + _field(2, name.encode()))


def _sample(value: float, at: int) -> bytes:
    double = b"" if value == 0 else b"\x09" + np.float64(value).tobytes()
    return _field(2, double + b"\x10" + _varint(at))


def _body(rows: list[tuple[int, float, int]]) -> bytes:
    return b"".join(_field(1, _block(f"{number:06}") + _sample(value, at)) for number, value, at in rows)


def _known(count: int) -> dict[bytes, int]:
    return {_block(f"{number:06}"): number for number in range(count)}


def _same(left: Columns, right: Columns) -> None:
    assert left.refs.tolist() == right.refs.tolist()
    assert left.times.tolist() == right.times.tolist()
    assert left.values.view(np.int64).tolist() == right.values.view(np.int64).tolist()
    assert left.blocks == right.blocks


def test_a_stretch_is_learned_once_and_then_recognised() -> None:
    """The second body of the same series is taken without looking up a single label."""
    known, stretches = _known(600), Stretches()
    asked: list[bytes] = []

    def lookup(block: bytes) -> int | None:
        asked.append(block)
        return known.get(block)

    for turn in range(3):
        body = _body([(number, number * 1.5 + turn, START + turn) for number in range(600)])
        columns = read_write_request(body, lookup, stretches)
        assert columns.refs.tolist() == list(range(600))
        assert columns.values.tolist() == [number * 1.5 + turn for number in range(600)]
        assert set(columns.times.tolist()) == {START + turn}
        if turn == 1:
            # Series 0 left its zero behind: its stretch alone is read again.
            assert len(asked) == 600 + STRETCH
    assert len(asked) == 600 + STRETCH
    assert len(stretches) == 3


bodies = st.lists(
    st.lists(
        st.tuples(
            st.integers(0, 40),
            st.sampled_from([0.0, 1.0, -2.5, float("nan"), float("inf")]),
            st.integers(START, START + 3),
        ),
        max_size=40,
    ),
    min_size=1,
    max_size=6,
)


@given(bodies, st.integers(0, 40), st.booleans())
@settings(max_examples=300, deadline=None)
def test_what_is_recognised_reads_as_what_is_read(
    given_bodies: list[list[tuple[int, float, int]]], known: int, again: bool
) -> None:
    """Series that come and go, turn to zero, change order or are unknown: the columns are the same."""
    stretches, lookup = Stretches(), _known(known).get
    for rows in given_bodies * (2 if again else 1):
        body = _body(rows)
        _same(read_write_request(body, lookup, stretches), read_write_request(body, lookup))


@given(st.integers(0, 700), st.integers(1, 255))
@settings(max_examples=200, deadline=None)
def test_a_changed_byte_is_never_overlooked(place: int, change: int) -> None:
    """A body that differs in one byte reads, or is refused, as it would without anything remembered."""
    known, stretches = _known(20), Stretches()
    body = bytearray(_body([(number, 1.5, START) for number in range(20)]))
    read_write_request(bytes(body), known.get, stretches)
    assert len(stretches) == 1
    body[place % len(body)] ^= change
    try:
        without = read_write_request(bytes(body), known.get)
    except BadPayload as error:
        with pytest.raises(BadPayload, match=re.escape(str(error))):
            read_write_request(bytes(body), known.get, stretches)
    else:
        _same(read_write_request(bytes(body), known.get, stretches), without)


def test_memory_is_bounded() -> None:
    """The oldest stretches give way; what is left is still right."""
    stretches, known = Stretches(most_bytes=100_000), _known(20_000)
    for start in range(0, 20_000, 500):
        body = _body([(number, 1.5, START) for number in range(start, start + 500)])
        _same(read_write_request(body, known.get, stretches), read_write_request(body, known.get))
    assert 0 < len(stretches) * STRETCH * 2 * 50 <= 2 * 100_000
    assert module.MOST_BYTES <= 64 * 2**20


@pytest.mark.parametrize("cut", [1, 9, 17, 30])
def test_a_body_cut_short_is_refused(cut: int) -> None:
    """A body that ends within a stretch is not taken for one."""
    known, stretches = _known(20), Stretches()
    body = _body([(number, 1.5, START) for number in range(20)])
    read_write_request(body, known.get, stretches)
    with pytest.raises(BadPayload):
        read_write_request(body[:-cut], known.get, stretches)
