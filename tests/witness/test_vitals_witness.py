"""The host's three vitals of a real desk beside what /proc and df say at the same time."""

import math
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightdesk.app.measuring.filesystems import NONE_REAL
from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.load import busy_cores
from nightdesk.testing.servers.services import require_program

LEFT_OUT = ("tmpfs", "ramfs", "devtmpfs", "overlay", "squashfs", "iso9660", "erofs")
WINDOW = 8


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """Run one desk for this file."""
    with DeskProcess(tmp_path_factory.mktemp("vitals")) as running:
        wait_until(lambda: running.query("disk_usage or memory_usage"), 20, "the first vitals")
        yield running


def vital(desk: DeskProcess, name: str) -> dict[str, Any]:
    """Return one vital as the API has it."""
    found: dict[str, Any] = next(each for each in desk.json("/api/desk/vitals")["vitals"] if each["name"] == name)
    return found


def ticks() -> tuple[int, int]:
    """Return idle and all ticks of all cores, from the first line of /proc/stat; guest time is in user already."""
    words = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return words[3] + words[4], sum(words)


@pytest.mark.parametrize("cores", [0, 1])
def test_cpu_is_the_kernels(desk: DeskProcess, cores: int) -> None:
    """Idle or with a busy core, the mean over some seconds is that of /proc/stat over the same seconds."""
    with busy_cores(cores):
        idle, total = ticks()
        until = time.monotonic() + WINDOW
        wait_until(lambda: time.monotonic() >= until, WINDOW + 5, "the window to pass")
        more_idle, more_total = ticks()
        (series,) = desk.query(f"avg_over_time(cpu_usage[{WINDOW}s])")
    truth = 100 * (1 - (more_idle - idle) / (more_total - total))
    # The desk's window ends up to a second earlier.
    assert float(series["value"][1]) == pytest.approx(truth, abs=100 / WINDOW + 2)


def test_memory_is_the_kernels(desk: DeskProcess) -> None:
    """Total less available, in percent, within what changes in a second."""

    def agrees() -> bool:
        lines = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
        sizes = {words[0]: int(words[1]) for words in lines}
        truth = 100 * (1 - sizes["MemAvailable:"] / sizes["MemTotal:"])
        return abs(float(vital(desk, "memory_usage")["value"]) - truth) < 1.0

    wait_until(agrees, 20, "memory_usage to be that of /proc/meminfo")


def test_disks_are_those_of_df(desk: DeskProcess) -> None:
    """Each filesystem that is judged has df's percentage, the vital is the fullest, and the others are listed."""
    disk = vital(desk, "disk_usage")
    listed = {each["mountpoint"]: each["reason"] for each in desk.json("/api/desk/filesystems")["left_out"]}
    command = [require_program("df"), "--local", "--output=target,fstype,pcent"]
    table = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20).stdout.splitlines()[1:]
    theirs = {row[0]: (row[1], int(row[2].rstrip("%"))) for row in (line.split() for line in table) if row[2] != "-"}
    ours = {part["labels"]["mountpoint"]: part["value"] for part in disk["parts"]}
    if disk["value"] is None:  # a container, of which every filesystem is an overlay or in memory
        assert (disk["reason"], ours) == (NONE_REAL, {})
    for point, value in ours.items():
        if point in theirs:
            assert math.ceil(value) == pytest.approx(theirs[point][1], abs=1)
    assert disk["value"] == (pytest.approx(max(ours.values()), abs=0.5) if ours else None)
    assert [point for point in theirs if point not in ours and point not in listed] == []
    assert all(theirs[point][0] not in LEFT_OUT for point in ours if point in theirs)
