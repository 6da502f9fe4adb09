"""What a row of the catalogue is, and how it becomes a figure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from math import isfinite, isnan

from nightdesk.analytics.figure import Answer, Figure, Number, Reason, Unit
from nightdesk.analytics.material import Material
from nightdesk.analytics.returns.record import Record
from nightdesk.analytics.trades.book import ClosedTrades
from nightdesk.model.curve import Basis


class Needs(Enum):
    """What a statistic is worked out from."""

    RETURNS = "returns"
    TRADES = "trades"
    BOTH = "trades and a starting balance"


class Group(Enum):
    """Where a statistic stands in a report."""

    RETURN = "Return"
    RISK = "Risk"
    RATIO = "Reward against risk"
    DRAWDOWN = "Drawdown"
    PERIODS = "Periods (of the returns)"
    TRADES = "Closed trades"
    EDGE = "Edge (of the closed trades)"
    DURATION = "Time"


ON_RECORD: dict[Basis, str] = {
    Basis.MARKED: "on equity marked to market, chained from mark to mark and compounded by the account's day; "
    "deposits and withdrawals are no profit (time-weighted)",
    Basis.REALISED: "realised only: closed trades by their close on the starting balance, every day of the window",
    Basis.REPORTED: "on the returns as reported",
}
"""What a figure says of the record it stands on."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """One row of the catalogue."""

    name: str
    title: str
    group: Group
    unit: Unit
    needs: Needs
    function: Callable[[Material], Answer]
    formula: str
    agrees: str = ""
    """Who computes the same, to seven digits, as tried."""
    differs: str = ""
    """Who computes something else under this name, and what."""
    annualised: bool = False
    infinite: str = ""
    """What an infinite value means, where there can be one."""

    def of(self, material: Material) -> Figure:
        """Work it out; a value that is no number becomes a reason, never NaN."""
        answer = self.function(material)
        record = material.record if self.needs is Needs.RETURNS else None
        convention = f"{self.formula}; {ON_RECORD[record.basis]}" if record is not None else self.formula
        value, reason = _told(answer, self.infinite)
        return Figure(
            name=self.name,
            title=self.title,
            value=value,
            reason=reason,
            unit=self._unit(material),
            n=self._n(material),
            periods_per_year=record.periods_per_year if record is not None and self.annualised else None,
            periods_assumed=record is not None and self.annualised and record.periods_assumed,
            convention=convention,
        )

    def _unit(self, material: Material) -> str:
        if self.unit is not Unit.MONEY or len(material.closed.currencies) != 1:
            return self.unit.value
        return material.closed.currencies[0] or self.unit.value

    def _n(self, material: Material) -> int:
        if self.needs is Needs.RETURNS:
            return len(material.record) if material.record is not None else 0
        return len(material.closed)


def _told(answer: Answer, infinite: str) -> tuple[Number | None, str | None]:
    if isinstance(answer, Reason):
        return None, answer.value
    if isinstance(answer, float) and isnan(answer):
        return None, Reason.LOPSIDED.value
    return answer, (None if isfinite(answer) else infinite or "beyond any number")


def of_returns(function: Callable[[Record], Answer]) -> Callable[[Material], Answer]:
    """Ask the record of returns, or say why there is none."""

    def ask(material: Material) -> Answer:
        return material.no_record if material.record is None else function(material.record)

    return ask


def of_trades(function: Callable[[ClosedTrades], Answer]) -> Callable[[Material], Answer]:
    """Ask the closed trades."""

    def ask(material: Material) -> Answer:
        return function(material.closed)

    return ask
