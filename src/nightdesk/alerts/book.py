"""The book of live alerts: takes what was judged, writes changes and messages down, and only then believes them."""

from collections.abc import Sequence
from threading import Lock

from nightdesk.alerts.plan import plan
from nightdesk.alerts.routing import Router
from nightdesk.model.alert import Alert, Transition
from nightdesk.model.labels import Labels
from nightdesk.model.mute import Muted
from nightdesk.seams import AlertRecords


class Book:
    """An `AlertSink`. Safe to use from several threads.

    Changes and the notices they call for go to the records in one transaction, before the book itself changes. When
    the records raise (a full disk, say), the book stays as it was: the next report of the same standing is the same
    change again, and the error is the caller's to count.
    """

    def __init__(self, records: AlertRecords, router: Router) -> None:
        """Open the book where the records left it."""
        self._records, self._router = records, router
        self._lock = Lock()
        self._live: dict[Labels, Alert] = {alert.labels: alert for alert in records.live()}
        self._held: dict[Labels, Muted] = {}

    def accept(self, alerts: Sequence[Alert], at: int) -> Sequence[Transition]:
        """Take the present standing of judged alerts; return the changes this made, durable with their notices.

        Raises:
            StoreError: they could not be written down; nothing has changed.
        """
        with self._lock:
            planned = plan(self._live, self._held, alerts, self._router, at)
            if planned.transitions:
                self._records.record(planned.transitions, planned.notices)
            self._live, self._held = planned.live, planned.held
            return planned.transitions

    def live(self) -> tuple[Alert, ...]:
        """Return the alerts that are pending or firing, highest severity first, then oldest."""
        return tuple(sorted(self._live.values(), key=lambda alert: (-alert.severity.rank, alert.active_at)))

    def held(self) -> tuple[tuple[Alert, Muted], ...]:
        """Return the alerts that fire and were told to nobody, each with the reason."""
        live = self._live
        return tuple((live[labels], muted) for labels, muted in self._held.items() if labels in live)

    def reroute(self, router: Router) -> None:
        """Use other routes from the next report on; what was told stays told."""
        with self._lock:
            self._router = router
