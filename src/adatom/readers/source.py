"""The bytes of one file, taken with care: bounded, decoded once, hashed."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from adatom.errors import RecordingError, printable

MAX_BYTES = 256_000_000
"""Larger files are refused unread; reading takes up to nine times the size in memory."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
MAX_LINES = 5_000_000
MAX_LINE = 100_000
"""Characters."""
HEAD_BYTES = 65_536
"""A format shows within so much of a file."""


@dataclass(frozen=True)
class Source:
    """A file as it was on the disk."""

    path: Path
    data: bytes

    @cached_property
    def sha256(self) -> str:
        """Of the bytes, hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def binary(self) -> bool:
        """Whether the file is no text in any of the encodings known here."""
        return not self.data.startswith(_UTF_16) and b"\0" in self.data[:HEAD_BYTES]

    @cached_property
    def plain(self) -> bytes:
        """The text with line feeds and without byte order mark, in :attr:`codec`."""
        if self.binary:
            return b""
        data = self.data
        if data.startswith(_UTF_16):
            data = data.decode("utf-16", "replace").encode("utf-8", "replace")
        data = data.removeprefix(b"\xef\xbb\xbf")
        if b"\r" in data:
            for ending in (b"\r\r\n", b"\r\n", b"\r"):
                data = data.replace(ending, b"\n")
        return data

    @cached_property
    def codec(self) -> str:
        """Of :attr:`plain`: UTF-8, or Latin-1 where that fails."""
        try:
            self.plain.decode("utf-8")
        except UnicodeDecodeError:
            return "latin-1"
        return "utf-8"

    @cached_property
    def head(self) -> str:
        """The beginning of the text."""
        return self.plain[:HEAD_BYTES].decode(self.codec, "replace")

    @cached_property
    def lines(self) -> list[str]:
        """Lines of the text, numbered from 0 here and from 1 in messages."""
        if self.plain.count(b"\n") > MAX_LINES:
            raise self.refuse(f"more than {MAX_LINES} lines; export fewer points")
        found = self.plain.decode(self.codec).split("\n")
        for number, line in enumerate(found):
            if len(line) > MAX_LINE:
                raise self.refuse(f"a line of {len(line)} characters is no measurement", number)
        return found

    def refuse(self, message: str, line: int | None = None) -> RecordingError:
        """The error for this file; ``line`` counts from 0 as :attr:`lines` does."""
        where = "" if line is None else f", line {line + 1}"
        return RecordingError(f"{self.path}{where}: {printable(' '.join(message.split()), 600)}")


def open_source(path: Path) -> Source:
    """Read a file whole.

    Raises :class:`~adatom.errors.RecordingError` for what is no file, is empty or too large.
    """
    if path.is_dir():
        raise RecordingError(f"{path} is a folder; name the files in it")
    if not path.exists():
        raise RecordingError(f"{path} does not exist; check the name")
    if not path.is_file():
        raise RecordingError(f"{path} is a device or pipe; save it as a file first")
    size = path.stat().st_size
    if size <= MAX_BYTES:
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise RecordingError(f"{path} cannot be read: {error.strerror}") from None
        size = max(size, len(data))
    if size > MAX_BYTES:
        raise RecordingError(
            f"{path} has {size / 1e6:.0f} MB, at most {MAX_BYTES // 1_000_000} MB are read; export"
            " fewer points (every n-th) or one technique or cycle a file"
        )
    if not data.strip(b" \t\r\n\0"):
        raise RecordingError(f"{path} is empty; export the measurement again")
    return Source(path, data)
