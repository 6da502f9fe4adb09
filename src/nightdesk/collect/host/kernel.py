"""Counters and gauges of the kernel as a whole: load, processes, interrupts, file handles, entropy, name, time."""

import os
from collections.abc import Iterator
from typing import Final

from nightdesk.collect.host.files import NO_LABELS, HostFiles, Point

_STAT: Final = {
    b"intr": "node_intr_total",
    b"ctxt": "node_context_switches_total",
    b"btime": "node_boot_time_seconds",
    b"processes": "node_forks_total",
    b"procs_running": "node_procs_running",
    b"procs_blocked": "node_procs_blocked",
}
_LOADS: Final = ("node_load1", "node_load5", "node_load15")


def stat(files: HostFiles) -> Iterator[Point]:
    """Yield boot time, context switches, forks, interrupts, running and blocked processes from /proc/stat."""
    for line in files.proc("stat").split(b"\n"):
        # The line of interrupts has a number for each of them, thousands on some machines: split no further.
        word, _, rest = line.partition(b" ")
        name = _STAT.get(word)
        if name is not None:
            yield name, NO_LABELS, float(rest.split(b" ", 1)[0])


def loadavg(files: HostFiles) -> Iterator[Point]:
    """Yield the load over 1, 5 and 15 minutes."""
    for name, word in zip(_LOADS, files.proc("loadavg").split(), strict=False):
        yield name, NO_LABELS, float(word)


def filefd(files: HostFiles) -> Iterator[Point]:
    """Yield file handles in use and their maximum."""
    allocated, _, maximum = files.proc("sys/fs/file-nr").split()
    yield "node_filefd_allocated", NO_LABELS, float(allocated)
    yield "node_filefd_maximum", NO_LABELS, float(maximum)


def entropy(files: HostFiles) -> Iterator[Point]:
    """Yield the bits of entropy at hand and the size of their pool."""
    yield "node_entropy_available_bits", NO_LABELS, float(files.proc("sys/kernel/random/entropy_avail"))
    yield "node_entropy_pool_size_bits", NO_LABELS, float(files.proc("sys/kernel/random/poolsize"))


def uname(files: HostFiles) -> Iterator[Point]:
    """Yield `node_uname_info`, a constant 1 with what the kernel calls itself as labels."""
    word = os.uname()
    labels = (
        ("domainname", files.proc("sys/kernel/domainname").decode(errors="backslashreplace").strip()),
        ("machine", word.machine),
        ("nodename", word.nodename),
        ("release", word.release),
        ("sysname", word.sysname),
        ("version", word.version),
    )
    yield "node_uname_info", labels, 1.0
