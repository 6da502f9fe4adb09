"""Reported and matched trades side by side, positions, and fees in a third currency."""

from dataclasses import replace
from decimal import Decimal

from nightdesk.model.ledger import PriceMark
from nightdesk.model.trade import Direction, Side
from nightdesk.testing.ledger_rows import T0, a_fill, a_trade, in_portfolio, origin
from nightdesk.trades.positions import positions
from nightdesk.trades.round_trips import fees_without_rate, round_trips, unreported


def test_fills_of_a_source_that_reports_trades_are_not_matched_again() -> None:
    """A source's own trades are believed; the fills of another source are matched beside them."""
    reported = [a_trade("t")]
    own = [a_fill("1"), a_fill("2", Side.SELL, at=T0 + 1)]
    foreign = [replace(fill, origin=replace(fill.origin, source="csv")) for fill in own]
    closed, still_open = round_trips(reported, own)
    assert (closed, still_open) == (reported, [])
    closed, _ = round_trips(reported, own + foreign)
    assert [trade.origin.source for trade in closed] == ["test", "csv"]
    assert unreported(reported, own + foreign) == foreign


def test_open_trades_come_apart() -> None:
    """What has not closed is not among the closed."""
    closed, still_open = round_trips([a_trade("o", closed_at=None), a_trade("c")], [])
    assert ([trade.origin.id for trade in closed], [trade.origin.id for trade in still_open]) == (["c"], ["o"])


def test_a_position_without_a_price_has_no_unrealised_pnl() -> None:
    """No price is unknown, not zero."""
    (position,) = positions([a_trade("o", closed_at=None)], [])
    assert (position.quantity, position.last_price, position.unrealised_pnl) == (Decimal(1), None, None)


def test_unrealised_pnl_is_net_of_fees_paid() -> None:
    """Trades of one symbol and side are one position, valued at the last price, less the fees of entering."""
    entry = replace(a_trade("o", closed_at=None), quantity=Decimal("0.5"), fees=Decimal("0.25"))
    other = replace(entry, origin=origin("p"), entry_price=Decimal(20), quantity=Decimal("1.5"))
    price = PriceMark(origin("x"), "GOOG", Decimal(30), "USD", T0)
    (position,) = positions([entry, other], [price])
    assert (position.quantity, position.entry_price) == (Decimal("2.0"), Decimal("17.5"))
    assert position.unrealised_pnl == Decimal("24.50")
    short = replace(entry, direction=Direction.SHORT)
    assert positions([short], [price])[0].unrealised_pnl == Decimal("-10.25")


def test_a_price_of_another_portfolio_says_nothing() -> None:
    """Prices count for the portfolio that reported them."""
    price = PriceMark(origin("x", portfolio=in_portfolio(bot="other")), "GOOG", Decimal(30), "USD", T0)
    assert positions([a_trade("o", closed_at=None)], [price])[0].unrealised_pnl is None


def test_fees_in_what_was_traded_count_at_the_fill_price() -> None:
    """A fee in BTC of BTC/USDT is money; one in BNB has no rate, is left out of the P&L, and is told."""
    buy = replace(a_fill("1", symbol="BTC/USD", price="100"), fee=Decimal("0.01"), fee_currency="BTC")
    sell = replace(a_fill("2", Side.SELL, symbol="BTC/USD", price="100", at=T0 + 1), fee=Decimal(1), fee_currency="BNB")
    closed, _ = round_trips([], [buy, sell])
    assert closed[0].pnl == Decimal(-1)
    assert fees_without_rate([buy, sell]) == {"BNB": 1}
