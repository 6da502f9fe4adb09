"""Fills matched first in, first out, by symbol: what each closing earned, exactly, and what is open still.

A round trip is one closing: the fills of one closing order (or one fill, where no order is named) against the oldest
open lots, long or short alike. A fill that crosses zero closes and opens. Quantities and money stay exact however
finely they are split; the fee of a fill is shared out by quantity, and the shares sum to it exactly. The convention
stands in docs/ledger.md.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext

from nightdesk.model.money import AVERAGE, EXACT, ZERO
from nightdesk.model.trade import Direction, Fill, Origin, Side, Trade

Key = tuple[str, str, str, str, str]
"""What is matched together: account, bot, mode, symbol, currency."""


@dataclass(slots=True)
class _Lot:
    """What is left of one opening fill."""

    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: int
    tag: str


@dataclass(slots=True)
class _Closing:
    """A round trip that further fills of its order may still widen."""

    first: Fill
    direction: Direction
    opened_at: int
    tag: str
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    """Sum of quantity times entry price."""
    proceeds: Decimal = ZERO
    """Sum of quantity times exit price."""
    fees: Decimal = ZERO
    closed_at: int = 0

    def trade(self) -> Trade:
        earned = self.direction.sign * (self.proceeds - self.cost) - self.fees
        origin = Origin(self.first.origin.portfolio, self.first.origin.source, f"fifo/{self.first.origin.id}")
        return Trade(
            origin,
            self.first.symbol,
            self.direction,
            self.quantity,
            AVERAGE.divide(self.cost, self.quantity),
            self.opened_at,
            self.first.currency,
            exit_price=AVERAGE.divide(self.proceeds, self.quantity),
            closed_at=self.closed_at,
            pnl=earned,
            fees=self.fees,
            return_ratio=float(AVERAGE.divide(earned, self.cost)) if self.cost > 0 else None,
            tag=self.tag,
            exit_reason=self.first.tag,
        )


class _Book:
    """The open lots of one symbol, all on one side."""

    def __init__(self) -> None:
        self.lots: deque[_Lot] = deque()
        self.side = Side.BUY
        self.last: Fill | None = None
        self._closing: _Closing | None = None

    def take(self, fill: Fill, closed: list[Trade]) -> None:
        """Match one fill; round trips that are complete go to `closed`."""
        fee, moved = fee_in_price_currency(fill) or ZERO, moved_quantity(fill)
        left = moved
        if self.lots and fill.side is not self.side:
            closing = self._closing_of(fill, closed)
            while left and self.lots:
                part = min(left, self.lots[0].quantity)
                self._close(closing, part, fill.price)
                left -= part
            # One division a fill: shares of shares would round where the whole does not.
            share = AVERAGE.divide(fee * (moved - left), moved) if left else fee
            closing.fees += share
            closing.closed_at, fee = fill.at, fee - share
        if left:
            if not self.lots:
                self.flush(closed)
            self.side = fill.side
            self.lots.append(_Lot(left, fill.price, fee, fill.at, fill.tag))
        self.last = fill

    def _closing_of(self, fill: Fill, closed: list[Trade]) -> _Closing:
        known = self._closing
        if known is not None and fill.order_id and fill.order_id == known.first.order_id:
            return known
        self.flush(closed)
        oldest = self.lots[0]
        direction = Direction.LONG if self.side is Side.BUY else Direction.SHORT
        self._closing = _Closing(fill, direction, oldest.at, oldest.tag)
        return self._closing

    def _close(self, closing: _Closing, part: Decimal, price: Decimal) -> None:
        lot = self.lots[0]
        if part == lot.quantity:
            entry_fee = lot.fee
            self.lots.popleft()
        else:
            entry_fee = AVERAGE.divide(lot.fee * part, lot.quantity)
            lot.quantity, lot.fee = lot.quantity - part, lot.fee - entry_fee
        closing.quantity += part
        closing.cost += part * lot.price
        closing.proceeds += part * price
        closing.fees += entry_fee

    def flush(self, closed: list[Trade]) -> None:
        """Hand over the round trip that no further fill can widen."""
        if self._closing is not None:
            closed.append(self._closing.trade())
            self._closing = None

    def open_trade(self) -> Trade | None:
        """Return what is open as one trade at its average entry price; None where nothing is."""
        if not self.lots or self.last is None:
            return None
        quantity = sum((lot.quantity for lot in self.lots), ZERO)
        cost = sum((lot.quantity * lot.price for lot in self.lots), ZERO)
        origin = self.last.origin
        return Trade(
            Origin(origin.portfolio, origin.source, f"open/{self.last.symbol}/{self.last.currency}"),
            self.last.symbol,
            Direction.LONG if self.side is Side.BUY else Direction.SHORT,
            quantity,
            AVERAGE.divide(cost, quantity),
            self.lots[0].at,
            self.last.currency,
            fees=sum((lot.fee for lot in self.lots), ZERO),
            tag=self.lots[0].tag,
        )


def match(fills: Iterable[Fill]) -> tuple[list[Trade], list[Trade]]:
    """Match fills that come in the order of their instants; return closed round trips by close, and what is open.

    A fee in a third currency has no rate here and is left out of the P&L; `fee_in_price_currency` tells which are.
    """
    books: dict[Key, _Book] = {}
    closed: list[Trade] = []
    with localcontext(EXACT):
        for fill in fills:
            portfolio = fill.origin.portfolio
            key = (portfolio.account, portfolio.bot, portfolio.mode, fill.symbol, fill.currency)
            book = books.get(key)
            if book is None:
                books[key] = book = _Book()
            book.take(fill, closed)
        for book in books.values():
            book.flush(closed)
        still_open = [trade for book in books.values() if (trade := book.open_trade()) is not None]
    closed.sort(key=lambda trade: trade.closed_at or 0)
    return closed, still_open


def fee_in_price_currency(fill: Fill) -> Decimal | None:
    """Return a fill's fee in the currency of its price; None for a fee in a third currency.

    A fee taken in what was traded (`BTC` of `BTC/USDT`) counts at the price of the fill.
    """
    if not fill.fee or fill.fee_currency in ("", fill.currency):
        return fill.fee
    return fill.fee * fill.price if fill.fee_currency == _base(fill) else None


def moved_quantity(fill: Fill) -> Decimal:
    """Return by how much a fill moved what is held.

    A purchase whose fee was taken from what it bought brought less than it filled. The money is the same: the part that
    came in at the price and the part that went as a fee, at that price, are together what was paid. A contract
    (`BTC/USD:BTC`) is settled in a currency, and a fee in that takes nothing from the contracts.
    """
    paid_in_kind = fill.fee_currency == _base(fill) and ":" not in fill.symbol and fill.fee_currency != fill.currency
    if fill.side is Side.BUY and paid_in_kind and fill.fee < fill.quantity:
        return fill.quantity - fill.fee
    return fill.quantity


def _base(fill: Fill) -> str:
    """Return what was traded: `BTC` of `BTC/USDT`; a symbol without a slash is that itself."""
    return fill.symbol.partition("/")[0]
