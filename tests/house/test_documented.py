"""What a person can set, type, meet or graph is in the documentation, or the build fails."""

import re
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from nightdesk import errors
from nightdesk.api.refusals import STATUSES
from nightdesk.app.figures.catalogue import METRICS
from nightdesk.app.measuring.vitals import CATALOGUE
from nightdesk.app.settings.accelerators import AcceleratorSettings
from nightdesk.app.settings.accounts import AccountSettings, TradeSourceSettings
from nightdesk.app.settings.channels import (
    AppriseChannel,
    ConsoleChannel,
    DesktopChannel,
    MailChannel,
    SmsChannel,
    WebhookChannel,
)
from nightdesk.app.settings.client import ClientSettings
from nightdesk.app.settings.connections import ConnectionSettings
from nightdesk.app.settings.http_logs import HttpLogSettings
from nightdesk.app.settings.kinds import Section
from nightdesk.app.settings.probes import PROBE_KINDS, ProbeSettings
from nightdesk.app.settings.retention import RetentionClassSettings, RetentionSettings
from nightdesk.app.settings.settings import (
    DeskSettings,
    LimitSettings,
    RouteSettings,
    RuleSettings,
    ScrapeSettings,
    ThresholdSettings,
)
from nightdesk.app.settings.tiers import TierSettings
from nightdesk.cli.exits import MEANINGS
from nightdesk.cli.main import app
from nightdesk.model.direction import Direction
from nightdesk.model.instant import format_duration
from nightdesk.rules.thresholds import DEFAULTS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SECTIONS: dict[str, type[Section]] = {
    "## `[desk]`": DeskSettings,
    "## `[limits]`": LimitSettings,
    "## `[retention]`": RetentionSettings,
    "## `[tiers]`": TierSettings,
    "### `[[retention.classes]]`": RetentionClassSettings,
    "## `[thresholds.NAME]`": ThresholdSettings,
    "## `[[scrape]]`": ScrapeSettings,
    "## `[[probes]]`": ProbeSettings,
    **{f'### `kind = "{kind}"`': settings for kind, settings in PROBE_KINDS.items()},
    "## `[connections]`": ConnectionSettings,
    "## `[[http_logs]]`": HttpLogSettings,
    "## `[accelerators]`": AcceleratorSettings,
    "## `[client]`": ClientSettings,
    "## `[accounts.NAME]`": AccountSettings,
    "## `[[trades]]`": TradeSourceSettings,
    "## `[rules]`": RuleSettings,
    '### `kind = "console"`': ConsoleChannel,
    '### `kind = "mail"`': MailChannel,
    '### `kind = "webhook"`': WebhookChannel,
    '### `kind = "desktop"`': DesktopChannel,
    '### `kind = "sms"`': SmsChannel,
    '### `kind = "apprise"`': AppriseChannel,
    "## `[[routes]]`": RouteSettings,
}


def section(page: str, heading: str) -> str:
    """Return the text of a page below a heading, up to the next one of any level."""
    text = (DOCS / page).read_text()
    assert f"\n{heading}\n" in text, f"docs/{page} has no section {heading}"
    return re.split(r"(?m)^#+ ", text.split(f"\n{heading}\n", 1)[1])[0]


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_setting_is_documented(heading: str) -> None:
    """Each setting has its row, with the same sentence as in the code, and no row is left over."""
    text = section("settings.md", heading)
    kind = SECTIONS[heading]
    # What all kinds of one table have stands once, above them.
    shared = {name for base in kind.__bases__ if base is not Section for name in base.model_fields}  # type: ignore[attr-defined] # a base of a section is one
    fields = {field.alias or name: field for name, field in kind.model_fields.items() if name not in shared}
    missing = [
        name
        for name, field in fields.items()
        if not any(
            line.startswith(f"| `{name}` |") and f"| {field.description} |" in line for line in text.splitlines()
        )
    ]
    assert missing == []
    assert set(re.findall(r"(?m)^\| `(\w+)` \|", text)) == set(fields)


def test_every_table_of_settings_is_looked_at() -> None:
    """The tests above know every section that there is."""
    known = {each for each in Section.__subclasses__() if each.__module__.startswith("nightdesk.")}
    assert {each.__name__ for each in known} - {each.__name__ for each in SECTIONS.values()} == {"Settings"}


@pytest.mark.parametrize("command", sorted(get_command(app).commands))  # type: ignore[attr-defined] # it is a group
def test_every_command_and_option_is_documented(command: str) -> None:
    """Each command has its section, with every argument and option in it."""
    text = section("commands.md", f"## `nightdesk {command}`")
    parameters = get_command(app).commands[command].params  # type: ignore[attr-defined] # it is a group
    words = [
        next(name for name in parameter.opts if name.startswith("--"))
        if parameter.param_type_name == "option"
        else str(parameter.metavar).strip("[].").rstrip("]")
        for parameter in parameters
    ]
    assert [word for word in words if f"`{word}" not in text and word != "--help"] == []


def test_every_exit_code_is_documented() -> None:
    """The table of exit codes is the one in the code."""
    rows = re.findall(r"(?m)^\| (\d+) \| (.*) \|$", section("commands.md", "## Exit codes"))
    assert {int(code): meaning for code, meaning in rows} == MEANINGS


def test_every_error_is_documented_with_its_status() -> None:
    """Each error class has its row, and the HTTP status there is the one the API answers with."""
    rows = re.findall(r"(?m)^\| `(\w+)` \| (\S+) \| (\S.*) \|$", (DOCS / "errors.md").read_text())
    classes = {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.NightdeskError)
    }
    assert {name for name, *_ in rows} == set(classes)
    for name, written, _ in rows:
        status = next(status for kind, status, _ in STATUSES if issubclass(classes[name], kind))
        assert written in ("-", str(status)), f"{name}: documented {written}, answered {status}"


def test_every_own_metric_is_documented() -> None:
    """Each metric of the desk has its row, with the type and the sentence of the code, and no row is left over."""
    rows = re.findall(r"(?m)^\| `(nightdesk_\w+)` \| (\w+) \| (.*) \|$", (DOCS / "metrics.md").read_text())
    assert sorted(rows) == sorted((each.name, each.type.value, each.help) for each in METRICS.values())


def test_every_own_metric_in_the_code_is_in_its_table() -> None:
    """No `nightdesk_` metric is made anywhere that the table does not know."""
    source = "".join(path.read_text() for path in (ROOT / "src" / "nightdesk").rglob("*.py"))
    assert set(re.findall(r'(?:Figure|Metadata)\(\s*"(nightdesk_\w+)"', source)) == set(METRICS)


def test_every_vital_is_documented() -> None:
    """The table of vitals has the ten with the unit, the definition, the parts and the levels of the code."""
    rows = re.findall(r"(?m)^\| `(\w+)` \| (\w+) \| (.*) \| (.*) \| (.*) \|$", (DOCS / "vitals.md").read_text())
    levels = {each.name: each for each in DEFAULTS}
    expected = []
    for kind in CATALOGUE:
        level, written = levels.get(kind.name), "none"
        if level is not None:
            sign = "<" if level.direction is Direction.BELOW else ">"
            written = f"{sign} {level.warning:g} / {level.critical:g} for {format_duration(level.for_)}"
        expected.append((kind.name, kind.unit, kind.definition, f"`{kind.parts}`" if kind.parts else "none", written))
    assert [tuple(cell.strip() for cell in row) for row in rows] == expected


def test_every_page_is_listed() -> None:
    """docs/index.md leads to every page."""
    index = (DOCS / "index.md").read_text()
    assert [page.name for page in DOCS.glob("*.md") if page.name != "index.md" and f"({page.name})" not in index] == []


def test_every_link_leads_somewhere() -> None:
    """A relative link in README, CONTRIBUTING or docs names a file that is there."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")]
    dead = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / link).exists()
    ]
    assert dead == []


def test_the_command_line_is_a_group() -> None:
    """The tests above see every command."""
    assert isinstance(app, typer.Typer)
    assert len(app.registered_commands) >= 8
