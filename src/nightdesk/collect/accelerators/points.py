"""Samples as series: which value goes under which name, in the base units of Prometheus."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from nightdesk.collect.accelerators.sample import AcceleratorSample, Status, Throttle
from nightdesk.collect.points import Pairs, Point

_VALUES: Final[Mapping[str, Callable[[AcceleratorSample], float | None]]] = {
    "accelerator_utilization_ratio": lambda sample: sample.utilization,
    "accelerator_busy_seconds_total": lambda sample: sample.busy_seconds_total,
    "accelerator_memory_bandwidth_ratio": lambda sample: sample.memory_bandwidth,
    "accelerator_temperature_celsius": lambda sample: sample.temperature,
    "accelerator_power_watts": lambda sample: sample.power,
    "accelerator_power_limit_watts": lambda sample: sample.power_limit,
    "accelerator_energy_joules_total": lambda sample: sample.energy_total,
    "accelerator_clock_hertz": lambda sample: sample.clock,
    "accelerator_clock_max_hertz": lambda sample: sample.clock_max,
    "accelerator_fan_ratio": lambda sample: sample.fan,
}


def points_of(sample: AcceleratorSample) -> Iterator[Point]:
    """Yield what is known of a device: always whether it is there and how it stands, else only what has a value."""
    device = sample.device
    # What a device is called is no part of its identity: a sleeper has no name before it woke, and alerts, joins and
    # restarts go by the device.
    labels: Pairs = (("device", device.id), ("kind", device.kind.value))
    names = (("driver", device.driver), ("model", device.model), ("vendor", device.vendor))
    yield "accelerator_info", (*labels, *((name, value) for name, value in names if value)), 1.0
    yield "accelerator_up", labels, float(sample.status is not Status.LOST)
    for status in Status:
        yield "accelerator_status", (*labels, ("status", status.value)), float(sample.status is status)
    for name, value_of in _VALUES.items():
        value = value_of(sample)
        if value is not None:
            yield name, labels, value
    memory = (*labels, ("memory", sample.memory_kind.value))
    if sample.memory_used is not None:
        yield "accelerator_memory_used_bytes", memory, float(sample.memory_used)
    if sample.memory_total is not None:
        yield "accelerator_memory_total_bytes", memory, float(sample.memory_total)
    if sample.throttled is not None:
        for reason in Throttle:
            yield "accelerator_throttled", (*labels, ("reason", reason.value)), float(reason in sample.throttled)
