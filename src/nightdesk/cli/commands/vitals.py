"""`nightdesk vitals`: the ten vitals, each with its value or the reason why it has none."""

from typing import Annotated, Any

import typer

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.options import DEFAULT_DATA, Data, Json, NoColor
from nightdesk.errors import DeskUnreachable, Refused

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="One vital, with what it means and its parts; without it all ten.")
]


def vitals(name: Name = "", *, data: Data = DEFAULT_DATA, json: Json = False, no_color: NoColor = False) -> None:
    """Show the ten vitals: value, level and parts, or why there is no value.

    With a name: what the vital means, and every core, filesystem, device or target that it is made of;
    `disk_usage` also lists the filesystems it leaves out, each with the reason.

    Examples:
        nightdesk vitals
        nightdesk vitals gpu_utilization
        nightdesk vitals disk_usage --json
    """
    from nightdesk.cli.paint.paint import console, print_json
    from nightdesk.cli.paint.vitals import print_vital, print_vitals

    folder = data.expanduser()
    desk = RunningDesk.on(folder)
    if desk is None:
        raise DeskUnreachable(f"no desk is running on {folder}; start one with: nightdesk up --data {folder}")
    answer = desk.get("/api/desk/vitals")
    if name:
        answer = _one(answer, name)
    if not name or name == "disk_usage":
        answer |= desk.get("/api/desk/filesystems")
    if json:
        print_json(answer)
    elif name:
        print_vital(console(no_color=no_color), answer)
    else:
        print_vitals(console(no_color=no_color), answer)


def _one(answer: dict[str, Any], name: str) -> dict[str, Any]:
    found = next((vital for vital in answer["vitals"] if vital["name"] == name), None)
    if found is None:
        names = ", ".join(vital["name"] for vital in answer["vitals"])
        raise Refused(f'there is no vital "{name}"; the ten are {names}')
    return dict(found)
