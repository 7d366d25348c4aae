"""Is all well? Versions, folders, disk, ffmpeg, database, platform: each line with its cure."""

from __future__ import annotations

import os
import platform as machine
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import text

from pasvu import __version__
from pasvu.channel import database, engine, migrations, sites
from pasvu.channel.errors import PasVuError
from pasvu.channel.typography import fine, marked
from pasvu.door.house import House
from pasvu.ingest import cookies, fetching, jail
from pasvu.publish.holding import tolerated_gap_s

GIB = 1024**3
# Google's consent screen in « Testing » lets refresh tokens die after seven days.
TOKEN_OLD_DAYS = 6


@dataclass(frozen=True)
class Line:
    """One thing looked at: `ok`, `warning` or `wrong`."""

    level: str
    subject: str
    sentence: str
    cure: str | None = None


def all_of(house: House) -> list[Line]:
    """Every check, in the order a person would want them."""
    lines: list[Line] = []
    for look in (_versions, _folders, _disk, _ffmpeg, _replays, _database, _worker, _platform, _token):
        lines += _safely(look, house)
    return [replace(line, sentence=fine(line.sentence), cure=line.cure and fine(line.cure)) for line in lines]


def _safely(look: Callable[[House], Iterator[Line]], house: House) -> list[Line]:
    try:
        return list(look(house))
    except PasVuError as known:
        return [Line("wrong", look.__name__.strip("_"), str(known))]


def _versions(_house: House) -> Iterator[Line]:
    yield Line("ok", "version", f"pasvu {__version__}, Python {machine.python_version()}, {machine.system()}")


def _folders(house: House) -> Iterator[Line]:
    for folder in (house.folders.home, *house.settings.watch_dirs):
        writable = os.access(folder, os.W_OK | os.X_OK)
        yield Line(
            "ok" if writable else "wrong",
            "dossier",
            marked(f"{folder} accepte les fichiers" if writable else f"{folder} refuse l’écriture"),
            None if writable else marked("donnez ce dossier à l’utilisateur qui lance pasvu"),
        )


def _disk(house: House) -> Iterator[Line]:
    free = house.folders.free_bytes() / GIB
    enough = free >= house.settings.free_disk_gib
    yield Line(
        "ok" if enough else "wrong",
        "disque",
        marked(f"{_comma(free)} Gio libres sur le disque"),
        None if enough else marked(f"libérez de la place : rien ne commence sous {house.settings.free_disk_gib:g} Gio"),
    )


def _comma(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def _ffmpeg(house: House) -> Iterator[Line]:
    tools = house.tools
    yield Line("ok", "ffmpeg", f"ffmpeg {tools.version} ({tools.ffmpeg})")
    kernel = jail.kernel()
    if kernel.closed:
        yield Line(
            "ok", "enfermement", marked(f"ffmpeg ne voit que le fichier reçu (Landlock {kernel.landlock}, seccomp)")
        )
        return
    yield Line(
        "warning",
        "enfermement",
        marked(
            "ce noyau n’enferme pas ffmpeg : un fichier piégé pourrait lire ou écrire sur le réseau"
            if kernel.landlock
            else "ce noyau n’enferme pas ffmpeg : un fichier piégé pourrait lire ou écrire ailleurs sur le disque"
        ),
        marked(
            "ne déposez que des fichiers de confiance, ou prenez un Linux 5.13 ou plus récent avec Landlock et seccomp"
        ),
    )


def _replays(house: House) -> Iterator[Line]:
    if not house.settings.replays:
        return
    kernel = jail.kernel()
    if kernel.closed and (kernel.closes_ports or fetching.stands_apart()):
        yield Line(
            "ok",
            "rediffusions",
            marked(
                "la récupération des directs est enfermée, un seul port ouvert (Landlock)"
                if kernel.closes_ports
                else "la récupération des directs est enfermée, un réseau à part (espaces de noms)"
            ),
        )
        yield _youtube_lives()
        yield from _cookies(house)
        return
    yield Line(
        "warning",
        "rediffusions",
        marked(
            "ce système ne ferme pas le disque et le réseau autour de la récupération : aucun direct ne sera récupéré"
        ),
        marked("prenez un Linux 6.7 ou plus récent, ou permettez les espaces de noms à l’utilisateur qui lance pasvu"),
    )


def _youtube_lives() -> Line:
    if fetching.solves_scripts():
        return Line(
            "ok",
            "directs YouTube",
            marked("les scripts que YouTube fait exécuter le sont ici, dans l’enfermement"),
        )
    return Line(
        "warning",
        "directs YouTube",
        marked("les scripts que YouTube fait exécuter ne peuvent pas l’être ici : ses directs ne seront pas récupérés"),
        marked("refaites l’installation (`make setup`) ; téléchargez-les en attendant depuis YouTube Studio"),
    )


def _cookies(house: House) -> Iterator[Line]:
    if not house.settings.replay_cookies:
        return
    given = []
    for site in sites.SITES:
        try:
            if cookies.read(house.folders.cookies_of(site.key), site) is not None:
                given.append(site.name)
        except PasVuError as known:
            yield Line("wrong", "cookies", str(known))
    lent = marked(f"une session est prêtée pour : {', '.join(given)}" if given else "aucune session n’est prêtée")
    yield Line("ok", "cookies", lent)


def _database(house: House) -> Iterator[Line]:
    current = migrations.is_current(house.record.url)
    with house.record.read() as session:
        session.execute(text("SELECT 1"))
    kind = house.record.engine.dialect.name
    yield Line(
        "ok" if current else "wrong",
        "base",
        marked(f"la base ({kind}) est à jour" if current else f"la base ({kind}) n’est pas à jour"),
        None if current else marked("redémarrez pasvu : il la met à jour"),
    )
    warning = database.sqlite_warning() if kind == "sqlite" else None
    if warning:
        yield Line("warning", "sqlite", warning)


def _worker(house: House) -> Iterator[Line]:
    runs = engine.worker_runs(house.folders.run)
    yield Line(
        "ok" if runs else "warning",
        "travail",
        marked("un processus travaille ici" if runs else "aucun processus ne travaille ici"),
        None if runs else marked("lancez `pasvu run`"),
    )


def _platform(house: House) -> Iterator[Line]:
    if not house.connection.connected():
        cure = marked("connectez la chaîne : `pasvu connect youtube --client-secret FICHIER`")
        yield Line("warning", "youtube", marked("YouTube n’est pas encore connecté"), cure)
        return
    youtube = house.platforms["youtube"]
    gap_s, channel = youtube.clock_gap_s(), youtube.channel()
    where = marked("répétition") if house.settings.rehearsing else str(house.settings.youtube_base)
    agree = abs(gap_s) <= tolerated_gap_s(house.clock)
    yield Line(
        "ok" if agree else "wrong",
        "youtube",
        marked(f"YouTube répond ({where}), chaîne {channel.id}, horloges à {abs(gap_s):.0f} s près"),
        None if agree else marked("mettez ce serveur à l’heure (NTP) : rien ne sera programmé en attendant"),
    )
    if channel.long_uploads is not None:
        yield Line(
            "ok" if channel.long_uploads else "warning",
            "durée",
            marked(
                "les vidéos de plus de 15 minutes sont permises"
                if channel.long_uploads
                else "les vidéos de plus de 15 minutes sont encore refusées"
            ),
            None
            if channel.long_uploads
            else marked("validez la chaîne sur youtube.com/verify avant un épisode d’une heure"),
        )


def _token(house: House) -> Iterator[Line]:
    kept = house.connection.kept()
    if house.settings.rehearsing or kept is None or kept.granted_at is None:
        return
    age = datetime.now(UTC) - kept.granted_at
    old = age.days >= TOKEN_OLD_DAYS
    testing = marked("si le projet Google est « en test », elle expire après sept jours : passez-le « en production »")
    whose = kept.channel_title or kept.channel_id or marked("une chaîne encore inconnue")
    yield Line(
        "warning" if old else "ok",
        "autorisation",
        marked(f"autorisation donnée il y a {age.days} jours pour {whose}"),
        testing if old else None,
    )
