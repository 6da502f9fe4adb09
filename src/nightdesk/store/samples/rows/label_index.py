"""The labels of a file that never changes, read and checked once and then kept: names, values, postings."""

from collections.abc import Iterable
from pathlib import Path

from nightdesk.model.series import Refs
from nightdesk.store.samples.label_bytes import to_text
from nightdesk.store.samples.matching import union
from nightdesk.store.samples.rows.format import decode_ids, sound_label
from nightdesk.store.sqlite import Row


class LabelIndex:
    """Answers what the label table would. Never changes, so any thread may ask."""

    def __init__(self, file: Path, rows: Iterable[Row]) -> None:
        """Take all rows (id, name, value, series, crc) of `label`. Raises CorruptData where one fails its check."""
        self._postings: dict[str, dict[str, Refs]] = {}
        self._pairs: dict[int, tuple[str, str]] = {}
        for row in rows:
            label, name, value, series, _ = sound_label(file, row)
            pair = (to_text(name), to_text(value))
            self._pairs[label] = pair
            self._postings.setdefault(pair[0], {})[pair[1]] = decode_ids(series)

    def names(self) -> list[str]:
        """Return all label names, sorted."""
        return sorted(self._postings)

    def values(self, name: str) -> list[str]:
        """Return the values that a label has."""
        return list(self._postings.get(name, ()))

    def with_values(self, name: str, values: Iterable[str]) -> Refs:
        """Return the ids of the series whose label has one of the values, sorted."""
        postings = self._postings.get(name, {})
        return union([postings[value] for value in values if value in postings])

    def pair(self, label: int) -> tuple[str, str] | None:
        """Return name and value of a label, None where there is no such one."""
        return self._pairs.get(label)
