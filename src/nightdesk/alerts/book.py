"""The book of live alerts: takes what was judged, writes changes and messages down, and only then believes them."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Final

from nightdesk.alerts.lost import AT_ONCE, give_up
from nightdesk.alerts.plan import Standpoint, plan
from nightdesk.alerts.routing import Router
from nightdesk.alerts.standings import firing, standings_of
from nightdesk.model.alert import Alert, Transition
from nightdesk.model.labels import Labels
from nightdesk.model.mute import Muted
from nightdesk.model.notice import Notice
from nightdesk.seams.alerts import AlertRecords

MOST_GIVEN_UP: Final = 10_000
"""Messages given up that wait for the next round; beyond it the oldest are not told again."""


class Book:
    """An `AlertSink`. Safe to use from several threads.

    Changes and the notices they call for go to the records in one transaction, before the book itself changes. When
    the records raise (a full disk, say), the book stays as it was: the next report of the same standing is the same
    change again, with the same number, and the error is the caller's to count.

    Several rules may report the same labels. The book keeps what each holds; people hear of one alert, which fires
    while one rule's fires.
    """

    def __init__(self, records: AlertRecords, router: Router) -> None:
        """Open the book where the records left it. Raises StoreError."""
        self._records, self._router = records, router
        self._lock = Lock()
        self._now = Standpoint(standings_of(records.live()), number=records.last_number())
        self._given_up: deque[tuple[Notice, int]] = deque(maxlen=MOST_GIVEN_UP)

    def accept(self, alerts: Sequence[Alert], at: int) -> Sequence[Transition]:
        """Take the present standing of judged alerts; return the changes this made, durable with their notices.

        Raises:
            StoreError: they could not be written down; nothing has changed.
        """
        with self._lock:
            self._take_given_up()
            planned = plan(self._now, alerts, self._router, at)
            if planned.transitions:
                self._records.record(planned.transitions, planned.notices)
            self._now = planned.after
            return planned.transitions

    def live(self) -> tuple[Alert, ...]:
        """Return the alerts that are pending or firing, each label set once, highest severity first, then oldest."""
        speakers = (standing[0] for standing in self._now.live.values())
        return tuple(sorted(speakers, key=lambda alert: (-alert.severity.rank, alert.active_at)))

    def by_rule(self) -> dict[str, list[Alert]]:
        """Return what each rule holds pending or firing, by the rule's key."""
        found: dict[str, list[Alert]] = {}
        for standing in self._now.live.values():
            for alert in standing:
                found.setdefault(alert.rule, []).append(alert)
        return found

    def held(self) -> tuple[tuple[Alert, Muted], ...]:
        """Return the alerts that fire and were told to nobody, each with the reason."""
        now = self._now
        return tuple((now.live[labels][0], muted) for labels, muted in now.held.items() if labels in now.live)

    def kept_from(self) -> dict[Labels, tuple[str, ...]]:
        """Return the load alerts that fire, each with the channels that its kind alone keeps it from."""
        router, found = self._router, (firing(standing) for standing in self._now.live.values())
        return {alert.labels: channels for alert in found if alert and (channels := router.kept_from(alert))}

    def given_up(self, notice: Notice, at: int = AT_ONCE) -> None:
        """Hear that a message reached nobody and will not; while its alerts fire they are told anew. Never waits."""
        self._given_up.append((notice, at))

    def reroute(self, router: Router) -> None:
        """Use other routes from the next report on; what was told stays told, what was given up is told at once."""
        with self._lock:
            self._router = router
            self._take_given_up()
            lost = {labels: dict.fromkeys(channels, AT_ONCE) for labels, channels in self._now.lost.items()}
            self._now = replace(self._now, lost=lost)

    def _take_given_up(self) -> None:
        if not self._given_up:
            return
        live = dict(self._now.live)
        lost = {labels: dict(channels) for labels, channels in self._now.lost.items()}
        while self._given_up:
            give_up(live, lost, *self._given_up.popleft())
        self._now = replace(self._now, live=live, lost=lost)
