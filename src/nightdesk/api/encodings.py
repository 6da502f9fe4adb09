"""How answers are packed: what the client takes, and a packer that goes piece by piece."""

import zlib
from typing import Final, Protocol

import cramjam

GZIP: Final = "gzip"
ZSTD: Final = "zstd"
_GZIP_WINDOW: Final = 31
_FASTEST: Final = 1


class Packer(Protocol):
    """Packs a body piece by piece."""

    def compress(self, data: bytes, /) -> bytes:
        """Take a piece; return what is packed so far, often nothing."""
        ...

    def flush(self) -> bytes:
        """Return the rest."""
        ...


class _Zstd:
    """A `Packer` by cramjam, whose own counts bytes instead of returning them."""

    def __init__(self) -> None:
        self._compressor = cramjam.zstd.Compressor(level=_FASTEST)

    def compress(self, data: bytes, /) -> bytes:
        self._compressor.compress(data)
        return bytes(self._compressor.flush())

    def flush(self) -> bytes:
        return bytes(self._compressor.finish())


def chosen(accepted: str) -> str:
    """Return the encoding for an Accept-Encoding: zstd where it is named, else gzip, else nothing (RFC 9110, 12.5.3).

    `*` alone gets no packing: no client of ours says just that.
    """
    takes = set()
    for each in accepted.lower().split(","):
        name, _, parameters = each.partition(";")
        weight = parameters.replace(" ", "").removeprefix("q=")
        if not (weight and weight.strip("0.") == ""):
            takes.add(name.strip())
    return next((encoding for encoding in (ZSTD, GZIP) if encoding in takes), "")


def packer(encoding: str) -> Packer:
    """Return a packer for an encoding that `chosen` gave; quick rather than small."""
    if encoding == ZSTD:
        return _Zstd()
    return zlib.compressobj(_FASTEST, zlib.DEFLATED, _GZIP_WINDOW)


def pack(body: bytes, encoding: str) -> bytes:
    """Pack a whole body."""
    each = packer(encoding)
    return each.compress(body) + each.flush()
