"""Opening the bots' desk: what the store knows of bots from before the start, and the file of their events."""

import logging
from collections.abc import Callable

from nightdesk.app.bots.desk import Ask, BotDesk
from nightdesk.app.query_executor import QueryExecutor
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.clock import Clock
from nightdesk.collect.clients.roster import Roster
from nightdesk.collect.clients.standing_series import read_back
from nightdesk.errors import Exceeded
from nightdesk.seams.samples import Budget, Intake, SeriesReader
from nightdesk.store.events import EventLog
from nightdesk.store.folder import DataFolder

log = logging.getLogger(__name__)


def open_roster(samples: SeriesReader, clock: Clock, budget: Callable[[], Budget]) -> Roster:
    """Return the bots that the store knows of the latest day, so that one which died with the desk is missed."""
    try:
        return Roster(read_back(samples, budget(), clock.now()))
    except Exceeded as error:
        log.warning("the bots of before the start are not known, those that died since are not missed: %s", error)
        return Roster()


def open_bots(
    folder: DataFolder,
    roster: Roster,
    intake: Intake,
    trading: TradingDesk,
    executor: QueryExecutor,
    ask: Ask,
    samples: SeriesReader,
    clock: Clock,
) -> BotDesk:
    """Open the events of a folder that this process holds, and put the bots' desk together."""
    return BotDesk(roster, intake, trading, EventLog(folder.path), executor, ask, samples, clock)
