"""Kill -9 of a process that builds tiers and carries deletions out, at any moment: nothing half made is believed."""

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR, BucketsWanted, Column
from nightdesk.model.instant import DAY, HOUR
from nightdesk.model.labels import Matcher, MatchOp
from nightdesk.store.unbounded import UNBOUNDED
from nightdesk.testing.tiered import EVERYTHING, START, TieredLake

DAYS = 5
FIRST, LAST = START + DAY, START + 2 * DAY - 1
"""A whole day, so that no bucket beyond an edge is concerned."""
GONE = (Matcher("i", MatchOp.EQUAL, "2"),)
_BUILDER = """
import sys
from pathlib import Path
from nightdesk.testing.tiered import START, TieredLake
lake = TieredLake(Path(sys.argv[1]))
lake.go_to(START + int(sys.argv[2]))
print("on", flush=True)
lake.tiers.build()
lake.tiers.clean_tombstones()
lake.close()
"""


def _killed_builder(path: Path, after: float) -> bool:
    """Let another process build, and kill it so many seconds after it began; tell whether it was still at it."""
    child = subprocess.Popen([sys.executable, "-c", _BUILDER, str(path), str(60 * DAY)], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"on\n"
        child.wait(timeout=after)
    except subprocess.TimeoutExpired:
        return True
    finally:
        child.kill()
        child.communicate()
    assert child.returncode == 0
    return False


@pytest.mark.parametrize(
    ("seed", "rounds"), [(1, 5), pytest.param(2, 100, marks=pytest.mark.campaign)], ids=["short", "long"]
)
def test_a_killed_builder_leaves_what_a_restart_goes_on_from(tmp_path: Path, seed: int, rounds: int) -> None:
    """After each kill the answers are those of the samples, what was deleted stays hidden, and building goes on."""
    lake = TieredLake(tmp_path)
    lake.fill(DAYS)
    lake.go_to(START + 60 * DAY)
    lake.tiers.build()
    rng, killed = random.Random(seed), 0
    for number in range(rounds):
        first = START + rng.randrange(DAYS) * DAY + number * 977
        lake.put(np.arange(first, first + 2 * HOUR, 61_000, dtype=np.int64), 1_000 + number, series=2)
        if number == 1:
            _delete_a_day_of_a_series(lake)
        lake.close()
        killed += _killed_builder(tmp_path, rng.uniform(0.0, 0.25))
        lake = TieredLake(tmp_path, memory=lake.memory)
        lake.go_to(START + 60 * DAY)
        lake.assert_agree(FIVE_MINUTES, START + DAYS * DAY)
        lake.assert_agree(ONE_HOUR, START + DAYS * DAY)
        assert _series_of_the_day(lake) == ({"0", "1"} if number >= 1 else {"0", "1", "2"})
    assert killed
    lake.tiers.build()
    lake.tiers.clean_tombstones()
    assert not list((tmp_path / "tiers").glob("*/*.part"))
    lake.assert_agree(ONE_HOUR, START + DAYS * DAY)
    lake.close()


def _delete_a_day_of_a_series(lake: TieredLake) -> None:
    for kept in (lake.store, lake.tiers, lake.memory):
        kept.delete([GONE], FIRST, LAST)


def _series_of_the_day(lake: TieredLake) -> set[str]:
    wanted = BucketsWanted(EVERYTHING, FIRST, LAST, FIVE_MINUTES, frozenset({Column.COUNT}))
    return {
        labels.get("i")
        for told in lake.tiers.buckets(wanted, UNBOUNDED)
        for labels, counts in zip(told.labels, np.asarray(told[Column.COUNT]), strict=True)
        if counts.any()
    }
