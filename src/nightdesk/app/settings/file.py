"""Reading a settings file: TOML in, a `Settings` out, or sentences with file and line that say what would be right."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from nightdesk.app.settings.complaints import closest, complaints
from nightdesk.app.settings.hints import hints
from nightdesk.app.settings.lines import KeyPath, line_of, locate
from nightdesk.app.settings.probes import SqliteProbeSettings
from nightdesk.app.settings.retention import longer_classes
from nightdesk.app.settings.settings import Settings
from nightdesk.app.settings.tiers import contradictions
from nightdesk.errors import SettingsError

FILE_NAME: Final = "nightdesk.toml"
"""The settings file that a desk picks up from its data folder."""

_AT_LINE: Final = re.compile(r" \(at line (\d+), column \d+\)$")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that a settings or rule file should not say; a warning leaves the file usable."""

    file: str
    line: int
    message: str
    is_error: bool = True

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {'' if self.is_error else 'warning: '}{self.message}"


def load(path: Path | None, command_line: Mapping[str, object] | None = None) -> Settings:
    """Read a settings file; None means no file, only defaults.

    `command_line` holds values for `[desk]` that have precedence over the file, written as in TOML.

    Raises:
        SettingsError: carries file, line and what would be right; of several faults the first.
    """
    settings, remarks = lint(path, command_line)
    errors = [remark for remark in remarks if remark.is_error]
    if settings is not None and not errors:
        return settings
    first, others = errors[0], len(errors) - 1
    more = f" (and {others} more: nightdesk check lists them)" if others else ""
    raise SettingsError(first.message + more, file=first.file, line=first.line)


def lint(path: Path | None, command_line: Mapping[str, object] | None = None) -> tuple[Settings | None, list[Remark]]:
    """Read a settings file and return what it says, where it can be read, with all remarks in the order of lines."""
    file = str(path) if path else "settings"
    try:
        text = path.read_text("utf-8") if path else ""
        written = tomllib.loads(text)
    except OSError as error:
        return None, [Remark(file, 0, f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError as error:
        return None, [Remark(file, 0, f"must be UTF-8: byte {error.start} is not")]
    except tomllib.TOMLDecodeError as error:
        return None, [_syntax(file, text, str(error))]
    except (ValueError, RecursionError):
        # Python's own bounds, which its TOML reader lets through.
        return None, [
            Remark(file, 0, "a number of thousands of digits, or brackets nested too deeply: no setting is so")
        ]
    lines = locate(text)
    base = path.absolute().parent if path else Path.cwd()
    overrides = dict(command_line or {})
    try:
        settings = Settings.model_validate(_merged(written, overrides), context={"base": base})
    except ValidationError as error:
        return None, _sorted(_remark(file, lines, overrides, *complaint) for complaint in complaints(error))
    return settings, _sorted(
        Remark(file, line_of(lines, path), message, is_error) for path, message, is_error in _cross_checks(settings)
    )


def _merged(written: dict[str, Any], overrides: Mapping[str, object]) -> dict[str, Any]:
    desk = written.get("desk", {})
    # A `desk` that is not a table is pydantic's to report.
    return {**written, "desk": {**desk, **overrides}} if overrides and isinstance(desk, dict) else written


def _remark(
    file: str, lines: Mapping[KeyPath, int], overrides: Mapping[str, object], path: KeyPath, message: str
) -> Remark:
    if len(path) == 2 and path[0] == "desk" and path[1] in overrides:
        return Remark(f"--{path[1]}", 0, message.removeprefix(f"{path[1]}: "))
    return Remark(file, line_of(lines, path), message)


def _syntax(file: str, text: str, message: str) -> Remark:
    place = _AT_LINE.search(message)
    if not place:
        return Remark(file, text.count("\n") + 1, f"{message.removesuffix(' (at end of document)')}: not valid TOML")
    number = int(place.group(1))
    line = text.splitlines()[number - 1].strip() if number <= text.count("\n") + 1 else ""
    return Remark(file, number, f"{_AT_LINE.sub('', message)} in `{line}`; {_likely_cure(line)}")


def _likely_cure(line: str) -> str:
    """Guess what the writer meant from the line alone; the parser's own message stands before it."""
    key, equals, value = line.partition("=")
    if not equals and ":" in line:
        name, _, value = line.partition(":")
        return f"TOML writes {name.strip()} = {value.strip() or '...'}"
    if equals and value.strip()[:1].isalnum() and value.strip() not in ("true", "false"):
        return f'text and durations stand in quotes: {key.strip()} = "{value.strip()}"'
    return 'write e.g. port = 9977, bind = "127.0.0.1" or [desk]'


def _cross_checks(settings: Settings) -> Iterator[tuple[KeyPath, str, bool]]:
    """Yield what no single table can know: where, what, and whether it is an error."""
    known = {"console", *settings.channels}
    for position, route in enumerate(settings.routes):
        for name in route.channels:
            if name not in known:
                where: KeyPath = ("routes", position, "channels")
                yield where, f'no channel is called "{name}"; {closest(name, known)}', True
    jobs: set[str] = set()
    for position, scrape in enumerate(settings.scrape):
        if scrape.job in jobs:
            yield ("scrape", position, "job"), f'job "{scrape.job}" is there twice; put its targets in one table', True
        jobs.add(scrape.job)
    for position, text in longer_classes(settings.retention, settings.desk.retention):
        yield ("retention", "classes", position, "keep"), text, True
    for name, text in contradictions(settings.tiers, settings.desk.retention):
        yield ("tiers", name), text, True
    yield from _twice(settings)
    yield from _own_store(settings)
    for severity in ("critical", "warning"):
        taken = any(not route.match and severity in (route.severity or [severity]) for route in settings.routes)
        if settings.routes and not taken:
            yield ("routes",), f"no route takes every {severity} alert: those that match none reach nobody", False
    yield from ((where, hint, False) for where, hint in hints(settings))


def _own_store(settings: Settings) -> Iterator[tuple[KeyPath, str, bool]]:
    """Yield the SQLite probes of the desk's own files: how fast the desk is says nothing of the bot's database."""
    data = settings.desk.data.expanduser().resolve()
    for position, probe in enumerate(settings.probes):
        if isinstance(probe, SqliteProbeSettings) and probe.file.resolve().is_relative_to(data):
            text = f"{probe.file} is the desk's own; name a database of yours"
            yield ("probes", position, "file"), text, True


def _twice(settings: Settings) -> Iterator[tuple[KeyPath, str, bool]]:
    """Yield the probes and the access logs whose name is taken: their series would be the same."""
    for table, names in (
        ("probes", [probe.name for probe in settings.probes]),
        ("http_logs", [log.name for log in settings.http_logs]),
    ):
        for position, name in enumerate(names):
            if name in names[:position]:
                yield (table, position, "name"), f'name "{name}" is there twice; give each its own', True


def _sorted(remarks: Iterator[Remark]) -> list[Remark]:
    return sorted(remarks, key=lambda remark: remark.line)
