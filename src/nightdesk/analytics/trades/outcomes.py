"""What closed trades came to: counts, money, averages. All after fees."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nightdesk.analytics.figure import Answer, Reason
from nightdesk.analytics.returns.record import Floats
from nightdesk.analytics.streaks import longest_gain, longest_loss
from nightdesk.analytics.trades.book import ClosedTrades
from nightdesk.model.money import exact_sum


def total_trades(book: ClosedTrades) -> Answer:
    """Round trips that closed; open ones are counted apart."""
    return len(book)


def winning_trades(book: ClosedTrades) -> Answer:
    """Trades with a net P&L above 0."""
    return book.wins


def losing_trades(book: ClosedTrades) -> Answer:
    """Trades with a net P&L below 0."""
    return book.losses


def even_trades(book: ClosedTrades) -> Answer:
    """Trades with a net P&L of exactly 0."""
    return len(book) - book.wins - book.losses


def win_rate(book: ClosedTrades) -> Answer:
    """Winning trades / all closed trades."""
    return book.wins / len(book) if len(book) else Reason.NO_TRADES


def total_pnl(book: ClosedTrades) -> Answer:
    """Sum of net P&L, exact; 0 without trades."""
    return Reason.SEVERAL_CURRENCIES if book.is_mixed else book.total


def gross_profit(book: ClosedTrades) -> Answer:
    """Sum of the winners' net P&L, exact."""
    return Reason.SEVERAL_CURRENCIES if book.is_mixed else book.gross_profit


def gross_loss(book: ClosedTrades) -> Answer:
    """Sum of the losers' net P&L, exact; zero or below."""
    return Reason.SEVERAL_CURRENCIES if book.is_mixed else book.gross_loss


def fees(book: ClosedTrades) -> Answer:
    """Sum of the fees, exact; they are in the net P&L already."""
    return Reason.SEVERAL_CURRENCIES if book.is_mixed else exact_sum(trade.fees for trade in book.trades)


def average_profit(book: ClosedTrades) -> Answer:
    """Mean net P&L of a closed trade, even ones included: the expectancy in money."""
    return _money(book) or float(book.total) / len(book)


def median_profit(book: ClosedTrades) -> Answer:
    """Median net P&L of a closed trade."""
    return _money(book) or float(np.median(book.results))


def average_winner(book: ClosedTrades) -> Answer:
    """Mean net P&L of the winners."""
    if refusal := _money(book):
        return refusal
    return float(book.gross_profit) / book.wins if book.wins else Reason.NO_WINNING_TRADE


def average_loser(book: ClosedTrades) -> Answer:
    """Mean net P&L of the losers; below 0."""
    if refusal := _money(book):
        return refusal
    return float(book.gross_loss) / book.losses if book.losses else Reason.NO_LOSING_TRADE


def best_trade(book: ClosedTrades) -> Answer:
    """Highest net P&L, exact."""
    return _money(book) or max(book.pnl)


def worst_trade(book: ClosedTrades) -> Answer:
    """Lowest net P&L, exact."""
    return _money(book) or min(book.pnl)


def _money(book: ClosedTrades) -> Reason | None:
    """Return why no amount can be told of these trades, or None where one can."""
    if not len(book):
        return Reason.NO_TRADES
    return Reason.SEVERAL_CURRENCIES if book.is_mixed else None


def average_trade_return(book: ClosedTrades) -> Answer:
    """Arithmetic mean of the trades' net returns on what was put in."""
    return float(book.returns.mean()) if len(book.returns) else _no_returns(book)


def geometric_trade_return(book: ClosedTrades) -> Answer:
    """Geometric mean of 1 + net return, less 1."""
    if not len(book.returns):
        return _no_returns(book)
    if bool((book.returns <= -1).any()):
        return Reason.TOTAL_LOSS
    return float(np.expm1(np.log1p(book.returns).mean()))


def best_trade_return(book: ClosedTrades) -> Answer:
    """Highest net return of a trade."""
    return float(book.returns.max()) if len(book.returns) else _no_returns(book)


def worst_trade_return(book: ClosedTrades) -> Answer:
    """Lowest net return of a trade."""
    return float(book.returns.min()) if len(book.returns) else _no_returns(book)


def _no_returns(book: ClosedTrades) -> Reason:
    return Reason.NO_TRADE_RETURNS if len(book) else Reason.NO_TRADES


def longest_winning_streak(book: ClosedTrades) -> Answer:
    """Most winners in a row by close; an even trade ends it."""
    return longest_gain(book.results) if len(book) else Reason.NO_TRADES


def longest_losing_streak(book: ClosedTrades) -> Answer:
    """Most losers in a row by close; an even trade ends it."""
    return longest_loss(book.results) if len(book) else Reason.NO_TRADES


def average_duration(book: ClosedTrades) -> Answer:
    """Mean calendar time from opening to close."""
    return _seconds(book.seconds, np.mean, Reason.NO_TRADES)


def median_duration(book: ClosedTrades) -> Answer:
    """Median calendar time from opening to close."""
    return _seconds(book.seconds, np.median, Reason.NO_TRADES)


def longest_duration(book: ClosedTrades) -> Answer:
    """Longest calendar time from opening to close."""
    return _seconds(book.seconds, np.max, Reason.NO_TRADES)


def shortest_duration(book: ClosedTrades) -> Answer:
    """Shortest calendar time from opening to close."""
    return _seconds(book.seconds, np.min, Reason.NO_TRADES)


def average_winner_duration(book: ClosedTrades) -> Answer:
    """Mean calendar time that winners were open."""
    reason = Reason.NO_WINNING_TRADE if len(book) else Reason.NO_TRADES
    return _seconds(book.seconds[book.results > 0], np.mean, reason)


def average_loser_duration(book: ClosedTrades) -> Answer:
    """Mean calendar time that losers were open."""
    reason = Reason.NO_LOSING_TRADE if len(book) else Reason.NO_TRADES
    return _seconds(book.seconds[book.results < 0], np.mean, reason)


def _seconds(seconds: Floats, take: Callable[[Floats], Any], reason: Reason) -> Answer:
    return float(take(seconds)) if len(seconds) else reason
