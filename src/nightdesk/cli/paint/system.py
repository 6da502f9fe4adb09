"""The screen of `nightdesk system`: figures in words and units, what is not known with its reason."""

from collections.abc import Iterator
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nightdesk.cli.paint.paint import Row, clock_time, labels_text, number, printable
from nightdesk.model.instant import SECOND, format_duration

_FIGURES: Final = (
    ("mean response time", "avg_response_time", "s"),
    ("p95 response time", "p95_response_time", "s"),
    ("error rate", "error_rate", "%"),
    ("NPU utilization, mean", "avg_npu_utilization", " %"),
    ("GPU utilization, mean", "avg_gpu_utilization", " %"),
    ("uptime of monitored time", "uptime_percentage", " %"),
)


def print_system(console: Console, told: Row) -> None:
    """Print the figures, then each operation, then each target."""
    window = format_duration(round(told["window_seconds"]) * SECOND)
    console.print(Text(f"The last {window}", "bold"))
    for title, name, unit in _FIGURES:
        value = told[name]
        text = (
            _told(name, value, unit, told)
            if value is not None
            else f"- ({printable(told['reasons'].get(name, 'not known'))})"
        )
        console.print(Text(f"  {title:<26}{text}{_beside(name, told)}"), soft_wrap=True)
    if told["desk_stopped_seconds"]:
        stopped = format_duration(round(told["desk_stopped_seconds"]) * SECOND)
        console.print(Text(f"  the desk itself did not run for {stopped} of it", "yellow"))
    for rows in (list(_operations(told)), list(_beats(told)), list(_targets(told))):
        if len(rows) > 1:
            console.print()
            console.print(_table(rows))


def _told(name: str, value: float, unit: str, told: Row) -> str:
    return _quantile(told["latency"]["p95"]) if name == "p95_response_time" else _figure(value, unit)


def _quantile(found: Row | None) -> str:
    """Write an estimate; in the first bucket and beyond the last one there is none, only a bound."""
    if found is None:
        return "-"
    if found["high"] is None:
        return f"> {number(found['low'])}s"
    return f"< {number(found['high'])}s" if found["low"] == 0 else f"{number(found['value'])}s"


def _figure(value: float, unit: str) -> str:
    return f"{number(100 * value)} %" if unit == "%" else f"{number(value)}{unit}"


def _beside(name: str, told: Row) -> str:
    latency: dict[str, Any] = told["latency"]
    if name == "p95_response_time" and latency["p95"] is not None:
        high = latency["p95"]["high"]
        upper = "more" if high is None else f"{number(high)}s"
        return f"  (certainly {number(latency['p95']['low'])}s to {upper}, of {number(latency['requests'])} requests)"
    if name in ("avg_npu_utilization", "avg_gpu_utilization") and told[name] is not None:
        return "  (over the time it was awake and measured; sleep is not in it)"
    if name == "uptime_percentage" and told[name] is not None:
        return f"  ({printable(told['uptime_of'])})"
    return ""


def _operations(told: Row) -> Iterator[tuple[str, ...]]:
    yield ("bot", "operation", "requests", "failed", "mean", "p95")
    for each in told["operations"]:
        latency = each["latency"]
        mean = "-" if latency["mean"] is None else f"{number(latency['mean'])}s"
        counts = (number(latency["requests"]), number(each["failed"]))
        yield (printable(each["bot"]), printable(each["operation"]), *counts, mean, _quantile(latency["p95"]))


def _beats(told: Row) -> Iterator[tuple[str, ...]]:
    yield ("bot", "beat", "last heard")
    for each in told["beats"]:
        yield (printable(each["bot"]), printable(each["beat"]), clock_time(each["at"], told["end"]))


def _targets(told: Row) -> Iterator[tuple[str, ...]]:
    yield ("target", "uptime", "up", "down", "unmonitored", "of it desk stopped")
    for each in told["targets"]:
        share = each["uptime_percentage"]
        spans = (f"{name}_seconds" for name in ("up", "down", "unmonitored", "desk_stopped"))
        name = printable(each["labels"].get("probe") or labels_text({**each["labels"], "__name__": ""}))
        lengths = (format_duration(round(each[span]) * SECOND) for span in spans)
        yield (name, "-" if share is None else f"{number(share)} %", *lengths)


def _table(rows: list[tuple[str, ...]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column, title in enumerate(rows[0]):
        table.add_column(title, justify="left" if column == 0 else "right", overflow="fold")
    for row in rows[1:]:
        table.add_row(*(Text(cell) for cell in row))
    return table
