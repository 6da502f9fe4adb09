"""Files of older formats are read on: what they said in other words stays true."""

from pathlib import Path

from nightdesk.model.ledger import Selection, SetAside
from nightdesk.store.ledger.ledger import FILE_NAME, Ledger
from nightdesk.store.ledger.schema import LEDGER
from nightdesk.store.sqlite import Database, FileFormat
from nightdesk.testing.clock import ManualClock

FIRST = FileFormat(LEDGER.noun, LEDGER.application_id, LEDGER.migrations[:1], LEDGER.page_size)


def test_the_first_format_is_read_on(tmp_path: Path) -> None:
    """A mode that nobody stated stood at the end of the source, and rows set aside were nobody's."""
    old = Database(tmp_path / FILE_NAME, FIRST)
    old.execute("INSERT INTO portfolios VALUES (1, 'main', '', 'live')")
    old.execute("INSERT INTO cash_flows VALUES (1, 'csv?mode', 'd', 0, 7, '500', 'USD', '')")
    old.execute("INSERT INTO cash_flows VALUES (1, 'csv', 'd', 0, 7, '500', 'USD', '')")
    old.execute("INSERT INTO return_marks VALUES (1, 'csv?mode', 'r', 0, 7, 0.5)")
    old.execute("INSERT INTO set_aside VALUES (3, 'a.csv', 2, 'no number', 'x', 0)")
    old.close()
    with Ledger.open(tmp_path, ManualClock()) as ledger:
        (flow,) = ledger.flows(Selection())
        (mark,) = ledger.returns(Selection())
        assert (flow.origin.source, mark.origin.source, mark.mode_is_stated) == ("csv", "csv", False)
        assert ledger.rows_set_aside(10) == [SetAside("a.csv", 2, "no number", "x")]
