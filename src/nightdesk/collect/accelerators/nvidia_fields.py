"""What NVML tells of one GPU: each value may be missing on its own, and what a device never has is not asked again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from nightdesk.collect.accelerators.nvml import Nvml, Refusal
from nightdesk.collect.accelerators.sample import AcceleratorSample, Device, Status, Throttle

_CORE_TEMPERATURE: Final = 0
_SM_CLOCK: Final = 1
_PERCENT: Final = 0.01
_MILLI: Final = 1e-3
_MEGAHERTZ: Final = 1e6
_THROTTLES: Final[Mapping[int, Throttle]] = {
    0x04: Throttle.POWER_CAP,
    0x20: Throttle.SOFTWARE_THERMAL,
    0x40: Throttle.HARDWARE_THERMAL,
    0x80: Throttle.POWER_BRAKE,
}
_SLOWDOWN: Final = 0x08
"""Set beside the two reasons that follow from it; alone it says that the hardware gives none."""


class NvidiaFields:
    """Reads one device; remembers what it does not support."""

    def __init__(self, nvml: Nvml) -> None:
        """Assume that it supports everything."""
        self._nvml = nvml
        self._missing: set[tuple[str, tuple[object, ...]]] = set()
        self._handle: Any = None
        self._lost = False
        self._name = ""

    def sample(self, device: Device, handle: Any) -> AcceleratorSample | Refusal:
        """Return the values as they are now; a refusal where the device is lost, or answers nothing at all."""
        self._handle, self._lost = handle, False
        rates, memory = self._ask("nvmlDeviceGetUtilizationRates"), self._ask("nvmlDeviceGetMemoryInfo")
        fallback = None if self._has("nvmlDeviceGetUtilizationRates") else "NVML tells no utilization of this device."
        sample = AcceleratorSample(
            device=replace(device, model=self._model() or device.model),
            status=Status.UNSUPPORTED if fallback else Status.OK if rates else Status.ERROR,
            reason=fallback or ("" if rates else "NVML gave no utilization this time."),
            sources={"utilization": "nvml"},
            utilization=_share(rates.gpu) if rates else None,
            memory_bandwidth=_share(rates.memory) if rates else None,
            memory_used=memory.used if memory else None,
            memory_total=memory.total if memory else None,
            temperature=self._temperature(),
            power=_scaled(self._ask("nvmlDeviceGetPowerUsage"), _MILLI),
            power_limit=_scaled(self._ask("nvmlDeviceGetEnforcedPowerLimit"), _MILLI),
            energy_total=_scaled(self._ask("nvmlDeviceGetTotalEnergyConsumption"), _MILLI),
            clock=_scaled(self._ask("nvmlDeviceGetClockInfo", _SM_CLOCK), _MEGAHERTZ),
            clock_max=_scaled(self._ask("nvmlDeviceGetMaxClockInfo", _SM_CLOCK), _MEGAHERTZ),
            fan=_scaled(self._ask("nvmlDeviceGetFanSpeed"), _PERCENT),
            throttled=self._throttled(),
        )
        return Refusal.LOST if self._lost else sample

    def _ask(self, name: str, *arguments: object) -> Any:
        """Return a value, or None; of a lost device nothing more is asked, for each call may take long."""
        if self._lost or (name, arguments) in self._missing:
            return None
        answer = self._nvml.call(name, self._handle, *arguments)
        self._lost = answer is Refusal.LOST
        if answer is Refusal.UNSUPPORTED:
            self._missing.add((name, arguments))
        return None if isinstance(answer, Refusal) else answer

    def _has(self, name: str) -> bool:
        return (name, ()) not in self._missing

    def _model(self) -> str:
        self._name = self._name or str(self._ask("nvmlDeviceGetName") or "")[:128]
        return self._name

    def _temperature(self) -> float | None:
        value = self._ask("nvmlDeviceGetTemperatureV", _CORE_TEMPERATURE)
        # The newer call is not in older drivers, and the older one is to go with a later release.
        return _scaled(self._ask("nvmlDeviceGetTemperature", _CORE_TEMPERATURE) if value is None else value, 1.0)

    def _throttled(self) -> frozenset[Throttle] | None:
        bits = self._ask("nvmlDeviceGetCurrentClocksEventReasons")
        bits = self._ask("nvmlDeviceGetCurrentClocksThrottleReasons") if bits is None else bits
        if bits is None:
            return None
        reasons = {reason for bit, reason in _THROTTLES.items() if bits & bit}
        if bits & _SLOWDOWN and not reasons & {Throttle.HARDWARE_THERMAL, Throttle.POWER_BRAKE}:
            reasons.add(Throttle.HARDWARE_SLOWDOWN)
        return frozenset(reasons)


def _share(percent: int) -> float:
    return min(1.0, max(0.0, percent * _PERCENT))


def _scaled(value: Any, scale: float) -> float | None:
    return None if value is None else float(value) * scale
