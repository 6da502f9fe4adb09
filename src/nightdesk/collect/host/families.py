"""The table of families: what is read each time, and what is read less often because it may be slow."""

import sys
from collections.abc import Mapping

from nightdesk.collect.host import disks, interfaces, kernel, memory, network, sensors, sockets
from nightdesk.collect.host.cpu import CpuTimes
from nightdesk.collect.host.filesystems import Filesystems
from nightdesk.collect.host.reader import Family
from nightdesk.collect.host.tcp_states import tcp_states
from nightdesk.collect.host.timex import timex


def quick() -> Mapping[str, Family]:
    """Return the families that the kernel answers from memory, at once."""
    if sys.platform != "linux":
        from nightdesk.collect.host import portable  # psutil costs 8 ms and 2 MB that Linux can do without

        return {
            "cpu": portable.cpu,
            "loadavg": portable.loadavg,
            "meminfo": portable.memory,
            "netdev": portable.netdev,
            "diskstats": portable.diskstats,
        }
    return {
        "cpu": CpuTimes(),
        "stat": kernel.stat,
        "loadavg": kernel.loadavg,
        "meminfo": memory.meminfo,
        "vmstat": memory.vmstat,
        "pressure": memory.pressure,
        "diskstats": disks.diskstats,
        "netdev": network.netdev,
        "netstat": network.netstat,
        "sockstat": sockets.sockstat,
        "softnet": network.softnet,
        "filefd": kernel.filefd,
        "entropy": kernel.entropy,
        "conntrack": network.conntrack,
    }


def slow(filesystems: Filesystems) -> Mapping[str, Family]:
    """Return the families that may wait for a device, or that grow with the number of connections."""
    if sys.platform != "linux":
        from nightdesk.collect.host import portable

        return {"filesystem": portable.filesystems}
    return {
        "uname": kernel.uname,
        "timex": timex,
        "filesystem": filesystems,
        "netclass": interfaces.interfaces,
        "arp": network.arp,
        "tcpstat": tcp_states,
        "hwmon": sensors.hwmon,
        "thermal_zone": sensors.thermal,
    }
