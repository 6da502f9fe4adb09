"""Which series of a supplement a question chooses is remembered until the file has taken more."""

from pathlib import Path

import numpy as np
import pytest

from nightdesk.model.instant import DAY
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.rows.reader import DayReader
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock

NOW = 1_700_000_000_000


def _seal(store: SampleStore, sid: str, at: int) -> None:
    sealed = store.stats().seals
    store.append(Batch.at(np.array([store.reference(Labels.of("up", sid=sid))]), at, np.ones(1)))
    store.commit()
    while store.stats().seals == sealed:
        store.maintain()


def _asked(store: SampleStore) -> list[str]:
    found = store.select(named("up"), NOW - 10_000, NOW + 10_000, FreeBudget())
    assert [each.labels for each in found] == store.series(named("up"), NOW - 10_000, NOW + 10_000, FreeBudget())
    return [each.labels.get("sid") for each in found]


def test_a_question_about_today_asks_for_its_series_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Live days have a supplement all day: the same question again reads samples alone, until the next seal."""
    looked: list[Path] = []
    with_values = DayReader.with_values

    def counted(self: DayReader, name: str, values: list[str]) -> object:
        looked.append(self.path)
        return with_values(self, name, values)

    monkeypatch.setattr(DayReader, "with_values", counted)
    store = SampleStore(tmp_path, clock=ManualClock(NOW), retention_ms=30 * DAY, seal_when=SealWhen(samples=1))
    try:
        _seal(store, "a", NOW)
        assert [_asked(store) for _ in range(3)] == [["a"]] * 3
        assert len(looked) == 1
        _seal(store, "b", NOW)
        assert [_asked(store) for _ in range(3)] == [["a", "b"]] * 3
        assert looked == [looked[0]] * 2, "one file, asked again as it took more"
    finally:
        store.close()
