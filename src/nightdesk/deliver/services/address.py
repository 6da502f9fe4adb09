"""Where a service of apprise is reached, as far as its URL says so; loads apprise."""

import apprise

from nightdesk.deliver.services.witness import Witness
from nightdesk.deliver.settings.channels import ServiceSettings


def address_of(settings: ServiceSettings) -> tuple[str, int] | None:
    """Return host and port of a service whose host is the user's own; None where the service stands in the cloud.

    Raises:
        ValueError: apprise cannot use the URL; says so without it.
    """
    with Witness():
        service = apprise.Apprise.instantiate(settings.url.reveal())
    if service is None:
        raise ValueError("apprise knows no service by this URL")
    templates: tuple[str, ...] = service.templates
    if not any("{host}" in template for template in templates) or not isinstance(service.host, str):
        return None
    port = service.port if isinstance(service.port, int) else 443 if service.secure else 80
    return service.host, port
