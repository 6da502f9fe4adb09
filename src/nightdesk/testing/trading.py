"""Weeks of trading for tests and pictures: closed trades, equity by the hour, and positions that are open now."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from nightdesk.app.shapes.ledger import LedgerRows
from nightdesk.model.instant import to_nanos
from nightdesk.model.ledger import EquityMark, LedgerEntry, PriceMark, StartingBalance
from nightdesk.model.trade import Direction, Mode, Origin, Portfolio, Trade
from nightdesk.testing.desk import DeskProcess

HOUR_MS: Final = 3_600_000
PRICES: Final = {"BTC/USDT": 97_000.0, "ETH/USDT": 3_150.0, "SOL/USDT": 236.0, "LINK/USDT": 15.4}
CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Weeks:
    """Weeks of one portfolio's trading that end at `now` (ms); equal arguments give equal rows."""

    portfolio: Portfolio
    now: int
    days: int = 45
    balance: Decimal = Decimal(100_000)
    edge: float = 0.0025
    """Mean return of a trade beyond chance."""
    seed: int = 7

    def rows(self) -> list[LedgerEntry]:
        """Return a balance, closed trades, and equity each hour."""
        dice = random.Random(self.seed)  # noqa: S311 - made-up trades
        trades = list(self._trades(dice))
        return [StartingBalance(self._origin("balance"), self.balance, "USDT"), *trades, *self._equity(trades, dice)]

    def _trades(self, dice: random.Random) -> Iterator[Trade]:
        start = self.now - self.days * 24 * HOUR_MS
        at = start
        while True:
            at += int(dice.uniform(2, 9) * HOUR_MS)
            opened = at - int(dice.uniform(0.5, 30) * HOUR_MS)
            if at >= self.now - HOUR_MS // 4:
                return
            symbol = dice.choice(sorted(PRICES))
            direction = dice.choice([Direction.LONG, Direction.LONG, Direction.SHORT])
            entry = PRICES[symbol] * dice.uniform(0.9, 1.1)
            quantity = round(12_000 / entry, 3)
            moved = dice.gauss(self.edge, 0.018)
            fees = money(quantity * entry * 0.002)
            pnl = money(quantity * entry * moved) - fees
            yield Trade(
                self._origin(f"trade {at}"),
                symbol,
                direction,
                Decimal(str(quantity)),
                money(entry),
                to_nanos(opened),
                "USDT",
                exit_price=money(entry * (1 + direction.sign * moved)),
                closed_at=to_nanos(at),
                pnl=pnl,
                fees=fees,
                return_ratio=float(pnl) / (quantity * entry),
                exit_reason="target" if moved > 0 else "stop",
            )

    def _equity(self, trades: list[Trade], dice: random.Random) -> Iterator[EquityMark]:
        worth, taken, floating = self.balance, 0, 0.0
        for hour in range(self.days * 24, -1, -1):
            at = to_nanos(self.now - hour * HOUR_MS)
            while taken < len(trades) and (trades[taken].closed_at or 0) <= at:
                worth += trades[taken].pnl or Decimal(0)
                taken += 1
            floating = 0.9 * floating + dice.gauss(0, 60)
            yield EquityMark(self._origin(f"equity {at}"), at, worth + money(floating), "USDT")

    def _origin(self, name: str) -> Origin:
        return Origin(self.portfolio, "test", name)


def still_open(
    portfolio: Portfolio, symbol: str, direction: Direction, quantity: str, price: str, at: int, last: str = ""
) -> list[LedgerEntry]:
    """Return a trade opened at `at` (ms) that is open still, and its last price where one is known."""
    origin = Origin(portfolio, "test", f"open {symbol}")
    trade = Trade(origin, symbol, direction, Decimal(quantity), Decimal(price), to_nanos(at), "USDT")
    if not last:
        return [trade]
    return [trade, PriceMark(Origin(portfolio, "test", symbol), symbol, Decimal(last), "USDT", to_nanos(at + 1))]


def money(amount: float) -> Decimal:
    """Round an amount to cents, as an exchange reports it."""
    return Decimal(str(amount)).quantize(CENT)


def give(desk: DeskProcess, rows: list[LedgerEntry]) -> None:
    """Send rows to a running desk. Raises AssertionError where it does not take them all."""
    body = LedgerRows.of(rows, []).model_dump_json().encode()
    status, answer = desk.request("/api/desk/ledger", body, {"authorization": f"Bearer {desk.token()}"})
    assert status == 200, answer


def trade_for_weeks(desk: DeskProcess) -> None:
    """Give a running desk weeks of trading that end now: live with three positions, one without a price, and paper."""
    now = int(time.time() * 1000)
    live, paper = Portfolio.of("main", "momo", Mode.LIVE), Portfolio.of("main", "grid", Mode.PAPER)
    give(
        desk,
        [
            *Weeks(live, now).rows(),
            *still_open(live, "BTC/USDT", Direction.LONG, "0.42", "96120.50", now - 2 * HOUR_MS, last="97010.00"),
            *still_open(live, "ETH/USDT", Direction.SHORT, "12.5", "3120.25", now - 26 * HOUR_MS, last="3131.10"),
            *still_open(live, "SOL/USDT", Direction.LONG, "1500", "241.10", now - HOUR_MS // 6),
        ],
    )
    give(desk, Weeks(paper, now, days=20, balance=Decimal(10_000), seed=3).rows())
