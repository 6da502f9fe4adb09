"""A freqtrade strategy that tells its desk how it is doing; set NIGHTDESK_DATA in freqtrade's environment.

freqtrade calls `bot_loop_start` each loop, `confirm_trade_entry` before an order and `order_filled` after a fill.
"""

from datetime import datetime
from typing import Any

from freqtrade.strategy import IStrategy

from nightdesk import client

desk = client.connect(bot="goog-smacross")


class Watched(IStrategy):  # type: ignore[misc] # freqtrade carries no types
    """Buys when the fast average is above the slow one; watched by Nightdesk."""

    timeframe = "5m"
    stoploss = -0.10
    minimal_roi = {"0": 0.05}  # noqa: RUF012 - as freqtrade has it

    def bot_loop_start(self, current_time: datetime, **_: Any) -> None:
        """Give a sign of life each loop."""
        desk.beat("loop", every="1m", stage="loop", cursor=current_time.isoformat())

    @desk.track("indicators")
    def populate_indicators(self, dataframe: Any, metadata: dict[str, Any]) -> Any:  # noqa: ARG002 - freqtrade's
        """Compute what decides."""
        dataframe["fast"] = dataframe["close"].rolling(5).mean()
        dataframe["slow"] = dataframe["close"].rolling(20).mean()
        return dataframe

    def populate_entry_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:  # noqa: ARG002 - freqtrade's
        """Enter when the fast average is above the slow one."""
        dataframe.loc[dataframe["fast"] > dataframe["slow"], "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:  # noqa: ARG002 - freqtrade's
        """Leave when it is below."""
        dataframe.loc[dataframe["fast"] < dataframe["slow"], "exit_long"] = 1
        return dataframe

    def order_filled(self, pair: str, trade: Any, order: Any, current_time: datetime, **_: Any) -> None:  # noqa: ARG002 - freqtrade's
        """Count fills; the ledger follows freqtrade's own database."""
        desk.counter("fills_total", pair=pair, side=order.ft_order_side).add()
