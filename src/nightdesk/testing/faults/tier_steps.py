"""Days of samples in numbered steps that are rolled up, merged into months, deleted from and removed as they age.

    python -m nightdesk.testing.faults.tier_steps FOLDER TOLD STEPS

writes steps to a sample store with tiers, a step two hours, and a line with the step's number to the file TOLD once it
is durable; now and then it deletes a series, and tells that by a line `deleted STEP`. Whoever knows how far it came
knows how many samples each hour has to tell of, whether they are there or gone.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from nightdesk.clock import Clock
from nightdesk.model.buckets import ONE_HOUR, BucketsWanted, Column
from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, MINUTE
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.store.tiers.tiers import Tiers
from nightdesk.store.unbounded import UNBOUNDED
from nightdesk.testing.faults.steps import HurriedClock

FIRST: Final = 20_114 * DAY
"""2025-01-26: the end of a month is near."""
STEP_MS: Final = 2 * HOUR
SERIES: Final = 6
RETENTION_MS: Final = 2 * DAY
KEEP: Final = KeepTiers(after=DAY, five_minutes=6 * DAY, one_hour=1_000 * DAY)
"""Samples go after two days, buckets of 5 m after six: then their month tells of them."""
_LATE_EVERY: Final = 9
_LATE_MS: Final = 36 * HOUR
_DELETES_EVERY: Final = 30
_DELETED: Final = b"deleted "

Cell = tuple[str, int]
"""A series and the end of an hour."""


def clock_at(step: int) -> HurriedClock:
    """Return a clock that stands at the end of a step."""
    return HurriedClock(FIRST + (step + 1) * STEP_MS)


def samples_of(step: int) -> list[tuple[str, int]]:
    """Return the series and instants of a step; each ninth also brings late ones, of days that are rolled up or gone.

    What is of a series that was deleted comes under a new name.
    """
    told = [(name, FIRST + step * STEP_MS + minute * MINUTE) for name in _names(step) for minute in range(1, 121, 7)]
    if step % _LATE_EVERY == 0 and step * STEP_MS > _LATE_MS:
        begin = FIRST + step * STEP_MS - _LATE_MS
        told += [(name, begin + minute * MINUTE + 30_000) for name in _names(step)[:3] for minute in range(0, 60, 5)]
    return told


def deleted_at(step: int) -> str | None:
    """Return the series that is deleted after a step; None for most steps."""
    return _names(step)[-1] if step % _DELETES_EVERY == _DELETES_EVERY - 1 else None


def _names(step: int) -> list[str]:
    return [*(f"s{number}" for number in range(SERIES - 1)), f"passing{step // _DELETES_EVERY}"]


def _value(time: int) -> float:
    """Return a whole number, so that sums are exact."""
    return float(time // MINUTE % 10_007)


@dataclass(frozen=True, slots=True)
class Truth:
    """How many samples each hour has to tell of, their sum, and how many it may tell of."""

    step: int
    counts: Counter[Cell]
    sums: Counter[Cell]
    may: Counter[Cell]
    """With what the next step would have written."""
    gone: frozenset[str]
    """Series of which it was told that they are deleted; of `leaving` it was not, and they may be there or not."""
    leaving: frozenset[str]

    @classmethod
    def of(cls, told: Iterable[bytes]) -> "Truth":
        """Return the truth after what a writer told."""
        lines = list(told)
        step = max((int(each) for each in lines if not each.startswith(_DELETED)), default=-1)
        gone = {deleted_at(int(each.removeprefix(_DELETED))) for each in lines if each.startswith(_DELETED)} - {None}
        leaving = {deleted_at(each) for each in range(step + 1)} - {None} - gone
        counts, sums, may = Counter[Cell](), Counter[Cell](), Counter[Cell]()
        for each in range(step + 2):
            for name, time in samples_of(each):
                cell = (name, -(-time // ONE_HOUR) * ONE_HOUR)
                may[cell] += 1
                if each <= step:
                    counts[cell] += 1
                    sums[cell] += int(_value(time))
        return cls(step, counts, sums, may, frozenset(map(str, gone)), frozenset(map(str, leaving)))

    def compare(self, tiers: Tiers) -> "Found":
        """Ask for every hour and compare."""
        found = Found(damaged=tiers.damaged)
        seen, sums = _told_by(tiers, clock_at(self.step + 2).now())
        for cell in seen.keys() | self.counts.keys():
            name, told = cell[0], seen[cell]
            if name in self.gone:
                found.returned += [cell] if told else []
            elif told > self.may[cell]:
                found.doubled.append(cell)
            elif told < self.counts[cell] and name not in self.leaving:
                found.lost.append(cell)
            elif told == self.counts[cell] and sums[cell] != self.sums[cell]:
                found.wrong.append(cell)
        return found


@dataclass(slots=True)
class Found:
    """What hours told beside what they should tell."""

    lost: list[Cell] = field(default_factory=list)
    doubled: list[Cell] = field(default_factory=list)
    wrong: list[Cell] = field(default_factory=list)
    returned: list[Cell] = field(default_factory=list)
    """What was deleted, and is there again."""
    damaged: int = 0

    @property
    def complaint(self) -> str:
        """Say what is not as it should be, nothing where all is."""
        parts = (("lost", self.lost), ("twice", self.doubled), ("wrong", self.wrong), ("back", self.returned))
        told = [f"{word} {len(cells)}: {sorted(cells)[:2]}" for word, cells in parts if cells]
        return ", ".join([*told, *([f"damaged {self.damaged}"] if self.damaged else [])])


def _told_by(tiers: Tiers, end: int) -> tuple[Counter[Cell], Counter[Cell]]:
    everything = (Matcher("name", MatchOp.REGEX, ".+"),)
    columns = frozenset({Column.COUNT, Column.SUM})
    counts, sums = Counter[Cell](), Counter[Cell]()
    for part in tiers.buckets(BucketsWanted(everything, FIRST - DAY, end, ONE_HOUR, columns), UNBOUNDED):
        held = np.asarray(part[Column.COUNT])
        for row, place in np.argwhere(held > 0).tolist():
            # The newest hours end as the question does, and those before midnight have a bucket of their own.
            cell = (part.labels[row].get("name"), -(-int(part.ends[place]) // ONE_HOUR) * ONE_HOUR)
            counts[cell] += int(held[row, place])
            sums[cell] += round(float(part[Column.SUM][row, place]))
    return counts, sums


def open_both(folder: Path, clock: Clock) -> tuple[SampleStore, Tiers]:
    """Open the store, which seals every few steps, and its tiers."""
    when = SealWhen(samples=4 * SERIES * 18, supplements=3)
    store = SampleStore(folder, clock=clock, retention_ms=RETENTION_MS, seal_when=when)
    try:
        tiers = Tiers(folder / "tiers", store, clock, KEEP)
    except BaseException:
        store.close()
        raise
    store.attach(tiers)
    return store, tiers


def write(folder: Path, told: Path, steps: int) -> None:
    """Write steps, each told once it is durable, with a little housekeeping after each."""
    with told.open("ab", buffering=0) as ledger:
        clock = clock_at(0)
        store, tiers = open_both(folder, clock)
        for step in range(steps):
            names, times = zip(*samples_of(step), strict=True)
            refs = [store.reference(Labels.of("m", name=name)) for name in names]
            values = [_value(time) for time in times]
            store.append(Batch(np.array(refs, dtype=np.int64), np.array(times, dtype=np.int64), np.array(values)))
            store.commit()
            ledger.write(b"%d\n" % step)
            name = deleted_at(step)
            if name is not None:
                selectors = [(Matcher("name", MatchOp.EQUAL, name),)]
                store.delete(selectors, MIN_INSTANT, MAX_INSTANT)
                tiers.delete(selectors, MIN_INSTANT, MAX_INSTANT)
                ledger.write(_DELETED + b"%d\n" % step)
            for _ in range(12):
                if not (store.maintain() | tiers.maintain()):
                    break
            clock.jump(STEP_MS / 1_000)
        tiers.close()
        store.close()


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
