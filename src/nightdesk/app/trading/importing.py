"""Importing a file: read here, taken in bounded batches by whoever holds the ledger, told in one summary."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final, Protocol

from nightdesk.app.trading.book import PERSON
from nightdesk.errors import BadPayload
from nightdesk.model.ledger import (
    CashFlow,
    EquityMark,
    FileReading,
    Holdings,
    LedgerEntry,
    ReturnMark,
    SetAside,
    StartingBalance,
    Taken,
)
from nightdesk.model.trade import Fill, Mode, Order, Origin, Trade
from nightdesk.trades.sources.mapping import Mapping, RowKind
from nightdesk.trades.sources.reading import Item, Stated
from nightdesk.trades.sources.table import open_file

BATCH: Final = 2_000
"""Rows in one transaction, and in one request to a running desk."""
MOST_SHOWN: Final = 20
"""Rows set aside that a summary names."""

Progress = Callable[[int], None]
_TRADED: Final = (RowKind.FILLS, RowKind.TRADES)
_NOUNS: Final = (
    (Trade, "trades"),
    (Order, "orders"),
    (Fill, "fills"),
    (EquityMark, "equity marks"),
    (ReturnMark, "returns"),
    (CashFlow, "deposits and withdrawals"),
    (StartingBalance, "starting balances"),
)


class LedgerDoor(Protocol):
    """The ledger as an import needs it: of this process, or of a desk that runs."""

    def holdings(self) -> list[Holdings]:
        """Return what is held of each portfolio."""
        ...

    def take(
        self, entries: Sequence[LedgerEntry], aside: Sequence[SetAside] = (), ended: FileReading | None = None
    ) -> Taken:
        """Keep rows, durable when it returns; `ended` tells that a file was read to its end."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks to be imported."""

    file: Path
    kind: RowKind
    stated: Stated
    mapping: Mapping | None = None
    starting_balance: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    taken: Taken
    rows: dict[str, int]
    """Rows read, by kind."""
    set_aside: int
    shown: tuple[SetAside, ...]
    """The first rows set aside."""
    portfolios: tuple[str, ...]
    """Whose the rows are, as `account / bot / mode`."""
    notes: tuple[str, ...]


def import_file(door: LedgerDoor, asked: Asked, progress: Progress = lambda _: None) -> Imported:
    """Read a file into the ledger. Broken off at any point and done again, it leaves each row once.

    Raises:
        BadPayload: nothing of the file can be read, or none of its rows.
        Overloaded, StoreError, DeskUnreachable: as they say; what was taken before stays.
    """
    stated, notes = _with_usual_mode(door, asked)
    reading = open_file(asked.file, stated, asked.kind, asked.mapping)
    this = FileReading(stated.account, str(asked.file.resolve()), secrets.token_hex(8))
    haul = _haul(door, map(_stamp(this, asked, stated), reading.items), this, progress)
    if asked.starting_balance is not None:
        haul.taken += door.take([_balance(asked.starting_balance, stated, haul)])
    notes += [*reading.notes, *_unlike(asked.kind, haul)]
    if haul.aside and not haul.rows:
        first = haul.shown[0]
        raise BadPayload(f"no row of {asked.file.name} can be read; row {first.row}: {first.reason}")
    return Imported(
        haul.taken,
        {noun: haul.rows[kind] for kind, noun in _NOUNS if haul.rows[kind]},
        haul.aside,
        tuple(haul.shown),
        tuple(sorted(haul.portfolios)),
        tuple(notes),
    )


class _Haul:
    """What has come in so far."""

    def __init__(self) -> None:
        self.taken = Taken()
        self.rows: Counter[type] = Counter()
        self.aside = 0
        self.shown: list[SetAside] = []
        self.portfolios: set[str] = set()
        self.modes: set[str] = set()
        self.currencies: set[str] = set()

    def note(self, entry: LedgerEntry) -> None:
        """Count an entry."""
        portfolio = entry.origin.portfolio
        self.rows[type(entry)] += 1
        self.portfolios.add(" / ".join(filter(None, (portfolio.account, portfolio.bot, portfolio.mode))))
        self.modes.add(portfolio.mode)
        currency = getattr(entry, "currency", "")
        if currency:
            self.currencies.add(currency)


def _haul(door: LedgerDoor, items: Iterable[Item], this: FileReading, progress: Progress) -> _Haul:
    haul = _Haul()
    entries: list[LedgerEntry] = []
    aside: list[SetAside] = []
    for item in items:
        if isinstance(item, SetAside):
            aside.append(item)
            haul.aside += 1
            if len(haul.shown) < MOST_SHOWN:
                haul.shown.append(item)
        else:
            entries.append(item)
            haul.note(item)
        if len(entries) + len(aside) >= BATCH:
            haul.taken += door.take(entries, aside)
            entries, aside = [], []
            progress(haul.rows.total() + haul.aside)
    haul.taken += door.take(entries, aside, this)
    return haul


def _is_unstated(asked: Asked) -> bool:
    """Tell whether nobody stated a mode. Equity, flows and returns name none themselves, whatever was asked for."""
    mapped = asked.mapping.mode if asked.mapping is not None else None
    return (asked.stated.mode or mapped) is None


def _stamp(this: FileReading, asked: Asked, stated: Stated) -> Callable[[Item], Item]:
    """Return what tells the ledger of worth whose mode nobody stated, and whose the rows are that are set aside."""
    unstated = _is_unstated(asked)
    whose = stated.portfolio("") if not unstated or asked.kind in _TRADED else replace(stated.portfolio(""), mode="")

    def stamped(item: Item) -> Item:
        if isinstance(item, SetAside):
            return replace(item, portfolio=item.portfolio or whose, reading=this)
        if unstated and isinstance(item, EquityMark | CashFlow | ReturnMark):
            return replace(item, mode_is_stated=False)
        return item

    return stamped


def _with_usual_mode(door: LedgerDoor, asked: Asked) -> tuple[Stated, list[str]]:
    """Settle the mode of equity and returns, which name none: that of the account's only one, and say so."""
    stated = asked.stated
    if asked.kind in _TRADED or not _is_unstated(asked):
        return stated, []
    modes = {held.portfolio.mode for held in door.holdings() if held.portfolio.account == stated.account}
    if len(modes) == 1:
        mode = modes.pop()
        return replace(stated, usual_mode=Mode(mode)), [
            f"Mode {mode}, as all else of the account {stated.account}; --mode changes it."
        ]
    return stated, [
        f"Mode {stated.usual_mode.value}, or that of the account's trades once there are some; --mode states it."
    ]


def _balance(amount: Decimal, stated: Stated, haul: _Haul) -> StartingBalance:
    """Return the balance that the person gave; it belongs to the account, unless a bot was named."""
    mode = Mode(haul.modes.copy().pop()) if len(haul.modes) == 1 else None
    currency = stated.currency or (haul.currencies.copy().pop() if len(haul.currencies) == 1 else "")
    origin = Origin(stated.portfolio("", mode), PERSON, "starting-balance")
    return StartingBalance(origin, amount, currency)


def _unlike(kind: RowKind, haul: _Haul) -> list[str]:
    """Say where a file held something else than what was asked for: it was taken for what it is."""
    traded = haul.rows[Trade] + haul.rows[Fill] + haul.rows[Order]
    valued = haul.rows[EquityMark] + haul.rows[CashFlow] + haul.rows[ReturnMark]
    if kind in _TRADED and valued and not traded:
        return ["The file holds equity or returns, not trades; it was taken as such."]
    if kind not in _TRADED and traded and not valued:
        return ["The file holds trades; it was taken as such."]
    return []
