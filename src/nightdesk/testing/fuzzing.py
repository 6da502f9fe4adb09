"""A bounded fuzzer: seeds bent at random, every case timed, only refusals of the project's own may come out."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nightdesk.errors import NightdeskError

MOST_SECONDS: Final = 1.0
"""CPU that one case may take."""
MOST_BYTES: Final = 65_536
_NUMBERS: Final = (
    b"0", b"-1", b"1", b"255", b"65536", b"4294967296", b"9223372036854775807", b"-9223372036854775808",
    b"1e308", b"1e-400", b"1e999999999", b"NaN", b"Inf", b"0x", b"1_0", b"99999999999999999999999999",
)  # fmt: skip
_RUNS: Final = (
    b"(",
    b"[",
    b"{",
    b"((",
    b"-",
    b"\x00",
    b"\xff",
    b" ",
    b"\n",
    b"\\",
    b'"',
    b"a",
    b"1",
    b"\x80",
    b"{{",
    b"$",
)
_BYTES: Final = (0, 1, 9, 10, 13, 32, 34, 39, 40, 92, 123, 127, 128, 255)


@dataclass(frozen=True, slots=True)
class Target:
    """A parser under trial. `words` are pieces of its language; only `refusals` may come out of `run`."""

    name: str
    run: Callable[[bytes], object]
    seeds: Sequence[bytes]
    words: Sequence[bytes] = ()
    refusals: tuple[type[BaseException], ...] = (NightdeskError,)
    most_bytes: int = MOST_BYTES
    """Bytes of a case, at most."""


class Finding(AssertionError):
    """A case that crashed its target or held it up; the message carries the bytes."""


def fuzz(target: Target, seed: int, cases: int, seconds: float) -> int:
    """Try a target on its seeds and on so many bent ones, for so many seconds of CPU at most; return how many.

    The same numbers give the same cases.

    Raises:
        Finding: an exception that is no refusal came out, or a case took over a second of CPU.
    """
    until, tried = time.process_time() + seconds, 0
    for case in _cases(target, seed, cases):
        if time.process_time() > until:
            break
        _try(target, case)
        tried += 1
    return tried


def _try(target: Target, case: bytes) -> None:
    began = time.process_time()
    try:
        target.run(case)
    except target.refusals:
        pass
    except BaseException as error:  # a panic of a compiled library is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        raise Finding(f"{target.name} crashed on {_shown(case)}: {error!r}") from error
    spent = time.process_time() - began
    if spent > MOST_SECONDS:
        raise Finding(f"{target.name} took {spent:.2f} s for {_shown(case)}")


def _shown(case: bytes) -> str:
    return repr(case) if len(case) < 2_000 else f"{case[:500]!r} ... ({len(case)} bytes) ... {case[-500:]!r}"


def _cases(target: Target, seed: int, cases: int) -> Iterator[bytes]:
    yield b""
    yield from target.seeds
    chance = random.Random(f"{target.name} {seed}")  # noqa: S311 - the same cases each time
    for _ in range(cases):
        case = bytearray(chance.choice(target.seeds) if target.seeds else b"")
        for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
            _bend(case, target, chance)
        yield bytes(case[: target.most_bytes])


def _bend(case: bytearray, target: Target, chance: random.Random) -> None:
    """Change a case in one of the ways that parsers stumble over."""
    at = chance.randrange(len(case) + 1)
    end = min(len(case), at + chance.choice((1, 1, 2, 4, 16, 64)))
    match chance.randrange(9):
        case 0:
            case[at:end] = b""
        case 1:
            case[at:at] = bytes(chance.choice(_BYTES) for _ in range(chance.choice((1, 2, 5))))
        case 2:
            case[at:at] = case[at:end]
        case 3 if case:
            case[at % len(case)] ^= 1 << chance.randrange(8)
        case 4:
            case[at:at] = chance.choice(_NUMBERS)
        case 5 if target.words:
            case[at:end] = chance.choice(target.words)
        case 6:
            other = chance.choice(target.seeds)
            begin = chance.randrange(len(other) + 1)
            case[at:] = other[begin:]
        case 7:
            case[at:at] = chance.choice((*_RUNS, *target.words)) * chance.choice((8, 40, 300, 5_000))
        case _:
            case[at:at] = bytes(chance.randrange(256) for _ in range(chance.choice((1, 3, 12))))
