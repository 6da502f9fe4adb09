"""The screen of `nightdesk status`: one line a vital, worst news in words, colour never alone."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nightdesk.cli.alerts_paint import print_alerts
from nightdesk.cli.paint import Row, bar, level, number, printable, sparkline
from nightdesk.model.instant import SECOND, format_duration

_UNITS: Final[Mapping[str, str]] = {"percent": "%", "ratio": "", "seconds": "s", "count": ""}


def print_status(
    console: Console, url: str, answer: Mapping[str, Any], trends: Mapping[str, Sequence[float | None]]
) -> None:
    """Print the whole screen: the desk, its warnings, the vitals, the alerts."""
    desk = answer["status"]
    _print_head(console, url, desk)
    for warning in desk["warnings"]:
        console.print(Text(f"! {printable(warning['text'])}", "bold yellow"))
    console.print()
    console.print(_vitals_table(answer["vitals"]["vitals"], trends))
    console.print()
    print_alerts(console, answer["alerts"]["alerts"], int(desk["now"]))


def _print_head(console: Console, url: str, desk: Row) -> None:
    uptime = format_duration(int(desk["uptime_seconds"]) * SECOND)
    console.print(
        Text.assemble(
            ("Nightdesk ", "bold"), desk["version"], "  ", level(desk["state"]), f"  up {uptime}  ", (url, "underline")
        )
    )
    lag = desk["lag"]
    figures = [
        f"{number(desk['series'])} series",
        f"{number(desk['samples_total'])} samples",
        *(f"{name} {_millis(lag.get(key))}" for name, key in _LAGS),
    ]
    console.print(Text(f"  {desk['data']}  {'  '.join(figures)}", "dim"))


_LAGS: Final = (("loop p99", "loop_p99_ms"), ("rules p99", "rules_p99_ms"), ("ingest", "ingest_ms"))


def _millis(value: float | None) -> str:
    return "not measured yet" if value is None else f"{number(value)} ms"


def _vitals_table(vitals: Sequence[Row], trends: Mapping[str, Sequence[float | None]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name, justify in (("vital", "left"), ("", "left"), ("now", "right"), ("", "left"), ("last 15 min", "left")):
        table.add_column(name, justify="right" if justify == "right" else "left", no_wrap=True)
    table.add_column("levels", style="dim", overflow="fold")
    for vital in vitals:
        table.add_row(*_vital_cells(vital, trends.get(vital["name"], ())))
    return table


def _vital_cells(vital: Row, trend: Sequence[float | None]) -> tuple[Text, ...]:
    value, thresholds = vital["value"], vital.get("thresholds")
    name, standing = Text(vital["name"]), level(vital["level"])
    if value is None:
        reason = Text(printable(vital["reason"] or "no value"), "dim")
        return name, standing, Text("-", "dim"), Text(""), Text(""), reason
    unit = vital["unit"]
    is_share = unit in ("%", "percent")
    return (
        name,
        standing,
        Text(f"{number(round(value, 1) if is_share else value)} {_UNITS.get(unit, unit)}".rstrip()),
        Text(bar(value / 100) if is_share else ""),
        Text(_trend(trend, is_share=is_share)),
        Text(_levels(thresholds)),
    )


def _trend(points: Sequence[float | None], *, is_share: bool) -> str:
    """Shares are drawn on their whole scale, so that a calm line looks calm; other units on their own range."""
    known = [point for point in points if point is not None]
    if not known:
        return ""
    return sparkline(points, 0, 100 if is_share else max(known))


def _levels(thresholds: Row | None) -> str:
    if not thresholds:
        return ""
    sign = "<" if thresholds.get("direction") == "below" else ">"
    return ", ".join(
        f"{name} {sign} {number(thresholds[name])}"
        for name in ("warning", "critical")
        if thresholds.get(name) is not None
    )
