"""`PerformanceAnalytics`: how trading and the system did, out of the desk's ledger and samples."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from nightdesk.analytics.system.figures import SystemAnalytics, overall_uptime
from nightdesk.analytics.system.uptime import Uptime
from nightdesk.app.embed.analytics_engine import AnalyticsEngine, returns_of
from nightdesk.app.embed.given import hours_of, number, periods_of, text_of, word_of
from nightdesk.app.embed.link import DeskLink
from nightdesk.app.embed.linked import Linked
from nightdesk.app.embed.metrics import MetricsDatabase
from nightdesk.app.embed.trading_analytics import TradingAnalytics
from nightdesk.app.settings.settings import Settings
from nightdesk.app.shapes.ledger import TradeShape
from nightdesk.clock import SystemClock
from nightdesk.errors import Refused
from nightdesk.model.curve import EquityCurve, Returns
from nightdesk.model.instant import DAY, format_duration
from nightdesk.model.series import Values
from nightdesk.model.trade import Mode

ModeName = Literal["live", "paper", "backtest"]


class PerformanceAnalytics(Linked):
    """Figures of the desk's own rooms: what the page and the reports show, here as Python values."""

    def __init__(
        self,
        data: Path | str | None = None,
        *,
        interval: float | None = None,
        settings: Settings | Path | str | None = None,
        attach: bool = True,
        link: DeskLink | None = None,
    ) -> None:
        """Open nothing yet; see `Linked`."""
        super().__init__(data, interval=interval, settings=settings, attach=attach, link=link)
        self.metrics_database = MetricsDatabase(link=self.link)
        self.analytics_engine = AnalyticsEngine()

    async def analyze_trading_performance(
        self,
        days: float | None = 30,
        *,
        account: str | None = None,
        bot: str | None = None,
        mode: ModeName | None = None,
        periods_per_year: float | None = None,
    ) -> TradingAnalytics:
        """Return the figures of trades that closed in the last `days`; None means all time.

        Modes are never mixed: where none is named, live trades come first, and `notes` say what was left out. A window
        without trades is no error: counts are 0, the rest None, and the reasons name the last trade's date.

        Raises:
            Refused: the days, the mode or the periods are none.
        """
        window = "all" if days is None else format_duration(_millis(days))
        named = word_of(Mode, mode, "mode").value if mode is not None else None
        periods = periods_of(periods_per_year)
        account, bot = (None if each is None else text_of(each) for each in (account, bot))
        door = await self._door()
        shape = await door.performance(window, account=account, bot=bot, mode=named, periods_per_year=periods)
        return TradingAnalytics.of(shape)

    async def analyze_system_performance(self, hours: float = 24) -> SystemAnalytics:
        """Return how fast requests were, how many failed, and how long targets were up, in the last `hours`.

        Mean and p95 are of every request that bots timed, never of probes. What is not known is None with its reason.

        Raises:
            Refused: the hours are none.
        """
        span = hours_of(hours)
        return await (await self._door()).system(span)

    async def get_recent_trades(self, days: float = 30) -> list[TradeShape]:
        """Return the trades that closed in the last `days`, newest first, 10,000 at most; each tells its mode."""
        now = SystemClock().now()
        return await (await self._door()).trades(now - _millis(days), now + 1)

    def calculate_sharpe_ratio(
        self,
        returns: Returns | Sequence[float] | Values,
        *,
        periods_per_year: float,
        risk_free: float = 0.0,
    ) -> float | None:
        """Return mean(r - rf) / std(ddof = 1) * sqrt(periods a year); None below two returns or without variance."""
        engine = self.analytics_engine
        value = engine.figure("sharpe_ratio", returns, periods_per_year=periods_per_year, risk_free=risk_free).value
        return None if value is None else float(value)

    def calculate_max_drawdown(self, equity: EquityCurve | Sequence[float] | Values) -> float | None:
        """Return the deepest fall from a peak, 0 or below (-0.25 is 25 %), the first point included; None below two.

        Deposits and withdrawals of an `EquityCurve` are no falls.
        """
        value = self.analytics_engine.figure("max_drawdown", returns_of(equity)).value
        return None if value is None else float(value)

    async def calculate_uptime(self, hours: float = 24, target: str | None = None) -> float | None:
        """Return the % of monitored time in which targets were up, or one of them; None where none was monitored.

        `target` is the value of a label of it, such as the probe's name or an address. Time that nobody looked is in
        `analyze_system_performance(hours).targets`; it is never up.
        """
        found = await self.analyze_system_performance(hours)
        return overall_uptime(tuple(each for each in found.targets if target is None or _is(each, target)))


def _is(uptime: Uptime, name: str) -> bool:
    return any(value == name for _, value in uptime.target)


def _millis(days: float) -> int:
    days = number(days)
    millis = round(days * DAY) if 0 < days <= 100 * 366 else 0
    if millis <= 0:
        raise Refused("days: a number above 0 and at most a hundred years")
    return millis
