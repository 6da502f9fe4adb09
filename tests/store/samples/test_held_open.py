"""Another program that keeps a read transaction on every file for ten minutes: the logs stay within their bound."""

import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event
from typing import Final

import numpy as np
import pytest

from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.days import files
from nightdesk.store.samples.journal import renewal
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock

SERIES: Final = 2_000
MOST_LOG_BYTES: Final = 64_000_000
NOON: Final = 1_700_006_400_000 // DAY * DAY + 12 * HOUR


def open_store(folder: Path) -> SampleStore:
    """Open a store that seals often and packs late, so that one supplement of rows would take all there is."""
    when = SealWhen(samples=100 * SERIES, supplements=1_000)
    return SampleStore(folder, clock=ManualClock(NOON), retention_ms=100 * YEAR, seal_when=when)


def write(store: SampleStore, step: int, chance: np.random.Generator) -> None:
    """Write an instant of all series, which no compressor makes smaller, and keep house."""
    refs = np.array([store.reference(Labels.of("up", sid=str(number))) for number in range(SERIES)])
    store.append(Batch.at(refs, NOON + step * 100, chance.random(SERIES)))
    store.commit()
    while store.maintain():
        pass


def log_bytes(folder: Path) -> int:
    """Return the size of all logs."""
    return sum(log.stat().st_size for log in folder.rglob("*-wal"))


def write_while_held_open(folder: Path, rounds: int, seconds_a_round: float) -> int:
    """Hold every file there is, write so many rounds, and read all of it again; return the most of logs seen."""
    store, chance, pace = open_store(folder), np.random.default_rng(1), Event()
    for step in range(150):
        write(store, step, chance)
    longest = 0
    with ExitStack() as held:
        open_files = [folder / "journal.db", *(folder / "days").glob("*.*.db")]
        assert len(open_files) == 2, "a journal and a supplement of rows"
        for file in open_files:
            reader = held.enter_context(
                closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None))
            )
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM series").fetchall()
        for step in range(150, 150 + rounds):
            write(store, step, chance)
            longest = max(longest, log_bytes(folder))
            pace.wait(seconds_a_round)
    found = store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    assert {len(series.times) for series in found} == {150 + rounds}
    assert store.stats().damaged == 0
    store.close()
    return longest


def test_logs_stay_short_while_another_program_reads_every_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fifteenth of what ten minutes bring, as quickly as it goes, and bounds of a fifth."""
    monkeypatch.setattr(renewal, "MOST_LOG_BYTES", renewal.MOST_LOG_BYTES // 5)
    monkeypatch.setattr(files, "MOST_LOG_BYTES", files.MOST_LOG_BYTES // 5)
    assert write_while_held_open(tmp_path, 400, 0.0) <= MOST_LOG_BYTES // 5


@pytest.mark.campaign
@pytest.mark.timeout(1_800)
def test_logs_stay_short_while_another_program_reads_every_file_for_ten_minutes(tmp_path: Path) -> None:
    """Ten minutes of 2,000 series ten times a second."""
    assert write_while_held_open(tmp_path, 6_000, 0.1) <= MOST_LOG_BYTES
