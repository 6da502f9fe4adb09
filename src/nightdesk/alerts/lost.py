"""Messages that were given up: while the alert fires it is told again, later or by another way."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from nightdesk.alerts.standings import Standing, firing, with_alert
from nightdesk.model.alert import Alert
from nightdesk.model.instant import HOUR
from nightdesk.model.labels import Labels
from nightdesk.model.notice import DeliveryState, Notice, NoticeReason, OutboxEntry

ASKED_AGAIN_AFTER: Final = HOUR
"""A channel that gave a message up is tried with a new one after this long: a dead one gets 24 a day at most."""
AT_ONCE: Final = 0
"""In place of an instant: routes or channels may have changed, so there is no reason to wait."""

Lost = Mapping[Labels, Mapping[str, int]]
"""For each alert that fires, the channels that gave its message up, and when (ms)."""


def is_due(lost_at: int, at: int) -> bool:
    """Return whether the channel may be tried again; a wall clock that was set back must not put it off for long."""
    return abs(at - lost_at) >= ASKED_AGAIN_AFTER


def give_up(live: dict[Labels, Standing], lost: dict[Labels, dict[str, int]], notice: Notice, at: int) -> None:
    """Take a message's channel from what its alerts were told on, and remember it as lost."""
    if notice.reason is not NoticeReason.FIRED:
        return
    for alert in notice.alerts:
        standing = live.get(alert.labels, ())
        holder = firing(standing)
        if holder is None or (holder.rule == alert.rule and holder.active_at != alert.active_at):
            continue
        told = tuple(channel for channel in holder.told if channel != notice.channel)
        live[alert.labels] = with_alert(standing, replace(holder, told=told))
        lost.setdefault(alert.labels, {})[notice.channel] = at


def still_lost(entries: Iterable[OutboxEntry]) -> list[Notice]:
    """Return what was given up before a restart and not told again since, from the outbox, newest first."""
    seen: set[tuple[str, Labels]] = set()
    notices = []
    for entry in entries:
        if entry.notice.reason is not NoticeReason.FIRED:
            continue
        about = {(entry.notice.channel, alert.labels) for alert in entry.notice.alerts}
        alerts = tuple(each for each in entry.notice.alerts if (entry.notice.channel, each.labels) not in seen)
        if entry.state is DeliveryState.UNDELIVERABLE and alerts:
            notices.append(replace(entry.notice, alerts=alerts))
        seen |= about
    return notices


def waiting(lost: Lost, alert: Alert, at: int) -> frozenset[str]:
    """Return the channels that are not to be tried with this alert yet."""
    return frozenset(channel for channel, since in lost.get(alert.labels, {}).items() if not is_due(since, at))
