"""What a row says of its own currency, of its fees, and of whether it is closed."""

from decimal import Decimal
from pathlib import Path

import pytest

from nightdesk.model.trade import Fill, Trade
from nightdesk.testing.trade_files import read, written
from nightdesk.trades.sources.mapping import read_mapping


def test_a_currency_beside_the_number(tmp_path: Path) -> None:
    """It is the row's where the row names none; where the row names another, the row is set aside."""
    header, row = "time,symbol,side,quantity,price,fee,currency\n", "2024-05-31,AMD,buy,1,10 USD,1 EUR,"
    (fill,), aside, _ = read(written(tmp_path, f"{header}{row}\n{row}EUR\n"))
    assert isinstance(fill, Fill)
    assert (fill.price, fill.currency, fill.fee, fill.fee_currency) == (Decimal(10), "USD", Decimal(1), "EUR")
    assert [each.reason for each in aside] == ["price is in USD, and the rest of the row in EUR"]


@pytest.mark.parametrize(("fees", "is_told"), [(("-1", "-2"), True), (("-1", "2"), False), (("0", "1"), False)])
def test_fees_that_all_add_to_profit_are_told(tmp_path: Path, fees: tuple[str, str], is_told: bool) -> None:
    """Money that went out, taken for rebates, is named in a note that says how to state it."""
    text = "time,symbol,side,quantity,price,fee\n" + "".join(f"2024-05-31T00:00:00Z,A,buy,1,1,{fee}\n" for fee in fees)
    _, _, notes = read(written(tmp_path, text))
    assert any("2 fees" in note and 'costs = "negative"' in note for note in notes) == is_told


def test_a_status_tells_open_from_closed(tmp_path: Path) -> None:
    """Words of the table may mean open and closed; another one sets the row aside, as does a close without a time."""
    declared = written(
        tmp_path,
        'kind = "trades"\n[columns]\nopened = "o"\nclosed = "c"\nquantity = "q"\nentry_price = "e"\nstatus = "s"\n'
        'exit_price = "x"\npnl = "p"\n[constants]\nsymbol = "A"\ndirection = "long"\n[words]\nrunning = "open"\n',
        "mapping.toml",
    )
    row = "2024-01-01,2024-01-02,1,1,2,1,"
    text = f"o,c,q,e,x,p,s\n{row}Running\n{row}closed\n{row}\n{row}half\n2024-01-01,,1,1,2,1,closed\n"
    trades, aside, _ = read(written(tmp_path, text), mapping=read_mapping(declared))
    assert [trade.is_open for trade in trades if isinstance(trade, Trade)] == [True, False, False]
    assert [each.reason.partition(";")[0] for each in aside] == ["s is 'half'", "c is empty"]


def test_a_status_that_no_mapping_reads_is_told(tmp_path: Path) -> None:
    """Trades that a table marks as open count as closed where the mapping leaves the mark out: that is said."""
    declared = written(
        tmp_path,
        'kind = "trades"\n[columns]\nopened = "o"\nclosed = "c"\nquantity = "q"\nentry_price = "e"\nexit_price = "x"\n'
        'pnl = "p"\n[constants]\nsymbol = "A"\ndirection = "long"\n',
        "mapping.toml",
    )
    text = "o,c,q,e,x,p,Status\n2024-01-01,2024-01-02,1,1,2,1,Open\n"
    _, _, notes = read(written(tmp_path, text), mapping=read_mapping(declared))
    assert any('status = "Status"' in note for note in notes)
