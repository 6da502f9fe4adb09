"""Settings: defaults, durations, paths, and what each table refuses."""

from pathlib import Path

import pytest

from nightdesk.app.settings.file import lint, load
from nightdesk.app.settings.settings import Settings
from nightdesk.errors import SettingsError
from nightdesk.model.instant import DAY, MINUTE, SECOND, YEAR


def write(folder: Path, text: str) -> Path:
    """Write a settings file."""
    file = folder / "nightdesk.toml"
    file.write_text(text)
    return file


def complaint(folder: Path, text: str) -> str:
    """Return the findings of a text as a person reads them, file names cut to their last part."""
    _, findings = lint(write(folder, text))
    return "\n".join(str(finding).replace(f"{folder}/", "") for finding in findings)


def test_no_file_is_a_whole_desk() -> None:
    """Without a settings file everything has its default, and the desk listens on loopback only."""
    settings = load(None)
    assert settings == Settings()
    assert (settings.desk.bind, settings.desk.port, settings.desk.auth) == ("127.0.0.1", 9977, True)
    assert (settings.desk.interval, settings.desk.retention) == (SECOND, 30 * DAY)


def test_every_kind_of_table_is_read(tmp_path: Path) -> None:
    """Durations become milliseconds, relative paths count from the file's folder, and each table keeps its order."""
    settings = load(
        write(
            tmp_path,
            """
            [desk]
            interval = "2s"
            retention = "100y"
            [thresholds.cpu_usage]
            warning = 85
            critical = 95.5
            for = "5m"
            [[scrape]]
            job = "bot"
            targets = ["127.0.0.1:8000", "https://example.org/metrics"]
            labels = { bot = "maker" }
            [rules]
            files = ["rules/*.yml"]
            [channels.phone]
            kind = "mail"
            host = "smtp.example.org"
            user = "night"
            password_file = "secrets/mail"
            sender = "desk@example.org"
            to = ["you@example.org"]
            [[routes]]
            severity = ["critical"]
            match = { alertname = "CpuBusy" }
            channels = ["console", "phone"]
            """,
        )
    )
    assert (settings.desk.interval, settings.desk.retention) == (2 * SECOND, 100 * YEAR)
    threshold = settings.thresholds["cpu_usage"]
    assert (threshold.warning, threshold.critical, threshold.for_) == (85, 95.5, 5 * MINUTE)
    assert settings.scrape[0].targets == ["127.0.0.1:8000", "https://example.org/metrics"]
    assert settings.rules.files == [tmp_path / "rules/*.yml"]
    phone = settings.channels["phone"]
    assert phone.kind == "mail"
    assert phone.password_file == tmp_path / "secrets/mail"
    assert settings.routes[0].match == {"alertname": "CpuBusy"}


def test_a_hit_ratio_is_bad_when_it_is_low(tmp_path: Path) -> None:
    """Without a direction its critical level lies below its warning; that of every other vital lies above."""
    settings = load(write(tmp_path, "[thresholds.cache_hit_ratio]\nwarning = 0.9\ncritical = 0.7\n"))
    assert settings.thresholds["cache_hit_ratio"].direction == "below"
    assert "critical must lie above" in complaint(tmp_path, "[thresholds.cpu_usage]\nwarning = 90\ncritical = 70\n")
    assert "critical must lie below" in complaint(
        tmp_path, "[thresholds.cache_hit_ratio]\nwarning = 0.5\ncritical = 0.7\n"
    )


def test_the_command_line_has_precedence(tmp_path: Path) -> None:
    """A value given to a command replaces the file's, and a wrong one is reported under its option."""
    file = write(tmp_path, '[desk]\nport = 1234\ninterval = "5s"\n')
    settings = load(file, {"port": 4321})
    assert (settings.desk.port, settings.desk.interval) == (4321, 5 * SECOND)
    with pytest.raises(SettingsError, match=r"^--interval: not a valid duration: 'soon'"):
        load(file, {"interval": "soon"})


def test_a_short_interval_shortens_the_timeout_nobody_wrote(tmp_path: Path) -> None:
    """As in Prometheus, a target read each second has a timeout of a second; a written one must fit."""
    text = '[[scrape]]\njob = "bot"\ntargets = ["localhost:1"]\ninterval = "1s"\n'
    assert load(write(tmp_path, text)).scrape[0].timeout == SECOND
    assert "timeout must be above zero and at most the interval" in complaint(tmp_path, text + 'timeout = "2s"\n')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[desk]\nprot = 1", 'nightdesk.toml:2: unknown setting "prot"; did you mean "port"?'),
        ("\n\n[dsek]\nport = 1", 'nightdesk.toml:3: unknown setting "dsek"; did you mean "desk"?'),
        ("port = 1", 'nightdesk.toml:1: "port" belongs under [desk]'),
        ('[desk]\n\nport = "1"', "nightdesk.toml:3: port must be a whole number; write e.g. port = 9977"),
        ("[desk]\nport = 70000", "nightdesk.toml:2: port must be less than or equal to 65535; write e.g. port = 9977"),
        ("[desk]\ninterval = 5", 'nightdesk.toml:2: interval: write a duration in quotes, e.g. "30s" or "1h30m"'),
        ('[desk]\ninterval = "1ms"', 'nightdesk.toml:2: interval: "1ms" is too short; write "100ms" or more'),
        ('[desk]\nbind = "here"', 'nightdesk.toml:2: bind: "here" is not an address; write e.g. "127.0.0.1"'),
        ('[desk]\ntls_cert = "a.pem"', "nightdesk.toml:1: HTTPS needs both tls_cert and tls_key: tls_key is missing"),
        ("[thresholds.cpu_usge]\nwarning = 1", '"cpu_usge" is not a vital; did you mean "cpu_usage"?'),
        ("[thresholds.cpu_usage]\nfor = '1m'", "nightdesk.toml:1: a threshold needs warning, critical or both"),
        (
            "[thresholds.cpu_usage]\nwarning = 9\ncritical = 8",
            'nightdesk.toml:1: with direction = "above" critical must lie above warning',
        ),
        ("[[scrape]]\njob = 'a'", 'nightdesk.toml:1: targets is missing; write targets = ["127.0.0.1:8000"]'),
        ("[[scrape]]\njob = 'a'\ntargets = ['bot']", 'nightdesk.toml:3: targets: "bot" lacks a port'),
        (
            "[[scrape]]\njob='a'\ntargets=['a:1']\n[[scrape]]\njob='a'\ntargets=['a:2']",
            'nightdesk.toml:5: job "a" is there twice; put its targets in one table',
        ),
        ("[channels.phone]\nhost = 'x'", 'nightdesk.toml:1: kind is missing; write kind = "console"'),
        ("[channels.phone]\n\nkind = 'mial'", 'nightdesk.toml:3: kind "mial" is not known; write kind ='),
        ("[channels.hook]\nkind = 'webhook'", "a webhook needs exactly one of url, url_file, url_env"),
        (
            "[channels.hook]\nkind = 'webhook'\nurl = 'http://a/'\nheaders = { Authorization = 'Bearer 1' }",
            "the header Authorization is a secret: write token_file or token_env instead",
        ),
        (
            "[channels.m]\nkind='mail'\nhost='h'\nsender='a@b'\nto=['a@b']\nuser='u'\npasswrd='x'",
            'nightdesk.toml:7: unknown setting "passwrd"; did you mean "password_env"?',
        ),
        ("[[routes]]\nchannels = ['phnoe']\n[channels.phone]\nkind = 'console'", 'did you mean "phone"?'),
        ("[[routes]]\nchannels = ['console']\nseverity = ['urgent']", "'critical', 'warning' or 'info'"),
    ],
)
def test_a_wrong_file_is_answered_with_line_and_cure(tmp_path: Path, text: str, expected: str) -> None:
    """Every fault is named with file, line and what would be right."""
    assert expected in complaint(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[desk]\nport: 1", "nightdesk.toml:2: "),
        ("[desk]\nport: 1", "TOML writes port = 1"),
        ("[desk]\ninterval = 5s", 'text and durations stand in quotes: interval = "5s"'),
        ("[desk\nport = 1", "nightdesk.toml:1: "),
        ('[desk]\nbind = "127', "nightdesk.toml:2: "),
        ("[desk]\nhosts = [", "not valid TOML"),
    ],
)
def test_text_that_is_no_toml_is_answered_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    """A syntax error names the line and the likely cure."""
    assert expected in complaint(tmp_path, text)


def test_several_faults_are_all_listed_and_the_first_is_raised(tmp_path: Path) -> None:
    """`check` sees every fault in the order of lines; `up` stops at the first and says how many more."""
    text = "[desk]\nport = 'x'\nbind = 'y'\n[limits]\nseries = 1\n"
    assert [finding.line for finding in lint(write(tmp_path, text))[1]] == [2, 3, 5]
    with pytest.raises(SettingsError, match="and 2 more: nightdesk check lists them") as caught:
        load(write(tmp_path, text))
    assert (caught.value.line, caught.value.file) == (2, str(tmp_path / "nightdesk.toml"))


def test_a_number_without_end_is_refused_wherever_a_number_stands(tmp_path: Path) -> None:
    """Nothing is above nan or inf: such a threshold would switch its alert off in silence."""
    told = complaint(
        tmp_path, "[thresholds.cpu_usage]\nwarning = nan\ncritical = inf\n[accounts.main]\nperiods_per_year = -inf\n"
    )
    assert [line.partition(" must be ")[0] for line in told.splitlines()] == [
        "nightdesk.toml:2: warning", "nightdesk.toml:3: critical", "nightdesk.toml:5: periods_per_year",
    ]  # fmt: skip
    assert "neither nan nor inf" in told


def test_a_severity_that_no_route_takes_is_a_warning(tmp_path: Path) -> None:
    """Alerts that could reach nobody are pointed out, and the file stays usable."""
    file = write(tmp_path, "[[routes]]\nseverity = ['critical']\nchannels = ['console']\n")
    settings, findings = lint(file)
    assert settings is not None
    assert [(finding.line, finding.is_error) for finding in findings] == [(1, False)]
    assert "every warning alert" in findings[0].message


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    """A missing file and one that is not UTF-8 are settings errors, not tracebacks."""
    file = tmp_path / "nightdesk.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"cannot be read|must be UTF-8"):
        load(file)


@pytest.mark.parametrize("text", ["[desk]\ninterval = " + "1" * 5_000, "x = " + "[" * 5_000])
def test_what_python_will_not_read_is_told(tmp_path: Path, text: str) -> None:
    """Numbers of thousands of digits and brackets without end are faults of the file, not of the desk."""
    file = tmp_path / "nightdesk.toml"
    file.write_text(text)
    settings, remarks = lint(file)
    assert settings is None
    assert [remark.is_error for remark in remarks] == [True]
