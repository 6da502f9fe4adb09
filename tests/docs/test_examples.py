"""Every example of the documentation works as it stands."""

from pathlib import Path

import pytest

from nightdesk.app.check import check_files
from nightdesk.app.rule_groups import rule_groups_of
from nightdesk.app.settings.file import load

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path for path in (ROOT / "docs" / "examples").iterdir() if path.is_file() and path.suffix != ".py")
"""Settings and rules; each program among the examples is run by the test of what it shows."""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_every_example_passes_check(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `nightdesk check` says of an example is at most a warning; rule tests among them are run and pass."""
    monkeypatch.setenv("NIGHTDESK_MAIL_PASSWORD", "not empty")
    assert [str(finding) for finding in check_files([example]) if finding.is_error] == []


def test_the_whole_example_is_a_desk() -> None:
    """The settings of the example yield its thresholds, targets, rules and routes."""
    settings = load(ROOT / "docs" / "examples" / "desk.toml")
    names = {rule.name for group in rule_groups_of(settings) for rule in group.rules}
    assert {"BotSilent", "OrdersRejected"} <= names
    assert [scrape.job for scrape in settings.scrape] == ["bot"]
    assert settings.routes[-1].channels == ["phone"]


def test_settings_in_the_readme_are_valid(tmp_path: Path) -> None:
    """The TOML that the README shows can be pasted, one block after the other into one file."""
    text = (ROOT / "README.md").read_text()
    blocks = [rest.split("```", 1)[0] for rest in text.split("```toml\n")[1:]]
    file = tmp_path / "nightdesk.toml"
    file.write_text("\n".join(line.removeprefix("   ") for block in blocks for line in block.splitlines()))
    settings = load(file)
    assert settings.channels.keys() == {"phone"}
    assert [probe.name for probe in settings.probes] == ["broker"]
