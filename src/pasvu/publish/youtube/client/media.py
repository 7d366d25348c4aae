"""Files as Google's client wants them: read in chunks, handed over as bytes."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from googleapiclient.http import MediaUpload

from pasvu.publish.errors import PlatformRefused

CHANGED = "Le fichier {name} a changé depuis l’ouverture de l’envoi. Refaites le rendu, puis relancez la publication."


class Chunks(MediaUpload):
    """A file read in chunks, handed over as bytes and not as a stream.

    A stream is drained by the first try: a refresh after 401 or a retry then announces bytes that never come.
    """

    def __init__(self, path: Path, chunk_bytes: int, *, resumable: bool = True, mimetype: str | None = None) -> None:
        self._name = path.name
        self._chunk_bytes = chunk_bytes
        self._resumable = resumable
        self._mimetype = mimetype or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        try:
            self._file = path.open("rb")
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
        due = min(length, self._bytes - begin)
        try:
            self._file.seek(begin)
            read = self._file.read(due)
        except OSError:
            read = b""
        if len(read) != due:
            raise PlatformRefused(CHANGED.format(name=self._name), reason="masterChanged")
        return read
