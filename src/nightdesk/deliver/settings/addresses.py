"""Addresses that no message may reach, whatever name or spelling led there."""

import ipaddress
from typing import Final

_METADATA: Final = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")))
"""Metadata services of clouds that do not stand at a link-local address."""
_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv6 addresses that a gateway translates to the IPv4 address in their last 32 bits (RFC 6052)."""


def is_forbidden(address: str) -> bool:
    """Say whether an address is link-local, a metadata service, or no machine at all; loopback is allowed."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        translated = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF) if found in _TRANSLATED else None
        found = found.ipv4_mapped or found.sixtofour or translated or found
    return found in _METADATA or found.is_link_local or found.is_multicast or found.is_unspecified


def names_forbidden(host: str) -> bool:
    """Say whether a host is written as such an address; what a name leads to is known when it is resolved."""
    try:
        return is_forbidden(host)
    except ValueError:
        return False
