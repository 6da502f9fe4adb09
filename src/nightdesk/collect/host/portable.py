"""Host metrics where there is no /proc (macOS, the BSDs, Windows): psutil's view, under the same names."""

import os
from collections.abc import Iterator

import psutil

from nightdesk.collect.host.files import NO_LABELS, HostFiles, Point


def cpu(_: HostFiles) -> Iterator[Point]:
    """Yield seconds by core and mode, and the time the machine started."""
    for number, times in enumerate(psutil.cpu_times(percpu=True)):
        for mode, seconds in times._asdict().items():
            yield "node_cpu_seconds_total", (("cpu", str(number)), ("mode", mode)), float(seconds)
    yield "node_boot_time_seconds", NO_LABELS, psutil.boot_time()


def loadavg(_: HostFiles) -> Iterator[Point]:
    """Yield the load over 1, 5 and 15 minutes."""
    for name, load in zip(("node_load1", "node_load5", "node_load15"), psutil.getloadavg(), strict=True):
        yield name, NO_LABELS, load


def memory(_: HostFiles) -> Iterator[Point]:
    """Yield total, available and free memory, and swap."""
    now, swap = psutil.virtual_memory(), psutil.swap_memory()
    yield "node_memory_MemTotal_bytes", NO_LABELS, float(now.total)
    yield "node_memory_MemAvailable_bytes", NO_LABELS, float(now.available)
    yield "node_memory_MemFree_bytes", NO_LABELS, float(now.free)
    yield "node_memory_SwapTotal_bytes", NO_LABELS, float(swap.total)
    yield "node_memory_SwapFree_bytes", NO_LABELS, float(swap.free)


def netdev(_: HostFiles) -> Iterator[Point]:
    """Yield the counters of each interface but the loopback, whatever this system calls it."""
    for device, count in psutil.net_io_counters(pernic=True).items():
        if device in ("lo", "lo0") or device.startswith("Loopback"):
            continue
        labels = (("device", device),)
        yield "node_network_receive_bytes_total", labels, float(count.bytes_recv)
        yield "node_network_receive_packets_total", labels, float(count.packets_recv)
        yield "node_network_receive_errs_total", labels, float(count.errin)
        yield "node_network_receive_drop_total", labels, float(count.dropin)
        yield "node_network_transmit_bytes_total", labels, float(count.bytes_sent)
        yield "node_network_transmit_packets_total", labels, float(count.packets_sent)
        yield "node_network_transmit_errs_total", labels, float(count.errout)
        yield "node_network_transmit_drop_total", labels, float(count.dropout)


def diskstats(_: HostFiles) -> Iterator[Point]:
    """Yield the counters of each disk."""
    for device, count in psutil.disk_io_counters(perdisk=True).items():
        labels = (("device", device),)
        yield "node_disk_reads_completed_total", labels, float(count.read_count)
        yield "node_disk_writes_completed_total", labels, float(count.write_count)
        yield "node_disk_read_bytes_total", labels, float(count.read_bytes)
        yield "node_disk_written_bytes_total", labels, float(count.write_bytes)


def filesystems(_: HostFiles) -> Iterator[Point]:
    """Yield sizes of local disks; those on the network are left out, for asking them may hang."""
    for part in psutil.disk_partitions(all=False):
        labels = (("device", part.device), ("fstype", part.fstype), ("mountpoint", part.mountpoint))
        read_only = "ro" in part.opts.split(",")
        usage = psutil.disk_usage(part.mountpoint) if os.path.ismount(part.mountpoint) else None
        yield "node_filesystem_device_error", labels, float(usage is None)
        yield "node_filesystem_readonly", labels, float(read_only)
        if usage is not None:
            yield "node_filesystem_size_bytes", labels, float(usage.total)
            yield "node_filesystem_free_bytes", labels, float(usage.free)
            yield "node_filesystem_avail_bytes", labels, float(usage.free)
