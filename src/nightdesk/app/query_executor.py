"""Queries run here: two at a time, a bounded queue before them, a deadline each, ended when the asker leaves."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from traceback import clear_frames
from typing import Final, Generic, Protocol, TypeVar

from nightdesk.clock import Clock, Deadline
from nightdesk.errors import Exceeded, Overloaded, QueryLimitExceeded, QueryTimeout
from nightdesk.query.limits import QueryBudget
from nightdesk.workers import Workers, awaitable

T = TypeVar("T")
Work = Callable[[QueryBudget], T]
MakeBudget = Callable[[Deadline, Callable[[], bool]], QueryBudget]
"""A deadline and "has the asker gone?" to a budget."""

MOST_WAITING: Final = 32
LONG_SECONDS: Final = 0.25
"""A query of this long has held much; giving back what shorter ones leave would cost the next its pages."""


class QueryRefusal(Enum):
    """Why a query was not answered, though nothing is wrong with it."""

    QUEUE = "queue"
    LIMIT = "limit"
    TIME = "time"


REASONS: Final[Sequence[tuple[type[Exceeded], QueryRefusal]]] = (
    (Overloaded, QueryRefusal.QUEUE),
    (QueryLimitExceeded, QueryRefusal.LIMIT),
    (QueryTimeout, QueryRefusal.TIME),
)


class QueryExecutor(Protocol):
    """Runs queries away from the event loop; threads today, a process pool can take their place."""

    async def run(self, work: Work[T], seconds: float) -> T:
        """Run `work` with a budget that ends after `seconds`, waiting included; ending this coroutine ends the work.

        Raises:
            Overloaded: too many wait already.
            QueryTimeout: the deadline passed, waiting for a turn or working.
        """
        ...


class ThreadQueryExecutor:
    """Takes turns on a few daemon threads; a slot is free again when its thread is, not when the asker has gone."""

    def __init__(
        self, make_budget: MakeBudget, clock: Clock, threads: int = 2, most_waiting: int = MOST_WAITING
    ) -> None:
        """Start the threads."""
        self._make_budget, self._clock = make_budget, clock
        self._workers = Workers("query", threads)
        self._slots = asyncio.Semaphore(threads)
        self._most_waiting = most_waiting
        self.waiting = 0
        self.running = 0
        self.refused = Counter(dict.fromkeys(QueryRefusal, 0))
        self.long_ended = asyncio.Event()
        """Set where a query ends that took long: its memory has become free. Whoever waits for it clears it."""

    async def run(self, work: Work[T], seconds: float) -> T:
        """Run `work` on a query thread; see `QueryExecutor`."""
        deadline = Deadline(self._clock, seconds)
        try:
            await self._take_slot(deadline)
            return await self._begun(work, deadline)
        except (Overloaded, QueryLimitExceeded, QueryTimeout) as error:
            self.refused[next(reason for kind, reason in REASONS if isinstance(error, kind))] += 1
            raise

    def _begun(self, work: Work[T], deadline: Deadline) -> "asyncio.Future[T]":
        """Let a thread begin, and return where its answer will be."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        # A cancelled answer is a done one, which its thread sees without a lock.
        budget = self._make_budget(deadline, answer.cancelled)
        self.running += 1
        self._workers.post(_Turn(work, budget, answer, loop, partial(self._free, self._clock.boot())))
        return answer

    async def _take_slot(self, deadline: Deadline) -> None:
        if not self._slots.locked():
            await self._slots.acquire()  # at once, so that no timer is needed
            return
        if self.waiting >= self._most_waiting:
            raise Overloaded(f"{self.waiting} queries wait already: ask again later, or for less")
        self.waiting += 1
        try:
            async with asyncio.timeout(deadline.left):
                await self._slots.acquire()
        except TimeoutError:
            raise QueryTimeout("the query timed out while it waited for its turn") from None
        finally:
            self.waiting -= 1

    def _free(self, begun: float) -> None:
        """Take the slot of a turn back that began then (boot seconds); on the loop."""
        self.running -= 1
        self._slots.release()
        if self._clock.boot() - begun >= LONG_SECONDS:
            self.long_ended.set()

    def stop(self) -> None:
        """Let the threads end after what they are doing."""
        self._workers.stop()


@dataclass(frozen=True, slots=True, eq=False)
class _Turn(Generic[T]):
    """One query on its way over a thread and back, without a future of threads, whose lock nobody would wait on."""

    work: Work[T]
    budget: QueryBudget
    answer: asyncio.Future[T]
    loop: asyncio.AbstractEventLoop
    free: Callable[[], None]

    def __call__(self) -> None:
        """Do the work, on a query thread, and let the loop tell whoever asked."""
        tell = self._worked()
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._settle, tell)

    def _worked(self) -> Callable[[], None]:
        """Do the work and return how to tell what came of it."""
        try:
            return partial(self.answer.set_result, self.work(self.budget))
        except BaseException as error:  # noqa: BLE001 - handed on to whoever asked, nothing is swallowed
            _let_go(error)
            return partial(self.answer.set_exception, awaitable(error))

    def _settle(self, tell: Callable[[], None]) -> None:
        """Give the slot back, and the answer if anybody still waits for it."""
        self.free()
        if not self.answer.cancelled():
            tell()


def _let_go(error: BaseException) -> None:
    """Empty the frames that an error and those behind it came through; its lines stay for the log.

    An error and a frame that names it hold each other until the garbage collector passes, and with them every array of
    the query that was refused: some refusals in a row kept two hundred megabytes.
    """
    behind: BaseException | None = error
    while behind is not None:
        clear_frames(behind.__traceback__)
        behind = behind.__context__
