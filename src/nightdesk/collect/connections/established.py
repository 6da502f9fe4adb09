"""Established TCP connections, asked of the kernel by netlink with their ends and inodes."""

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

Address = IPv4Address | IPv6Address
End = tuple[bytes, int]
"""An address, packed (an IPv4 address inside IPv6 as the four bytes it is), and a port."""

_SOCK_DIAG: Final = 4
_BY_FAMILY: Final = 20
_ROOT_MATCH_REQUEST: Final = 0x301
_DONE, _ERROR = 3, 2
_ESTABLISHED: Final = 1 << 1
"""TCP_ESTABLISHED as a bit: the kernel leaves out all else, listening sockets and TIME_WAIT above all."""
_HEADER: Final = struct.Struct("=IHHII")
"""nlmsghdr: length, type, flags, sequence, port."""
_QUESTION: Final = struct.Struct("=BBBBI48x")
"""inet_diag_req_v2: family, protocol, extensions, padding, states as bits, no particular socket."""
_MESSAGE: Final = struct.Struct(">4xHH16s16s")
"""inet_diag_msg up to the addresses: family, state, timer, retransmits; then, in network order, ports and addresses."""
_INODE: Final = struct.Struct("=I")
_INODE_AT: Final = 68
"""Where the inode stands in inet_diag_msg: after the 48 bytes of the socket's id, four numbers and 4 of family."""
_BUFFER: Final = 65_536
_PATIENCE_SECONDS: Final = 2.0
_MAPPED: Final = bytes(10) + b"\xff\xff"


@dataclass(frozen=True, slots=True)
class Established:
    """One end's socket of an established connection."""

    local: End
    remote: End
    inode: int

    @property
    def connection(self) -> frozenset[End]:
        """The connection itself, the same whichever of its two ends is looked at."""
        return frozenset((self.local, self.remote))


def established() -> list[Established]:
    """Return every established TCP socket of this network namespace; blocks for about 1 ms. Raises OSError."""
    return [each for family in (socket.AF_INET, socket.AF_INET6) for each in _asked(family)]


def packed(address: Address) -> bytes:
    """Return an address as the ends of connections have it."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).packed


def _asked(family: socket.AddressFamily) -> Iterator[Established]:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:
        kernel.settimeout(_PATIENCE_SECONDS)
        question = _QUESTION.pack(family, socket.IPPROTO_TCP, 0, 0, _ESTABLISHED)
        kernel.send(_HEADER.pack(_HEADER.size + len(question), _BY_FAMILY, _ROOT_MATCH_REQUEST, 1, 0) + question)
        width = 4 if family == socket.AF_INET else 16
        done = False
        while not done:
            sockets, done = _read(kernel.recv(_BUFFER), width)
            yield from sockets


def _read(answer: bytes, width: int) -> tuple[list[Established], bool]:
    """Return the sockets of one datagram, and whether it was the last."""
    found: list[Established] = []
    place = 0
    while place + _HEADER.size <= len(answer):
        length, kind, *_ = _HEADER.unpack_from(answer, place)
        if kind == _DONE:
            return found, True
        if kind == _ERROR or length <= _HEADER.size:
            raise OSError("netlink: the kernel refuses to list sockets")
        body = place + _HEADER.size
        source_port, target_port, source, target = _MESSAGE.unpack_from(answer, body)
        (inode,) = _INODE.unpack_from(answer, body + _INODE_AT)
        found.append(Established((_end(source[:width]), source_port), (_end(target[:width]), target_port), inode))
        place += (length + 3) & ~3
    return found, False


def _end(address: bytes) -> bytes:
    return address[12:] if address.startswith(_MAPPED) else address
