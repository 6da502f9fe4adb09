"""Each section of the settings is known to who complains: a mistyped key is placed, and told what is known there."""

from pathlib import Path
from typing import Final

import pytest

from nightdesk.app.settings.file import lint
from nightdesk.app.settings.outline import names
from nightdesk.app.settings.settings import Settings

HEADERS: Final = {
    "desk": ["[desk]"],
    "limits": ["[limits]"],
    "retention": ["[retention]", "[[retention.classes]]"],
    "thresholds": ["[thresholds.cpu_usage]"],
    "scrape": ["[[scrape]]"],
    "accounts": ["[accounts.main]"],
    "trades": ["[[trades]]"],
    "probes": [f'[[probes]]\nkind = "{kind}"' for kind in ("http", "postgresql", "sqlite", "redis")],
    "connections": ["[connections]"],
    "http_logs": ["[[http_logs]]"],
    "accelerators": ["[accelerators]"],
    "client": ["[client]"],
    "rules": ["[rules]"],
    "tiers": ["[tiers]"],
    "channels": [
        f'[channels.phone]\nkind = "{kind}"' for kind in ("console", "desktop", "mail", "webhook", "sms", "apprise")
    ],
    "routes": ["[[routes]]"],
}
"""How each section begins in a file."""
KNOWN: Final = {
    "[retention]": "bytes, classes",
    "[[retention.classes]]": "keep, match",
    "[tiers]": "after, five_minutes, one_hour",
    "[client]": "socket",
    "[[scrape]]": "interval, job, labels, metrics_path, sample_limit, targets, timeout",
    "[rules]": "files, shipped",
}


def unknown(folder: Path, text: str) -> list[str]:
    """Return what is said of keys that are not known."""
    file = folder / "nightdesk.toml"
    file.write_text(text)
    return [str(each).removeprefix(str(file)) for each in lint(file)[1] if "unknown setting" in each.message]


def test_every_section_is_tried() -> None:
    """A section that is added here, too, is one whose mistakes are told."""
    assert set(HEADERS) == set(Settings.model_fields)


@pytest.mark.parametrize("header", [header for headers in HEADERS.values() for header in headers])
def test_a_mistyped_key_is_placed_in_its_own_section(tmp_path: Path, header: str) -> None:
    """File and line of the key, and the keys of that section: never those of the whole file."""
    line = header.count("\n") + 2
    (said,) = unknown(tmp_path, f"{header}\nqqqq = 1\n")
    assert said.startswith(f':{line}: unknown setting "qqqq"; known here: ')
    known = said.partition("known here: ")[2]
    assert known == KNOWN.get(header, known)
    assert known.split(", ") != sorted(names(Settings))


def test_a_key_at_the_top_is_led_home(tmp_path: Path) -> None:
    """A key of any plain table that stands above all tables is told where it belongs."""
    file = tmp_path / "nightdesk.toml"
    file.write_text('five_minutes = "1y"\n')
    assert [each.message for each in lint(file)[1]] == ['"five_minutes" belongs under [tiers]']
