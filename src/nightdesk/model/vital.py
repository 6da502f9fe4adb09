"""The ten vitals by name."""

from typing import Final, Literal, get_args

VitalName = Literal[
    "cpu_usage",
    "memory_usage",
    "disk_usage",
    "npu_utilization",
    "gpu_utilization",
    "api_response_times",
    "database_performance",
    "cache_hit_ratio",
    "active_connections",
    "error_rate",
]
VITALS: Final[frozenset[str]] = frozenset(get_args(VitalName))
"""Written by the desk alone: a bot must not be able to make one look well."""
