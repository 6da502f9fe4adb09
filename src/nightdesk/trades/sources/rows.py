"""One row of a table as an entry of the ledger, by its mapping; identity of what cannot change where it has none."""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from typing import Final

from nightdesk.model.ledger import CashFlow, EquityMark, LedgerEntry, PriceMark, ReturnMark
from nightdesk.model.money import EXACT
from nightdesk.model.trade import Direction, Fill, Origin, Portfolio, Side, Trade
from nightdesk.trades.sources.cells import Instant, exact_number
from nightdesk.trades.sources.mapping import Mapping, RowKind
from nightdesk.trades.sources.reading import RowFault, Stated

ZERO: Final = Decimal(0)
EMPTY: Final = frozenset({"", "nan", "none", "null", "nat", "na", "<na>"})
"""What tables write where an optional cell has no value."""


class Rows:
    """Reads the rows of one table, one after the other."""

    def __init__(self, mapping: Mapping, header: Sequence[str], stated: Stated, instant: Instant) -> None:
        """Find the columns once; `instant` reads the table's times."""
        self._mapping, self._stated, self._instant = mapping, stated, instant
        self._constants = dict(mapping.constants)
        if stated.currency:
            self._constants.setdefault("currency", stated.currency)
        self._at = {name: _place(names, header) for name, names in mapping.columns.items()}
        self._at = {name: place for name, place in self._at.items() if place >= 0}
        self._names = {name: header[place] for name, place in self._at.items()}
        self._comma = mapping.decimal == ","
        self._seen: Counter[str] = Counter()
        self._cells: Sequence[str] = ()
        self._read: Callable[[], LedgerEntry] = _READERS[mapping.kind].__get__(self)

    def entry(self, cells: Sequence[str]) -> LedgerEntry:
        """Return the entry of one row. Raises RowFault with a sentence that names the column."""
        self._cells = cells
        return self._read()

    # ------------------------------------------------------------ kinds

    def _fill(self) -> Fill:
        at, symbol = self._time("time"), self._text("symbol")
        quantity, sign = self._quantity()
        side = self._side(sign)
        price = self._number("price")
        fee = self._cost("fee")
        made = f"{at}/{symbol}/{side.value}/{quantity:f}/{price:f}"
        return Fill(
            self._origin(made),
            symbol,
            side,
            quantity,
            price,
            self._text("currency"),
            at,
            fee=fee,
            fee_currency=self._text("fee_currency"),
            order_id=self._text("order_id"),
            tag=self._text("tag"),
        )

    def _trade(self) -> Trade:
        symbol = self._text("symbol")
        opened, closed = self._time("opened"), self._time_or_none("closed")
        if closed is not None and closed < opened:
            raise RowFault(f"{self._name('closed')} lies before {self._name('opened')}")
        quantity, sign = self._quantity()
        direction = self._direction(sign)
        entry_price = self._number("entry_price")
        is_closed = closed is not None
        exit_price = self._number("exit_price") if is_closed else None
        fees = self._fees(quantity, entry_price, exit_price)
        ratio = self._number_or_none("return_ratio")
        return Trade(
            self._origin(f"{opened}/{symbol}/{direction.value}"),
            symbol,
            direction,
            quantity,
            entry_price,
            opened,
            self._text("currency"),
            exit_price=exit_price,
            closed_at=closed,
            pnl=self._net(fees) if is_closed else None,
            fees=fees,
            return_ratio=None if ratio is None else float(ratio),
            tag=self._text("tag"),
            exit_reason=self._text("exit_reason"),
        )

    def _equity(self) -> EquityMark:
        at, currency = self._time("time"), self._text("currency")
        origin = Origin(self._portfolio(), self._mapping.source, f"{at}/{currency}")
        return EquityMark(origin, at, self._number("equity"), currency)

    def _flow(self) -> CashFlow:
        at, amount = self._time("time"), self._number("amount")
        return CashFlow(self._origin(f"{at}/{amount:f}"), at, amount, self._text("currency"), self._text("note"))

    def _return(self) -> ReturnMark:
        at = self._time("time")
        return ReturnMark(Origin(self._portfolio(), self._mapping.source, str(at)), at, float(self._number("return")))

    def _price(self) -> PriceMark:
        symbol, currency = self._text("symbol"), self._text("currency")
        origin = Origin(self._portfolio(), self._mapping.source, f"{symbol}/{currency}")
        return PriceMark(origin, symbol, self._number("price"), currency, self._time("time"))

    # ------------------------------------------------------------ cells

    def _origin(self, made: str) -> Origin:
        """Return the row's identity: the source's own id, or what cannot change and its place among equal rows."""
        own = self._text("id")
        if own:
            return Origin(self._portfolio(), self._mapping.source, own)
        self._seen[made] += 1
        return Origin(self._portfolio(), self._mapping.source, f"{made}#{self._seen[made]}")

    def _portfolio(self) -> Portfolio:
        account, bot = self._text("account"), self._text("bot")
        known = self._stated.portfolio(bot, self._mapping.mode)
        return Portfolio(account, known.bot, known.mode) if account else known

    def _text(self, name: str) -> str:
        place = self._at.get(name)
        if place is None:
            return self._constants.get(name, "")
        text = self._cells[place].strip()
        return "" if text.lower() in EMPTY else text

    def _demanded(self, name: str) -> str:
        text = self._text(name)
        if not text:
            raise RowFault(f"{self._name(name)} is empty")
        return text

    def _name(self, name: str) -> str:
        return self._names.get(name) or name

    def _number(self, name: str) -> Decimal:
        place = self._at.get(name)
        text = self._constants.get(name, "") if place is None else self._cells[place].strip()
        if not text:
            raise RowFault(f"{self._name(name)} is empty")
        try:
            return exact_number(text, self._comma)
        except RowFault as fault:
            raise RowFault(f"{self._name(name)}: {fault}") from None

    def _number_or_none(self, name: str) -> Decimal | None:
        return self._number(name) if self._text(name) else None

    def _cost(self, name: str) -> Decimal:
        value = self._number_or_none(name) or ZERO
        return -value if self._mapping.costs == "negative" else value

    def _time(self, name: str) -> int:
        text = self._demanded(name)
        try:
            return self._instant(text)
        except RowFault as fault:
            raise RowFault(f"{self._name(name)}: {fault}") from None

    def _time_or_none(self, name: str) -> int | None:
        return self._time(name) if self._text(name) else None

    def _quantity(self) -> tuple[Decimal, int]:
        """Return the quantity above zero, and the sign it was written with."""
        value = self._number("quantity")
        if not value:
            raise RowFault(f"{self._name('quantity')} is zero")
        if value < 0 and self._mapping.quantity == "positive":
            raise RowFault(f'{self._name("quantity")} is below zero; for signed amounts say quantity = "signed"')
        return abs(value), 1 if value > 0 else -1

    def _side(self, sign: int) -> Side:
        if self._mapping.quantity == "signed":
            return Side.BUY if sign > 0 else Side.SELL
        word = self._word("side")
        if word not in ("buy", "sell"):
            raise RowFault(f"{self._name('side')} is {word!r}; it has to be buy or sell, or named in [words]")
        return Side(word)

    def _direction(self, sign: int) -> Direction:
        if self._mapping.quantity == "signed":
            return Direction.LONG if sign > 0 else Direction.SHORT
        word = {"buy": "long", "sell": "short"}.get(known := self._word("direction"), known)
        if word not in ("long", "short"):
            raise RowFault(f"{self._name('direction')} is {word!r}; it has to be long or short, or named in [words]")
        return Direction(word)

    def _word(self, name: str) -> str:
        word = self._demanded(name).lower()
        return self._mapping.words.get(word, word)

    def _fees(self, quantity: Decimal, entry_price: Decimal, exit_price: Decimal | None) -> Decimal:
        """Return the fees of a trade: the money written down, or rates of what was traded."""
        with localcontext(EXACT):
            entry = (self._number_or_none("entry_fee_rate") or ZERO) * quantity * entry_price
            leave = (self._number_or_none("exit_fee_rate") or ZERO) * quantity * (exit_price or ZERO)
            return self._cost("fees") + entry + leave

    def _net(self, fees: Decimal) -> Decimal:
        pnl = self._number("pnl")
        with localcontext(EXACT):
            return pnl - fees if self._mapping.pnl == "gross" else pnl


_READERS: Final[dict[RowKind, Callable[[Rows], LedgerEntry]]] = {
    RowKind.FILLS: Rows._fill,
    RowKind.TRADES: Rows._trade,
    RowKind.EQUITY: Rows._equity,
    RowKind.FLOWS: Rows._flow,
    RowKind.RETURNS: Rows._return,
    RowKind.PRICES: Rows._price,
}


def _place(names: Sequence[str], header: Sequence[str]) -> int:
    return next((header.index(name) for name in names if name in header), -1)
