"""A database that somebody else wrote, to harm: refused or set aside in time, within memory, with a sentence."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from nightdesk.errors import BadPayload
from nightdesk.testing.trade_files import BotDatabase, read
from nightdesk.trades.sources import guarded

ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the database of a bot that has gone, with two trades."""
    bot = BotDatabase(tmp_path / "tradesv3.sqlite")
    bot.trade(1)
    bot.trade(2)
    bot.close()
    return bot.file


def change(file: Path, *statements: str) -> None:
    """Do to a database what its author would."""
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_view_is_no_table(file: Path) -> None:
    """A view runs whatever stands in it, without end; only real tables are read."""
    change(file, "ALTER TABLE trades RENAME TO t", f"CREATE VIEW trades AS {ENDLESS} SELECT t.* FROM t, r")
    with pytest.raises(BadPayload, match="trades lack"):
        read(file)


def test_what_takes_for_ever_is_interrupted(file: Path) -> None:
    """Every question has a deadline in all."""
    with (
        closing(guarded.connect(file, 1, idle=False, seconds=0.2)) as connection,
        pytest.raises(sqlite3.OperationalError, match="interrupted"),
    ):
        connection.execute(f"{ENDLESS} SELECT count(*) FROM r").fetchone()


def test_one_huge_cell_sets_one_trade_aside(file: Path) -> None:
    """The other trade is read, and the huge cell never enters memory."""
    change(file, f"UPDATE trades SET enter_tag = zeroblob({8 * guarded.MOST_CELL}) WHERE id = 1")
    entries, aside, _ = read(file)
    assert len(entries) == 1
    assert [(row.row, "over 1048576 bytes" in row.reason) for row in aside] == [(1, True)]


def test_bytes_that_are_no_text_are_a_fault_of_their_row(file: Path) -> None:
    """Cells that are no UTF-8 are read as escapes, and set aside where they were to be figures."""
    change(file, "UPDATE trades SET close_date = CAST(x'ff00fe' AS TEXT) WHERE id = 1")
    entries, aside, _ = read(file)
    assert (len(entries), [row.row for row in aside]) == (1, [1])


def test_any_spoilt_byte_of_the_schema_is_a_sentence(file: Path) -> None:
    """Names, sizes and roots of tables: whatever of them is spoilt, no fault of Python's comes out."""
    whole = file.read_bytes()
    for place in range(16, 4096, 41):
        file.write_bytes(whole[:place] + b"\xff" + whole[place + 1 :])
        try:
            read(file)
        except BadPayload:
            continue
