"""Settings of tiers: what contradicts itself is told with what would be right, at its line."""

from pathlib import Path

import pytest

from nightdesk.app.keeping.retention import retention_of
from nightdesk.app.keeping.tiers import keep_tiers
from nightdesk.app.settings.file import lint, load
from nightdesk.model.instant import DAY


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[tiers]\nfive_minutes = "1h"', "toml:2: five_minutes is 1h, and a day's buckets are made 1w after it"),
        ('[tiers]\nafter = "20d"\nfive_minutes = "20d"', "toml:3: five_minutes is 20d"),
        ('[tiers]\nfive_minutes = "1y"\none_hour = "90d"', "toml:3: one_hour is 90d, and five_minutes is 1y"),
        ('[tiers]\nfive_minutes = "0s"\none_hour = "1y"', 'toml:2: five_minutes = "0s" keeps no tier'),
        ('[desk]\nretention = "30d"\n[tiers]\nafter = "60d"', "toml:4: after is 60d, and desk.retention removes"),
    ],
)
def test_what_contradicts_itself_is_said(tmp_path: Path, text: str, said: str) -> None:
    """Each fault is one sentence at the line of its setting."""
    file = tmp_path / "nightdesk.toml"
    file.write_text(text)
    _, remarks = lint(file)
    (told,) = map(str, remarks)
    assert said in told


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[tiers]\nfive_minutes = "0s"',
        '[tiers]\nfive_minutes = "0s"\none_hour = "0s"',
        '[tiers]\none_hour = "0s"',
        '[tiers]\nfive_minutes = "90d"',
        '[desk]\nretention = "2d"',
        '[desk]\nretention = "100y"',
    ],
)
def test_what_makes_sense_is_taken(tmp_path: Path, text: str) -> None:
    """A tier switched off, and an `after` that nobody wrote beside a short retention, contradict nothing."""
    file = tmp_path / "nightdesk.toml"
    file.write_text(text)
    assert lint(file)[1] == []


@pytest.mark.parametrize(
    "text",
    ['[desk]\nretention = "2d"', '[[retention.classes]]\nmatch = \'{job="sim"}\'\nkeep = "2d"'],
)
def test_samples_that_go_early_make_tiers_sooner(tmp_path: Path, text: str) -> None:
    """Where `after` is left out, days are rolled up before their samples go, all of them or those of a class."""
    file = tmp_path / "nightdesk.toml"
    file.write_text(text)
    settings = load(file)
    assert keep_tiers(settings.tiers, settings.desk.retention, retention_of(settings.retention)).after == 2 * DAY
