"""The ledger on disk and the ledger in memory keep one contract."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from nightdesk.model.ledger import Selection
from nightdesk.store.ledger.ledger import Ledger
from nightdesk.store.ledger.schema import LEDGER
from nightdesk.store.sqlite import Database
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.contracts.ledger import AnyLedger, LedgerContract
from nightdesk.testing.ledger import MemoryLedger
from nightdesk.testing.ledger_rows import a_fill


class TestMemoryLedger(LedgerContract):
    """The fake."""

    def ledger(self) -> AnyLedger:
        """Return an empty one."""
        return MemoryLedger()

    def test_older_forms_are_kept(self) -> None:
        """What a correction replaced is still there."""
        ledger, fill = MemoryLedger(), a_fill("1")
        ledger.take([fill])
        ledger.take([replace(fill, price=Decimal(11))])
        assert ledger.replaced == [fill]


class TestLedger(LedgerContract):
    """The file."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def ledger(self) -> AnyLedger:
        """Return an empty one; its file goes with the test's folder."""
        return Ledger.open(self.folder, ManualClock())

    def test_older_forms_are_kept(self) -> None:
        """What a correction replaced stands in the history, with when it was replaced."""
        clock = ManualClock()
        with Ledger.open(self.folder, clock) as ledger:
            fill = a_fill("1")
            ledger.take([fill])
            ledger.take([replace(fill, price=Decimal(11))])
        database = Database.read_only(self.folder / "ledger.db", LEDGER)
        (form, row_id, at, content) = database.execute("SELECT form, id, replaced_at, content FROM history")[0]
        database.close()
        assert (form, row_id, at, json.loads(content)["price"]) == ("fills", "1", clock.now(), "10")

    def test_rows_outlive_the_process(self) -> None:
        """A ledger that is opened again holds what was taken."""
        with Ledger.open(self.folder, ManualClock()) as ledger:
            ledger.take([a_fill("1")])
        with Ledger.open(self.folder, ManualClock()) as again:
            assert again.fills(Selection()) == [a_fill("1")]
