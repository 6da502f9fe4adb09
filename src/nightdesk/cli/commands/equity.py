"""`nightdesk equity`: import equity marks, deposits and withdrawals."""

from typing import Final

from nightdesk.cli.importing import import_command

equity: Final = import_command(
    "equity",
    """Import what an account was worth, or money put in and taken out.

A CSV with a column of times and one named Equity, or any other by a mapping; a mapping of kind "flows" reads
deposits and withdrawals, which are never profit. Marks of one instant are kept once; a later import corrects them.
Equity belongs to the account, unless a bot is named, and to the mode of all else in it, unless --mode says so.

Examples:
    nightdesk equity import equity.csv
    nightdesk equity import --mapping flows.toml --currency EUR flows.csv
""",
)
