"""What `nightdesk check` says of probes, connections and access logs: line, and what would be right."""

from pathlib import Path

import pytest

from nightdesk.app.settings.file import lint, load
from nightdesk.app.settings.probes import HttpProbeSettings
from nightdesk.model.instant import SECOND

HTTP = 'kind = "http"\nname = "a"\nurl = "http://x/"\n'


def remarks_of(folder: Path, text: str) -> list[tuple[int, str]]:
    """Return line and message of every error."""
    path = folder / "nightdesk.toml"
    path.write_text(text)
    return [(remark.line, remark.message) for remark in lint(path)[1] if remark.is_error]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[[probes]]\nname = "a"\n', 1, 'write kind = "http" or kind = "postgresql"'),
        ('[[probes]]\nkind = "htp"\n', 2, 'kind "htp" is not known; write kind = "http"'),
        ('[[probes]]\nkind = "http"\nname = "a"\n', 1, "url is missing; write url = "),
        ("[[probes]]\n" + HTTP + 'timout = "1s"\n', 5, 'did you mean "timeout"?'),
        ("[[probes]]\n" + HTTP + 'interval = "1s"\ntimeout = "2s"\n', 1, "at most the interval"),
        ("[[probes]]\n" + HTTP + "[[probes]]\n" + HTTP, 7, 'name "a" is there twice'),
        ("[[probes]]\n" + HTTP + 'headers = { Authorization = "x" }\n', 1, "write token_file or token_env"),
        ("[[probes]]\n" + HTTP + 'json_value = "x"\n', 1, "json_value needs json_path"),
        ("[[probes]]\n" + HTTP + 'body = "x"\n', 1, 'method = "POST"'),
        ("[[probes]]\n" + HTTP + 'method = "HEAD"\nkeyword = "x"\n', 1, "HEAD has no body"),
        ("[[probes]]\n" + HTTP + "redirects = 11\n", 5, "redirects must be less than or equal to 10"),
        ('[[probes]]\nkind = "redis"\nname = "a b"\n', 3, "letters, digits"),
        ('[[probes]]\nkind = "redis"\nname = "a"\nuser = "x"\n', 1, "needs a password"),
        ('[[probes]]\nkind = "postgresql"\nname = "a"\ndsn_file = "x"\nport = 1\n', 1, "write it or them"),
        ('[[probes]]\nkind = "sqlite"\nname = "a"\n', 1, "file is missing"),
        ('[desk]\ndata = "d"\n[[probes]]\nkind = "sqlite"\nname = "a"\nfile = "d/state.db"\n', 6, "the desk's own"),
        ('[connections]\ntargets = ["127.0.0.1:5432", "x"]\n', 2, '"x" is not a target'),
        ('[connections]\nprocess = ["x"]\n', 2, 'did you mean "processes"?'),
        ('[[http_logs]]\nname = "a"\nfile = "x"\n[[http_logs]]\nname = "a"\nfile = "y"\n', 5, "is there twice"),
    ],
)
def test_faults_have_their_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    """Each fault names the line and says what would be right."""
    ((found, message),) = remarks_of(tmp_path, text)
    assert found == line
    assert words in message


def test_a_short_interval_shortens_the_timeout(tmp_path: Path) -> None:
    """A timeout that nobody wrote is 5 s, or the interval where that is shorter."""
    path = tmp_path / "nightdesk.toml"
    path.write_text("[[probes]]\n" + HTTP + 'interval = "2s"\nexpect_status = [200, 204]\n')
    (probe,) = load(path).probes
    assert isinstance(probe, HttpProbeSettings)
    assert (probe.timeout, probe.expect_status) == (2 * SECOND, [200, 204])
