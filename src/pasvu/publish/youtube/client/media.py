"""Files as Google's client wants them: whole when they are small, else chunk by chunk and each chunk piece by piece."""

from __future__ import annotations

import mimetypes
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from googleapiclient.http import MediaUpload

from pasvu.channel.typography import marked
from pasvu.publish.errors import PlatformRefused

CHANGED = marked(
    "Le fichier {name} a changé depuis l’ouverture de l’envoi. Refaites le rendu, puis relancez la publication."
)


# A piece stays in the processor's cache between being read and being sent: bigger ones are slower, not quicker.
PIECE_BYTES = 256 * 1024


class Chunks(MediaUpload):
    """A file read in chunks, handed over as if it were bytes and not as a stream.

    The library drains a stream in its first try: a refresh after 401 or a retry then announces bytes that never come.
    A chunk of an upload session is read while it is sent, and may be sent once only: our connection never sends a
    request again by itself, and the next try makes its chunk anew.
    """

    def __init__(self, path: Path, chunk_bytes: int, *, resumable: bool = True, mimetype: str | None = None) -> None:
        self._name = path.name
        self._chunk_bytes = chunk_bytes
        self._resumable = resumable
        self._mimetype = mimetype or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        try:
            self._file: BinaryIO = path.open("rb", buffering=0)
        except OSError as error:
            raise PlatformRefused(
                f"Le fichier {path.name} ne peut pas être lu ({error.strerror}). Refaites le rendu, puis réessayez.",
                reason="unreadable",
            ) from None
        self._bytes = self._file.seek(0, 2)

    def __enter__(self) -> Chunks:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def chunksize(self) -> int:
        """Bytes per chunk."""
        return self._chunk_bytes

    def mimetype(self) -> str:
        """Media type of the file."""
        return self._mimetype

    def size(self) -> int:
        """Bytes in the file when it was opened."""
        return self._bytes

    def resumable(self) -> bool:
        """Whether it goes by an upload session."""
        return self._resumable

    def has_stream(self) -> bool:
        """Never: see the class."""
        return False

    def getbytes(self, begin: int, length: int) -> bytes:
        """Exactly the bytes that are due; a short read would tell the server that the file ends here."""
        return b"".join(self.slice(begin, length))

    def slice(self, begin: int, length: int) -> Slice:
        """The stretch at `begin`, at most `length` bytes of it, to be read when it is sent."""
        return Slice(self._file, self._name, begin, min(length, self._bytes - begin))


class Slice:
    """A stretch of a file that is read when it is sent: memory is one piece, whatever the length."""

    def __init__(self, file: BinaryIO, name: str, begin: int, length: int) -> None:
        self._file, self._name, self._begin, self._length = file, name, begin, length

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[memoryview]:
        """Pieces in order, each valid until the next is asked for.

        Raises:
            PlatformRefused: the file ends before its time; the request that was begun is then cut short.
        """
        buffer = memoryview(bytearray(min(PIECE_BYTES, self._length)))
        left = self._length
        try:
            self._file.seek(self._begin)
            while left:
                read = self._file.readinto(buffer[: min(left, len(buffer))])  # type: ignore[attr-defined]
                if not read:
                    break
                left -= read
                yield buffer[:read]
        except OSError:
            pass
        self._check(left)

    def pour(self, sock: socket.socket) -> None:
        """Have the kernel send it all over a line without TLS: not a byte comes through this process.

        Raises:
            PlatformRefused: as above.
        """
        self._check(self._length - sock.sendfile(self._file, self._begin, self._length))

    def _check(self, left: int) -> None:
        if left:
            raise PlatformRefused(CHANGED.format(name=self._name), reason="masterChanged")
