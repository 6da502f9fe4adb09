"""`check` finds what would not work, and what would let an alert vanish."""

from pathlib import Path

import pytest

from nightdesk.app.check import check_files

PROMETHEUS = """
groups:
  - name: bot
    rules:
      - alert: BotDown
        expr: up{job="bot"} == 0
        for: 5m
"""
OURS = """
desk_rules:
  - name: BotSilent
    expr: bot_beat_age_seconds
    critical: "> 60"
    summary: the bot is silent
"""


def findings_of(folder: Path, **files: str) -> list[tuple[str, int, bool, str]]:
    """Write files (`name__ext`), check the first, and return its findings."""
    paths = []
    for name, text in files.items():
        path = folder / name.replace("__", ".")
        path.write_text(text)
        paths.append(path)
    return [(Path(found.file).name, found.line, found.is_error, found.message) for found in check_files(paths[:1])]


def test_a_rule_that_absence_resolves_is_pointed_out(tmp_path: Path) -> None:
    """In Prometheus' form a vanished series resolves its alert: a warning at the rule's line, not an error."""
    ((file, line, is_error, message),) = findings_of(tmp_path, rules__yml=PROMETHEUS)
    assert (file, line, is_error) == ("rules.yml", 5, False)
    assert "BotDown would resolve when its series vanish" in message


def test_a_severity_of_no_meaning_is_pointed_out(tmp_path: Path) -> None:
    """A word that is read as a warning, whatever was meant by it, is named with its rule's line."""
    text = PROMETHEUS + "        labels: {severity: high}\n"
    found = [(line, message) for _, line, is_error, message in findings_of(tmp_path, r__yml=text) if not is_error]
    assert (5, "alert BotDown: severity 'high' is read as warning; known: info, warning, critical, page") in found
    for known in ("page", "Critical", '"{{ $labels.severity }}"'):
        assert len(findings_of(tmp_path, r__yml=text.replace("high", known))) == 1


@pytest.mark.parametrize("text", ["{{ $labels.x ", "{{ nofunc $labels.x }}", "{{ if $value }}x"])
def test_a_template_that_promtool_refuses_is_an_error(tmp_path: Path, text: str) -> None:
    """A text that Prometheus could not read either is an error at its own line, also within a text of many lines."""
    rules = PROMETHEUS + f"        annotations:\n          text: |\n            first\n            {text}\n"
    ((_, line, is_error, message),) = findings_of(tmp_path, rules__yml=rules)
    assert (line, is_error) == (11, True)
    assert message.startswith("annotation text: ")


def test_a_template_that_will_fail_is_pointed_out(tmp_path: Path) -> None:
    """A severity that can be read and never filled in is a warning, which says how loud the alert will be."""
    text = PROMETHEUS + "        labels: {severity: '{{ if gt $value 90 }}critical{{ end }}'}\n"
    messages = [message for _, _, is_error, message in findings_of(tmp_path, r__yml=text) if not is_error]
    assert any("and the alert will be critical: gt of $value and a whole number" in message for message in messages)


def test_our_own_form_holds_and_needs_no_warning(tmp_path: Path) -> None:
    """A rule that holds on absence is fine as it is."""
    assert findings_of(tmp_path, rules__yml=OURS) == []


def test_rule_files_of_the_settings_are_checked_too(tmp_path: Path) -> None:
    """One command checks the settings and every rule file they name."""
    broken = PROMETHEUS.replace("== 0", "== (")
    found = findings_of(tmp_path, desk__toml='[rules]\nfiles = ["*.yml"]\n', rules__yml=broken)
    assert [(file, is_error) for file, _, is_error, _ in found] == [("rules.yml", True)]
    assert found[0][1] in (5, 6)


def test_a_rule_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A file named outright must be there; a pattern may match nothing."""
    ((file, _, is_error, _),) = findings_of(tmp_path, desk__toml='[rules]\nfiles = ["gone.yml", "*.nothing"]\n')
    assert (file, is_error) == ("gone.yml", True)


def test_unsafe_settings_are_an_error(tmp_path: Path) -> None:
    """What `up` would refuse, `check` reports."""
    found = findings_of(tmp_path, desk__toml='[desk]\nbind = "0.0.0.0"\n')
    assert ["would send the token in the clear" in message for *_, message in found] == [True]


def test_a_channel_whose_url_cannot_work_is_an_error(tmp_path: Path) -> None:
    """Found before the desk starts, in the file that names it, without the URL itself."""
    (tmp_path / "gateway").write_text("dbus://c4nary")
    (tmp_path / "gateway").chmod(0o600)
    ((file, _, is_error, message),) = findings_of(
        tmp_path, desk__toml='[channels.phone]\nkind = "sms"\nurl_file = "gateway"\n'
    )
    assert (file, is_error) == ("desk.toml", True)
    assert "channel phone: dbus:// is no SMS gateway" in message
    assert "c4nary" not in message


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('kind = "apprise"\nurl_env = "CHECKED_URL"', "apprise knows no service"),
        ('kind = "webhook"\nurl = "https://user:c4nary@example.org/hook"', "user"),
        ('kind = "webhook"\nurl = "https://example.org/"\nheaders = { X-Desk = "a\\r\\nb" }', "header"),
        ('kind = "webhook"\nurl = "http://169.254.169.254/latest"', "169.254.169.254"),
    ],
)
def test_a_channel_that_no_message_can_take_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, said: str
) -> None:
    """Told before the desk starts, not by the first alert at night."""
    monkeypatch.setenv("CHECKED_URL", "exec://c4nary")
    found = findings_of(tmp_path, desk__toml=f"[channels.phone]\n{table}\n")
    assert [is_error for _, _, is_error, _ in found] == [True]
    assert said in found[0][3]
    assert "c4nary" not in found[0][3]


def test_a_file_of_no_known_kind_is_an_error(tmp_path: Path) -> None:
    """A mistyped name is not taken for a clean file."""
    ((_, _, is_error, message),) = findings_of(tmp_path, notes__txt="")
    assert is_error
    assert "neither settings" in message


TEST = """
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {series: 'up{job="bot"}', values: '1 0x20'}
    alert_rule_test:
      - eval_time: 10m
        alertname: BotDown
        exp_alerts:
          - exp_labels: {job: JOB}
"""


def test_rule_tests_are_run(tmp_path: Path) -> None:
    """The test beside a rule file runs with it: it passes in silence, and a case that fails is an error at its line."""
    right = findings_of(tmp_path, rules__yml=PROMETHEUS, rules__test__yml=TEST.replace("JOB", "bot"))
    assert [is_error for _, _, is_error, _ in right] == [False]
    wrong = findings_of(tmp_path, rules__yml=PROMETHEUS, rules__test__yml=TEST.replace("JOB", "other"))
    assert [(file, line > 0) for file, line, is_error, _ in wrong if is_error] == [("rules.test.yml", True)]


def test_a_rule_test_of_a_missing_file_is_named(tmp_path: Path) -> None:
    """A test file that names rules that are not there says which."""
    ((file, _, is_error, _),) = findings_of(tmp_path, alone__yml=TEST)
    assert (file, is_error) == ("rules.yml", True)


TWIN = """
groups:
  - name: mine
    rules:
      - {alert: TargetDown, expr: up == 0, for: 5m, labels: {severity: warning}}
"""


def test_rules_that_people_cannot_tell_apart_are_pointed_out(tmp_path: Path) -> None:
    """A rule with name and labels of another file's, or of a shipped one, is a warning at its line."""
    own = TWIN.replace("TargetDown", "Own")
    for name, text in (("a", own), ("b", own.replace("5m", "1m")), ("c", TWIN)):
        (tmp_path / f"{name}.yml").write_text(text)
    found = findings_of(tmp_path, desk__toml='[rules]\nfiles = ["[a-c].yml"]\n')
    twins = [(file, line, is_error) for file, line, is_error, message in found if "name and labels of" in message]
    assert twins == [("b.yml", 5, False), ("c.yml", 5, False)]
    found = findings_of(tmp_path, desk__toml='[rules]\nshipped = false\nfiles = ["c.yml"]\n')
    assert not [message for *_, message in found if "name and labels of" in message]
    assert [message for *_, message in findings_of(tmp_path, c__yml=TWIN) if "rulebook/desk.yml" in message]


def test_a_pattern_that_matches_nothing_is_pointed_out(tmp_path: Path) -> None:
    """Rules that vanished with their folder are a warning, a file that is named outright and missing an error."""
    ((_, _, is_error, message),) = findings_of(tmp_path, desk__toml='[rules]\nfiles = ["rules.d/*.yml"]\n')
    assert not is_error
    assert "matches no file" in message
    ((_, _, is_error, message),) = findings_of(tmp_path, desk__toml='[rules]\nfiles = ["rules.yml"]\n')
    assert is_error
    assert "no such rule file" in message
