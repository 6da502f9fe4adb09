"""Each kind of row as a table: one explicit list of columns, from which the rows are written and read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

from nightdesk.model.ledger import CashFlow, EquityMark, LedgerEntry, PriceMark, ReturnMark, StartingBalance
from nightdesk.model.trade import Fill, Order, Origin, Trade
from nightdesk.store.ledger.exact import (
    DIRECTION,
    FLAG,
    MONEY,
    MONEY_OR_NONE,
    REAL,
    REAL_OR_NONE,
    SIDE,
    WHOLE,
    WHOLE_OR_NONE,
    WORD,
    Column,
)

Entry = TypeVar("Entry", bound=LedgerEntry)
Content = tuple[Any, ...]
"""A row without its identity, as the columns hold it."""


@dataclass(frozen=True, slots=True)
class Form(Generic[Entry]):
    """One kind of row; columns bear the names of the entry's fields."""

    entry: type[Entry]
    table: str
    columns: dict[str, Column]
    instant: str = "at"
    """The column by which rows are found in time; empty where they have no instant that matters."""
    incidental: tuple[str, ...] = ()
    """Columns that say how a row came, not what it is: its place in a file, whether its mode was stated."""
    _fields: Callable[[Entry], Sequence[Any]] = field(init=False)
    _writers: tuple[Callable[[Any], Any], ...] = field(init=False)
    _readers: tuple[Callable[[Any], Any], ...] = field(init=False)

    def __post_init__(self) -> None:
        """Look the fields up once: a hundred thousand rows pass here in a second."""
        object.__setattr__(self, "_fields", attrgetter(*self.columns))
        object.__setattr__(self, "_writers", tuple(column.write for column in self.columns.values()))
        object.__setattr__(self, "_readers", tuple(column.read for column in self.columns.values()))

    def content(self, entry: Entry) -> Content:
        """Write an entry's content. Raises Refused for an amount that is none."""
        return tuple(write(value) for write, value in zip(self._writers, self._fields(entry), strict=True))

    def says_the_same(self, one: Content, other: Content) -> bool:
        """Tell whether two contents are of one form of a row: the newer corrects nothing."""
        return all(
            old == new for name, old, new in zip(self.columns, one, other, strict=True) if name not in self.incidental
        )

    def read(self, origin: Origin, content: Sequence[Any]) -> Entry:
        """Read an entry back."""
        return self.entry(origin, *(read(value) for read, value in zip(self._readers, content, strict=True)))

    @property
    def names(self) -> str:
        """The columns of the content, for SQL."""
        return ", ".join(self.columns)


FILLS: Final = Form(
    Fill,
    "fills",
    {
        "symbol": WORD,
        "side": SIDE,
        "quantity": MONEY,
        "price": MONEY,
        "currency": WORD,
        "at": WHOLE,
        "sequence": WHOLE,
        "fee": MONEY,
        "fee_currency": WORD,
        "order_id": WORD,
        "tag": WORD,
    },
    incidental=("sequence",),
)
ORDERS: Final = Form(
    Order,
    "orders",
    {
        "symbol": WORD,
        "side": SIDE,
        "quantity": MONEY,
        "at": WHOLE,
        "status": WORD,
        "kind": WORD,
        "limit_price": MONEY_OR_NONE,
        "filled": MONEY,
        "average_price": MONEY_OR_NONE,
        "filled_at": WHOLE_OR_NONE,
        "tag": WORD,
    },
)
TRADES: Final = Form(
    Trade,
    "trades",
    {
        "symbol": WORD,
        "direction": DIRECTION,
        "quantity": MONEY,
        "entry_price": MONEY,
        "opened_at": WHOLE,
        "currency": WORD,
        "exit_price": MONEY_OR_NONE,
        "closed_at": WHOLE_OR_NONE,
        "pnl": MONEY_OR_NONE,
        "fees": MONEY,
        "return_ratio": REAL_OR_NONE,
        "tag": WORD,
        "exit_reason": WORD,
    },
    instant="closed_at",
)
_MODE: Final = ("mode_is_stated",)
EQUITY: Final = Form(
    EquityMark,
    "equity_marks",
    {"at": WHOLE, "equity": MONEY, "currency": WORD, "mode_is_stated": FLAG},
    incidental=_MODE,
)
FLOWS: Final = Form(
    CashFlow,
    "cash_flows",
    {"at": WHOLE, "amount": MONEY, "currency": WORD, "note": WORD, "mode_is_stated": FLAG},
    incidental=_MODE,
)
RETURNS: Final = Form(
    ReturnMark, "return_marks", {"at": WHOLE, "value": REAL, "mode_is_stated": FLAG}, incidental=_MODE
)
BALANCES: Final = Form(StartingBalance, "starting_balances", {"amount": MONEY, "currency": WORD}, instant="")
PRICES: Final = Form(PriceMark, "prices", {"symbol": WORD, "price": MONEY, "currency": WORD, "at": WHOLE})

FORMS: Final[tuple[Form[Any], ...]] = (FILLS, ORDERS, TRADES, EQUITY, FLOWS, RETURNS, BALANCES, PRICES)
FORM_OF: Final[dict[type, Form[Any]]] = {form.entry: form for form in FORMS}
