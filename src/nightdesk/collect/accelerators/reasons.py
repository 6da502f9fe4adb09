"""Why a vital of accelerators has no value, in one sentence that page, command line, API and programs all show."""

from collections.abc import Mapping, Sequence
from typing import Final

from nightdesk.collect.accelerators.sample import AcceleratorSample, Kind, Status

_MOST_NAMED: Final = 4
_BEGINNINGS: Final[Mapping[Status, str]] = {
    Status.LOST: "Lost",
    Status.ERROR: "Not readable",
    Status.NO_PERMISSION: "Present, no permission to measure",
    Status.DRIVER_MISSING: "Present, no driver",
    Status.SUSPENDED: "Asleep",
    Status.SEEDING: "First value with the next collection",
    Status.UNSUPPORTED: "Present, not measurable",
}
"""In the order of what matters most; a device that is well gives no reason."""


def reason_of(kind: Kind, samples: Sequence[AcceleratorSample]) -> str | None:
    """Return why no device of a kind has a utilization; None where one has."""
    own = [sample for sample in samples if sample.device.kind is kind]
    if any(sample.utilization is not None for sample in own):
        return None
    if not own:
        return f"No {kind.value.upper()} found."
    order = list(_BEGINNINGS)
    told = sorted((each for each in own if each.status in _BEGINNINGS), key=lambda each: order.index(each.status))
    sentences = [_sentence(sample) for sample in told[:_MOST_NAMED]]
    if len(told) > _MOST_NAMED:
        sentences.append(f"And {len(told) - _MOST_NAMED} more.")
    return " ".join(sentences) or None


def _sentence(sample: AcceleratorSample) -> str:
    why = f"; {sample.reason}" if sample.reason else "."
    return f"{_BEGINNINGS[sample.status]}: {sample.device.title}{why}"
