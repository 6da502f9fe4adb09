"""Unpacking: what was packed comes out, and no bomb goes off."""

import gzip
import tracemalloc
from collections.abc import Callable

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.collect.intake.unpack import unpack
from nightdesk.errors import BadPayload, PayloadTooLarge

_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "zstd": lambda body: bytes(cramjam.zstd.compress(body)),
    "snappy": lambda body: bytes(cramjam.snappy.compress_raw(body)),
}


@pytest.mark.parametrize("encoding", _PACKERS)
@given(body=st.binary(max_size=3000))
def test_what_was_packed_comes_out(encoding: str, body: bytes) -> None:
    """Each encoding gives back the body."""
    assert unpack(_PACKERS[encoding](body), encoding) == body


def test_gzip_members_in_a_row_are_one_body() -> None:
    """RFC 1952: concatenated members unpack to concatenated bodies."""
    assert unpack(gzip.compress(b"night") + gzip.compress(b"desk"), "gzip") == b"nightdesk"


def test_gzip_members_are_bounded() -> None:
    """Rotated logs have thousands of members; a body of half a million, each of which costs a decoder, is refused."""
    member = gzip.compress(b"x")
    assert unpack(member * 10_000, "gzip") == b"x" * 10_000
    with pytest.raises(BadPayload, match="more than 10000 members"):
        unpack(member * 500_000, "gzip")


@pytest.mark.parametrize("encoding", _PACKERS)
def test_a_body_over_the_cap_is_refused(encoding: str) -> None:
    """One byte over is too large; exactly the cap is not."""
    packed = _PACKERS[encoding](b"x" * 1000)
    assert len(unpack(packed, encoding, most=1000)) == 1000
    with pytest.raises(PayloadTooLarge):
        unpack(packed, encoding, most=999)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_bomb_is_refused_without_being_held(encoding: str) -> None:
    """A body that would unpack to 200 MB takes no more than the cap of 4 MB, a few times over."""
    bomb = _PACKERS[encoding](bytes(200_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(PayloadTooLarge):
            unpack(bomb, encoding, most=4_000_000)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "snappy"])
@given(body=st.binary(max_size=200), cut=st.integers(0, 60))
def test_noise_and_halves_are_refused(encoding: str, body: bytes, cut: int) -> None:
    """Bytes that are not what they say, and bodies cut short, give BadPayload and nothing else."""
    packed = _PACKERS[encoding](b"the night desk " * 20)
    with pytest.raises(BadPayload):
        unpack(packed[: min(cut, len(packed) - 1)], encoding)
    try:
        unpack(body, encoding)
    except (BadPayload, PayloadTooLarge):
        return


def test_an_unknown_encoding_is_named() -> None:
    """The message says what would be right."""
    with pytest.raises(BadPayload, match=r"br.*gzip, zstd"):
        unpack(b"x", "br")
