"""Trades as sources report them, and those matched from the fills of sources that report none: each money once."""

from collections.abc import Iterable, Sequence

from nightdesk.model.trade import Fill, Portfolio, Trade
from nightdesk.trades.matching import fee_in_price_currency, match


def round_trips(reported: Sequence[Trade], fills: Iterable[Fill]) -> tuple[list[Trade], list[Trade]]:
    """Return closed trades by close, and open ones by opening.

    A source that reports trades of a portfolio is believed: its fills there are details of those trades and are not
    matched again. So `reported` has to be whole, whatever interval is asked about.
    """
    matched, matched_open = match(unreported(reported, fills))
    closed = [trade for trade in reported if not trade.is_open]
    closed += matched
    closed.sort(key=lambda trade: trade.closed_at or 0)
    still_open = [trade for trade in reported if trade.is_open] + matched_open
    return closed, sorted(still_open, key=lambda trade: trade.opened_at)


def unreported(reported: Iterable[Trade], fills: Iterable[Fill]) -> list[Fill]:
    """Return the fills that are not part of a reported trade."""
    sources: set[tuple[Portfolio, str]] = {(trade.origin.portfolio, trade.origin.source) for trade in reported}
    return [fill for fill in fills if (fill.origin.portfolio, fill.origin.source) not in sources]


def fees_without_rate(fills: Iterable[Fill]) -> dict[str, int]:
    """Return how many fills paid their fee in a third currency, by that currency: such fees are in no P&L."""
    counts: dict[str, int] = {}
    for fill in fills:
        if fee_in_price_currency(fill) is None:
            counts[fill.fee_currency] = counts.get(fill.fee_currency, 0) + 1
    return counts
