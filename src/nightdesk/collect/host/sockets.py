"""Sockets in use, and TCP connections by state."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Final

from nightdesk.collect.host.files import NO_LABELS, HostFiles, Point

_PAGE: Final = float(os.sysconf("SC_PAGE_SIZE")) if hasattr(os, "sysconf") else 4096.0
_STATES: Final = {
    b"01": "established",
    b"02": "syn_sent",
    b"03": "syn_recv",
    b"04": "fin_wait1",
    b"05": "fin_wait2",
    b"06": "time_wait",
    b"07": "close",
    b"08": "close_wait",
    b"09": "last_ack",
    b"0A": "listen",
    b"0B": "closing",
}
"""The kernel's numbers of the states (include/net/tcp_states.h), by node_exporter's words."""


def sockstat(files: HostFiles) -> Iterator[Point]:
    """Yield `node_sockstat_<protocol>_<field>` for IPv4 and IPv6, and memory in bytes beside pages."""
    yield from _sockstat(files.proc("net/sockstat"))
    try:
        content = files.proc("net/sockstat6")
    except FileNotFoundError:
        return  # a kernel without IPv6
    yield from _sockstat(content)


def _sockstat(content: bytes) -> Iterator[Point]:
    for line in content.split(b"\n"):
        words = line.decode().split()
        if not words:
            continue
        protocol = words[0].rstrip(":")
        for field, value in zip(words[1::2], words[2::2], strict=True):
            yield f"node_sockstat_{protocol}_{field}", NO_LABELS, float(value)
            if field == "mem":
                yield f"node_sockstat_{protocol}_mem_bytes", NO_LABELS, float(value) * _PAGE


def tcp_states(files: HostFiles) -> Iterator[Point]:
    """Yield `node_tcp_connection_states{state}` over IPv4 and IPv6, every state each time, so that 0 is said as 0."""
    counts: Counter[bytes] = Counter()
    for path in ("net/tcp", "net/tcp6"):
        try:
            content = files.proc(path)
        except FileNotFoundError:
            continue  # a kernel without IPv6
        counts.update(line.split(None, 4)[3] for line in content.splitlines()[1:])
    for code, state in _STATES.items():
        yield "node_tcp_connection_states", (("state", state),), float(counts[code])
