"""How values of the ledger stand in columns: money as text, since SQLite's NUMERIC is a binary float."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from nightdesk.errors import Refused
from nightdesk.model.money import MOST_DIGITS
from nightdesk.model.trade import Direction, Side


def exact_text(value: Decimal) -> str:
    """Write a decimal without exponent, sign of zero or closing zeros: equal numbers are equal text.

    Raises:
        Refused: it is no finite number, or has more digits than any money.
    """
    if not value.is_finite() or abs(value.adjusted()) > MOST_DIGITS or len(value.as_tuple().digits) > 3 * MOST_DIGITS:
        raise Refused(f"{value} is no amount: the ledger takes finite numbers of at most {MOST_DIGITS} digits")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _same(value: Any) -> Any:
    return value


def _some_text(value: Decimal | None) -> str | None:
    return None if value is None else exact_text(value)


def _some_money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@dataclass(frozen=True, slots=True)
class Column:
    """How one kind of value is written to a column and read back; `write(read(x)) == x`."""

    sql: str
    write: Callable[[Any], Any] = _same
    read: Callable[[Any], Any] = _same


WORD: Final = Column("TEXT NOT NULL")
WHOLE: Final = Column("INTEGER NOT NULL")
FLAG: Final = Column("INTEGER NOT NULL", int, bool)
WHOLE_OR_NONE: Final = Column("INTEGER")
REAL: Final = Column("REAL NOT NULL")
REAL_OR_NONE: Final = Column("REAL")
MONEY: Final = Column("TEXT NOT NULL", exact_text, Decimal)
MONEY_OR_NONE: Final = Column("TEXT", _some_text, _some_money)
SIDE: Final = Column("TEXT NOT NULL", lambda side: side.value, Side)
DIRECTION: Final = Column("TEXT NOT NULL", lambda direction: direction.value, Direction)
