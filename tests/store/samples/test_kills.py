"""kill -9 at any moment: what was acknowledged is there, in every bit, and the files are sound."""

import random
import subprocess
import sys
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from nightdesk.clock import SystemClock
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.sqlite import damage_of
from nightdesk.testing.builders import FreeBudget, named

SERIES: Final = 200
ROWS: Final = 4_096
PACKED: Final = 150
"""So many series count as many: seals, and what is cut from them at midnight, become packed files at once."""
WRITER = """
import sys
from pathlib import Path
import numpy as np
from nightdesk.clock import SystemClock
from nightdesk.model.instant import YEAR
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.store.samples.store import SampleStore

first, series, many = map(int, sys.argv[2:])
when = SealWhen(samples=20 * series, supplements=2, many_series=many)
store = SampleStore(Path(sys.argv[1]), clock=SystemClock(), retention_ms=100 * YEAR, seal_when=when)
refs = np.array([store.reference(Labels.of("up", sid=str(number))) for number in range(series)])
for step in range(first, first + 1_000_000):
    store.append(Batch.at(refs, step * 60_000, np.arange(series) + float(step)))
    # Pods come and go: compaction copies those that one packed file alone has.
    passing = [store.reference(Labels.of("pod", life=str(step // 15), sid=str(number))) for number in range(40)]
    store.append(Batch.at(np.array(passing), step * 60_000, np.arange(40) + float(step)))
    store.commit()
    print(step, flush=True)
    store.maintain()
"""


def run_until_killed(folder: Path, first: int, seconds: float, many: int) -> int:
    """Write from step `first` on, kill after about `seconds` of writing, return the last step acknowledged."""
    arguments = map(str, (folder, first, SERIES, many))
    with subprocess.Popen([sys.executable, "-c", WRITER, *arguments], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        last = int(writer.stdout.readline())
        until = SystemClock().boot() + seconds
        for line in writer.stdout:
            last = int(line)
            if SystemClock().boot() >= until:
                break
        writer.kill()
        # What it still wrote to the pipe before it died was acknowledged too.
        return max([last, *map(int, writer.stdout.read().split())])


def check(folder: Path, last: int) -> None:
    """Open the folder and compare every sample up to the last acknowledged step."""
    store = SampleStore(folder, clock=SystemClock(), retention_ms=100 * YEAR)
    try:
        assert store.stats().damaged == 0
        found = store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
        assert len(found) == SERIES
        for series in found:
            steps = series.times // 60_000
            # One more may be there: committed, and killed before it was told.
            assert len(steps) - 1 in (last, last + 1), "an acknowledged sample is lost"
            assert (steps == np.arange(len(steps))).all()
            assert (series.values == steps + int(series.labels.get("sid"))).all()
        pods = store.select(named("pod"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
        assert sum(len(series.times) for series in pods) in (40 * (last + 1), 40 * (last + 2))
        for series in pods:
            steps = series.times // 60_000
            assert (steps // 15 == int(series.labels.get("life"))).all()
            assert (series.values == steps + int(series.labels.get("sid"))).all()
    finally:
        store.close()
    for file in folder.rglob("*.db"):
        assert damage_of(file) == []


def kill_often(folder: Path, cycles: int, many: int) -> None:
    """Kill, check and go on where the last acknowledged step was."""
    chance = random.Random(cycles)
    first = 0
    for _ in range(cycles):
        last = run_until_killed(folder, first, chance.uniform(0.0, 0.3), many)
        check(folder, last)
        first = last + 1


@pytest.mark.parametrize("many", [ROWS, PACKED])
def test_nothing_acknowledged_is_lost_over_kills(tmp_path: Path, many: int) -> None:
    """Kills fall into commits, seals and compactions of many days."""
    kill_often(tmp_path, 8, many)


@pytest.mark.campaign
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("many", [ROWS, PACKED])
def test_nothing_acknowledged_is_lost_over_two_hundred_kills(tmp_path: Path, many: int) -> None:
    """The long form."""
    kill_often(tmp_path, 200, many)
