"""Settings of tiers: how long the buckets of 5 m and 1 h are kept, and when they are made."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from nightdesk.app.settings.kinds import Duration, Section, at_least
from nightdesk.model.instant import DAY, YEAR, format_duration


class TierSettings(Section):
    """What stays of samples when they have gone."""

    after: Annotated[Duration, at_least(DAY)] = Field(
        default=7 * DAY,
        description="Age of a day at which its buckets are made; at most `desk.retention`. Where samples go sooner, by"
        " that or of a class, the age at which they do holds.",
        examples=["7d"],
    )
    five_minutes: Duration = Field(
        default=YEAR,
        description="How long 5-minute buckets are kept; longer than `after`. Where there are 1-hour buckets too,"
        " 5-minute buckets are deleted a month at a time, once no sample of the month is left;"
        ' "0s" keeps no tier at all.',
        examples=["1y"],
    )
    one_hour: Duration = Field(
        default=5 * YEAR,
        description='How long 1-hour buckets are kept; at least as long as 5-minute buckets; "0s" keeps none.',
        examples=["5y"],
    )


def contradictions(tiers: TierSettings, retention_ms: int) -> Iterator[tuple[str, str]]:
    """Yield each setting that asks for what no tier can do, with a sentence that says what would be right.

    An `after` that nobody wrote contradicts nothing: it gives way to a shorter retention.
    """
    fine, coarse, kept = map(format_duration, (tiers.five_minutes, tiers.one_hour, retention_ms))
    if tiers.five_minutes == 0:
        if tiers.one_hour and "one_hour" in tiers.model_fields_set:
            text = f'five_minutes = "0s" keeps no tier, and one_hour is {coarse}: hours are made of five minutes'
            yield "five_minutes", f'{text}, so give those a time, or write one_hour = "0s" too'
        return
    if "after" in tiers.model_fields_set and tiers.after > retention_ms:
        text = f"after is {format_duration(tiers.after)}, and desk.retention removes samples after {kept}"
        yield "after", f'{text}: write "{kept}" or less'
    made = min(tiers.after, retention_ms)
    if tiers.five_minutes <= made:
        text = f"five_minutes is {fine}, and a day's buckets are made {format_duration(made)} after it"
        yield "five_minutes", f'{text}: keep them longer than that, or write "0s" for no tiers'
    if 0 < tiers.one_hour < tiers.five_minutes:
        text = f"one_hour is {coarse}, and five_minutes is {fine}: hours are there to be kept longer"
        yield "one_hour", f'{text}, so write "{fine}" or more, or "0s" for none'
