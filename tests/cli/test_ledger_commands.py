"""The commands of the ledger on a folder that no desk holds: what they print, and their exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nightdesk.cli.main import app
from nightdesk.errors import Refused
from nightdesk.testing.trade_files import written

FILLS = "time,symbol,side,quantity,price,currency\n2024-01-01,AMD,buy,1,10,USD\n2024-01-02,AMD,sell,1,12.5,USD\n"


def run(folder: Path, *words: str) -> Result:
    """Run a command on the test's data folder."""
    return CliRunner().invoke(app, [*words, "--data", str(folder / "data")])


def test_an_import_makes_the_folder_and_says_what_became_of_each_row(tmp_path: Path) -> None:
    """The first import may come before the first desk; the summary counts, names the row set aside, and its reason."""
    file = written(tmp_path, FILLS + "2024-01-03,AMD,buy,x,1,USD\n")
    answer = run(tmp_path, "trades", "import", str(file))
    assert answer.exit_code == 0
    assert "2 fills; for main / live" in answer.output
    assert "2 added, 0 known, 0 corrected, 1 set aside" in answer.output
    assert "row 4: quantity: 'x' is not a number" in answer.output


def test_the_summary_as_json(tmp_path: Path) -> None:
    """One document with the counts, the rows set aside, whose the rows are, and the notes."""
    told = json.loads(
        run(tmp_path, "trades", "import", str(written(tmp_path, FILLS)), "--mode", "paper", "--json").stdout
    )
    assert (told["added"], told["set_aside"], told["portfolios"]) == (2, 0, ["main / paper"])


def test_trades_are_listed_from_the_folder(tmp_path: Path) -> None:
    """Without a desk, list and set-aside read the folder."""
    run(tmp_path, "trades", "import", str(written(tmp_path, FILLS + "2024-01-03,AMD,hold,1,1,USD\n")))
    listed = run(tmp_path, "trades", "list").output
    assert "AMD  long  1  2.5 USD" in listed
    assert "1 closed trades, 1 shown; 0 open" in listed
    assert "row 4: side is 'hold'" in run(tmp_path, "trades", "set-aside").output
    assert json.loads(run(tmp_path, "trades", "list", "--json").stdout)["trades"][0]["pnl_text"] == "2.5"


def test_a_list_leaves_out_zeros_that_say_nothing(tmp_path: Path) -> None:
    """Amounts are exact in the ledger and short on the screen."""
    run(tmp_path, "trades", "import", str(written(tmp_path, FILLS.replace(",1,", ",10.50000000,"))))
    assert "long  10.5  26.25 USD" in run(tmp_path, "trades", "list").output


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("trades", "import", "nowhere.csv"), 1),
        (("equity", "import"), 2),
        (("trades", "burn", "x.csv"), 2),
        (("trades", "import", "x.csv", "--mode", "real"), 2),
        (("trades", "import", "x.csv", "--starting-balance", "lots"), 2),
        (("trades", "import", "x.csv", "--starting-balance", "0"), 2),
        (("equity", "import", "x.csv", "--starting-balance", "-5"), 2),
    ],
)
def test_exit_codes(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    """1 where nothing could be read, 2 where the command line is at fault."""
    assert run(tmp_path, *words).exit_code == code


@pytest.mark.parametrize("words", [("--mapping", "nobody"), ("--timezone", "Mars/Olympus")])
def test_a_word_that_means_nothing_is_refused(tmp_path: Path, words: tuple[str, str]) -> None:
    """An unknown mapping or zone is our own refusal, which says what would be right."""
    answer = run(tmp_path, "returns", "import", str(written(tmp_path, FILLS)), *words)
    assert isinstance(answer.exception, Refused)
    assert "write" in str(answer.exception)
