"""Where the command line finds a running desk: `app.reach`, which the embedded monitor asks through as well."""

from nightdesk.app.reach import RunningDesk

__all__ = ["RunningDesk"]
