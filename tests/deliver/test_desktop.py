"""The desktop channel in a real session: a private bus, a display nobody sees, and dunst, which says what it showed."""

import asyncio
import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nightdesk.clock import SystemClock
from nightdesk.deliver.channels import desktop
from nightdesk.deliver.channels.session_bus import ADDRESS, RUNTIME, NoSession, session_bus
from nightdesk.deliver.render import Place
from nightdesk.deliver.senders.process import SenderProcess
from nightdesk.deliver.settings.channels import ChannelSettings, DesktopSettings
from nightdesk.model.notice import Attempt, FailureReason, Notice, NoticeReason
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_records import a_notice
from nightdesk.testing.servers.desktop_session import DesktopSession
from nightdesk.testing.servers.raw_server import silent_socket

DESKTOP: dict[str, ChannelSettings] = {"screen": DesktopSettings()}
UNREACHABLE, DEADLINE = FailureReason.UNREACHABLE, FailureReason.DEADLINE


@pytest.fixture(scope="module")
def session() -> Iterator[DesktopSession]:
    """Run a session for the tests of this file."""
    with DesktopSession() as running:
        yield running


def sent(*notices: Notice, seconds: float = 15) -> list[Attempt]:
    """Send messages to the desktop as the desk does, by a sender process."""

    async def script() -> list[Attempt]:
        sender = SenderProcess(DESKTOP, SystemClock())
        try:
            return [await sender.send(notice, seconds) for notice in notices]
        finally:
            await sender.close()

    return asyncio.run(script())


def a_message(name: str, severity: str = "warning", instance: str = "web1") -> Notice:
    """Build a message for the screen."""
    return a_notice(an_alert(name, severity=severity, instance=instance), channel="screen")


def test_a_message_is_shown(session: DesktopSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service has it, with headline, text and urgency; what labels say is text there, never markup."""
    monkeypatch.setenv(ADDRESS, session.address)
    (attempt,) = sent(a_message("HostDown", severity="critical", instance="<b>web1</b> & co"))
    assert attempt.failure is None
    shown = session.shown()[0]
    assert shown["appname"] == "Nightdesk"
    assert shown["summary"] == "[CRITICAL] HostDown on <b>web1</b> & co (1)"
    assert "CRITICAL HostDown on &lt;b&gt;web1&lt;/b&gt; &amp; co" in shown["body"]
    assert shown["timeout"] == 0, "dunst keeps what is critical until it is dismissed"


def test_a_test_brings_its_code(session: DesktopSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person who reads it knows what to type."""
    monkeypatch.setenv(ADDRESS, session.address)
    (attempt,) = sent(Notice("k", "screen", NoticeReason.TEST, (), 0, code="AAAA-BBBB"))
    assert attempt.failure is None
    assert "nightdesk channels confirm AAAA-BBBB" in session.shown()[0]["body"]


def test_one_process_shows_many(session: DesktopSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Message after message goes through the same process, each shown once."""
    monkeypatch.setenv(ADDRESS, session.address)
    before = len(session.shown())
    attempts = sent(*(a_message(f"A{number}") for number in range(3)))
    assert [attempt.failure for attempt in attempts] == [None] * 3
    assert len(session.shown()) == before + 3


def test_many_alerts_fit_on_a_screen() -> None:
    """Six are told, the rest are counted, and long lines are cut."""
    alerts = tuple(an_alert(f"A{number}", text="x" * 500) for number in range(50))
    text = desktop.text_of(replace(a_message("A"), alerts=alerts), Place("desk1"))
    assert len(text.splitlines()) == 7
    assert text.endswith("... and 44 more: nightdesk alerts")
    assert max(map(len, text.splitlines())) <= 200


def test_a_service_that_hangs_is_a_deadline(session: DesktopSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frozen, it is given up in time; thawed, the next message is shown."""
    monkeypatch.setenv(ADDRESS, session.address)
    session.freeze()
    try:
        (hung,) = sent(a_message("A"), seconds=1)
    finally:
        session.thaw()
    assert hung.failure is DEADLINE
    assert sent(a_message("B"))[0].failure is None


def test_a_service_that_died_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bus is there and nobody shows anything: the reason says so, and nothing is started."""
    with DesktopSession() as session:
        monkeypatch.setenv(ADDRESS, session.address)
        assert sent(a_message("A"))[0].failure is None
        session.kill_service()
        (attempt,) = sent(a_message("B"))
    assert attempt.failure is UNREACHABLE
    assert "no notification service runs in the session" in attempt.detail


def test_a_bus_without_a_service_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of which no notification service is part."""
    with DesktopSession(service=False) as session:
        monkeypatch.setenv(ADDRESS, session.address)
        (attempt,) = sent(a_message("A"))
        assert desktop.reachable(5).failure is UNREACHABLE
    assert attempt.failure is UNREACHABLE


def test_a_bus_that_hangs_is_a_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that takes the connection and says nothing ends with the deadline."""
    with silent_socket(tmp_path / "bus"):
        monkeypatch.setenv(ADDRESS, f"unix:path={tmp_path / 'bus'}")
        assert sent(a_message("A"), seconds=1)[0].failure is DEADLINE


def test_a_bus_that_is_gone_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address left over from a session that ended."""
    monkeypatch.setenv(ADDRESS, f"unix:path={tmp_path / 'bus'}")
    (attempt,) = sent(a_message("A"))
    assert attempt.failure is UNREACHABLE
    assert "the session bus cannot be reached" in attempt.detail


def test_asking_shows_nothing(session: DesktopSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the service answers is learned without a notification."""
    monkeypatch.setenv(ADDRESS, session.address)
    before = len(session.shown())
    assert desktop.reachable(5).failure is None
    assert len(session.shown()) == before


class TestSessionBus:
    """Where the session is found."""

    def test_the_sessions_own_address_comes_first(self) -> None:
        """What the environment says is used as it is."""
        assert session_bus({ADDRESS: "unix:path=/tmp/x"}, 1) == "unix:path=/tmp/x"

    @pytest.mark.parametrize("address", ["unixexec:path=/bin/sh", "tcp:host=10.0.0.1,port=1", "autolaunch:", "x"])
    def test_an_address_of_another_kind_is_refused(self, address: str) -> None:
        """None that starts a program, or that leads away from here, by which way ever it came."""
        with pytest.raises(NoSession, match="must begin with unix:path="):
            session_bus({ADDRESS: address}, 1)

    @pytest.mark.parametrize("given", [True, False])
    def test_a_desk_without_a_session_finds_its_users(self, tmp_path: Path, given: bool) -> None:
        """Started by systemd or over ssh, it finds the socket in the user's runtime folder."""
        uid = os.getuid()
        runtime = tmp_path / "run"
        (runtime / str(uid)).mkdir(parents=True)
        environment = {RUNTIME: str(runtime / str(uid))} if given else {}
        with socket.socket(socket.AF_UNIX) as bus:
            bus.bind(str(runtime / str(uid) / "bus"))
            assert session_bus(environment, uid, runtime) == f"unix:path={runtime}/{uid}/bus"

    def test_a_foreign_socket_is_not_used(self, tmp_path: Path) -> None:
        """Another user's bus would show our messages to them; a plain file is no bus."""
        (tmp_path / "1").mkdir()
        with socket.socket(socket.AF_UNIX) as bus:
            bus.bind(str(tmp_path / "1" / "bus"))
            with pytest.raises(NoSession):
                session_bus({}, os.getuid() + 1, tmp_path)
        (tmp_path / "1" / "bus").unlink()
        (tmp_path / "1" / "bus").write_text("")
        with pytest.raises(NoSession):
            session_bus({}, 1, tmp_path)

    def test_no_session_says_what_was_looked_for(self, tmp_path: Path) -> None:
        """The sentence names the variable and the places."""
        with pytest.raises(NoSession, match=rf"{ADDRESS} is not set, and there is no {tmp_path}/7/bus"):
            session_bus({}, 7, tmp_path)
