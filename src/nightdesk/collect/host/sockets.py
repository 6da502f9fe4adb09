"""Sockets in use, by protocol."""

import os
from collections.abc import Iterator
from typing import Final

from nightdesk.collect.host.files import NO_LABELS, HostFiles, Point

_PAGE: Final = float(os.sysconf("SC_PAGE_SIZE")) if hasattr(os, "sysconf") else 4096.0


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
