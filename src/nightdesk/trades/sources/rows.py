"""One row of a table as an entry of the ledger, by its mapping; identity of what cannot change where it has none."""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from typing import Final

from nightdesk.model.ledger import CashFlow, EquityMark, LedgerEntry, PriceMark, ReturnMark
from nightdesk.model.money import EXACT
from nightdesk.model.trade import Direction, Fill, Origin, Portfolio, Side, Trade
from nightdesk.trades.sources.amounts import amount
from nightdesk.trades.sources.cells import Instant
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
        self._beside: dict[str, str] = {}
        """Field -> the currency written beside its number, in this row."""
        self.fees: Counter[bool] = Counter()
        """How many fees were costs (True), and how many came out below zero, as rebates (False)."""
        self._read: Callable[[], LedgerEntry] = _READERS[mapping.kind].__get__(self)

    def entry(self, cells: Sequence[str]) -> LedgerEntry:
        """Return the entry of one row. Raises RowFault with a sentence that names the column."""
        self._cells = cells
        self._beside.clear()
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
            self._currency("price"),
            at,
            fee=fee,
            fee_currency=self._currency("fee", named="fee_currency"),
            order_id=self._text("order_id"),
            tag=self._text("tag"),
        )

    def _trade(self) -> Trade:
        symbol = self._text("symbol")
        opened, closed = self._time("opened"), self._closed()
        if closed is not None and closed < opened:
            raise RowFault(f"{self._name('closed')} lies before {self._name('opened')}")
        is_closed = closed is not None
        is_part = not is_closed and bool(self._text("open_quantity"))
        quantity, sign = self._quantity("open_quantity" if is_part else "quantity")
        direction = self._direction(sign)
        entry_price = self._number("entry_price")
        exit_price = self._number("exit_price") if is_closed else None
        fees = self._fees(quantity, entry_price, exit_price)
        pnl = self._net(fees) if is_closed else None
        ratio = self._number_or_none("return_ratio")
        return Trade(
            self._origin(f"{opened}/{symbol}/{direction.value}"),
            symbol,
            direction,
            quantity,
            entry_price,
            opened,
            self._currency("pnl", "entry_price", "exit_price", "fees", "entry_fees", "exit_fees"),
            exit_price=exit_price,
            closed_at=closed,
            pnl=pnl,
            fees=fees,
            return_ratio=None if ratio is None else float(ratio),
            tag=self._text("tag"),
            exit_reason=self._text("exit_reason"),
        )

    def _equity(self) -> EquityMark:
        at, equity = self._time("time"), self._number("equity")
        currency = self._currency("equity")
        return EquityMark(Origin(self._portfolio(), self._mapping.source, f"{at}/{currency}"), at, equity, currency)

    def _flow(self) -> CashFlow:
        at, moved = self._time("time"), self._number("amount")
        return CashFlow(self._origin(f"{at}/{moved:f}"), at, moved, self._currency("amount"), self._text("note"))

    def _return(self) -> ReturnMark:
        at = self._time("time")
        return ReturnMark(Origin(self._portfolio(), self._mapping.source, str(at)), at, float(self._number("return")))

    def _price(self) -> PriceMark:
        symbol, price = self._text("symbol"), self._number("price")
        currency = self._currency("price")
        origin = Origin(self._portfolio(), self._mapping.source, f"{symbol}/{currency}")
        return PriceMark(origin, symbol, price, currency, self._time("time"))

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
            value, currency = amount(text, decimal_comma=self._comma)
        except RowFault as fault:
            raise RowFault(f"{self._name(name)}: {fault}") from None
        if currency:
            self._beside[name] = currency
        return value

    def _number_or_none(self, name: str) -> Decimal | None:
        return self._number(name) if self._text(name) else None

    def _cost(self, name: str) -> Decimal:
        value = self._number_or_none(name) or ZERO
        cost = -value if self._mapping.costs == "negative" else value
        if cost:
            self.fees[cost > 0] += 1
        return cost

    def _currency(self, *fields: str, named: str = "currency") -> str:
        """Return the currency of a row: as the table names it, or as it is written beside the numbers just read."""
        currency = self._text(named)
        for field in fields:
            beside = self._beside.get(field, "")
            if currency and beside and beside != currency.upper():
                raise RowFault(f"{self._name(field)} is in {beside}, and the rest of the row in {currency}")
            currency = currency or beside
        return currency

    def _time(self, name: str) -> int:
        text = self._demanded(name)
        try:
            return self._instant(text)
        except RowFault as fault:
            raise RowFault(f"{self._name(name)}: {fault}") from None

    def _time_or_none(self, name: str) -> int | None:
        return self._time(name) if self._text(name) else None

    def _closed(self) -> int | None:
        """Return when a trade closed, None where it is open: by its status, or else by whether there is a time."""
        if not self._text("status"):
            return self._time_or_none("closed")
        word = self._word("status")
        if word not in ("open", "closed"):
            raise RowFault(f"{self._name('status')} is {word!r}; it has to be open or closed, or named in [words]")
        return self._time("closed") if word == "closed" else None

    def _quantity(self, name: str = "quantity") -> tuple[Decimal, int]:
        """Return the quantity above zero, and the sign it was written with."""
        value = self._number(name)
        if not value:
            raise RowFault(f"{self._name(name)} is zero")
        if value < 0 and self._mapping.quantity == "positive":
            raise RowFault(f'{self._name(name)} is below zero; for signed amounts say quantity = "signed"')
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
            paid = self._cost("fees") + self._cost("entry_fees") + self._cost("exit_fees")
            return paid + entry + leave

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
