"""Which rule files the settings mean: patterns become files, in a stable order."""

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path

from nightdesk.errors import SettingsError


def find_rule_files(patterns: Sequence[Path]) -> list[Path]:
    """Return the files that the patterns of `[rules] files` name, sorted within each pattern, each once.

    A pattern with `*`, `?` or `[` may match nothing; a plain path must be there.

    Raises:
        SettingsError: a file that is named outright is missing.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        if glob.has_magic(str(pattern)):
            found |= dict.fromkeys(sorted(_matching(pattern)))
        elif pattern.is_file():
            found[pattern] = None
        else:
            raise SettingsError("there is no such rule file; correct [rules] files", file=str(pattern))
    return list(found)


def unmatched(patterns: Sequence[Path]) -> list[Path]:
    """Return the patterns with `*`, `?` or `[` that match no file: nothing is judged for them."""
    return [pattern for pattern in patterns if glob.has_magic(str(pattern)) and not any(_matching(pattern))]


def _matching(pattern: Path) -> Iterator[Path]:
    """Yield the files that match a pattern; `**` goes down folders."""
    whole = pattern.absolute()
    return (path for path in Path(whole.anchor).glob(str(whole.relative_to(whole.anchor))) if path.is_file())
