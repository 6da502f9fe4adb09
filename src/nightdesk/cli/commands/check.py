"""`nightdesk check`: lint settings and rule files."""

from pathlib import Path
from typing import Annotated

import typer

from nightdesk.cli.exits import FOUND
from nightdesk.cli.options import DEFAULT_DATA, Data, Json, NoColor


def check(
    *,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILES", help="Settings and rule files.")] = None,
    data: Data = DEFAULT_DATA,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Lint settings and rules; run rule tests.

    Settings (.toml) are linted with the rule files they name, rule files (.yml) alone: file, line and what would be
    right. Rule tests in promtool's form are run: files of them, and NAME.test.yml beside a rule file NAME.yml.

    Without files the settings in the data folder are checked. Warnings point at alerts that would vanish with their
    data, and at severities that no route takes. The exit code is 1 when something is wrong, 0 with warnings only.

    Examples:
        nightdesk check desk.toml
        nightdesk check rules/*.yml
    """
    from rich.text import Text

    from nightdesk.app.check import check_files
    from nightdesk.app.settings.file import FILE_NAME
    from nightdesk.cli.paint.paint import console, print_json, printable

    own = data.expanduser() / FILE_NAME
    chosen = files or ([own] if own.is_file() else [])
    remarks = check_files(chosen)
    if json:
        print_json(
            [
                {"file": each.file, "line": each.line, "error": each.is_error, "message": each.message}
                for each in remarks
            ]
        )
    else:
        out = console(no_color=no_color)
        for remark in remarks:
            out.print(Text(printable(str(remark)), "red" if remark.is_error else "yellow"), soft_wrap=True)
        errors = sum(remark.is_error for remark in remarks)
        what = f"{len(chosen)} files" if chosen else f"no settings in {data.expanduser()}: the defaults"
        out.print(f"{what}: {errors} errors, {len(remarks) - errors} warnings", soft_wrap=True)
    if any(remark.is_error for remark in remarks):
        raise typer.Exit(FOUND)
