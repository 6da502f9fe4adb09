"""How portfolios stand now: P&L of the account's day, equity, drawdown, and what is open."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from nightdesk.analytics.figure import Reason
from nightdesk.analytics.trades.book import ClosedTrades
from nightdesk.app.performance.account import Account, Accounts
from nightdesk.app.performance.evidence import gather
from nightdesk.app.performance.performance import ALL_TIME, Path, path_of
from nightdesk.app.performance.portfolios import portfolios
from nightdesk.app.trading.book import TradingBook
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.model.instant import to_nanos
from nightdesk.model.ledger import Holdings
from nightdesk.model.money import exact_sum
from nightdesk.model.trade import Portfolio, Position, Trade

NO_TRADES_AT_ALL: Final = "the ledger holds no trades of this portfolio"


@dataclass(frozen=True, slots=True)
class Amount:
    """Money, or the sentence why there is none."""

    value: Decimal | None
    reason: str | None = None
    currency: str | None = None
    """None over several, and where nobody named one."""
    at: int | None = None
    """When it was so, ns."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One portfolio as it stands; instants in ns."""

    portfolio: Portfolio
    currency: str | None
    """None over several currencies, and where none is known."""
    pnl_today: Amount
    pnl_today_by_currency: tuple[Amount, ...]
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
    """The largest first, by quantity x entry price."""
    path: Path | None
    last_trade_at: int | None


@dataclass(frozen=True, slots=True)
class Standings:
    """How portfolios stand, live ones first."""

    portfolios: tuple[Standing, ...]
    total: int
    """How many there are, of which those are told in which something happened last."""


@dataclass(frozen=True, slots=True)
class Books:
    """The books of the portfolios to show, read at one time; the portfolio of each is what people are shown."""

    books: tuple[tuple[Portfolio, TradingBook], ...]
    total: int

    def standings(self, accounts: Accounts, now: int) -> Standings:
        """Work out how each stands; `now` in ms. Reads nothing."""
        found = tuple(_standing(shown, book, accounts(shown.account), now) for shown, book in self.books)
        return Standings(found, self.total)


def read_all(trading: TradingDesk, holdings: Sequence[Holdings]) -> Books:
    """Read the book of every portfolio to show."""
    shown, total = portfolios(holdings)
    return Books(tuple((each.portfolio, trading.book(each.selection)) for each in shown), total)


def _standing(shown: Portfolio, book: TradingBook, account: Account, now: int) -> Standing:
    evidence = gather(book, ALL_TIME, account, None)
    record, realised = evidence.material.record, evidence.material.realised
    started = account.days.began(account.days.day(to_nanos(now)))
    today = evidence.material.closed.where(lambda trade: (trade.closed_at or 0) >= started)
    known = record is not None and len(record) > 0
    return Standing(
        portfolio=shown,
        currency=_currency(book),
        pnl_today=_pnl_today(book, today),
        pnl_today_by_currency=tuple(_realised(today.where(_is_in(each)), each) for each in _currencies(today)),
        day_started_at=started,
        equity=_equity(book, account, evidence.material.closed, None if realised is None else realised.balance),
        drawdown=float(record.drawdowns[-1]) if record is not None and known else None,
        drawdown_reason=None if known else _why_no_drawdown(book, evidence.material.no_record),
        basis=record.basis.value if record is not None else None,
        unrealised=_unrealised(book),
        open_trades=len(book.open_trades),
        positions=tuple(sorted(book.open_positions, key=_size, reverse=True)),
        path=path_of(evidence.curve, evidence.material) if evidence.curve is not None else None,
        last_trade_at=book.last_trade_at,
    )


def _size(position: Position) -> Decimal:
    return abs(position.quantity * position.entry_price)


def _currency(book: TradingBook) -> str | None:
    found = _named((*book.trades, *book.open_trades))
    if not found and book.equity is not None:
        return book.equity.currency or None
    return found[0] if len(found) == 1 else None


def _named(rows: Iterable[Trade | Position]) -> list[str]:
    return sorted({row.currency for row in rows if row.currency})


def _currencies(closed: ClosedTrades) -> list[str]:
    return sorted({trade.currency for trade in (*closed.trades, *closed.unknown)})


def _is_in(currency: str) -> Callable[[Trade], bool]:
    return lambda trade: trade.currency == currency


def _pnl_today(book: TradingBook, today: ClosedTrades) -> Amount:
    """Return what was realised since the account's day began; 0 on a day without a close."""
    if not (book.trades or book.open_trades):
        return Amount(None, NO_TRADES_AT_ALL)
    found = _currencies(today)
    if len(found) > 1:
        return Amount(None, Reason.SEVERAL_CURRENCIES.value)
    return _realised(today, found[0] if found else _currency(book) or "")


def _realised(closed: ClosedTrades, currency: str) -> Amount:
    """Return the sum of trades of one currency; unknown as soon as the P&L of one is."""
    if closed.left_out:
        return Amount(None, _without_pnl(closed.left_out), currency or None)
    return Amount(closed.total, currency=currency or None)


def _without_pnl(count: int) -> str:
    return "a closed trade has no P&L" if count == 1 else f"{count} closed trades have no P&L"


def _equity(book: TradingBook, account: Account, closed: ClosedTrades, balance: Decimal | None) -> Amount:
    """Return the last mark, else what was realised on the stated balance."""
    if book.last_mark is not None:
        mark = book.last_mark
        return Amount(mark.equity, currency=mark.currency or account.currency or None, at=mark.at)
    if balance is None:
        return Amount(None, _why_no_worth(book))
    if closed.left_out:
        return Amount(None, _without_pnl(closed.left_out))
    moved = exact_sum(flow.amount for flow in book.flows)
    return Amount(exact_sum((balance, closed.total, moved)), currency=_currency(book), at=book.last_trade_at)


def _why_no_drawdown(book: TradingBook, general: Reason) -> str:
    return _why_no_worth(book) if general is Reason.NO_EQUITY else general.value


def _why_no_worth(book: TradingBook) -> str:
    if book.returns is not None:
        return Reason.NO_MONEY.value
    return " ".join(book.why_no_worth).rstrip(".") or Reason.NO_EQUITY.value


def _unrealised(book: TradingBook) -> Amount:
    """Return the sum over all positions; unknown as soon as the price of one is, and where no trades are known."""
    positions = book.open_positions
    if not (book.trades or book.open_trades or positions):
        return Amount(None, NO_TRADES_AT_ALL)
    without = [position.symbol for position in positions if position.unrealised_pnl is None]
    if without:
        return Amount(None, f"no price is known of {', '.join(sorted(set(without))[:5])}")
    found = _named(positions)
    if len({position.currency for position in positions}) > 1:
        return Amount(None, Reason.SEVERAL_CURRENCIES.value)
    total = exact_sum(position.unrealised_pnl or Decimal(0) for position in positions)
    return Amount(total, currency=found[0] if found else _currency(book))
