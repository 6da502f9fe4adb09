"""What is known of a metric beside its samples."""

from dataclasses import dataclass
from enum import Enum


class MetricType(Enum):
    """Types of the exposition formats; `UNKNOWN` where the source did not say."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    GAUGE_HISTOGRAM = "gaugehistogram"
    SUMMARY = "summary"
    INFO = "info"
    STATE_SET = "stateset"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Type, help text and unit of one metric name."""

    name: str
    type: MetricType = MetricType.UNKNOWN
    help: str = ""
    unit: str = ""
