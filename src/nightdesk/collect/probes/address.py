"""The address of a host a probe may ask: resolved off the loop, judged, and then connected to as it was judged."""

from nightdesk.collect.attendant import Attendant
from nightdesk.collect.collector import CollectFailure
from nightdesk.collect.intake.addresses import addresses_of
from nightdesk.collect.probes.probe import ProbeFailure
from nightdesk.errors import CollectError


async def resolved(host: str, port: int, attendant: Attendant) -> list[str]:
    """Return the addresses of a host that may be asked, in the resolver's order.

    Raises:
        CollectError: DNS where there is no such name, FORBIDDEN_ADDRESS where no address may be asked.
    """
    try:
        return list(await addresses_of(host, port, attendant))
    except CollectError as error:
        reason = ProbeFailure.DNS if error.reason is CollectFailure.UNREACHABLE else error.reason
        raise CollectError(str(error), reason) from error
