"""The bots' desk: takes what they push, durable before it answers, and says how each is doing."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nightdesk.app.bots.standing import BotsStanding, read_standing
from nightdesk.app.growth import growth_of
from nightdesk.app.query_executor import QueryExecutor
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.clock import Clock
from nightdesk.collect.clients.event_rows import read_event
from nightdesk.collect.clients.job import PushJob
from nightdesk.collect.clients.ledger_rows import SOURCE, read_entries
from nightdesk.collect.clients.push import Push
from nightdesk.collect.clients.repeater import Repeater
from nightdesk.collect.clients.roster import Roster
from nightdesk.errors import BadPayload, Overloaded
from nightdesk.model.ledger import SetAside
from nightdesk.query.answer import Answer
from nightdesk.seams.samples import Budget, Intake, SeriesReader
from nightdesk.store.events import BotEvent, EventLog

ACKNOWLEDGE_SECONDS: Final = 30.0
"""As for remote write: what is not durable by then hears "later"."""
MOST_EVENTS: Final = 50
QUERY_SECONDS: Final = 10.0

Ask = Callable[[str, int, Budget], Answer]
"""Answers a PromQL expression at an instant (ms); called on a query thread."""


@dataclass(frozen=True, slots=True)
class PushTaken:
    """What became of a push; all of it is durable."""

    place: int | None
    """Which of the bot's processes it is; None where a later push of it was heard already, and nothing was taken."""
    refused: int = 0
    """Orders, fills and events that cannot be read; they are set aside."""
    series_refused: int = 0
    """Series that found no room in the store."""
    metrics_refused: int = 0
    """Metrics and beats that cannot be read; all else of the push is taken."""
    complaint: str = ""
    """The first of each kind as a sentence."""


class BotDesk:
    """What may be asked about bots. Belongs to the event loop."""

    def __init__(
        self,
        roster: Roster,
        intake: Intake,
        trading: TradingDesk,
        events: EventLog,
        executor: QueryExecutor,
        ask: Ask,
        samples: SeriesReader,
        clock: Clock,
    ) -> None:
        """Samples go to the intake, orders and fills to the trading desk, what was said in words to the events."""
        self._roster, self._intake, self._trading, self._events = roster, intake, trading, events
        self._executor, self._ask, self._samples, self._clock = executor, ask, samples, clock
        self._repeater = Repeater(roster, intake, clock)

    async def run(self) -> None:
        """Repeat what is known of bots until cancelled: a dead one says nothing by itself."""
        await self._repeater.run()

    async def take(self, body: bytes) -> PushTaken:
        """Take one push and return once all of it is durable.

        Raises:
            BadPayload, PayloadTooLarge: it cannot be read; nothing of it was taken.
            Overloaded: the queue is full, or it did not become durable in time: send it again.
            StoreError: the data folder is at fault: send it again.
        """
        job = PushJob(body, self._roster, self._clock.now())
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                await asyncio.wrap_future(self._intake.submit(job, job.size))
                if job.push is None or job.seat is None:
                    return PushTaken(None)
                aside = await self._keep(job.push)
        except TimeoutError:
            raise Overloaded("the push did not become durable in time: send it again") from None
        reasons = (next((row.reason for row in aside), ""), job.complaint, job.push.complaint)
        complaint = "; ".join(filter(None, reasons))
        return PushTaken(job.seat.place, len(aside), sum(job.refused.values()), job.push.unread, complaint)

    async def standing(self) -> BotsStanding:
        """Return every bot that was heard within a day. Raises what the executor raises."""
        now = self._clock.now()

        def read(budget: Budget) -> BotsStanding:
            # The log of events may be waiting for the disk, so it is not asked on the event loop.
            events = self._events.newest(MOST_EVENTS)
            return read_standing(
                lambda expr: self._ask(expr, now, budget),
                lambda name, start, end: growth_of(self._samples, name, start, end, budget),
                self._roster.seats(now),
                events,
                now,
            )

        return await self._executor.run(read, QUERY_SECONDS)

    async def _keep(self, push: Push) -> list[SetAside]:
        """Write orders, fills and events down, and return the rows that cannot be read, which are kept as well."""
        if not (push.entries or push.events):
            return []
        entries, aside = read_entries(push.bot, push.entries)
        events, unread = read_events(push.bot, push.events)
        aside += unread

        def keep(trading: TradingDesk) -> None:
            if entries or aside:
                trading.take(entries, aside)
            self._events.append(events)

        await self._trading.keep(keep)
        return aside


def read_events(bot: str, rows: Iterable[Mapping[str, Any]]) -> tuple[list[BotEvent], list[SetAside]]:
    """Return the events that can be read, and the others with their reasons."""
    events: list[BotEvent] = []
    aside: list[SetAside] = []
    for row in rows:
        try:
            name, kind, text, at, labels = read_event(row)
        except BadPayload as error:
            aside.append(SetAside(f"{SOURCE} {bot}", 0, str(error), str(dict(row))))
        else:
            events.append(BotEvent(name, bot, kind, text, at, labels))
    return events, aside
