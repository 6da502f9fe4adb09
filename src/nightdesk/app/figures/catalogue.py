"""Every metric the desk tells of itself: name, type, help. A figure that is not listed here cannot be written."""

from typing import Final

from nightdesk.model.metric import Metadata, MetricType

_COUNTER, _GAUGE = MetricType.COUNTER, MetricType.GAUGE

_CATALOGUE: Final = (
    Metadata("nightdesk_build_info", _GAUGE, "Always 1; the release in its label."),
    Metadata("nightdesk_uptime_seconds", _GAUGE, "Seconds since the desk started."),
    Metadata(
        "nightdesk_config_last_reload_successful",
        _GAUGE,
        "1 where the latest reading of settings and rules was taken, 0 where it was refused.",
    ),
    Metadata(
        "nightdesk_config_last_reload_success_timestamp_seconds",
        _GAUGE,
        "When settings and rules were last taken, in Unix seconds.",
    ),
    Metadata("nightdesk_loop_lag_p99_seconds", _GAUGE, "Lateness of the event loop, 99th percentile of a minute."),
    Metadata("nightdesk_rule_lag_p99_seconds", _GAUGE, "Lateness of rule groups, 99th percentile of the latest runs."),
    Metadata("nightdesk_rule_rounds_total", _COUNTER, "Judgements of whole rule groups."),
    Metadata("nightdesk_rule_group_seconds", _GAUGE, "Time of the latest judgement of a group."),
    Metadata(
        "nightdesk_rules_failing",
        _GAUGE,
        "Rules whose latest judgement had no answer, or whose samples were not stored.",
    ),
    Metadata("nightdesk_ingest_lag_seconds", _GAUGE, "Age of the oldest samples that are not durable yet."),
    Metadata("nightdesk_ingest_queue_jobs", _GAUGE, "Writes that wait to be stored."),
    Metadata("nightdesk_samples_appended_total", _COUNTER, "Samples made durable since the start."),
    Metadata("nightdesk_ingest_commits_total", _COUNTER, "Commits of samples since the start."),
    Metadata("nightdesk_ingest_failed_total", _COUNTER, "Writes that failed since the start."),
    Metadata("nightdesk_ingest_overloaded_total", _COUNTER, "Writes refused because the queue was full."),
    Metadata(
        "nightdesk_series_refused_total",
        _COUNTER,
        "New series refused, each time one was offered, by reason: too many live, or too many begun by one target.",
    ),
    Metadata("nightdesk_samples_refused_total", _COUNTER, "Collected samples that the store refused, by reason."),
    Metadata("nightdesk_store_series", _GAUGE, "Series in the store's head."),
    Metadata("nightdesk_store_head_samples", _GAUGE, "Samples in memory that are not in a day file yet."),
    Metadata("nightdesk_store_bytes", _GAUGE, "Bytes of the sample store on disk."),
    Metadata("nightdesk_store_day_files", _GAUGE, "Day files of the sample store."),
    Metadata("nightdesk_store_seals_total", _COUNTER, "Times the head was sealed to day files."),
    Metadata("nightdesk_store_seal_seconds", _GAUGE, "How long the latest seal took, pauses included."),
    Metadata("nightdesk_store_compactions_total", _COUNTER, "Days made one file since the start."),
    Metadata(
        "nightdesk_store_commits_failed_total", _COUNTER, "Commits of samples that failed, mostly for want of room."
    ),
    Metadata(
        "nightdesk_store_housekeeping_failed_total",
        _COUNTER,
        "Seals, compactions and removals that failed; each is tried again.",
    ),
    Metadata("nightdesk_store_kind_bytes", _GAUGE, "Bytes of samples on disk by kind: journal, days, others."),
    Metadata("nightdesk_store_quota_bytes", _GAUGE, "The most that samples may take on disk, where that is bounded."),
    Metadata("nightdesk_store_day_removals_total", _COUNTER, "Whole days removed, by reason."),
    Metadata("nightdesk_store_deletions_pending", _GAUGE, "Deletions whose samples still lie, hidden, in files."),
    Metadata(
        "nightdesk_store_damaged",
        _GAUGE,
        "Damaged places met in stored samples, each set aside; also files set aside before.",
    ),
    Metadata(
        "nightdesk_tier_span_seconds", _GAUGE, "Length of the days that buckets of a tier tell of, by resolution."
    ),
    Metadata("nightdesk_tier_bytes", _GAUGE, "Bytes of a tier's files, by resolution."),
    Metadata("nightdesk_tiers_built_total", _COUNTER, "Days and months rolled up to buckets since the start."),
    Metadata("nightdesk_tiers_failed_total", _COUNTER, "Roll-ups that failed since the start; each is tried again."),
    Metadata(
        "nightdesk_tiers_damaged",
        _GAUGE,
        "Tier files damaged and set aside since the start, and those of earlier starts that were not made again.",
    ),
    Metadata("nightdesk_data_folder_free_ratio", _GAUGE, "Free part of the data folder's file system, 0 to 1."),
    Metadata("nightdesk_collect_up", _GAUGE, "1 where the latest collection of a collector went well, else 0."),
    Metadata("nightdesk_collect_seconds", _GAUGE, "Time of a collector's latest collection."),
    Metadata("nightdesk_collect_failures_total", _COUNTER, "Failed collections, by collector and reason."),
    Metadata("nightdesk_collect_missed_total", _COUNTER, "Collections skipped because time had passed them."),
    Metadata(
        "nightdesk_host_family_failures_total", _COUNTER, "Families of host metrics not read, by family and reason."
    ),
    Metadata("nightdesk_clock_gaps_total", _COUNTER, "Gaps in time since the start, by kind."),
    Metadata("nightdesk_alerts", _GAUGE, "Live alerts, by state and severity."),
    Metadata("nightdesk_notices", _GAUGE, "Notices in the outbox, by state."),
    Metadata("nightdesk_notices_given_up_total", _COUNTER, "Notices given up since the start: they reached nobody."),
    Metadata(
        "nightdesk_notices_repeated_total", _COUNTER, "Notices not stored because their key was known; 0 in health."
    ),
    Metadata("nightdesk_records_in_memory", _GAUGE, "Changes and notices that a full disk keeps in memory only."),
    Metadata("nightdesk_queries_running", _GAUGE, "Queries that run now."),
    Metadata("nightdesk_queries_waiting", _GAUGE, "Queries that wait for their turn."),
    Metadata(
        "nightdesk_queries_refused_total",
        _COUNTER,
        "Queries refused, by reason: queue (too many waited), limit (would read or hold more than it may), time.",
    ),
    Metadata("nightdesk_http_answers_total", _COUNTER, "Answers over HTTP, by status."),
    Metadata(
        "nightdesk_http_answers_cut_total", _COUNTER, "Wide answers cut off, as their deadline passed on the way."
    ),
    Metadata("nightdesk_stream_listeners", _GAUGE, "Clients that follow the live stream."),
    Metadata("nightdesk_stream_dropped_total", _COUNTER, "Events that slow clients of the stream lost."),
    Metadata("nightdesk_task_crashes_total", _COUNTER, "Crashes of the desk's own tasks, each restarted, by task."),
)

METRICS: Final = {metric.name: metric for metric in _CATALOGUE}
