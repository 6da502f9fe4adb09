"""Tables as text: CSV, gzip or plain, one row after the other; a row that cannot be read is kept whole."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from nightdesk.errors import BadPayload
from nightdesk.model.ledger import EquityMark, LedgerEntry, ReturnMark, SetAside
from nightdesk.model.trade import Origin
from nightdesk.trades.sources.cells import instants, is_naive, zone_of
from nightdesk.trades.sources.layouts import draft, layout_of, likely
from nightdesk.trades.sources.mapping import REQUIRED, Mapping, RowKind
from nightdesk.trades.sources.places import placed
from nightdesk.trades.sources.reading import Item, Reading, RowFault, Stated
from nightdesk.trades.sources.rows import Rows

MOST_CELLS: Final = 1_000
MOST_KEPT: Final = 4_000
"""Characters of a row set aside that are kept."""
GZIP_MAGIC: Final = b"\x1f\x8b"
UNREADABLE: Final = (csv.Error, OSError, EOFError, zlib.error)
"""What a broken table or a broken archive raises."""


class Table:
    """A CSV file read by a mapping, or by the known layout whose header it has."""

    def __init__(self, mapping: Mapping | None, kind: RowKind) -> None:
        """`kind` is what the person is importing; an unknown header is answered with a mapping for it."""
        self._mapping, self._kind = mapping, kind

    def recognises(self, file: Path) -> bool:
        """Take everything that no other source takes."""
        return file.is_file()

    def open(self, file: Path, stated: Stated) -> Reading:
        """Read the header and stand before the first row.

        Raises:
            BadPayload: no such file, no header, or one that neither the mapping nor a known layout fits.
        """
        lines = _lines(file)
        mapping = self._mapping
        header = _header(lines, file, mapping.delimiter if mapping else ",")
        if mapping is None:
            mapping = layout_of(header)
            if mapping is None:
                raise BadPayload(_unknown(file, header, self._kind))
        missing = mapping.missing(header)
        if missing:
            wanted = " and ".join(
                f"{name} ({', '.join(mapping.columns.get(name, ())) or 'no column'})" for name in missing
            )
            raise BadPayload(f"{file.name} has no column for {wanted}; its header is: {mapping.delimiter.join(header)}")
        notes: list[str] = []
        zone = stated.timezone or mapping.timezone
        if not zone:
            zone = "UTC"
            lines = _told_of_zone(lines, mapping, header, notes)
        if mapping.kind in (RowKind.TRADES, RowKind.FILLS) and stated.mode is None and mapping.mode is None:
            notes.append(
                f"The file does not say whether money was at stake: mode {stated.usual_mode.value}; --mode changes it."
            )
        if mapping.kind is RowKind.TRADES and "symbol" not in _present(mapping, header):
            notes.append("The file names no symbol: its trades have none.")
        notes += _told_of_status(mapping, header)
        rows = Rows(mapping, header, stated, instants(mapping.time_format, zone_of(zone)))
        items = _items(lines, rows, mapping, len(header), file.name)
        return Reading(mapping.source, _told_of_fees(placed(items), rows, mapping, notes), notes)


def _lines(file: Path) -> Iterator[str]:
    """Give out the lines of a text file, packed or not; bytes that are no UTF-8 survive as escapes."""
    with file.open("rb") as raw:
        packed = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        raw.seek(0)
        unpacked = gzip.GzipFile(fileobj=raw) if packed else raw
        # newline="" leaves line ends inside quotes to the csv reader.
        with io.TextIOWrapper(unpacked, "utf-8-sig", "backslashreplace", newline="") as lines:
            yield from lines


def _header(lines: Iterator[str], file: Path, delimiter: str) -> list[str]:
    try:
        header = next(csv.reader(lines, delimiter=delimiter), [])
    except UNREADABLE as error:
        raise BadPayload(f"{file} cannot be read as a table: {error}") from error
    if not header or len(header) > MOST_CELLS:
        raise BadPayload(f"{file} has no header line; the first line names the columns")
    return [name.strip() for name in header]


def _items(lines: Iterator[str], rows: Rows, mapping: Mapping, width: int, name: str) -> Iterator[Item]:
    """Give out entries and rows set aside; a row of an id that had other content in this file is set aside."""
    reader = csv.reader(lines, delimiter=mapping.delimiter)
    seen: dict[Origin, LedgerEntry] = {}
    is_once = "id" in mapping.columns or mapping.kind in (RowKind.EQUITY, RowKind.RETURNS)
    cells: Sequence[str] = ()
    while True:
        number = reader.line_num + 2
        try:
            cells = next(reader)
        except StopIteration:
            return
        except UNREADABLE as error:
            yield SetAside(name, number, f"the row cannot be read: {error}", "")
            if not isinstance(error, csv.Error):
                return
            continue
        if not any(cells):
            continue
        try:
            if len(cells) != width:
                raise RowFault(f"the row has {len(cells)} cells and the header {width}")  # noqa: TRY301
            entry = rows.entry(cells)
            if is_once and seen.setdefault(entry.origin, entry) != entry:
                raise RowFault(_twice(entry))  # noqa: TRY301
        except RowFault as fault:
            yield SetAside(name, number, str(fault), mapping.delimiter.join(cells)[:MOST_KEPT])
        else:
            yield entry


def _twice(entry: LedgerEntry) -> str:
    if isinstance(entry, EquityMark | ReturnMark):
        return "its time came before in this file with another value"
    return f"the id {entry.origin.id!r} came before in this file with other content"


def _told_of_status(mapping: Mapping, header: Sequence[str]) -> list[str]:
    """Return a note where a column that seems to tell open trades from closed ones is none of the mapping."""
    named = {name for names in mapping.columns.values() for name in names} | set(mapping.ignored)
    if mapping.kind is not RowKind.TRADES or "status" in mapping.columns:
        return []
    return [
        f'The column {name} is not read: if it tells open trades from closed ones, say status = "{name}" in [columns].'
        for name in header
        if name.strip().lower().replace("_", " ") in ("status", "state", "is open", "is closed") and name not in named
    ]


def _told_of_fees(items: Iterator[Item], rows: Rows, mapping: Mapping, notes: list[str]) -> Iterator[Item]:
    """Tell the person at the end where fees were written as money that went out, and nobody said so."""
    yield from items
    if rows.fees[False] and not rows.fees[True]:
        other = "positive" if mapping.costs == "negative" else "negative"
        notes.append(
            f"All {rows.fees[False]:,} fees came out below zero, as rebates that add to profit; if they were paid, say"
            f' costs = "{other}" in a mapping.'
        )


def _told_of_zone(lines: Iterator[str], mapping: Mapping, header: Sequence[str], notes: list[str]) -> Iterator[str]:
    """Look at the first row: where its time names no zone, the person is told which one was taken."""
    first = next(lines, None)
    if first is None:
        return iter(())
    try:
        cells = next(csv.reader([first], delimiter=mapping.delimiter), [])
    except csv.Error:  # the row is read again with all others, and set aside
        return chain([first], lines)
    column = next(
        (name for name in mapping.columns.get("time", mapping.columns.get("opened", ())) if name in header), ""
    )
    place = header.index(column) if column in header else -1
    if 0 <= place < len(cells) and is_naive(cells[place], mapping.time_format):
        notes.append("Times without a zone are taken as UTC; --timezone changes it.")
    return chain([first], lines)


def _present(mapping: Mapping, header: Sequence[str]) -> set[str]:
    return {name for name, names in mapping.columns.items() if any(column in header for column in names)}


def _unknown(file: Path, header: Sequence[str], asked: RowKind) -> str:
    kind = likely(header, asked)
    return (
        f"{file.name} has a header that is no layout Nightdesk knows: {','.join(header)[:500]}\n"
        f"Say which column is which in a file and name it with --mapping, e.g. mapping.toml:\n\n"
        f"{draft(header, kind)}\n\n"
        f"{kind.value} need {', '.join(REQUIRED[kind])}; docs/ledger.md says what else there is."
    )
