"""Why a service did not take a message, from what was witnessed: the one place where that is judged."""

import re
from collections.abc import Collection, Sequence
from typing import Final

import requests
from requests import exceptions

from nightdesk.deliver.outcome import Outcome, retry_after
from nightdesk.deliver.services.witness import Exchange, Witness
from nightdesk.model.notice import FailureReason

_TELEPHONE: Final = re.compile(r"\+?\d[\d ().-]{5,}\d")
"""Plug-ins log whom they told in their own spelling; a number of seven digits and more is nobody else's business."""
_WORDS: Final = (
    (FailureReason.CONFIG, ("targets to notify", "recipients to notify", "no target")),
    (FailureReason.DEADLINE, ("timed out", "timeout")),
    (FailureReason.UNREACHABLE, ("refused", "unreachable", "no route", "name or service", "resolve", "no address")),
    (FailureReason.TLS, ("certificate", "ssl", "tls")),
    (FailureReason.AUTH, ("authentic", "unauthor", "credential", "login", "password", "denied")),
    (FailureReason.RATE_LIMITED, ("too many", "rate limit")),
    (FailureReason.SERVER, ("reset", "broken pipe", "closed", "disconnect")),
)
"""Of services that do not speak HTTP only the log tells; the first that fits."""
_SAID_WITH_200: Final = (FailureReason.AUTH, FailureReason.RATE_LIMITED)
"""What gateways say in the body of an answer that HTTP calls good; anything else they say there is a no."""


def outcome_of(witness: Witness, refused: str) -> Outcome:
    """Classify a message that was not taken; `refused` is what the guard kept from happening."""
    if refused:
        return Outcome(FailureReason.CONFIG, refused)
    bad = [exchange for exchange in witness.exchanges if not exchange.is_good]
    if bad:
        return _of_exchange(_worst(bad), len(bad), len(witness.exchanges))
    said = _TELEPHONE.sub("***", "; ".join(witness.warnings[-2:])) or "without a word why"
    if witness.exchanges:
        last = witness.exchanges[-1]
        reason = _by_words(said, _SAID_WITH_200)
        return Outcome(reason, f"{last.host} answered HTTP {last.status} and did not take it: {said}")
    return Outcome(_by_words(" ".join((*witness.warnings, *witness.murmurs))), said)


def _worst(bad: Sequence[Exchange]) -> Exchange:
    """Of several recipients one that may be told later counts more than one that never will be."""
    return next((exchange for exchange in bad if not _reason_of(exchange).is_final), bad[0])


def _of_exchange(exchange: Exchange, failed: int, made: int) -> Outcome:
    reason = _reason_of(exchange)
    some = f" ({failed} of {made} requests failed)" if made > failed else ""
    if exchange.error is not None:
        return Outcome(reason, f"{exchange.host}: {_told(exchange.error, reason)}{some}")
    said = f": {_TELEPHONE.sub('***', exchange.said)}" if exchange.said else ""
    wait = retry_after(exchange.retry_after) if exchange.status in (429, 503) else 0
    return Outcome(reason, f"{exchange.host}: HTTP {exchange.status} {exchange.phrase}{some}{said}", wait)


def _reason_of(exchange: Exchange) -> FailureReason:
    if exchange.error is not None:
        return _reason_of_error(exchange.error)
    status = exchange.status
    if status == 429:
        return FailureReason.RATE_LIMITED
    if status in (401, 403, 407):
        return FailureReason.AUTH
    if status in (408, 425) or status >= 500 or status < 200:
        return FailureReason.SERVER
    return FailureReason.REFUSED


def _reason_of_error(error: Exception) -> FailureReason:
    match error:
        case exceptions.SSLError():
            return FailureReason.TLS
        case exceptions.Timeout():
            return FailureReason.DEADLINE
        case exceptions.InvalidURL() | exceptions.MissingSchema() | exceptions.InvalidSchema():
            return FailureReason.CONFIG
        case exceptions.ChunkedEncodingError() | exceptions.ContentDecodingError():
            return FailureReason.SERVER
        case exceptions.ConnectionError():
            return _reason_of_connection(error)
        case exceptions.TooManyRedirects():
            return FailureReason.REFUSED
        case requests.RequestException():
            return FailureReason.SERVER
        case _:
            return FailureReason.CRASHED


def _reason_of_connection(error: Exception) -> FailureReason:
    """Tell a connection that was never made from one that broke off: requests gives both one name."""
    if isinstance(error, exceptions.ProxyError):
        return FailureReason.UNREACHABLE
    names = {type(each).__name__ for each in _below(error)}
    if "ReadTimeoutError" in names:
        return FailureReason.DEADLINE
    never = {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "gaierror", "ConnectionRefusedError"}
    return FailureReason.UNREACHABLE if names & never else FailureReason.SERVER


def _below(error: BaseException) -> list[BaseException]:
    """Return an error and all that it was made of."""
    found: list[BaseException] = []
    waiting: list[BaseException] = [error]
    while waiting and len(found) < 20:
        each = waiting.pop()
        found.append(each)
        made_of = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        waiting += [part for part in made_of if isinstance(part, BaseException) and part not in found]
    return found


def _told(error: Exception, reason: FailureReason) -> str:
    """Say in our words what happened: the text of such an error holds the whole URL."""
    words = {
        FailureReason.TLS: "no TLS, or a certificate that is not trusted",
        FailureReason.DEADLINE: "does not answer",
        FailureReason.UNREACHABLE: "cannot be reached",
        FailureReason.SERVER: "broke off",
        FailureReason.CONFIG: "the address cannot be read",
    }
    return f"{words.get(reason, 'the request failed')} ({type(error).__name__})"


def _by_words(text: str, among: Collection[FailureReason] = tuple(FailureReason)) -> FailureReason:
    lowered = text.lower()
    found = (reason for reason, words in _WORDS if reason in among and any(word in lowered for word in words))
    return next(found, FailureReason.REFUSED)
