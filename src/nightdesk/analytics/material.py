"""What figures are made from: a record of returns where there is one, the closed trades, and the window they lie in."""

from dataclasses import dataclass

import numpy as np

from nightdesk.analytics.figure import Answer, Reason
from nightdesk.analytics.returns.record import Record
from nightdesk.analytics.trades.book import ClosedTrades
from nightdesk.analytics.trades.realised import RealisedEquity
from nightdesk.model.trade import Trade


@dataclass(frozen=True, eq=False)
class Material:
    """Everything a statistic may look at; instants in ns."""

    closed: ClosedTrades
    record: Record | None = None
    no_record: Reason = Reason.NO_EQUITY
    """Why there is no record of returns."""
    realised: RealisedEquity | None = None
    """The trades on a starting balance, where somebody stated one."""
    open_trades: tuple[Trade, ...] = ()
    start: int = 0
    end: int = 0
    """The window [start, end) that the trades were looked for in."""


def time_in_market(material: Material) -> Answer:
    """Share of the window during which at least one position was open; overlapping ones count once."""
    if material.end <= material.start:
        return Reason.NO_TRADES if not len(material.closed) else Reason.NO_ELAPSED_TIME
    spans = [(trade.opened_at, trade.closed_at or material.end) for trade in material.closed.trades]
    spans += [(trade.opened_at, material.end) for trade in material.open_trades]
    if not spans:
        return 0.0
    edges = np.clip(np.array(sorted(spans), dtype=np.int64), material.start, material.end)
    covered = np.maximum.accumulate(edges[:, 1])
    before = np.concatenate((edges[:1, 0], covered[:-1]))
    open_for = np.maximum(edges[:, 1] - np.maximum(edges[:, 0], before), 0)
    return float(open_for.sum()) / (material.end - material.start)


def open_trade_count(material: Material) -> Answer:
    """Positions still open at the end of the window."""
    return len(material.open_trades)
