"""Outside programs that tests talk to: a missing one skips at home and fails where `CI` is set."""

import os
import shutil
from typing import NoReturn

import pytest


def require_program(*names: str) -> str:
    """Return the path of the first program that is installed.

    Where none is, the test is skipped at home; with `CI` set it fails, so that a green run means everything ran.
    """
    path = next((found for found in map(shutil.which, names) if found), None)
    if path is None:
        missing(f"none of these programs is installed: {', '.join(names)}")
    return path


def missing(what: str) -> NoReturn:
    """Skip the test at home and fail it in CI because an outside service is not there."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)
