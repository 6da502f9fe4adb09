"""Channels of a real desk: a test confirmed, a desktop that is not there, processes that are killed."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.servers.desktop_session import DesktopSession
from nightdesk.testing.servers.hook_server import Answer, HookServer
from nightdesk.testing.servers.raw_server import RawServer, dripping
from nightdesk.testing.servers.sms_gateway import PATH, TAKEN, text_of

UNREACHED = "Critical alerts cannot reach you away from this machine."
RULES = """
groups:
  - name: night
    interval: 100ms
    rules:
      - alert: Down
        expr: vector(1) > 0
        labels: {severity: critical}
"""
SETTINGS = """
[rules]
shipped = false
files = ["night.yml"]
[channels.phone]
kind = "sms"
url_file = "gateway"
%s
[[routes]]
channels = [%s]
"""


def a_desk(folder: Path, port: int, more: str = "", channels: str = '"phone"', rules: str = RULES) -> DeskProcess:
    """Prepare a desk with an SMS gateway on this machine."""
    folder.mkdir(exist_ok=True)
    write_gateway(folder, port)
    (folder / "night.yml").write_text(rules)
    return DeskProcess(folder, "--no-collect", settings=SETTINGS % (more, channels))


def write_gateway(folder: Path, port: int, token: str = "tok-1") -> None:
    """Write the gateway's URL where the settings look for it."""
    (folder / "gateway").write_text(f"smseagle://{token}@127.0.0.1:{port}/+15551234567\n")
    (folder / "gateway").chmod(0o600)


def warnings(desk: DeskProcess) -> list[str]:
    """Return the sentences that stand until somebody acts."""
    return [each["text"] for each in desk.json("/api/desk/status")["warnings"]]


def deliveries(desk: DeskProcess, channel: str) -> list[dict[str, Any]]:
    """Return what became of the messages of a channel, newest first."""
    told = desk.json("/api/desk/alerts/history", limit="1000")["deliveries"]
    return [each for each in told if each["channel"] == channel]


def senders(desk: DeskProcess) -> list[psutil.Process]:
    """Return the sender processes of a desk."""
    return [each for each in psutil.Process(desk.pid).children() if "nightdesk.deliver" in " ".join(each.cmdline())]


def until(condition: Callable[[], Any], what: str) -> Any:
    """Wait for a condition, with a bound."""
    return wait_until(condition, 30, what)


def test_a_confirmed_test_ends_the_warning_until_the_settings_change(tmp_path: Path) -> None:
    """From the command line alone; it outlives kill -9; a new token brings the warning back on status and doctor."""
    with HookServer({PATH: TAKEN}) as gateway:
        desk = a_desk(tmp_path, gateway.port, rules="groups: []").start()
        try:
            assert UNREACHED in warnings(desk)
            tested = desk.command("channels", "test", "phone")
            assert (tested.returncode, "took the test" in tested.stdout) == (0, True)
            code = text_of(gateway.posts[-1]).partition("confirm ")[2].split()[0]
            assert desk.command("channels", "confirm", "AAAA-AAAA").returncode == 2
            assert "phone reaches you" in desk.command("channels", "confirm", code).stdout
            assert UNREACHED not in warnings(desk)
            desk.kill()
            desk.start()
            assert UNREACHED not in warnings(desk)
            config = ("--config", str(tmp_path / "settings.toml"))
            assert UNREACHED not in desk.command("doctor", *config).stdout
            write_gateway(tmp_path, gateway.port, "tok-2")
            assert desk.command("reload").returncode == 0
            assert UNREACHED in warnings(desk)
            assert UNREACHED in desk.command("doctor", *config).stdout
            assert "tok-1" not in desk.text()
        finally:
            desk.stop()


def test_a_test_that_fails_says_why_and_what_to_do(tmp_path: Path) -> None:
    """Once, with the exit code 1, and nothing is confirmed."""
    answers = {"auth": Answer(401), "rate_limited": Answer(429, {"Retry-After": "60"}), "server": Answer(500)}
    with HookServer() as gateway, a_desk(tmp_path, gateway.port, rules="groups: []") as desk:
        for number, (reason, answer) in enumerate(answers.items(), 1):
            gateway.answers[PATH] = answer
            tested = desk.command("channels", "test", "phone")
            assert (tested.returncode, f"the test failed: {reason}" in tested.stdout) == (1, True)
            assert len(gateway.posts) == number
        assert UNREACHED in warnings(desk)


def test_a_desk_shows_its_alerts_on_the_desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a session with a notification service: the alert, and a test with its code."""
    screen = '[channels.screen]\nkind = "desktop"'
    with DesktopSession() as session:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", session.address)
        with HookServer() as gateway, a_desk(tmp_path, gateway.port, screen, '"screen"') as desk:
            until(lambda: any("Down" in each["summary"] for each in session.shown()), "the alert is shown")
            assert desk.command("channels", "test", "screen").returncode == 0
            assert "nightdesk channels confirm" in session.shown()[0]["body"]
            assert deliveries(desk, "console") == []


def test_what_a_desktop_cannot_show_is_told_on_the_console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk without a session: the message is on the console, the history has both, and a warning stands."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'no-bus'}")
    screen = '[channels.screen]\nkind = "desktop"'
    with HookServer({PATH: TAKEN}) as gateway, a_desk(tmp_path, gateway.port, screen, '"screen"') as desk:
        (instead,) = until(lambda: [each for each in deliveries(desk, "console") if each["state"] == "sent"], "console")
        assert (instead["instead_of"], instead["alerts"]) == ("screen", ["Down"])
        assert "CRITICAL Down on" in desk.text()
        (failed,) = deliveries(desk, "screen")
        assert (failed["state"], failed["last"]["failure"]) == ("queued", "unreachable")
        (told,) = [each for each in warnings(desk) if each.startswith("Desktop notifications cannot be shown:")]
        assert "no-bus" not in told or "session bus" in told
        assert "instead of screen" in desk.command("alerts", "--history").stdout


def test_a_killed_desk_sends_its_message_after_all(tmp_path: Path) -> None:
    """Killed while the gateway thinks, and again: the message arrives at the next start, once more at most a kill."""
    with HookServer({PATH: Answer(None)}) as gateway:
        desk = a_desk(tmp_path, gateway.port)
        for kills in (1, 2):
            desk.start()
            until(lambda: len(gateway.posts) >= kills, "the gateway has the message")  # noqa: B023 - asked at once
            desk.kill()
        gateway.answers[PATH] = TAKEN
        desk.start()
        try:
            (sent,) = until(lambda: [each for each in deliveries(desk, "phone") if each["state"] == "sent"], "sent")
            assert sent["alerts"] == ["Down"]
            assert {text_of(post) for post in gateway.posts} == {text_of(gateway.posts[0])}
            assert len(gateway.posts) <= 4
        finally:
            desk.stop()


def test_killed_sender_processes_lose_nothing(tmp_path: Path) -> None:
    """Each one that is killed in the middle of a message is a crash in the history; the message goes again."""
    with HookServer({PATH: Answer(None)}) as gateway, a_desk(tmp_path, gateway.port) as desk:
        until(lambda: gateway.posts, "the gateway has the message")
        gateway.answers[PATH] = TAKEN
        for sender in senders(desk):
            if "services" in " ".join(sender.cmdline()):
                os.kill(sender.pid, signal.SIGKILL)
        (sent,) = until(lambda: [each for each in deliveries(desk, "phone") if each["state"] == "sent"], "sent again")
        assert sent["attempts"] == 2


def test_a_hung_gateway_delays_no_other_channel(tmp_path: Path) -> None:
    """Beside a gateway that drips for ever another channel has the alert within seconds."""
    with RawServer(dripping) as hung, HookServer() as hook:
        more = f'[channels.hook]\nkind = "webhook"\nurl = "{hook.url()}"'
        desk = a_desk(tmp_path, hung.port, more, '"phone", "hook"').start()
        began = time.monotonic()
        try:
            until(lambda: hook.posts, "the good channel is told")
            assert time.monotonic() - began < 15  # the hung one is given up after 20
        finally:
            desk.kill()
