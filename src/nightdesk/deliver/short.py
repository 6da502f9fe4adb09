"""A notice as one short message: what fits into a single SMS, in the letters that every telephone has."""

import unicodedata
from typing import Final

from nightdesk.deliver.render import Place, headline
from nightdesk.model.notice import Notice

SMS_SEPTETS: Final = 160
"""What one message holds in the alphabet of GSM 03.38; with any other letter it would hold 70."""
_ONE: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO: Final = frozenset("^{}\\[~]|€")
"""These take an escape before them."""
_MORE: Final = "..."


def sms(notice: Notice, place: Place, limit: int = SMS_SEPTETS) -> str:
    """Return the notice in at most `limit` septets: the headline; of a test what to do with its code."""
    if notice.code:
        # The code comes first: what is cut of a long line is its end.
        return fitted(f"Nightdesk test. Confirm: nightdesk channels confirm {notice.code} (on {place.host})", limit)
    return fitted(headline(notice, place), limit)


def fitted(text: str, limit: int) -> str:
    """Return text in the GSM alphabet, cut to `limit` septets."""
    text = in_gsm(text)
    if septets(text) <= limit:
        return text
    while text and septets(text) + len(_MORE) > limit:
        text = text[:-1]
    return text.rstrip() + _MORE


def in_gsm(text: str) -> str:
    """Return text with every letter that GSM lacks as the nearest it has, or a question mark."""
    return "".join(_nearest(character) for character in text)


def septets(text: str) -> int:
    """Count what a text in the GSM alphabet takes."""
    return len(text) + sum(character in _TWO for character in text)


def _nearest(character: str) -> str:
    if character in _ONE or character in _TWO:
        return character
    bare = "".join(each for each in unicodedata.normalize("NFKD", character) if not unicodedata.combining(each))
    return bare if bare and all(each in _ONE or each in _TWO for each in bare) else "?"
