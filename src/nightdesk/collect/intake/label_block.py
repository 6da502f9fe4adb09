"""The labels of one series as remote write sends them: a block of Label fields, read once for each series."""

from nightdesk.collect.intake.protobuf import Allowance, Wire, read_fields
from nightdesk.errors import BadLabels
from nightdesk.model.labels import METRIC_NAME, Labels

_FIRST, _SECOND = 0x0A, 0x12
"""Tags of the first and the second field where they hold bytes."""


def read_labels(block: bytes, allowance: Allowance) -> Labels | BadLabels:
    """Read a label block; a set that cannot stand (no name, twice the same, not UTF-8) is answered as an error.

    Raises:
        BadPayload: the block is not made of Label messages.
        PayloadTooLarge: they have more fields than the allowance.
    """
    pairs: dict[str, str] = {}
    for name, value in _quick_pairs(block) or _pairs(block, allowance):
        try:
            word, text = name.decode(), value.decode()
        except UnicodeDecodeError:
            return BadLabels("a label is not UTF-8")
        if not word:
            return BadLabels("a label has no name")
        if word in pairs:
            return BadLabels(f"label {word!r} is given twice")
        pairs[word] = text
    if not pairs.get(METRIC_NAME):
        return BadLabels("a series has no metric name")
    return Labels(pairs.items())


def _quick_pairs(block: bytes) -> list[tuple[bytes, bytes]] | None:
    """Read labels of the usual form: name, then value, each shorter than 128 bytes; None where one is not so."""
    found, place, total = [], 0, len(block)
    while place + 6 <= total:
        length, name_length = block[place + 1], block[place + 3]
        end, name_end = place + 2 + length, place + 4 + name_length
        if not (
            block[place] == block[place + 2] == _FIRST
            and length < 0x80
            and name_end + 2 <= end <= total
            and block[name_end] == _SECOND
            and name_end + 2 + block[name_end + 1] == end
        ):
            return None
        found.append((block[place + 4 : name_end], block[name_end + 2 : end]))
        place = end
    return found if place == total else None


def _pairs(block: bytes, allowance: Allowance) -> list[tuple[bytes, bytes]]:
    """Read labels of any form."""
    found = []
    for _, _, start, end in read_fields(block, 0, len(block), allowance):
        texts = [b"", b""]
        for number, wire, place, stop in read_fields(block, start, end, allowance):
            if wire is Wire.BYTES and number in (1, 2):
                texts[number - 1] = block[place:stop]
        found.append((texts[0], texts[1]))
    return found
