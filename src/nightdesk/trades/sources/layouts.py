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

LAYOUTS: Final[tuple[Mapping, ...]] = (BACKTESTING, FREQTRADE, PYFOLIO, EQUITY, RETURNS, FLOWS, FILLS, TRADES)
BY_NAME: Final = {layout.name: layout for layout in LAYOUTS}


def layout_of(header: Sequence[str]) -> Mapping | None:
    """Return the layout whose header this is, exactly; None for one that nobody knows."""
    return next((layout for layout in LAYOUTS if layout.fits(header)), None)


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
