"""Damage done to files on purpose, at random: flipped bits, cut ends, sectors of zeros or of another place."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SECTOR: Final = 512
_MOST_BITS: Final = 8
_HEADER: Final = 100
"""SQLite's own, of which every byte means something: hit as often as all the rest of a file."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """What was done to which file."""

    file: str
    how: str

    def __str__(self) -> str:
        return f"{self.file}: {self.how}"


def damage_one(files: list[Path], chance: random.Random) -> Damaged:
    """Damage one of the files; an empty one is passed over. Returns what was done."""
    file = chance.choice([each for each in files if each.stat().st_size])
    data = bytearray(file.read_bytes())
    how = chance.choice([_flip, _flip, _flip_header, _flip_header, _cut, _cut_to_nothing, _blank, _misplace])(
        data, chance
    )
    file.chmod(0o600)
    file.write_bytes(data)
    return Damaged(file.name, how)


def _flip(data: bytearray, chance: random.Random) -> str:
    places = [chance.randrange(len(data)) for _ in range(chance.randint(1, _MOST_BITS))]
    for place in places:
        data[place] ^= 1 << chance.randrange(8)
    return f"bits flipped at {places}"


def _flip_header(data: bytearray, chance: random.Random) -> str:
    place = chance.randrange(min(len(data), _HEADER))
    data[place] ^= 1 << chance.randrange(8)
    return f"a bit flipped at {place}"


def _cut_to_nothing(data: bytearray, _: random.Random) -> str:
    data.clear()
    return "cut to nothing"


def _cut(data: bytearray, chance: random.Random) -> str:
    length = chance.randrange(len(data))
    del data[length:]
    return f"cut to {length} bytes"


def _blank(data: bytearray, chance: random.Random) -> str:
    start = chance.randrange(0, len(data), SECTOR)
    data[start : start + SECTOR] = bytes(len(data[start : start + SECTOR]))
    return f"a sector of zeros at {start}"


def _misplace(data: bytearray, chance: random.Random) -> str:
    start, other = chance.randrange(0, len(data), SECTOR), chance.randrange(0, len(data), SECTOR)
    size = min(SECTOR, len(data) - start, len(data) - other)
    data[start : start + size] = data[other : other + size]
    return f"a sector of {other} at {start}"
