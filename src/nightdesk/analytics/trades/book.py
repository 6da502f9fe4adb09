"""Closed trades, ready to be asked: exact money beside the arrays that statistics are worked out on."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np

from nightdesk.analytics.returns.record import Floats
from nightdesk.model.curve import Instants
from nightdesk.model.money import exact_sum
from nightdesk.model.trade import Direction, Trade


@dataclass(frozen=True, eq=False)
class ClosedTrades:
    """Closed trades with a known P&L, in the order of their close; all figures are net of fees."""

    trades: tuple[Trade, ...]
    pnl: tuple[Decimal, ...]
    """Net P&L of each, in the trade's currency."""
    unknown: tuple[Trade, ...] = ()
    """Closed trades whose P&L nobody reported: no figure can hold them."""

    @classmethod
    def of(cls, trades: Iterable[Trade]) -> "ClosedTrades":
        """Take the closed ones among trades; the order of a close shared by several is that of the opening."""
        closed = sorted((trade for trade in trades if trade.closed_at is not None), key=_moment)
        known = tuple([trade for trade in closed if trade.pnl is not None])
        return cls(known, _results(known), tuple([trade for trade in closed if trade.pnl is None]))

    def __len__(self) -> int:
        return len(self.trades)

    @property
    def left_out(self) -> int:
        """How many closed without a known P&L."""
        return len(self.unknown)

    def where(self, takes: Callable[[Trade], bool]) -> "ClosedTrades":
        """Return those that a test takes, in the same order; of those without a P&L too."""
        kept = tuple(filter(takes, self.trades))
        return ClosedTrades(kept, _results(kept), tuple(filter(takes, self.unknown)))

    def during(self, start: int, end: int) -> "ClosedTrades":
        """Return those that closed in [start, end) ns."""
        first, last = np.searchsorted(self.closed_at, (start, end))
        unknown = tuple([trade for trade in self.unknown if start <= (trade.closed_at or 0) < end])
        return ClosedTrades(self.trades[first:last], self.pnl[first:last], unknown)

    def at(self, positions: Sequence[int]) -> "ClosedTrades":
        """Return those with a P&L at some positions, in that order."""
        return ClosedTrades(tuple([self.trades[i] for i in positions]), tuple([self.pnl[i] for i in positions]))

    @cached_property
    def currencies(self) -> tuple[str, ...]:
        """The currencies of the P&L, sorted."""
        return tuple(sorted({trade.currency for trade in self.trades}))

    @property
    def is_mixed(self) -> bool:
        """True where sums would add apples to pears."""
        return len(self.currencies) > 1

    @cached_property
    def results(self) -> Floats:
        """Net P&L as floats; the sign is that of the exact amount."""
        return np.fromiter(map(float, self.pnl), np.float64, len(self.pnl))

    @cached_property
    def deviation(self) -> float:
        """Sample standard deviation of the P&L, ddof = 1; of two trades or more."""
        return float(self.results.std(ddof=1))

    @cached_property
    def returns(self) -> Floats:
        """Net result over what was put in, of the trades that report it."""
        return np.array([trade.return_ratio for trade in self.trades if trade.return_ratio is not None], np.float64)

    @cached_property
    def closed_at(self) -> Instants:
        """Instants of the closes in ns, ascending."""
        return np.fromiter((trade.closed_at or 0 for trade in self.trades), np.int64, len(self.trades))

    @cached_property
    def seconds(self) -> Floats:
        """How long each was open."""
        opened = np.fromiter((trade.opened_at for trade in self.trades), np.int64, len(self.trades))
        return (self.closed_at - opened) / 1e9

    @cached_property
    def total(self) -> Decimal:
        """Sum of the net P&L, exact."""
        return exact_sum(self.pnl)

    @cached_property
    def gross_profit(self) -> Decimal:
        """Sum of the net P&L of the winners, exact."""
        return exact_sum(amount for amount in self.pnl if amount > 0)

    @cached_property
    def gross_loss(self) -> Decimal:
        """Sum of the net P&L of the losers, exact; zero or below."""
        return exact_sum(amount for amount in self.pnl if amount < 0)

    @cached_property
    def wins(self) -> int:
        """How many earned something after fees."""
        return int(np.count_nonzero(self.results > 0))

    @cached_property
    def losses(self) -> int:
        """How many lost something after fees."""
        return int(np.count_nonzero(self.results < 0))

    @cached_property
    def longs(self) -> "ClosedTrades":
        """The long ones."""
        return self.where(lambda trade: trade.direction is Direction.LONG)

    @cached_property
    def shorts(self) -> "ClosedTrades":
        """The short ones."""
        return self.where(lambda trade: trade.direction is Direction.SHORT)


def _results(known: Iterable[Trade]) -> tuple[Decimal, ...]:
    return tuple([trade.pnl for trade in known if trade.pnl is not None])


def _moment(trade: Trade) -> tuple[int, int, str]:
    return trade.closed_at or 0, trade.opened_at, trade.origin.id
