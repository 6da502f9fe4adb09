"""Labels of tier files: they come back as written, what is kept is bounded, and a question can end meanwhile."""

import sys
from pathlib import Path

import pytest

from nightdesk.errors import CorruptData, QueryTimeout
from nightdesk.model.labels import Labels
from nightdesk.store.tiers.files.label_section import LabelSection, encode_section
from nightdesk.store.tiers.files.tier_file import TierFile
from nightdesk.store.tiers.files.tier_folder import LabelSections


def _rows(series: int, day: int = 0) -> list[Labels]:
    return [Labels.of("requests_total", day=str(day), instance=f"host{row:06}", job="node") for row in range(series)]


class _File(TierFile):
    """A file that has labels alone."""

    def __init__(self, labels: bytes) -> None:
        self.path, self._labels = Path("none"), labels


@pytest.mark.parametrize("series", [0, 1, 4_096, 4_097, 9_000])
def test_labels_come_back(series: int) -> None:
    """Blocks of any number of series, in their order; pairs that series share are one object."""
    rows = _rows(series)
    section = LabelSection(encode_section(rows))
    assert section.rows == rows
    assert section.numbers(rows[-1:]).tolist() == list(range(max(0, series - 1), series))
    assert len({id(labels.pairs[0]) for labels in section.rows}) == min(1, series)


def test_sections_that_change_day_after_day_are_bounded_in_bytes() -> None:
    """However many files with labels of their own are asked, what is kept stays below the bound."""
    sections = LabelSections(most_bytes=3_000_000)
    for day in range(12):
        sections.of(_File(encode_section(_rows(2_000, day))))
        assert sections.bytes <= 3_000_000
    assert sections.bytes > 1_000_000


def test_what_is_kept_is_weighed_about_right() -> None:
    """The weight of a section is between the half and the double of what its objects take."""
    section = LabelSection(encode_section(_rows(3_000)))
    pairs = {id(pair): pair for labels in section.rows for pair in labels.pairs}
    texts = {id(text): text for pair in pairs.values() for text in pair}
    objects = [*section.rows, *(labels.pairs for labels in section.rows), *pairs.values(), *texts.values()]
    taken = sum(map(sys.getsizeof, objects))
    assert taken / 2 < section.nbytes < 3 * taken


def test_a_question_past_its_deadline_ends_between_blocks() -> None:
    """The budget is looked at before each 4,096 series, so 100,000 of them hold nobody up."""
    looks: list[int] = []

    def check() -> None:
        looks.append(1)
        if len(looks) == 3:
            raise QueryTimeout("too late")

    with pytest.raises(QueryTimeout):
        LabelSection(encode_section(_rows(20_000)), check)
    assert len(looks) == 3


def test_bent_bytes_are_damage() -> None:
    """A section cut anywhere does not decode."""
    data = encode_section(_rows(50))
    for end in range(1, len(data)):
        with pytest.raises(CorruptData):
            LabelSection(data[:end])
