"""A tearsheet as one page that needs nothing else: no script, no font, no address; whatever is text is escaped."""

from collections.abc import Iterable
from html import escape
from typing import Final

from nightdesk.report.charts import line_chart, trade_chart
from nightdesk.report.style import STYLE
from nightdesk.report.tearsheet import Block, Line, Table, Tearsheet, Year
from nightdesk.report.words import MINUS

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""What the page may load: nothing. Were text ever taken for a script, no browser would run it."""
_DEEPEST: Final = 0.20
"""A month of 20 % and more has the fullest colour."""


def html(sheet: Tearsheet) -> str:
    """Write the whole page."""
    body = "\n".join(
        (
            f"<h1>{escape(sheet.title)}</h1>",
            f'<p class="subtitle">{escape(sheet.subtitle)}</p>',
            _notes(sheet.notes),
            f'<ul class="cards">{"".join(map(_card, sheet.headline))}</ul>',
            _charts(sheet),
            _months(sheet.years),
            *map(_table, sheet.tables),
            *map(_block, sheet.blocks),
            f"<footer>{escape(sheet.footer)}</footer>",
        )
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(sheet.title)}</title><style>{STYLE}</style></head>\n<body><main>\n{body}\n</main></body></html>\n"
    )


def _notes(notes: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f'<ul class="notes">{items}</ul>' if items else ""


def _card(line: Line) -> str:
    why = line.note or line.basis
    return (
        f'<li title="{escape(line.convention)}"><span class="name">{escape(line.title)}</span>'
        f'<span class="{_kind(line)}">{escape(line.text)}</span><span class="why">{escape(why)}</span></li>'
    )


def _kind(line: Line) -> str:
    return "value bad" if line.is_bad else "value"


def _charts(sheet: Tearsheet) -> str:
    parts = []
    if sheet.equity is not None:
        parts.append(f"<h2>{escape(sheet.equity.title)}</h2>{line_chart(sheet.equity, 280, kind='equity')}")
    if sheet.drawdown is not None:
        parts.append(f"<h2>{escape(sheet.drawdown.title)}</h2>{line_chart(sheet.drawdown, 170, kind='drawdown')}")
    if sheet.trades:
        parts.append(f"<h2>{escape(sheet.trades_title)}</h2>{trade_chart(sheet.trades, sheet.trades_title, 220)}")
    return "\n".join(parts)


def _months(years: Iterable[Year]) -> str:
    rows = "".join(
        f"<tr><th>{year.year}</th>{''.join(map(_month, year.months))}{_month(year.total, 'total')}</tr>"
        for year in years
    )
    if not rows:
        return ""
    heads = "".join(f"<th>{month}</th>" for month in MONTHS)
    return (
        f'<h2>Returns by month, %</h2><div class="wide"><table class="months"><thead><tr><th>Year</th>{heads}'
        f'<th class="total">Year</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _month(value: float | None, kind: str = "") -> str:
    if value is None:
        return f'<td class="{kind}"></td>'
    direction = "up" if value > 0 else "down" if value < 0 else ""
    depth = round(min(abs(value) / _DEEPEST, 1.0) * 45)
    text = f"{value * 100:+,.2f}".replace("-", MINUS) if value else "0.00"
    return f'<td class="{f"{kind} {direction}".strip()}" style="--depth: {depth}%">{escape(text)}</td>'


def _table(table: Table) -> str:
    heads = "".join(f"<th>{escape(head)}</th>" for head in table.heads)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    note = f'<p class="hint">{escape(table.note)}</p>' if table.note else ""
    return (
        f'<h2>{escape(table.title)}</h2><div class="wide"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{note}"
    )


def _block(block: Block) -> str:
    rows = "".join(
        f'<tr><td>{escape(line.title)}</td><td class="{_kind(line)}">{escape(line.text)}</td>'
        f"<td>{escape(line.basis)}</td><td>{_explained(line)}</td></tr>"
        for line in block.lines
    )
    return (
        f'<h2>{escape(block.title)}</h2><div class="wide"><table class="figures"><thead><tr><th>Figure</th>'
        "<th>Value</th><th>Stands on</th><th>Convention</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _explained(line: Line) -> str:
    """Return the reason first where there is no value: it is what the reader looks for."""
    return f"<strong>{escape(line.note)}.</strong> {escape(line.convention)}" if line.note else escape(line.convention)
