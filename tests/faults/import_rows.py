"""Import a file into a data folder, saying each time some rows are durable; ended by kill -9 from outside."""

import sys
from pathlib import Path

from nightdesk.app.trading import importing
from nightdesk.app.trading.offline import open_ledger
from nightdesk.trades.sources.mapping import RowKind
from nightdesk.trades.sources.reading import Stated

importing.BATCH = 200  # type: ignore[misc] # many commits to be killed between


def say(word: str) -> None:
    """Tell whoever may kill this process at any moment."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print `ready`, then how many rows are durable, then `done`."""
    data, file = Path(sys.argv[1]), Path(sys.argv[2])
    with open_ledger(data) as trading:
        say("ready")
        importing.import_file(
            trading,
            importing.Asked(file, RowKind.FILLS, Stated()),
            lambda rows: say(str(rows)),
        )
        say("done")


main()
