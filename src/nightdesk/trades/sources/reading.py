"""What every source gives: rows one after the other, those that cannot be read among them, and notes for the person."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from nightdesk.model.ledger import LedgerEntry, SetAside
from nightdesk.model.trade import Mode, Portfolio

Item = LedgerEntry | SetAside


@dataclass(frozen=True, slots=True)
class Stated:
    """What a person said about a file; what is None or empty the file may say, and nothing is guessed."""

    account: str = "main"
    bot: str | None = None
    mode: Mode | None = None
    usual_mode: Mode = Mode.LIVE
    """Where neither the person nor the source names one."""
    currency: str = ""
    timezone: str = ""
    """Zone of times without one, as in the IANA database; UTC where it is empty."""

    def portfolio(self, bot: str = "", mode: Mode | None = None) -> Portfolio:
        """Return whose the rows are: what the person said goes before what the source says."""
        return Portfolio.of(self.account, bot if self.bot is None else self.bot, self.mode or mode or self.usual_mode)

    def with_mode(self, mode: Mode | None) -> "Stated":
        """Return the same with a mode where none was stated."""
        return self if self.mode or not mode else replace(self, mode=mode)


@dataclass(frozen=True, slots=True)
class Reading:
    """A source opened for reading; `items` may raise BadPayload where the rest of the file cannot be read at all."""

    source: str
    """Kind of source, as in `Origin.source`."""
    items: Iterator[Item]
    notes: list[str] = field(default_factory=list)
    """What was assumed, as sentences; whole once `items` is used up."""


class Source(Protocol):
    """One kind of file."""

    def recognises(self, file: Path) -> bool:
        """Tell whether a file is of this kind, by its first bytes."""
        ...

    def open(self, file: Path, stated: Stated) -> Reading:
        """Open a file. Raises BadPayload where nothing of it can be read."""
        ...


class RowFault(ValueError):
    """Why one row cannot be read, as a sentence; never leaves the room: the row is set aside."""
