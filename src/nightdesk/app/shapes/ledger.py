"""The ledger as JSON: rows that come in, rows that go out, and what became of them. Exact amounts are strings."""

import math
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from nightdesk.app.shapes.shape import Shape, Text
from nightdesk.app.trading.listing import TradeList
from nightdesk.errors import BadPayload
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT, to_millis
from nightdesk.model.ledger import (
    CashFlow,
    EquityMark,
    FileReading,
    Holdings,
    LedgerEntry,
    PriceMark,
    ReturnMark,
    SetAside,
    StartingBalance,
    Taken,
)
from nightdesk.model.trade import Fill, Order, Position, Trade

MOST_ROWS: Final = 20_000
"""Rows in one request."""


class LedgerRows(BaseModel):
    """`POST /api/desk/ledger`: rows by kind, in the words of the model; instants in ns, amounts as decimal strings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fills: list[Fill] = Field(default_factory=list)
    orders: list[Order] = Field(default_factory=list)
    trades: list[Trade] = Field(default_factory=list)
    equity_marks: list[EquityMark] = Field(default_factory=list)
    cash_flows: list[CashFlow] = Field(default_factory=list)
    return_marks: list[ReturnMark] = Field(default_factory=list)
    starting_balances: list[StartingBalance] = Field(default_factory=list)
    prices: list[PriceMark] = Field(default_factory=list)
    set_aside: list[SetAside] = Field(default_factory=list)
    ended: FileReading | None = None
    """The reading of a file that ends with these rows."""

    @classmethod
    def of(cls, entries: list[LedgerEntry], aside: list[SetAside], ended: FileReading | None = None) -> "LedgerRows":
        """Sort entries by kind."""
        lists: dict[str, Any] = {name: [each for each in entries if type(each) is kind] for kind, name in _LISTS}
        return cls.model_construct(None, **lists, set_aside=aside, ended=ended)

    @property
    def entries(self) -> list[LedgerEntry]:
        """All rows of the ledger."""
        return [entry for _, name in _LISTS for entry in getattr(self, name)]


_LISTS: Final = (
    (Fill, "fills"),
    (Order, "orders"),
    (Trade, "trades"),
    (EquityMark, "equity_marks"),
    (CashFlow, "cash_flows"),
    (ReturnMark, "return_marks"),
    (StartingBalance, "starting_balances"),
    (PriceMark, "prices"),
)


_INSTANTS: Final = ("at", "opened_at", "closed_at", "filled_at", "sequence")
_RATIOS: Final = ("value", "return_ratio")


def read_rows(body: bytes) -> LedgerRows:
    """Read the rows of a request. Raises BadPayload that names the first fault; nothing of the request is kept."""
    try:
        rows = LedgerRows.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadPayload(f"{place or 'the body'}: {first['msg']}") from error
    if len(rows.entries) + len(rows.set_aside) > MOST_ROWS:
        raise BadPayload(f"at most {MOST_ROWS:,} rows in one request")
    for entry in rows.entries:
        _demand_sense(entry)
    return rows


def _demand_sense(entry: LedgerEntry) -> None:
    if isinstance(entry, Fill | Order | Trade) and entry.quantity <= 0:
        raise BadPayload(f"{entry.origin.id}: quantity has to be above zero; the side says the direction")
    if isinstance(entry, Trade) and entry.closed_at is not None and entry.closed_at < entry.opened_at:
        raise BadPayload(f"{entry.origin.id}: closed_at lies before opened_at")
    if not (entry.origin.portfolio.account and entry.origin.source and entry.origin.id):
        raise BadPayload("origin: account, source and id have to be named")
    for name in _INSTANTS:
        if not MIN_INSTANT <= (getattr(entry, name, None) or 0) <= MAX_INSTANT:
            raise BadPayload(f"{entry.origin.id}: {name} lies outside the years 1678 to 2261, in ns")
    for name in _RATIOS:
        if not math.isfinite(getattr(entry, name, None) or 0.0):
            raise BadPayload(f"{entry.origin.id}: {name} has to be a finite number")
    if entry.origin.portfolio.mode not in ("live", "paper", "backtest"):
        raise BadPayload(f"{entry.origin.id}: mode has to be live, paper or backtest")


class TakenShape(Shape):
    """What became of rows."""

    added: int
    known: int
    corrected: int
    set_aside: int

    @classmethod
    def of(cls, taken: Taken, set_aside: int) -> "TakenShape":
        """Shape it."""
        return cls(added=taken.added, known=taken.known, corrected=taken.corrected, set_aside=set_aside)


class HoldingsShape(Shape):
    """`GET /api/desk/ledger/holdings`; instants in ns, as the ledger counts."""

    holdings: list[Holdings]


HOLDINGS: Final = TypeAdapter(list[Holdings])


class SetAsideShape(Shape):
    """`GET /api/desk/ledger/set-aside`, newest first."""

    rows: list[SetAside]


class TradeShape(Shape):
    """One trade; instants in ms, money as a number and exactly as text."""

    account: Text
    bot: Text
    mode: str
    source: Text
    id: Text
    symbol: Text
    direction: str
    quantity: float
    quantity_text: str
    entry_price: float
    exit_price: float | None
    opened_at: int
    closed_at: int | None
    pnl: float | None
    pnl_text: str | None
    fees: float
    currency: Text
    return_ratio: float | None
    tag: Text
    exit_reason: Text

    @classmethod
    def of(cls, trade: Trade) -> "TradeShape":
        """Shape one."""
        portfolio = trade.origin.portfolio
        return cls(
            account=portfolio.account,
            bot=portfolio.bot,
            mode=portfolio.mode,
            source=trade.origin.source,
            id=trade.origin.id,
            symbol=trade.symbol,
            direction=trade.direction.value,
            quantity=float(trade.quantity),
            quantity_text=f"{trade.quantity:f}",
            entry_price=float(trade.entry_price),
            exit_price=_number(trade.exit_price),
            opened_at=to_millis(trade.opened_at),
            closed_at=_millis(trade.closed_at),
            pnl=_number(trade.pnl),
            pnl_text=_text(trade.pnl),
            fees=float(trade.fees),
            currency=trade.currency,
            return_ratio=trade.return_ratio,
            tag=trade.tag,
            exit_reason=trade.exit_reason,
        )


class TradesShape(Shape):
    """`GET /api/desk/trades`: closed ones, newest first, then open ones."""

    trades: list[TradeShape]
    open_trades: list[TradeShape]
    total: int
    """Closed trades in the interval, of which `trades` holds the newest."""
    last_trade_at: int | None
    notes: list[Text]


def trades_shape(listed: TradeList) -> TradesShape:
    """Shape a list of trades."""
    return TradesShape(
        trades=[TradeShape.of(trade) for trade in listed.trades],
        open_trades=[TradeShape.of(trade) for trade in listed.open_trades],
        total=listed.total,
        last_trade_at=_millis(listed.last_trade_at),
        notes=list(listed.notes),
    )


class PositionShape(Shape):
    """What is open in one symbol; without a last price the unrealised P&L is null."""

    account: Text
    bot: Text
    mode: str
    symbol: Text
    direction: str
    quantity: float
    quantity_text: str
    entry_price: float
    opened_at: int
    currency: Text
    last_price: float | None
    last_price_at: int | None
    unrealised_pnl: float | None
    unrealised_pnl_text: str | None
    realised_pnl: float | None
    """What parts of it brought already; in no total before it closes."""
    realised_pnl_text: str | None
    reason: str | None

    @classmethod
    def of(cls, position: Position) -> "PositionShape":
        """Shape one."""
        return cls(
            account=position.portfolio.account,
            bot=position.portfolio.bot,
            mode=position.portfolio.mode,
            symbol=position.symbol,
            direction=position.direction.value,
            quantity=float(position.quantity),
            quantity_text=f"{position.quantity:f}",
            entry_price=float(position.entry_price),
            opened_at=to_millis(position.opened_at),
            currency=position.currency,
            last_price=_number(position.last_price),
            last_price_at=_millis(position.last_price_at),
            unrealised_pnl=_number(position.unrealised_pnl),
            unrealised_pnl_text=_text(position.unrealised_pnl),
            realised_pnl=_number(position.realised_pnl),
            realised_pnl_text=_text(position.realised_pnl),
            reason=None if position.unrealised_pnl is not None else NO_PRICE,
        )


NO_PRICE: Final = "No source reported a price of this symbol."


class PositionsShape(Shape):
    """`GET /api/desk/positions`."""

    positions: list[PositionShape]


def rows_json(rows: LedgerRows) -> bytes:
    """Write rows for a request."""
    return _DUMPED.dump_json(rows)


_DUMPED: Final[TypeAdapter[Any]] = TypeAdapter(LedgerRows)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _millis(nanos: int | None) -> int | None:
    return None if nanos is None else to_millis(nanos)
