"""`AnalyticsEngine`: the catalogue of statistics behind one call, on returns or equity that a program holds itself."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from nightdesk.analytics.catalogue.statistic import Needs, Statistic
from nightdesk.analytics.catalogue.table import CATALOGUE
from nightdesk.analytics.figure import Figure
from nightdesk.analytics.material import Material
from nightdesk.analytics.returns.record import Record
from nightdesk.analytics.trades.book import ClosedTrades
from nightdesk.app.embed.given import periods_of, within
from nightdesk.errors import Refused
from nightdesk.model.curve import Basis, EquityCurve, Returns
from nightdesk.model.instant import DAY, to_nanos
from nightdesk.model.series import Values

STEP: Final = to_nanos(DAY)
"""Distance of values that carry no instants; figures that count calendar time need instants of their own."""

MOST_RATE: Final = 1_000.0


class AnalyticsEngine:
    """Works out figures by name; holds nothing. Pure: no store, no clock."""

    @property
    def statistics(self) -> Mapping[str, Statistic]:
        """The catalogue: every statistic by name, with its title, unit and formula."""
        return CATALOGUE

    def analyze(
        self,
        returns: Returns | Sequence[float] | Values,
        *,
        periods_per_year: float | None = None,
        risk_free: float = 0.0,
    ) -> dict[str, Figure]:
        """Return every figure that stands on returns; each is a number, or None with its reason.

        What is annualised needs `periods_per_year` (252, 365, 52, 12); `risk_free` is a rate a year. NaN is left out.
        """
        record = _record(returns, periods_per_year, risk_free)
        material = Material(ClosedTrades.of(()), record)
        return {name: each.of(material) for name, each in CATALOGUE.items() if each.needs is Needs.RETURNS}

    def figure(
        self,
        name: str,
        returns: Returns | Sequence[float] | Values,
        *,
        periods_per_year: float | None = None,
        risk_free: float = 0.0,
    ) -> Figure:
        """Return one figure that stands on returns. Raises Refused where the catalogue has none of this name."""
        statistic = CATALOGUE.get(name)
        if statistic is None or statistic.needs is not Needs.RETURNS:
            known = ", ".join(sorted(each for each in CATALOGUE if CATALOGUE[each].needs is Needs.RETURNS))
            raise Refused(f"no figure of returns is called {name!r}: write one of {known}")
        record = _record(returns, periods_per_year, risk_free)
        return statistic.of(Material(ClosedTrades.of(()), record))


def _record(returns: Returns | Sequence[float] | Values, periods_per_year: float | None, risk_free: float) -> Record:
    periods, rate = periods_of(periods_per_year), within(risk_free, "risk_free", -MOST_RATE, MOST_RATE)
    return Record.of(_returns(returns), periods_per_year=periods, risk_free=rate)


def returns_of(equity: EquityCurve | Sequence[float] | Values) -> Returns:
    """Return the time-weighted returns between points of equity; bare numbers have no flows."""
    if isinstance(equity, EquityCurve):
        return equity.returns()
    values = np.asarray(equity, dtype=np.float64)
    curve = EquityCurve(_instants(len(values)), values, np.zeros(len(values)), "", Basis.MARKED)
    return curve.returns()


def _returns(given: Returns | Sequence[float] | Values) -> Returns:
    if isinstance(given, Returns):
        return given
    values = np.asarray(given, dtype=np.float64)
    return Returns(_instants(len(values)), values, Basis.REPORTED)


def _instants(count: int) -> "np.typing.NDArray[np.int64]":
    return np.arange(count, dtype=np.int64) * STEP
