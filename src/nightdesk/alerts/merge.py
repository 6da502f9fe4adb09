"""The law of two reports about one alert: what is known, what is reported now, what has changed."""

from dataclasses import replace
from typing import Final

from nightdesk.model.alert import Alert, AlertState, Transition

LIVE: Final = (AlertState.PENDING, AlertState.FIRING)


def merge(known: Alert | None, report: Alert, at: int) -> list[Transition]:
    """Return the changes that a report makes to what is known, in order; none where the state stays.

    - An end of what is not known to live is no news.
    - The same state is no change.
    - A live alert whose condition began anew has ended in between without a report: it ends first, then begins.
    - Whom it was told to and how often it changed are the book's own, kept whatever a report says.
    """
    if known is None:
        return [_change(None, report, report.changes, (), at)] if report.state in LIVE else []
    begun_anew = report.state in LIVE and known.state is AlertState.FIRING and report.state is AlertState.PENDING
    if begun_anew:
        ended = replace(known, state=AlertState.RESOLVED, ended_at=at, judged_at=at)
        end = _change(known.state, ended, known.changes, known.told, at)
        return [end, _change(None, report, end.number, (), at)]
    if report.state is known.state:
        return []
    return [_change(known.state, report, known.changes, known.told, at)]


def carried(known: Alert | None, report: Alert) -> Alert:
    """Return a report of an unchanged state with the book's own fields of what is known."""
    return report if known is None else replace(report, told=known.told, changes=known.changes)


def _change(previous: AlertState | None, alert: Alert, changes: int, told: tuple[str, ...], at: int) -> Transition:
    number = changes + 1
    return Transition(replace(alert, told=told, changes=number), previous, at, number)
