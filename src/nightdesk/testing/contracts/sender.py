"""What every `Sender` guarantees. The times are real: a deadline that only a manual clock keeps proves nothing."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import Enum

from nightdesk.model.notice import Attempt, FailureReason, Notice
from nightdesk.seams.delivery import Sender
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_records import a_notice


class Behaviour(Enum):
    """What the other side of a channel does."""

    TAKES = "takes"
    REFUSES = "refuses"
    FAILS = "fails"
    HANGS = "hangs"


Made = AbstractAsyncContextManager[Sender]


class SenderContract(ABC):
    """Inherit, name the class `Test...`, and say how to make a sender."""

    def new_loop(self) -> asyncio.AbstractEventLoop:
        """Return the event loop to run on."""
        return asyncio.new_event_loop()

    @abstractmethod
    def sender(self, channels: Mapping[str, Behaviour]) -> Made:
        """Return a context in which there is a sender whose channels behave so."""

    def test_what_is_taken_has_no_failure(self) -> None:
        """A message that the other side took is an attempt without a failure."""

        async def script(sender: Sender) -> None:
            attempt = await sender.send(_message("good"), 10)
            assert attempt.failure is None

        self._run(script)

    def test_failures_are_answers_with_a_reason(self) -> None:
        """A refusal, a server's trouble and a channel that is not set each have their reason; nothing is raised."""

        async def script(sender: Sender) -> None:
            reasons = {name: (await sender.send(_message(name), 10)).failure for name in ("no", "bad", "unknown")}
            assert reasons == {
                "no": FailureReason.REFUSED,
                "bad": FailureReason.SERVER,
                "unknown": FailureReason.CONFIG,
            }

        self._run(script)

    def test_a_hang_ends_with_the_deadline(self) -> None:
        """The attempt is over soon after its deadline, with that reason; the next message is carried again."""

        async def script(sender: Sender) -> None:
            began = time.monotonic()
            attempt = await sender.send(_message("hung"), 1.0)
            assert attempt.failure is FailureReason.DEADLINE
            assert time.monotonic() - began < 6.0
            assert (await sender.send(_message("hung"), 0.5)).failure is FailureReason.DEADLINE

        self._run(script)

    def test_a_hang_delays_no_other_channel(self) -> None:
        """While one channel hangs, another delivers."""

        async def script(sender: Sender) -> None:
            hung = asyncio.create_task(sender.send(_message("hung"), 60))
            for number in range(5):
                assert (await sender.send(_message("good", f"A{number}"), 20)).failure is None
            assert not hung.done()
            hung.cancel()
            await asyncio.gather(hung, return_exceptions=True)

        self._run(script)

    def test_messages_of_one_channel_may_be_given_at_once(self) -> None:
        """Several at a time are all carried, each with its own answer."""

        async def script(sender: Sender) -> None:
            attempts: list[Attempt] = await asyncio.gather(
                *(sender.send(_message("good", f"A{number}"), 10) for number in range(5))
            )
            assert [attempt.failure for attempt in attempts] == [None] * 5

        self._run(script)

    def test_a_caller_may_leave(self) -> None:
        """A send that is cancelled leaves the channel fit for the next."""

        async def script(sender: Sender) -> None:
            leaving = asyncio.create_task(sender.send(_message("hung"), 30))
            await asyncio.sleep(0)
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
            assert (await sender.send(_message("hung"), 0.5)).failure is FailureReason.DEADLINE
            assert (await sender.send(_message("good"), 10)).failure is None

        self._run(script)

    def _run(self, script: Callable[[Sender], Awaitable[None]]) -> None:
        channels = {
            "good": Behaviour.TAKES,
            "no": Behaviour.REFUSES,
            "bad": Behaviour.FAILS,
            "hung": Behaviour.HANGS,
        }

        async def play() -> None:
            async with self.sender(channels) as sender:
                await script(sender)

        with asyncio.Runner(loop_factory=self.new_loop) as runner:
            runner.run(play())


def _message(channel: str, name: str = "A") -> Notice:
    return a_notice(an_alert(name), channel=channel)


@asynccontextmanager
async def as_context(sender: Sender) -> AsyncIterator[Sender]:
    """Wrap a sender that needs no closing."""
    yield sender
