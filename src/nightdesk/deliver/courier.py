"""The way out, on one screen: lease what is due, send it, mark what became of it; never mark first.

Each channel carries one message at a time and all channels work at once, so that one which hangs delays no other.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Final, TypeVar

from nightdesk.clock import Clock
from nightdesk.deliver.bell import Bell
from nightdesk.deliver.reporter import ChannelHealth, Reporter
from nightdesk.deliver.retry import RetryPolicy
from nightdesk.errors import NightdeskError
from nightdesk.model.alert import Severity
from nightdesk.model.instant import SECOND
from nightdesk.model.notice import Attempt, FailureReason, Notice, OutboxEntry
from nightdesk.seams.alerts import Outbox
from nightdesk.seams.delivery import Sender
from nightdesk.workers import Executor, Workers

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

POLL_SECONDS: Final = 1.0
DEADLINE_SECONDS: Final = 20.0
_LEASE: Final = round((DEADLINE_SECONDS + 10) * SECOND)
_FAREWELL_SECONDS: Final = 5.0
_MOST_REMEMBERED: Final = 10_000

_log = logging.getLogger(__name__)


class Courier:
    """Empties the outbox through a sender. `run` belongs to one event loop; `wake` may be called from any thread.

    A message that fails is told on the channel `fallback` as well, once, if it is critical or was to be shown on this
    machine: that second message is queued in the transaction that marks the first failure.
    """

    def __init__(
        self,
        outbox: Outbox,
        sender: Sender,
        clock: Clock,
        *,
        policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - a frozen value
        fallback: str = "console",
        shows_here: Callable[[str], bool] = lambda _: False,
        executor: Executor | None = None,
        on_given_up: Callable[[Notice, int], None] | None = None,
    ) -> None:
        """Work on an outbox; `executor` runs its calls, a thread of the courier's own if None.

        `shows_here` says of a channel whether it is a screen of this machine.

        A disk that hangs must stop neither the loop nor the exit of the process. `on_given_up` hears of each message
        that reached nobody and will not, and when (ms); it must not wait.
        """
        self._outbox, self._sender, self._clock = outbox, sender, clock
        self._policy, self._fallback, self._shows_here = policy, fallback, shows_here
        self._given_executor = executor
        self._on_given_up = on_given_up
        self._executor: Executor | None = None
        self._bell = Bell()
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._unmarked: dict[int, tuple[Attempt, int | None]] = {}
        self._reporter = Reporter()

    def wake(self) -> None:
        """Look into the outbox at once: something was recorded."""
        self._bell.ring()

    def health(self) -> list[ChannelHealth]:
        """Return how each channel that had a message fared, by name."""
        return self._reporter.health(self._busy)

    async def run(self) -> None:
        """Deliver until cancelled; then give what is in hand a few seconds to arrive."""
        with self._bell, contextlib.ExitStack() as stack:
            self._executor = self._given_executor
            if self._executor is None:
                self._executor = workers = Workers("outbox")
                stack.callback(workers.stop)
            try:
                while True:
                    await self._dispatch()
                    await self._bell.heard_within(POLL_SECONDS, self._clock)
            finally:
                await self._finish()

    async def _dispatch(self) -> None:
        """Give every idle channel the next message that is due for it."""
        while True:
            try:
                leased = await self._aside(lambda: self._outbox.lease(self._clock.now(), 1, _LEASE, tuple(self._busy)))
            except NightdeskError as error:
                _log.error("the outbox cannot be read, trying again in %g s: %s", POLL_SECONDS, error)
                return
            if not leased:
                return
            for entry in leased:
                self._busy.add(entry.notice.channel)
                task = asyncio.create_task(self._deliver(entry))
                self._tasks.add(task)
                task.add_done_callback(self._put_away)

    async def _deliver(self, entry: OutboxEntry) -> None:
        """Carry one message, write down what became of it, and give the channel free for the next."""
        try:
            # A message whose fate could not be written down is not sent again: telling the outbox is all that is left.
            attempt, next_at = self._unmarked.get(entry.id) or await self._carry(entry)
            await self._mark(entry, attempt, next_at)
        finally:
            self._busy.discard(entry.notice.channel)
            self.wake()
        if self._on_given_up is not None and attempt.failure is not None and next_at is None:
            self._on_given_up(entry.notice, attempt.at)

    async def _carry(self, entry: OutboxEntry) -> tuple[Attempt, int | None]:
        """Try once; return the attempt and when to try again, None for never."""
        attempt = await self._attempt(entry.notice)
        next_at = self._policy.next_at(entry, attempt)
        self._reporter.report(entry.notice, attempt, next_at)
        return attempt, next_at

    async def _attempt(self, notice: Notice) -> Attempt:
        try:
            return await self._sender.send(notice, DEADLINE_SECONDS)
        except Exception as error:  # noqa: BLE001 - a bug in one sender must not end the delivery of everything else
            _log.exception("the sender of %s failed", notice.channel)
            return Attempt(self._clock.now(), FailureReason.CRASHED, f"{type(error).__name__} in the sender")

    async def _mark(self, entry: OutboxEntry, attempt: Attempt, next_at: int | None) -> None:
        _remember(self._unmarked, entry.id, (attempt, next_at))
        try:
            await self._aside(lambda: self._outbox.mark(entry.id, attempt, next_at, self._instead(entry, attempt)))
        except NightdeskError as error:
            _log.error("message %s: its fate cannot be written down: %s", entry.notice.key, error)
        else:
            self._unmarked.pop(entry.id, None)

    def _instead(self, entry: OutboxEntry, attempt: Attempt) -> tuple[Notice, ...]:
        """Return what is told on the fallback channel because a message failed for the first time."""
        notice = entry.notice
        if attempt.failure is None or entry.attempts or notice.channel == self._fallback or not notice.alerts:
            return ()
        if notice.severity is not Severity.CRITICAL and not self._shows_here(notice.channel):
            return ()
        # Who has it by a route of its own need not hear it twice.
        is_told_there = all(self._fallback in alert.told for alert in notice.alerts)
        return () if is_told_there else (notice.told_on(self._fallback),)

    def _put_away(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            # The message is safe: its lease runs out and it is tried again.
            _log.error("a delivery failed by a bug of ours", exc_info=task.exception())

    async def _finish(self) -> None:
        """Wait a little for what is in hand, then let go of it; its lease runs out and it is sent after all."""
        tasks = list(self._tasks)
        if not tasks:
            return
        finished = asyncio.gather(*tasks, return_exceptions=True)
        rest = asyncio.create_task(self._clock.sleep(_FAREWELL_SECONDS))
        await asyncio.wait((finished, rest), return_when=asyncio.FIRST_COMPLETED)
        for task in (rest, *tasks):
            task.cancel()
        await finished

    async def _aside(self, work: Callable[[], T]) -> T:
        assert self._executor is not None, "the courier does not run"
        return await asyncio.wrap_future(self._executor.submit(work))


def _remember(memory: dict[K, V], key: K, value: V) -> None:
    """Note a thing, forgetting the oldest beyond the bound."""
    memory[key] = value
    while len(memory) > _MOST_REMEMBERED:
        memory.pop(next(iter(memory)))
