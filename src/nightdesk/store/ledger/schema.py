"""The tables of ledger.db and how one format leads to the next; drawn in docs/format/ledger.md.

The statements of format 1 are spelled out, not made from `forms`: a format that has gone out never changes.
"""

from typing import Final

from nightdesk.store.sqlite import FileFormat

_IDENTITY: Final = """
        portfolio INTEGER NOT NULL REFERENCES portfolios (number),
        source    TEXT NOT NULL,
        id        TEXT NOT NULL,
        taken_at  INTEGER NOT NULL,
"""
"""Begins every table of rows; `taken_at` (ms) is when this form of the row was taken."""
_ONCE: Final = "PRIMARY KEY (portfolio, source, id)"

_FORMAT_1: Final = (
    """
    CREATE TABLE portfolios (
        number  INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        bot     TEXT NOT NULL,
        mode    TEXT NOT NULL,
        UNIQUE (account, bot, mode)
    ) STRICT
    """,
    f"""
    CREATE TABLE fills (
        {_IDENTITY}
        symbol TEXT NOT NULL, side TEXT NOT NULL, quantity TEXT NOT NULL, price TEXT NOT NULL, currency TEXT NOT NULL,
        at INTEGER NOT NULL, sequence INTEGER NOT NULL, fee TEXT NOT NULL, fee_currency TEXT NOT NULL,
        order_id TEXT NOT NULL, tag TEXT NOT NULL,
        {_ONCE}
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX fills_by_time ON fills (portfolio, at)",
    f"""
    CREATE TABLE orders (
        {_IDENTITY}
        symbol TEXT NOT NULL, side TEXT NOT NULL, quantity TEXT NOT NULL, at INTEGER NOT NULL, status TEXT NOT NULL,
        kind TEXT NOT NULL, limit_price TEXT, filled TEXT NOT NULL, average_price TEXT, filled_at INTEGER,
        tag TEXT NOT NULL,
        {_ONCE}
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX orders_by_time ON orders (portfolio, at)",
    f"""
    CREATE TABLE trades (
        {_IDENTITY}
        symbol TEXT NOT NULL, direction TEXT NOT NULL, quantity TEXT NOT NULL, entry_price TEXT NOT NULL,
        opened_at INTEGER NOT NULL, currency TEXT NOT NULL, exit_price TEXT, closed_at INTEGER, pnl TEXT,
        fees TEXT NOT NULL, return_ratio REAL, tag TEXT NOT NULL, exit_reason TEXT NOT NULL,
        {_ONCE}
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX trades_by_close ON trades (portfolio, closed_at)",
    f"""
    CREATE TABLE equity_marks (
        {_IDENTITY}
        at INTEGER NOT NULL, equity TEXT NOT NULL, currency TEXT NOT NULL,
        {_ONCE}
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX equity_marks_by_time ON equity_marks (portfolio, at)",
    f"""
    CREATE TABLE cash_flows (
        {_IDENTITY}
        at INTEGER NOT NULL, amount TEXT NOT NULL, currency TEXT NOT NULL, note TEXT NOT NULL,
        {_ONCE}
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    CREATE TABLE return_marks (
        {_IDENTITY}
        at INTEGER NOT NULL, value REAL NOT NULL,
        {_ONCE}
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX return_marks_by_time ON return_marks (portfolio, at)",
    f"""
    CREATE TABLE starting_balances (
        {_IDENTITY}
        amount TEXT NOT NULL, currency TEXT NOT NULL,
        {_ONCE}
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    CREATE TABLE prices (
        {_IDENTITY}
        symbol TEXT NOT NULL, price TEXT NOT NULL, currency TEXT NOT NULL, at INTEGER NOT NULL,
        {_ONCE}
    ) STRICT, WITHOUT ROWID
    """,
    # What a row said before it was corrected: `content` is a JSON object of the columns of its table.
    """
    CREATE TABLE history (
        number      INTEGER PRIMARY KEY,
        form        TEXT NOT NULL,
        portfolio   INTEGER NOT NULL REFERENCES portfolios (number),
        source      TEXT NOT NULL,
        id          TEXT NOT NULL,
        replaced_at INTEGER NOT NULL,
        content     TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX history_by_row ON history (form, portfolio, source, id)",
    # Rows that could not be read, whole.
    """
    CREATE TABLE set_aside (
        number   INTEGER PRIMARY KEY,
        source   TEXT NOT NULL,
        row      INTEGER NOT NULL,
        reason   TEXT NOT NULL,
        content  TEXT NOT NULL,
        taken_at INTEGER NOT NULL,
        UNIQUE (source, row, content)
    ) STRICT
    """,
)

_WORTH: Final = ("equity_marks", "cash_flows", "return_marks")
_FORMAT_2: Final = (
    # That nobody stated the mode was once written at the end of the source, and so into the identity.
    *(f"ALTER TABLE {table} ADD COLUMN mode_is_stated INTEGER NOT NULL DEFAULT 1" for table in _WORTH),
    *(
        f"UPDATE OR REPLACE {table} SET mode_is_stated = 0, source = substr(source, 1, length(source) - 5)"  # noqa: S608
        " WHERE source LIKE '%?mode'"
        for table in _WORTH
    ),
    # Whose a row set aside is, and which reading of which file said so last; empty where it is not known.
    "ALTER TABLE set_aside RENAME TO set_aside_1",
    """
    CREATE TABLE set_aside (
        number   INTEGER PRIMARY KEY,
        account  TEXT NOT NULL,
        bot      TEXT NOT NULL,
        mode     TEXT NOT NULL,
        file     TEXT NOT NULL,
        reading  TEXT NOT NULL,
        source   TEXT NOT NULL,
        row      INTEGER NOT NULL,
        reason   TEXT NOT NULL,
        content  TEXT NOT NULL,
        taken_at INTEGER NOT NULL,
        UNIQUE (account, file, source, row, content)
    ) STRICT
    """,
    """
    INSERT INTO set_aside SELECT number, '', '', '', '', '', source, row, reason, content, taken_at FROM set_aside_1
    """,
    "DROP TABLE set_aside_1",
)

LEDGER: Final = FileFormat("ledger", 0x4E444C47, migrations=(_FORMAT_1, _FORMAT_2), page_size=8192)
"""`application_id` spells NDLG."""
