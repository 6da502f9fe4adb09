"""What the desk acknowledged over remote write is there after kill -9, in the middle of seals and compactions too."""

import random
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from nightdesk.model.labels import Labels
from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.remote_write import WRITE_HEADERS, label_block, snappy, time_series

SERIES = 2_000
BLOCKS = [label_block(Labels.of("load", i=f"{i:04d}")) for i in range(SERIES)]
FIRST = 1_700_000_000_000


class Writer(threading.Thread):
    """Writes one instant of every series a second's worth at a time, and keeps the instants that were acknowledged."""

    def __init__(self, desk: DeskProcess, first: int) -> None:
        """Begin at step `first`; write until told to end or until the desk is gone."""
        super().__init__(name="writer", daemon=True)
        self.desk, self.step = desk, first
        self.acknowledged: list[int] = []
        self.over = threading.Event()

    def run(self) -> None:
        """Write, and remember each 204."""
        while not self.over.is_set():
            instant = FIRST + self.step * 1_000
            body = snappy(b"".join(time_series(block, [(instant, float(self.step))]) for block in BLOCKS))
            try:
                status, _ = self.desk.request("/api/v1/write", body, WRITE_HEADERS, seconds=10)
            except OSError:
                return
            if status == 204:
                self.acknowledged.append(self.step)
            self.step += 1


class Sealer(threading.Thread):
    """Seals and compacts again and again, so that kills fall into that too."""

    def __init__(self, desk: DeskProcess, pause: float) -> None:
        """Wait `pause` seconds between two seals; go on until told to end or until the desk is gone."""
        super().__init__(name="sealer", daemon=True)
        self.desk, self.pause, self.seals = desk, pause, 0
        self.over = threading.Event()

    def run(self) -> None:
        """Seal."""
        while not self.over.wait(self.pause):
            try:
                status, _ = self.desk.request("/-/seal", b"", {"Content-Type": "application/json"}, seconds=10)
            except OSError:
                return
            self.seals += status < 300


def kill_cycles(tmp_path: Path, cycles: int, dice: random.Random) -> tuple[int, list[float]]:
    """Kill while writing; check every acknowledged sample after each start; return their number and times to ready."""
    desk = DeskProcess(tmp_path, "--no-auth", "--no-collect", "--retention", "100y")
    acknowledged: list[int] = []
    ready, step, seals = [], 0, 0
    try:
        for _ in range(cycles):
            desk.start()
            ready.append(desk.ready_seconds)
            writer = Writer(desk, step)
            sealer = Sealer(desk, dice.uniform(0.05, 0.4))
            writer.start()
            sealer.start()
            time.sleep(dice.uniform(0.2, 1.5))  # the random moment is what is tried
            desk.kill()
            for thread in (writer, sealer):
                thread.over.set()
                thread.join(20)
            seals += sealer.seals
            step = writer.step + 1
            acknowledged += writer.acknowledged
        desk.start()
        ready.append(desk.ready_seconds)
        assert_all_there(desk, acknowledged, step)
        assert desk.request("/-/seal", b"", {"Content-Type": "application/json"})[0] < 300
        assert_all_there(desk, acknowledged, step)
    finally:
        desk.stop()
    assert seals > 0, "no seal ended before a kill"
    assert list(desk.data.rglob("*.damaged*")) == []
    assert_sound(desk.data)
    return len(acknowledged) * SERIES, ready


def assert_all_there(desk: DeskProcess, acknowledged: list[int], steps: int) -> None:
    """Each acknowledged instant answers with every series, at the value that was written."""
    window = f"{steps + 1}s"
    end = str(FIRST // 1000 + steps)
    counts = {
        item["metric"]["i"]: float(item["value"][1])
        for item in desk.query(f"count_over_time(load[{window}])", time=end)
    }
    assert len(counts) == (SERIES if acknowledged else 0)
    assert min(counts.values()) >= len(acknowledged)
    for i in (0, SERIES // 2, SERIES - 1):
        (series,) = desk.query(f'load{{i="{i:04d}"}}[{window}]', time=end)
        held = {round(instant): float(value) for instant, value in series["values"]}
        missing = [step for step in acknowledged if held.get(FIRST // 1000 + step) != float(step)]
        assert missing == []


def assert_sound(data: Path) -> None:
    """Every SQLite file of the folder passes its own check."""
    files = [path for path in data.rglob("*.db") if path.is_file()]
    assert files
    for path in files:
        connection = sqlite3.connect(path)
        try:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], path
        finally:
            connection.close()


def test_kills_lose_no_acknowledged_sample(tmp_path: Path) -> None:
    """Five kills under load: every sample answered with 204 is there, and the files are sound."""
    samples, _ = kill_cycles(tmp_path, 5, random.Random(3))
    assert samples > 0


@pytest.mark.campaign
@pytest.mark.timeout(3_600)
def test_two_hundred_kills_lose_no_acknowledged_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The long form: two hundred kills, the figures printed."""
    samples, ready = kill_cycles(tmp_path, 200, random.Random(4))
    with capsys.disabled():
        print(  # noqa: T201 - a campaign tells its figures
            f"\n200 kills: {samples} samples acknowledged, 0 lost, ready again: "
            f"median {sorted(ready)[len(ready) // 2]:.2f} s, slowest {max(ready):.2f} s"
        )
