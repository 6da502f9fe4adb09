"""Whole files of rows, as earlier releases wrote them: read as they are, written anew when their day is compacted."""

from pathlib import Path

import numpy as np

from nightdesk.model.instant import DAY, MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.model.labels import Labels
from nightdesk.model.series import STALE, Batch
from nightdesk.store.samples.packed.pack_format import is_packed
from nightdesk.store.samples.rows.format import DAY_FILE
from nightdesk.store.samples.rows.writer import DayWriter
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.sqlite import Database
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.sealing import leave_wal

NOW = 1_700_000_000_000
TIMES = NOW - 10_000_000 + 1_000 * np.arange(10_000, dtype=np.int64)


def test_a_whole_file_of_rows_answers_and_is_replaced(tmp_path: Path) -> None:
    """Two chunks a series, one of them constant and one with a stale marker; afterwards the same in a packed file."""
    rows = np.random.default_rng(2).integers(0, 9, (3, len(TIMES))).cumsum(axis=1).astype(np.float64)
    rows[1], rows[2, 9_000] = 5.0, STALE
    whole = tmp_path / "days" / "2023-11-14.db"
    whole.parent.mkdir(mode=0o700)
    writer = DayWriter.supplement(whole)
    writer.add([Labels.of("up", sid=str(number)) for number in range(len(rows))], TIMES, rows)
    writer.finish()
    database = Database(whole, DAY_FILE)
    leave_wal(database)
    database.close()
    store = SampleStore(tmp_path, clock=ManualClock(NOW + DAY), retention_ms=100 * YEAR)
    found = store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    assert [series.values.tobytes() for series in found] == [row.tobytes() for row in rows]
    assert not is_packed(whole)
    store.append(Batch.at(np.array([store.reference(Labels.of("up", sid="late"))]), NOW, np.ones(1)))
    store.seal()
    assert is_packed(whole)
    *again, late = store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    assert [series.values.tobytes() for series in again] == [row.tobytes() for row in rows]
    assert late.values.tolist() == [1.0]
    assert store.stats().damaged == 0
    store.close()
