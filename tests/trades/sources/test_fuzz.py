"""Bytes from outside: whatever a file holds, it is read, set aside or refused with a sentence."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from nightdesk.errors import BadPayload, Overloaded
from nightdesk.model.ledger import SetAside
from nightdesk.testing.ledger import MemoryLedger
from nightdesk.trades.sources.mapping import RowKind
from nightdesk.trades.sources.reading import Stated
from nightdesk.trades.sources.table import open_file

CELLS = st.one_of(
    st.sampled_from(
        ["2024-01-01", "2024-01-01T00:00:00Z", "AMD", "1", "-1", "0.5", "1e5", "NaN", "", '"', "\x00", "1e-400"]
    ),
    st.text(max_size=12),
)
HEADERS = st.sampled_from(
    [
        "time,symbol,amount,price",
        "time,Equity",
        "date,ret",
        "Symbol,Size,EntryPrice,ExitPrice,PnL,Commission,ReturnPct,EntryTime,ExitTime,Tag",
    ]
)
BODIES = st.one_of(
    st.binary(max_size=300),
    st.binary(max_size=200).map(lambda tail: b"SQLite format 3\x00" + tail),
    st.binary(max_size=200).map(lambda tail: b"\x1f\x8b\x08" + tail),
    st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail),
    st.text(max_size=200).map(lambda tail: ('{"strategy": ' + tail).encode("utf-8", "replace")),
    st.tuples(HEADERS, st.lists(st.lists(CELLS, max_size=11), max_size=8)).map(
        lambda drawn: "\n".join([drawn[0], *(",".join(row) for row in drawn[1])]).encode("utf-8", "replace")
    ),
)


@given(BODIES)
def test_no_file_crashes_the_import(body: bytes) -> None:
    """Any bytes give entries that the ledger takes, rows set aside, or a refusal of ours."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rows"
        file.write_bytes(body)
        try:
            items = list(open_file(file, Stated(), RowKind.TRADES).items)
        except (BadPayload, Overloaded):
            return
    ledger = MemoryLedger()
    ledger.take([item for item in items if not isinstance(item, SetAside)])
    ledger.set_aside([item for item in items if isinstance(item, SetAside)])
