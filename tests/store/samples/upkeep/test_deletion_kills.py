"""kill -9 during deletions: what was deleted never shows again, what came after it or was not meant is all there."""

import random
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from nightdesk.clock import SystemClock
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.store.samples.store import SampleStore
from nightdesk.testing.builders import FreeBudget, named

SERIES: Final = 24
GROUPS: Final = 4
ROWS: Final = 4_096
PACKED: Final = 8
"""So many series count as many: seals become packed files at once."""
EVERY: Final = 12
"""A deletion comes after so many steps, of one group in turn, and spares the first instants of each day."""
WRITER: Final = """
import sys
from pathlib import Path
import numpy as np
from nightdesk.clock import SystemClock
from nightdesk.model.instant import HOUR, MAX_INSTANT, YEAR
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.store.samples.store import SampleStore

folder, first, series, groups, every, many = sys.argv[1], *map(int, sys.argv[2:])
when = SealWhen(samples=20 * series, supplements=2, many_series=many)
store = SampleStore(Path(folder), clock=SystemClock(), retention_ms=100 * YEAR, seal_when=when)
names = [Labels.of("up", sid=str(number), group=str(number % groups)) for number in range(series)]
refs = np.array([store.reference(labels) for labels in names])
for step in range(first, first + 1_000_000):
    # The instants of six days come round again and again; the value says which round it was.
    store.append(Batch.at(refs, step % 144 * HOUR, np.full(series, float(step))))
    store.commit()
    print("wrote", step, flush=True)
    if step % every == 0:
        group = step // every % groups
        print("deleting", step, group, flush=True)
        store.delete([(Matcher("group", MatchOp.EQUAL, str(group)),)], 12 * HOUR, MAX_INSTANT // 4)
        print("deleted", step, group, flush=True)
    for _ in range(3):
        store.maintain()
"""


@dataclass
class Told:
    """What the writer said before it died."""

    wrote: int = -1
    deleted: dict[int, int] = field(default_factory=dict)
    """For each group the last step after which all of it was deleted."""
    begun: dict[int, int] = field(default_factory=dict)

    def hear(self, line: str) -> None:
        """Take a line; half a line tells nothing."""
        match line.split():
            case ["wrote", step]:
                self.wrote = int(step)
            case ["deleting", step, group]:
                self.begun[int(group)] = int(step)
            case ["deleted", step, group]:
                self.deleted[int(group)] = int(step)


def run_until_killed(folder: Path, told: Told, seconds: float, many: int) -> None:
    """Go on where the last acknowledged step was, and kill after about `seconds` of writing."""
    arguments = map(str, (folder, told.wrote + 1, SERIES, GROUPS, EVERY, many))
    with subprocess.Popen([sys.executable, "-c", WRITER, *arguments], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told.hear(writer.stdout.readline())
        until = SystemClock().boot() + seconds
        for line in writer.stdout:
            told.hear(line)
            if SystemClock().boot() >= until:
                break
        writer.kill()
        for line in writer.stdout.read().splitlines(keepends=True):
            if line.endswith("\n"):
                told.hear(line)


def check(folder: Path, told: Told) -> None:
    """Compare every sample with what must be there, and what must not."""
    store = SampleStore(folder, clock=SystemClock(), retention_ms=100 * YEAR)
    try:
        assert store.stats().damaged == 0
        answer = store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    finally:
        store.close()
    held = {
        (int(series.labels.get("sid")), time // 3_600_000): value
        for series in answer
        for time, value in zip(series.times.tolist(), series.values.tolist(), strict=True)
    }
    for sid in range(SERIES):
        group = sid % GROUPS
        gone, perhaps = told.deleted.get(group, -1), told.begun.get(group, -1)
        for slot in range(144):
            last = told.wrote - (told.wrote - slot) % 144
            found = held.get((sid, slot))
            if slot >= 12 and last <= gone:
                assert found is None or found > told.wrote, f"sample {found} was deleted after {gone}"
            elif last >= 0 and not (slot >= 12 and last <= perhaps):
                assert found is not None, f"{sid} at {slot} is lost: {last} of {told}"
                assert found in (last, told.wrote + 1)


def kill_often(folder: Path, cycles: int, many: int) -> None:
    """Kill, check, go on."""
    chance, told = random.Random(cycles), Told()
    for _ in range(cycles):
        run_until_killed(folder, told, chance.uniform(0.0, 0.4), many)
        check(folder, told)
    assert len(told.deleted) == GROUPS


@pytest.mark.parametrize("many", [ROWS, PACKED])
def test_no_deleted_sample_comes_back_over_kills(tmp_path: Path, many: int) -> None:
    """Kills fall into deletions, into the rewriting of days and into the notes of what is done."""
    kill_often(tmp_path, 8, many)


@pytest.mark.campaign
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("many", [ROWS, PACKED])
def test_no_deleted_sample_comes_back_over_two_hundred_kills(tmp_path: Path, many: int) -> None:
    """The long form."""
    kill_often(tmp_path, 200, many)
