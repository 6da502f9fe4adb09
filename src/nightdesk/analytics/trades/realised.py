"""Equity that closed trades make of a starting balance: what is open is not in it, and money moved is no profit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, compress, islice

import numpy as np
from numpy.typing import NDArray

from nightdesk.analytics.figure import Answer, Reason
from nightdesk.analytics.local_days import DayRule
from nightdesk.analytics.returns.drawdown import Episode, episodes_of
from nightdesk.analytics.returns.record import ROUNDING, Floats
from nightdesk.analytics.trades.book import ClosedTrades
from nightdesk.model.curve import Basis, EquityCurve, Instants
from nightdesk.model.ledger import CashFlow
from nightdesk.model.money import EXACT, exact_sum


@dataclass(frozen=True, eq=False)
class RealisedEquity:
    """Closed trades of one currency on a balance above zero, in the order of their close."""

    closed: ClosedTrades
    balance: Decimal
    """What was there before the first of these trades."""
    flows: Sequence[CashFlow] = field(default=())
    """Deposits and withdrawals of the time, by instant."""

    def before(self, start: int) -> Decimal:
        """Return the equity (exact) just before an instant (ns)."""
        until = int(np.searchsorted(self.closed.closed_at, start))
        moved = exact_sum(flow.amount for flow in self.flows if flow.at < start)
        return EXACT.add(EXACT.add(self.balance, exact_sum(self.closed.pnl[:until])), moved)

    def since(self, start: int, end: int) -> "RealisedEquity":
        """Return the same over [start, end) ns, on what was there at its beginning."""
        first, last = np.searchsorted(self.closed.closed_at, (start, end))
        flows = tuple(flow for flow in self.flows if start <= flow.at < end)
        return RealisedEquity(self.closed.at(range(first, last)), self.before(start), flows)

    @cached_property
    def steps(self) -> Floats:
        """Balance and P&L after each trade without any flow, shape (trades + 1,); summed exactly, then made floats."""
        return np.array([float(value) for value in accumulate(self.closed.pnl, EXACT.add, initial=self.balance)])

    @cached_property
    def _instants(self) -> Instants:
        """Every instant at which a trade closed or money moved, each once."""
        return np.unique(np.concatenate((self.closed.closed_at, self._flows_at)))

    @cached_property
    def _flows_at(self) -> Instants:
        return np.array([flow.at for flow in self.flows], dtype=np.int64)

    @cached_property
    def drawdowns(self) -> Floats:
        """Distance from the peak so far after each instant of `_instants`, as a fraction; the start (0) first.

        Trades that close together are one step, for nobody knows an order among them. Flows are taken out of it.
        """
        closed = np.searchsorted(self.closed.closed_at, self._instants, side="right")
        wealth = self.steps[np.concatenate(([0], closed))]
        if self.flows:
            capital = self._worth(self._instants)
            before = np.concatenate(([self.steps[0]], capital[:-1])) + np.maximum(self._moved_at(self._instants), 0)
            with np.errstate(divide="ignore", invalid="ignore"):
                grown = np.where(before > 0, 1 + np.diff(wealth) / before, 1.0)
            wealth = np.concatenate(([1.0], np.cumprod(grown)))
        depths = wealth / np.maximum.accumulate(wealth) - 1
        depths[depths > -ROUNDING] = 0.0
        return depths

    def path(self, start: int) -> tuple[Instants, Floats]:
        """Return instants (ns) and equity: at `start`, then after each close and each flow, flows included."""
        values = np.concatenate((self.steps[:1], self._worth(self._instants)))
        return np.concatenate(([min([start, *self._instants[:1].tolist()])], self._instants)), values

    def _worth(self, instants: Instants) -> Floats:
        """Return equity just after each instant."""
        closed = np.searchsorted(self.closed.closed_at, instants, side="right")
        return np.asarray(self.steps[closed] + self._moved(instants))

    def _moved(self, instants: Instants) -> Floats:
        """Return the sum of flows at or before each instant."""
        sums = np.concatenate(([0.0], np.cumsum([float(flow.amount) for flow in self.flows])))
        return np.asarray(sums[np.searchsorted(self._flows_at, instants, side="right")])

    def _moved_at(self, instants: Instants) -> Floats:
        """Return the sum of flows since the instant before each."""
        return np.diff(self._moved(instants), prepend=0.0)

    def curve(self, rule: DayRule, start: int, end: int) -> EquityCurve:
        """Return equity after each close, each flow, and at the end of every account day from `start`'s to `end`'s.

        The first point is the balance at the beginning of the first day; a day without a close ends as the one before.
        A day's end is the last nanosecond before the next one begins.
        """
        first, last = rule.day(start), rule.day(end)
        began = np.array([rule.began(day) for day in range(first, last + 2)], dtype=np.int64)
        inside = self._instants[(self._instants > began[0]) & (self._instants < began[-1])]
        times = np.unique(np.concatenate((began[:1], began[1:] - 1, inside)))
        values, moved = self._worth(times), self._moved(times)
        # What happened in the first nanosecond of the first day is in the next point: the day begins with the balance.
        values[0], moved[0] = self.steps[0], 0.0
        return EquityCurve(times, values, np.diff(moved, prepend=0.0), "", Basis.REALISED)

    def episodes(self) -> tuple[Episode, ...]:
        """Return every fall, each instant of a close a step."""
        return episodes_of(self.drawdowns, self._instants, None)


def max_realised_drawdown(equity: RealisedEquity | None) -> Answer:
    """Deepest fall of realised equity from its peak, after each close, as a fraction of that peak."""
    return Reason.NO_BALANCE if equity is None else float(equity.drawdowns.min())


def max_realised_drawdown_money(book: ClosedTrades) -> Answer:
    """Largest fall of the sum of P&L from its peak so far, in money, exact; it needs no balance."""
    if book.is_mixed:
        return Reason.SEVERAL_CURRENCIES
    sums = accumulate(book.pnl, EXACT.add)
    at_ends = list(compress(sums, _is_last_of_each(book.closed_at).tolist()))
    peaks = accumulate(at_ends, max, initial=Decimal(0))
    return min(map(EXACT.subtract, at_ends, islice(peaks, 1, None)), default=Decimal(0))


def _is_last_of_each(instants: Instants) -> NDArray[np.bool_]:
    """Tell of ascending instants which of them is followed by a later one, or by none."""
    return np.append(np.diff(instants) != 0, [True] * min(1, len(instants)))
