"""Settings of what is kept: bytes in all, and classes of series that go sooner than the rest."""

import re
from collections.abc import Iterator
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from nightdesk.app.settings.kinds import Duration, Section, at_least
from nightdesk.errors import Refused
from nightdesk.model.instant import HOUR, format_duration

_UNITS: Final[dict[str, int]] = {
    unit: base**power
    for base, units in ((1000, ("kB", "MB", "GB", "TB")), (1024, ("KiB", "MiB", "GiB", "TiB")))
    for power, unit in enumerate(units, 1)
} | {"B": 1}
_MOST_INSTRUCTIONS: Final = 10_000
"""Of the regular expressions of a class: every series is tried with it while samples are sealed."""
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?([kKMGT]i?B|B)")
_NUMBER: Final = re.compile(r"\d+(\.\d+)?")
_LEAST_BYTES: Final = 256 * 2**20
"""The journal and two days of a small desk."""


def _bytes(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError('write a size in quotes, e.g. "20GiB" or "500MB"')  # noqa: TRY004 - pydantic's kind of finding
    found = _SIZE.fullmatch(value)
    unit = _UNITS.get(found.group(2)) if found is not None else None
    if found is None or unit is None:
        if _NUMBER.fullmatch(value):
            raise ValueError(f'"{value}" lacks its unit; write e.g. "20GiB" or "500MB", or leave it out for no bound')
        raise ValueError(f'"{value}" is no size; write e.g. "20GiB" or "500MB": units are {", ".join(_UNITS)}')
    return int(float(found.group(1)) * unit)


def _enough(value: int) -> int:
    if value < _LEAST_BYTES:
        raise ValueError('is too little to keep anything in; write "256MiB" or more')
    return value


def _selector(value: str) -> str:
    from nightdesk.app.selectors import selector_of
    from nightdesk.model.regex import instructions_of

    try:
        instructions = instructions_of(selector_of(value))
    except Refused as error:
        raise ValueError(str(error)) from error
    if instructions > _MOST_INSTRUCTIONS:
        raise ValueError(
            f"has regular expressions of {instructions} instructions, at most {_MOST_INSTRUCTIONS} are taken"
        )
    return value


class RetentionClassSettings(Section):
    """Series that are kept for a shorter time, under `[[retention.classes]]`; the first that matches holds."""

    match: Annotated[str, AfterValidator(_selector)] = Field(
        description="Which series, as a selector of PromQL.", examples=['{job="sim"}']
    )
    keep: Annotated[Duration, at_least(HOUR)] = Field(
        description="How long their samples are kept; at most `desk.retention`.", examples=["7d"]
    )


class RetentionSettings(Section):
    """What is kept, beside the time that `desk.retention` gives."""

    bytes: Annotated[int, BeforeValidator(_bytes), AfterValidator(_enough)] | None = Field(
        default=None,
        description="The most that samples take on the disk, as `20GiB`; beyond it the oldest days go. Without it no"
        " bound.",
        examples=["20GiB"],
    )
    classes: list[RetentionClassSettings] = Field(
        default_factory=list, description="Series that are kept for a shorter time, one table a class."
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        seen: set[str] = set()
        for each in self.classes:
            if each.match in seen:
                raise ValueError(f"two classes match {each.match}: the first one holds, take the other out")
            seen.add(each.match)
        return self


def longer_classes(retention: RetentionSettings, longest_ms: int) -> Iterator[tuple[int, str]]:
    """Yield the position of each class that would keep samples longer than everything is kept, and a sentence."""
    for position, each in enumerate(retention.classes):
        if each.keep > longest_ms:
            yield position, _longer(each, longest_ms)


def _longer(each: RetentionClassSettings, longest_ms: int) -> str:
    return (
        f"the class {each.match} keeps {format_duration(each.keep)}, and desk.retention is"
        f" {format_duration(longest_ms)}: a class can only keep less, so make desk.retention longer"
    )
