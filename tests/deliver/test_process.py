"""The sender process: quick to start, gone when idle, poor in knowledge, and dead when told."""

import asyncio
import os
import pty
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nightdesk.clock import SystemClock
from nightdesk.deliver.render import Place
from nightdesk.deliver.senders.process import SenderProcess
from nightdesk.deliver.senders.wire import Job, dump_job, load_outcome
from nightdesk.deliver.settings.channels import ConsoleSettings, MailSettings, MailTls, Secret, WebhookSettings
from nightdesk.model.notice import FailureReason
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_records import a_notice
from nightdesk.testing.servers.hook_server import Answer, HookServer
from nightdesk.testing.servers.raw_server import RawServer, dripping, silent

CHILD = (sys.executable, "-P", "-m", "nightdesk.deliver.senders.child")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for a condition, with a bound."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that was not reaped counts as running."""
    return Path(f"/proc/{pid}").exists()


def known_of(pid: int, name: str) -> bytes:
    """Read what others may know of a process."""
    return Path(f"/proc/{pid}/{name}").read_bytes()


def test_a_process_starts_on_demand_and_leaves_when_idle() -> None:
    """None at first; one for the first message, the same for the next; none after the idle time, and no zombie."""

    async def script(url: str) -> None:
        sender = SenderProcess({"phone": WebhookSettings(Secret(url))}, SystemClock(), idle_seconds=0.3)
        assert sender.pids == []
        pids = set()
        for _ in range(2):
            assert (await sender.send(a_notice(an_alert()), 10)).failure is None
            pids |= set(sender.pids)
        (pid,) = pids
        await until(lambda: not is_alive(pid))
        assert sender.pids == []
        assert (await sender.send(a_notice(an_alert()), 10)).failure is None
        await sender.close()
        assert sender.pids == []

    with HookServer() as server:
        asyncio.run(script(server.url()))


def test_a_process_that_was_killed_is_a_crash_and_the_next_message_goes() -> None:
    """Killed in the middle it is an attempt that crashed; killed while idle nobody notices."""

    async def script(server: HookServer) -> None:
        channels = {"phone": WebhookSettings(Secret(server.url("/slow")))}
        sender = SenderProcess(channels, SystemClock())
        sending = asyncio.create_task(sender.send(a_notice(an_alert()), 20))
        await until(lambda: len(server.posts) == 1)
        os.kill(sender.pids[0], 9)
        attempt = await sending
        assert (attempt.failure, "signal 9" in attempt.detail) == (FailureReason.CRASHED, True)
        server.answers["/slow"] = Answer(200)
        assert (await sender.send(a_notice(an_alert()), 10)).failure is None
        (pid,) = sender.pids
        os.kill(pid, 9)
        await until(lambda: not is_alive(pid))
        await asyncio.sleep(0.1)  # the loop hears of it a moment after it is gone
        assert (await sender.send(a_notice(an_alert()), 10)).failure is None
        await sender.close()

    with HookServer({"/slow": Answer(None)}) as server:
        asyncio.run(script(server))


def test_secrets_are_in_no_argument_and_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a message is on its way nothing about it can be read in /proc, and the desk's own secrets stay home."""
    monkeypatch.setenv("NIGHTDESK_MAIL_PASSWORD", "c4nary-env")

    async def script(port: int) -> None:
        password = Secret("c4nary-password")
        mail = MailSettings(
            "127.0.0.1", "a@example.org", ("b@example.org",), port, MailTls.NONE, "c4nary-user", password
        )
        sender = SenderProcess({"phone": mail}, SystemClock())
        sending = asyncio.create_task(sender.send(a_notice(an_alert("c4nary-alert")), 3))
        await until(lambda: bool(sender.pids))
        for name in ("cmdline", "environ"):
            assert b"c4nary" not in known_of(sender.pids[0], name)
        assert "c4nary" not in (await sending).detail
        await sender.close()

    with RawServer(silent) as server:
        asyncio.run(script(server.port))


def test_other_channels_are_used_from_the_next_message_on() -> None:
    """New settings need no new process."""

    async def script(server: HookServer) -> None:
        clock = SystemClock()
        sender = SenderProcess({"phone": WebhookSettings(Secret(server.url("/old")))}, clock)
        await sender.send(a_notice(an_alert()), 10)
        sender.replace({"phone": WebhookSettings(Secret(server.url("/new")))})
        await sender.send(a_notice(an_alert()), 10)
        assert [post.path for post in server.posts] == ["/old", "/new"]
        await sender.close()

    with HookServer() as server:
        asyncio.run(script(server))


def start(**streams: int) -> "subprocess.Popen[bytes]":
    """Start a child as the desk does."""
    return subprocess.Popen(CHILD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, **streams)  # type: ignore[call-overload, no-any-return]  # the streams are the test's


def test_a_desk_that_dies_leaves_no_process() -> None:
    """At the end of its input the child finishes the message in hand and leaves, with nobody to read its answer."""
    with HookServer() as server:
        child = start()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.close()
        settings = WebhookSettings(Secret(server.url()))
        child.stdin.write(dump_job(Job(settings, a_notice(an_alert()), Place("desk1"), 10)))
        child.stdin.close()
        assert child.wait(10) == 0
        assert len(server.posts) == 1


def test_a_hung_process_ends_by_itself_when_nobody_ends_it() -> None:
    """With the desk dead in the middle of a hung conversation, the system ends the child soon after its deadline."""
    with RawServer(dripping) as server:
        mail = MailSettings("127.0.0.1", "a@example.org", ("b@example.org",), server.port, MailTls.NONE)
        child = start()
        assert child.stdin is not None
        assert child.stdout is not None
        # Eight times the pause between two drips: a busy machine makes it longer, and one that is too long is noticed.
        child.stdin.write(dump_job(Job(mail, a_notice(an_alert()), Place("desk1"), 2.0)))
        child.stdin.close()
        assert child.wait(30) == -signal.SIGALRM
        child.stdout.close()


def test_a_child_starts_quickly_and_imports_nothing_heavy() -> None:
    """The first answer is there in 0.3 s when it is quiet (2 s of CPU here), without numpy, SQLite or FastAPI."""
    program = "import sys, nightdesk.deliver.senders.child; print(*sorted(sys.modules))"
    listed = subprocess.run((sys.executable, "-c", program), capture_output=True, check=True, timeout=30, text=True)
    heavy = {"numpy", "sqlite3", "fastapi", "pydantic", "asyncio", "httpx", "orjson", "psutil", "nightdesk.app"}
    assert heavy & set(listed.stdout.split()) == set()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = start(stderr=subprocess.DEVNULL)
    answer, _ = child.communicate(
        dump_job(Job(ConsoleSettings(), a_notice(an_alert()), Place("desk1"), 10)), timeout=60
    )
    assert load_outcome(answer).failure is None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


def test_the_console_is_coloured_on_a_terminal_and_plain_elsewhere() -> None:
    """Colour needs a terminal that did not ask for none; text from labels commands nothing in either case."""
    notice = a_notice(an_alert("A\x1b[2J\x07B"))
    line = dump_job(Job(ConsoleSettings(), notice, Place("desk1"), 10))
    piped = subprocess.run(CHILD, input=line, capture_output=True, check=True, timeout=10).stderr
    assert b"\x1b" not in piped
    assert b"WARNING A[2JB on desk1" in piped
    ours, theirs = pty.openpty()
    subprocess.run(CHILD, input=line, stdout=subprocess.DEVNULL, stderr=theirs, check=True, timeout=10)
    os.close(theirs)
    shown = os.read(ours, 10_000)
    os.close(ours)
    assert shown.startswith(b"\x1b[33m")
    assert shown.count(b"\x1b") == 2
    assert b"\x07" not in shown
