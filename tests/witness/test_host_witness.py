"""The host collector against the real node_exporter on this machine: same names, same labels, same values."""

import asyncio
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightdesk.collect.host import collector as host_collector
from nightdesk.collect.host.collector import HostCollector
from nightdesk.collect.intake.exposition import parse
from nightdesk.model.labels import Labels
from nightdesk.testing.servers.services import require_program

pytestmark = pytest.mark.peer

LACKED = re.compile(
    r"node_(exporter_build_info|textfile_scrape_error|scrape_collector_.*"  # about node_exporter itself
    r"|disk_info|os_info|os_version|selinux_.*|dmi_.*|time_clocksource_.*|time_zone_offset_seconds|udp_queues"
    r"|network_(address_assign_type|device_id|flags|name_assign_type|net_dev_group|receive_nohandler_total|speed_bytes)"
    r"|nf_conntrack_stat_.*|schedstat_.*|cpu_(frequency|scaling|core_throttles|package_throttles|info).*"
    r"|edac_.*|nfs_.*|nfsd_.*|xfs_.*|btrfs_.*|zfs_.*|md_.*|bonding_.*|infiniband_.*|ipvs_.*|rapl_.*|power_supply_.*"
    r"|fibrechannel_.*|tape_.*|nvme_.*|os_.*|memory_NFS_Unstable_bytes)"
)
"""What node_exporter has and we do not yet; a name that is neither here nor ours fails the test."""
CHOSEN_OTHERWISE = re.compile(r"/(run|mnt|media)(/|$)")
"""Debian's node_exporter leaves these mount points out; the original takes them, and so do we."""


@pytest.fixture(scope="module")
def exporter() -> Iterator[str]:
    """Run node_exporter on a free port; yield its URL."""
    program = require_program("prometheus-node-exporter", "node_exporter")
    process = subprocess.Popen(
        [program, "--web.listen-address=127.0.0.1:0", "--collector.tcpstat"], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            found = re.search(r"address=127\.0\.0\.1:(\d+)", line)
            if found:
                yield f"http://127.0.0.1:{found[1]}/metrics"
                return
        pytest.fail("node_exporter ended without an address")
    finally:
        process.terminate()
        process.wait(10)
        if process.stderr is not None:
            process.stderr.close()


def _theirs(url: str) -> dict[Labels, float]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        readings = parse(answer.read())
    pairs = zip(readings.labels, readings.values.tolist(), strict=True)
    return {labels: value for labels, value in pairs if labels.name.startswith("node_")}


def _ours() -> dict[Labels, float]:
    async def collect() -> dict[Labels, float]:
        collector = HostCollector(1.0)
        readings = await collector.collect(time.time_ns() // 1_000_000)
        collector.close()
        labels = (each.without(["job", "instance"]) for each in readings.labels)
        return dict(zip(labels, readings.values.tolist(), strict=True))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(host_collector, "SLOW_PATIENCE_SECONDS", 60.0)  # a busy machine may need more than usual
        return asyncio.run(collect())


@pytest.fixture(scope="module")
def both(exporter: str) -> tuple[dict[Labels, float], dict[Labels, float], dict[Labels, float]]:
    """Return theirs before, ours, theirs after."""
    return _theirs(exporter), _ours(), _theirs(exporter)


def test_there_are_a_hundred_series(both: tuple[dict[Labels, float], ...]) -> None:
    """Without any configuration at least a hundred `node_*` series come at once."""
    assert sum(labels.name.startswith("node_") for labels in both[1]) >= 100


def test_every_name_is_theirs_or_listed(both: tuple[dict[Labels, float], ...]) -> None:
    """Each metric of node_exporter is ours too, or stands in the list of what we lack."""
    theirs, ours = ({labels.name for labels in each} for each in both[:2])
    assert sorted(name for name in theirs - ours if not LACKED.fullmatch(name)) == []


def test_no_name_is_made_up(both: tuple[dict[Labels, float], ...]) -> None:
    """What we have beyond this release of node_exporter are fields that later ones have."""
    theirs, ours = ({labels.name for labels in each} for each in both[:2])
    assert ours - theirs <= {
        "node_netstat_TcpExt_TCPOFOQueue",
        "node_netstat_TcpExt_TCPRcvQDrop",
        "node_filefd_maximum",
    }


def test_series_have_the_same_labels(both: tuple[dict[Labels, float], ...]) -> None:
    """For each metric both have, the sets of labels are the same."""
    theirs, ours, _ = both
    names = {labels.name for labels in theirs} & {labels.name for labels in ours}
    about_itself = "node_scrape_collector_"
    mine = {each for each in ours if each.name in names and not each.name.startswith(about_itself)}
    others = {each for each in theirs if each.name in names and not each.name.startswith(about_itself)}
    differing = {each for each in mine ^ others if not CHOSEN_OTHERWISE.match(each.get("mountpoint"))}
    # Every TCP state is said by us, only those in use by them; and connections come and go.
    assert sorted(each for each in differing if each.name != "node_tcp_connection_states") == []


def test_values_agree(both: tuple[dict[Labels, float], ...], exporter: str) -> None:
    """What did not change between two looks of theirs is equal; what did lies between them, give or take a little.

    A series that a busy machine moves there and back in between agrees in one of three looks.
    """
    wrong = disagreeing(*both)
    for _ in range(2):
        if wrong:
            again = disagreeing(_theirs(exporter), _ours(), _theirs(exporter))
            wrong = {labels: again[labels] for labels in wrong.keys() & again.keys()}
    assert wrong == {}


def disagreeing(
    before: dict[Labels, float], ours: dict[Labels, float], after: dict[Labels, float]
) -> dict[Labels, str]:
    """Return how each series lies that is not where their two looks have it."""
    wrong = {}
    for labels in before.keys() & ours.keys() & after.keys():
        if labels.name.startswith("node_scrape_collector_") or labels.name == "node_time_seconds":
            continue
        low, high = sorted((before[labels], after[labels]))
        slack = 0.02 * abs(high) + 2 * (high - low) + _slack(labels)
        if not low - slack <= ours[labels] <= high + slack:
            wrong[labels] = f"{low} .. {high}, ours {ours[labels]}"
    return wrong


_RESTLESS = ("node_vmstat_", "node_netstat_", "node_sockstat_", "node_intr", "node_context")


def _slack(labels: Labels) -> float:
    """Return how far a value may move on a busy machine within the moment between the looks."""
    if labels.name.endswith("_bytes"):
        return 64e6
    if labels.name.startswith(("node_cpu_", "node_disk_", "node_pressure_", "node_load")):
        return 2.0
    return 500.0 if labels.name.startswith(_RESTLESS) else 20.0


def test_the_important_values_are_the_kernels() -> None:
    """Total memory and boot time are what the kernel says, to the last digit."""
    ours = _ours()
    total = int(Path("/proc/meminfo").read_text(encoding="ascii").split()[1]) * 1024
    assert ours[Labels.of("node_memory_MemTotal_bytes")] == total
    assert 0 < ours[Labels.of("node_memory_MemAvailable_bytes")] < total
    assert abs(ours[Labels.of("node_time_seconds")] - time.time()) < 10
