"""Reported and matched trades side by side, positions, and fees in a third currency."""

from dataclasses import replace
from decimal import Decimal

from nightdesk.model.ledger import PriceMark
from nightdesk.model.trade import Direction, Fill, Side
from nightdesk.testing.ledger_rows import T0, a_fill, a_trade, in_portfolio, origin
from nightdesk.trades.positions import positions
from nightdesk.trades.round_trips import fees_without_rate, round_trips

BOUGHT_AND_SOLD = [a_fill("1"), a_fill("2", Side.SELL, at=T0 + 1)]


def from_source(source: str, fill: Fill) -> Fill:
    """Return a fill as another source would report it."""
    return replace(fill, origin=replace(fill.origin, source=source))


def test_fills_of_a_source_that_reports_trades_are_not_matched_again() -> None:
    """A bot's own trades are believed, and its fills are details of them even where the trade could not be read."""
    own = [from_source("freqtrade", fill) for fill in BOUGHT_AND_SOLD]
    reported = [a_trade("t")]
    assert round_trips(reported, own) == (reported, [])
    assert round_trips([], own) == ([], [])


def test_fills_of_a_table_count_beside_a_table_of_trades() -> None:
    """A table of trades says nothing of the fills in another table, though both are of one source."""
    closed, still_open = round_trips([a_trade("t")], BOUGHT_AND_SOLD)
    assert ([trade.origin.id for trade in closed], still_open) == (["t", "fifo/2"], [])


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


def test_fees_in_what_was_traded_come_out_of_what_was_bought() -> None:
    """A fee in BTC of BTC/USD leaves less to sell: the P&L is the change of the cash, and nothing stays open."""
    buy = replace(a_fill("1", symbol="BTC/USD", price="100"), fee=Decimal("0.01"), fee_currency="BTC")
    sell = a_fill("2", Side.SELL, "0.99", "110", symbol="BTC/USD", at=T0 + 1, fee="0.05")
    closed, still_open = round_trips([], [buy, sell])
    assert still_open == []
    assert (closed[0].pnl, closed[0].quantity) == (Decimal("0.99") * 110 - Decimal("0.05") - 100, Decimal("0.99"))


def test_fees_of_contracts_take_nothing_from_them() -> None:
    """A contract settled in what it is named after pays its fee in money; the contracts stay as many."""
    buy = replace(a_fill("1", symbol="BTC/USD:BTC", price="100"), fee=Decimal("0.01"), fee_currency="BTC")
    _, still_open = round_trips([], [buy])
    assert (still_open[0].quantity, still_open[0].fees) == (Decimal(1), Decimal(1))


def test_fees_in_a_third_currency_are_told() -> None:
    """A fee in BNB has no rate: it is left out of the P&L, and counted."""
    sold = replace(BOUGHT_AND_SOLD[1], fee=Decimal(1), fee_currency="BNB")
    closed, _ = round_trips([], [BOUGHT_AND_SOLD[0], sold])
    assert closed[0].pnl == 0
    assert fees_without_rate([BOUGHT_AND_SOLD[0], sold]) == {"BNB": 1}


def test_what_parts_of_an_open_trade_brought_is_told_with_its_position() -> None:
    """A source's own word of what partial exits realised stands with what is open; without one it is unknown."""
    begun = replace(a_trade("o", closed_at=None), pnl=Decimal("9.79"))
    other = replace(a_trade("p", closed_at=None), pnl=Decimal("0.21"))
    assert positions([begun, other], [])[0].realised_pnl == Decimal("10.00")
    assert positions([a_trade("o", closed_at=None)], [])[0].realised_pnl is None
