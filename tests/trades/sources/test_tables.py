"""Tables of rows: known layouts by their header, any other by a mapping; what cannot be read is kept with a reason."""

import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from nightdesk.errors import BadPayload, SettingsError
from nightdesk.model.ledger import CashFlow, EquityMark, PriceMark, ReturnMark
from nightdesk.model.trade import Direction, Fill, Mode, Side, Trade
from nightdesk.testing.trade_files import read, written
from nightdesk.trades.sources.layouts import LAYOUTS
from nightdesk.trades.sources.mapping import Mapping, RowKind, read_mapping
from nightdesk.trades.sources.reading import Stated

MORNING = 1_717_165_800_000_000_000
"""2024-05-31 14:30:00 UTC."""
FILLS = "time,symbol,amount,price\n"


def mapped(folder: Path, text: str) -> Mapping:
    """Return the mapping that a TOML file declares."""
    file = folder / "mapping.toml"
    file.write_text(text, encoding="utf-8")
    return read_mapping(file)


def test_every_layout_knows_itself_alone() -> None:
    """No header of a known layout is taken for another one."""
    for layout in LAYOUTS:
        header = [names[0] for names in layout.columns.values()]
        assert next(each for each in LAYOUTS if each.fits(header)) is layout, layout.name


def test_signed_fills(tmp_path: Path) -> None:
    """An amount below zero is a sale."""
    fills, aside, notes = read(written(tmp_path, FILLS + "2024-05-31 14:30:00,AMD,-1.5,10.25\n"))
    (fill,) = fills
    assert isinstance(fill, Fill)
    assert (fill.side, fill.quantity, fill.price, fill.at) == (Side.SELL, Decimal("1.5"), Decimal("10.25"), MORNING)
    assert aside == []
    assert any("UTC" in note for note in notes)


def test_gzip_is_unpacked_whatever_the_name(tmp_path: Path) -> None:
    """A packed file is told by its first bytes."""
    file = tmp_path / "fills.csv"
    file.write_bytes(gzip.compress((FILLS + "2024-05-31T14:30:00Z,AMD,1,10\n").encode()))
    entries, _, notes = read(file)
    assert len(entries) == 1
    assert not any("without a zone" in note for note in notes)


def test_equal_fills_are_two_and_come_once(tmp_path: Path) -> None:
    """Two fills that are truly equal keep two identities, the same ones in a file that grew."""
    row = "2024-05-31 14:30:00,AMD,1,10\n"
    two = [entry.origin.id for entry in read(written(tmp_path, FILLS + row * 2))[0]]
    grown = [entry.origin.id for entry in read(written(tmp_path, FILLS + row * 3))[0]]
    assert len(set(grown)) == 3
    assert grown[:2] == two


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2024-05-31 14:30:00,AMD,1,x", "price: 'x' is not a number"),
        ("2024-05-31 14:30:00,AMD,1,NaN", "price: NaN is not a finite number"),
        ("2024-05-31 14:30:00,AMD,1,inf", "price: inf is not a finite number"),
        ("2024-05-31 14:30:00,AMD,1,", "price is empty"),
        ("2024-05-31 14:30:00,AMD,1,1e999", "price: '1e999' has more digits"),
        ("2024-05-31 14:30:00,AMD,0,1", "amount is zero"),
        ("2024-13-45 14:30:00,AMD,1,1", "time: '2024-13-45 14:30:00' is not a time"),
        (",AMD,1,1", "time is empty"),
        ("9999-01-01,AMD,1,1", "time: '9999-01-01' lies outside"),
        ("2024-05-31 14:30:00,AMD,1", "the row has 3 cells and the header 4"),
        ("2024-05-31 14:30:00,AMD,1_000,1", "amount: '1_000' is not a number"),
    ],
)
def test_a_corrupt_row_is_set_aside_and_the_rest_is_read(tmp_path: Path, row: str, reason: str) -> None:
    """Each row that cannot be read has its number, its reason and its content."""
    good = "2024-05-31 14:30:00,AMD,1,10\n"
    entries, aside, _ = read(written(tmp_path, f"{FILLS}{good}{row}\n{good}"))
    assert len(entries) == 2
    (kept,) = aside
    assert kept.reason.startswith(reason)
    assert (kept.source, kept.row, kept.content) == ("rows.csv", 3, row)


def test_a_first_row_beyond_all_bounds_is_set_aside(tmp_path: Path) -> None:
    """A field that no table has is a row set aside, the first one too, and the rest is read."""
    row = "2024-05-31 14:30:00,AMD,1.5,10.25\n"
    fills, aside, _ = read(written(tmp_path, f"{FILLS}2024-05-31 14:30:00,{'x' * 200_000},1,1\n{row}"))
    assert (len(fills), len(aside)) == (1, 1)
    assert "field larger than" in aside[0].reason


def test_one_id_with_two_contents(tmp_path: Path) -> None:
    """The second row of an id that says something else is set aside; one that repeats it is known."""
    header = "time,symbol,side,quantity,price,id\n"
    row = "2024-05-31,AMD,buy,1,10,a\n"
    entries, aside, _ = read(written(tmp_path, header + row + row + row.replace("10", "11")))
    assert len(entries) == 2
    assert [(each.row, "'a'" in each.reason) for each in aside] == [(4, True)]


def test_one_id_of_two_accounts_is_two_rows(tmp_path: Path) -> None:
    """An id identifies a row of its own portfolio."""
    rows = "2024-05-31,AMD,buy,1,10,a,one\n2024-05-31,AMD,buy,1,11,a,two\n"
    entries, aside, _ = read(written(tmp_path, "time,symbol,side,quantity,price,id,account\n" + rows))
    assert (len(entries), aside) == (2, [])


@pytest.mark.parametrize("header", ["date,ret", "time,Equity"])
def test_two_values_of_one_time(tmp_path: Path, header: str) -> None:
    """A second return of a date, or mark of an instant, is set aside: it never replaces the first unseen."""
    text = f"{header}\n2026-03-02,0.1\n2026-03-02,0.1\n2026-03-02,0.2\n2026-03-03,0.1\n"
    entries, aside, _ = read(written(tmp_path, text))
    assert len(entries) == 3
    assert [(row.row, row.reason) for row in aside] == [(4, "its time came before in this file with another value")]


def test_an_unknown_header_with_a_side_seems_to_be_fills(tmp_path: Path) -> None:
    """A side and one time make fills; two times make trades."""
    with pytest.raises(BadPayload, match='kind = "fills"'):
        read(written(tmp_path, "Date(UTC),Pair,Side,Price,Executed\n1,2,3,4,5\n"))
    with pytest.raises(BadPayload, match='kind = "trades"'):
        read(written(tmp_path, "Open time,Close time,Pair,Side,Price\n1,2,3,4,5\n"))


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    """A row in another encoding is read or kept, never a crash."""
    file = tmp_path / "rows.csv"
    file.write_bytes(
        FILLS.encode() + b"2024-05-31,\xff\xfe,1,10\n" + b"2024-05-31,AMD,\xff,10\n" + b'2024-05-31,"AM\x00D,1,2'
    )
    entries, aside, _ = read(file)
    assert len(entries) + len(aside) == 3


def test_a_truncated_packed_file_keeps_what_was_read(tmp_path: Path) -> None:
    """The end of a broken gzip is one row set aside; the rows before it are taken."""
    rows = "".join(f"2024-05-31 14:30:00,AMD,{n},{n}.5\n" for n in range(1, 5_000))
    file = tmp_path / "fills.csv.gz"
    file.write_bytes(gzip.compress((FILLS + rows).encode())[:-2_000])
    entries, aside, _ = read(file)
    assert len(entries) > 100
    assert "cannot be read" in aside[-1].reason


@pytest.mark.parametrize("spoilt", [2, 3, 12, 20, 40])
def test_a_packed_file_with_a_flipped_byte(tmp_path: Path, spoilt: int) -> None:
    """Damage within an archive is a refusal or a row set aside, wherever it lies."""
    body = bytearray(gzip.compress((FILLS + "2024-05-31,AMD,1,10\n" * 50).encode(), mtime=0))
    body[spoilt] ^= 0xFF
    file = tmp_path / "fills.csv.gz"
    file.write_bytes(body)
    try:
        _, aside, _ = read(file)
    except BadPayload:
        return
    assert aside


def test_an_unknown_header_is_answered_with_a_mapping(tmp_path: Path) -> None:
    """The refusal shows the header and a mapping to start from, filled in where names are alike."""
    with pytest.raises(BadPayload, match=r'(?s)Ticker.*\[columns\].*price = "Price".*symbol'):
        read(written(tmp_path, "When,Ticker,Units,Price\n1,2,3,4\n"), kind=RowKind.FILLS)


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    """A file without a header says so."""
    with pytest.raises(BadPayload, match="header"):
        read(written(tmp_path, text))


def test_backtesting_trades(tmp_path: Path) -> None:
    """A size below zero is a short; PnL is net already; the trades are a back-test's."""
    text = (
        "Size,EntryBar,ExitBar,EntryPrice,ExitPrice,SL,TP,PnL,Commission,ReturnPct,EntryTime,ExitTime,Duration,Tag\n"
        "-59,63,75,169.02,179.13,,,-637.5717,41.0817,-0.0639,2004-11-17,2004-12-06,19 days,\n"
    )
    (trade,), _, notes = read(written(tmp_path, text))
    assert isinstance(trade, Trade)
    assert (trade.direction, trade.quantity, trade.pnl) == (Direction.SHORT, Decimal(59), Decimal("-637.5717"))
    assert (trade.fees, trade.origin.portfolio.mode) == (Decimal("41.0817"), "backtest")
    assert any("symbol" in note for note in notes)


def test_a_trade_that_closes_before_it_opens(tmp_path: Path) -> None:
    """Impossible times are a reason."""
    text = "opened,closed,symbol,direction,quantity,entry_price,exit_price,pnl\n2024-02-01,2024-01-01,A,long,1,1,2,1\n"
    _, aside, _ = read(written(tmp_path, text))
    assert aside[0].reason == "closed lies before opened"


def test_an_open_trade_has_no_close(tmp_path: Path) -> None:
    """Empty cells for close, exit and P&L make an open trade."""
    text = "opened,closed,symbol,direction,quantity,entry_price,exit_price,pnl\n2024-02-01,,A,short,1,1,,\n"
    (trade,), _, _ = read(written(tmp_path, text))
    assert isinstance(trade, Trade)
    assert (trade.is_open, trade.pnl, trade.direction) == (True, None, Direction.SHORT)


BROKER = """
kind = "fills"
source = "broker"
mode = "live"
delimiter = ";"
decimal = ","
timezone = "America/New_York"
time_format = "%d.%m.%Y %H:%M:%S"
quantity = "any"
costs = "negative"

[columns]
time = "Zeit"
symbol = "Papier"
side = "Seite"
quantity = "Stück"
price = "Kurs"
fee = "Gebühr"
id = "Nummer"

[constants]
currency = "USD"
account = "broker"

[words]
Kauf = "buy"
Verkauf = "sell"
"""


def test_a_mapping_in_full(tmp_path: Path) -> None:
    """Columns, constants, words, signs, decimal comma, time format and zone all count."""
    text = "Zeit;Papier;Seite;Stück;Kurs;Gebühr;Nummer\n31.05.2024 10:30:00;AMD;Verkauf;-1.000,5;10,25;-0,35;7\n"
    (fill,), _, notes = read(written(tmp_path, text), mapping=mapped(tmp_path, BROKER))
    assert isinstance(fill, Fill)
    assert (fill.side, fill.quantity, fill.price, fill.fee) == (
        Side.SELL,
        Decimal("1000.5"),
        Decimal("10.25"),
        Decimal("0.35"),
    )
    assert (fill.at, fill.currency, fill.origin.id, fill.origin.source) == (MORNING, "USD", "7", "broker")
    assert (fill.origin.portfolio.account, fill.origin.portfolio.mode) == ("broker", "live")
    assert notes == []


def test_what_a_person_states_goes_before_the_mapping(tmp_path: Path) -> None:
    """A mode and a zone on the command line have precedence."""
    text = "Zeit;Papier;Seite;Stück;Kurs;Gebühr;Nummer\n31.05.2024 14:30:00;AMD;Kauf;1;1;0;7\n"
    stated = Stated(mode=Mode.PAPER, timezone="UTC")
    (fill,), _, _ = read(written(tmp_path, text), stated, mapped(tmp_path, BROKER))
    assert isinstance(fill, Fill)
    assert (fill.origin.portfolio.mode, fill.at) == ("paper", MORNING)


def test_an_hour_that_never_came(tmp_path: Path) -> None:
    """A local time that the clocks jumped over is a fault; the hour that comes twice is taken the first time."""
    text = FILLS + "2024-03-10 02:30:00,AMD,1,1\n2024-11-03 01:30:00,AMD,1,1\n"
    (fill,), aside, _ = read(written(tmp_path, text), Stated(timezone="America/New_York"))
    assert "does not exist" in aside[0].reason
    assert isinstance(fill, Fill)
    assert fill.at == 1_730_611_800_000_000_000


@pytest.mark.parametrize(
    ("time_format", "text"),
    [
        ("iso", "2024-05-31T14:30:00.000000001Z"),
        ("unix", "1717165800.000000001"),
        ("unix_ms", "1717165800000.000001"),
        ("unix_us", "1717165800000000.001"),
        ("unix_ns", "1717165800000000001"),
    ],
)
def test_times_to_the_nanosecond(tmp_path: Path, time_format: str, text: str) -> None:
    """Every form of time keeps its nanoseconds."""
    mapping = mapped(
        tmp_path, f'kind = "returns"\ntime_format = "{time_format}"\n[columns]\ntime = "t"\nreturn = "r"\n'
    )
    (mark,), _, _ = read(written(tmp_path, f"t,r\n{text},0.01\n"), mapping=mapping)
    assert mark == ReturnMark(mark.origin, MORNING + 1, 0.01)


def test_gross_pnl_has_its_fees_taken_off(tmp_path: Path) -> None:
    """Where a table writes P&L before fees, they are taken off."""
    mapping = mapped(
        tmp_path,
        'kind = "trades"\npnl = "gross"\n[columns]\nopened = "o"\nclosed = "c"\nquantity = "q"\nentry_price = "e"\n'
        'exit_price = "x"\npnl = "p"\nfees = "f"\n[constants]\nsymbol = "A"\ndirection = "long"\n',
    )
    (trade,), _, _ = read(written(tmp_path, "o,c,q,e,x,p,f\n2024-01-01,2024-01-02,1,1,2,1,0.25\n"), mapping=mapping)
    assert isinstance(trade, Trade)
    assert trade.pnl == Decimal("0.75")


def test_equity_flows_and_prices(tmp_path: Path) -> None:
    """Equity is known by its header, flows and prices by a mapping; each instant of equity is one mark."""
    (mark,), _, _ = read(written(tmp_path, "time,Equity\n2024-05-31 14:30,10000.5\n"), Stated(currency="EUR"))
    assert mark == EquityMark(mark.origin, MORNING, Decimal("10000.5"), "EUR")
    flows = mapped(tmp_path, 'kind = "flows"\n[columns]\ntime = "t"\namount = "a"\nnote = "n"\n')
    (flow,), _, _ = read(written(tmp_path, "t,a,n\n2024-05-31 14:30,-50,rent\n"), Stated(currency="EUR"), flows)
    assert flow == CashFlow(flow.origin, MORNING, Decimal(-50), "EUR", "rent")
    prices = mapped(tmp_path, 'kind = "prices"\n[columns]\ntime = "t"\nsymbol = "s"\nprice = "p"\n')
    (price,), _, _ = read(written(tmp_path, "t,s,p\n2024-05-31 14:30,AMD,9.5\n"), mapping=prices)
    assert price == PriceMark(price.origin, "AMD", Decimal("9.5"), "", MORNING)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("kind = 'fils'", "kind = 'fils' is none of"),
        ("", "kind is missing"),
        ("kind = 'fills'\ncolumn = 1", 'unknown key "column"'),
        ("kind = 'fills'\n[columns]\nprise = 'x'", 'knows no field "prise"'),
        ("kind = 'fills'\n[columns]\nprice = 1", "table of texts"),
        ("kind = 'fills'\n[words]\nB = 'bought'", "write one of buy"),
        ("kind = 'fills'\ndecimal = '?'", "decimal = '?'"),
        ("kind = ", "is not TOML"),
    ],
)
def test_a_mapping_at_fault_says_where(tmp_path: Path, text: str, complaint: str) -> None:
    """Every complaint names the file, the key and what would be right."""
    with pytest.raises(SettingsError, match=r"mapping\.toml") as caught:
        mapped(tmp_path, text)
    assert complaint in str(caught.value)


def test_a_mapping_that_lacks_a_column(tmp_path: Path) -> None:
    """A column that the header does not have is named."""
    mapping = mapped(tmp_path, 'kind = "returns"\n[columns]\ntime = "t"\nreturn = "r"\n')
    with pytest.raises(BadPayload, match=r"no column for return \(r\)"):
        read(written(tmp_path, "t,x\n1,2\n"), mapping=mapping)


def test_a_pattern_of_time_that_cannot_be_sets_rows_aside(tmp_path: Path) -> None:
    """A pattern that names a part twice is told of each row, and breaks nothing."""
    mapping = mapped(tmp_path, 'kind = "equity"\ntime_format = "%Y %Y"\n[columns]\ntime = "t"\nequity = "e"\n')
    entries, aside, _ = read(written(tmp_path, "t,e\n2024 2024,5\n"), mapping=mapping)
    assert entries == []
    assert [row.reason for row in aside] == ["t: '2024 2024' is not a time of the form '%Y %Y'"]
