"""A store with its tiers: opened together, and the figures of the latter."""

from collections.abc import Iterable
from pathlib import Path

from nightdesk.app.figures.gather import Figure
from nightdesk.app.settings.tiers import TierSettings
from nightdesk.clock import Clock
from nightdesk.model.instant import DAY, SECOND, format_duration
from nightdesk.store.inventory import TIERS
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.retention import Retention
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.store.tiers.tiers import Tiers


def open_with_tiers(
    settings: TierSettings, path: Path, *, clock: Clock, retention_ms: int, max_series: int, retention: Retention
) -> tuple[SampleStore, Tiers]:
    """Open the samples and the tiers below them. Raises StoreError."""
    store = SampleStore(
        path,
        clock=clock,
        retention_ms=retention_ms,
        max_series=max_series,
        retention=retention,
    )
    try:
        tiers = Tiers(path / TIERS, store, clock, keep_tiers(settings, retention_ms, retention))
    except BaseException:
        store.close()
        raise
    store.attach(tiers)
    return store, tiers


def keep_tiers(settings: TierSettings, retention_ms: int, retention: Retention) -> KeepTiers:
    """Return how long tiers are kept; where samples go early, all or those of a class, tiers are made as early."""
    after = min(settings.after, retention_ms, *(each.keep_ms for each in retention.classes))
    return KeepTiers(after, settings.five_minutes, settings.one_hour)


def of_tiers(tiers: Tiers) -> Iterable[Figure]:
    """The tiers: what each holds."""
    for tier in tiers.stats():
        labels = (("resolution", format_duration(tier.resolution)),)
        yield Figure("nightdesk_tier_span_seconds", float(tier.days * DAY // SECOND), labels)
        yield Figure("nightdesk_tier_bytes", float(tier.bytes), labels)
    yield Figure("nightdesk_tiers_built_total", float(tiers.keeping.built))
    yield Figure("nightdesk_tiers_failed_total", float(tiers.keeping.failures))
    yield Figure("nightdesk_tiers_damaged", float(tiers.damaged))
