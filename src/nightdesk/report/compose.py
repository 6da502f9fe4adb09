"""From the JSON of figures to a tearsheet: one way, whether a desk gave the JSON or the folder did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from nightdesk.report.tearsheet import Block, Curve, Line, Table, Tearsheet, TradeDot, Year
from nightdesk.report.words import date, duration, minute, money, percent, written

Json = Mapping[str, Any]

HEADLINE: Final = (
    "total_pnl", "win_rate", "total_trades", "average_profit", "profit_factor", "total_return",
    "sharpe_ratio", "sortino_ratio", "max_drawdown", "calmar_ratio", "annual_volatility", "time_in_market",
)  # fmt: skip
STEPPED: Final = "realised only"
"""The basis whose equity stands still between two closes."""
SPLITS: Final = {
    "bot": "By bot",
    "symbol": "By symbol",
    "direction": "Long and short",
    "tag": "By tag",
    "exit_reason": "By exit reason",
    "weekday": "By weekday of the close",
    "hour": "By hour of the close",
}
_MANY: Final = 3
"""So many figures without a value for one reason are one line: it is said once."""
_ALONE_SAYS_NOTHING: Final = frozenset({"bot", "tag", "exit_reason", "direction"})
"""Splits that are left out where they have one key."""


def compose(told: Json, made_at: int) -> Tearsheet:
    """Build the tearsheet of what `/api/desk/performance` answers; `made_at` in ms is printed at its end."""
    statistics = {each["name"]: each for each in told["statistics"]}
    currency = _currency(told)
    return Tearsheet(
        title=_title(told["portfolio"]),
        subtitle=_subtitle(told),
        notes=tuple(told["notes"]),
        headline=_lines([statistics[name] for name in HEADLINE]),
        blocks=(*_blocks(told["statistics"]), *_blocks_of_currencies(told["by_currency"])),
        equity=_curve(told, "equity", _equity_title(told)),
        drawdown=_curve(told, "drawdown", "Drawdown from the peak so far, %", "fraction"),
        years=_years(told["monthly"], told["yearly"]),
        trades=_dots(told["trades"]) if currency else (),
        trades_title=_trades_title(told, currency),
        tables=(*_currencies(told), *_falls(told["drawdowns"]), *_splits(told["splits"], currency)),
        footer=f"Made {minute(made_at)} by Nightdesk. Drawdowns are negative; P&L is after fees; times are UTC.",
    )


def _title(portfolio: Json) -> str:
    account, bot = portfolio["account"] or "all accounts", portfolio["bot"]
    return " · ".join(part for part in (account, bot or "", portfolio["mode"] or "") if part)


def _subtitle(told: Json) -> str:
    window = told["window"]
    span = f"{date(window['start'])} to {date(window['end'])}" if window["end"] > window["start"] else "nothing known"
    basis = f"returns: {told['basis']}" if told["basis"] else "no returns"
    return f"Window {window['name']} ({span}); {basis}"


def _line(figure: Json) -> Line:
    exact = figure["value_text"] if figure["value_text"] is not None else figure["value"]
    value = figure["value"]
    return Line(
        title=figure["title"],
        text=written(figure["name"], exact, figure["unit"]),
        note=figure["reason"] or "",
        convention=figure["convention"],
        basis=_stands_on(figure),
        is_bad=value is not None and value < 0,
    )


def _lines(figures: Sequence[Json]) -> tuple[Line, ...]:
    """Write figures one by one; those that lack a value for one reason together, where the first would stand."""
    silent = Counter(each["reason"] for each in figures if each["value"] is None)
    lines, told = [], set()
    for figure in figures:
        reason = figure["reason"]
        if figure["value"] is not None or silent[reason] < _MANY:
            lines.append(_line(figure))
        elif reason not in told:
            told.add(reason)
            alike = [each["title"] for each in figures if each["value"] is None and each["reason"] == reason]
            lines.append(Line(f"{len(alike)} figures", written("", None, ""), reason, ", ".join(alike)))
    return tuple(lines)


def _stands_on(figure: Json) -> str:
    parts = [f"n = {figure['n']:,}"]
    if figure["periods_per_year"] is not None:
        parts.append(f"{figure['periods_per_year']:g} a year{' (assumed)' if figure['periods_assumed'] else ''}")
    return ", ".join(parts)


def _blocks(statistics: Sequence[Json]) -> tuple[Block, ...]:
    order = list(dict.fromkeys(each["family"] for each in statistics))
    ranked = sorted(statistics, key=lambda each: order.index(each["family"]))
    return tuple(Block(family, _lines(list(rows))) for family, rows in groupby(ranked, key=lambda each: each["family"]))


def _blocks_of_currencies(results: Sequence[Json]) -> tuple[Block, ...]:
    """Return the figures of the trades of each currency by itself, where there are several."""
    if len(results) < 2:
        return ()
    return tuple(
        Block(f"Trades in {result['currency'] or 'no named currency'}", _lines(result["statistics"]))
        for result in results
    )


def _equity_title(told: Json) -> str:
    equity = told["equity"]
    if equity is None:
        return ""
    return f"Equity, {equity['currency']}" if equity["currency"] else "Growth of 1"


def _curve(told: Json, name: str, title: str, unit: str | None = None) -> Curve | None:
    curve = told[name]
    if curve is None or len(curve["times"]) < 2:
        return None
    is_stepped = told["basis"] == STEPPED
    return Curve(title, curve["times"], curve["values"], curve["currency"] if unit is None else unit, is_stepped)


def _years(monthly: Sequence[Json], yearly: Sequence[Json]) -> tuple[Year, ...]:
    totals = {each["year"]: each["value"] for each in yearly}
    found = {(each["year"], each["month"]): each["value"] for each in monthly}
    return tuple(
        Year(year, tuple(found.get((year, month)) for month in range(1, 13)), totals[year]) for year in sorted(totals)
    )


def _currency(told: Json) -> str | None:
    """Return the one currency of the trades, or None over several."""
    found = [each["currency"] for each in told["by_currency"]]
    return found[0] or "money" if len(found) == 1 else None


def _dots(trades: Sequence[Json]) -> tuple[TradeDot, ...]:
    return tuple(
        TradeDot(
            each["closed_at"],
            each["pnl"],
            f"{each['symbol']} {each['direction']}, {date(each['closed_at'])}: "
            + money(Decimal(each["pnl_text"]), each["currency"]),
        )
        for each in trades
    )


def _trades_title(told: Json, currency: str | None) -> str:
    total, shown = told["total_trades"], len(told["trades"])
    which = f"the newest {shown} of {total:,}" if isinstance(total, int) and shown < total else f"all {shown}"
    return f"P&L of each closed trade, {currency} ({which})" if currency else ""


def _currencies(told: Json) -> tuple[Table, ...]:
    if len(told["by_currency"]) < 2:
        return ()
    rows = []
    for each in told["by_currency"]:
        figures = {figure["name"]: figure for figure in each["statistics"]}
        names = ("total_pnl", "win_rate", "average_profit", "profit_factor")
        rows.append((each["currency"], f"{each['total_trades']:,}", *(_line(figures[name]).text for name in names)))
    heads = (
        "Currency",
        "Trades",
        "P&L",
        "Win rate (trades, after fees)",
        "Average P&L per closed trade",
        "Profit factor",
    )
    return (Table("By currency", heads, tuple(rows), "Sums are never added over currencies without a rate."),)


def _falls(falls: Sequence[Json]) -> tuple[Table, ...]:
    if not falls:
        return ()
    rows = tuple(
        (
            percent(fall["depth"]),
            "start" if fall["peak_at"] is None else date(fall["peak_at"]),
            date(fall["valley_at"]),
            "not yet" if fall["recovered_at"] is None else date(fall["recovered_at"]),
            duration(fall["days"] * 86_400),
        )
        for fall in falls[:10]
    )
    return (Table("Deepest drawdowns", ("Depth", "Peak", "Valley", "Recovered", "Calendar time"), rows),)


def _splits(splits: Mapping[str, Sequence[Json]], currency: str | None) -> tuple[Table, ...]:
    heads = ("", "Trades", "Win rate", "P&L", "Average P&L", "Profit factor")
    return tuple(
        Table(title, heads, tuple(_share(share, currency or "") for share in splits[name]))
        for name, title in SPLITS.items()
        if len(splits.get(name, ())) > (1 if name in _ALONE_SAYS_NOTHING else 0)
    )


def _share(share: Json, currency: str) -> tuple[str, ...]:
    unit = currency or "money"
    factor = share["profit_factor"]
    if factor is None:
        told = "no losing trade" if share["wins"] and not share["losses"] else "\N{EN DASH}"
    else:
        told = written("profit_factor", factor, "ratio")
    return (
        share["key"] or "(none)",
        f"{share['trades']:,}",
        percent(share["win_rate"]),
        written("pnl", share["pnl_text"], unit),
        written("average_profit", share["average_profit"], unit),
        told,
    )
