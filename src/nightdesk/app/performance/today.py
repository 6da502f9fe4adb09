"""How portfolios stand now: P&L of the account's day, equity, drawdown, and what is open."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from nightdesk.analytics.figure import Reason
from nightdesk.analytics.trades.book import ClosedTrades, exact_sum
from nightdesk.app.performance.account import Account, Accounts
from nightdesk.app.performance.choice import PREFERENCE
from nightdesk.app.performance.evidence import gather
from nightdesk.app.performance.performance import ALL_TIME, Path, path_of
from nightdesk.app.trading.book import TradingBook
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.model.instant import to_nanos
from nightdesk.model.ledger import Holdings, Selection
from nightdesk.model.trade import Portfolio, Position

MOST_PORTFOLIOS: Final = 50
NO_TRADES_AT_ALL: Final = "the ledger holds no trades of this portfolio"
NO_WORTH: Final = Reason.NO_EQUITY.value
ONLY_RETURNS: Final = Reason.NO_MONEY.value


@dataclass(frozen=True, slots=True)
class Amount:
    """Money, or the sentence why there is none."""

    value: Decimal | None
    reason: str | None = None
    at: int | None = None
    """When it was so, ns."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One portfolio as it stands; instants in ns."""

    portfolio: Portfolio
    currency: str | None
    """None over several currencies, and where none is known."""
    pnl_today: Amount
    day_started_at: int
    equity: Amount
    drawdown: float | None
    """Distance from the peak so far, a fraction of it, zero or below."""
    drawdown_reason: str | None
    basis: str | None
    """What equity and drawdown were made of."""
    unrealised: Amount
    open_trades: int
    positions: tuple[Position, ...]
    path: Path | None
    last_trade_at: int | None


@dataclass(frozen=True, slots=True)
class Books:
    """The books of all portfolios, read at one time; the portfolio of each is what people are shown."""

    books: tuple[tuple[Portfolio, TradingBook], ...]

    def standings(self, accounts: Accounts, now: int) -> tuple[Standing, ...]:
        """Work out how each stands; `now` in ms. Reads nothing."""
        return tuple(_standing(shown, book, accounts(shown.account), now) for shown, book in self.books)


def read_all(trading: TradingDesk, holdings: Sequence[Holdings]) -> Books:
    """Read the book of every portfolio, live ones first, at most `MOST_PORTFOLIOS`."""
    asked = list(_shown(holdings))[:MOST_PORTFOLIOS]
    return Books(tuple((shown, trading.book(selection)) for shown, selection in asked))


def _shown(holdings: Iterable[Holdings]) -> Iterator[tuple[Portfolio, Selection]]:
    """Yield which portfolios to show, and what is read for each.

    Where at most one bot trades in an account, its trades and the account's equity are one portfolio. Where several
    do, each is shown by itself, and the account as a whole beside them if it has equity of its own.
    """
    held = list(holdings)
    order = {mode.value: place for place, mode in enumerate(PREFERENCE)}
    for mode, account in sorted({(order[each.portfolio.mode], each.portfolio.account) for each in held}):
        word = PREFERENCE[mode]
        of_account = [each for each in held if (each.portfolio.account, each.portfolio.mode) == (account, word.value)]
        trading = [each.portfolio.bot for each in of_account if each.trades or each.fills]
        if len(trading) <= 1:
            yield (
                Portfolio.of(account, trading[0] if trading else _only_bot(of_account), word),
                Selection(account, mode=word),
            )
            continue
        if any(each.equity_marks or each.return_marks for each in of_account if not each.portfolio.bot):
            yield Portfolio.of(account, "", word), Selection(account, mode=word)
        for bot in trading:
            yield Portfolio.of(account, bot, word), Selection(account, bot, word)


def _only_bot(held: Sequence[Holdings]) -> str:
    return held[0].portfolio.bot if len(held) == 1 else ""


def _standing(shown: Portfolio, book: TradingBook, account: Account, now: int) -> Standing:
    evidence = gather(book, ALL_TIME, account, None)
    record, realised = evidence.material.record, evidence.material.realised
    started = account.days.began(account.days.day(to_nanos(now)))
    known = record is not None and len(record) > 0
    return Standing(
        portfolio=shown,
        currency=_currency(book),
        pnl_today=_pnl_today(book, evidence.material.closed, started),
        day_started_at=started,
        equity=_equity(book, evidence.material.closed, None if realised is None else realised.balance),
        drawdown=float(record.drawdowns[-1]) if record is not None and known else None,
        drawdown_reason=None if known else evidence.material.no_record.value,
        basis=record.basis.value if record is not None else None,
        unrealised=_unrealised(book.open_positions),
        open_trades=len(book.open_trades),
        positions=book.open_positions,
        path=path_of(evidence.curve, evidence.material) if evidence.curve is not None else None,
        last_trade_at=book.last_trade_at,
    )


def _currency(book: TradingBook) -> str | None:
    found = {each.currency for each in (*book.trades, *book.open_trades)}
    if not found and book.equity is not None:
        return book.equity.currency or None
    return found.pop() or None if len(found) == 1 else None


def _pnl_today(book: TradingBook, closed: ClosedTrades, started: int) -> Amount:
    """Return what was realised since the account's day began; 0 on a day without a close."""
    if not (book.trades or book.open_trades):
        return Amount(None, NO_TRADES_AT_ALL)
    today = closed.where(lambda trade: (trade.closed_at or 0) >= started)
    return Amount(None, Reason.SEVERAL_CURRENCIES.value) if today.is_mixed else Amount(today.total)


def _equity(book: TradingBook, closed: ClosedTrades, balance: Decimal | None) -> Amount:
    """Return the last mark, else what was realised on the stated balance."""
    if book.equity is not None and len(book.equity):
        return Amount(Decimal(repr(float(book.equity.values[-1]))), at=int(book.equity.times[-1]))
    if balance is not None:
        moved = exact_sum(flow.amount for flow in book.flows)
        return Amount(exact_sum((balance, closed.total, moved)), at=book.last_trade_at)
    return Amount(None, ONLY_RETURNS if book.returns is not None else NO_WORTH)


def _unrealised(positions: Sequence[Position]) -> Amount:
    """Return the sum over all positions; unknown as soon as the price of one is."""
    without = [position.symbol for position in positions if position.unrealised_pnl is None]
    if without:
        return Amount(None, f"no price is known of {', '.join(sorted(set(without))[:5])}")
    if len({position.currency for position in positions}) > 1:
        return Amount(None, Reason.SEVERAL_CURRENCIES.value)
    return Amount(exact_sum(position.unrealised_pnl or Decimal(0) for position in positions))
