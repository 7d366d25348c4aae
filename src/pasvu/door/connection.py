"""The way to YouTube: the stand-in while rehearsing, else the authorisation kept in `secrets/`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from pasvu.channel.clock import Clock
from pasvu.channel.errors import Refused
from pasvu.channel.folders import Folders
from pasvu.channel.settings import Settings
from pasvu.publish import sandbox
from pasvu.publish.platform import Platform, SpendQuota
from pasvu.publish.youtube import YouTube
from pasvu.publish.youtube.authorization import AuthorizedUser, read_authorized_user, write_authorized_user

SANDBOX_STARTS_WITHIN_S = 10.0
YOUTUBE_WATCH = "https://www.youtube.com/watch?v="


class Connection(Mapping[str, Platform]):
    """The platforms by name, made at first use, and made again when the authorisation changes."""

    def __init__(self, settings: Settings, folders: Folders, clock: Clock, spend: SpendQuota) -> None:
        self._settings, self._folders, self._clock, self._spend = settings, folders, clock, spend
        self._own_sandbox: sandbox.Sandbox | None = None
        self._youtube: tuple[object, YouTube] | None = None
        self._imported = False

    def __getitem__(self, name: str) -> Platform:
        """The platform of this name."""
        if name != YouTube.name:
            raise KeyError(name)
        stamp = self._stamp()
        if self._youtube is None or self._youtube[0] != stamp:
            self._youtube = (stamp, self._make())
        return self._youtube[1]

    def __iter__(self) -> Iterator[str]:
        """YouTube alone, for now."""
        return iter((YouTube.name,))

    def __len__(self) -> int:
        """How many there are."""
        return 1

    @property
    def token_path(self) -> Path:
        """Where the authorisation is kept."""
        return self._folders.secrets / "youtube.json"

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

    def connected(self) -> bool:
        """Whether an authorisation is kept, or needs none."""
        return self._settings.rehearsing or self._import() or self.token_path.exists()

    def keep(self, user: AuthorizedUser) -> None:
        """Keep an authorisation, for this user of the machine alone."""
        write_authorized_user(self.token_path, user)

    def close(self) -> None:
        """Stop what was started here."""
        if self._own_sandbox is not None:
            self._own_sandbox.close()
            self._own_sandbox = None

    def _make(self) -> YouTube:
        base = self.sandbox_url() or self._settings.youtube_base
        assert base is not None
        return YouTube(
            base,
            self._authorisation(),
            chunk_bytes=self._settings.upload_chunk_bytes,
            clock=self._clock,
            spend=self._spend,
            sleep=self._clock.sleep,
            watch_base=f"{base}/watch?v=" if self._settings.rehearsing else YOUTUBE_WATCH,
            limit_bytes_s=self._settings.terms.limit_bytes_s,
        )

    def _authorisation(self) -> AuthorizedUser:
        if self._settings.rehearsing:
            return read_authorized_user((self._folders.sandbox / "authorized_user.json").read_text())
        self._import()
        if self.token_path.exists():
            return read_authorized_user(self.token_path.read_text())
        # Without one the pure part of the contract still serves; any call says that nobody connected the channel.
        return AuthorizedUser(client_id="", client_secret="", refresh_token="")

    def _import(self) -> bool:
        given = self._settings.youtube_token_file
        if given is None:
            return False
        if not self._imported:
            try:
                if not self.token_path.exists() or given.stat().st_mtime > self.token_path.stat().st_mtime:
                    # What a person connected since is newer, and stays.
                    self.keep(read_authorized_user(given.read_text()))
            except OSError as unreadable:
                raise Refused(f"`youtube_token_file` : {given} ne se lit pas ({unreadable.strerror}).") from unreadable
            self._imported = True
        return True

    def _stamp(self) -> object:
        if self._settings.rehearsing:
            return self.sandbox_url()
        path = self.token_path
        return path.stat().st_mtime_ns if path.exists() else None
