"""What else the ledger keeps, what may be asked of it, and what became of rows that were given."""

from dataclasses import dataclass
from decimal import Decimal

from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT
from nightdesk.model.trade import Fill, Mode, Order, Origin, Portfolio, Trade


@dataclass(frozen=True, slots=True)
class EquityMark:
    """What an account was worth at an instant (ns), open positions at their market price included."""

    origin: Origin
    at: int
    equity: Decimal
    currency: str
    mode_is_stated: bool = True
    """False where nobody stated the mode: then it is no part of the identity, and follows the account's trades."""


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Money put in (positive) or taken out (negative): never profit."""

    origin: Origin
    at: int
    amount: Decimal
    currency: str
    note: str = ""
    mode_is_stated: bool = True
    """As of an equity mark."""


@dataclass(frozen=True, slots=True)
class ReturnMark:
    """The simple return of the period that ends at an instant (ns), where a source gives returns and no equity."""

    origin: Origin
    at: int
    value: float
    mode_is_stated: bool = True
    """As of an equity mark."""


@dataclass(frozen=True, slots=True)
class StartingBalance:
    """What a person said the account held before its first trade; never guessed."""

    origin: Origin
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class PriceMark:
    """The last price of a symbol that a source reported, for what is open in it."""

    origin: Origin
    symbol: str
    price: Decimal
    currency: str
    at: int


LedgerEntry = Fill | Order | Trade | EquityMark | CashFlow | ReturnMark | StartingBalance | PriceMark
"""One row of the ledger."""

Worth = EquityMark | CashFlow | ReturnMark
"""What tables give without naming a mode."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of entries: new ones, ones known word for word, and ones that replaced an older form of theirs."""

    added: int = 0
    known: int = 0
    corrected: int = 0

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(self.added + other.added, self.known + other.known, self.corrected + other.corrected)


@dataclass(frozen=True, slots=True)
class FileReading:
    """One reading of a file for an account: at its end, what only an older one set aside has been put right."""

    account: str
    file: str
    """Path of the file: another one of the same name has rows of its own."""
    id: str
    """Tells readings apart."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that could not be read, kept whole so that nothing is lost."""

    source: str
    """File name or kind of source, for people."""
    row: int
    """Line or row number in the source, from 1; 0 where it has none."""
    reason: str
    """Why, as a sentence that names the field and what would be right."""
    content: str
    portfolio: Portfolio | None = None
    """Whose it would be, as far as it is known: an empty bot or mode may be any; None where nothing is known."""
    reading: FileReading | None = None
    """None for a row that came in no file."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows are meant; None and the widest instants take all. The interval is [start, end) in ns."""

    account: str | None = None
    bot: str | None = None
    mode: Mode | None = None
    start: int = MIN_INSTANT
    end: int = MAX_INSTANT

    def takes(self, portfolio: Portfolio) -> bool:
        """Return whether a portfolio's rows are meant, whatever their instant."""
        return (
            self.account in (None, portfolio.account)
            and self.bot in (None, portfolio.bot)
            and (self.mode is None or self.mode.value == portfolio.mode)
        )


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the ledger holds of one portfolio: rows of each kind, and the instants (ns) of the first and the last."""

    portfolio: Portfolio
    fills: int
    orders: int
    trades: int
    equity_marks: int
    return_marks: int
    currencies: tuple[str, ...]
    first_at: int | None
    last_at: int | None
    last_trade_closed_at: int | None
    """When the latest trade closed: a window without trades names it."""
