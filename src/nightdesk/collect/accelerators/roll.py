"""The roll of devices: what was there once and is not found any more is lost, and is said to be."""

import logging
from collections.abc import Iterable, Sequence

from nightdesk.collect.accelerators.sample import AcceleratorSample, Device, Status, unmeasured

log = logging.getLogger(__name__)
_ILL = frozenset({Status.LOST, Status.ERROR, Status.NO_PERMISSION, Status.DRIVER_MISSING})
_GONE = "it was there and is not found any more."
_DRIVERLESS = "its driver does not hold it any more."


class Roll:
    """Every device this desk has seen, with how it stood last."""

    def __init__(self, remembered: Iterable[Device] = ()) -> None:
        """Begin with the devices that were there when the desk ran before."""
        self._known = {device.id: device for device in remembered}
        self._driven = set(self._known)
        self._standing: dict[str, tuple[Status, str]] = {}

    def call(self, samples: Sequence[AcceleratorSample], *, is_whole: bool) -> list[AcceleratorSample]:
        """Return the samples, and one for each device that has none, sorted by identity; log what has changed.

        While the look is not whole, a device that is missing is not lost: nobody looked for it yet.
        """
        called = {sample.device.id: self._judged(sample) for sample in samples}
        missing = [device for name, device in self._known.items() if name not in called]
        self._known |= {name: sample.device for name, sample in called.items()}
        if is_whole:
            called |= {device.id: unmeasured(device, Status.LOST, _GONE) for device in missing}
        whole = [called[name] for name in sorted(called)]
        for sample in whole:
            self._note(sample)
        return whole

    def _judged(self, sample: AcceleratorSample) -> AcceleratorSample:
        """A device that once had a driver and has none now is lost to whoever computes on it."""
        device = sample.device
        if device.driver and sample.status is not Status.DRIVER_MISSING:
            self._driven.add(device.id)
        elif sample.status is Status.DRIVER_MISSING and device.id in self._driven:
            return unmeasured(self._known.get(device.id, device), Status.LOST, _DRIVERLESS)
        return sample

    def _note(self, sample: AcceleratorSample) -> None:
        """Log each distinct trouble of a device once."""
        name, now = sample.device.id, (sample.status, sample.reason.split(" for ")[0])
        before = self._standing.get(name)
        self._standing[name] = now
        if now == before:
            return
        if sample.status in _ILL:
            log.warning("%s is %s: %s", sample.device.title, sample.status.value, sample.reason)
        elif before is not None and before[0] in _ILL:
            log.info("%s is well again: %s", sample.device.title, sample.status.value)
