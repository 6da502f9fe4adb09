"""Trades as sources report them, and those matched from the fills of sources that report none: each money once."""

from collections.abc import Iterable, Sequence
from typing import Final

from nightdesk.model.trade import Fill, Trade
from nightdesk.trades.matching import fee_in_price_currency, match
from nightdesk.trades.sources import freqtrade_database

REPORTING: Final = frozenset({freqtrade_database.SOURCE})
"""Sources that report the trades themselves: each fill of theirs is a detail of one.

It is a property of the source, not of what happens to be there: were it told from the trades present, a table of trades
would hide the fills of another table, and the fills of a trade that could not be read would be matched with strangers.
"""


def round_trips(reported: Sequence[Trade], fills: Iterable[Fill]) -> tuple[list[Trade], list[Trade]]:
    """Return closed trades by close, and open ones by opening."""
    matched, matched_open = match(unreported(fills))
    closed = [trade for trade in reported if not trade.is_open]
    closed += matched
    closed.sort(key=lambda trade: trade.closed_at or 0)
    still_open = [trade for trade in reported if trade.is_open] + matched_open
    return closed, sorted(still_open, key=lambda trade: trade.opened_at)


def unreported(fills: Iterable[Fill]) -> list[Fill]:
    """Return the fills that are no details of trades which their source reports."""
    return [fill for fill in fills if fill.origin.source not in REPORTING]


def fees_without_rate(fills: Iterable[Fill]) -> dict[str, int]:
    """Return how many fills paid their fee in a third currency, by that currency: such fees are in no P&L."""
    counts: dict[str, int] = {}
    for fill in fills:
        if fee_in_price_currency(fill) is None:
            counts[fill.fee_currency] = counts.get(fill.fee_currency, 0) + 1
    return counts
