"""Days on end on a simulated clock: bytes, classes and deletions keep the disk under its quota, at every step."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, MINUTE, day_of
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.store.samples.upkeep.retention import Retention, RetentionClass
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock

START: Final = 1_700_000_000_000 // DAY * DAY
RETENTION_MS: Final = 60 * DAY
SIM: Final = (Matcher("job", MatchOp.EQUAL, "sim"),)
SIM_KEPT_MS: Final = 2 * DAY
MIB: Final = 2**20


@dataclass(frozen=True)
class Load:
    """How much, how long."""

    days: int
    series: int
    interval_ms: int
    quota: int


@dataclass
class Seen:
    """What the disk came to."""

    peak: int = 0
    after_a_day: list[int] = field(default_factory=list)
    longest_log: int = 0


class Desk:
    """A store under load, looked at after every step of its housekeeping."""

    def __init__(self, folder: Path, load: Load) -> None:
        self.folder, self.load, self.seen = folder, load, Seen()
        self.clock = ManualClock(START)
        self.store = SampleStore(
            folder,
            clock=self.clock,
            retention_ms=RETENTION_MS,
            retention=Retention(load.quota, (RetentionClass(SIM, SIM_KEPT_MS),)),
            seal_when=SealWhen(journal_bytes=load.quota // 16, seconds=4 * 3_600.0),
        )
        jobs = ["sim" if number % 4 == 0 else "live" for number in range(load.series)]
        names = [Labels.of("price", job=job, sid=str(number), day="any") for number, job in enumerate(jobs)]
        self.refs = np.array([self.store.reference(labels) for labels in names])
        self.chance = np.random.default_rng(1)

    def live_through(self, day: int) -> None:
        """Let one day pass, writing all of it, and delete something on some days."""
        for _ in range(DAY // self.load.interval_ms):
            self.clock.jump(self.load.interval_ms / 1_000)
            # Values that nothing can compress: what is tried here is the size, not the packing.
            self.store.append(Batch.at(self.refs, self.clock.now(), self.chance.random(len(self.refs))))
            self.store.commit()
            self.keep_house(steps=2)
        if day % 3 == 2:
            chosen = (Matcher("sid", MatchOp.REGEX, f".*{day % 10}"),)
            self.store.delete([chosen], self.clock.now() - 5 * DAY, self.clock.now() - 3 * HOUR)
        self.keep_house(steps=100_000)
        self.seen.after_a_day.append(self.look())

    def keep_house(self, steps: int) -> None:
        """Do up to so many steps, and look at the disk after each."""
        for _ in range(steps):
            more = self.store.maintain()
            self.look()
            if not more:
                return

    def look(self) -> int:
        """Return what samples take on the disk, all files counted, and remember the most."""
        sizes = {path: path.stat().st_size for path in self.files()}
        total = sum(sizes.values())
        self.seen.peak = max(self.seen.peak, total)
        logs = [size for path, size in sizes.items() if path.name.endswith("-wal")]
        self.seen.longest_log = max([self.seen.longest_log, *logs])
        return total

    def files(self) -> Iterator[Path]:
        """Yield every file of the store but SQLite's shared memory, which is none on the disk."""
        return (path for path in self.folder.rglob("*") if path.is_file() and not path.name.endswith("-shm"))

    def held(self, matcher: Matcher) -> set[int]:
        """Return the days of which samples are there."""
        answer = self.store.select([matcher], MIN_INSTANT, MAX_INSTANT, FreeBudget())
        return {int(day) for series in answer for day in np.unique(series.times // DAY)}


def live_and_look(folder: Path, load: Load) -> None:
    """Let all days pass, and hold the disk, what is kept and what is gone against what was promised."""
    desk = Desk(folder, load)
    for day in range(load.days):
        desk.live_through(day)
    today, stats = day_of(desk.clock.now()), desk.store.stats()
    assert max(desk.seen.after_a_day) <= 1.05 * load.quota
    assert desk.seen.peak <= 1.05 * load.quota
    assert desk.seen.longest_log <= 64 * MIB
    assert stats.damaged == 0
    assert stats.failed_housekeeping == 0
    assert stats.days_removed["bytes"] > 0, "the quota was never reached: the load is too small to try it"
    assert desk.seen.after_a_day[-1] >= 0.5 * load.quota, "far more was removed than the quota asks for"
    assert min(desk.held(Matcher("job", MatchOp.EQUAL, "sim"))) >= today - 1 - SIM_KEPT_MS // DAY
    live = desk.held(Matcher("job", MatchOp.EQUAL, "live"))
    assert live == set(range(min(live), max(live) + 1)), "a day in the middle is gone"
    assert stats.deletions_pending == 0
    desk.store.close()


def test_ten_days_stay_under_their_quota(tmp_path: Path) -> None:
    """Retention by bytes and by class with deletions going on, after every step of housekeeping."""
    live_and_look(tmp_path, Load(days=10, series=2_000, interval_ms=20 * MINUTE, quota=12 * MIB))


@pytest.mark.campaign
@pytest.mark.timeout(3_600)
def test_ninety_days_stay_under_their_quota(tmp_path: Path) -> None:
    """The long form: 2,000 series a minute."""
    live_and_look(tmp_path, Load(days=90, series=2_000, interval_ms=MINUTE, quota=600 * MIB))
