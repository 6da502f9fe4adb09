"""Settings of retention, turned into what the store goes by."""

from nightdesk.app.keeping.tiers import keep_tiers
from nightdesk.app.selectors import selector_of
from nightdesk.app.settings.retention import RetentionSettings
from nightdesk.app.settings.settings import Settings
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.retention import Retention, RetentionClass
from nightdesk.store.tiers.tiers import Tiers


def retention_of(settings: RetentionSettings) -> Retention:
    """Return what the store keeps, beside the retention by time."""
    classes = tuple(RetentionClass(selector_of(each.match), each.keep) for each in settings.classes)
    return Retention(settings.bytes, classes)


def retain(store: SampleStore, tiers: Tiers, settings: Settings) -> None:
    """Let samples and tiers stay as long as the settings say, from the next look at what is to go."""
    # Tiers first: days that go sooner now wait for their buckets, which are made sooner then.
    retention = retention_of(settings.retention)
    tiers.retain(keep_tiers(settings.tiers, settings.desk.retention, retention))
    store.retain(settings.desk.retention, retention)
