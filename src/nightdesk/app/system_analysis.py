"""Reads the system's figures over a window out of the store: requests, failures, utilization, uptime."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from nightdesk.analytics.system.figures import (
    Failures,
    LastBeat,
    Operation,
    SystemAnalytics,
    error_rate,
    overall_uptime,
)
from nightdesk.analytics.system.latency import latency
from nightdesk.analytics.system.spans import Spans, holes, merged
from nightdesk.analytics.system.uptime import Uptime, seen, uptime
from nightdesk.app.growth import growth_of
from nightdesk.errors import Refused
from nightdesk.model.instant import HOUR, MINUTE, SECOND
from nightdesk.model.labels import METRIC_NAME, Labels, Matcher, MatchOp
from nightdesk.model.series import Series
from nightdesk.seams.samples import Budget, SeriesReader

MOST_HOURS: Final = 366 * 24.0
BEFORE: Final = HOUR
"""How far before the window samples may speak for its beginning."""
LEAST_STOP: Final = MINUTE
"""A hole in the desk's own series that is shorter is no stop: it was busy."""
OWN_JOB: Final = "nightdesk"
HOST_JOB: Final = "node"
SOURCES: Final = frozenset({OWN_JOB, "accelerator", "bots", "connections", "http_log", "probe", "trades", HOST_JOB})
"""Sources of the desk's own, whose `up` says that reading went well: no targets. Of a probe `probe_success` tells."""

CALLS: Final = "bot_call_duration_seconds"
_SOURCES: Final = (
    ("bots", f"{CALLS}_count", "bot_call_errors_total"),
    ("probes", "probe_attempts_total", "probe_failures_total"),
    ("http_logs", "http_log_requests_total", "http_log_requests_total"),
)
_NO_REQUESTS: Final = "No request was timed: let the bot use nightdesk.client or a PerformanceTracker."
_NO_ATTEMPTS: Final = "Nothing was attempted: no probe, no client call and no HTTP log in the window."
_NO_TARGET: Final = "Nothing was monitored in the window."


class SystemAnalyst:
    """Works figures out of samples. Blocks for as long as the store reads; safe from any thread."""

    def __init__(self, reader: SeriesReader) -> None:
        """Read from `reader`."""
        self._reader = reader

    def analyse(self, start: int, end: int, budget: Budget) -> SystemAnalytics:
        """Return the figures of [start, end) ms. Raises what a read raises, and Refused where the window is none."""
        if not 0 < end - start <= MOST_HOURS * HOUR:
            raise Refused(f"a window is longer than nothing and at most {MOST_HOURS:g} hours")
        operations = self._operations(start, end, budget)
        failures = self._failures(start, end, budget)
        stops = self._stops(start, end, budget)
        targets, of = self._targets(start, end, stops, budget)
        whole = operations.pop(("", ""), None)
        total = whole.latency if whole else latency({}, 0.0, 0.0)
        npu, gpu = (self._mean(name, start, end, budget) for name in ("npu_utilization", "gpu_utilization"))
        figures: dict[str, float | None] = {
            "avg_response_time": total.mean,
            "p95_response_time": total.p95.value if total.p95 else None,
            "avg_npu_utilization": npu,
            "avg_gpu_utilization": gpu,
            "error_rate": error_rate(failures),
            "uptime_percentage": overall_uptime(targets),
        }
        return SystemAnalytics(
            start,
            end,
            **figures,
            uptime_of=of,
            latency=total,
            operations=tuple(operations[key] for key in sorted(operations)),
            beats=self._beats(start, end, budget),
            failures=failures,
            targets=targets,
            stops=stops,
            reasons={name: _REASONS[name] for name, value in figures.items() if value is None},
        )

    # ------------------------------------------------------------ requests

    def _operations(self, start: int, end: int, budget: Budget) -> dict[tuple[str, str], Operation]:
        """Return each operation by bot and name; all of them together under two empty names, if there are any."""
        grown = self._growth(f"{CALLS}_(bucket|sum|count)", start, end, budget)
        errors = self._growth("bot_call_errors_total", start, end, budget)
        buckets: dict[tuple[str, str], dict[float, float]] = defaultdict(lambda: defaultdict(float))
        sums: dict[tuple[str, str], float] = defaultdict(float)
        counts: dict[tuple[str, str], float] = defaultdict(float)
        failed: dict[tuple[str, str], float] = defaultdict(float)
        for labels, growth in grown.items():
            for key in (_operation_of(labels), ("", "")):
                if labels.name.endswith("_bucket"):
                    buckets[key][float(labels.get("le"))] += growth
                else:
                    (sums if labels.name.endswith("_sum") else counts)[key] += growth
        for labels, growth in errors.items():
            for key in (_operation_of(labels), ("", "")):
                failed[key] += growth
        return {
            key: Operation(*key, latency(buckets[key], sums[key], counts[key]), failed[key])
            for key in counts
            if counts[key] > 0
        }

    def _failures(self, start: int, end: int, budget: Budget) -> tuple[Failures, ...]:
        """Return attempts and failures of each source that attempted anything."""
        found = []
        for source, attempts_name, failed_name in _SOURCES:
            attempts = self._growth(attempts_name, start, end, budget)
            failed = attempts if failed_name == attempts_name else self._growth(failed_name, start, end, budget)
            lost = sum(value for labels, value in failed.items() if labels.get("code_class") in ("", "5xx"))
            each = Failures(source, sum(attempts.values()), lost)
            found += [each] if each.attempts > 0 else []
        return tuple(found)

    def _growth(self, pattern: str, start: int, end: int, budget: Budget) -> Mapping[Labels, float]:
        return growth_of(self._reader, pattern, start, end, budget)

    def _beats(self, start: int, end: int, budget: Budget) -> tuple[LastBeat, ...]:
        """Return the last sign of life of each beat that was heard in the window."""
        found: dict[tuple[str, str], int] = {}
        for series in self._named("bot_beat_timestamp_seconds", start, end - 1, budget):
            key, values = (series.labels.get("bot"), series.labels.get("beat")), series.values[~np.isnan(series.values)]
            at = round(float(values.max(initial=0.0)) * SECOND)
            found[key] = max(at, found.get(key, 0))
        return tuple(LastBeat(*key, at) for key, at in sorted(found.items()) if start <= at < end)

    # ------------------------------------------------------------ standing

    def _mean(self, name: str, start: int, end: int, budget: Budget) -> float | None:
        """Return the mean of a vital over the time in which it was measured."""
        values = [series.values[~np.isnan(series.values)] for series in self._named(name, start, end - 1, budget)]
        count = sum(map(len, values))
        return float(sum(part.sum() for part in values) / count) if count else None

    def _stops(self, start: int, end: int, budget: Budget) -> Spans:
        """Return the spans in which no source of the desk's own was read; the time before the first sample is one.

        Samples that others write in say nothing of the desk: they may be older than their arrival.
        """
        ups = self._ups(start, end, budget)
        own = [series for series in ups if series.labels.get("job") in SOURCES] or ups
        watched = merged([span for series in own for span in seen(series, start, end)])
        return tuple(span for span in holes(watched, start, end) if span[1] - span[0] >= LEAST_STOP)

    def _targets(self, start: int, end: int, stops: Spans, budget: Budget) -> tuple[tuple[Uptime, ...], str]:
        """Return the uptime of every target, and what they are; this machine only where nothing else is watched."""
        ups = self._ups(start, end, budget)
        here = {series.labels.get("instance") for series in ups if series.labels.get("job") == OWN_JOB}
        others = [series for series in ups if not _is_source(series.labels, here)]
        others += self._named("probe_success", start - BEFORE, end - 1, budget)
        machine = [series for series in ups if series.labels.get("job") == HOST_JOB]
        found = (uptime(series, start, end, stops) for series in (others or machine))
        targets = tuple(each for each in found if each.up + each.down)
        if not targets:
            return (), ""
        return targets, "probes and scrape targets" if others else "this machine"

    def _ups(self, start: int, end: int, budget: Budget) -> Sequence[Series]:
        return self._named("up", start - BEFORE, end - 1, budget)

    def _named(self, pattern: str, start: int, end: int, budget: Budget) -> list[Series]:
        return self._reader.select((Matcher(METRIC_NAME, MatchOp.REGEX, pattern),), start, end, budget)


_REASONS: Final = {
    "avg_response_time": _NO_REQUESTS,
    "p95_response_time": _NO_REQUESTS,
    "avg_npu_utilization": "No NPU was measured in the window.",
    "avg_gpu_utilization": "No GPU was measured in the window.",
    "error_rate": _NO_ATTEMPTS,
    "uptime_percentage": _NO_TARGET,
}


def _is_source(labels: Labels, here: Collection[str]) -> bool:
    """Tell a source of the desk's own from a target; a node_exporter on another machine is one."""
    job, instance = labels.get("job"), labels.get("instance")
    return job in SOURCES and (job not in (HOST_JOB, "accelerator") or instance in here)


def _operation_of(labels: Labels) -> tuple[str, str]:
    return labels.get("bot"), labels.get("operation")
