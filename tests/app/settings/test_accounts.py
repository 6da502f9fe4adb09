"""Accounts and the sources of their trades, as settings."""

from decimal import Decimal
from pathlib import Path

import pytest

from nightdesk.app.performance.account import KnownAccounts
from nightdesk.app.settings.file import load
from nightdesk.errors import SettingsError
from nightdesk.model.instant import SECOND


def settings(folder: Path, text: str) -> Path:
    """Write a settings file."""
    file = folder / "nightdesk.toml"
    file.write_text(text)
    return file


def test_an_account_is_what_the_figures_ask(tmp_path: Path) -> None:
    """Zone, start of the day, periods and balance reach whoever makes figures; a reload changes them."""
    known = KnownAccounts()
    assert known("main").periods_per_year is None
    text = '[accounts.main]\ncurrency = "EUR"\ntimezone = "America/New_York"\nday_start = "17:00"\n'
    known.use(load(settings(tmp_path, text + "periods_per_year = 252.0\nstarting_balance = 10000.5\n")).accounts)
    account = known("main")
    assert (account.currency, account.periods_per_year, account.starting_balance) == ("EUR", 252.0, Decimal("10000.5"))
    assert account.days.begins_after == 17 * 3_600 * 10**9
    assert (known("other").currency, known(None).currency) == ("", "")


def test_a_source_counts_its_file_from_the_settings(tmp_path: Path) -> None:
    """A relative file lies beside the settings; the rest has defaults."""
    (source,) = load(settings(tmp_path, '[[trades]]\nkind = "freqtrade"\nfile = "bot.sqlite"\n')).trades
    assert (source.file, source.account, source.interval) == (tmp_path / "bot.sqlite", "main", 5 * SECOND)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('[accounts.main]\ntimezone = "Mars/Olympus"', "time zone"),
        ('[accounts.main]\nday_start = "25:00"', "hour of the day"),
        ('[accounts.main]\nday_start = "T17:00"', "hour of the day"),
        ('[accounts.main]\nday_start = "173045"', "hour of the day"),
        ('[accounts.main]\nday_start = "17:00:30"', "hour of the day"),
        ('[accounts.main]\nday_start = "17:30+05:00"', "hour of the day"),
        ('[accounts.main]\ntimezone = "America"', "time zone"),
        ("[accounts.main]\nperiods_per_year = nan", "periods_per_year"),
        ("[accounts.main]\nstarting_balance = 0", "above zero"),
        ('[accounts.main]\nstarting_balance = "lots"', "amount"),
        ('[[trades]]\nkind = "oracle"\nfile = "x"', "freqtrade"),
        ('[[trades]]\nkind = "freqtrade"\nfile = "x"\ninterval = "10ms"', "too short"),
    ],
)
def test_a_setting_at_fault_says_what_would_be_right(tmp_path: Path, text: str, word: str) -> None:
    """Every complaint names its line and what to write."""
    with pytest.raises(SettingsError, match=r"nightdesk\.toml:\d") as caught:
        load(settings(tmp_path, text))
    assert word in str(caught.value)
