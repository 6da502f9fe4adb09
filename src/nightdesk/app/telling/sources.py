"""Where the desk's own figures come from: one small function a part of the desk, each a `Source` once bound."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from nightdesk import __version__
from nightdesk.app.figures.gather import Figure
from nightdesk.app.figures.pulse import Pulse
from nightdesk.app.live.broadcast import Broadcast
from nightdesk.app.measuring.collectors import Collectors
from nightdesk.app.query_executor import ThreadQueryExecutor
from nightdesk.app.reload import LastReload
from nightdesk.clock import Clock
from nightdesk.collect.collector import CollectorHealth, Standing
from nightdesk.collect.loop import CollectLoop
from nightdesk.deliver.courier import Courier
from nightdesk.model.alert import Alert
from nightdesk.model.instant import SECOND
from nightdesk.model.series import AppendRefusal
from nightdesk.rules.health import RuleState
from nightdesk.rules.runner import RuleRunner
from nightdesk.seams.alerts import OutboxCounts
from nightdesk.store.folder import DataFolder
from nightdesk.store.ingest import IngestThread
from nightdesk.store.records.spill import SpillingRecords
from nightdesk.store.samples.store import SampleStore

MOST_NOTICES: Final = 1_000
"""Entries of the outbox that are counted: a message that was given up long ago is no news."""


def of_process(pulse: Pulse, clock: Clock, started: float, crashes: Mapping[str, int]) -> Iterable[Figure]:
    """The process: release, uptime, lag of the loop, crashes of tasks."""
    yield Figure("nightdesk_build_info", 1.0, (("version", __version__),))
    yield Figure("nightdesk_uptime_seconds", clock.boot() - started)
    yield Figure("nightdesk_loop_lag_p99_seconds", pulse.lag_p99())
    for task, count in crashes.items():
        yield Figure("nightdesk_task_crashes_total", float(count), (("task", task),))


def of_reload(last: LastReload) -> Iterable[Figure]:
    """The settings: whether the latest reading was taken, and when one was last."""
    yield Figure("nightdesk_config_last_reload_successful", float(last.successful))
    yield Figure("nightdesk_config_last_reload_success_timestamp_seconds", last.success_at / SECOND)


def of_rules(runner: RuleRunner) -> Iterable[Figure]:
    """The rules: lag, rounds, time of each group, rules that fail."""
    health = runner.health()
    yield Figure("nightdesk_rule_lag_p99_seconds", runner.lag.p99)
    yield Figure("nightdesk_rule_rounds_total", float(sum(group.rounds for group in health)))
    failing = sum(rule.state is RuleState.ERROR for group in health for rule in group.rules)
    yield Figure("nightdesk_rules_failing", float(failing))
    for group in health:
        yield Figure("nightdesk_rule_group_seconds", group.seconds, (("group", group.group.name),))


def of_ingest(ingest: IngestThread) -> Iterable[Figure]:
    """The way in: queue, lag, what was stored and what was not."""
    counts = ingest.counts
    yield Figure("nightdesk_ingest_lag_seconds", ingest.lag_seconds)
    yield Figure("nightdesk_ingest_queue_jobs", float(ingest.depth))
    yield Figure("nightdesk_samples_appended_total", float(counts.samples))
    yield Figure("nightdesk_ingest_commits_total", float(counts.commits))
    yield Figure("nightdesk_ingest_failed_total", float(counts.failed))
    yield Figure("nightdesk_ingest_overloaded_total", float(counts.overloaded))


def of_store(store: SampleStore) -> Iterable[Figure]:
    """The sample store: what it holds, and what is damaged."""
    stats = store.stats()
    yield Figure("nightdesk_store_series", float(stats.series))
    yield Figure("nightdesk_store_head_samples", float(stats.head_samples))
    yield Figure("nightdesk_store_bytes", float(stats.journal_bytes + stats.day_bytes))
    yield Figure("nightdesk_store_day_files", float(stats.day_files))
    yield Figure("nightdesk_store_seals_total", float(stats.seals))
    yield Figure("nightdesk_store_seal_seconds", stats.last_seal_seconds)
    yield Figure("nightdesk_store_compactions_total", float(stats.compactions))
    yield Figure("nightdesk_store_commits_failed_total", float(stats.failed_commits))
    yield Figure("nightdesk_store_housekeeping_failed_total", float(stats.failed_housekeeping))
    occupied = (
        ("journal", stats.occupied.journal),
        ("days", stats.occupied.days),
        ("others", stats.occupied.derived),
    )
    for kind, size in occupied:
        yield Figure("nightdesk_store_kind_bytes", float(size), (("kind", kind),))
    if stats.quota_bytes is not None:
        yield Figure("nightdesk_store_quota_bytes", float(stats.quota_bytes))
    for reason, days in stats.days_removed.items():
        yield Figure("nightdesk_store_day_removals_total", float(days), (("reason", reason),))
    yield Figure("nightdesk_store_deletions_pending", float(stats.deletions_pending))
    yield Figure("nightdesk_store_damaged", float(stats.damaged))
    over = ("reason", AppendRefusal.SERIES_LIMIT.value)
    yield Figure("nightdesk_series_refused_total", float(store.refused_series), (over,))


def of_folder(folder: DataFolder) -> Iterable[Figure]:
    """The file system below the data folder."""
    yield Figure("nightdesk_data_folder_free_ratio", folder.free_ratio())


def of_collecting(loop: CollectLoop) -> Iterable[Figure]:
    """The collectors, one by one, and gaps in time."""
    health = loop.health()
    for each in health:
        yield from _collector(each)
    refused: Counter[str] = Counter()
    for each in health:
        refused.update(each.refused)
    over = refused.get(AppendRefusal.TARGET_LIMIT.value, 0)
    yield Figure("nightdesk_series_refused_total", float(over), (("reason", AppendRefusal.TARGET_LIMIT.value),))
    for reason, count in refused.items():
        yield Figure("nightdesk_samples_refused_total", float(count), (("reason", reason),))
    for kind, count in loop.gap_counts.items():
        yield Figure("nightdesk_clock_gaps_total", float(count), (("kind", kind.value),))


def _collector(health: CollectorHealth) -> Iterable[Figure]:
    name = ("collector", health.name)
    yield Figure("nightdesk_collect_up", float(health.standing is Standing.UP), (name,))
    yield Figure("nightdesk_collect_seconds", health.last_seconds, (name,))
    yield Figure("nightdesk_collect_missed_total", float(health.missed), (name,))
    for reason, count in health.failures.items():
        yield Figure("nightdesk_collect_failures_total", float(count), (name, ("reason", reason.value)))


def of_host(collectors: Collectors) -> Iterable[Figure]:
    """Families of host metrics that this machine does not give."""
    for (family, reason), count in collectors.host_failures().items():
        labels = (("family", family), ("reason", reason.value))
        yield Figure("nightdesk_host_family_failures_total", float(count), labels)


def of_alerts(alerts: Sequence[Alert]) -> Iterable[Figure]:
    """Live alerts by state and severity."""
    counts = Counter((alert.state.value, alert.severity.value) for alert in alerts)
    for (state, severity), count in sorted(counts.items()):
        yield Figure("nightdesk_alerts", float(count), (("severity", severity), ("state", state)))


def of_notices(outbox: OutboxCounts) -> Iterable[Figure]:
    """Notices of the newest thousand by state; every state is told, so that a rule can count on its series."""
    for state, count in outbox.counts(MOST_NOTICES).items():
        yield Figure("nightdesk_notices", float(count), (("state", state.value),))


def of_courier(courier: Courier) -> Iterable[Figure]:
    """Messages that reached nobody; told from the start, so that a rule sees the first one."""
    given_up = sum(channel.undeliverable for channel in courier.health())
    yield Figure("nightdesk_notices_given_up_total", float(given_up))


def of_records(records: SpillingRecords) -> Iterable[Figure]:
    """What a full disk keeps in memory, and what was not stored because its key was known."""
    yield Figure("nightdesk_records_in_memory", float(records.spilled))
    yield Figure("nightdesk_notices_repeated_total", float(records.repeated))


def of_faces(
    executor: ThreadQueryExecutor, broadcast: Broadcast, answers: Mapping[int, int], cut: Callable[[], int]
) -> Iterable[Figure]:
    """Queries, answers over HTTP and the live stream."""
    yield Figure("nightdesk_queries_running", float(executor.running))
    yield Figure("nightdesk_queries_waiting", float(executor.waiting))
    for reason, count in executor.refused.items():
        yield Figure("nightdesk_queries_refused_total", float(count), (("reason", reason.value),))
    yield Figure("nightdesk_stream_listeners", float(len(broadcast)))
    yield Figure("nightdesk_stream_dropped_total", float(broadcast.dropped_total))
    for status, count in sorted(answers.items()):
        yield Figure("nightdesk_http_answers_total", float(count), (("code", str(status)),))
    yield Figure("nightdesk_http_answers_cut_total", float(cut()))
