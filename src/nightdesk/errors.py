"""Every error Nightdesk raises on purpose; each says what its catcher should do.

NightdeskError
├── Refused                    the input is at fault: show the message, change nothing
│   ├── BadDuration
│   ├── BadInstant
│   ├── BadLabels
│   ├── SettingsError          carries file, line and what would be right
│   │   └── RuleFileError      the same for a rule file
│   ├── QuerySyntaxError       carries the span in the query
│   ├── QueryError             the query is well formed but cannot be answered
│   ├── BadPayload             a body or exposition that cannot be read
│   └── Unsafe                 a setting that would expose the desk
├── Exceeded                   a bound was reached: ask for less, or later
│   ├── QueryLimitExceeded
│   ├── QueryTimeout
│   ├── QueryCancelled
│   ├── SeriesLimitExceeded
│   ├── PayloadTooLarge
│   └── Overloaded
├── StoreError                 the data folder is at fault: nothing acknowledged is lost
│   ├── DataFolderBusy         another desk holds the folder: talk to it; or a command does: try again
│   ├── DataFolderFull         free space; the desk goes on judging and sending
│   ├── NewerFormat            the folder was written by a newer release: upgrade
│   └── CorruptData            the damaged part is set aside: look at the report
├── CollectError               one target failed: count it, go on with the others
└── DeskUnreachable            no desk answers: start one, or name its data folder
"""

from enum import Enum


class NightdeskError(Exception):
    """Root of the tree; a loop that must not die catches this, counts it by class, and goes on."""


class Refused(NightdeskError):
    """The input is at fault: show the message to whoever gave it."""


class BadDuration(Refused):
    """A duration that cannot be read."""

    def __init__(self, text: str) -> None:
        """Say what would be right."""
        super().__init__(f"not a valid duration: {text!r}; write e.g. 30s, 5m, 1h30m, 7d, 100y (largest unit first)")


class BadInstant(Refused):
    """An instant that cannot be read."""

    def __init__(self, text: str, also: str = "") -> None:
        """Say what would be right; `also` is a further form that would be taken where this one stands."""
        forms = "Unix seconds (1700000000.5) or RFC 3339 with a zone"
        super().__init__(f"not a valid instant: {text!r}; write {forms}{f', or {also}' if also else ''}")


class BadLabels(Refused):
    """A label set that breaks the limits or the rules of names."""


class SettingsError(Refused):
    """A settings file that cannot be used; the message names file, line and what would be right."""

    def __init__(self, message: str, *, file: str = "", line: int = 0) -> None:
        """Prefix the message with its place; `reason` is the message alone."""
        self.file, self.line, self.reason = file, line, message
        place = f"{file}:{line}: " if line else (f"{file}: " if file else "")
        super().__init__(place + message)


class RuleFileError(SettingsError):
    """A rule file that cannot be used; the message names file, line and what would be right."""


class QuerySyntaxError(Refused):
    """A query that cannot be parsed; `start` and `end` are its faulty span in characters."""

    def __init__(self, message: str, *, start: int = 0, end: int = 0) -> None:
        """Keep the span for whoever underlines it."""
        self.start, self.end = start, end
        super().__init__(message)


class QueryError(Refused):
    """A query that is well formed but cannot be answered, e.g. many-to-many matching."""


class BadPayload(Refused):
    """A body or an exposition that cannot be read; nothing of it was stored."""


class Unsafe(Refused):
    """A setting that would expose the desk; the message says what would be safe."""


class Exceeded(NightdeskError):
    """A bound was reached: ask for less, or later."""


class QueryLimitExceeded(Exceeded):
    """The query would read or make more than its limits allow."""


class QueryTimeout(Exceeded):
    """The query's deadline passed."""


class QueryCancelled(Exceeded):
    """Whoever asked has gone."""


class SeriesLimitExceeded(Exceeded):
    """A new series would exceed the cap; series that exist go on."""


class PayloadTooLarge(Exceeded):
    """A body is over its cap, as sent or as unpacked."""


class Overloaded(Exceeded):
    """A bounded queue is full: send again later."""


class StoreError(NightdeskError):
    """The data folder is at fault; nothing that was acknowledged is lost."""


class DataFolderBusy(StoreError):
    """Another desk holds the folder: talk to it over HTTP, or stop it; or a command has held it for long: try again."""


class DataFolderFull(StoreError):
    """No space is left in the data folder: free some; judging and sending go on."""


class NewerFormat(StoreError):
    """The folder was written by a newer release: upgrade Nightdesk, or restore the copy of before."""


class CorruptData(StoreError):
    """Stored bytes fail their check; the damaged part is set aside and reported."""


class CollectError(NightdeskError):
    """One target failed: count it by reason, go on with the others."""

    def __init__(self, message: str, reason: Enum | None = None) -> None:
        """Keep the reason, a `collect.collector.CollectFailure`, for whoever counts."""
        self.reason = reason
        super().__init__(message)


class DeskUnreachable(NightdeskError):
    """No desk answers at the address that its data folder names."""
