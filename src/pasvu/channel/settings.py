"""The settings: one documented place, read from `pasvu.toml` and the environment."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pasvu.channel.audience import DEFAULT_CADENCE, Cadence, read_cadence
from pasvu.channel.errors import Refused
from pasvu.channel.promise import Hours, Terms

ENV_PREFIX = "PASVU_"
CHUNK_GRAIN_BYTES = 256 * 1024
LONGEST_CHUNK_S = 10.0


class Settings(BaseSettings):
    """Everything that may be set; each field's description is its manual."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    home: Path = Field(Path("pasvu-home"), description="The folder that holds all data; the one to back up.")
    watch_dir: str = Field(
        "", description="Folders watched for recordings, comma-separated; `{home}/depot` by default."
    )
    watch_shares: str = Field(
        "",
        description="Watched folders, comma-separated, to treat as network shares though they look local; `*` for all. "
        "Nobody can see who writes there: files wait longer. Shares that the system knows as such are found.",
    )
    watch_every_s: float = Field(5, gt=0, description="How often every watched folder is looked through, in seconds.")
    database_url: str = Field("", description="Any SQLAlchemy URL; a SQLite file in `home` by default.")
    timezone: str = Field(
        "Europe/Paris", description="The channel's zone: slots, calendar and instants are shown in it."
    )
    language: str = Field("fr", description="Language of the panel and of sentences: `fr` or `en`.")
    settle_s: float = Field(30, ge=0, description="Quiet time before a dropped file is claimed, in seconds.")
    youtube_url: str = Field(
        "sandbox",
        description="`sandbox`, `google` (https://www.googleapis.com), or the base URL of a server of the same API.",
    )
    youtube_token_file: Path | None = Field(
        None, description="An authorized-user JSON to import at start; its `token_uri` is honoured."
    )
    token_key_file: Path | None = Field(
        None,
        description="The key that seals authorisations, made if it is not there; `{home}/secrets/token.key` by default."
        " Kept elsewhere, backups hold nothing that opens them.",
    )
    upload_chunk_mib: float = Field(
        16, gt=0, le=64, description="Size of an upload chunk in MiB; a multiple of 256 KiB."
    )
    upload_limit_mbit_s: float = Field(
        0,
        ge=0,
        description="Most that all uploads of this machine may take of the line together, in Mbit/s; 0: no limit.",
    )
    upload_hours: str = Field(
        "", description="When bytes may be sent, such as `22:00-07:00` in the channel's zone; always when empty."
    )
    uploads_at_once: int = Field(2, ge=1, le=8, description="How many files may be on their way at once.")
    poll_s: float = Field(60, gt=0, description="How often the publish and processing ticks look, in seconds.")
    views_cadence: str = Field(
        DEFAULT_CADENCE,
        description="How often a video is counted, by its age: every 5 minutes while younger than 2 hours, and so on.",
    )
    lives_found_every_s: int = Field(
        120,
        ge=0,
        le=3600,
        description="How often to look for broadcasts that are on, in seconds: one unit of quota each time (720 a day "
        "by default); 0 watches none.",
    )
    lives_counted_every_s: int = Field(
        60, ge=10, le=3600, description="How often to count who watches a broadcast that is on, in seconds."
    )
    alerts_to: str = Field(
        "",
        description="Where alerts and the weekly page go: Apprise addresses, comma-separated (`mailtos://…`, "
        "`mmosts://…`); they hold passwords, so prefer `PASVU_ALERTS_TO_FILE`.",
        repr=False,
    )
    weekly_page: bool = Field(False, description="Send the week's page on Monday morning to `alerts_to`.")
    publish_margin_s: float = Field(
        60, ge=5, description="A planned instant is handed to the platform only when it is at least this far ahead."
    )
    quota_reserve: int = Field(
        500,
        ge=0,
        le=5000,
        description="Units of YouTube's general quota (10,000 a day) kept for taking back an instant or a public "
        "video, and for looking at air time; all other work stops before them. One taking back costs 52.",
    )
    spacing_min: float = Field(
        30, ge=0, description="Minutes between two publications: closer ones are marked, and never proposed."
    )
    free_disk_gib: float = Field(2, ge=0, description="No new work is started when less than this is free in `home`.")
    hdr: Literal["keep", "tone_map"] = Field(
        "keep",
        description="Recordings in HDR (PQ, HLG): `keep` copies their picture, which YouTube shows as it is to screens "
        "that can; `tone_map` makes it anew in ordinary colours (BT.709), which takes about as long as the film.",
    )
    podcast: bool = Field(
        False,
        description="Make an audio rendition (M4A with chapters and cover) of every episode, where its programme does "
        "not say otherwise; `pasvu episode audio` makes one at a time. It follows each new cut.",
    )
    replays: bool = Field(
        False, description="Allow fetching finished lives by their address (yt-dlp); read your platform's rules first."
    )
    replay_cookies: bool = Field(
        False,
        description="Fetch lives as a signed-in person, with the cookie files left in `{home}/secrets/` "
        "(`cookies-facebook.txt`); read docs/operations.md first.",
    )
    ffmpeg: Path | None = Field(None, description="The ffmpeg to use; else the one on PATH, else the packaged one.")
    ffprobe: Path | None = Field(None, description="The ffprobe to use; else the one on PATH, else the packaged one.")
    host: str = Field("127.0.0.1", description="Address that the panel listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port of the panel.")
    oidc_issuer: str = Field(
        "",
        description="Address of the organisation's identity provider (OpenID Connect): another way to sign in.",
    )
    oidc_client_id: str = Field("", description="Our name at the identity provider.")
    oidc_client_secret: str = Field("", repr=False, description="Our secret at the identity provider.")
    oidc_name: str = Field("OpenID", description="What the panel calls the identity provider.")
    clock_offset_s: float = Field(0, description="Testing and demonstrations only: shifts the product's clock.")
    clock_rate: float = Field(1, gt=0, description="Testing and demonstrations only: speeds the product's clock up.")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as unknown:
            raise ValueError(f"« {name} » is not a time zone; write it like Europe/Paris") from unknown
        return name

    @field_validator("language")
    @classmethod
    def _known_language(cls, name: str) -> str:
        if name not in ("fr", "en"):
            raise ValueError("the panel speaks `fr` and `en`")
        return name

    @field_validator("upload_hours")
    @classmethod
    def _two_times(cls, text: str) -> str:
        if text and _read_hours(text) is None:
            raise ValueError("write two different times, such as 22:00-07:00")
        return text

    @field_validator("upload_chunk_mib")
    @classmethod
    def _whole_quarters(cls, size: float) -> float:
        # YouTube refuses chunks that are not a multiple of 256 KiB (resumable upload guide).
        if (size * 4) % 1:
            raise ValueError("a chunk must be a multiple of 256 KiB, that is of 0.25 MiB")
        return size

    @field_validator("views_cadence")
    @classmethod
    def _readable_cadence(cls, text: str) -> str:
        read_cadence(text)
        return text

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands over: it has already put file and environment in order."""
        return (init_settings,)

    @property
    def zone(self) -> ZoneInfo:
        """The channel's zone."""
        return ZoneInfo(self.timezone)

    @property
    def cadence(self) -> Cadence:
        """How often a video is counted, by its age."""
        return read_cadence(self.views_cadence)

    @property
    def url(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'pasvu.db'}"

    @property
    def watch_dirs(self) -> list[Path]:
        """The watched folders, absolute."""
        named = [Path(part.strip()).absolute() for part in self.watch_dir.split(",") if part.strip()]
        return named or [self.home.absolute() / "depot"]

    @property
    def watched_shares(self) -> list[Path]:
        """The watched folders to treat as network shares, absolute."""
        if self.watch_shares.strip() == "*":
            return self.watch_dirs
        return [Path(part.strip()).absolute() for part in self.watch_shares.split(",") if part.strip()]

    @property
    def free_disk_bytes(self) -> int:
        """What must stay free in the home, in bytes."""
        return int(self.free_disk_gib * 1024**3)

    @property
    def rehearsing(self) -> bool:
        """Whether the sandbox stands in for YouTube."""
        return self.youtube_url == "sandbox"

    @property
    def youtube_base(self) -> str | None:
        """Base URL of the YouTube API, or `None` for the sandbox, whose address is known once it runs."""
        if self.rehearsing:
            return None
        return "https://www.googleapis.com" if self.youtube_url == "google" else self.youtube_url.rstrip("/")

    @property
    def spacing(self) -> timedelta:
        """How far apart two publications should be."""
        return timedelta(minutes=self.spacing_min)

    @property
    def terms(self) -> Terms:
        """What these settings say of sending."""
        hours = _read_hours(self.upload_hours)
        return Terms(
            margin=timedelta(seconds=self.publish_margin_s),
            # Lines are sold in bits, files weigh in bytes.
            limit_bytes_s=self.upload_limit_mbit_s * 1e6 / 8 or None,
            hours=Hours(*hours, self.zone) if hours else None,
        )

    @property
    def upload_chunk_bytes(self) -> int:
        """Size of an upload chunk in bytes; a limited line gets smaller ones, for a stop is heard between two."""
        wanted = int(self.upload_chunk_mib * 1024 * 1024)
        limit = self.terms.limit_bytes_s
        if limit is None:
            return wanted
        return min(wanted, max(1, int(limit * LONGEST_CHUNK_S) // CHUNK_GRAIN_BYTES) * CHUNK_GRAIN_BYTES)


def _read_hours(text: str) -> tuple[time, time] | None:
    found = re.fullmatch(r"\s*(\d\d?:\d\d)\s*-\s*(\d\d?:\d\d)\s*", text)
    try:
        since, until = (time.fromisoformat(part.zfill(5)) for part in found.groups()) if found else (time(), time())
    except ValueError:
        return None
    return (since, until) if since != until else None


def load(home: Path | None = None, environ: dict[str, str] | None = None) -> Settings:
    """Read the settings: an explicit `home` beats `PASVU_*`, which beats `pasvu.toml`, which beats the defaults.

    `pasvu.toml` is looked for in the home, then in the current folder.

    Raises:
        Refused: an unknown or unreadable setting, with the nearest known name.
    """
    env = dict(os.environ) if environ is None else environ
    from_env = _from_environment(env)
    if home is not None:
        from_env["home"] = str(home)
    from_file = _from_file([Path(from_env.get("home", "pasvu-home")), Path.cwd()])
    try:
        return Settings(**{**from_file, **from_env})
    except ValidationError as wrong:
        first = wrong.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "?"
        raise Refused(f"Setting `{name}`: {first['msg'].removeprefix('Value error, ')}.") from wrong


def _from_environment(env: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, text in env.items():
        if not key.startswith(ENV_PREFIX):
            continue
        name = key.removeprefix(ENV_PREFIX).lower()
        if name not in Settings.model_fields and name.removesuffix("_file") in Settings.model_fields:
            name, text = name.removesuffix("_file"), _read_secret(key, Path(text))
        _must_be_known(name, f"{key} in the environment")
        found[name] = text
    return found


def _read_secret(key: str, path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as unreadable:
        why = unreadable.strerror if isinstance(unreadable, OSError) else "it is not text"
        raise Refused(f"{key} names {path}, which cannot be read: {why}.") from unreadable


def _from_file(folders: list[Path]) -> dict[str, Any]:
    path = next((folder / "pasvu.toml" for folder in folders if (folder / "pasvu.toml").is_file()), None)
    if path is None:
        return {}
    try:
        found = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as unreadable:
        raise Refused(f"{path} cannot be read: {unreadable}. Mend that line and start again.") from unreadable
    for name in found:
        _must_be_known(name, str(path))
    return found


def _must_be_known(name: str, where: str) -> None:
    if name in Settings.model_fields:
        return
    near = difflib.get_close_matches(name, Settings.model_fields, n=1)
    hint = f" Did you mean `{near[0]}`?" if near else " See docs/settings.md for those there are."
    raise Refused(f"Unknown setting `{name}` ({where}).{hint}")
