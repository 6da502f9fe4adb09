"""The whole catalogue in the order of a report."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from nightdesk.analytics.catalogue import falls, returns, trades
from nightdesk.analytics.catalogue.statistic import Statistic
from nightdesk.analytics.figure import Figure
from nightdesk.analytics.material import Material

STATISTICS: Final[tuple[Statistic, ...]] = (
    *trades.OUTCOMES,
    *trades.EDGE,
    *trades.TIMES,
    *returns.GROWTH,
    *returns.RISK,
    *returns.RATIOS,
    *falls.DRAWDOWN,
    *falls.PERIODS,
)
CATALOGUE: Final[Mapping[str, Statistic]] = MappingProxyType({each.name: each for each in STATISTICS})
"""Every statistic by its name."""


def figures_of(material: Material) -> dict[str, Figure]:
    """Work out every statistic of the catalogue, in its order."""
    return {name: statistic.of(material) for name, statistic in CATALOGUE.items()}
