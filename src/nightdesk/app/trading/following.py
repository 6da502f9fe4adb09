"""Databases of trades that a desk follows: each a collector, so that its schedule, deadline and failures are told."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from nightdesk.app.settings.accounts import AccountSettings, TradeSourceSettings
from nightdesk.app.settings.settings import Settings
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.collect.attendant import Attendant
from nightdesk.collect.collector import CollectFailure, Collector, Readings
from nightdesk.collect.points import Point, PointSeries
from nightdesk.errors import BadPayload, CollectError, NightdeskError, Overloaded, StoreError
from nightdesk.model.instant import SECOND
from nightdesk.model.labels import Labels
from nightdesk.model.trade import Mode, Portfolio
from nightdesk.trades.follow import FreqtradeFollower, Standing
from nightdesk.trades.sources.reading import Stated

UseAccounts = Callable[[Mapping[str, AccountSettings]], None]

JOB: Final = "trades"
DEADLINE: Final = 30.0
"""Seconds for one look; the first one reads the whole database."""
NANOS_A_SECOND: Final = 1e9
_REASONS: Final[tuple[tuple[type[NightdeskError], CollectFailure], ...]] = (
    (BadPayload, CollectFailure.BAD_PAYLOAD),
    (Overloaded, CollectFailure.BUSY),
    (StoreError, CollectFailure.STORE),
)


class TradeCollector:
    """A `Collector` that brings the ledger up to date with one database and tells how many trades it holds."""

    url = ""

    def __init__(self, follower: FreqtradeFollower, account: str, interval: float) -> None:
        """Look every `interval` seconds, on a thread that only this database can hold up."""
        self.name = f"trades {follower.file}"
        self.interval, self.deadline = interval, min(DEADLINE, max(interval, 1.0))
        self.target = Labels([("job", JOB), ("instance", str(follower.file)), ("account", account)])
        self._follower, self._attendant = follower, Attendant("trades")
        self._series = PointSeries(Labels([("job", JOB), ("instance", str(follower.file))]))

    async def collect(self, now: int) -> Readings:
        """Take what is new and return the counts.

        Raises:
            CollectError: the database is gone, damaged or locked, or the ledger cannot take rows; it catches up later.
        """
        try:
            standings = await self._attendant.ask(self._follower.catch_up)
        except CollectError:
            raise
        except NightdeskError as error:
            reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), CollectFailure.CRASHED)
            raise CollectError(str(error), reason) from error
        points = [point for portfolio, standing in sorted(standings.items()) for point in _points(portfolio, standing)]
        return self._series.readings(points, now)

    def close(self) -> None:
        """Let the thread go."""
        self._attendant.close()


def _points(portfolio: Portfolio, standing: Standing) -> list[Point]:
    whose = (("account", portfolio.account), ("bot", portfolio.bot), ("mode", portfolio.mode))
    points: list[Point] = [
        ("trades_closed_total", whose, float(standing.closed)),
        ("trading_open_positions", whose, float(standing.open)),
    ]
    if standing.last_closed_at is not None:
        points.append(("trading_last_close_timestamp_seconds", whose, standing.last_closed_at / NANOS_A_SECOND))
    return points


class Following:
    """The collectors of `[[trades]]`, kept over a reload where their settings did not change."""

    def __init__(self, trading: TradingDesk, use_accounts: UseAccounts) -> None:
        """Rows go to this desk's ledger; `use_accounts` is told of the accounts of the settings in use."""
        self._trading, self._use_accounts = trading, use_accounts
        self._kept: dict[str, Collector] = {}

    def of(self, settings: Settings) -> dict[str, Collector]:
        """Use the settings of accounts and return the collectors of the sources."""
        self._use_accounts(settings.accounts)
        wanted = {f"trades {source.model_dump_json()}": source for source in settings.trades}
        self._kept = {key: self._kept.get(key) or self._made(source) for key, source in wanted.items()}
        return self._kept

    def _made(self, source: TradeSourceSettings) -> Collector:
        stated = Stated(
            account=source.account,
            bot=source.bot or None,
            mode=Mode(source.mode) if source.mode else None,
        )
        follower = FreqtradeFollower(Path(source.file), stated, self._trading.take)
        return TradeCollector(follower, source.account, source.interval / SECOND)
