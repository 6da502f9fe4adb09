"""Where a request may go: names to addresses, with those left out that no target lives at."""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from nightdesk.collect.attendant import Attendant
from nightdesk.collect.collector import CollectFailure
from nightdesk.errors import CollectError

_FORBIDDEN: Final = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8",
        "169.254.0.0/16",  # link-local; metadata of most clouds
        "100.100.100.200/32",  # metadata of Alibaba
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "::/128",
        "fe80::/10",  # link-local
        "fd00:ec2::254/128",  # metadata of Amazon over IPv6
        "ff00::/8",
    )
)
_CARRIES_IPV4: Final = ip_network("64:ff9b::/96")


def is_forbidden(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address is link-local, a cloud's metadata service, or nobody's; IPv4 inside IPv6 is seen."""
    inner = _ipv4_inside(address)
    if inner is not None:
        return is_forbidden(inner)
    return any(address in network for network in _FORBIDDEN if network.version == address.version)


def _ipv4_inside(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _CARRIES_IPV4:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


async def addresses_of(host: str, port: int, attendant: Attendant) -> Sequence[str]:
    """Return the addresses of a host that may be asked, in the resolver's order.

    The connection is then made to the address that was judged here, not to the name: a name that answers differently
    a moment later gains nothing. Names are resolved on the attendant's thread; a dead resolver blocks for ten seconds.

    Raises:
        CollectError: UNREACHABLE where there is no such name, FORBIDDEN_ADDRESS where no address may be asked.
    """
    try:
        found = [ip_address(host)]
    except ValueError:
        found = await _resolved(host, port, attendant)
    allowed = [str(each) for each in found if not is_forbidden(each)]
    if not allowed:
        raise CollectError(
            f"{host} is at {found[0]}, a link-local or metadata address, which is never asked",
            CollectFailure.FORBIDDEN_ADDRESS,
        )
    return allowed


async def _resolved(host: str, port: int, attendant: Attendant) -> list[IPv4Address | IPv6Address]:
    if host.lower().rstrip(".") == "localhost":
        return [IPv4Address("127.0.0.1"), IPv6Address("::1")]
    try:
        rows = await attendant.ask(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        raise CollectError(f"{host}: {error}", CollectFailure.UNREACHABLE) from error
    # A scope (fe80::1%eth0) is cut off: such an address is forbidden anyway.
    return list(dict.fromkeys(ip_address(str(row[4][0]).partition("%")[0]) for row in rows))
