"""The mapping that the documentation shows works as it stands."""

from decimal import Decimal
from pathlib import Path

from nightdesk.model.trade import Fill, Side
from nightdesk.testing.trade_files import read, written
from nightdesk.trades.sources.layouts import BY_NAME
from nightdesk.trades.sources.mapping import OPTIONAL, REQUIRED, RowKind, read_mapping

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLE = DOCS / "examples" / "mappings" / "broker-fills.toml"
ROWS = """Nummer;Zeit;Papier;Seite;Anzahl;Kurs;Gebühr
1;03.01.2024 09:00:00;SAP;Kauf;1.000,5;140,25;-4,90
2;03.01.2024 15:30:00;SAP;Verkauf;-1.000,5;141,00;-4,90
"""


def test_the_example_reads_a_broker_s_fills(tmp_path: Path) -> None:
    """Decimal comma, words, signs, zone and ids, as the page says."""
    fills, aside, notes = read(written(tmp_path, ROWS), mapping=read_mapping(EXAMPLE), kind=RowKind.FILLS)
    assert aside == []
    buy, sell = fills
    assert isinstance(buy, Fill)
    assert isinstance(sell, Fill)
    assert (buy.quantity, buy.price, buy.fee, buy.currency) == (
        Decimal("1000.5"),
        Decimal("140.25"),
        Decimal("4.90"),
        "EUR",
    )
    assert (sell.side, sell.quantity, sell.at) == (Side.SELL, Decimal("1000.5"), 1_704_292_200_000_000_000)
    assert (sell.origin.source, sell.origin.id) == ("my-broker", "2")
    assert len(notes) == 1


def test_the_page_shows_the_file_and_names_every_field() -> None:
    """docs/ledger.md holds the example word for word, every field of every kind, and every layout known by name."""
    page = (DOCS / "ledger.md").read_text()
    assert EXAMPLE.read_text() in page
    for kind in RowKind:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{kind.value}` |"))
        assert [name for name in (*REQUIRED[kind], *OPTIONAL[kind]) if f"`{name}`" not in row] == []
    assert [name for name in BY_NAME if f"`{name}`" not in page and f"--mapping {name}" not in page] == []
