"""Lines of text that bots told, kept in a file: one JSON object a line, the newest at the end, two files at most.

The first line says the format. Each event has an id; one that comes again, because its acknowledgement was lost, is
kept once. What a crash cut off in the middle of a line was never acknowledged and is skipped when reading.
"""

import json
import os
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nightdesk.errors import NewerFormat
from nightdesk.store.durable import file_errors

FILE_NAME: Final = "events.jsonl"
MOST_BYTES: Final = 4 * 2**20
"""When the file is larger it becomes `events.1.jsonl`, and the one of that name goes."""
FORMAT: Final = 1
"""Of the lines; a file of a newer one is refused, and left as it was. One without a first line of its own is of the
first."""
MOST_REMEMBERED: Final = 20_000
"""Ids by which a repeated event is known; a client repeats at most its latest thousand."""


@dataclass(frozen=True, slots=True)
class BotEvent:
    """Something that a bot told in its own words."""

    id: str
    bot: str
    kind: str
    text: str
    at: int
    """Unix ms, by the bot's clock."""
    labels: tuple[tuple[str, str], ...] = ()


class EventLog:
    """The events of a data folder whose lock the caller holds. Threads may share it: calls take turns."""

    def __init__(self, folder: Path) -> None:
        """Read what is there, so that repeats of before the start are known.

        Raises:
            NewerFormat: a file was written by a newer release.
        """
        self._file, self._older = folder / FILE_NAME, folder / "events.1.jsonl"
        self._lock = threading.Lock()
        known = _read(self._older) + _read(self._file)
        self._recent: deque[BotEvent] = deque(known, MOST_REMEMBERED)
        self._ids = {event.id for event in self._recent}

    def append(self, events: Iterable[BotEvent]) -> int:
        """Keep events that are not known yet; durable when it returns. Returns how many were new.

        Raises:
            DataFolderFull: no space is left; nothing counts as kept.
            StoreError: the file cannot be written.
        """
        with self._lock:
            new = list({event.id: event for event in events if event.id not in self._ids}.values())
            if not new:
                return 0
            with file_errors(self._file):
                self._write("".join(f"{_line(event)}\n" for event in new).encode())
            for event in new:
                if len(self._recent) == MOST_REMEMBERED:
                    self._ids.discard(self._recent[0].id)
                self._recent.append(event)
                self._ids.add(event.id)
            return len(new)

    def newest(self, limit: int) -> Sequence[BotEvent]:
        """Return the newest events, newest first."""
        with self._lock:
            return list(self._recent)[: -limit - 1 : -1]

    def _write(self, lines: bytes) -> None:
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if not size:
                lines = _HEAD + lines
            elif os.pread(descriptor, 1, size - 1) != b"\n":
                # A crash, or a full disk, left half a line: it must not swallow the next one.
                lines = b"\n" + lines
            view = memoryview(lines)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if size + len(lines) > MOST_BYTES:
            self._file.replace(self._older)


_HEAD: Final = b'{"format":%d}\n' % FORMAT


def _line(event: BotEvent) -> str:
    told = {"id": event.id, "bot": event.bot, "kind": event.kind, "text": event.text, "at": event.at}
    return json.dumps({**told, "labels": dict(event.labels)}, ensure_ascii=False, separators=(",", ":"))


def _read(file: Path) -> list[BotEvent]:
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    if lines and (found := _format(lines[0])) > FORMAT:
        raise NewerFormat(f"{file} has format {found} and this release reads up to {FORMAT}: upgrade Nightdesk")
    return [event for line in lines if (event := _event(line)) is not None]


def _format(line: bytes) -> int:
    """Read the format of a file out of its first line; the first where that line is an event, or half of one."""
    try:
        told = json.loads(line)
    except ValueError:
        return FORMAT
    found = told.get("format", FORMAT) if isinstance(told, dict) else FORMAT
    return found if isinstance(found, int) else FORMAT


def _event(line: bytes) -> BotEvent | None:
    try:
        told = json.loads(line)
        labels = tuple(sorted((str(name), str(value)) for name, value in told["labels"].items()))
        return BotEvent(
            str(told["id"]), str(told["bot"]), str(told["kind"]), str(told["text"]), int(told["at"]), labels
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
