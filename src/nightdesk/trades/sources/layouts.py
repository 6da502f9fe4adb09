"""The layouts that are known by name, each recognised by its header; an unknown header is answered with a mapping."""

from collections.abc import Sequence
from typing import Final

from nightdesk.model.trade import Mode
from nightdesk.trades.sources.mapping import OPTIONAL, REQUIRED, Mapping, RowKind

_TIME: Final = ("time", "date", "dt", "timestamp", "datetime", "Date", "Time", "")
_INDEX: Final = ("", "Unnamed: 0", "index")

BACKTESTING: Final = Mapping(
    RowKind.TRADES,
    {
        "symbol": ("Symbol",),
        "quantity": ("Size",),
        "entry_price": ("EntryPrice",),
        "exit_price": ("ExitPrice",),
        "pnl": ("PnL",),
        "fees": ("Commission",),
        "return_ratio": ("ReturnPct",),
        "opened": ("EntryTime",),
        "closed": ("ExitTime",),
        "tag": ("Tag",),
    },
    name="backtesting.py",
    source="backtesting.py",
    mode=Mode.BACKTEST,
    quantity="signed",
    constants={"symbol": ""},
    ignored=("EntryBar", "ExitBar", "SL", "TP", "Duration", *_INDEX),
)
"""`stats._trades` of backtesting.py: a size below zero is a short, PnL is net of Commission, times are naive."""

FREQTRADE: Final = Mapping(
    RowKind.TRADES,
    {
        "symbol": ("pair",),
        "quantity": ("amount",),
        "entry_price": ("open_rate",),
        "exit_price": ("close_rate",),
        "pnl": ("profit_abs",),
        "return_ratio": ("profit_ratio",),
        "opened": ("open_date",),
        "closed": ("close_date",),
        "direction": ("is_short",),
        "entry_fee_rate": ("fee_open",),
        "exit_fee_rate": ("fee_close",),
        "tag": ("enter_tag",),
        "exit_reason": ("exit_reason",),
    },
    name="freqtrade",
    source="freqtrade-backtest",
    mode=Mode.BACKTEST,
    words={"true": "short", "false": "long", "1": "short", "0": "long"},
    ignored=(
        "stake_amount",
        "max_stake_amount",
        "trade_duration",
        "initial_stop_loss_abs",
        "initial_stop_loss_ratio",
        "stop_loss_abs",
        "stop_loss_ratio",
        "min_rate",
        "max_rate",
        "is_open",
        "open_timestamp",
        "close_timestamp",
        "leverage",
        "orders",
        "funding_fees",
        "weekday",
        *_INDEX,
    ),
)
"""The trades of a freqtrade back-test as a table: `profit_abs` is net money, fees are rates of the traded value."""

PYFOLIO: Final = Mapping(
    RowKind.FILLS,
    {"time": _TIME, "symbol": ("symbol",), "quantity": ("amount",), "price": ("price",), "order_id": ("order_id",)},
    name="pyfolio",
    source="pyfolio",
    quantity="signed",
    ignored=("sid", "txn_dollars", "commission", "dt", "transaction"),
)
"""Transactions of pyfolio and Zipline: the amount is signed, and there are no fees in them."""

VECTORBT: Final = Mapping(
    RowKind.TRADES,
    {
        "symbol": ("Column",),
        "quantity": ("Size",),
        "entry_price": ("Avg Entry Price",),
        "exit_price": ("Avg Exit Price",),
        "pnl": ("PnL",),
        "entry_fees": ("Entry Fees",),
        "exit_fees": ("Exit Fees",),
        "return_ratio": ("Return",),
        "opened": ("Entry Timestamp",),
        "closed": ("Exit Timestamp",),
        "direction": ("Direction",),
        "status": ("Status",),
    },
    name="vectorbt",
    source="vectorbt",
    mode=Mode.BACKTEST,
    ignored=("Exit Trade Id", "Entry Trade Id", "Trade Id", "Position Id", "Parent Id", *_INDEX),
)
"""`trades.records_readable` of vectorbt: PnL is net, and an open trade bears the time and price of the last bar.

Its ids count from 0 in every run, so they identify nothing beyond one file.
"""

NAUTILUS_POSITIONS: Final = Mapping(
    RowKind.TRADES,
    {
        "symbol": ("instrument_id",),
        "quantity": ("peak_qty",),
        "open_quantity": ("quantity",),
        "entry_price": ("avg_px_open",),
        "exit_price": ("avg_px_close",),
        "pnl": ("realized_pnl",),
        "fees": ("commissions",),
        "opened": ("ts_opened",),
        "closed": ("ts_closed",),
        "direction": ("entry",),
        "bot": ("strategy_id",),
    },
    name="nautilus-positions",
    source="nautilus",
    ignored=(
        *("position_id", "trader_id", "account_id", "opening_order_id", "closing_order_id", "side", "signed_qty"),
        *("ts_init", "ts_last", "duration_ns", "realized_return", "is_snapshot"),
        *("quote_currency", "base_currency", "settlement_currency", "cost_currency"),
        *_INDEX,
    ),
)
"""The positions report of NautilusTrader: money and commissions with their currency, `side` is FLAT once closed.

`realized_return` leaves the commissions out, so it is no net return.
"""

NAUTILUS_FILLS: Final = Mapping(
    RowKind.FILLS,
    {
        "time": ("ts_event",),
        "symbol": ("instrument_id",),
        "side": ("order_side",),
        "quantity": ("last_qty",),
        "price": ("last_px",),
        "currency": ("currency",),
        "fee": ("commission",),
        "order_id": ("client_order_id",),
        "bot": ("strategy_id",),
    },
    name="nautilus-fills",
    source="nautilus-fills",
    ignored=(
        *("trade_id", "trader_id", "venue_order_id", "account_id", "position_id", "order_type", "liquidity_side"),
        *("event_id", "ts_init", "info", "reconciliation"),
        *_INDEX,
    ),
)
"""The fills report of NautilusTrader; venues count `trade_id` for each instrument anew, so it identifies no fill."""

EQUITY: Final = Mapping(
    RowKind.EQUITY,
    {"time": _TIME, "equity": ("Equity", "equity"), "currency": ("currency",)},
    name="equity",
    ignored=("DrawdownPct", "DrawdownDuration"),
)
RETURNS: Final = Mapping(RowKind.RETURNS, {"time": _TIME, "return": ("ret", "return", "returns")}, name="returns")
FLOWS: Final = Mapping(
    RowKind.FLOWS, {"time": _TIME, "amount": ("amount",), "currency": ("currency",), "note": ("note",)}, name="flows"
)
FILLS: Final = Mapping(
    RowKind.FILLS,
    {
        "time": _TIME,
        **{name: (name,) for name in (*REQUIRED[RowKind.FILLS][1:], *OPTIONAL[RowKind.FILLS])},
    },
    name="fills",
)
TRADES: Final = Mapping(
    RowKind.TRADES,
    {name: (name,) for name in (*REQUIRED[RowKind.TRADES], *OPTIONAL[RowKind.TRADES])},
    name="trades",
)

LAYOUTS: Final[tuple[Mapping, ...]] = (
    *(BACKTESTING, FREQTRADE, VECTORBT, NAUTILUS_POSITIONS, NAUTILUS_FILLS, PYFOLIO),
    *(EQUITY, RETURNS, FLOWS, FILLS, TRADES),
)
BY_NAME: Final = {layout.name: layout for layout in LAYOUTS}


def layout_of(header: Sequence[str]) -> Mapping | None:
    """Return the layout whose header this is, exactly; None for one that nobody knows."""
    return next((layout for layout in LAYOUTS if layout.fits(header)), None)


def likely(header: Sequence[str], asked: RowKind) -> RowKind:
    """Return what the rows of an unknown header seem to be: a side and a single time make fills of trades."""
    words = [column.lower() for column in header]
    times = sum(any(word in column for word in ("time", "date")) for column in words)
    has_side = any(column.split(".")[-1].strip().endswith(("side", "buy/sell")) for column in words)
    return RowKind.FILLS if asked is RowKind.TRADES and has_side and times <= 1 else asked


def draft(header: Sequence[str], kind: RowKind) -> str:
    """Return a mapping to start from for an unknown header, columns of like names filled in."""
    lines = [f'kind = "{kind.value}"', "", "[columns]"]
    for name in (*REQUIRED[kind], *OPTIONAL[kind]):
        like = next((column for column in header if name.replace("_", "") in column.lower().replace(" ", "")), None)
        if like is not None:
            lines.append(f'{name} = "{like}"')
        elif name in REQUIRED[kind]:
            lines.append(f'{name} = "?"        # one of: {", ".join(header)}')
    return "\n".join(lines)
