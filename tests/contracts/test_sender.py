"""The contract of the sender, on the fake and on real processes against a real HTTP server, on both event loops."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from nightdesk.clock import SystemClock
from nightdesk.deliver.senders.process import SenderProcess
from nightdesk.deliver.settings.channels import Secret, WebhookSettings
from nightdesk.model.notice import FailureReason
from nightdesk.seams.delivery import Sender
from nightdesk.testing.contracts.sender import Behaviour, Made, SenderContract, as_context
from nightdesk.testing.senders import HANGS, REFUSES, TAKES, Manner, RecordingSender
from nightdesk.testing.servers.hook_server import Answer, HookServer

MANNERS = {
    Behaviour.TAKES: TAKES,
    Behaviour.REFUSES: REFUSES,
    Behaviour.FAILS: Manner(FailureReason.SERVER),
    Behaviour.HANGS: HANGS,
}
ANSWERS = {
    Behaviour.TAKES: Answer(204),
    Behaviour.REFUSES: Answer(400, body=b"no"),
    Behaviour.FAILS: Answer(502),
    Behaviour.HANGS: Answer(None),
}


class TestFake(SenderContract):
    def sender(self, channels: Mapping[str, Behaviour]) -> Made:
        """Return the fake."""
        manners = {name: MANNERS[behaviour] for name, behaviour in channels.items()}
        return as_context(RecordingSender.of(SystemClock(), manners))


class TestProcess(SenderContract):
    def sender(self, channels: Mapping[str, Behaviour]) -> Made:
        """Return sender processes that post to a server which behaves so."""
        return posting(channels)


if sys.platform != "win32":
    import uvloop

    class TestProcessOnUvloop(TestProcess):
        def new_loop(self) -> asyncio.AbstractEventLoop:
            """Run as the desk does."""
            return uvloop.new_event_loop()


@asynccontextmanager
async def posting(channels: Mapping[str, Behaviour]) -> AsyncIterator[Sender]:
    """Run a server with a path for each channel, and a sender that posts to it."""
    with HookServer({f"/{name}": ANSWERS[behaviour] for name, behaviour in channels.items()}) as server:
        settings = {name: WebhookSettings(Secret(server.url(f"/{name}"))) for name in channels}
        sender = SenderProcess(settings, SystemClock())
        try:
            yield sender
        finally:
            await sender.close()
        assert sender.pids == []
