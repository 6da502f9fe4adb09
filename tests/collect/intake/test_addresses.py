"""Addresses that are never asked, in every disguise."""

import asyncio
from ipaddress import ip_address

import pytest

from nightdesk.collect.attendant import Attendant
from nightdesk.collect.collector import CollectFailure
from nightdesk.collect.intake.addresses import addresses_of, is_forbidden
from nightdesk.errors import CollectError


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "fe80::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "255.255.255.255",
        "ff02::1",
    ],
)
def test_forbidden(address: str) -> None:
    """Link-local, metadata and nobody's addresses are seen, inside IPv6 too."""
    assert is_forbidden(ip_address(address))


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.0.0.8", "192.168.1.1", "100.100.100.201", "8.8.8.8", "fd00::1"]
)
def test_allowed(address: str) -> None:
    """Loopback, private and public addresses may be targets."""
    assert not is_forbidden(ip_address(address))


def test_localhost_needs_no_resolver() -> None:
    """`localhost` is the loopback, whatever a resolver would say."""

    async def scenario() -> None:
        assert list(await addresses_of("LocalHost", 80, Attendant("test"))) == ["127.0.0.1", "::1"]

    asyncio.run(scenario())


def test_a_forbidden_address_is_named() -> None:
    """The error says which address, and why, under its own reason."""

    async def scenario() -> None:
        with pytest.raises(CollectError, match="metadata") as caught:
            await addresses_of("169.254.169.254", 80, Attendant("test"))
        assert caught.value.reason is CollectFailure.FORBIDDEN_ADDRESS

    asyncio.run(scenario())
