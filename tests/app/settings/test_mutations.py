"""Settings with any slip of the keyboard in them are read or answered with a sentence, never with a traceback."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.app.settings.file import lint

EXAMPLE = (Path(__file__).parents[3] / "docs" / "examples" / "desk.toml").read_text()
SLIPS = st.sampled_from(
    ["", '"', "'", '"""', "[", "]", "[[", "{", "}", "=", ".", ",", "#", "\n", "\\", "x", "1", "-", "é"]
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Name one file for all slips."""
    return tmp_path_factory.mktemp("slips") / "desk.toml"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(EXAMPLE)), st.integers(0, 12), SLIPS), min_size=1, max_size=3))
def test_a_slip_is_answered_with_a_sentence(file: Path, slips: list[tuple[int, int, str]]) -> None:
    """Whatever is cut out or typed in, a fault names the file and a line that is in it."""
    text = EXAMPLE
    for place, cut, typed in slips:
        text = text[:place] + typed + text[place + cut :]
    file.write_text(text)
    read, findings = lint(file)
    assert read is not None or any(finding.is_error for finding in findings)
    for finding in findings:
        assert finding.file == str(file)
        assert 0 <= finding.line <= text.count("\n") + 1
        assert finding.message


@pytest.mark.parametrize("key", ["prt", "Port", "interval ", "bind.address", "tls"])
def test_a_mistyped_key_is_never_ignored(file: Path, key: str) -> None:
    """A key that is not known is an error at its own line, so that no setting is lost in silence."""
    file.write_text(f"[desk]\nport = 1\n{key} = 1\n")
    read, findings = lint(file)
    faults = [finding.line for finding in findings if finding.is_error]
    assert (read, faults) == (None, [3])
