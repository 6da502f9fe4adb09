"""docs/analytics.md has every statistic as the catalogue has it.

`NIGHTDESK_WRITE_PAGES=1 .venv/bin/pytest tests/docs/test_analytics_page.py` writes the tables anew.
"""

import os
import re
from pathlib import Path

from nightdesk.analytics.catalogue.statistic import Group, Statistic
from nightdesk.analytics.catalogue.table import CATALOGUE, STATISTICS
from nightdesk.app.shapes.performance import KEYS

PAGE = Path(__file__).parents[2] / "docs" / "analytics.md"
BEGIN, END = "<!-- statistics -->\n", "<!-- /statistics -->"
HEAD = "| name | title | unit | formula | agree | differ |\n| --- | --- | --- | --- | --- | --- |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _row(each: Statistic) -> str:
    cells = (f"`{each.name}`", each.title, each.unit.value, each.formula, each.agrees, each.differs)
    return f"| {' | '.join(map(_cell, cells))} |\n"


def _tables() -> str:
    return "".join(
        f"\n### {group.value}\n\n{HEAD}{''.join(_row(each) for each in STATISTICS if each.group is group)}\n"
        for group in Group
    )


def test_every_statistic_is_documented_as_it_is() -> None:
    """Name, title, unit, formula, who agrees and who differs: the tables are the catalogue."""
    text = PAGE.read_text()
    written = text[text.index(BEGIN) + len(BEGIN) : text.index(END)]
    if os.environ.get("NIGHTDESK_WRITE_PAGES"):
        PAGE.write_text(text.replace(BEGIN + written, BEGIN + _tables()))
        written = _tables()
    assert written == _tables()


def test_the_fixed_keys_are_in_the_catalogue() -> None:
    """What stands at the top of the JSON has its row, and docs/report.md names it."""
    page = (PAGE.parent / "report.md").read_text()
    assert [key for key in KEYS if key not in CATALOGUE or f"`{key}`" not in page] == []


def test_names_and_words_keep_the_house_s_rules() -> None:
    """Names are snake case and appear once; nobody says a bare `exposure`."""
    names = [each.name for each in STATISTICS]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)] == []
    assert [each.name for each in STATISTICS if "exposure" in f"{each.name} {each.title}".lower()] == []
    assert CATALOGUE["win_rate"].title == "Win rate (trades, after fees)"
    assert CATALOGUE["average_profit"].title == "Average P&L per closed trade"
