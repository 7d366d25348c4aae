"""The steps from a live asked for to an episode: fetch it, then take it in with all that the site says of it."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pasvu.channel import captioning, captions, intake, replays, review, sites
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.errors import Cancelled, NoRoom, Passing, PasVuError, Refused
from pasvu.channel.folders import Folders
from pasvu.channel.models import ChapterMark, Episode, ReplayRequest
from pasvu.channel.states import JobState, ReplayState
from pasvu.channel.typography import fine, marked
from pasvu.channel.wording import stamp
from pasvu.ingest import aside, cookies, fetching
from pasvu.ingest.claim import Drop, claim, finish_claims
from pasvu.ingest.egress import Egress
from pasvu.ingest.fetching import Fetched, Found
from pasvu.ingest.tools import Tools

log = logging.getLogger(__name__)

KIND = "replay"
ONCE_A_SECOND = 1.0
UNFORESEEN = marked(
    "Une erreur imprévue a arrêté la récupération : relancez-la ; ce qui est déjà là ne sera pas redemandé."
)
SHORT_TRIES = 3
"""So often a live that is shorter than announced is asked for again: the site may still be at work on it."""
_TITLE_LONGEST = 200


def job_of(request: ReplayRequest) -> str:
    """The name of a request's job: the same attempt never runs twice."""
    return f"{KIND}:{request.id}:{request.attempt}"


@dataclass(frozen=True)
class ReplaySteps:
    """What the steps of every such job work with. `egress` is another one in tests alone."""

    record: Record
    folders: Folders
    clock: Clock
    tools: Callable[[], Tools]
    zone: ZoneInfo
    floor_bytes: int = 0
    egress: fetching.MakeEgress = Egress
    cookies: bool = False
    """Whether the sites' cookie files of `secrets/` are used."""

    def folder(self, request_id: str) -> Path:
        """Where a live lies until it is taken in."""
        return self.folders.run / "replays" / request_id

    def fetch(self, request_id: str, job_id: str) -> str:
        """Bring the live to this disk, and write down beside it what the site says.

        An attempt that was stopped takes a moment to end: the next one waits, for they write the same files.
        """
        with self._alone_with(request_id):
            return self._carry_out(request_id, job_id, self._fetch)

    def take(self, request_id: str, job_id: str) -> str:
        """Make an episode of it; once, whatever dies on the way."""
        # Killed after the record says « received », before the film is in its place: there is still work to do.
        return self._carry_out(request_id, job_id, self._take, ReplayState.RECEIVED)

    def _carry_out(self, request_id: str, job_id: str, work: Callable[[str, str], None], *also: ReplayState) -> str:
        if not self._wanted(request_id, job_id, *also):
            return JobState.CANCELLED
        try:
            work(request_id, job_id)
        except (Passing, NoRoom) as why:
            return self._stopped(request_id, job_id, replays.wait, str(why), JobState.LATER)
        except Cancelled:
            return JobState.CANCELLED
        except PasVuError as why:
            return self._stopped(request_id, job_id, replays.fail, str(why), JobState.FAILED)
        except Exception:
            log.exception("job %s failed", job_id)
            return self._stopped(request_id, job_id, replays.fail, fine(UNFORESEEN), JobState.FAILED)
        return JobState.DONE

    def _stopped(
        self,
        request_id: str,
        job_id: str,
        write: Callable[[Session, ReplayRequest, str, datetime], None],
        sentence: str,
        outcome: JobState,
    ) -> str:
        with self.record.write() as session:
            request = replays.find(session, request_id)
            if request.state is ReplayState.FETCHING and job_of(request) == job_id:
                write(session, request, sentence, self.clock.now())
        return outcome

    @contextmanager
    def _alone_with(self, request_id: str) -> Iterator[None]:
        folder = self.folder(request_id)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with folder.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _wanted(self, request_id: str, job_id: str, *also: ReplayState) -> bool:
        with self.record.read() as session:
            request = replays.find(session, request_id)
            under_way = request.state in (ReplayState.ASKED, ReplayState.FETCHING, *also)
            return under_way and job_of(request) == job_id

    def _fetch(self, request_id: str, job_id: str) -> None:
        with self.record.write() as session:
            request = replays.find(session, request_id)
            replays.begin(request, self.clock.now())
            address, any_site, tries = request.address, request.any_site, request.tries
        folder = self.folder(request_id)
        if (folder / "fetched.json").exists():
            return
        fetched = fetching.fetch(
            self.tools(),
            address,
            folder,
            any_site=any_site,
            free_bytes=self.folders.free_bytes() - self.floor_bytes,
            on_found=lambda found: self._describe(request_id, found),
            on_progress=self._reporter(request_id),
            should_stop=self._listener(request_id, job_id),
            egress=self.egress,
            signed_in=self._cookies_of(sites.site_of(address)),
        )
        if fetching.missing_s(fetched.info, fetched.found) and tries < SHORT_TRIES:
            shutil.rmtree(folder)
            raise Passing("Le site ne donne encore qu’une partie de ce direct : nouvel essai plus tard.")
        words = sidecar(fetched.found, address, self.zone)
        (folder / "replay.json").write_text(json.dumps(words, ensure_ascii=False, indent=1), encoding="utf-8")
        if fetched.picture is not None:
            fetched.picture.replace(folder / "replay.jpg")
        # Last: a try that died before this begins again, with what is there.
        part = folder / ".fetched.json.part"
        part.write_text(json.dumps(_kept(fetched)), encoding="utf-8")
        aside.keep(part, folder / "fetched.json")

    def _cookies_of(self, site: sites.Site) -> str | None:
        if not self.cookies or site is sites.ELSEWHERE:
            return None
        return cookies.read(self.folders.cookies_of(site.key), site)

    def _take(self, request_id: str, _job_id: str) -> None:
        with self.record.read() as session:
            request = replays.find(session, request_id)
            there, by = request.episode_id, request.asked_by
            programme = request.programme.slug if request.programme else None
        folder = self.folder(request_id)
        if there is not None:
            finish_claims(self.record, self.folders, self.clock)
            with self.record.read() as session:
                parts = session.get_one(Episode, there).recording.parts
                if not all(part.claimed_at for part in parts):
                    # Another process is at it: its film must not be thrown away with the folder.
                    raise Passing("Ce direct est en train d’être mis à l’abri : nouvel essai plus tard.")
        else:
            kept = json.loads((folder / "fetched.json").read_text(encoding="utf-8"))
            drop = Drop([os.fsencode(folder / kept["film"])], "replay", programme, kept["title"])

            def write(session: Session, episode: Episode) -> None:
                self._write(session, replays.find(session, request_id), episode, kept)

            claim(self.record, self.folders, self.clock, drop, by, write)
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_suffix(".lock").unlink(missing_ok=True)

    def _write(self, session: Session, request: ReplayRequest, episode: Episode, kept: Mapping[str, Any]) -> None:
        """What the site says of it, on the new episode's card; and the request's end, in the same transaction."""
        now = self.clock.now()
        if kept["chapters"]:  # else those of its description stay, if it holds any
            episode.chapters = [ChapterMark(start_s=start_s, title=title) for start_s, title in kept["chapters"]]
        folder = self.folder(request.id)
        for language, name in kept["captions"].items():
            try:
                tag = captions.language_tag(language)
                path = captions.store(
                    self.folders.renditions / episode.id / "captions", tag, captions.read_file(folder / name)
                )
                captioning.set_captions(session, episode, tag, path, "replay", now, intake.BY)
            except Refused as unreadable:
                log.warning("captions %s of %s were left: %s", language, request.address, unreadable)
        site = sites.by_key(request.site).name or sites.public_host(request.address)
        review.comment(session, episode, fine(f"Récupéré de {site} : {request.address}"), now, intake.BY)
        if kept["missing_s"]:
            sentence = fine(
                f"Il manque {stamp(kept['missing_s'])} : le site annonce {stamp(kept['announced_s'])} et n’a donné que "
                f"{stamp(kept['received_s'])}. Comparez avec l’enregistrement fait ici, ou relancez la récupération."
            )
            review.comment(session, episode, sentence, now, intake.BY)
        replays.receive(session, request, episode, kept["received_s"], kept["bytes"], now)

    def _describe(self, request_id: str, found: Found) -> None:
        with self.record.write() as session:
            replays.describe(replays.find(session, request_id), found.title, found.duration_s, found.live_at)

    def _reporter(self, request_id: str) -> fetching.OnProgress:
        told_at = 0.0

        def report(received: int, total: int | None, share: float | None) -> None:
            nonlocal told_at
            if time.monotonic() - told_at < ONCE_A_SECOND:
                return
            told_at = time.monotonic()
            with self.record.write() as session:
                replays.advance(replays.find(session, request_id), received, total, share, self.clock.now())

        return report

    def _listener(self, request_id: str, job_id: str) -> Callable[[], bool]:
        asked_at, stopped = 0.0, False

        def stop() -> bool:
            nonlocal asked_at, stopped
            if time.monotonic() - asked_at >= ONCE_A_SECOND:
                asked_at = time.monotonic()
                stopped = not self._wanted(request_id, job_id)
            return stopped

        return stop


def sidecar(found: Found, address: str, zone: ZoneInfo) -> dict[str, Any]:
    """What the site says, as words beside a film; `source` is for people, and for whoever looks for it later."""
    said: dict[str, Any] = {
        "title": found.title,
        "description": found.description,
        "tags": list(found.tags),
        "date": found.live_at.astimezone(zone).date().isoformat() if found.live_at else None,
        "source": {"address": address, "uploader": found.uploader},
    }
    return {name: value for name, value in said.items() if value}


def _kept(fetched: Fetched) -> dict[str, Any]:
    found, missing = asdict(fetched.found), fetching.missing_s(fetched.info, fetched.found)
    return {
        "film": fetched.film.name,
        "title": " ".join((found["title"] or "").split())[:_TITLE_LONGEST] or None,
        "chapters": [
            (start_s, title) for start_s, title in fetched.found.chapters if start_s < fetched.info.duration_s
        ],
        "captions": {language: path.name for language, path in fetched.captions.items()},
        "announced_s": fetched.found.duration_s,
        "received_s": fetched.info.duration_s,
        "missing_s": missing,
        "bytes": fetched.film.stat().st_size,
    }
