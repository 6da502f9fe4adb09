"""A process of its own that asks filesystems for their size; run as a file, so that it imports nothing of the desk.

Reads mount points, each ended by a zero byte, from standard input, one at a time; answers each with a line:
`blocks free available files files_free block_size`, or `error NUMBER`. Ends with its input. A filesystem that hangs
hangs this process, which its parent then kills and leaves behind.
"""

import os


def main() -> None:
    """Answer until the input ends."""
    pending = b""
    while chunk := os.read(0, 4096):
        pending += chunk
        while b"\0" in pending:
            point, _, pending = pending.partition(b"\0")
            os.write(1, answer(point))


def answer(point: bytes) -> bytes:
    """Return the line for one mount point."""
    try:
        size = os.statvfs(point)
    except OSError as error:
        return b"error %d\n" % (error.errno or 0)
    numbers = (size.f_blocks, size.f_bfree, size.f_bavail, size.f_files, size.f_ffree, size.f_frsize)
    return b" ".join(b"%d" % number for number in numbers) + b"\n"


if __name__ == "__main__":
    main()
