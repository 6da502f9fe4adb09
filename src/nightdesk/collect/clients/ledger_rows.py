"""Orders and fills of bots as rows of the ledger; what cannot be read is set aside whole, with its reason."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson

from nightdesk.errors import BadPayload
from nightdesk.model.ledger import LedgerEntry, SetAside
from nightdesk.model.money import MOST_DIGITS
from nightdesk.model.trade import Fill, Mode, Order, Origin, Portfolio, Side

SOURCE: Final = "client"
MOST_TEXT: Final = 512
NANOS: Final = 1_000_000_000
FIRST_NANOS: Final = 0
LAST_NANOS: Final = 4_102_444_800 * NANOS
"""The year 2100: what lies beyond is a mistake of units."""


def read_entries(bot: str, rows: Iterable[Mapping[str, Any]]) -> tuple[list[LedgerEntry], list[SetAside]]:
    """Return the rows that can be read, and the others with their reasons."""
    entries: list[LedgerEntry] = []
    aside: list[SetAside] = []
    for row in rows:
        try:
            entries.append(_read(bot, row))
        except BadPayload as error:
            aside.append(SetAside(f"{SOURCE} {bot}", 0, str(error), orjson.dumps(row).decode()))
    return entries, aside


def _read(bot: str, row: Mapping[str, Any]) -> LedgerEntry:
    kind = row.get("kind")
    if kind == "fill":
        return _fill(bot, row)
    if kind == "order":
        return _order(bot, row)
    raise BadPayload(f"kind is {str(kind)[:40]!r}; a row is a fill or an order")


def _fill(bot: str, row: Mapping[str, Any]) -> Fill:
    return Fill(
        origin=_origin(bot, row),
        symbol=_text(row, "symbol"),
        side=_side(row),
        quantity=_amount(row, "quantity", above_zero=True),
        price=_amount(row, "price"),
        currency=_text(row, "currency", ""),
        at=_instant(row, "at"),
        sequence=_count(row, "sequence"),
        fee=_amount(row, "fee") if "fee" in row else Decimal(0),
        fee_currency=_text(row, "fee_currency", ""),
        order_id=_text(row, "order_id", ""),
        tag=_text(row, "tag", ""),
    )


def _order(bot: str, row: Mapping[str, Any]) -> Order:
    return Order(
        origin=_origin(bot, row),
        symbol=_text(row, "symbol"),
        side=_side(row),
        quantity=_amount(row, "quantity", above_zero=True),
        at=_instant(row, "at"),
        status=_text(row, "status"),
        kind=_text(row, "type", ""),
        limit_price=_amount(row, "limit_price") if "limit_price" in row else None,
        filled=_amount(row, "filled") if "filled" in row else Decimal(0),
        average_price=_amount(row, "average_price") if "average_price" in row else None,
        filled_at=_instant(row, "filled_at") if "filled_at" in row else None,
        tag=_text(row, "tag", ""),
    )


def _origin(bot: str, row: Mapping[str, Any]) -> Origin:
    mode = row.get("mode")
    if mode not in {each.value for each in Mode}:
        raise BadPayload(f"mode is {str(mode)[:40]!r}; write live, paper or backtest")
    return Origin(Portfolio(_text(row, "account"), bot, str(mode)), SOURCE, _text(row, "id"))


def _side(row: Mapping[str, Any]) -> Side:
    try:
        return Side(_text(row, "side").lower())
    except ValueError:
        raise BadPayload(f"side is {str(row.get('side'))[:40]!r}; write buy or sell") from None


def _text(row: Mapping[str, Any], field: str, usual: str | None = None) -> str:
    value = row.get(field, usual)
    if not isinstance(value, str) or len(value) > MOST_TEXT or (usual is None and not value):
        raise BadPayload(f"{field} is {str(value)[:40]!r}; it must be a text of at most {MOST_TEXT} characters")
    return value


def _amount(row: Mapping[str, Any], field: str, *, above_zero: bool = False) -> Decimal:
    text = _text(row, field)
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise BadPayload(f"{field} is {text[:40]!r}, which is no number") from None
    if not amount.is_finite() or abs(amount.adjusted()) > MOST_DIGITS or len(text) > MOST_DIGITS:
        raise BadPayload(f"{field} is {text[:40]!r}, which is no amount")
    if above_zero and amount <= 0:
        raise BadPayload(f"{field} is {text[:40]}; it must be above zero, the side says which way")
    return amount


def _count(row: Mapping[str, Any], field: str) -> int:
    text = _text(row, field, "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadPayload(f"{field} is {text[:40]!r}; it must be a whole number")
    return int(text)


def _instant(row: Mapping[str, Any], field: str) -> int:
    """Read nanoseconds since the epoch, or ISO 8601 with a zone: without one nobody knows which moment is meant."""
    text = _text(row, field)
    nanos = int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else _from_iso(text, field)
    if not FIRST_NANOS <= nanos < LAST_NANOS:
        raise BadPayload(
            f"{field} is {text[:40]}, which lies before 1970 or after 2100; give Unix seconds or a datetime"
        )
    return nanos


def _from_iso(text: str, field: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadPayload(f"{field} is {text[:40]!r}, which is no time") from None
    if moment.tzinfo is None:
        raise BadPayload(f"{field} is {text[:40]}, which has no time zone")
    return round(moment.timestamp()) * NANOS if not moment.microsecond else _with_microseconds(moment)


def _with_microseconds(moment: datetime) -> int:
    """Count whole seconds and microseconds apart: a float holds no nanoseconds of our time."""
    return round(moment.replace(microsecond=0).timestamp()) * NANOS + moment.microsecond * 1_000
