"""Accelerators of a desk: which collector its settings ask for, what it remembers, why a vital has no value."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Final

from nightdesk.app.settings.settings import Settings
from nightdesk.clock import Clock
from nightdesk.collect.accelerators.collector import JOB, AcceleratorCollector, own_instance
from nightdesk.collect.accelerators.sample import Device, Kind
from nightdesk.collect.collector import Collector
from nightdesk.model.instant import DAY, SECOND
from nightdesk.model.labels import METRIC_NAME, Matcher, MatchOp
from nightdesk.model.series import stale_mask
from nightdesk.seams.samples import Budget, SeriesReader

REMEMBERED_MS: Final = DAY
"""A device that was there within this long before a start, and is not found by it, is lost."""
VITALS: Final[Mapping[str, Kind]] = {"npu_utilization": Kind.NPU, "gpu_utilization": Kind.GPU}
OFF: Final = "Not measured: [accelerators] {kind} = false."
NOT_COLLECTED: Final = "Not measured: this desk runs without collecting (--no-collect)."


class Accelerators:
    """Makes the collector of accelerators, and keeps it while its settings stay the same."""

    def __init__(self, clock: Clock, remembered: Callable[[], Iterable[Device]] = tuple) -> None:
        """Make nothing yet; `remembered` is what `devices_seen` returns, asked at the first collection."""
        self._clock, self._remembered = clock, remembered
        self._kept: dict[str, AcceleratorCollector] = {}
        self._reasons: dict[Kind, str] = {}

    def of(self, settings: Settings) -> Mapping[str, Collector]:
        """Return the collector of these settings by a key that is equal for equal settings; none where all is off."""
        asked = settings.accelerators
        kinds = [kind for kind, is_on in ((Kind.NPU, asked.npu), (Kind.GPU, asked.gpu)) if is_on]
        self._reasons = {kind: OFF.format(kind=kind.value) for kind in Kind if kind not in kinds}
        if not settings.desk.collect:
            kinds, self._reasons = [], dict.fromkeys(Kind, NOT_COLLECTED)
        interval = settings.desk.interval / SECOND
        key = f"accelerators {interval} {asked.model_dump_json()}"
        make = partial(
            AcceleratorCollector, interval, str(asked.root), kinds=kinds, clock=self._clock, remembered=self._remembered
        )
        self._kept = {key: self._kept.get(key) or make()} if kinds else {}
        return self._kept

    def reason(self, vital: str) -> str | None:
        """Return why `npu_utilization` or `gpu_utilization` has no value; None for other vitals, and where it has."""
        kind = VITALS.get(vital)
        if kind is None or kind in self._reasons:
            return self._reasons[kind] if kind else None
        return next((collector.reason(kind) for collector in self._kept.values()), None)


def devices_seen(reader: SeriesReader, clock: Clock, budget: Callable[[], Budget]) -> Iterator[Device]:
    """Yield the devices that were there when the desk last looked, so that one lost meanwhile is not overlooked.

    One that had been lost already is forgotten: its alert is held until a person ends it, or until it is back.
    """
    matchers = (
        Matcher(METRIC_NAME, MatchOp.REGEX, "accelerator_up|accelerator_info"),
        Matcher("job", MatchOp.EQUAL, JOB),
        Matcher("instance", MatchOp.EQUAL, own_instance()),
        Matcher("kind", MatchOp.REGEX, "|".join(kind.value for kind in Kind)),
    )
    now = clock.now()
    was_there: dict[str, tuple[int, float]] = {}
    named: dict[str, tuple[int, Device]] = {}
    for series in reader.select(matchers, now - REMEMBERED_MS, now, budget()):
        labels, known = series.labels, ~stale_mask(series.values)
        if not known.any():
            continue
        name, at, value = labels.get("device"), int(series.times[known][-1]), float(series.values[known][-1])
        if labels.name == "accelerator_up":
            was_there[name] = max(was_there.get(name, (at, value)), (at, value))
        elif at >= named.get(name, (at,))[0]:
            named[name] = (at, Device(name, Kind(labels.get("kind")), labels.get("vendor"), labels.get("model")))
    yield from (device for name, (_, device) in named.items() if was_there.get(name, (0, 0.0))[1] == 1.0)
