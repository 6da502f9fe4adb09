"""Sums and means of long windows are the same text wherever the samples lie, and however they are asked for."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nightdesk.clock import SystemClock
from nightdesk.model.instant import HOUR, MINUTE, YEAR
from nightdesk.model.labels import Labels
from nightdesk.model.series import STALE, Batch, Values
from nightdesk.query.engine import Engine
from nightdesk.store.samples.packed.columns import decode_columns, encode_columns
from nightdesk.store.samples.packed.directory import _KINDS
from nightdesk.store.samples.packed.pack_format import PACKED, pack_checksum
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.sqlite import Database
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.sealing import leave_wal

NOW = 1_700_000_000_000
STEP = 15_000
COUNT = 4_000
TIMES = NOW - STEP * np.arange(COUNT, dtype=np.int64)[::-1]


def _series() -> dict[str, Values]:
    random = np.random.default_rng(7)
    cents = np.round(random.normal(0, 1000, COUNT), 2)
    cents[COUNT // 2 :] = -cents[: COUNT // 2]
    ones = np.ones(COUNT)
    found = {
        "kahan": np.tile([1.0, 1e100, 1.0, -1e100], COUNT // 4),
        "pnl": cents,
        "overflows": np.repeat([1.5e308, -1.5e308], COUNT // 2),
        "large": np.repeat([1.5e305, -1.5e305], COUNT // 2),
        "zeros": np.full(COUNT, -0.0),
        "infinite": np.where(np.arange(COUNT) == 50, np.inf, ones),
        "both": np.where(np.arange(COUNT) == 50, np.inf, np.where(np.arange(COUNT) == 60, -np.inf, ones)),
        "nan": np.where(np.arange(COUNT) == COUNT - 50, np.nan, ones),
        "gone": np.where(np.arange(COUNT) == COUNT - 50, STALE, 0.1 * ones),
        "random": random.normal(0, 1, COUNT),
    }
    found.update({f"gauge{number}": np.round(random.normal(50, 20, COUNT), 2) for number in range(20)})
    return found


SERIES = _series()


class Desk:
    """One store with all of the series, moved from place to place."""

    def __init__(self, folder: Path) -> None:
        """Put all samples into the head."""
        self.clock = ManualClock(NOW)
        self.folder = folder
        self.store = self.opened()
        refs = [self.store.reference(Labels.of("m", is_=name)) for name in SERIES]
        for low in range(0, COUNT, 500):
            piece = slice(low, low + 500)
            for ref, values in zip(refs, SERIES.values(), strict=True):
                self.store.append(Batch(np.full(500, ref), TIMES[piece], values[piece]))
        self.store.commit()

    def opened(self) -> SampleStore:
        """Open the folder."""
        return SampleStore(self.folder, clock=self.clock, retention_ms=100 * YEAR)

    def files(self) -> list[str]:
        """Return the names of the day files."""
        return sorted(file.name for file in (self.folder / "days").glob("*.db"))

    def texts(self, by: str = "instant") -> dict[tuple[str, str, int, int], str]:
        """Return what is answered of each series, by function, window and instant."""
        engine = Engine(self.store, SystemClock())
        found = {}
        for function in ("sum", "avg"):
            for hours in (2, 24):
                for late in (0, 7 * STEP):
                    query, at = f"{function}_over_time(m[{hours}h])", NOW - late
                    if by == "instant":
                        answer = engine.instant(query, at)
                    else:
                        answer = engine.range(query, at - MINUTE, at, MINUTE)
                    for labels, values, present in zip(answer.labels, answer.values, answer.present, strict=True):
                        assert present[-1]
                        found[function, labels.get("is_"), hours, late] = repr(float(values[-1]))
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """All of it in the head."""
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()


def test_sums_are_the_same_wherever_samples_lie(desk: Desk) -> None:
    """In the head, sealed into rows, packed; by instant (told by summaries) and by range (told by samples)."""
    expected = desk.texts()
    assert desk.texts("range") == expected
    desk.store._freeze()
    while desk.store._head.frozen:
        desk.store._house.run_one()
    assert desk.files() == ["2023-11-14.1.db"]
    assert desk.texts() == desk.texts("range") == expected
    desk.store.seal()
    assert desk.files() == ["2023-11-14.db"]
    assert desk.texts() == desk.texts("range") == expected


def test_sums_are_exact(desk: Desk) -> None:
    """Beside `math.fsum`, once packed: ordinary gauges, cents that cancel out, and 1 beside 1e100."""
    desk.store.seal()
    told = desk.texts()
    for (function, name, hours, late), text in told.items():
        values = SERIES[name][(NOW - late - hours * HOUR < TIMES) & (NOW - late >= TIMES)]
        if name.startswith(("gauge", "pnl", "kahan", "zeros", "random")):
            total = math.fsum(values)
            assert text == repr(total if function == "sum" else total / len(values)), (function, name, hours, late)
    assert told["sum", "pnl", 24, 0] == "0.0"
    assert told["sum", "kahan", 24, 0] == "2000.0"


def test_sums_of_an_earlier_release_are_not_trusted(desk: Desk) -> None:
    """A file of format 2 answers out of its samples, and is written with losses when its day is compacted again."""
    expected = desk.texts()
    desk.store.seal()
    desk.store.close()
    for name in desk.files():
        _make_format_2(desk.folder / "days" / name)
    desk.store = desk.opened()
    assert desk.texts() == expected
    late = desk.store.reference(Labels.of("late"))
    desk.store.append(Batch.at(np.array([late]), NOW, np.ones(1)))
    desk.store.seal()
    assert desk.texts() == expected
    assert desk.store.stats().damaged == 0
    assert _number(desk.folder / "days" / "2023-11-14.db") == PACKED.number


def _make_format_2(path: Path) -> None:
    """Take the losses out of a file, and put nonsense in the place of the sums that nobody may trust."""
    database = Database(path, PACKED)
    database.execute("ALTER TABLE pack RENAME COLUMN chunks TO directory")
    for pack, low, high, first, last, data in database.execute(
        "SELECT id, low, high, first, last, directory FROM pack"
    ):
        *columns, _ = decode_columns(data, _KINDS)
        columns[-3] = np.full(len(columns[-3]), 42.0).view(np.uint64)
        directory = encode_columns(columns)
        crc = pack_checksum(pack, low, high, first, last, directory)
        database.execute("UPDATE pack SET directory = ?, crc = ? WHERE id = ?", (directory, crc, pack))
    database.execute("PRAGMA user_version = 2")
    leave_wal(database)
    database.close()


def _number(path: Path) -> int:
    database = Database.read_only(path, PACKED, immutable=True)
    ((number,),) = database.execute("PRAGMA user_version")
    database.close()
    return int(number)
