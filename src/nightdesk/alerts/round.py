"""One round of reports at work: what every rule holds now, the changes so far, and who is told of them."""

from collections.abc import Iterator
from dataclasses import replace

from nightdesk.alerts.merge import carried, merge
from nightdesk.alerts.standings import Standing, Standings, firing, held_by, with_alert
from nightdesk.model.alert import Alert, AlertState, Transition
from nightdesk.model.labels import Labels


class Round:
    """Begins as the book was; nothing of the book is touched. Changes are numbered on from `number`."""

    def __init__(self, live: Standings, number: int, at: int) -> None:
        """Begin a round at `at` ms."""
        self.live: dict[Labels, Standing] = dict(live)
        self.number, self.at = number, at
        self._changes: dict[Labels, list[Transition]] = {}
        self._fresh: dict[int, tuple[str, ...]] = {}
        """Channels that hear of a firing alert by the change of that number."""

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """The changes of this round; those of one alert in their order."""
        return tuple(change for changes in self._changes.values() for change in changes)

    def hear(self, report: Alert) -> None:
        """Take one rule's report: it changes or ends only what this rule holds."""
        known = held_by(self.live.get(report.labels, ()), report.rule)
        merged = merge(known, report, self.at, self.number)
        if merged:
            self.number += len(merged)
            self._changes.setdefault(report.labels, []).extend(merged)
            self._put(merged[-1].alert)
        elif report.state.is_live:
            self._put(carried(known, report))

    def hand_on(self) -> None:
        """Let the rule whose alert goes on firing keep the channels of one whose same alert ended: people hear nothing.

        To them it is one alert, which fires until the last rule's has ended.
        """
        for labels, changes in self._changes.items():
            heir = firing(self.live.get(labels, ()))
            told = dict.fromkeys(channel for change in changes if _is_told_end(change) for channel in change.alert.told)
            if heir is not None and told:
                changes[:] = [_untold(change) if _is_told_end(change) else change for change in changes]
                self._mark(heir, (*heir.told, *(channel for channel in told if channel not in heir.told)))

    def ended(self) -> Iterator[Alert]:
        """Yield the alerts whose end is told in this round."""
        return (change.alert for change in self.transitions if _is_told_end(change))

    def tell(self, alert: Alert, channels: tuple[str, ...]) -> Alert:
        """Tell channels of a firing alert; return it as it is told now."""
        told = self._mark(alert, (*alert.told, *channels))
        self._fresh[told.changes] = channels
        return told

    def news(self) -> Iterator[tuple[Transition, tuple[str, ...]]]:
        """Yield the changes with the channels that are to hear of each."""
        for change in self.transitions:
            is_end = change.alert.state is AlertState.RESOLVED
            yield change, change.alert.told if is_end else self._fresh.get(change.number, ())

    def _mark(self, alert: Alert, told: tuple[str, ...]) -> Alert:
        """Write the channels into this round's change of the alert, or into one of its own if it fired before."""
        changes = self._changes.setdefault(alert.labels, [])
        marked = replace(alert, told=told)
        for place, change in enumerate(changes):
            if change.number == alert.changes:
                changes[place] = replace(change, alert=marked)
                break
        else:
            self.number += 1
            marked = replace(marked, changes=self.number)
            changes.append(Transition(marked, AlertState.FIRING, self.at, self.number))
        self._put(marked)
        return marked

    def _put(self, alert: Alert) -> None:
        standing = with_alert(self.live.get(alert.labels, ()), alert)
        if standing:
            self.live[alert.labels] = standing
        else:
            self.live.pop(alert.labels, None)


def _is_told_end(change: Transition) -> bool:
    return change.alert.state is AlertState.RESOLVED and bool(change.alert.told)


def _untold(change: Transition) -> Transition:
    return replace(change, alert=replace(change.alert, told=()))
