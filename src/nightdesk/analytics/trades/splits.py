"""Closed trades by what they have in common: symbol, tag, exit reason, direction, weekday, hour."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from math import inf
from typing import Final

import numpy as np

from nightdesk.analytics.local_days import DAY, HOUR, DayRule, weekday_of
from nightdesk.analytics.returns.record import Floats
from nightdesk.analytics.trades.book import ClosedTrades
from nightdesk.model.money import exact_sum
from nightdesk.model.trade import Trade

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class SplitBy(Enum):
    """What trades are told apart by; weekday and hour are those of the close, by the account's clocks."""

    BOT = "bot"
    SYMBOL = "symbol"
    DIRECTION = "direction"
    TAG = "tag"
    EXIT_REASON = "exit reason"
    WEEKDAY = "weekday of the close"
    HOUR = "hour of the close"


@dataclass(frozen=True, slots=True)
class Share:
    """The trades of one key."""

    key: str
    trades: int
    wins: int
    losses: int
    win_rate: float
    pnl: Decimal | None
    """None over several currencies."""
    average_profit: float | None
    profit_factor: float | None
    """None without a loser and a winner; +inf without a loser."""


def split(book: ClosedTrades, by: SplitBy, rule: DayRule) -> tuple[Share, ...]:
    """Return one share a key, in the order of weekday or hour, else the largest P&L first."""
    grouped: dict[str | int, list[int]] = {}
    for position, key in enumerate(_keys(book, by, rule)):
        grouped.setdefault(key, []).append(position)
    if by in (SplitBy.WEEKDAY, SplitBy.HOUR):
        return tuple(_share(_NAMES[by](int(key)), book, grouped[key]) for key in sorted(grouped))
    shares = [_share(str(key), book, positions) for key, positions in grouped.items()]
    return tuple(sorted(shares, key=lambda share: (-(share.pnl or Decimal(0)), share.key)))


def _keys(book: ClosedTrades, by: SplitBy, rule: DayRule) -> Iterable[str | int]:
    if by is SplitBy.WEEKDAY:
        return map(int, weekday_of(rule.days(book.closed_at)).tolist())
    if by is SplitBy.HOUR:
        return map(int, (rule.local(book.closed_at) % DAY // HOUR).tolist())
    return map(_OF_TRADE[by], book.trades)


_NAMES: Final[dict[SplitBy, Callable[[int], str]]] = {
    SplitBy.WEEKDAY: lambda day: WEEKDAYS[day],
    SplitBy.HOUR: lambda hour: f"{hour:02}:00",
}
_OF_TRADE: Final[dict[SplitBy, Callable[[Trade], str]]] = {
    SplitBy.BOT: lambda trade: trade.origin.portfolio.bot,
    SplitBy.SYMBOL: lambda trade: trade.symbol,
    SplitBy.DIRECTION: lambda trade: trade.direction.value,
    SplitBy.TAG: lambda trade: trade.tag,
    SplitBy.EXIT_REASON: lambda trade: trade.exit_reason,
}


def _share(key: str, book: ClosedTrades, positions: list[int]) -> Share:
    """Sum up the trades at some positions: the money exactly, once; all else from the floats."""
    results = book.results[np.array(positions)]
    wins, losses = int(np.count_nonzero(results > 0)), int(np.count_nonzero(results < 0))
    is_mixed = book.is_mixed and len({book.trades[at].currency for at in positions}) > 1
    pnl = None if is_mixed else exact_sum([book.pnl[at] for at in positions])
    return Share(
        key=key,
        trades=len(positions),
        wins=wins,
        losses=losses,
        win_rate=wins / len(positions),
        pnl=pnl,
        average_profit=None if pnl is None else float(pnl) / len(positions),
        profit_factor=None if is_mixed else _factor(results),
    )


def _factor(results: Floats) -> float | None:
    won, lost = float(results[results > 0].sum()), -float(results[results < 0].sum())
    if lost > 0:
        return won / lost
    return inf if won > 0 else None
