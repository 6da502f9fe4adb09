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
from nightdesk.model.trade import Fill, Mode, Order, Origin, Portfolio, Trade
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
    held = door.holdings()
    reading = open_file(asked.file, asked.stated, asked.kind, asked.mapping)
    this = FileReading(asked.stated.account, str(asked.file.resolve()), secrets.token_hex(8))
    haul = _haul(door, map(_stamp(this, asked, _only_modes(held)), reading.items), this, progress)
    if asked.starting_balance is not None:
        haul.taken += door.take([_balance(asked.starting_balance, asked.stated, haul)])
    notes = [*_told_of_modes(asked, held, haul), *reading.notes, *_unlike(asked.kind, haul), *_beside(held, haul)]
    if haul.aside and not haul.rows:
        first = haul.shown[0]
        raise BadPayload(f"no row of {asked.file.name} can be read; row {first.row}: {first.reason}")
    return Imported(
        haul.taken,
        {noun: haul.rows[kind] for kind, noun in _NOUNS if haul.rows[kind]},
        haul.aside,
        tuple(haul.shown),
        tuple(sorted(map(_name, haul.portfolios))),
        tuple(notes),
    )


class _Haul:
    """What has come in so far."""

    def __init__(self) -> None:
        self.taken = Taken()
        self.rows: Counter[type] = Counter()
        self.aside = 0
        self.shown: list[SetAside] = []
        self.portfolios: set[Portfolio] = set()
        self.traded: set[Portfolio] = set()
        """Those of trades and fills among them."""
        self.currencies: set[str] = set()

    def note(self, entry: LedgerEntry) -> None:
        """Count an entry."""
        self.rows[type(entry)] += 1
        self.portfolios.add(entry.origin.portfolio)
        if isinstance(entry, Trade | Fill):
            self.traded.add(entry.origin.portfolio)
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


def _only_modes(held: Sequence[Holdings]) -> dict[str, str]:
    """Return the mode of each account that has only one."""
    modes: dict[str, set[str]] = {}
    for each in held:
        modes.setdefault(each.portfolio.account, set()).add(each.portfolio.mode)
    return {account: min(found) for account, found in modes.items() if len(found) == 1}


def _stamp(this: FileReading, asked: Asked, only: dict[str, str]) -> Callable[[Item], Item]:
    """Return what settles the mode of worth where nobody stated one, and whose the rows are that are set aside.

    The kind of the row decides, not the command that was typed: one file is the same rows whichever command takes it.
    """
    unstated, stated = _is_unstated(asked), asked.stated
    whose = stated.portfolio("") if not unstated or asked.kind in _TRADED else replace(stated.portfolio(""), mode="")

    def stamped(item: Item) -> Item:
        if isinstance(item, SetAside):
            return replace(item, portfolio=item.portfolio or whose, reading=this)
        if not unstated or not isinstance(item, EquityMark | CashFlow | ReturnMark):
            return item
        origin = item.origin
        portfolio = replace(origin.portfolio, mode=only.get(origin.portfolio.account, stated.usual_mode.value))
        return replace(item, origin=replace(origin, portfolio=portfolio), mode_is_stated=False)

    return stamped


def _told_of_modes(asked: Asked, held: Sequence[Holdings], haul: _Haul) -> list[str]:
    """Say which mode worth was given where nobody stated one."""
    if not _is_unstated(asked):
        return []
    only = _only_modes(held)
    return [
        f"Mode {only[account]}, as all else of the account {account}; --mode changes it."
        if account in only
        else f"Mode {asked.stated.usual_mode.value}, or that of the account's trades once there are some;"
        " --mode states it."
        for account in sorted({portfolio.account for portfolio in haul.portfolios - haul.traded})
    ]


def _balance(amount: Decimal, stated: Stated, haul: _Haul) -> StartingBalance:
    """Return the balance that the person gave; it belongs to the account, unless a bot was named."""
    modes = {portfolio.mode for portfolio in haul.portfolios}
    mode = Mode(modes.pop()) if len(modes) == 1 else None
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


def _beside(held: Sequence[Holdings], haul: _Haul) -> list[str]:
    """Say where the ledger held what may be the same money, told by another source."""
    notes = [
        f"{_name(each.portfolio)} held {each.return_marks:,} returns before, and none of them is in this file:"
        " where both have a date, what was imported last counts."
        for each in held
        if haul.rows[ReturnMark] and not haul.taken.known + haul.taken.corrected
        if each.portfolio in haul.portfolios and each.return_marks
    ]
    before = {each.portfolio for each in held if each.trades or each.fills}
    for new in sorted(haul.traded - before):
        notes += [
            f"{_name(old)} has trades too: if they are the same as those of {_name(new)} they count twice;"
            " --bot says whose the rows of a file are."
            for old in sorted(before)
            if (old.account, old.mode) == (new.account, new.mode) and not (old.bot and new.bot)
        ]
    return notes


def _name(portfolio: Portfolio) -> str:
    return " / ".join(filter(None, (portfolio.account, portfolio.bot, portfolio.mode)))
