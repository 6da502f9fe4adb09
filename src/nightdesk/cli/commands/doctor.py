"""`nightdesk doctor`: examine folder, disk, databases, clock, port and channels."""

import typer

from nightdesk.cli.exits import FOUND
from nightdesk.cli.options import DEFAULT_DATA, Config, Data, Json, NoColor

_PART, _FINDING = 13, 10
"""Columns of the two names before each sentence."""


def doctor(*, data: Data = DEFAULT_DATA, config: Config = None, json: Json = False, no_color: NoColor = False) -> None:
    """Examine folder, disk, clock, port, channels.

    Databases are checked, and whether each channel's server can be reached from here. The exit code is 1 when
    something is critical. A running desk is not disturbed.

    Examples:
        nightdesk doctor
        nightdesk doctor --config desk.toml --json
    """
    from rich.text import Text

    from nightdesk.app.doctor.examine import examine
    from nightdesk.app.doctor.finding import Finding, Patient
    from nightdesk.app.settings.file import load
    from nightdesk.app.settings.invocation import Invocation
    from nightdesk.cli.paint.folded import print_folded
    from nightdesk.cli.paint.paint import console, level, print_json, printable

    folder = data.expanduser()
    # An unsafe setting is one of the findings, so the settings are read without refusing it.
    invocation = Invocation(folder, config)
    patient = Patient(folder, load(invocation.file))
    diagnoses = []
    out = console(no_color=no_color)
    for diagnosis in examine(patient):
        diagnoses.append(diagnosis)
        if not json:
            mark = level(diagnosis.finding.value)
            mark.pad_right(_FINDING - len(mark))
            line = Text.assemble(f"{diagnosis.part:<{_PART}}", mark, printable(diagnosis.text))
            print_folded(out, line, _PART + _FINDING)
    if json:
        print_json([{"part": each.part, "finding": each.finding.value, "text": each.text} for each in diagnoses])
    if any(diagnosis.finding is Finding.CRITICAL for diagnosis in diagnoses):
        raise typer.Exit(FOUND)
