"""`nightdesk returns`: import reported returns."""

from typing import Final

from nightdesk.cli.importing import import_command

returns: Final = import_command(
    "returns",
    """Import returns of periods, where a source gives no equity.

A CSV with a column of dates and one named ret, or any other by a mapping; a return is a ratio (0.01 is one per
cent) of the period that ends at its date. Figures of money, such as P&L, cannot be made of returns.

Examples:
    nightdesk returns import returns.csv
    nightdesk returns import --account fund --mode live returns.csv.gz
""",
)
