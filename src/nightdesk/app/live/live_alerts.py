"""The alerts that live, with what was not told of them and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nightdesk.alerts.book import Book
from nightdesk.model.alert import Alert
from nightdesk.model.labels import Labels
from nightdesk.model.mute import Muted


@dataclass(frozen=True, slots=True)
class LiveAlerts:
    """What is pending or firing, highest severity first."""

    alerts: tuple[Alert, ...] = ()
    held: Mapping[Labels, Muted] = field(default_factory=dict)
    """Alerts that fire and were told to nobody, by their labels."""
    kept_from: Mapping[Labels, tuple[str, ...]] = field(default_factory=dict)
    """Load that fires, with the channels whose routes take its severity and do not name load."""

    @classmethod
    def of(cls, book: Book) -> "LiveAlerts":
        """Ask the book; cheap, and safe from any thread."""
        held = {alert.labels: muted for alert, muted in book.held()}
        return cls(book.live(), held, book.kept_from())
