"""Settings of retention: sizes as people write them, classes that only shorten, and what is said of the others."""

from pathlib import Path

import pytest

from nightdesk.app.keeping.retention import retention_of
from nightdesk.app.settings.file import lint, load
from nightdesk.model.instant import DAY


def complaint(folder: Path, text: str) -> str:
    """Return the findings of a text."""
    file = folder / "nightdesk.toml"
    file.write_text(text)
    _, findings = lint(file)
    return "\n".join(map(str, findings))


def test_sizes_and_classes_are_read(tmp_path: Path) -> None:
    """Bytes in either kind of unit; selectors become matchers in the order written."""
    file = tmp_path / "nightdesk.toml"
    file.write_text(
        """
        [retention]
        bytes = "20GiB"
        [[retention.classes]]
        match = '{job="sim"}'
        keep = "7d"
        [[retention.classes]]
        match = 'probe_success'
        keep = "1d"
        """
    )
    retention = retention_of(load(file).retention)
    assert retention.bytes == 20 * 2**30
    assert [(str(each.selector[0]), each.keep_ms) for each in retention.classes] == [
        ('job="sim"', 7 * DAY),
        ('__name__="probe_success"', DAY),
    ]


@pytest.mark.parametrize(
    ("size", "bytes_"), [("1GB", 10**9), ("1.5 GiB", 3 * 2**29), ("512MiB", 2**29), ("300000000B", 300_000_000)]
)
def test_sizes_are_written_in_several_units(tmp_path: Path, size: str, bytes_: int) -> None:
    """Decimal and binary units, with a fraction and a blank."""
    file = tmp_path / "nightdesk.toml"
    file.write_text(f'[retention]\nbytes = "{size}"\n')
    assert load(file).retention.bytes == bytes_


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[retention]\nbytes = 20", 'write a size in quotes, e.g. "20GiB"'),
        ('[retention]\nbytes = "20 Gigs"', '"20 Gigs" is no size; write e.g. "20GiB"'),
        ('[retention]\nbytes = "20"', 'nightdesk.toml:2: bytes: "20" lacks its unit; write e.g. "20GiB"'),
        ('[retention]\nbytes = "0"', "leave it out for no bound"),
        ('[retention]\nbytes = "1MiB"', 'write "256MiB" or more'),
        (
            "[[retention.classes]]\nmatch = 'rate(x[5m])'\nkeep = \"1d\"",
            "is not a selector: 1:5: parse error: unexpected",
        ),
        ("[[retention.classes]]\nmatch = '{job='\nkeep = \"1d\"", "is not a selector"),
        ('[[retention.classes]]\nmatch = \'{job=~"("}\'\nkeep = "1d"', "is not a selector"),
        (
            '[[retention.classes]]\nmatch = \'{job=~".{1000}.{1000}.{1000}"}\'\nkeep = "1d"',
            "at most 10000 are taken",
        ),
        ("[[retention.classes]]\nmatch = 'up'\nkeep = \"40d\"", "toml:3: the class up keeps 40d"),
        ("[[retention.classes]]\nmatch = 'up'\nkeep = \"5m\"", "too short"),
        (
            "[[retention.classes]]\nmatch = 'up'\nkeep = \"1d\"\n[[retention.classes]]\nmatch = 'up'\nkeep = \"2d\"",
            "the first one holds",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    """Each fault says what would be right."""
    assert said in complaint(tmp_path, text)
