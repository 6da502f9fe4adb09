"""Settings of retention, turned into what the store goes by."""

from nightdesk.app.keeping.selectors import selector_of
from nightdesk.app.settings.retention import RetentionSettings
from nightdesk.store.samples.upkeep.retention import Retention, RetentionClass


def retention_of(settings: RetentionSettings) -> Retention:
    """Return what the store keeps, beside the retention by time."""
    classes = tuple(RetentionClass(selector_of(each.match), each.keep) for each in settings.classes)
    return Retention(settings.bytes, classes)
