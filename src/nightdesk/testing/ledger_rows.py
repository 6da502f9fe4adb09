"""Rows of the ledger for tests: each builder takes what the test is about and fills in the rest."""

from decimal import Decimal
from typing import Final

from nightdesk.model.trade import Direction, Fill, Mode, Order, Origin, Portfolio, Side, Trade

T0: Final = 1_700_000_000_000_000_000
DAY: Final = 86_400 * 10**9


def in_portfolio(account: str = "main", bot: str = "maker", mode: Mode = Mode.LIVE) -> Portfolio:
    """Build a portfolio."""
    return Portfolio.of(account, bot, mode)


def origin(row_id: str, source: str = "test", portfolio: Portfolio | None = None) -> Origin:
    """Build an identity."""
    return Origin(portfolio or in_portfolio(), source, row_id)


def a_fill(
    row_id: str = "1",
    side: Side = Side.BUY,
    quantity: str = "1",
    price: str = "10",
    *,
    at: int = T0,
    symbol: str = "GOOG",
    fee: str = "0",
    order_id: str = "",
    portfolio: Portfolio | None = None,
) -> Fill:
    """Build a fill."""
    return Fill(
        origin(row_id, portfolio=portfolio),
        symbol,
        side,
        Decimal(quantity),
        Decimal(price),
        "USD",
        at,
        fee=Decimal(fee),
        order_id=order_id,
    )


def an_order(row_id: str = "1", at: int = T0) -> Order:
    """Build an order that was filled."""
    return Order(origin(row_id), "GOOG", Side.BUY, Decimal(1), at, "closed", filled=Decimal(1))


def a_trade(
    row_id: str = "1",
    pnl: str = "5",
    *,
    closed_at: int | None = T0,
    currency: str = "USD",
    portfolio: Portfolio | None = None,
) -> Trade:
    """Build a long trade that opened a day before `T0`; without `closed_at` it is open."""
    is_open = closed_at is None
    return Trade(
        origin(row_id, portfolio=portfolio),
        "GOOG",
        Direction.LONG,
        Decimal(1),
        Decimal(10),
        T0 - DAY,
        currency,
        exit_price=None if is_open else Decimal(15),
        closed_at=closed_at,
        pnl=None if is_open else Decimal(pnl),
    )
