"""Rows that could not be read: kept whole, with whose they would be, until their file is read without that fault."""

from collections.abc import Sequence

from nightdesk.model.ledger import FileReading, Selection, SetAside
from nightdesk.model.trade import Portfolio
from nightdesk.store.sqlite import Database, Row

_COLUMNS = "account, bot, mode, file, reading, source, row, reason, content"


def keep(database: Database, rows: Sequence[SetAside], now: int) -> None:
    """Keep rows, each (account, file, source, row, content) once; `now` in ms."""
    database.execute_many(
        f"INSERT INTO set_aside ({_COLUMNS}, taken_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our names
        " ON CONFLICT (account, file, source, row, content) DO UPDATE SET"
        " bot = excluded.bot, mode = excluded.mode, reading = excluded.reading, reason = excluded.reason",
        [(*_written(row), now) for row in rows],
    )


def forget(database: Database, reading: FileReading) -> None:
    """Forget rows of a reading's file and account that only other readings set aside."""
    database.execute(
        "DELETE FROM set_aside WHERE account = ? AND file = ? AND reading <> ?",
        (reading.account, reading.file, reading.id),
    )


def newest(database: Database, limit: int) -> list[SetAside]:
    """Return the newest rows, newest first."""
    rows = database.execute(f"SELECT {_COLUMNS} FROM set_aside ORDER BY number DESC LIMIT ?", (limit,))  # noqa: S608
    return [_read(row) for row in rows]


def count(database: Database, selection: Selection) -> int:
    """Count rows that may belong to a selection's portfolios: what is not known of a row may be anything."""
    rows = database.execute(
        "SELECT COUNT(*) FROM set_aside WHERE (account = '' OR account = COALESCE(?, account))"
        " AND (bot = '' OR bot = COALESCE(?, bot)) AND (mode = '' OR mode = COALESCE(?, mode))",
        (selection.account, selection.bot, None if selection.mode is None else selection.mode.value),
    )
    return int(rows[0][0])


def _written(row: SetAside) -> Row:
    portfolio, reading = row.portfolio or Portfolio("", "", ""), row.reading
    account = reading.account if reading is not None else portfolio.account
    read = (reading.file, reading.id) if reading is not None else ("", "")
    return (account, portfolio.bot, portfolio.mode, *read, row.source, row.row, row.reason, row.content)


def _read(row: Row) -> SetAside:
    account, bot, mode, file, reading, source, number, reason, content = row
    return SetAside(
        source,
        number,
        reason,
        content,
        Portfolio(account, bot, mode) if account else None,
        FileReading(account, file, reading) if reading else None,
    )
