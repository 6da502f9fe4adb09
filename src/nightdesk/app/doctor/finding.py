"""What an examination looks at and what it says: the words of `nightdesk doctor`."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from nightdesk.app.settings.settings import Settings


class Finding(Enum):
    """How a part was found, in rising order of concern."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found about one part, in a sentence that says what would be right."""

    part: str
    finding: Finding
    text: str


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined: a data folder, and the settings a desk on it would run with."""

    data: Path
    settings: Settings


Found = Iterator[tuple[Finding, str]]
