"""Token, codes, sessions and the brake."""

import logging
import stat
from pathlib import Path

import pytest

from nightdesk.app.tokens import MOST_CODES, WRONG_ALLOWED, Brake, Keys, read_or_make_token
from nightdesk.errors import Unsafe
from nightdesk.testing.clock import ManualClock


def test_the_token_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """The first start makes 256 random bits in a 0600 file; later ones read the same."""
    path = tmp_path / "token"
    token = read_or_make_token(path)
    assert len(token) >= 43
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_or_make_token(path) == token


def test_a_token_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """The sentence says how to put it right."""
    path = tmp_path / "token"
    read_or_make_token(path)
    path.chmod(0o644)
    with pytest.raises(Unsafe, match="chmod 600"):
        read_or_make_token(path)


def test_an_empty_token_file_is_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A crash at the first start does not keep the desk from ever starting again; an empty token is never taken."""
    path = tmp_path / "token"
    path.touch(mode=0o644)
    (tmp_path / "token.part").write_text("half a tok")
    with caplog.at_level(logging.WARNING):
        token = read_or_make_token(path)
    assert len(token) >= 43
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "empty" in caplog.text
    assert [each.name for each in tmp_path.iterdir()] == ["token"]
    assert read_or_make_token(path) == token


def test_a_short_token_is_refused(tmp_path: Path) -> None:
    """Something that somebody wrote there is not thrown away, and not taken for a token either."""
    path = tmp_path / "token"
    path.write_text("hello")
    path.chmod(0o600)
    with pytest.raises(Unsafe, match="holds no token"):
        read_or_make_token(path)


def test_keys_keep_no_secret_in_the_clear() -> None:
    """Neither token nor codes nor sessions stand in memory as text."""
    keys = Keys("t" * 43, ManualClock())
    code = keys.make_code()
    session = keys.redeem(keys.make_code())
    held = repr(vars(keys))
    assert keys.is_token("t" * 43)
    assert not keys.is_token("t" * 42)
    assert session is not None
    assert all(secret not in held for secret in ("t" * 43, code, session))


def test_codes_are_bounded() -> None:
    """Whoever asks for very many codes pushes out the oldest, not the memory."""
    keys = Keys("t" * 43, ManualClock())
    codes = [keys.make_code() for _ in range(MOST_CODES + 1)]
    assert keys.redeem(codes[0]) is None
    assert keys.redeem(codes[-1]) is not None


def test_a_session_ends_by_time_and_by_logging_out() -> None:
    """Thirty days at most."""
    clock = ManualClock()
    keys = Keys("t" * 43, clock)
    first, second = keys.redeem(keys.make_code()), keys.redeem(keys.make_code())
    assert first is not None
    assert second is not None
    keys.end_session(first)
    assert not keys.is_session(first)
    assert keys.is_session(second)
    clock.jump(31 * 24 * 3600)
    assert not keys.is_session(second)


def test_the_brake_counts_each_address_for_itself() -> None:
    """One address that guesses does not slow another, and the time it waits runs out."""
    clock = ManualClock()
    brake = Brake(clock)
    for _ in range(WRONG_ALLOWED):
        assert brake.seconds_left("a") == 0.0
        brake.note_wrong("a")
    assert brake.seconds_left("a") == 60.0
    assert brake.seconds_left("b") == 0.0
    clock.jump(60)
    assert brake.seconds_left("a") == 0.0
