"""The use cases of figures on a running desk: off the event loop, and worked out anew only where something changed."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from nightdesk.app.performance.account import Accounts
from nightdesk.app.performance.performance import Performance
from nightdesk.app.performance.reading import Question, read
from nightdesk.app.performance.today import Standings, read_all
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.clock import Clock
from nightdesk.model.ledger import Holdings
from nightdesk.workers import Executor

T = TypeVar("T")
R = TypeVar("R")

MOST_KEPT: Final = 16
"""Answers that are kept: questions of people who look at the same page."""
KEPT_MS: Final = 5_000
"""An answer is given again for so long while the ledger holds the same rows: prices and windows move on."""
KEPT_COSTS: Final = 20
"""Or for so many times the time it took, so that a ledger of a million trades costs a twentieth of a core at most."""


@dataclass(frozen=True, slots=True)
class _Kept:
    holdings: Sequence[Holdings]
    at: int
    cost: int
    answer: object


class PerformanceDesk:
    """Figures of the ledger; the ledger's thread reads, the scribe works out and shapes."""

    def __init__(self, trading: TradingDesk, accounts: Accounts, scribe: Executor, clock: Clock) -> None:
        """`accounts` says what the settings know of an account; `scribe` only ever computes."""
        self._trading, self._accounts, self._scribe, self._clock = trading, accounts, scribe, clock
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._turn = asyncio.Lock()

    async def performance(self, question: Question, name: Hashable, then: Callable[[Performance], T]) -> T:
        """Answer a question; `name` tells questions apart, `then` shapes the answer. Raises Refused."""
        return await self._once(
            ("performance", name),
            lambda trading, held: read(trading, question, held),
            lambda reading: then(reading.figures(self._accounts)),
        )

    async def standings(self, then: Callable[[Standings], T]) -> T:
        """Return how every portfolio stands now, as `then` shapes it."""
        now = self._clock.now()
        return await self._once("standings", read_all, lambda books: then(books.standings(self._accounts, now)))

    async def _once(
        self, name: Hashable, reads: Callable[[TradingDesk, Sequence[Holdings]], R], works: Callable[[R], T]
    ) -> T:
        """Give the kept answer while it is true; one question at a time, so that many who ask alike cost one."""
        async with self._turn:
            held = await self._trading.ask(lambda trading: trading.holdings())
            started, kept = self._clock.now(), self._kept.get(name)
            if kept is not None and kept.holdings == held and 0 <= started - kept.at < _lasts(kept):
                self._kept.move_to_end(name)
                return kept.answer  # type: ignore[return-value] # the name tells what was kept under it
            found = await self._trading.ask(lambda trading: reads(trading, held))
            answer = await asyncio.wrap_future(self._scribe.submit(lambda: works(found)))
            now = self._clock.now()
            self._kept[name] = _Kept(held, now, max(0, now - started), answer)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return answer


def _lasts(kept: _Kept) -> int:
    return max(KEPT_MS, KEPT_COSTS * kept.cost)
