"""From the book of the ledger to what figures are made from: which returns, on which balance, over which days.

Returns as reported come first, then equity marks, then closed trades on a balance that a person stated. A balance is
never guessed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from nightdesk.analytics.figure import Reason
from nightdesk.analytics.material import Material
from nightdesk.analytics.returns.annualising import Periods, assumed, stated
from nightdesk.analytics.returns.curves import daily_returns, last_of_each_day, within
from nightdesk.analytics.returns.record import Record
from nightdesk.analytics.trades.book import ClosedTrades
from nightdesk.analytics.trades.realised import RealisedEquity
from nightdesk.app.performance.account import Account
from nightdesk.app.performance.window import Window
from nightdesk.app.trading.book import TradingBook
from nightdesk.model.curve import EquityCurve, Returns
from nightdesk.model.ledger import StartingBalance
from nightdesk.model.money import exact_sum
from nightdesk.model.trade import Trade


@dataclass(frozen=True, slots=True)
class Evidence:
    """What figures are made from, with the curve to draw and the sentences to say."""

    material: Material
    curve: EquityCurve | None
    """Equity a day, in money; None where returns have none."""
    notes: tuple[str, ...]


def gather(book: TradingBook, window: Window, account: Account, periods: float | None) -> Evidence:
    """Put together what the figures of a window stand on; `periods` a year as a person stated them.

    The book has to reach back to its first row: the balance of a window is made of what closed before it.
    """
    everything = ClosedTrades.of(book.trades)
    realised, notes = _realised(book, everything, account)
    closed = everything.during(window.start, window.end)
    span = _span(book, everything, window)
    curve, returns, started_at = _returns(book, realised, account, span)
    material = Material(
        closed=closed,
        no_record=Reason.SEVERAL_CURRENCIES if everything.is_mixed else Reason.NO_EQUITY,
        realised=realised.since(window.start, window.end) if realised is not None else None,
        open_trades=book.open_trades,
        start=span[0],
        end=span[1],
    )
    if returns is None:
        return Evidence(material, None, notes)
    chosen = _periods(returns, account, periods)
    deepest = None
    if curve is not None and material.realised is not None and book.equity is None and book.returns is None:
        deepest = float(material.realised.drawdowns.min())
    record = Record.of(
        returns,
        started_at=started_at,
        periods_per_year=chosen.a_year,
        periods_assumed=chosen.assumed,
        deepest=deepest,
    )
    return Evidence(
        replace(material, record=record), curve, (*notes, *_quality(record, account), f"Annualised: {chosen.sentence}.")
    )


def _returns(
    book: TradingBook, realised: RealisedEquity | None, account: Account, span: tuple[int, int]
) -> tuple[EquityCurve | None, Returns | None, int | None]:
    """Return the daily curve, the returns, and when the first period began."""
    start, end = span
    if book.returns is not None:
        first, last = np.searchsorted(book.returns.times, (start, end))
        before = int(book.returns.times[first - 1]) if first else None
        times, values = book.returns.times[first:last], book.returns.values[first:last]
        return None, Returns(times, values, book.returns.basis), before
    if book.equity is not None:
        curve = within(book.equity, start, end)
    elif realised is not None and end > start:
        part = realised.since(start, end)
        curve = replace(part.curve(account.days, start, end - 1), currency=_first(part.closed.currencies))
    else:
        return None, None, None
    began = int(curve.times[0]) if len(curve) else None
    return last_of_each_day(curve, account.days), daily_returns(curve, account.days), began


def _span(book: TradingBook, closed: ClosedTrades, window: Window) -> tuple[int, int]:
    """Return [start, end) in which something is known: of a window that takes all, from the first row to the last.

    A window does not begin before the first row of the ledger: nobody knows what the account did before it.
    """
    first = [*closed.closed_at[:1].tolist(), *(trade.opened_at for trade in (*closed.trades, *book.open_trades))]
    last = [*closed.closed_at[-1:].tolist(), *(held.last_at for held in book.holdings if held.last_at is not None)]
    for series in (book.equity, book.returns):
        if series is not None and len(series):
            first.append(int(series.times[0]))
            last.append(int(series.times[-1]))
    if not first:
        return (0, 0) if window.is_all else (window.start, window.end)
    if window.is_all:
        return min(first), max(last) + 1
    return min(max(window.start, min(first)), window.end), window.end


def _realised(
    book: TradingBook, closed: ClosedTrades, account: Account
) -> tuple[RealisedEquity | None, tuple[str, ...]]:
    """Return closed trades on the stated balance; or None, and why where a balance was stated."""
    if closed.is_mixed or not (book.trades or book.open_trades):
        return None, ()
    currency = _first(closed.currencies)
    balance, notes = _balance(book.starting_balances, {_bot(trade) for trade in closed.trades}, currency, account)
    if balance is None:
        return None, notes
    if balance <= 0:
        return None, (*notes, f"The starting balance of {balance} is not above zero: no return can be told of it.")
    flows = tuple(flow for flow in book.flows if flow.currency in ("", currency))
    return RealisedEquity(closed, balance, flows), notes


def _balance(
    given: Iterable[StartingBalance], bots: set[str], currency: str, account: Account
) -> tuple[Decimal | None, tuple[str, ...]]:
    """Return the balance of the account as a whole, else the sum of its bots' where each has one."""
    amounts = {each.origin.portfolio: each.amount for each in given if each.currency in ("", currency) or not currency}
    if len({(portfolio.account, portfolio.mode) for portfolio in amounts}) > 1:
        return None, ("Starting balances of several accounts are never added up: name one with --account.",)
    of_bots = {portfolio.bot: amount for portfolio, amount in amounts.items()}
    if "" in of_bots:
        return of_bots[""], ()
    if of_bots and bots <= set(of_bots):
        return exact_sum(of_bots.values()), ()
    if of_bots:
        missing = ", ".join(sorted(bots - set(of_bots)))
        return None, (f"No starting balance was given for {missing or 'the account'}, and none is guessed.",)
    if account.starting_balance is not None and account.currency in ("", currency):
        return account.starting_balance, ()
    return None, ()


def _periods(returns: Returns, account: Account, periods: float | None) -> Periods:
    if periods is not None:
        return stated(periods, "whoever asked (--periods-per-year)")
    if account.periods_per_year is not None:
        return stated(account.periods_per_year, "the account's settings")
    return assumed(account.days.days(returns.times))


def _quality(record: Record, account: Account) -> tuple[str, ...]:
    """Return what is not right with the returns, as sentences."""
    notes = []
    if record.skipped:
        notes.append(f"{record.skipped} returns were no number and were left out.")
    days = account.days.days(record.times)
    if len(days) > 2 and float(np.median(np.diff(days))) == 1:
        holes = int(np.count_nonzero(np.diff(days) > 4))
        if holes:
            notes.append(f"{holes} periods are longer than four days: each counts as one period.")
    return tuple(notes)


def _bot(trade: Trade) -> str:
    return trade.origin.portfolio.bot


def _first(currencies: tuple[str, ...]) -> str:
    return currencies[0] if currencies else ""
