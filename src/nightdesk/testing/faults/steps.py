"""A load of samples in numbered steps: whoever knows how far it came knows each sample that has to be there.

    python -m nightdesk.testing.faults.steps FOLDER TOLD FIRST STEPS [deaf] [wide]

writes steps to a sample store, and a line with the step's number to the file TOLD once it is durable; now and then it
deletes series, and tells that by a line `deleted STEP`. `deaf` makes our own syncs do nothing (those of SQLite go on):
a fault put in on purpose, for the test of the test. With `wide` seals take turns: where lives end and begin there are
more series than usual, and those are packed at once, as thousands are without it.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from nightdesk.clock import Clock
from nightdesk.model.instant import DAY, MAX_INSTANT, MIN_INSTANT, MINUTE, day_of
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock

FIRST: Final = 1_700_000_000_000
STEP_MS: Final = 10 * MINUTE
RETENTION_MS: Final = 2 * DAY
STEADY: Final = 20
PASSING: Final = 6
"""Series that are there for `PASSING_STEPS` steps, and are then followed by others."""
PASSING_STEPS: Final = 25
_CORRECTED_EVERY: Final = 7
_BACK: Final = 3
_DELETES_EVERY: Final = 40
_DELETED: Final = b"deleted "

Sample = tuple[Labels, int, float]


class HurriedClock(ManualClock):
    """Some milliseconds pass with each look, so that work in short steps is spread over many commits."""

    def boot(self) -> float:
        """Return boot time in seconds."""
        self._boot += 0.004
        return super().boot()


def time_of(step: int) -> HurriedClock:
    """Return a clock that stands at a step."""
    return HurriedClock(FIRST + step * STEP_MS)


def samples_of(step: int) -> Iterator[Sample]:
    """Yield the samples of a step; each seventh also corrects what the third before it said."""
    passing = [Labels.of("passing", life=str(step // PASSING_STEPS), sid=str(number)) for number in range(PASSING)]
    for labels in (*STEADY_LABELS, *passing):
        yield labels, FIRST + step * STEP_MS, _value(labels, step, 0)
    if step % _CORRECTED_EVERY == 0 and step >= _BACK:
        for labels in STEADY_LABELS:
            yield labels, FIRST + (step - _BACK) * STEP_MS, _value(labels, step - _BACK, step)


STEADY_LABELS: Final = tuple(Labels.of("steady", sid=f"{number:02d}") for number in range(STEADY))


def deleted_at(step: int) -> str | None:
    """Return which passing series, by their label `life`, are deleted after a step; None for most steps."""
    return str(step // PASSING_STEPS - 1) if step % _DELETES_EVERY == _DELETES_EVERY - 1 else None


def _value(labels: Labels, step: int, corrected_at: int) -> float:
    return step * 1_000.25 + int(labels.get("sid")) + corrected_at / 1_024


def _first_value(key: tuple[Labels, int]) -> float:
    """Return what a sample was before any correction."""
    return _value(key[0], (key[1] - FIRST) // STEP_MS, 0)


@dataclass(slots=True)
class Found:
    """What a store held beside what it should hold."""

    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    """What was deleted, and is there again."""
    damage: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether all is there and right, and nothing had to be set aside."""
        return not (self.lost or self.wrong or self.returned or self.damage)


@dataclass(frozen=True, slots=True)
class Truth:
    """The samples that have to be there, and the values each may have."""

    step: int
    """The last step that was told."""
    must: Mapping[tuple[Labels, int], float]
    may: Mapping[tuple[Labels, int], float]
    """What the next step would have written: it was offered, and nobody was told that it is durable."""
    gone: frozenset[str | None]
    """The lives of which it was told that they are deleted."""

    @classmethod
    def of(cls, told: Iterable[bytes]) -> "Truth":
        """Return the truth after what a writer told."""
        lines = list(told)
        deleted = frozenset(deleted_at(int(each.removeprefix(_DELETED))) for each in lines if each.startswith(_DELETED))
        return cls.after(max((int(each) for each in lines if not each.startswith(_DELETED)), default=-1), deleted)

    @classmethod
    def after(cls, step: int, gone: frozenset[str | None] = frozenset()) -> "Truth":
        """Return what steps 0 to `step` have written, -1 for none, of which `gone` was told as deleted.

        Days that retention may have taken need not be there, nor what somebody began to delete.
        """
        leaving = {deleted_at(each) for each in range(step + 1)} - {None}
        oldest = day_of(FIRST + (step + 2) * STEP_MS - RETENTION_MS) * DAY
        must = {
            (labels, time): value
            for each in range(step + 1)
            for labels, time, value in samples_of(each)
            if time >= oldest and labels.get("life") not in leaving
        }
        old = {(labels, time): value for each in range(step + 1) for labels, time, value in samples_of(each)}
        return cls(step, must, old | {(labels, time): value for labels, time, value in samples_of(step + 1)}, gone)

    def compare(self, store: SampleStore) -> Found:
        """Read all and compare. A sample with the value from before its correction counts as lost, not as wrong."""
        found = Found()
        seen: dict[tuple[Labels, int], float] = {}
        for matcher in (Matcher("__name__", MatchOp.EQUAL, name) for name in ("steady", "passing")):
            for series in store.select([matcher], MIN_INSTANT, MAX_INSTANT, FreeBudget()):
                seen.update(
                    ((series.labels, time), value)
                    for time, value in zip(series.times.tolist(), series.values.tolist(), strict=True)
                )
        for key, value in seen.items():
            if key[0].get("life") in self.gone:
                found.returned.append(f"{key[0]} was deleted")
            elif value == _first_value(key) and self.must.get(key, value) != value:
                found.lost.append(f"the correction of {key[0]} at {key[1]}")
            elif value not in (self.must.get(key), self.may.get(key)):
                found.wrong.append(f"{key[0]} at {key[1]} is {value}, not {self.must.get(key)}")
        found.lost += [f"{labels} at {time}" for labels, time in self.must.keys() - seen.keys()]
        found.damage = store.stats().damage
        return found


def open_store(folder: Path, clock: Clock, *, wide: bool = False) -> SampleStore:
    """Open a store that seals and compacts every few steps; `wide`: it packs seals with series of two lives."""
    when = SealWhen(samples=12 * (STEADY + PASSING), supplements=3)
    if wide:
        when = replace(when, many_series=STEADY + PASSING + 1)
    return SampleStore(folder, clock=clock, retention_ms=RETENTION_MS, seal_when=when)


def write(folder: Path, told: Path, first: int, steps: int, *, wide: bool = False) -> None:
    """Write steps `first` on, each told once it is durable, with a little housekeeping after each."""
    with told.open("ab", buffering=0) as ledger:
        clock = time_of(first)
        store = open_store(folder, clock, wide=wide)
        for step in range(first, first + steps):
            rows = list(samples_of(step))
            refs = np.array([store.reference(labels) for labels, _, _ in rows], dtype=np.int64)
            times = np.array([time for _, time, _ in rows], dtype=np.int64)
            store.append(Batch(refs, times, np.array([value for _, _, value in rows])))
            store.commit()
            ledger.write(b"%d\n" % step)
            life = deleted_at(step)
            if life is not None:
                store.delete([(Matcher("life", MatchOp.EQUAL, life),)], MIN_INSTANT, MAX_INSTANT)
                ledger.write(_DELETED + b"%d\n" % step)
            store.maintain()
            clock.jump(STEP_MS / 1_000)
        store.close()


def main(folder: str, told: str, first: str, steps: str, *how: str) -> None:
    """Write as the command line says."""
    if "deaf" in how:
        os.fsync = _deaf
    write(Path(folder), Path(told), int(first), int(steps), wide="wide" in how)


def _deaf(fd: object) -> None:
    """Do nothing."""


if __name__ == "__main__":
    main(*sys.argv[1:])
