"""The screen of `nightdesk status`: one line a vital, worst news in words, colour never alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from nightdesk.cli.paint.alerts import print_alerts
from nightdesk.cli.paint.folded import print_folded
from nightdesk.cli.paint.paint import Row, bar, clock_time, level, number, printable, size, sparkline, zone
from nightdesk.cli.paint.vitals import UNITS, levels, named, without_value
from nightdesk.model.instant import SECOND, format_duration

_HEAD: Final = tuple(Text(title, "dim") for title in ("vital", "", "now", "", "last 15 min", "levels", "machine"))
_VALUE: Final = 2
"""The column of values, right-aligned."""
_PICTURES: Final = (3, 4)
"""The columns that draw what is said beside them."""
_LAGS: Final = (("loop p99", "loop_p99_ms"), ("rules p99", "rules_p99_ms"), ("ingest", "ingest_ms"))


def print_status(
    console: Console, url: str, answer: Mapping[str, Any], trends: Mapping[str, Sequence[float | None]]
) -> None:
    """Print the whole screen: the desk, its warnings, the vitals, the alerts."""
    desk = answer["status"]
    _print_head(console, url, desk)
    for warning in desk["warnings"]:
        console.print(Text(f"! {printable(warning['text'])}", "bold yellow"))
    console.print()
    _print_vitals(console, answer["vitals"]["vitals"], trends)
    console.print()
    print_alerts(console, answer["alerts"]["alerts"], int(desk["now"]))


def _print_head(console: Console, url: str, desk: Row) -> None:
    uptime = format_duration(int(desk["uptime_seconds"]) * SECOND)
    console.print(
        Text.assemble(
            ("Nightdesk ", "bold"), desk["version"], "  ", level(desk["state"]), f"  up {uptime}  ", (url, "underline")
        )
    )
    sizes = f"{number(desk['series'])} live series, {number(desk['samples_total'])} samples in {desk['data']}"
    lags = ", ".join(f"{name} {_millis(desk['lag'].get(key))}" for name, key in _LAGS)
    for line in (sizes, *_held(desk["held"], int(desk["now"])), f"lag: {lags}"):
        print_folded(console, Text(line, "dim"), 2)


def _held(held: Row, now: int) -> Iterator[str]:
    """Say what samples take on the disk, within which bound, and from when to when they are; what is not known, why."""
    kinds = [(name, held[f"{name}_bytes"]) for name in ("samples", "tiers", "journal")]
    known = ", ".join(f"{name} {size(taken)}" for name, taken in kinds if taken is not None)
    bound = "no bound" if held["quota_bytes"] is None else f"at most {size(held['quota_bytes'])}"
    yield f"disk: {known}; {bound}" if known else f"disk: not known: {printable(held['reason'])}"
    if held["oldest_day"] is not None:
        at = held["newest_at"]
        # Days are UTC's and the time of day is the reader's: each is told with its zone.
        last = printable(held["reason"]) if at is None else f"{clock_time(at, now)} {zone(at)}"
        yield f"held: {held['oldest_day']} to {held['newest_day']} (UTC days), newest sample: {last}"
    elif known:
        yield f"held: {printable(held['reason'])}"


def _millis(value: float | None) -> str:
    return "not measured yet" if value is None else f"{number(value)} ms"


def _print_vitals(console: Console, vitals: Sequence[Row], trends: Mapping[str, Sequence[float | None]]) -> None:
    """Print what has a value as a table, folded where the terminal is narrow, then what has none with its reason."""
    known = [vital for vital in vitals if vital["value"] is not None]
    if known:
        rows = [_cells(vital, trends.get(vital["name"], ())) for vital in known]
        head = _HEAD if any(row[-1] for row in rows) else (*_HEAD[:-1], Text())
        for line in _aligned([head, *rows], console.width) or map(_in_words, rows):
            print_folded(console, line, len(named(known[0])))
    for vital in vitals:
        if vital["value"] is not None and vital["note"]:
            print_folded(console, Text(named(vital) + printable(vital["note"]), "yellow"), len(named(vital)))
        if vital["value"] is None:
            print_folded(console, without_value(vital), len(named(vital)))


def _cells(vital: Row, trend: Sequence[float | None]) -> tuple[Text, ...]:
    value, unit = vital["value"], vital["unit"]
    is_share = unit in ("%", "percent")
    return (
        Text(f"{vital['name']:<20}"),
        Text("-", "dim") if vital["level"] == "none" else level(vital["level"]),
        Text(f"{number(round(value, 1) if is_share else value)} {UNITS.get(unit, unit)}".rstrip()),
        Text(bar(value / 100) if is_share else ""),
        Text(_trend(trend, is_share=is_share)),
        Text(levels(vital), "dim"),
        Text(printable(vital.get("instance") or "")),
    )


def _aligned(rows: Sequence[Sequence[Text]], most: int) -> list[Text]:
    """Return rows as lines with their cells below one another; none where they need more than `most` columns.

    Names of machines, which stand last and have any length, may go on below.
    """
    widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
    padded = [[cell.copy() for cell in row] for row in rows]
    for row in padded:
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            cell.align("right" if place == _VALUE else "left", width)
    lines = [Text("  ").join(row) for row in padded]
    for line in lines:
        line.rstrip()
    return lines if sum(widths[:-1]) + 2 * (len(widths) - 2) <= most else []


def _in_words(cells: Sequence[Text]) -> Text:
    """Return a row as one line for a narrow terminal, a cell after the other, without what is drawn."""
    return Text("  ").join(cell for place, cell in enumerate(cells) if cell and place not in _PICTURES)


def _trend(points: Sequence[float | None], *, is_share: bool) -> str:
    """Shares are drawn on their whole scale, so that a calm line looks calm; other units on their own range."""
    known = [point for point in points if point is not None]
    if not known:
        return ""
    return sparkline(points, 0, 100 if is_share else max(known))
