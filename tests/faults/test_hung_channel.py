"""Channels that hang: they delay no other, and nothing of them stays behind."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from nightdesk.clock import SystemClock
from nightdesk.deliver.courier import Courier
from nightdesk.deliver.senders.process import SenderProcess
from nightdesk.deliver.settings.channels import (
    ChannelSettings,
    MailSettings,
    MailTls,
    Secret,
    SmsSettings,
    WebhookSettings,
)
from nightdesk.model.notice import DeliveryState, FailureReason
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_records import a_notice
from nightdesk.testing.records import MemoryRecords
from nightdesk.testing.servers.hook_server import HookServer
from nightdesk.testing.servers.raw_server import RawServer, dripping, silent

MESSAGES = 30
GOOD_SECONDS = 15.0


@contextmanager
def hanging() -> Iterator[dict[str, ChannelSettings]]:
    """Run peers that hang, each in its own way."""
    with RawServer(silent) as mute, RawServer(dripping) as drip:
        yield {
            "silent mail": _mail(mute.port),
            "dripping mail": _mail(drip.port),
            "silent hook": WebhookSettings(Secret(f"http://127.0.0.1:{mute.port}/")),
            "dripping hook": WebhookSettings(Secret(f"http://127.0.0.1:{drip.port}/")),
            "silent gateway": _sms(mute.port),
            "dripping gateway": _sms(drip.port),
        }


def _sms(port: int) -> SmsSettings:
    return SmsSettings(Secret(f"smseagle://token@127.0.0.1:{port}/+15551234567"))


def _mail(port: int) -> MailSettings:
    return MailSettings("127.0.0.1", "desk@example.org", ("you@example.org",), port, MailTls.NONE)


def test_hung_channels_delay_no_other() -> None:
    """Beside six channels that hang, a good one has each of 30 messages within 15 s of its decision."""
    clock, records = SystemClock(), MemoryRecords()

    async def script(channels: dict[str, ChannelSettings], server: HookServer) -> list[float]:
        sender = SenderProcess(channels, clock)
        courier = Courier(records, sender, clock)
        running = asyncio.create_task(courier.run())
        for number in range(MESSAGES):
            alert = an_alert(f"A{number}", at=clock.now())
            records.record([], [a_notice(alert, channel=name) for name in channels])
            courier.wake()
            await clock.sleep(0.1)
        await arrived(server)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await sender.close()
        return sorted(
            (entry.last.at - entry.notice.created_at) / 1000
            for entry in records.entries(1_000)
            if entry.state is DeliveryState.SENT and entry.last is not None
        )

    async def arrived(server: HookServer) -> None:
        deadline = time.monotonic() + 30
        while len(server.posts) < MESSAGES and time.monotonic() < deadline:
            await clock.sleep(0.05)

    with hanging() as bad, HookServer() as server:
        waits = asyncio.run(script({**bad, "good": WebhookSettings(Secret(server.url()))}, server))
    sys.stdout.write(f"good channel: median {waits[len(waits) // 2]:.3f} s, worst {waits[-1]:.3f} s\n")
    assert len(waits) == MESSAGES
    assert waits[-1] <= GOOD_SECONDS
    assert psutil.Process().children(recursive=True) == []


def hang(times: int, seconds: float) -> None:
    """Hang that often, and demand that nothing stays."""
    threads = threading.active_count()

    async def script(channels: dict[str, ChannelSettings]) -> None:
        sender = SenderProcess(channels, SystemClock())
        for number in range(times // len(channels)):
            alert = an_alert(f"A{number}")
            began = time.monotonic()
            attempts = await asyncio.gather(*(sender.send(a_notice(alert, channel=name), seconds) for name in channels))
            assert {attempt.failure for attempt in attempts} == {FailureReason.DEADLINE}
            assert time.monotonic() - began < seconds + 5
        await sender.close()

    with hanging() as channels:
        asyncio.run(script(channels))
    assert psutil.Process().children(recursive=True) == []
    assert threading.active_count() <= threads


def test_hangs_leave_nothing_behind() -> None:
    """After 12 hangs no process and no thread is left, and each was over soon after its deadline."""
    hang(12, 1.0)


@pytest.mark.campaign
def test_a_hundred_hangs_leave_nothing_behind() -> None:
    """The same after 100."""
    hang(100, 1.0)


HUNG_OUTBOX = """
import asyncio, threading
from nightdesk.clock import SystemClock
from nightdesk.deliver.courier import Courier
from nightdesk.testing.records import MemoryRecords
from nightdesk.testing.senders import RecordingSender

hung = threading.Event()

class Outbox(MemoryRecords):
    def lease(self, *_):
        hung.set()
        threading.Event().wait()

async def main():
    running = asyncio.create_task(Courier(Outbox(), RecordingSender(SystemClock(), {}), SystemClock()).run())
    while not hung.is_set():
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

asyncio.run(main())
"""


def test_an_outbox_that_hangs_does_not_keep_the_process_from_ending() -> None:
    """A dead disk holds one thread for ever; the desk leaves it behind when it stops."""
    ended = subprocess.run([sys.executable, "-c", HUNG_OUTBOX], timeout=30, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
