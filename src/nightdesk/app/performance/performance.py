"""The performance of a portfolio over a window: every figure of the catalogue, and what it stands on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType

import numpy as np

from nightdesk.analytics.catalogue.statistic import Needs
from nightdesk.analytics.catalogue.table import CATALOGUE, STATISTICS, figures_of
from nightdesk.analytics.figure import Figure, Reason
from nightdesk.analytics.material import Material
from nightdesk.analytics.returns.curves import thinned
from nightdesk.analytics.returns.drawdown import Episode, episodes
from nightdesk.analytics.returns.record import Floats
from nightdesk.analytics.returns.tables import CalendarReturn, monthly, yearly
from nightdesk.analytics.trades.splits import Share, SplitBy, split
from nightdesk.app.performance.account import Account
from nightdesk.app.performance.evidence import gather
from nightdesk.app.performance.window import Window
from nightdesk.app.trading.book import TradingBook
from nightdesk.errors import Refused
from nightdesk.model.curve import Basis, EquityCurve, Instants
from nightdesk.model.ledger import Selection
from nightdesk.model.trade import Trade

ALL_TIME = Window.parse("all", 0)


@dataclass(frozen=True, slots=True)
class Path:
    """A curve to draw: instants in ns, one more than there are returns."""

    times: Instants
    values: Floats
    drawdowns: Floats
    """As fractions, zero or below; of wealth, so that money put in or taken out is not in it."""
    currency: str
    """Empty where the values are wealth that began with 1."""

    def thinned(self, most: int) -> "Path":
        """Return at most `most` points (8 or more) that keep every extreme of equity and of its drawdowns."""
        if len(self.values) <= most:
            return self
        at = np.union1d(thinned(self.values, most // 2), thinned(self.drawdowns, most // 2))
        return Path(self.times[at], self.values[at], self.drawdowns[at], self.currency)


@dataclass(frozen=True, slots=True)
class CurrencyResult:
    """What trades of one currency came to."""

    currency: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Performance:
    """Figures of one selection over one window; instants in ns."""

    selection: Selection
    """With its one mode; None for account or bot means all of them."""
    window: Window
    start: int
    end: int
    """Where something is known of the window: [start, end)."""
    basis: Basis | None
    """What the returns were made of; None where there are none."""
    figures: Mapping[str, Figure]
    by_currency: tuple[CurrencyResult, ...]
    notes: tuple[str, ...]
    path: Path | None
    months: tuple[CalendarReturn, ...]
    years: tuple[CalendarReturn, ...]
    falls: tuple[Episode, ...]
    """Every drawdown, the deepest first."""
    splits: Mapping[SplitBy, tuple[Share, ...]]
    trades: tuple[Trade, ...]
    last_trade_at: int | None

    def figure(self, name: str) -> Figure:
        """Return a figure by its name. Raises KeyError where the catalogue has none."""
        return self.figures[name]

    def silenced(self, reason: str) -> "Performance":
        """Return the same without any value, each figure for one reason."""
        silent = {name: replace(figure, value=None, reason=reason) for name, figure in self.figures.items()}
        return replace(self, figures=MappingProxyType(silent), notes=(f"{reason[0].upper()}{reason[1:]}.",))


def performance_of(book: TradingBook, window: Window, account: Account, periods: float | None = None) -> Performance:
    """Work out every figure. `periods` a year where a person stated them.

    The book has to hold one mode and reach back to its first row.

    Raises:
        Refused: the book holds several modes: their figures are never mixed.
    """
    if len(book.modes) > 1:
        raise Refused(f"modes are never mixed ({', '.join(book.modes)}): name one of them")
    evidence = gather(book, window, account, periods)
    material, record = evidence.material, evidence.material.record
    figures = figures_of(material)
    figures["max_drawdown_all_time"] = _all_time(book, window, account, figures["max_drawdown"])
    return Performance(
        selection=_named(book),
        window=window,
        start=material.start,
        end=material.end,
        basis=record.basis if record is not None else None,
        figures=MappingProxyType(_in_particular(figures, book)),
        by_currency=_by_currency(material),
        notes=(*book.notes, *evidence.notes, *_notes(material, book)),
        path=path_of(evidence.curve, material),
        months=monthly(record, account.days) if record is not None else (),
        years=yearly(record, account.days) if record is not None else (),
        falls=_falls(material),
        splits=MappingProxyType({by: split(material.closed, by, account.days) for by in SplitBy}),
        trades=material.closed.trades,
        last_trade_at=book.last_trade_at,
    )


def _named(book: TradingBook) -> Selection:
    """Return the selection with the account and the bot named where there is only one."""
    accounts = {held.portfolio.account for held in book.holdings}
    bots = {held.portfolio.bot for held in book.holdings if held.trades or held.fills or len(book.holdings) == 1}
    selection = book.selection
    return replace(
        selection,
        account=accounts.pop() if len(accounts) == 1 else selection.account,
        bot=bots.pop() if len(bots) == 1 else selection.bot,
    )


def _all_time(book: TradingBook, window: Window, account: Account, here: Figure) -> Figure:
    """Return the max drawdown since the first row, whatever the window."""
    whole = here if window.is_all else CATALOGUE["max_drawdown"].of(gather(book, ALL_TIME, account, None).material)
    return replace(whole, name="max_drawdown_all_time", title="Max drawdown, all time")


def _in_particular(figures: Mapping[str, Figure], book: TradingBook) -> dict[str, Figure]:
    """Put what the ledger knows in the place of a general reason: the last trade's date, why equity is untold."""
    particular = {}
    if book.last_trade_at is not None:
        particular[Reason.NO_TRADES.value] = (
            f"{Reason.NO_TRADES.value}; the last one closed {moment(book.last_trade_at)}"
        )
    if book.why_no_worth:
        particular[Reason.NO_EQUITY.value] = " ".join(book.why_no_worth).rstrip(".")
    return {
        name: replace(figure, reason=particular[figure.reason]) if figure.reason in particular else figure
        for name, figure in figures.items()
    }


def _by_currency(material: Material) -> tuple[CurrencyResult, ...]:
    """Return the figures of the trades alone, once for each currency."""
    if not material.closed.is_mixed:
        return tuple(CurrencyResult(currency, _of_trades(material)) for currency in material.closed.currencies)
    parts = {each: material.closed.where(partial(_is_in, each)) for each in material.closed.currencies}
    return tuple(
        CurrencyResult(currency, _of_trades(replace(material, closed=part))) for currency, part in parts.items()
    )


def _of_trades(material: Material) -> dict[str, Figure]:
    return {each.name: each.of(material) for each in STATISTICS if each.needs is Needs.TRADES}


def _is_in(currency: str, trade: Trade) -> bool:
    return trade.currency == currency


def _notes(material: Material, book: TradingBook) -> tuple[str, ...]:
    closed, notes = material.closed, []
    if not len(closed) and book.last_trade_at is not None:
        notes.append(f"No trade closed in this window; the last one closed {moment(book.last_trade_at)}.")
    if closed.is_mixed:
        notes.append(f"Trades are in several currencies ({', '.join(closed.currencies)}) and no rate is known.")
    if closed.left_out:
        notes.append(f"{closed.left_out} closed trades have no P&L: they are in no figure.")
    if book.set_aside_count:
        notes.append(f"{book.set_aside_count} rows of the ledger could not be read and are in no figure.")
    if material.record is not None and material.record.basis is Basis.REALISED:
        notes.append("Realised only, from the balance given: what is open is not in returns and drawdown.")
    return tuple(notes)


def path_of(curve: EquityCurve | None, material: Material) -> Path | None:
    """Return equity with its drawdowns; of reported returns wealth that began with 1."""
    record = material.record
    if record is None or not len(record):
        return None
    if record.deepest is not None and material.realised is not None:
        # What is drawn is what the max drawdown was found in: equity after each close, not at the ends of days.
        times, values = material.realised.path(material.start)
        return Path(times, values, material.realised.drawdowns, curve.currency if curve is not None else "")
    if curve is not None and len(curve) == len(record) + 1:
        return Path(curve.times, curve.values, record.drawdowns, curve.currency)
    start = record.times[0] if record.started_at is None else record.started_at
    times = np.concatenate(([min(start, record.times[0])], record.times))
    skip = 1 if record.started_at is None else 0
    return Path(times[skip:], record.wealth[skip:], record.drawdowns[skip:], "")


def _falls(material: Material) -> tuple[Episode, ...]:
    record = material.record
    if record is None:
        return ()
    if record.deepest is not None and material.realised is not None:
        found = material.realised.episodes()
    else:
        found = episodes(record)
    return tuple(sorted(found, key=lambda fall: fall.depth))


def moment(at: int) -> str:
    """Write an instant (ns) for people, in UTC."""
    return datetime.fromtimestamp(at // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
