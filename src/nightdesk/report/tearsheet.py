"""The tearsheet as a value: what a report says, in the order in which it says it; instants in ms."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One figure as people read it."""

    title: str
    text: str
    """Its value with its unit; a dash where there is none."""
    note: str = ""
    """The reason where there is no value; else what an infinite one means, or nothing."""
    convention: str = ""
    basis: str = ""
    """Observations and periods a year: `n = 2,147, 252 a year (assumed)`."""
    is_bad: bool = False
    """True for an amount below zero: it is shown so, never by colour alone, for the sign is written."""


@dataclass(frozen=True, slots=True)
class Block:
    """Figures of one kind."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A line over time."""

    title: str
    times: Sequence[int]
    values: Sequence[float | None]
    unit: str
    """A currency; `fraction` for drawdowns; empty for wealth that began with 1."""
    is_stepped: bool = False
    """True where nothing is known to move between the points, as of realised equity between two closes."""


@dataclass(frozen=True, slots=True)
class Year:
    """Twelve months and the whole year, as fractions; None where there are no returns."""

    year: int
    months: tuple[float | None, ...]
    total: float | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under heads; the first column is a name, the others are figures."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class TradeDot:
    """A closed trade on a chart."""

    at: int
    pnl: float
    label: str


@dataclass(frozen=True, slots=True)
class Tearsheet:
    """A whole report."""

    title: str
    subtitle: str
    notes: tuple[str, ...]
    """What a reader has to know before he believes a figure."""
    headline: tuple[Line, ...]
    blocks: tuple[Block, ...]
    equity: Curve | None
    drawdown: Curve | None
    years: tuple[Year, ...]
    trades: tuple[TradeDot, ...]
    trades_title: str
    tables: tuple[Table, ...]
    footer: str
