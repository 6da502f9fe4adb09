"""A scraped series' labels: what the target says and what the settings say, and who wins."""

from typing import Final

from nightdesk.model.labels import Labels

_EXPORTED: Final = "exported_"


def with_target(series: Labels, target: Labels, *, honor: bool) -> Labels:
    """Return the labels of a series as it is stored, as Prometheus has it.

    The target's labels win, and what the series said under their names stays as `exported_<name>`; with `honor` the
    series' own win, and the target's fill in what it does not say.
    """
    pairs = series.as_dict()
    if honor:
        return target.merged(pairs)
    kept = {name: pairs.pop(name) for name, _ in target if name in pairs}
    merged = {**pairs, **target.as_dict()}
    for name, value in kept.items():
        exported = _EXPORTED + name
        while exported in merged:
            exported = _EXPORTED + exported
        merged[exported] = value
    return Labels(merged.items())
