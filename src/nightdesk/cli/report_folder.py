"""Figures from a data folder that no desk holds, in the words of the desk's API."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nightdesk.app.offline import open_folder
from nightdesk.app.performance.account import accounts_of
from nightdesk.app.performance.reading import Question, read_performance
from nightdesk.app.performance.window import Window
from nightdesk.app.settings.file import load
from nightdesk.app.settings.invocation import Invocation
from nightdesk.app.shapes.performance import PerformanceShape
from nightdesk.app.trading.offline import ledger_in
from nightdesk.clock import SystemClock
from nightdesk.errors import Refused
from nightdesk.model.ledger import Selection
from nightdesk.model.trade import Mode


def performance_in(folder: Path, config: Path | None, asked: Mapping[str, Any], mode: str) -> PerformanceShape:
    """Answer what the route would.

    Raises:
        StoreError: there is no such folder, or it cannot be read.
        Refused: the window or the mode is none; or the settings cannot be used.
    """
    if mode not in ("", *(each.value for each in Mode)):
        raise Refused(f"not a mode: {mode!r}; write live, paper or backtest")
    now = SystemClock().now()
    selection = Selection(asked["account"], asked["bot"], Mode(mode) if mode else None)
    question = Question(selection, Window.parse(asked["window"], now), asked["periods_per_year"])
    # Figures are told even where a setting would expose a desk: none is started here.
    accounts = accounts_of(load(Invocation(folder, config).file).accounts)
    with open_folder(folder) as held, ledger_in(held) as trading:
        return PerformanceShape.of(read_performance(trading, question, accounts))
