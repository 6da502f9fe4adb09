"""Words of trading: whose money, what was ordered, what was filled, and the round trips it made.

Money, prices and quantities are `Decimal`, exact as the source gave them; instants are int64 nanoseconds since the Unix
epoch, so that fills of one microsecond keep their order. Fees are costs: positive is money paid.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class Mode(Enum):
    """Whether money was at stake; totals never mix modes."""

    LIVE = "live"
    PAPER = "paper"
    BACKTEST = "backtest"


class Side(Enum):
    """What an order or a fill does."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1


class Direction(Enum):
    """Which way a position earns."""

    LONG = "long"
    SHORT = "short"

    @property
    def sign(self) -> int:
        """+1 for long, -1 for short."""
        return 1 if self is Direction.LONG else -1


@dataclass(frozen=True, slots=True, order=True)
class Portfolio:
    """Whose money, moved by whom, in earnest or not: every row of the ledger belongs to exactly one."""

    account: str
    bot: str
    """The strategy; empty for what belongs to the account as a whole, as its equity often does."""
    mode: str
    """A `Mode`'s value: text, so that portfolios have an order."""

    @classmethod
    def of(cls, account: str, bot: str, mode: Mode) -> "Portfolio":
        """Build one from a `Mode`."""
        return cls(account, bot, mode.value)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row came from; (portfolio, kind of row, source, id) is its identity, so that it is taken exactly once."""

    portfolio: Portfolio
    source: str
    """Kind of source (`freqtrade`, `csv`, `client`), never a path: a moved file is still the same rows."""
    id: str
    """The source's own identity of the row, or one made of what cannot change in it."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order as last reported."""

    origin: Origin
    symbol: str
    side: Side
    quantity: Decimal
    at: int
    """When it was released, in ns."""
    status: str
    """The source's word: `open`, `closed`, `canceled`, `rejected`, `expired` ..."""
    kind: str = ""
    """`limit`, `market`, `stop` ...; empty where the source does not say."""
    limit_price: Decimal | None = None
    filled: Decimal = Decimal(0)
    average_price: Decimal | None = None
    filled_at: int | None = None
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Fill:
    """A part of an order that was executed."""

    origin: Origin
    symbol: str
    side: Side
    quantity: Decimal
    """Above zero, whatever the side."""
    price: Decimal
    currency: str
    """What the price is counted in; empty where the source does not say."""
    at: int
    sequence: int = 0
    """The source's own order among fills of one instant."""
    fee: Decimal = Decimal(0)
    fee_currency: str = ""
    """Empty: the currency of the price."""
    order_id: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Trade:
    """A round trip: a position from its opening to its close, or open still.

    Reported by the source itself, or matched from fills. `pnl` is what was realised net of fees; an open trade may have
    realised a part of it already.
    """

    origin: Origin
    symbol: str
    direction: Direction
    quantity: Decimal
    """Above zero, whatever the direction; of an open trade what is still open."""
    entry_price: Decimal
    opened_at: int
    currency: str
    exit_price: Decimal | None = None
    closed_at: int | None = None
    pnl: Decimal | None = None
    fees: Decimal = Decimal(0)
    return_ratio: float | None = None
    """Net result over what was put in, as the source gives it or the matching works it out."""
    tag: str = ""
    exit_reason: str = ""

    @property
    def is_open(self) -> bool:
        """True until it is closed."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class Position:
    """What is open in one symbol of one portfolio."""

    portfolio: Portfolio
    symbol: str
    direction: Direction
    quantity: Decimal
    entry_price: Decimal
    """Average price of what is still open."""
    opened_at: int
    currency: str
    last_price: Decimal | None = None
    """None where nobody reported one: then the unrealised P&L is unknown."""
    last_price_at: int | None = None
    unrealised_pnl: Decimal | None = None
    realised_pnl: Decimal | None = None
    """What parts that were closed already brought, net, as the source says; in no total before the whole closes."""
