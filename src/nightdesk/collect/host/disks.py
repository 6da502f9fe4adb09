"""Input and output of disks, from /proc/diskstats."""

import re
from collections.abc import Iterator
from typing import Final

from nightdesk.collect.host.files import HostFiles, Point

_LEFT_OUT: Final = re.compile(r"(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+")
_SECTOR: Final = 512.0
_MILLISECOND: Final = 0.001
_FIELDS: Final = (
    ("node_disk_reads_completed_total", 1.0),
    ("node_disk_reads_merged_total", 1.0),
    ("node_disk_read_bytes_total", _SECTOR),
    ("node_disk_read_time_seconds_total", _MILLISECOND),
    ("node_disk_writes_completed_total", 1.0),
    ("node_disk_writes_merged_total", 1.0),
    ("node_disk_written_bytes_total", _SECTOR),
    ("node_disk_write_time_seconds_total", _MILLISECOND),
    ("node_disk_io_now", 1.0),
    ("node_disk_io_time_seconds_total", _MILLISECOND),
    ("node_disk_io_time_weighted_seconds_total", _MILLISECOND),
    ("node_disk_discards_completed_total", 1.0),
    ("node_disk_discards_merged_total", 1.0),
    ("node_disk_discarded_sectors_total", 1.0),
    ("node_disk_discard_time_seconds_total", _MILLISECOND),
    ("node_disk_flush_requests_total", 1.0),
    ("node_disk_flush_requests_time_seconds_total", _MILLISECOND),
)
"""The fields after major, minor and name, in the kernel's order; older kernels end earlier."""


def diskstats(files: HostFiles) -> Iterator[Point]:
    """Yield the counters of each whole disk; partitions, loop and RAM disks are left out as node_exporter does."""
    for line in files.proc("diskstats").split(b"\n"):
        words = line.split()
        if len(words) < 3:
            continue
        device = words[2].decode()
        if _LEFT_OUT.fullmatch(device):
            continue
        labels = (("device", device),)
        for (name, scale), word in zip(_FIELDS, words[3:], strict=False):
            yield name, labels, int(word) * scale
