"""Alerts for people: the live ones, and the story of changes and messages in the order of time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from nightdesk.cli.paint.folded import print_folded
from nightdesk.cli.paint.paint import Row, clock_time, level, number, printable
from nightdesk.model.instant import SECOND, format_duration

_RANK: Final = ("critical", "warning", "info")
_INDENT: Final = 6
"""Columns before what is said of an alert below its line."""
_UNSEEN_ENDS: Final = {
    "absent": "its data are gone",
    "error": "it could not be judged any more",
    "rule_gone": "its rule is gone",
    "released": "a person ended it",
    "expired": "the program that raised it did not renew it",
}


def print_alerts(console: Console, alerts: Sequence[Row], now: int) -> None:
    """Print what fires, worst first, then what is pending; one line each, its summary below."""
    if not alerts:
        console.print(Text("no alert fires or is pending", "green"))
        return
    firing = sum(alert["state"] == "firing" for alert in alerts)
    console.print(Text(f"{firing} firing, {len(alerts) - firing} pending", "bold"))
    for alert in sorted(alerts, key=_urgency):
        print_folded(console, _alert_line(alert, now), _INDENT)
        summary = alert["annotations"].get("summary") or alert["annotations"].get("description")
        if summary:
            print_folded(console, Text(f"{'':{_INDENT}}{printable(summary)}", "dim"), _INDENT)
        for note in _notes(alert):
            print_folded(console, Text(f"{'':{_INDENT}}{printable(note)}", "yellow"), _INDENT)


def _notes(alert: Row) -> Iterator[str]:
    """Say who was not told of an alert and why, and how one without data is ended."""
    if alert["held"]:
        yield f"told to nobody: {alert['held']['reason']}, {alert['held']['by']}"
    elif alert["kept_from"]:
        about = "load" if alert["labels"].get("kind") == "load" else f"about {alert['labels'].get('mode', 'trading')}"
        yield f"stays on this machine: it is {about}, and no route to {', '.join(alert['kept_from'])} names it"
    if alert["evidence"] in ("absent", "error"):
        yield f"if its data will not come back: nightdesk alerts --release {alert['fingerprint']}"


def _urgency(alert: Row) -> tuple[bool, int, int]:
    severity = alert["severity"]
    rank = _RANK.index(severity) if severity in _RANK else len(_RANK)
    return alert["state"] != "firing", rank, alert["active_at"]


def _alert_line(alert: Row, now: int) -> Text:
    began = alert["fired_at"] if alert["state"] == "firing" and alert["fired_at"] else alert["active_at"]
    lasting = format_duration(max(0, now - began) // SECOND * SECOND)
    value = "" if alert["value"] is None else f"  value {number(float(alert['value']))}"
    held = "" if alert["evidence"] == "true" else f"  (held: {alert['evidence']})"
    return Text.assemble(
        "  ",
        level(alert["severity"]),
        "  ",
        (alert["state"], "bold" if alert["state"] == "firing" else "dim"),
        f"  {_name_and_labels(alert)}{value}  for {lasting}",
        (held, "magenta"),
    )


def _name_and_labels(alert: Row) -> str:
    rest = ", ".join(
        f"{name}={value}" for name, value in sorted(alert["labels"].items()) if name not in ("alertname", "severity")
    )
    return printable(alert["name"] + (f" ({rest})" if rest else ""))


def print_history(console: Console, answer: Mapping[str, Any], now: int) -> None:
    """Print changes and messages as one story, oldest first."""
    lines = sorted([*_changes(answer["transitions"]), *_messages(answer["deliveries"])], key=lambda line: line[0])
    if not lines:
        console.print(Text("nothing happened in this span", "dim"))
    for at, text in lines:
        print_folded(console, Text.assemble((clock_time(at, now), "dim"), "  ", text), _INDENT)


def _changes(transitions: Sequence[Row]) -> Iterator[tuple[int, Text]]:
    for change in transitions:
        alert = change["alert"]
        severity = alert["severity"] if change["state"] == "firing" else "none"
        arrow = f"{change['previous'] or 'quiet'} -> "
        yield (
            change["at"],
            Text.assemble(
                (arrow, "dim"),
                (change["state"], "bold"),
                "  ",
                level(severity) if severity != "none" else "",
                f"  {_name_and_labels(alert)}",
                (_unseen_end(change), "magenta"),
            ),
        )


def _unseen_end(change: Row) -> str:
    """Say why an alert ended where nobody saw its condition false."""
    ended = change["state"] in ("resolved", "dropped")
    why = _UNSEEN_ENDS.get(change["alert"]["evidence"]) if ended else None
    return f"  ({why})" if why else ""


def _messages(deliveries: Sequence[Row]) -> Iterator[tuple[int, Text]]:
    for delivery in deliveries:
        last = delivery["last"]
        at = last["at"] if last else delivery["created_at"]
        about = printable(", ".join(delivery["alerts"]))
        stand_in = delivery.get("instead_of", "")
        tries = "" if delivery["attempts"] <= 1 else f" after {delivery['attempts']} attempts"
        why = f": {printable(last['failure'])} {printable(last['detail'])}".rstrip() if last and last["failure"] else ""
        style = {"sent": "green", "undeliverable": "bold red"}.get(delivery["state"], "yellow")
        yield (
            at,
            Text.assemble(
                "  message to ",
                (printable(delivery["channel"]), "bold"),
                f" instead of {printable(stand_in)}" if stand_in else "",
                f" ({delivery['reason']}{f': {about}' if about else ''}) ",
                (delivery["state"], style),
                f"{tries}{why}",
            ),
        )
