"""Following the database of a bot that runs: a cheap look first, then only the trades that changed."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from nightdesk.errors import BadPayload
from nightdesk.model.ledger import FileReading, LedgerEntry, SetAside
from nightdesk.model.trade import Portfolio, Trade
from nightdesk.trades.sources.freqtrade_database import items_of, number_of, snapshot
from nightdesk.trades.sources.guarded import Row
from nightdesk.trades.sources.reading import Stated

BUSY_SECONDS: Final = 1.0
BATCH: Final = 2_000

Take = Callable[[Sequence[LedgerEntry], Sequence[SetAside], FileReading | None], object]
Stamp = tuple[tuple[int, int, int] | tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a followed database holds of one portfolio."""

    closed: int
    open: int
    last_closed_at: int | None
    """ns."""


@dataclass(slots=True)
class _Seen:
    """What of the database is in the ledger already."""

    stamp: Stamp = ()
    rows: dict[int, int] = field(default_factory=dict)
    """Hash of a trade's row and its orders, by the trade's number."""
    trades: dict[int, tuple[Portfolio, int | None]] = field(default_factory=dict)
    """Whose each trade is, and when it closed."""
    aside: set[int] = field(default_factory=set)
    """Trades of which something could not be read; each reading offers them again."""


class FreqtradeFollower:
    """Brings the ledger up to date with one database; blocks, so call `catch_up` on a thread of its own."""

    def __init__(self, file: Path, stated: Stated, take: Take) -> None:
        """`take` keeps rows durably; nothing is looked at before `catch_up`."""
        self.file, self._stated, self._take = file, stated, take
        self._seen = _Seen()

    def catch_up(self) -> dict[Portfolio, Standing]:
        """Take what is new or changed into the ledger and return what the database holds.

        A file that did not change costs a few small calls of the system. One that was replaced is read anew; rows of
        the older one stay.

        Raises:
            BadPayload: the database is gone or damaged, or is none of freqtrade.
            Overloaded: its bot keeps it locked; the next look catches up.
            StoreError: the ledger cannot take rows; the next look offers them again.
        """
        stamp = _stamp(self.file)
        if stamp != self._seen.stamp:
            trades, orders = snapshot(self.file, BUSY_SECONDS)
            rows = {row["id"]: _hash(row, orders.get(row["id"], [])) for row in trades}
            again = self._seen.aside
            changed = [row for row in trades if row["id"] in again or self._seen.rows.get(row["id"]) != rows[row["id"]]]
            found, aside = self._keep(changed, orders)
            known = {number: known for number, known in self._seen.trades.items() if number in rows}
            # Only now: what the ledger did not take is offered again by the next look.
            self._seen = _Seen(stamp, rows, known | found, aside)
        return _standings(self._seen.trades.values())

    def _keep(
        self, changed: Sequence[Row], orders: dict[int, list[Row]]
    ) -> tuple[dict[int, tuple[Portfolio, int | None]], set[int]]:
        """Take changed trades, in batches; return whose each is and when it closed, and which could not be read.

        With those set aside before among them it is a whole reading: what it does not set aside again was put right.
        """
        this = FileReading(self._stated.account, str(self.file.resolve()), secrets.token_hex(8))
        faulty: set[int] = set()
        found: dict[int, tuple[Portfolio, int | None]] = {}
        entries: list[LedgerEntry] = []
        aside: list[SetAside] = []
        for item in items_of(list(changed), orders, self._stated, [], self.file.name):
            if isinstance(item, SetAside):
                aside.append(replace(item, reading=this))
                faulty.add(item.row)
            else:
                entries.append(item)
                if isinstance(item, Trade):
                    found[number_of(item)] = (item.origin.portfolio, item.closed_at)
            if len(entries) + len(aside) >= BATCH:
                self._take(entries, aside, None)
                entries, aside = [], []
        self._take(entries, aside, this)
        return found, faulty


def _standings(trades: Iterable[tuple[Portfolio, int | None]]) -> dict[Portfolio, Standing]:
    closed: dict[Portfolio, list[int]] = {}
    still_open: Counter[Portfolio] = Counter()
    for portfolio, closed_at in trades:
        ended = closed.setdefault(portfolio, [])
        if closed_at is None:
            still_open[portfolio] += 1
        else:
            ended.append(closed_at)
    return {each: Standing(len(ended), still_open[each], max(ended, default=None)) for each, ended in closed.items()}


def _stamp(file: Path) -> Stamp:
    """Return what changes with every commit: identity, time and size of the files, and SQLite's own counters.

    Two commits within one tick of the file system's clock differ in the counters alone: the change counter of the
    file's header, and the head of the index of its write-ahead log.
    """
    log, index = (file.with_name(file.name + suffix) for suffix in ("-wal", "-shm"))
    try:
        found = [file.stat(), *(each.stat() for each in (log,) if each.exists())]
        counters = (_bytes(file, 24, 4), _bytes(index, 0, 48) if index.exists() else b"")
    except OSError as error:
        raise BadPayload(f"{file} cannot be read: {error.strerror}") from error
    return *((each.st_ino, each.st_mtime_ns, each.st_size) for each in found), counters


def _bytes(file: Path, start: int, count: int) -> bytes:
    with file.open("rb") as stream:
        stream.seek(start)
        return stream.read(count)


def _hash(row: Row, orders: Sequence[Row]) -> int:
    return hash((tuple(row.values()), *(tuple(order.values()) for order in orders)))
