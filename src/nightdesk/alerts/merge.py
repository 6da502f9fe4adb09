"""The law of two reports of one rule about one alert: what is known, what is reported now, what has changed."""

from dataclasses import replace

from nightdesk.model.alert import Alert, AlertState, Transition


def merge(known: Alert | None, report: Alert, at: int, number: int) -> list[Transition]:
    """Return the changes that a report makes to what its rule held, in order, numbered on from `number`.

    - An end of what is not known to live is no news.
    - The same state is no change.
    - A live alert whose condition began anew has ended in between without a report: it ends first, then begins.
    - Whom it was told to is the book's own, kept whatever a report says.
    """
    if known is None:
        return [_change(None, report, number + 1, (), at)] if report.state.is_live else []
    if known.state is AlertState.FIRING and report.state is AlertState.PENDING:
        ended = replace(known, state=AlertState.RESOLVED, ended_at=at, judged_at=at)
        end = _change(known.state, ended, number + 1, known.told, at)
        return [end, _change(None, report, number + 2, (), at)]
    if report.state is known.state:
        return []
    return [_change(known.state, report, number + 1, known.told, at)]


def carried(known: Alert | None, report: Alert) -> Alert:
    """Return a report of an unchanged state with the book's own fields of what is known."""
    return report if known is None else replace(report, told=known.told, changes=known.changes)


def _change(previous: AlertState | None, alert: Alert, number: int, told: tuple[str, ...], at: int) -> Transition:
    return Transition(replace(alert, told=told, changes=number), previous, at, number)
