"""Channels, routes and rules of the settings as the rooms below want them."""

from pathlib import Path

import pytest

from nightdesk.app.channels.configured import channels_of, router_of
from nightdesk.app.rule_groups import OF_OTHERS, rule_groups_of, thresholds_of
from nightdesk.app.settings.file import load
from nightdesk.app.settings.settings import Settings
from nightdesk.deliver.settings.channels import (
    AppriseSettings,
    ConsoleSettings,
    DesktopSettings,
    MailSettings,
    Secret,
    SmsSettings,
    WebhookSettings,
    leaves_machine,
)
from nightdesk.errors import RuleFileError, SettingsError
from nightdesk.model.alert import Severity
from nightdesk.model.rule import AlertRule, RecordingRule
from nightdesk.rules.thresholds import DEFAULTS
from nightdesk.testing.builders import an_alert

SETTINGS = """
[channels.phone]
kind = "mail"
host = "localhost"
port = 25
tls = "starttls"
user = "night"
password_file = "password"
sender = "desk@example.org"
to = ["you@example.org"]
[channels.hook]
kind = "webhook"
url = "https://example.org/hook"
token_env = "HOOK_TOKEN"
[[routes]]
severity = ["critical"]
channels = ["console", "phone"]
[thresholds.cpu_usage]
warning = 1
for = "10s"
[rules]
files = ["night.yml"]
"""


def _settings(tmp_path: Path, text: str = SETTINGS, rules: str = "groups: []\n") -> Settings:
    (tmp_path / "desk.toml").write_text(text)
    (tmp_path / "password").write_text("s3cret\n")
    (tmp_path / "night.yml").write_text(rules)
    return load(tmp_path / "desk.toml")


def test_secrets_are_read_where_the_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file loses its last newline, a token becomes a header, and no secret shows itself."""
    monkeypatch.setenv("HOOK_TOKEN", "t0ken")
    channels = channels_of(_settings(tmp_path))
    phone, hook = channels["phone"], channels["hook"]
    assert isinstance(phone, MailSettings)
    assert isinstance(hook, WebhookSettings)
    assert phone.password is not None
    assert phone.password.reveal() == "s3cret"
    assert [(name, value.reveal()) for name, value in hook.headers] == [("Authorization", "Bearer t0ken")]
    assert isinstance(channels["console"], ConsoleSettings)
    assert "s3cret" not in repr(channels)
    assert "t0ken" not in repr(channels)


def test_an_empty_secret_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the channel and where the secret was looked for."""
    monkeypatch.delenv("HOOK_TOKEN", raising=False)
    with pytest.raises(SettingsError, match="channel hook: the secret in HOOK_TOKEN is empty"):
        channels_of(_settings(tmp_path))


def test_routes_lead_where_the_settings_say(tmp_path: Path) -> None:
    """Each route adds its channels; what none takes is told why."""
    router = router_of(_settings(tmp_path))
    assert router.channels_for(an_alert("X", severity="critical")) == ("console", "phone")
    assert [severity.value for severity in router.uncovered()] == ["warning", "info"]


def test_thresholds_of_the_settings_win_over_the_usual_ones(tmp_path: Path) -> None:
    """The others stay; without collecting there are only those that are written."""
    settings = _settings(tmp_path)
    levels = {threshold.name: threshold.warning for threshold in thresholds_of(settings)}
    assert levels == {each.name: each.warning for each in DEFAULTS} | {"cpu_usage": 1}
    (tmp_path / "desk.toml").write_text("[desk]\ncollect = false\n" + SETTINGS)
    assert [threshold.name for threshold in thresholds_of(load(tmp_path / "desk.toml"))] == ["cpu_usage"]


def test_a_desk_that_does_not_collect_records_nothing(tmp_path: Path) -> None:
    """Its shipped groups about this machine only judge; those of its files are judged as they stand."""
    rules = "groups: [{name: g, rules: [{record: a, expr: b}]}]\n"
    text = "[desk]\ncollect = false\n" + SETTINGS
    groups = rule_groups_of(_settings(tmp_path, text, rules))
    of_here = [group for group in groups if group.file.startswith("rulebook/") and group.name not in OF_OTHERS]
    shipped = [rule for group in of_here for rule in group.rules]
    assert shipped
    assert all(isinstance(rule, AlertRule) for rule in shipped)
    own = [rule for group in groups if group.file.endswith("night.yml") for rule in group.rules]
    assert [type(rule) for rule in own] == [RecordingRule]


def test_a_rule_file_at_fault_is_named(tmp_path: Path) -> None:
    """With its line."""
    with pytest.raises(RuleFileError, match=r"night\.yml:1"):
        rule_groups_of(_settings(tmp_path, rules="groups: [{name: g, rules: [{record: a, expr: 'b('}]}]\n"))


SERVICES = """
[channels.phone]
kind = "sms"
url_file = "gateway"
[channels.chat]
kind = "apprise"
url_env = "CHAT_URL"
[channels.screen]
kind = "desktop"
[[routes]]
channels = ["console", "screen", "phone", "chat"]
"""


def _services(tmp_path: Path, gateway: str = "seven://c4nary-key/15551234567\n", text: str = SERVICES) -> Settings:
    (tmp_path / "desk.toml").write_text(text)
    (tmp_path / "gateway").write_text(gateway)
    return load(tmp_path / "desk.toml")


def test_services_take_their_url_from_where_secrets_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a file or a variable; neither shows itself, and console and desktop are the two that stay here."""
    monkeypatch.setenv("CHAT_URL", "tgram://c4nary/1")
    settings = _services(tmp_path)
    channels = channels_of(settings)
    assert channels["phone"] == SmsSettings(Secret("seven://c4nary-key/15551234567"))
    assert channels["chat"] == AppriseSettings(Secret("tgram://c4nary/1"))
    assert channels["screen"] == DesktopSettings()
    assert "c4nary" not in repr(channels)
    assert router_of(settings).away(Severity.CRITICAL) == ("phone", "chat")
    assert [leaves_machine(each) for each in channels.values()] == [False, True, True, False]


@pytest.mark.parametrize(
    ("gateway", "said"),
    [
        ("json://c4nary.example.org/", 'json:// is no SMS gateway: for another service write kind = "apprise"'),
        ("dbus://c4nary", "dbus:// is no SMS gateway"),
        ("c4nary", "does not begin with a gateway's schema"),
        ("\n", "is empty"),
    ],
)
def test_what_is_no_gateway_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gateway: str, said: str
) -> None:
    """Before the first alert, with what would be right, and without the URL."""
    monkeypatch.setenv("CHAT_URL", "tgram://c4nary/1")
    with pytest.raises(SettingsError) as refused:
        channels_of(_services(tmp_path, gateway))
    assert said in str(refused.value)
    assert "c4nary" not in str(refused.value)


@pytest.mark.parametrize("url", ["dbus://c4nary", "syslog://", "file:///tmp/c4nary", "GNOME://c4nary"])
def test_a_service_that_stays_on_this_machine_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """A channel by apprise is meant to leave it; for the desktop there is a kind of its own."""
    monkeypatch.setenv("CHAT_URL", url)
    with pytest.raises(SettingsError, match=r"channel chat: .* would not leave this machine") as refused:
        channels_of(_services(tmp_path))
    assert "c4nary" not in str(refused.value)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('kind = "sms"\nurl = "seven://c4nary-key/1"', r'desk\.toml:3: unknown setting "url"'),
        ('kind = "sms"', "a channel of kind sms needs exactly one of url_file, url_env"),
        ('kind = "apprise"\nurl_file = "a"\nurl_env = "B"', "a channel of kind apprise needs exactly one of"),
        ('kind = "desktop"\naddress = "unix:path=/x"', 'unknown setting "address"'),
    ],
)
def test_no_url_stands_in_the_settings(tmp_path: Path, table: str, said: str) -> None:
    """The sentence says what would be right and never repeats a secret; a desktop takes no address."""
    with pytest.raises(SettingsError, match=said) as refused:
        _services(tmp_path, text=f"[channels.phone]\n{table}\n")
    assert "c4nary" not in str(refused.value)
