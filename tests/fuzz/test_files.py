"""Files that a disk or a person damages: whatever their bytes, they are read or told as damaged, at once."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nightdesk.model.instant import DAY
from nightdesk.model.labels import Labels
from nightdesk.store.inventory import Kind, files_of
from nightdesk.store.samples.journal.mark import mark_beside
from nightdesk.store.samples.packed.pack_format import is_packed
from nightdesk.store.samples.rows.writer import DayWriter
from nightdesk.store.verify import verify
from nightdesk.testing.fuzzing import Target, fuzz
from nightdesk.testing.tiered import START, TieredLake
from nightdesk.testing.trade_files import read
from nightdesk.trades.sources.mapping import RowKind

SHORT_CASES, SHORT_SECONDS = 250, 1.5
LONG_CASES, LONG_SECONDS = 10**9, 60.0
TRADES = b"""symbol,side,quantity,entry_time,entry_price,exit_time,exit_price,fees,id
BTC/USDT,long,0.5,2024-05-31 14:30:00,64000.5,2024-05-31T15:30:00Z,65000,1.25,a1
"ETH/USDT",short,"1,200.50",2024-06-01 00:00:00,3000,2024-06-02 00:00:00,2900,($1.5k),a2
"""
CELLS = [b",", b'"', b"\n", b"\r", b'""', b";", b"2024-02-30", b"1e99999", b"\xef\xbb\xbf", b"\x1f\x8b", b"NaN"]
DAYS = (Kind.WHOLE_DAY, Kind.SUPPLEMENT)
KINDS: dict[str, Callable[[Path, Kind], bool]] = {
    "day of rows": lambda path, kind: kind in DAYS and not is_packed(path),
    "packed day": lambda path, kind: kind in DAYS and is_packed(path),
    "tier": lambda _, kind: kind is Kind.TIER,
    "journal": lambda _, kind: kind is Kind.JOURNAL,
}
"""How to find a file of each kind in the folder of a desk."""


@pytest.fixture(scope="module")
def desk_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a desk with days in tiers, packed days, one of rows and a journal."""
    folder = tmp_path_factory.mktemp("desk")
    lake = TieredLake(folder)
    for day in range(9):
        lake.go_to(START + (day + 1) * DAY + DAY // 2)
        lake.put(np.arange(START + day * DAY, START + (day + 1) * DAY, 1_800_000, dtype=np.int64), day, series=2)
    while lake.store.maintain():
        pass
    lake.tiers.build()
    lake.close()
    (folder / "tiers").rename(folder / "samples" / "tiers")
    times = START + 9 * DAY + np.arange(0, 600_000, 60_000, dtype=np.int64)
    rows = DayWriter.supplement(folder / "samples" / "days" / "2025-01-10.1.db")
    rows.add([Labels.of("m", i="0"), Labels.of("m", i="1")], times, np.arange(20.0).reshape(2, 10) / 7)
    rows.finish()
    return folder


def _target(name: str, desk_folder: Path, scratch: Path) -> Target:
    """Verify a folder in which one file of a kind has other bytes each time; nothing at all may come out of that."""
    found = [file for file, kind in files_of(desk_folder) if KINDS[name](desk_folder / file, kind)]
    assert found, f"the desk has no file of the kind: {name}"
    seed = (desk_folder / found[0]).read_bytes()
    place = scratch / found[0]
    place.parent.mkdir(parents=True, exist_ok=True)

    def run(data: bytes) -> None:
        place.write_bytes(data)
        assert [str(each.file) for each in verify(scratch)] == [str(found[0])]

    return Target(
        name, run, [seed], [b"SQLite format 3\x00", b"\x00" * 64, b"\xff" * 8, b"\x10\x00"], (), 2 * len(seed)
    )


def _mark(desk_folder: Path, scratch: Path) -> Target:
    shutil.copyfile(next(desk_folder.rglob("journal.mark")), scratch / "journal.mark")

    def run(data: bytes) -> None:
        (scratch / "journal.mark").write_bytes(data)
        mark_beside(scratch / "journal.db")

    return Target("mark of the journal", run, [(scratch / "journal.mark").read_bytes()], (), ())


def _ledger(scratch: Path) -> Target:
    def run(data: bytes) -> None:
        file = scratch / "rows.csv"
        file.write_bytes(data)
        read(file, kind=RowKind.TRADES)

    return Target("ledger as CSV", run, [TRADES], CELLS)


@pytest.fixture(params=[*KINDS, "mark of the journal", "ledger as CSV"])
def target(request: pytest.FixtureRequest, desk_folder: Path, tmp_path: Path) -> Target:
    """Each kind of file in turn."""
    made: dict[str, Callable[[], Target]] = {
        "mark of the journal": lambda: _mark(desk_folder, tmp_path),
        "ledger as CSV": lambda: _ledger(tmp_path),
    }
    name: str = request.param
    return made[name]() if name in made else _target(name, desk_folder, tmp_path)


def test_a_damaged_file_is_told_as_such(target: Target) -> None:
    """Bent bytes anywhere, headers included, bring neither a crash nor a second of work."""
    assert fuzz(target, seed=1, cases=SHORT_CASES, seconds=SHORT_SECONDS) > 10


@pytest.mark.campaign
def test_a_damaged_file_is_told_as_such_for_long(target: Target) -> None:
    """A minute of CPU each."""
    assert fuzz(target, seed=2, cases=LONG_CASES, seconds=LONG_SECONDS) > SHORT_CASES
