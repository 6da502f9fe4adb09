"""Linting without a desk: settings, rule files and their tests, and what in them would let an alert vanish."""

import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from nightdesk.app.channels.configured import channels_of
from nightdesk.app.rule_groups import own_groups_of
from nightdesk.app.settings.file import Remark, lint
from nightdesk.app.settings.rule_paths import find_rule_files, unmatched
from nightdesk.app.settings.safety import refuse_unsafe
from nightdesk.deliver.settings.channels import ServiceSettings
from nightdesk.errors import Refused, RuleFileError, SettingsError
from nightdesk.model.instant import SECOND
from nightdesk.model.rule import AlertRule, NoData, RuleGroup
from nightdesk.rules.forms.files import complaints_of
from nightdesk.rules.forms.files import load as load_rules
from nightdesk.rules.forms.lint import texts, twins
from nightdesk.rules.rulebook import shipped
from nightdesk.rules.ruletest.run import run_tests

RULE_SUFFIXES: Final = frozenset({".yml", ".yaml", ".rules"})

_ANY_INTERVAL: Final = SECOND
"""How often the shipped rules are judged is of no account to what they are called."""
_TESTS: Final = re.compile(r"^tests:", re.MULTILINE)
"""What a file of rule tests has and a file of rules has not."""


def check_files(files: Sequence[Path]) -> list[Remark]:
    """Lint settings (`.toml`) with the rule files they name, and rule files (`.yml`, `.yaml`, `.rules`).

    Files of rule tests are run, and so is `NAME.test.yml` beside a rule file `NAME.yml`.
    """
    return [remark for file in files for remark in _check_file(file)]


def _check_file(file: Path) -> Iterator[Remark]:
    if file.suffix == ".toml":
        yield from _check_settings(file)
    elif file.suffix in RULE_SUFFIXES:
        yield from _check_rules(file, shipped(_ANY_INTERVAL))
    else:
        yield Remark(str(file), 0, "is neither settings (.toml) nor rules (.yml, .yaml, .rules)")


def _check_settings(file: Path) -> Iterator[Remark]:
    settings, remarks = lint(file)
    yield from remarks
    if settings is None:
        return
    try:
        refuse_unsafe(settings)
        channels = channels_of(settings)
        rule_files = find_rule_files(settings.rules.files)
    except SettingsError as error:
        yield Remark(error.file or str(file), error.line, error.reason)
        return
    except Refused as error:
        yield Remark(str(file), 0, str(error))
        return
    for name, channel in channels.items():
        if isinstance(channel, ServiceSettings) and (problem := _problem_of(channel)):
            yield Remark(str(file), 0, f"channel {name}: {problem}")
    for pattern in unmatched(settings.rules.files):
        text = f"[rules] files: {pattern} matches no file, so nothing is judged for it"
        yield Remark(str(file), 0, text, is_error=False)
    known = own_groups_of(settings)
    for rule_file in rule_files:
        yield from _check_rules(rule_file, known)


def _problem_of(channel: ServiceSettings) -> str:
    """Ask the library what it makes of a URL: loading it takes a second, which `up` does not spend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the library's own imports
        from nightdesk.deliver.services.carry import problem_of

        return problem_of(channel)


def _check_rules(file: Path, known: list[RuleGroup]) -> Iterator[Remark]:
    """Lint one file of rules or of rule tests; its groups join the `known` ones, among which no two may be twins."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        yield Remark(str(file), 0, f"cannot be read: {error}")
        return
    if _TESTS.search(text):
        yield from _run_rule_tests(file, text)
        return
    complaints = complaints_of(text, str(file))
    if complaints:
        yield from (Remark(complaint.file, complaint.line, complaint.reason) for complaint in complaints)
        return
    groups = load_rules(text, str(file))
    yield from _absence(groups)
    for hint in (*texts(groups), *twins(groups, known)):
        yield Remark(hint.source.file, hint.source.line, hint.message, is_error=False)
    known += groups
    beside = file.with_suffix(f".test{file.suffix}")
    if beside.is_file():
        yield from _check_rules(beside, known)


def _run_rule_tests(file: Path, text: str) -> Iterator[Remark]:
    """Run a file of rule tests; the rule files it names count from its folder."""

    def rules(name: str) -> Sequence[RuleGroup]:
        path = file.parent / name
        try:
            return load_rules(path.read_text("utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise RuleFileError(f"cannot be read: {error}", file=str(path)) from error

    try:
        failures = run_tests(text, str(file), rules)
    except RuleFileError as error:
        yield Remark(error.file, error.line, error.reason)
    else:
        yield from (Remark(failure.file, failure.line, failure.message) for failure in failures)


def _absence(groups: Sequence[RuleGroup]) -> Iterator[Remark]:
    """Point at alert rules whose alert would resolve when its data vanishes."""
    for group in groups:
        for rule in group.rules:
            if isinstance(rule, AlertRule) and rule.no_data is NoData.PROMETHEUS:
                yield Remark(
                    rule.source.file,
                    rule.source.line,
                    f"{rule.name} would resolve when its series vanish; write it under desk_rules, which hold it, "
                    "or add a rule with absent()",
                    is_error=False,
                )
