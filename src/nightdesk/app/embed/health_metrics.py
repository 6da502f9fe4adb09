"""The ten vitals as a dictionary: a number, or None with the reason beside it."""

from collections.abc import Mapping

from nightdesk.app.shapes.vitals import VitalShape, VitalsShape


class HealthMetrics(dict[str, float | None]):
    """What `collect_health_metrics()` returns: all ten names, always, in the order of the catalogue.

    >>> metrics = await monitor.collect_health_metrics()
    >>> metrics["npu_utilization"] is None
    True
    >>> metrics.reasons["npu_utilization"]
    'No NPU found.'
    """

    def __init__(self, shape: VitalsShape) -> None:
        """Take the vitals as the desk tells them."""
        super().__init__((vital.name, vital.value) for vital in shape.vitals)
        self.at = shape.at
        """When they were measured, in ms since 1970."""
        self.vitals: Mapping[str, VitalShape] = {vital.name: vital for vital in shape.vitals}
        """Each with its unit, level, thresholds and parts: per core, mount, device, target."""

    @property
    def reasons(self) -> dict[str, str]:
        """Why a vital is None, by its name; those with a value are not among them."""
        return {name: vital.reason or "" for name, vital in self.vitals.items() if vital.value is None}
