"""The command line starts quickly, because what is heavy is imported where it is used."""

import subprocess
import sys

import pytest

HEAVY = ("numpy", "pydantic", "fastapi", "uvicorn", "sqlite3", "asyncio", "httpx", "yaml", "rich.console")


def test_help_imports_nothing_heavy() -> None:
    """What `nightdesk --help` loads is typer and the standard library, whatever the machine's speed (decision 0061)."""
    code = (
        "import sys; sys.argv = ['nightdesk', '--help']\n"
        "from nightdesk.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("command", ["up", "down", "login", "status", "query", "alerts", "check", "doctor", "version"])
def test_every_command_explains_itself_with_examples(command: str) -> None:
    """`--help` of each command says what it does and shows how."""
    done = subprocess.run(
        [sys.executable, "-m", "nightdesk", command, "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    assert "Examples:" in done.stdout
    assert f"nightdesk {command}" in done.stdout
