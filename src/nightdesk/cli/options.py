"""Options that several commands share, so that they are spelt and explained alike everywhere."""

from pathlib import Path
from typing import Annotated, Final

import typer

DEFAULT_DATA: Final = Path("~/.local/share/nightdesk")

Data = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="DIR",
        envvar="NIGHTDESK_DATA",
        help="The data folder of the desk.",
        file_okay=False,
        show_default=str(DEFAULT_DATA),
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
NoColor = Annotated[
    bool, typer.Option("--no-color", help="Print without colours; the variable NO_COLOR does the same.")
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The settings file; without it nightdesk.toml in the data folder, if there is one.",
        dir_okay=False,
    ),
]
