"""The screens of `nightdesk vitals`: all ten, or one with everything that is known of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nightdesk.cli.paint.folded import print_folded
from nightdesk.cli.paint.paint import Row, level, number, printable

UNITS: Final[Mapping[str, str]] = {"percent": "%", "ratio": "", "seconds": "s", "count": ""}
_MOST_PARTS: Final = 64
_NAMED: Final = frozenset({"overlay", "memory", "image", "remote", "read_only"})
"""Reasons whose filesystems are named one by one; interfaces of the kernel are counted."""


def print_vitals(console: Console, answer: Mapping[str, Any]) -> None:
    """Print the ten, each on a line with its value and levels, or with the reason why it has none."""
    for vital in answer["vitals"]:
        print_folded(console, _line(vital), len(named(vital)))
    left_out = _left_out(answer["left_out"])
    if left_out:
        console.print()
        print_folded(console, Text(f"left out of disk_usage: {left_out}", "dim"), 2)


def print_vital(console: Console, vital: Mapping[str, Any]) -> None:
    """Print one vital: what it means, how it stands, what it is made of."""
    print_folded(console, _line(vital), len(named(vital)))
    print_folded(console, Text(vital["definition"], "dim"), 0)
    parts = vital["parts"]
    if parts:
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(overflow="fold")
        for part in sorted(parts, key=lambda part: -part["value"])[:_MOST_PARTS]:
            table.add_row(_value(part["value"], vital["unit"]), printable(_labels(part["labels"])))
        console.print(table)
    if len(parts) > _MOST_PARTS:
        console.print(Text(f"and {len(parts) - _MOST_PARTS} more", "dim"))
    for each in vital.get("left_out", ()):
        what = f"left out: {each['mountpoint']} ({each['fstype']} on {each['device']}): {each['reason']}"
        print_folded(console, Text(printable(what), "dim"), 2)


def named(vital: Row) -> str:
    """Return the first column of every list of vitals, as wide as the longest of the ten names."""
    return f"{vital['name']:<20}  "


def without_value(vital: Row) -> Text:
    """Say why a vital has no value."""
    standing = Text("") if vital["level"] == "none" else Text.assemble(level(vital["level"]), ": ")
    return Text.assemble(named(vital), standing, (printable(vital["reason"] or "no value"), "dim"))


def _line(vital: Row) -> Text:
    if vital["value"] is None:
        return without_value(vital)
    value = _value(vital["value"], vital["unit"]) + machine(vital)
    note = (f"  {printable(vital['note'])}", "yellow") if vital.get("note") else ""
    if vital["level"] == "none":
        return Text.assemble(named(vital), value, note)
    return Text.assemble(named(vital), value, "  ", level(vital["level"]), "  ", (levels(vital), "dim"), note)


def machine(vital: Row) -> str:
    """Say whose value it is where somebody may take it for another machine's: ` on web9`."""
    return f" on {printable(vital['instance'])}" if vital.get("instance") else ""


def levels(vital: Row) -> str:
    """Write levels as `> 85 / 95`: warning, then critical; a dash for one that is not set."""
    thresholds = vital.get("thresholds")
    if not thresholds:
        return ""
    sign = "<" if thresholds.get("direction") == "below" else ">"
    return f"{sign} " + " / ".join(
        "-" if thresholds.get(name) is None else number(thresholds[name]) for name in ("warning", "critical")
    )


def _value(value: float, unit: str) -> str:
    rounded = round(value, 1) if unit == "percent" else value
    return f"{number(rounded)} {UNITS.get(unit, unit)}".rstrip()


def _labels(labels: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(labels.items()))


def _left_out(found: Sequence[Row]) -> str:
    """Name what a person may miss, and count what nobody does."""
    named = [f"{each['mountpoint']} ({each['reason']})" for each in found if each["reason"] in _NAMED]
    counted = Counter(each["reason"] for each in found if each["reason"] not in _NAMED)
    return printable(", ".join([*named, *(f"{count} {reason} filesystems" for reason, count in counted.items())]))
