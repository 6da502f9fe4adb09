"""A little desk without collecting: records breaches and resolutions, and sends them by mail. It is there to be killed.

    record_and_send.py STATE_FILE MAIL_PORT FIRST_NUMBER

Prints `ready`, then `acked KEY` once a message is durable and `child PID` for each sender process it starts. With
FIRST_NUMBER -1 it records nothing, sends what is left, and prints `drained`.
"""

# ruff: noqa: T201 - what it prints is the ledger
import asyncio
import logging
import sys
import threading
import time
from dataclasses import replace

from nightdesk.clock import SystemClock
from nightdesk.deliver.courier import Courier
from nightdesk.deliver.senders.process import SenderProcess
from nightdesk.deliver.settings.channels import MailSettings, MailTls
from nightdesk.model.alert import Alert, AlertState, Transition
from nightdesk.model.labels import Labels
from nightdesk.model.notice import Notice, NoticeReason
from nightdesk.store.records.records import Records

PAUSE_SECONDS = 0.05


def record(records: Records, courier: Courier, number: int, clock: SystemClock) -> None:
    """Let one alert fire and end, each change with its message, and say what is durable."""
    labels = Labels([("alertname", f"Breach{number}"), ("severity", "critical")])
    at = clock.now()
    firing = Alert(labels, (("summary", "a breach"),), AlertState.FIRING, number, at, at, judged_at=at, true_at=at)
    over = replace(firing, state=AlertState.RESOLVED, ended_at=at)
    for order, (alert, reason) in enumerate(((firing, NoticeReason.FIRED), (over, NoticeReason.RESOLVED)), 1):
        change = Transition(alert, None if order == 1 else AlertState.FIRING, at, order)
        notice = Notice(Notice.key_for("mail", reason, (change.id,)), "mail", reason, (alert,), at)
        records.alerts.record([change], [notice])
        courier.wake()
        print("acked", notice.key, flush=True)


def record_for_ever(records: Records, courier: Courier, first: int, clock: SystemClock) -> None:
    """Go on until killed."""
    number = first
    while True:
        record(records, courier, number, clock)
        number += 1
        time.sleep(PAUSE_SECONDS)


async def main(path: str, port: int, first: int) -> None:
    """Run courier and sender; record beside them, or wait until nothing is left to send."""
    logging.disable()
    clock = SystemClock()
    records = Records.open(path)
    settings = MailSettings("127.0.0.1", "desk@example.org", ("you@example.org",), port, MailTls.NONE)
    sender = SenderProcess({"mail": settings}, clock)
    courier = Courier(records.outbox, sender, clock)
    running = asyncio.create_task(courier.run())
    print("ready", flush=True)
    if first >= 0:
        threading.Thread(target=record_for_ever, args=(records, courier, first, clock), daemon=True).start()
    seen: set[int] = set()
    while first >= 0 or records.outbox.unsettled(1):
        for pid in set(sender.pids) - seen:
            seen.add(pid)
            print("child", pid, flush=True)
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await sender.close()
    print("drained", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
