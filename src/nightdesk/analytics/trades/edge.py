"""Whether closed trades have an edge: ratios of what they won to what they lost, and how sure that is."""

from math import inf, sqrt

from nightdesk.analytics.figure import Answer, Reason
from nightdesk.analytics.student import two_sided
from nightdesk.analytics.trades.book import ClosedTrades
from nightdesk.analytics.trades.outcomes import average_loser, average_winner


def profit_factor(book: ClosedTrades) -> Answer:
    """Gross profit / |gross loss|, in money; +inf without a losing trade where something was won."""
    if not len(book):
        return Reason.NO_TRADES
    if book.is_mixed:
        return Reason.SEVERAL_CURRENCIES
    if book.losses:
        return float(book.gross_profit / -book.gross_loss)
    return inf if book.wins else Reason.NO_WINNING_TRADE


def payoff_ratio(book: ClosedTrades) -> Answer:
    """Mean winner / |mean loser|, in money."""
    winner, loser = average_winner(book), average_loser(book)
    if isinstance(winner, Reason):
        return winner
    return loser if isinstance(loser, Reason) else float(winner) / -float(loser)


def expectancy_ratio(book: ClosedTrades) -> Answer:
    """(1 + payoff) * win rate - 1: what a unit of risk earns on average."""
    payoff = payoff_ratio(book)
    return payoff if isinstance(payoff, Reason) else (1 + float(payoff)) * book.wins / len(book) - 1


def kelly_criterion(book: ClosedTrades) -> Answer:
    """Win rate - (1 - win rate) / payoff: the share of capital that grows fastest, were the past the future."""
    payoff = payoff_ratio(book)
    if isinstance(payoff, Reason):
        return payoff
    rate = book.wins / len(book)
    return rate - (1 - rate) / float(payoff)


def system_quality_number(book: ClosedTrades) -> Answer:
    """sqrt(N) * mean / std(ddof = 1) of the trades' P&L."""
    if refusal := _needs_two(book):
        return refusal
    return sqrt(len(book)) * float(book.results.mean()) / book.deviation


def p_value(book: ClosedTrades) -> Answer:
    """Two-sided one-sample t test: how probable results as far from zero are were the true mean P&L zero."""
    quality = system_quality_number(book)
    return quality if isinstance(quality, Reason) else two_sided(float(quality), len(book) - 1)


def _needs_two(book: ClosedTrades) -> Reason | None:
    if not len(book):
        return Reason.NO_TRADES
    if book.is_mixed:
        return Reason.SEVERAL_CURRENCIES
    if len(book) < 2:
        return Reason.ONE_TRADE
    return Reason.ZERO_TRADE_VARIANCE if book.results.min() == book.results.max() or not book.deviation else None
