"""Secrets at rest: sealed with AES-256-GCM under a key that lies in a file of its own, never in the record."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pasvu.channel.errors import Refused
from pasvu.channel.folders import sync_folder

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = "v1"


def key_in(path: Path) -> bytes:
    """The key in this file, made if it is not there, for this user of the machine alone.

    Raises:
        Refused: the file is unreadable or holds no key.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # O_EXCL: of two processes that start together, one makes the key and the other reads it.
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except FileExistsError:
        return _read(path)
    key = secrets.token_bytes(KEY_BYTES)
    with os.fdopen(made, "wb") as out:
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
    # What is sealed with it must not outlive it.
    sync_folder(path.parent)
    return key


def keys_in(path: Path) -> list[bytes]:
    """The keys by this file: the one to seal with first, then those that may still open something.

    While a key is being replaced there are two: whatever is sealed from then on is sealed with the new one.

    Raises:
        Refused: a file is unreadable or holds no key.
    """
    current = key_in(path)
    coming, leaving = (_read(each) if each.exists() else None for each in (_next(path), _former(path)))
    return [key for key in (coming, current, leaving) if key is not None]


def replace_key(path: Path, reseal: Callable[[], None]) -> bool:
    """Put a new key in place of the one in this file; whether it was begun by an earlier call that did not end.

    `reseal` opens all there is and seals it with the first of `keys_in`. Stopped anywhere, everything still opens, and
    the next call goes on: the former key is erased last.

    Raises:
        Refused: the folder of the key is not ours to write in.
    """
    key_in(path)
    begun = _next(path).exists() or _former(path).exists()
    try:
        if not _former(path).exists() or _next(path).exists():
            key_in(_next(path))
            reseal()
            _write(_former(path), _read(path))
            _next(path).replace(path)
            sync_folder(path.parent)
        # A process may have sealed with the former key just before it could see the new one.
        reseal()
        _former(path).unlink()
        sync_folder(path.parent)
    except OSError as refused:
        raise Refused(
            "La clé ne peut pas être changée dans {folder} ({why}) : faites-le là où ce dossier s’écrit.",
            folder=path.parent,
            why=refused.strerror,
        ) from refused
    return begun


def seal(key: bytes, text: str, about: str) -> str:
    """The text sealed; it opens only with the same key, and for the same `about`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, text.encode(), _bound(key, about))
    return f"{VERSION}.{_name(key)}.{base64.urlsafe_b64encode(sealed).decode()}"


def is_sealed(text: str) -> bool:
    """Whether a text is one of ours, sealed."""
    return text.startswith(f"{VERSION}.")


def unseal(keys: bytes | Sequence[bytes], sealed: str, about: str) -> str:
    """The text back, by whichever of the keys sealed it.

    Raises:
        Refused: sealed with another key, for something else, or altered since.
    """
    version, _, rest = sealed.partition(".")
    name, _, body = rest.partition(".")
    ring = [keys] if isinstance(keys, bytes) else list(keys)
    key = next((each for each in ring if _name(each) == name), ring[0])
    if version == VERSION and name != _name(key):
        raise Refused(
            "L’autorisation a été chiffrée avec une autre clé : remettez le fichier de clé d’alors, ou reconnectez "
            "la chaîne."
        )
    try:
        raw = base64.urlsafe_b64decode(body.encode())
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(key, about)).decode()
    except (InvalidTag, ValueError) as altered:
        raise Refused("L’autorisation gardée est abîmée : reconnectez la chaîne.") from altered


def _next(path: Path) -> Path:
    return path.with_name(f"{path.name}.next")


def _former(path: Path) -> Path:
    return path.with_name(f"{path.name}.former")


def _write(path: Path, key: bytes) -> None:
    aside = path.with_name(f"{path.name}.part")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
    aside.replace(path)
    sync_folder(path.parent)


def _read(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except OSError as unreadable:
        raise Refused(f"La clé {path} ne se lit pas ({unreadable.strerror}).") from unreadable
    if len(key) != KEY_BYTES:
        raise Refused(f"{path} n’est pas une clé de chiffrement : remettez la vôtre, ou effacez-la et reconnectez.")
    return key


def _name(key: bytes) -> str:
    """What a key is called: says which one is missing, and nothing about it."""
    return hashlib.sha256(b"pasvu key name" + key).hexdigest()[:8]


def _bound(key: bytes, about: str) -> bytes:
    return f"{VERSION}|{_name(key)}|{about}".encode()
