"""The way to YouTube: the stand-in while rehearsing, else the authorisation that a person granted, kept sealed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pasvu.channel import connections, sealing
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.errors import PasVuError, Refused
from pasvu.channel.folders import Folders
from pasvu.channel.models import PlatformConnection
from pasvu.channel.settings import Settings
from pasvu.channel.values import RemoteChannel
from pasvu.publish import sandbox
from pasvu.publish.errors import NotConnected
from pasvu.publish.platform import Platform, SpendQuota
from pasvu.publish.youtube import YouTube
from pasvu.publish.youtube.authorization import AuthorizedUser, authorized_user_json, read_authorized_user

log = logging.getLogger(__name__)

SANDBOX_STARTS_WITHIN_S = 10.0
YOUTUBE_WATCH = "https://www.youtube.com/watch?v="


class Addresses:
    """Seals addresses of open uploads under the same key file as authorisations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def seal(self, text: str) -> str:
        """The address sealed."""
        return self._connection.seal(text, "upload")

    def opened(self, sealed: str) -> str | None:
        """The address back; one kept by an earlier version stands as it is."""
        if not sealing.is_sealed(sealed):
            return sealed
        try:
            return self._connection.opened(sealed, "upload")
        except NotConnected:
            log.warning("the address of an open upload was sealed with another key")
            return None


class Connection(Mapping[str, Platform]):
    """The platforms by name, made at first use, and made again when the authorisation changes."""

    def __init__(self, settings: Settings, folders: Folders, clock: Clock, spend: SpendQuota, record: Record) -> None:
        self._settings, self._folders, self._clock, self._spend = settings, folders, clock, spend
        self._record = record
        self._own_sandbox: sandbox.Sandbox | None = None
        self._youtube: tuple[object, YouTube] | None = None
        self._imported = False

    def __getitem__(self, name: str) -> Platform:
        """The platform of this name."""
        if name != YouTube.name:
            raise KeyError(name)
        return self._youtube_now()

    def __iter__(self) -> Iterator[str]:
        """YouTube alone, for now."""
        return iter((YouTube.name,))

    def __len__(self) -> int:
        """How many there are."""
        return 1

    @property
    def addresses(self) -> Addresses:
        """What seals the addresses of open uploads."""
        return Addresses(self)

    @property
    def server(self) -> str:
        """Where it leads: `sandbox`, or a base URL."""
        return "sandbox" if self._settings.rehearsing else str(self._settings.youtube_base)

    def sandbox_url(self) -> str | None:
        """Address of the stand-in, started here if no process of this home serves it; `None` when not rehearsing."""
        if not self._settings.rehearsing:
            return None
        if self._own_sandbox is not None:
            return self._own_sandbox.url
        until = time.monotonic() + SANDBOX_STARTS_WITHIN_S
        while True:
            serving = sandbox.running(self._folders.sandbox)
            if serving is not None:
                return serving
            try:
                self._own_sandbox = sandbox.serve(self._folders.sandbox, self._clock)
            except Refused:
                # Another process was faster, and is about to say where it serves.
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
            else:
                return self._own_sandbox.url

    def kept(self) -> PlatformConnection | None:
        """What the record holds of the connection; what was imported or kept by an earlier version is in it."""
        self._import()
        with self._record.read() as session:
            return connections.find(session, YouTube.name, self.server)

    def connected(self) -> bool:
        """Whether an authorisation is kept, or needs none."""
        kept = self.kept()
        return self._settings.rehearsing or (kept is not None and kept.sealed is not None)

    def client(self) -> str | None:
        """The OAuth client that people connect through, as JSON; the stand-in brings its own."""
        if self.sandbox_url() is not None:
            return (self._folders.sandbox / "client_secret.json").read_text()
        kept = self.kept()
        return self.opened(kept.sealed_client, "client") if kept is not None and kept.sealed_client else None

    def keep_client(self, text: str, by: str) -> None:
        """Keep the OAuth client, sealed."""
        sealed = self.seal(text, "client")
        with self._record.write() as session:
            connections.keep_client(session, YouTube.name, self.server, sealed, self._clock.now(), by)

    def keep(self, user: AuthorizedUser, by: str) -> RemoteChannel:
        """Keep an authorisation once its channel is known, and is the one that was connected before, if any.

        Raises:
            Refused: of another channel; nothing is kept.
        """
        channel = self._make(user, None).channel()
        with self._record.read() as session:
            connections.check_channel(connections.find(session, YouTube.name, self.server), channel)
        self._write(user, channel, datetime.now(UTC), by)
        return channel

    def check(self) -> str | None:
        """Ask the platform whether it still knows us, and write down what it says; what is wrong, or `None`."""
        if self.kept() is None:
            return None
        channel, trouble = None, None
        try:
            channel = self._youtube_now().channel()
            with self._record.read() as session:
                connections.check_channel(connections.find(session, YouTube.name, self.server), channel)
        except PasVuError as wrong:
            trouble = str(wrong)
        with self._record.write() as session:
            connections.note_check(session, YouTube.name, self.server, channel, trouble, self._clock.now())
        return trouble

    def disconnect(self, by: str) -> bool:
        """Take the grant back at the platform and erase it here; whether the platform confirmed.

        Raises:
            Refused: nothing is connected.
        """
        # Imported here: the consent flow alone needs it.
        from pasvu.publish.youtube import oauth

        kept = self.kept()
        confirmed = False
        if kept is not None and kept.sealed is not None:
            try:
                confirmed = oauth.revoke(self._user(kept.sealed))
            except NotConnected:
                # Sealed with a key that is gone: there is nothing to show the platform, and nothing to keep.
                log.warning("an authorisation that cannot be opened any more is erased")
        with self._record.write() as session:
            connections.forget(session, YouTube.name, self.server, self._clock.now(), by)
        return confirmed

    def close(self) -> None:
        """Stop what was started here."""
        if self._own_sandbox is not None:
            self._own_sandbox.close()
            self._own_sandbox = None

    def _youtube_now(self) -> YouTube:
        kept = self.kept()
        channel = (kept.channel_id, kept.long_uploads) if kept else (None, None)
        stamp = (self.sandbox_url(), kept.sealed if kept else None, channel)
        if self._youtube is None or self._youtube[0] != stamp:
            self._youtube = (stamp, self._make(self._authorisation(kept), *channel))
        return self._youtube[1]

    def _make(self, user: AuthorizedUser, pinned_to: str | None, long_uploads: bool | None = None) -> YouTube:
        base = self.sandbox_url() or self._settings.youtube_base
        assert base is not None
        return YouTube(
            base,
            user,
            chunk_bytes=self._settings.upload_chunk_bytes,
            clock=self._clock,
            spend=self._spend,
            sleep=self._clock.sleep,
            watch_base=f"{base}/watch?v=" if self._settings.rehearsing else YOUTUBE_WATCH,
            limit_bytes_s=self._settings.terms.limit_bytes_s,
            turns_file=self._folders.run / "line.turns",
            pinned_to=pinned_to,
            long_uploads=long_uploads,
        )

    def _authorisation(self, kept: PlatformConnection | None) -> AuthorizedUser:
        if kept is not None and kept.sealed is not None:
            return self._user(kept.sealed)
        if self._settings.rehearsing:
            return read_authorized_user((self._folders.sandbox / "authorized_user.json").read_text())
        # Without one the pure part of the contract still serves; any call says that nobody connected the channel.
        return AuthorizedUser(client_id="", client_secret="", refresh_token="")

    def _user(self, sealed: str) -> AuthorizedUser:
        user = read_authorized_user(self.opened(sealed, "authorisation"))
        here = self.sandbox_url()
        # The stand-in may have come back at another port.
        return replace(user, token_uri=f"{here}/token") if here else user

    def _write(self, user: AuthorizedUser, channel: RemoteChannel | None, granted_at: datetime, by: str) -> None:
        sealed = self.seal(authorized_user_json(user), "authorisation")
        with self._record.write() as session:
            connections.keep(
                session,
                YouTube.name,
                self.server,
                sealed,
                user.scopes,
                channel,
                granted_at,
                self._clock.now(),
                by,
            )

    def _import(self) -> None:
        """Take in the file of the setting when it is newer than what is kept, and the file of earlier versions."""
        if self._imported:
            return
        former = self._folders.secrets / "youtube.json"
        for path, goes in ((former, True), (self._settings.youtube_token_file, False)):
            if path is None or self._settings.rehearsing or (goes and not path.exists()):
                continue
            self._take_in(path)
            if goes:
                path.unlink()
        self._imported = True

    def _take_in(self, path: Path) -> None:
        try:
            written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            text = path.read_text()
        except OSError as unreadable:
            raise Refused(f"`youtube_token_file` : {path} ne se lit pas ({unreadable.strerror}).") from unreadable
        with self._record.read() as session:
            kept = connections.find(session, YouTube.name, self.server)
        if kept is None or kept.granted_at is None or kept.granted_at < written_at:
            # What a person connected since is newer, and stays. Its channel is learnt at the first check.
            self._write(read_authorized_user(text), None, written_at, "pasvu")

    def seal(self, text: str, what: str) -> str:
        """The text under the key file, bound to what it is for."""
        return sealing.seal(self._keys()[0], text, self._about(what))

    def opened(self, sealed: str, what: str) -> str:
        """The text back.

        Raises:
            NotConnected: sealed with another key, for something else, or altered.
        """
        try:
            return sealing.unseal(self._keys(), sealed, self._about(what))
        except Refused as shut:
            raise NotConnected(str(shut)) from None

    def replace_key(self, by: str) -> tuple[bool, int]:
        """Put a new key in place of the one that seals; whether that had begun before, and what no key opens.

        Raises:
            Refused: the key's folder is not ours to write in.
        """
        shut = 0

        def reseal() -> None:
            nonlocal shut
            with self._record.write() as session:
                shut = connections.reseal(session, self._again, self._clock.now(), by)

        begun = sealing.replace_key(self._key_file, reseal)
        return begun, shut

    def _again(self, sealed: str, server: str | None, what: str) -> str | None:
        if not sealing.is_sealed(sealed):
            return sealed
        # An upload's address does not say which server it is for: this one's, or the rehearsal's.
        for place in dict.fromkeys([server] if server else [self.server, "sandbox"]):
            about = f"{YouTube.name}|{place}|{what}"
            try:
                text = sealing.unseal(self._keys(), sealed, about)
            except Refused:
                continue
            return sealing.seal(self._keys()[0], text, about)
        return None

    def _about(self, what: str) -> str:
        return f"{YouTube.name}|{self.server}|{what}"

    @property
    def _key_file(self) -> Path:
        return self._settings.token_key_file or self._folders.secrets / "token.key"

    def _keys(self) -> list[bytes]:
        return sealing.keys_in(self._key_file)
