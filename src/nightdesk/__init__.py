"""Nightdesk: the night desk of an automated trading system.

    from nightdesk import AlertManager, PerformanceAnalytics, SystemMonitor

The public classes are loaded when they are first asked for, so that a bot which imports `nightdesk.client` pays for
nothing else.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:  # the module `typing` itself costs a bot seven milliseconds
    from nightdesk.analytics.system.figures import SystemAnalytics
    from nightdesk.app.embed.alert_channels import (
        AlertChannel,
        ConsoleAlerts,
        DesktopNotifications,
        EmailAlerts,
        SMSAlerts,
    )
    from nightdesk.app.embed.alert_manager import AlertManager
    from nightdesk.app.embed.analytics_engine import AnalyticsEngine
    from nightdesk.app.embed.health_metrics import HealthMetrics
    from nightdesk.app.embed.metrics import MetricsCollector, MetricsDatabase
    from nightdesk.app.embed.performance_analytics import PerformanceAnalytics
    from nightdesk.app.embed.performance_tracker import PerformanceTracker
    from nightdesk.app.embed.system_monitor import SystemMonitor
    from nightdesk.app.embed.trading_analytics import TradingAnalytics
    from nightdesk.errors import DataFolderBusy, NightdeskError
    from nightdesk.model.alert import Severity

__version__ = "0.1.0"

__all__ = [
    "AlertChannel",
    "AlertManager",
    "AnalyticsEngine",
    "ConsoleAlerts",
    "DataFolderBusy",
    "DesktopNotifications",
    "EmailAlerts",
    "HealthMetrics",
    "MetricsCollector",
    "MetricsDatabase",
    "NightdeskError",
    "PerformanceAnalytics",
    "PerformanceTracker",
    "SMSAlerts",
    "Severity",
    "SystemAnalytics",
    "SystemMonitor",
    "TradingAnalytics",
    "__version__",
]

_HOMES = {
    "AlertChannel": "app.embed.alert_channels",
    "AlertManager": "app.embed.alert_manager",
    "AnalyticsEngine": "app.embed.analytics_engine",
    "ConsoleAlerts": "app.embed.alert_channels",
    "DataFolderBusy": "errors",
    "DesktopNotifications": "app.embed.alert_channels",
    "EmailAlerts": "app.embed.alert_channels",
    "HealthMetrics": "app.embed.health_metrics",
    "MetricsCollector": "app.embed.metrics",
    "MetricsDatabase": "app.embed.metrics",
    "NightdeskError": "errors",
    "PerformanceAnalytics": "app.embed.performance_analytics",
    "PerformanceTracker": "app.embed.performance_tracker",
    "SMSAlerts": "app.embed.alert_channels",
    "Severity": "model.alert",
    "SystemAnalytics": "analytics.system.figures",
    "SystemMonitor": "app.embed.system_monitor",
    "TradingAnalytics": "app.embed.trading_analytics",
}
"""Where each public name lives."""


def __getattr__(name: str) -> object:
    """Load a public name at its first use."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'nightdesk' has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(f"nightdesk.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return __all__
