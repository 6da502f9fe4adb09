"""Closed trades by what they have in common: symbol, tag, exit reason, direction, weekday, hour."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final

from nightdesk.analytics.book import ClosedTrades
from nightdesk.analytics.edge import profit_factor
from nightdesk.analytics.figure import Reason
from nightdesk.analytics.local_days import DAY, MINUTE, DayRule, weekday_of

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
    grouped: dict[str, list[int]] = {}
    for position, key in enumerate(_keys(book, by, rule)):
        grouped.setdefault(key, []).append(position)
    shares = [_share(key, book.at(positions)) for key, positions in grouped.items()]
    if by is SplitBy.WEEKDAY:
        return tuple(sorted(shares, key=lambda share: WEEKDAYS.index(share.key)))
    if by is SplitBy.HOUR:
        return tuple(sorted(shares, key=lambda share: share.key))
    return tuple(sorted(shares, key=lambda share: (-(share.pnl or Decimal(0)), share.key)))


def _keys(book: ClosedTrades, by: SplitBy, rule: DayRule) -> Iterable[str]:
    if by is SplitBy.WEEKDAY:
        return [WEEKDAYS[day] for day in weekday_of(rule.days(book.closed_at))]
    if by is SplitBy.HOUR:
        return [f"{minutes // 60:02}:00" for minutes in rule.local(book.closed_at) % DAY // MINUTE]
    return map(_OF_TRADE[by], book.trades)


_OF_TRADE: Final[dict[SplitBy, Callable[..., str]]] = {
    SplitBy.BOT: lambda trade: trade.origin.portfolio.bot,
    SplitBy.SYMBOL: lambda trade: trade.symbol,
    SplitBy.DIRECTION: lambda trade: trade.direction.value,
    SplitBy.TAG: lambda trade: trade.tag,
    SplitBy.EXIT_REASON: lambda trade: trade.exit_reason,
}


def _share(key: str, book: ClosedTrades) -> Share:
    factor = profit_factor(book)
    return Share(
        key=key,
        trades=len(book),
        wins=book.wins,
        losses=book.losses,
        win_rate=book.wins / len(book),
        pnl=None if book.is_mixed else book.total,
        average_profit=None if book.is_mixed else float(book.total) / len(book),
        profit_factor=None if isinstance(factor, Reason) else float(factor),
    )
