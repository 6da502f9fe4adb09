"""`nightdesk report`: what the trades came to, as text, JSON, or one page."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.options import DEFAULT_DATA, Config, Data, Json, NoColor

if TYPE_CHECKING:
    from nightdesk.app.shapes.performance import PerformanceShape


def report(
    *,
    window: Annotated[
        str, typer.Option(metavar="WINDOW", help="How far back: 30d, 12w, 1y, or all; trades count by their close.")
    ] = "30d",
    periods_per_year: Annotated[
        float | None,
        typer.Option(metavar="P", help="Periods a year: 252, 365, 52, 12; else as the account says, else assumed."),
    ] = None,
    account: Annotated[str, typer.Option(metavar="A", help="Only this account.")] = "",
    bot: Annotated[str | None, typer.Option(metavar="B", help="Only this bot.")] = None,
    mode: Annotated[str, typer.Option(metavar="MODE", help="live, paper or backtest; modes are never mixed.")] = "",
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one self-contained page.", dir_okay=False)
    ] = None,
    data: Data = DEFAULT_DATA,
    config: Config = None,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Say what the trades came to: P&L, win rate, Sharpe, drawdown, and some sixty more.

    Every figure has its unit, what it stands on, and its convention; one that cannot be told says why. Returns are
    taken as reported, else from equity, else from closed trades on the starting balance that was given; a balance is
    never guessed. It works with a desk running on the data folder and without.

    Examples:
        nightdesk report
        nightdesk report --window all --periods-per-year 252 --json
        nightdesk report --window 1y --html report.html
    """
    from nightdesk.app.shapes.performance import PerformanceShape

    asked = {"window": window, "periods_per_year": periods_per_year, "account": account or None, "bot": bot}
    folder = data.expanduser()
    desk = RunningDesk.on(folder)
    if desk is not None:
        told = desk.get("/api/desk/performance", **asked, mode=mode or None)
        shape = PerformanceShape.model_validate(told)
    else:
        from nightdesk.cli.report_folder import performance_in

        shape = performance_in(folder, config, asked, mode)
    _give(shape, html, json=json, no_color=no_color)


def _give(shape: "PerformanceShape", html: Path | None, *, json: bool, no_color: bool) -> None:
    """Print or write the report in the form that was asked for."""
    from nightdesk.cli.paint.paint import console, print_json
    from nightdesk.cli.paint.report import print_report
    from nightdesk.report.compose import compose
    from nightdesk.report.html import html as page

    if html is not None:
        told: dict[str, Any] = shape.model_dump(mode="json")
        target = html.expanduser()
        target.write_text(page(compose(told, time.time_ns() // 1_000_000)), encoding="utf-8")
    if json:
        print_json(shape.report())
    elif html is not None:
        console(no_color=no_color).print(f"The report is in {target}", soft_wrap=True, markup=False)
    else:
        told = shape.model_dump(mode="json")
        print_report(console(no_color=no_color), compose(told, time.time_ns() // 1_000_000))
