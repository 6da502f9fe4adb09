"""A desk is ready at once, however much its folder holds: nothing of the day files is read at the start."""

import os
from pathlib import Path

import numpy as np
import pytest

from nightdesk.clock import SystemClock
from nightdesk.model.instant import DAY, MINUTE, YEAR
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.store import SampleStore
from nightdesk.testing.desk import DeskProcess

MOST_MORE_SECONDS = 0.15
"""Of CPU, beside a desk with an empty folder."""
MOST_SECONDS = 1.0
"""Of CPU until a desk is ready, in the best of five starts: the promise, whoever else loads the machine."""
SAMPLES = 4


def fill(folder: Path, series: int, days: int) -> None:
    """Make a folder with one chunk of each series in each day."""
    clock = SystemClock()
    store = SampleStore(folder, clock=clock, retention_ms=100 * YEAR)
    labels = [Labels.of("held", job=f"job{each % 20}", sid=f"{each:06d}") for each in range(series)]
    today = clock.now() // DAY * DAY
    for day in range(1, days + 1):
        refs = np.array([store.reference(each) for each in labels], dtype=np.int64)
        for sample in range(SAMPLES):
            values = np.arange(series, dtype=np.float64) * (sample + 1) + day
            store.append(Batch.at(refs, today - day * DAY + sample * MINUTE, values))
        store.commit()
        if day % 10 == 0:
            store.seal()
    store.seal()
    store.close()


def cpu_seconds(desk: DeskProcess) -> float:
    """Return the CPU time that a desk has used."""
    fields = Path(f"/proc/{desk.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(folder: Path) -> tuple[float, float]:
    """Return wall and CPU seconds from the start of the process to its first 200."""
    with DeskProcess(folder, "--no-auth", "--no-collect", "--retention", "100y") as desk:
        return desk.ready_seconds, cpu_seconds(desk)


def more_than_empty(tmp_path: Path, series: int, days: int, starts: int) -> tuple[float, float, float]:
    """Return wall and CPU seconds beside a filled folder, and CPU beside an empty one: the least of starts in turn."""
    for name in ("empty", "filled"):
        (tmp_path / name).mkdir()
    fill(tmp_path / "filled" / "data" / "samples", series, days)
    pairs = [(start(tmp_path / "empty"), start(tmp_path / "filled")) for _ in range(starts)]
    wall, filled = (min(figures) for figures in zip(*(beside for _, beside in pairs), strict=True))
    return wall, filled, min(cpu for (_, cpu), _ in pairs)


def test_day_files_cost_a_start_nothing(tmp_path: Path) -> None:
    """Ten days beside none."""
    _, filled, empty = more_than_empty(tmp_path, 200, 10, 4)
    assert filled - empty <= 2 * MOST_MORE_SECONDS  # beside all the other tests


@pytest.mark.campaign
@pytest.mark.timeout(1_800)
def test_ready_beside_a_million_chunks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The long form: 10,000 series in each of 100 days."""
    wall, filled, empty = more_than_empty(tmp_path, 10_000, 100, 5)
    with capsys.disabled():
        print(  # noqa: T201 - a campaign's figures
            f"\nready beside 1,000,000 chunks after {wall:.2f} s ({filled:.2f} s of CPU; {empty:.2f} s beside none)"
        )
    assert filled <= MOST_SECONDS
    assert filled - empty <= MOST_MORE_SECONDS
