"""The use case: what was asked, the ledger, the figures. Blocks; pure but for the reading."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nightdesk.analytics.returns.annualising import demand_periods
from nightdesk.app.performance.account import Accounts
from nightdesk.app.performance.choice import choose, stranger
from nightdesk.app.performance.performance import Performance, performance_of
from nightdesk.app.performance.window import Window
from nightdesk.app.trading.book import TradingBook
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.model.ledger import Holdings, Selection


@dataclass(frozen=True, slots=True)
class Question:
    """What a person or a program asks: figures of which portfolios, over which window."""

    selection: Selection
    """Account, bot and mode; its interval is not looked at."""
    window: Window
    periods_per_year: float | None = None

    def __post_init__(self) -> None:
        """Refuse periods a year that are none, before anything is read. Raises Refused."""
        demand_periods(self.periods_per_year)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the ledger holds for a question, read at one time."""

    question: Question
    book: TradingBook
    notes: tuple[str, ...]
    stranger: str | None = None
    """Says that the ledger has no such account or bot: then nothing is told of it, not even that it had no trades."""

    def figures(self, accounts: Accounts) -> Performance:
        """Work the figures out. Takes seconds for a million trades; reads nothing."""
        names = {held.portfolio.account for held in self.book.holdings}
        account = accounts(names.pop() if len(names) == 1 else None)
        found = performance_of(self.book, self.question.window, account, self.question.periods_per_year)
        if self.stranger is not None:
            return found.silenced(self.stranger)
        return replace(found, notes=(*self.notes, *found.notes))


def read(trading: TradingDesk, question: Question, holdings: Sequence[Holdings] | None = None) -> Reading:
    """Read the book of a question from its first row on; one mode only, as `choose` says."""
    held = trading.holdings() if holdings is None else holdings
    chosen, notes = choose(question.selection, held)
    # From the first row on: the balance at a window's beginning is made of what closed before it.
    return Reading(question, trading.book(replace(chosen, end=question.window.end)), notes, stranger(chosen, held))


def read_performance(trading: TradingDesk, question: Question, accounts: Accounts) -> Performance:
    """Read and work out in one call, for whoever has a thread of his own."""
    return read(trading, question).figures(accounts)
