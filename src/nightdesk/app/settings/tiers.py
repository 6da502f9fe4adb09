"""Settings of tiers: how long the buckets of 5 m and 1 h are kept, and when they are made."""

from typing import Annotated

from pydantic import Field

from nightdesk.app.settings.kinds import Duration, Section, at_least
from nightdesk.model.instant import DAY, YEAR


class TierSettings(Section):
    """What stays of samples when they have gone."""

    after: Annotated[Duration, at_least(DAY)] = Field(
        default=7 * DAY, description="Age of a day at which its buckets are made.", examples=["7d"]
    )
    five_minutes: Duration = Field(
        default=YEAR, description='How long buckets of 5 m are kept; "0s" keeps no tier at all.', examples=["1y"]
    )
    one_hour: Duration = Field(
        default=5 * YEAR, description='How long buckets of 1 h are kept; "0s" keeps none.', examples=["5y"]
    )
