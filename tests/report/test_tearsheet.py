"""The report as text and as a page: golden, self-contained, and safe against what comes from outside."""

import io
import os
import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from nightdesk.analytics.local_days import DayRule
from nightdesk.app.performance.account import Account
from nightdesk.app.performance.performance import performance_of
from nightdesk.app.performance.window import Window
from nightdesk.app.shapes.performance import PerformanceShape
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.cli.paint.report import print_report
from nightdesk.model.ledger import LedgerEntry, Selection, StartingBalance
from nightdesk.report.compose import compose
from nightdesk.report.html import html
from nightdesk.report.tearsheet import Tearsheet
from nightdesk.report.words import MINUS, duration, money, percent, written
from nightdesk.testing.ledger import MemoryLedger
from nightdesk.testing.ledger_rows import DAY, T0, a_trade, origin
from nightdesk.workers import Workers

GOLDEN = Path(__file__).parent / "golden"
EVIL = "<script>alert(1)</script>\"' onload=x \x1b[31m"
MADE_AT = 1_700_900_000_000


def a_sheet(*rows: LedgerEntry, window: str = "all") -> Tearsheet:
    """Build the tearsheet of rows."""
    ledger = MemoryLedger()
    ledger.take(rows)
    book = TradingDesk(ledger, Workers("ledger", 0)).book(Selection())
    found = performance_of(book, Window.parse(window, MADE_AT), Account(days=DayRule()))
    return compose(PerformanceShape.of(found).model_dump(mode="json"), MADE_AT)


def some_rows() -> list[LedgerEntry]:
    """Build two months of trades on a balance."""
    amounts = ("120.5", "-40", "0", "310.25", "-95.5", "60", "-20.125", "15")
    trades = [a_trade(f"{at}", each, closed_at=T0 + at * 8 * DAY) for at, each in enumerate(amounts)]
    return [StartingBalance(origin("b"), Decimal(1_000), "USD"), *trades]


def as_text(sheet: Tearsheet) -> str:
    """Print a tearsheet without colours."""
    out = io.StringIO()
    print_report(Console(file=out, width=110, no_color=True, highlight=False), sheet)
    return out.getvalue()


@pytest.mark.parametrize(("name", "render"), [("report.txt", as_text), ("report.html", html)])
def test_the_report_is_as_it_was_approved(name: str, render: Any) -> None:
    """Text and page are those that a person looked at; NIGHTDESK_GOLDEN=1 writes them anew."""
    told = render(a_sheet(*some_rows()))
    if os.environ.get("NIGHTDESK_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / name).write_text(told, encoding="utf-8")
    assert told == (GOLDEN / name).read_text(encoding="utf-8")


class Tags(HTMLParser):
    """Collects what a browser would see as markup."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag."""
        self.seen.append((tag, dict(attrs)))


def test_what_comes_from_outside_is_text() -> None:
    """Symbols, tags and exit reasons that look like markup make no tag and no handler, and steer no terminal."""
    rows = [
        replace(a_trade(str(at)), symbol=EVIL + str(at), tag=EVIL, exit_reason=EVIL, closed_at=T0 + at * DAY)
        for at in range(3)
    ]
    sheet = a_sheet(*rows)
    tags = Tags()
    tags.feed(html(sheet))
    assert not [tag for tag, _ in tags.seen if tag == "script"]
    assert not [attributes for _, attributes in tags.seen if any(name.startswith("on") for name in attributes)]
    assert "&lt;script&gt;" in html(sheet)
    assert "\x1b" not in as_text(sheet)


def test_the_page_needs_nothing_else() -> None:
    """No address, no import, no picture, and a policy that lets nothing be loaded."""
    page = html(a_sheet(*some_rows()))
    assert re.findall(r"(?:src|href)=|@import|url\(|<link|<img|<script", page) == []
    assert re.findall(r"https?://[^\"]+", page) == ["http://www.w3.org/2000/svg"] * page.count("<svg ")
    assert "default-src 'none'" in page


def test_a_report_of_nothing_is_a_report() -> None:
    """An empty ledger has counts of 0 and a reason for everything else."""
    for told in (as_text(a_sheet()), html(a_sheet(window="30d"))):
        assert "no closed trade in the window" in told


def test_without_losers_the_report_says_so() -> None:
    """An infinite profit factor is told in words, never as `inf`."""
    told = as_text(a_sheet(a_trade("1"), a_trade("2", closed_at=T0 + DAY)))
    assert "no losing trade: the profit factor is infinite" in told
    assert "inf " not in told


def test_a_reason_is_said_once_a_family() -> None:
    """Where figures of a family lack a value for one reason, one line says so and names them."""
    sheet = a_sheet(a_trade("1", "5"), a_trade("2", "-2", closed_at=T0 + DAY))
    (risk,) = [block for block in sheet.blocks if block.title == "Risk"]
    (line,) = risk.lines
    assert "none is guessed" in line.note
    assert "volatility" in line.convention.lower()
    assert as_text(sheet).count("none is guessed") <= 8
    assert html(sheet).count("none is guessed") <= 8


def test_a_share_of_two_currencies_names_no_factor() -> None:
    """Long trades in two currencies, one of them lost: nobody says that there was no losing trade."""
    sheet = a_sheet(a_trade("1", "5"), a_trade("2", "-2", currency="EUR"), replace(a_trade("3"), currency="EUR"))
    rows = [row for table in sheet.tables if table.title == "By symbol" for row in table.rows]
    assert [row[-1] for row in rows] == ["\N{EN DASH}"]
    assert [block.title for block in sheet.blocks if "Trades in" in block.title] == ["Trades in EUR", "Trades in USD"]


def test_several_currencies_have_a_table() -> None:
    """Each currency has its row, and no sum over them is printed."""
    told = as_text(a_sheet(a_trade("1", "5"), a_trade("2", "7", currency="EUR")))
    assert "By currency" in told
    assert "+5.00 USD" in told
    assert "+7.00 EUR" in told
    assert "+12.00" not in told


@pytest.mark.parametrize(
    ("told", "right"),
    [
        (percent(0.5319148), "53.19 %"),
        (percent(-0.2859794, signed=True), f"{MINUS}28.60 %"),
        (percent(0.0000123, signed=True), "+0.0012 %"),
        (money(Decimal("45574.51294"), "USD"), "+45,574.51 USD"),
        (money(Decimal("0.0010419029856968845"), "BTC"), "+0.00104190 BTC"),
        (money(Decimal("-0.000000001"), "BTC"), f"{MINUS}0.000000001 BTC"),
        (money(Decimal(0), "USD"), "0.00 USD"),
        (duration(2_781_345), "32 d 4 h"),
        (duration(59.6), "1 min"),
        (duration(3_600), "1 h"),
        (written("win_rate", None, "fraction"), "\N{EN DASH}"),
        (written("sharpe_ratio", 0.8219, "ratio"), "0.82"),
        (written("total_trades", 1_234, "count"), "1,234"),
    ],
)
def test_figures_are_written_with_sign_and_unit(told: str, right: str) -> None:
    """A ratio or % always; a minus sign that is one; eight digits where less than one coin is at stake."""
    assert told == right
