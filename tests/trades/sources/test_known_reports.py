"""Reports of NautilusTrader and vectorbt as those programs write them, and of Interactive Brokers by its mapping."""

from decimal import Decimal
from pathlib import Path

from nightdesk.model.trade import Direction, Fill, Side, Trade
from nightdesk.testing.trade_files import read, written
from nightdesk.trades.sources.mapping import RowKind, read_mapping

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples" / "mappings"
POSITIONS = """position_id,trader_id,strategy_id,instrument_id,account_id,opening_order_id,closing_order_id,entry,side,\
quantity,peak_qty,ts_init,ts_opened,ts_last,ts_closed,duration_ns,avg_px_open,avg_px_close,commissions,\
realized_return,realized_pnl
P-1,T-1,EMACross-001,ETHUSDT.BINANCE,BINANCE-001,O-1,O-2,BUY,FLAT,0.0,0.1,1,2020-01-01 08:04:00+00:00,1,\
2020-01-01 09:15:00+00:00,1,129.5,130.1,['0.02500000 USDT'],0.0046,0.03500000 USDT
P-2,T-1,EMACross-001,ETHUSDT.BINANCE,BINANCE-001,O-3,O-4,SELL,FLAT,0.0,0.1,1,2020-01-02 08:04:00+00:00,1,\
2020-01-02 09:15:00+00:00,1,129.5,130.1,['0.02500000 USDT'],-0.0046,\N{MINUS SIGN}0.08500000 USDT
P-3,T-1,EMACross-001,ETHUSDT.BINANCE,BINANCE-001,O-5,,SELL,SHORT,0.04,0.1,1,2020-01-03 08:04:00+00:00,1,\
,,129.5,,['0.01250000 USDT'],0.0,-0.01250000 USDT
"""
NAUTILUS_FILLS = """client_order_id,trader_id,strategy_id,instrument_id,venue_order_id,account_id,trade_id,position_id,\
order_side,order_type,last_qty,last_px,currency,commission,liquidity_side,event_id,ts_event,ts_init,info,reconciliation
O-1,T-1,S-1,ETHUSDT.BINANCE,V-1,BINANCE-001,1,P-1,BUY,MARKET,0.10000,129.50,USDT,0.01295000 USDT,TAKER,E-1,\
2020-01-01 08:04:00+00:00,2020-01-01 08:04:00+00:00,{},False
"""
VECTORBT = """Exit Trade Id,Column,Size,Entry Timestamp,Avg Entry Price,Entry Fees,Exit Timestamp,Avg Exit Price,\
Exit Fees,PnL,Return,Direction,Status,Position Id
0,BTC-USD,0.5,2021-01-01 00:00:00+00:00,100.0,0.05,2021-01-05 00:00:00+00:00,110.0,0.055,4.895,0.0979,Long,Closed,0
1,BTC-USD,0.5,2021-01-06 00:00:00+00:00,100.0,0.05,2021-01-07 00:00:00+00:00,110.0,0.055,-5.105,-0.1021,Short,Closed,1
2,BTC-USD,0.5,2021-01-08 00:00:00+00:00,100.0,0.05,2021-01-09 00:00:00+00:00,120.0,0.0,9.95,0.199,Long,Open,2
"""
FLEX = """ClientAccountID,CurrencyPrimary,AssetClass,Symbol,DateTime,Quantity,TradePrice,IBCommission,\
IBCommissionCurrency,IBOrderID,IBExecID,Buy/Sell
U0000000,USD,STK,AAPL,20260302;103000,"1,000",180.5,-1.05,USD,11,0000.01,BUY
U0000000,USD,STK,AAPL,20260303;103000,"-1,000",190.5,-1.05,USD,12,0000.02,SELL
"""
ORDERS = """client_order_id,strategy_id,instrument_id,side,filled_qty,avg_px,commissions,ts_last
O-1,S-1,ETHUSDT.BINANCE,BUY,0.1,129.5,['0.012 USDT'],2020-01-01 08:04:00+00:00
"""


def test_positions_of_nautilus(tmp_path: Path) -> None:
    """The entry is the direction, FLAT or not; money has its currency beside it; what has no close is open."""
    trades, aside, _ = read(written(tmp_path, POSITIONS))
    assert aside == []
    first, second, third = (trade for trade in trades if isinstance(trade, Trade))
    assert (first.pnl, first.fees, first.currency) == (Decimal("0.035"), Decimal("0.025"), "USDT")
    assert (first.direction, first.quantity, first.origin.portfolio.bot) == (
        Direction.LONG,
        Decimal("0.1"),
        "EMACross-001",
    )
    assert (second.direction, second.pnl) == (Direction.SHORT, Decimal("-0.085"))
    assert (third.is_open, third.quantity, third.pnl) == (True, Decimal("0.04"), None)


def test_fills_of_nautilus(tmp_path: Path) -> None:
    """A fill's commission has its own currency."""
    (fill,), _, _ = read(written(tmp_path, NAUTILUS_FILLS))
    assert isinstance(fill, Fill)
    assert (fill.side, fill.fee, fill.fee_currency, fill.currency) == (Side.BUY, Decimal("0.01295"), "USDT", "USDT")
    assert fill.order_id == "O-1"


def test_trades_of_vectorbt(tmp_path: Path) -> None:
    """Its status tells open trades, whose exit is only the last bar; fees of entry and exit add up."""
    trades, aside, _ = read(written(tmp_path, VECTORBT))
    assert aside == []
    first, second, third = (trade for trade in trades if isinstance(trade, Trade))
    assert (first.fees, first.pnl, first.origin.portfolio.mode) == (Decimal("0.105"), Decimal("4.895"), "backtest")
    assert second.direction is Direction.SHORT
    assert (third.is_open, third.exit_price, third.pnl, third.fees) == (True, None, None, Decimal("0.05"))


def test_the_mapping_for_interactive_brokers(tmp_path: Path) -> None:
    """Grouped quantities, signed; commissions as money that went out."""
    mapping = read_mapping(EXAMPLES / "interactive-brokers-flex.toml")
    fills, aside, notes = read(written(tmp_path, FLEX), mapping=mapping, kind=RowKind.FILLS)
    assert (aside, notes) == ([], [])
    buy, sell = (fill for fill in fills if isinstance(fill, Fill))
    assert (buy.side, buy.quantity, buy.fee, buy.currency) == (Side.BUY, Decimal(1000), Decimal("1.05"), "USD")
    assert (sell.side, sell.at) == (Side.SELL, 1_772_551_800_000_000_000)


def test_the_mapping_for_order_fills_of_nautilus(tmp_path: Path) -> None:
    """One row an order, its commissions summed."""
    mapping = read_mapping(EXAMPLES / "nautilus-order-fills.toml")
    (fill,), _, _ = read(written(tmp_path, ORDERS), mapping=mapping, kind=RowKind.FILLS)
    assert isinstance(fill, Fill)
    assert (fill.quantity, fill.fee, fill.origin.id) == (Decimal("0.1"), Decimal("0.012"), "O-1")
