"""The process that carries apprise: started on demand, guarded, bounded, gone when idle, dead when told."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from nightdesk.clock import SystemClock
from nightdesk.deliver.senders.process import SenderProcess
from nightdesk.deliver.settings.channels import AppriseSettings, ChannelSettings, Secret, SmsSettings
from nightdesk.model.notice import Attempt, FailureReason, Notice
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_records import a_notice
from nightdesk.testing.desk import wait_until
from nightdesk.testing.servers.hook_server import Answer, HookServer
from nightdesk.testing.servers.raw_server import RawServer, dripping
from nightdesk.testing.servers.sms_gateway import PATH, TAKEN, text_of

CHILD = "nightdesk.deliver.senders.services_child"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def by_sms(port: int) -> SmsSettings:
    """Give the settings of a gateway on this machine."""
    return SmsSettings(Secret(f"smseagle://c4nary-token@127.0.0.1:{port}/+15551234567"))


def a_message(name: str = "A") -> Notice:
    """Build a message for the telephone."""
    return a_notice(an_alert(name, severity="critical"))


def sent(settings: ChannelSettings, seconds: float = 20) -> Attempt:
    """Send one message by a process of its own."""

    async def script() -> Attempt:
        sender = SenderProcess({"phone": settings}, SystemClock())
        try:
            return await sender.send(a_message(), seconds)
        finally:
            await sender.close()

    return asyncio.run(script())


def known_of(pid: int) -> bytes:
    """Read what others may know of a process."""
    return b"".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ"))


def ran(program: str) -> str:
    """Run a program as the child would, and return what it printed."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def test_it_starts_on_demand_and_leaves_when_idle() -> None:
    """One process for message after message, of the second kind; none before, and none after the idle time."""

    async def script(server: HookServer) -> None:
        sender = SenderProcess({"phone": by_sms(server.port)}, SystemClock(), idle_seconds=1)
        assert sender.pids == []
        pids = set()
        for _ in range(2):
            assert (await sender.send(a_message(), 20)).failure is None
            pids |= set(sender.pids)
        (pid,) = pids
        assert psutil.Process(pid).cmdline()[-1] == CHILD
        # Waited for by the loop that reaps it: psutil would reap it too, and the loop never learn how it ended.
        (worker,) = sender._workers.values()
        assert worker._process is not None
        assert await asyncio.wait_for(worker._process.wait(), 20) == 0
        assert not psutil.pid_exists(pid)
        await sender.close()

    with HookServer({PATH: TAKEN}) as server:
        asyncio.run(script(server))
        assert [text_of(post) for post in server.posts] == [text_of(server.posts[0])] * 2


def test_killed_in_the_middle_it_is_a_crash_and_the_next_message_goes() -> None:
    """Ended by the kernel while the gateway thinks, the attempt has its reason; nothing hinders the next."""

    async def script(server: HookServer) -> None:
        sender = SenderProcess({"phone": by_sms(server.port)}, SystemClock())
        sending = asyncio.create_task(sender.send(a_message(), 20))
        await asyncio.to_thread(wait_until, lambda: server.posts, 20, "the gateway has the message")
        os.kill(sender.pids[0], 9)
        attempt = await sending
        assert (attempt.failure, "signal 9" in attempt.detail) == (FailureReason.CRASHED, True)
        server.answers[PATH] = TAKEN
        assert (await sender.send(a_message(), 20)).failure is None
        await sender.close()

    with HookServer({PATH: Answer(None)}) as server:
        asyncio.run(script(server))


def test_a_gateway_that_drips_ends_with_the_deadline() -> None:
    """A byte now and then resets every timeout of the library; the process is ended all the same, in time."""
    with RawServer(dripping) as server:
        began = time.monotonic()
        attempt = sent(by_sms(server.port), seconds=3)
    assert attempt.failure is FailureReason.DEADLINE
    assert time.monotonic() - began < 10


def test_nothing_of_a_message_can_be_read_in_proc() -> None:
    """The URL with its token travels through the pipe alone."""

    async def script(server: HookServer) -> None:
        sender = SenderProcess({"phone": by_sms(server.port)}, SystemClock())
        assert (await sender.send(a_message(), 20)).failure is None
        assert b"c4nary" not in known_of(sender.pids[0])
        await sender.close()

    with HookServer({PATH: TAKEN}) as server:
        asyncio.run(script(server))


@pytest.mark.parametrize(
    "url",
    ["json://169.254.169.254/x", "json://[fd00:ec2::254]/x", "json://2852039166/", "ntfy://100.100.100.200/topic"],
)
def test_metadata_services_are_never_reached(url: str) -> None:
    """By whatever spelling: what is judged is the address that is connected to."""
    attempt = sent(AppriseSettings(Secret(url)))
    assert attempt.failure is FailureReason.CONFIG
    assert "an address that no message may reach" in attempt.detail


def test_a_redirect_is_not_followed() -> None:
    """Not even where the URL asks for it does one lead to a place that is forbidden."""
    away = Answer(302, {"Location": "http://169.254.169.254/latest/meta-data"})
    with HookServer({"/x": away}) as server:
        plain = sent(AppriseSettings(Secret(f"json://127.0.0.1:{server.port}/x")))
        asking = sent(AppriseSettings(Secret(f"json://127.0.0.1:{server.port}/x?redirect=yes")))
    assert plain.failure is FailureReason.REFUSED
    assert asking.failure is FailureReason.CONFIG


@pytest.mark.parametrize(
    "deed",
    [
        "socket.socket(socket.AF_UNIX).connect('/run/nobody')",
        "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', '/dev/log')",
        "subprocess.run(['true'])",
        "os.system('true')",
        "syslog.syslog('x')",
        "socket.create_connection(('169.254.169.254', 80), 1)",
    ],
)
def test_the_guard_stops_what_no_service_may_do(deed: str) -> None:
    """Local sockets, programs, the system's log, metadata: stopped in the interpreter, and said."""
    program = (
        "import os, socket, subprocess, syslog\n"
        "from nightdesk.deliver.services.guard import GUARD, Forbidden\n"
        "GUARD.stand()\n"
        f"try:\n    {deed}\nexcept Forbidden as error:\n    print(GUARD.refused() == str(error), GUARD.refused())"
    )
    assert ran(program) == "True"


def test_nothing_heavy_is_loaded_before_the_first_message() -> None:
    """An idle start costs what the light process costs; its memory is bounded."""
    program = (
        "import resource, sys\nfrom nightdesk.deliver.senders import services_child\nservices_child._bound_memory()\n"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0] == services_child.MOST_MEMORY,"
        " {'apprise', 'requests', 'asyncio'} & set(sys.modules))"
    )
    assert ran(program) == "True set()"
