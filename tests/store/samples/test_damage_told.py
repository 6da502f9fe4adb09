"""What is damaged is told by day: an answer that may lack samples can say so, and one of other days says nothing."""

from pathlib import Path

import numpy as np
import pytest

from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, day_of
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.day_names import day_name
from nightdesk.store.samples.store import SampleStore
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock

NOW = 1_700_000_000_000
BROKEN = NOW - 2 * DAY
NAME = day_name(day_of(BROKEN))


def opened(folder: Path) -> SampleStore:
    """Open a store that keeps forty days."""
    return SampleStore(folder, clock=ManualClock(NOW), retention_ms=40 * DAY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of four days."""
    store = opened(tmp_path)
    refs = np.array([store.reference(Labels.of("up"))])
    for day in range(4):
        store.append(Batch.at(refs, NOW - day * DAY, np.ones(1)))
    store.commit()
    store.seal()
    store.close()
    return tmp_path


def test_only_the_day_that_is_damaged_is_told(folder: Path) -> None:
    """The file that is cut short is named with its day, to those alone who read that day; so at the next start."""
    (folder / "days" / f"{NAME}.db").write_bytes(b"x" * 5_000)
    for place in (f"{NAME}.db", f"days/{NAME}.db.damaged"):
        store = opened(folder)
        store.select((), BROKEN, BROKEN, FreeBudget())
        (told,) = store.flaws(MIN_INSTANT, MAX_INSTANT)
        assert store.flaws(BROKEN, BROKEN) == store.flaws(BROKEN - HOUR, BROKEN + HOUR) == [told]
        assert f"samples of {NAME} may be missing" in told
        assert f"{place}: " in told
        assert "`nightdesk verify`" in told
        assert store.flaws(BROKEN + DAY, MAX_INSTANT) == store.flaws(MIN_INSTANT, BROKEN - DAY) == []
        store.close()


def test_a_sound_store_tells_nothing(folder: Path) -> None:
    """Without damage there is nothing to warn of."""
    store = opened(folder)
    store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    assert store.flaws(MIN_INSTANT, MAX_INSTANT) == []
    store.close()


def test_a_damaged_journal_names_the_days_it_was_written_on(folder: Path) -> None:
    """What was not sealed yet is of the day on which the journal was last written; so at the next start."""
    journal = folder / "journal.db"
    journal.write_bytes(b"x" * 50_000)
    written = day_of(round(journal.stat().st_mtime * 1000))
    for _ in range(2):
        store = opened(folder)
        told = store.flaws(written * DAY, written * DAY)
        assert len(told) == 1
        assert f"samples of {day_name(written)} may be missing" in told[0]
        assert "journal.db" in told[0]
        assert store.flaws(MIN_INSTANT, (written - 2) * DAY) == []
        store.close()
