"""The contract of channels, for the desktop: a real session bus, with and without who shows notifications."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from nightdesk.deliver.channels.session_bus import ADDRESS
from nightdesk.deliver.settings.channels import DesktopSettings
from nightdesk.model.notice import FailureReason
from nightdesk.testing.contracts.channel import ChannelContract, World
from nightdesk.testing.servers.desktop_session import DesktopSession

REASON = FailureReason


class TestDesktop(ChannelContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.nowhere = f"unix:path={tmp_path / 'bus'}"

    def worlds(self) -> Mapping[str, tuple[World, FailureReason | None]]:
        """Return what a session can be."""
        return {
            "takes it": (session(), None),
            "nobody shows notifications": (session(service=False), REASON.UNREACHABLE),
            "a session that ended": (at(self.nowhere), REASON.UNREACHABLE),
            "an address that starts a program": (at("unixexec:path=/bin/sh"), REASON.UNREACHABLE),
            "an address on another machine": (at("tcp:host=192.0.2.1,port=1"), REASON.UNREACHABLE),
        }


@contextmanager
def session(*, service: bool = True) -> Iterator[DesktopSettings]:
    """Run a session, and be part of it."""
    with DesktopSession(service=service) as running, at(running.address) as settings:
        yield settings


@contextmanager
def at(address: str) -> Iterator[DesktopSettings]:
    """Believe that the session's bus has this address."""
    before = os.environ.get(ADDRESS)
    os.environ[ADDRESS] = address
    try:
        yield DesktopSettings()
    finally:
        os.environ.pop(ADDRESS)
        if before is not None:
            os.environ[ADDRESS] = before
