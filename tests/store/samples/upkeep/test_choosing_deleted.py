"""Which series a deletion is about is found out while others append, and within a bound of time."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import QueryTimeout
from nightdesk.model.instant import DAY
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store.samples.store import SampleStore
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock

NOW = 1_700_000_000_000
SELECTOR = (Matcher("id", MatchOp.REGEX, "(((.{1,100}){1,10}){1,1})[0-9]"),)


class LookedAt(ManualClock):
    """Calls `at_look` whenever it is asked for the time since the start."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.at_look: Callable[[], None] | None = None

    def boot(self) -> float:
        """Call, and tell the time."""
        if self.at_look is not None:
            self.at_look()
        return super().boot()


def opened(folder: Path, clock: ManualClock) -> SampleStore:
    """Open a store that keeps everything."""
    return SampleStore(folder, clock=clock, retention_ms=400 * DAY)


def append(store: SampleStore, first: int, count: int, at: int) -> None:
    """Append and commit a sample for each of some series."""
    refs = np.array([store.reference(Labels.of("m", id=f"v{each:04d}")) for each in range(first, first + count)])
    store.append(Batch(refs, np.full(count, at), np.ones(count)))
    store.commit()


def ids(store: SampleStore) -> list[str]:
    """Return whose samples a read shows."""
    return [series.labels.get("id") for series in store.select(named("m"), NOW - DAY, NOW + DAY, FreeBudget())]


def test_choosing_has_a_deadline_and_leaves_all_as_it_was(tmp_path: Path) -> None:
    """A regular expression over many values is given up after five seconds: nothing is deleted, nor noted."""
    clock = LookedAt()
    store = opened(tmp_path / "samples", clock)
    append(store, 0, 200, NOW)
    clock.at_look = lambda: clock._pass(0.2)
    with pytest.raises(QueryTimeout, match=r"took longer than 5 s, and nothing was deleted: name them by simpler"):
        store.delete([SELECTOR], NOW - DAY, NOW + DAY)
    clock.at_look = None
    assert len(ids(store)) == 200
    assert store.deletions_pending == 0
    append(store, 200, 1, NOW)
    assert len(ids(store)) == 201
    store.close()


def test_others_append_while_series_are_chosen(tmp_path: Path) -> None:
    """What comes meanwhile goes too, of series old and new, and comes back with no restart; what comes after stays."""
    clock = LookedAt()
    store = opened(tmp_path / "samples", clock)
    append(store, 0, 200, NOW)
    ended: list[bool] = []
    looks = iter(range(3))

    def appended_meanwhile() -> None:
        if next(looks, None) is not None:
            return  # the deadline begins, the matcher, the values of its label, which are listed by then
        clock.at_look = None
        thread = threading.Thread(target=append, args=(store, 150, 100, NOW + 1_000), daemon=True)
        thread.start()
        thread.join(10)
        ended.append(not thread.is_alive())

    clock.at_look = appended_meanwhile
    store.delete([SELECTOR], NOW - DAY, NOW + DAY)
    assert ended == [True]
    assert ids(store) == []
    append(store, 240, 20, NOW + 2_000)
    for _ in range(2):
        assert ids(store) == [f"v{each:04d}" for each in range(240, 260)]
        store.close()
        store = opened(tmp_path / "samples", clock)
    store.close()
