"""The fake of `Sender`: answers as told, remembers what it was given, keeps its deadline on the test's clock."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from nightdesk.clock import Clock
from nightdesk.model.notice import Attempt, FailureReason, Notice


@dataclass(frozen=True, slots=True)
class Manner:
    """How a channel behaves: it takes `seconds` (None: hangs for ever), then takes the message or fails."""

    failure: FailureReason | None = None
    seconds: float | None = 0.0
    detail: str = ""
    retry_after: int = 0


TAKES = Manner()
REFUSES = Manner(FailureReason.REFUSED, detail="no")
HANGS = Manner(seconds=None)


@dataclass(frozen=True, slots=True)
class Sent:
    """One call of `send`: the notice, and when it began, in ms."""

    notice: Notice
    at: int


@dataclass(slots=True)
class RecordingSender:
    """A `Sender` whose channels behave as `manners` says; change it in place while a test runs."""

    clock: Clock
    manners: dict[str, Manner]
    calls: list[Sent] = field(default_factory=list)
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)

    @classmethod
    def of(cls, clock: Clock, manners: Mapping[str, Manner]) -> "RecordingSender":
        """Build a sender with these channels."""
        return cls(clock, dict(manners))

    @property
    def taken(self) -> list[Notice]:
        """The messages that their channels took, in the order of the attempts."""
        return [call.notice for call in self.calls if self.manners[call.notice.channel] == TAKES]

    async def send(self, notice: Notice, seconds: float) -> Attempt:
        """Try once within a total deadline; messages of one channel take turns."""
        self.calls.append(Sent(notice, self.clock.now()))
        if notice.channel not in self.manners:
            return Attempt(self.clock.now(), FailureReason.CONFIG, f"no channel {notice.channel} in the settings")
        async with self._turns.setdefault(notice.channel, asyncio.Lock()):
            manner = self.manners[notice.channel]
            if manner.seconds is None or manner.seconds > seconds:
                await self.clock.sleep(seconds)
                return Attempt(self.clock.now(), FailureReason.DEADLINE, f"not done within {seconds:g} s")
            await self.clock.sleep(manner.seconds)
            return Attempt(self.clock.now(), manner.failure, manner.detail, manner.retry_after)
