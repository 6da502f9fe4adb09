"""Which access logs are followed, as written under `[[http_logs]]`."""

from typing import Annotated

from pydantic import Field

from nightdesk.app.settings.kinds import Duration, FilePath, LabelText, Section, at_least
from nightdesk.model.instant import SECOND


class HttpLogSettings(Section):
    """An access log of nginx or Apache, in the common or combined form."""

    name: LabelText = Field(description="The label `log` of its series.", examples=["shop"])
    file: FilePath = Field(
        description="The log file; it is followed over rotation.", examples=["/var/log/nginx/access.log"]
    )
    interval: Annotated[Duration, at_least(SECOND // 10)] = Field(
        default=5 * SECOND, description="How often what was added is read.", examples=["5s"]
    )
