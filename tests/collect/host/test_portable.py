"""The host by psutil, as other systems have it: the same names, and on this machine the same values."""

from pathlib import Path

import pytest

from nightdesk.collect.host import disks, kernel, memory, network, portable
from nightdesk.collect.host.cpu import CpuTimes
from nightdesk.collect.host.files import HostFiles, Point
from nightdesk.collect.host.filesystems import Filesystems
from nightdesk.collect.host.reader import Family


def _all(*families: Family) -> list[Point]:
    files = HostFiles()
    points = [point for family in families for point in family(files)]
    files.close()
    return points


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="there is no /proc to compare with")
def test_psutil_says_what_proc_says() -> None:
    """Every metric is one that Linux gives too; what does not move is equal, what moves is near."""
    ours = _all(
        portable.cpu, portable.loadavg, portable.memory, portable.netdev, portable.diskstats, portable.filesystems
    )
    filesystems = Filesystems(lambda: 0.0)
    proc = _all(CpuTimes(), kernel.stat, kernel.loadavg, memory.meminfo, network.netdev, disks.diskstats, filesystems)
    filesystems.close()
    assert {name for name, _, _ in ours} <= {name for name, _, _ in proc}
    assert len({(name, labels) for name, labels, _ in ours}) == len(ours)
    values = {(name, labels): value for name, labels, value in proc}
    still = ("node_memory_MemTotal_bytes", "node_memory_SwapTotal_bytes", "node_filesystem_size_bytes")
    compared = [
        (value, values[name, labels]) for name, labels, value in ours if name in still and (name, labels) in values
    ]
    assert len(compared) >= 2
    assert all(mine == theirs for mine, theirs in compared)
    idle = (("cpu", "0"), ("mode", "idle"))
    mine = next(value for name, labels, value in ours if (name, labels) == ("node_cpu_seconds_total", idle))
    assert mine == pytest.approx(values["node_cpu_seconds_total", idle], abs=5)
