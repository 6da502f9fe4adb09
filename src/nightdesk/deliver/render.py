"""The one place that makes texts from a notice; pure. A person reads them at 3 a.m., a terminal must survive them."""

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from nightdesk.model.alert import ALERT_NAME, MESSAGE_RULE, SEVERITY, Alert, Evidence
from nightdesk.model.instant import SECOND, format_duration
from nightdesk.model.notice import Notice, NoticeReason

ALERTS_IN_FULL: Final = 20
"""A message tells of this many alerts in full and counts the rest."""
_LONGEST_SUBJECT: Final = 180
_LONGEST_TEXT: Final = 4_000
_HOST_LABELS: Final = ("instance", "host")
_SAID_ELSEWHERE: Final = frozenset({"summary", "description", "runbook_url", "vital", "unit", "threshold"})
_UNSEEN_ENDS: Final = {
    Evidence.ABSENT: "its data are gone",
    Evidence.ERROR: "it could not be judged any more",
    Evidence.RULE_GONE: "its rule is gone",
    Evidence.RELEASED: "a person ended it, without data that say it is over",
    Evidence.EXPIRED: "the program that raised it did not renew it",
}
"""Ends that are no recovery: nobody saw the condition false."""
_SOFTENED: Final = {"\n": " ", "\r": " ", "\t": " ", "\u2028": " ", "\u2029": " "}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the desk stands and how it is reached."""

    host: str
    """Name of this machine, for alerts that name none."""
    public_url: str = ""
    """Address under which people reach the desk; without it a message carries no link, as a loopback link is dead."""
    zone: tzinfo | None = None
    """Time zone of the reader; None for the one of this machine."""


def plain(text: str, limit: int = _LONGEST_TEXT) -> str:
    """Return text as one line without control, format or surrogate characters, cut to `limit`.

    What remains can neither start an escape sequence, nor reorder the line, nor end a header.
    """
    softened = (_SOFTENED.get(character, character) for character in text)
    kept = "".join(character for character in softened if unicodedata.category(character) not in ("Cc", "Cf", "Cs"))
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def headline(notice: Notice, place: Place) -> str:
    """Return the subject: `[CRITICAL] CpuBusy on web1 (cpu_usage 97.3 %)`."""
    if not notice.alerts:
        return f"[{_word(notice)}] Nightdesk on {plain(place.host)} can reach you"
    if len(notice.alerts) == 1:
        told = f"{_what(notice.alerts[0], place)}{_reading_of(notice)}{_unseen(notice.alerts[0], place)}"
        return plain(f"[{_word(notice)}] {told}", _LONGEST_SUBJECT)
    names = list(dict.fromkeys(alert.name for alert in notice.alerts))
    return plain(f"[{_word(notice)}] {len(notice.alerts)} alerts: {', '.join(names)}", _LONGEST_SUBJECT)


def body(notice: Notice, place: Place) -> str:
    """Return the text of a mail: what, since when, value against threshold, labels, what to do."""
    if not notice.alerts:
        return "\n".join([*lines_of_test(notice, place), "", _signature(notice, place)]) + "\n"
    lines: list[str] = []
    for alert in notice.alerts[:ALERTS_IN_FULL]:
        lines += [*_alert_lines(alert, notice.reason, place), ""]
    if len(notice.alerts) > ALERTS_IN_FULL:
        lines += [f"... and {len(notice.alerts) - ALERTS_IN_FULL} more.", ""]
    return "\n".join([*lines, *_way_on(place), "", _signature(notice, place)]) + "\n"


def lines(notice: Notice, place: Place) -> list[str]:
    """Return one line for each alert, for a terminal: `22:04:05 CRITICAL CpuBusy on web1: CPU is busy (97.3 %)`."""
    stamp = _moment(notice.created_at, place).strftime("%H:%M:%S")
    if not notice.alerts:
        return [f"{stamp} {line}" for line in (headline(notice, place), *_how_to_confirm(notice, place))]
    told = [f"{stamp} {_line(alert, notice, place)}" for alert in notice.alerts[:ALERTS_IN_FULL]]
    rest = len(notice.alerts) - ALERTS_IN_FULL
    return [*told, f"{stamp} {_word(notice)} ... and {rest} more: nightdesk alerts"] if rest > 0 else told


def figure(value: float) -> str:
    """Write a value for people: four significant digits, thousands set apart."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    size = abs(value)
    if 1_000 <= size < 1e15:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:.4g}"


def reading(alert: Alert) -> str:
    """Return the value with its name and unit where the rule's annotations `vital` and `unit` give them.

    Empty for a message of a program, which has none.
    """
    if alert.rule == MESSAGE_RULE:
        return ""
    parts = (alert.annotation("vital"), figure(alert.value), alert.annotation("unit"))
    return plain(" ".join(part for part in parts if part))


def why_ended(alert: Alert, place: Place) -> str:
    """Return why an alert ended though nobody saw its condition false, or the empty string."""
    why = _UNSEEN_ENDS.get(alert.evidence)
    if why is None or alert.ended_at is None:
        return ""
    return f"{why}; the condition was last seen true at {_when(alert.true_at or alert.active_at, place)}"


def _unseen(alert: Alert, place: Place) -> str:
    why = why_ended(alert, place)
    return f": {why}" if why else ""


def _word(notice: Notice) -> str:
    if notice.reason is NoticeReason.FIRED:
        return notice.severity.value.upper()
    # Of several, one that nobody saw end well is enough: none may be taken for a recovery.
    return _end_word(*notice.alerts) if notice.reason is NoticeReason.RESOLVED else notice.reason.value.upper()


def _end_word(*alerts: Alert) -> str:
    return "ENDED" if any(alert.evidence in _UNSEEN_ENDS for alert in alerts) else "RESOLVED"


def _what(alert: Alert, place: Place) -> str:
    host = next((alert.labels.get(name) for name in _HOST_LABELS if alert.labels.get(name)), place.host)
    return f"{plain(alert.name) or 'Alert'} on {plain(host)}"


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


def _reading_of(notice: Notice) -> str:
    # The last value of what is over is the value that was seen when it still fired, which would only mislead.
    return _in_brackets(reading(notice.alerts[0])) if notice.reason is NoticeReason.FIRED else ""


def _line(alert: Alert, notice: Notice, place: Place) -> str:
    fired = notice.reason is NoticeReason.FIRED
    word = alert.severity.value.upper() if fired else _end_word(alert)
    summary = plain(alert.annotation("summary"), 300)
    # The summary was written while it fired: read at its end without a word, it would say the opposite.
    told = f": {summary}" if fired else f" (was: {summary})"
    value = _in_brackets(reading(alert)) if fired else ""
    return f"{word} {_what(alert, place)}{_unseen(alert, place)}" + (told if summary else "") + value


def _alert_lines(alert: Alert, reason: NoticeReason, place: Place) -> Iterator[str]:
    over = reason is NoticeReason.RESOLVED
    yield f"{_end_word(alert) if over else alert.severity.value.upper()}: {_what(alert, place)}"
    if over and (why := why_ended(alert, place)):
        yield f"This is no recovery: {why}."
    for name in ("summary", "description"):
        told = [plain(line) for line in alert.annotation(name)[:_LONGEST_TEXT].splitlines() if line.strip()]
        yield from (f"was: {line}" for line in told) if over else told
    yield ""
    yield from (f"{name:<11}{text}" for name, text in _facts(alert, place, over=over))
    if alert.annotation("runbook_url"):
        yield f"{'What to do':<11}{plain(alert.annotation('runbook_url'))}"


def _facts(alert: Alert, place: Place, *, over: bool) -> Iterator[tuple[str, str]]:
    if reading(alert):
        yield ("Last value" if over else "Value"), reading(alert)
    if alert.annotation("threshold"):
        yield "Threshold", plain(f"{alert.annotation('threshold')} {alert.annotation('unit')}".strip())
    yield "Since", _when(alert.active_at, place)
    if alert.fired_at is not None and alert.fired_at != alert.active_at:
        yield "Fired", _when(alert.fired_at, place)
    if over and alert.ended_at is not None:
        # A wall clock that was set back in between must not keep the message from being written.
        lasted = format_duration(max(0, alert.ended_at - alert.active_at) // SECOND * SECOND)
        yield "Ended", f"{_when(alert.ended_at, place)}, after {lasted}"
    labels = [
        f"{plain(name)}={plain(value, 300)}" for name, value in alert.labels if name not in (ALERT_NAME, SEVERITY)
    ]
    if labels:
        yield "Labels", ", ".join(labels)
    for name, text in alert.annotations:
        if name not in _SAID_ELSEWHERE:
            yield plain(name), f" {plain(text)}"


def lines_of_test(notice: Notice, place: Place) -> Iterator[str]:
    """Yield what a test says: what it is, and what to do with its code."""
    yield f"This is a test of the channel {plain(notice.channel)} of Nightdesk on {plain(place.host)}."
    yield "Alerts that are routed to it will arrive like this one."
    yield from _how_to_confirm(notice, place) or ("There is nothing to do.",)


def _how_to_confirm(notice: Notice, place: Place) -> list[str]:
    """Say how a person confirms that a test arrived; a link opens the page, whose button does the same."""
    if not notice.code:
        return []
    told = [f"To confirm that it reached you, on {plain(place.host)}: nightdesk channels confirm {notice.code}"]
    if place.public_url:
        told.append(f"Or open: {plain(place.public_url).rstrip('/')}/#confirm={notice.code}")
    return told


def _way_on(place: Place) -> Iterator[str]:
    if place.public_url:
        yield f"Look at it: {plain(place.public_url)}"
    yield f"On {plain(place.host)}: nightdesk alerts"


def _signature(notice: Notice, place: Place) -> str:
    return f"-- \nNightdesk on {plain(place.host)}, {_when(notice.created_at, place)}"


def _moment(millis: int, place: Place) -> datetime:
    return datetime.fromtimestamp(millis / SECOND, UTC).astimezone(place.zone)


def _when(millis: int, place: Place) -> str:
    """Write an instant as people say it, in their zone, with the offset that makes it exact."""
    moment = _moment(millis, place)
    offset = moment.strftime("%z")
    zone = "UTC" if moment.utcoffset() == UTC.utcoffset(None) else f"{offset[:3]}:{offset[3:5]}"
    return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M:%S} {zone}"
