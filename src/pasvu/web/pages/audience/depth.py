"""What analytics say of an episode, days later: where people leave, where they come from, what they watch on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel import Locale
from flask import url_for
from werkzeug.wrappers import Response

from pasvu.channel import figures, queries
from pasvu.channel.database import Session
from pasvu.channel.episodes import made_timeline
from pasvu.channel.models import Episode
from pasvu.channel.values import ReportShare, VideoReport
from pasvu.web import charts, playable, sheets
from pasvu.web.guard import role
from pasvu.web.house import house
from pasvu.web.pages.audience.place import READERS, episode_of, pages
from pasvu.web.words import _, language

# People leave fastest in the first seconds, whatever the film: what is looked for comes after.
OPENING_SHARE = 0.05


@dataclass(frozen=True)
class Part:
    """A chapter of the film: from when to when, and how many of those who watched at its start still do at its end."""

    title: str
    start_s: float
    end_s: float
    kept: float | None


@dataclass(frozen=True)
class Depth:
    """A report, ready to show."""

    report: VideoReport
    fetched_at: datetime
    chart: charts.Chart | None
    film: str | None
    parts: list[Part]
    worst: Part | None
    """The chapter that loses most."""
    breakdowns: list[tuple[str, str, list[tuple[str, int, float]]]]
    """(name, title, lines of (word, views, share))."""
    minutes: int
    gained: int
    lost: int
    views: int
    engaged: int


def depth(session: Session, episode: Episode, publication_id: int) -> Depth | None:
    """The last report of an episode; `None` before there is one."""
    kept = figures.report_of(session, publication_id)
    if kept is None or kept[0].last_day is None:
        return None
    report, fetched_at = kept
    parts = _parts(episode, report)
    lossy = [part for part in parts[1:] if part.kept is not None]
    return Depth(
        report=report,
        fetched_at=fetched_at,
        chart=_retention(episode, report),
        film=_film(episode),
        parts=parts,
        worst=min(lossy, key=lambda part: part.kept or 0.0, default=None),
        breakdowns=_breakdowns(report),
        minutes=sum(day.minutes_watched for day in report.days),
        gained=sum(day.subscribers_gained for day in report.days),
        lost=sum(day.subscribers_lost for day in report.days),
        views=sum(day.views for day in report.days),
        engaged=sum(day.engaged_views for day in report.days),
    )


@pages.get("/audience/episode/<episode_id>/retention.csv")
@role(*READERS)
def retention_csv(episode_id: str) -> Response:
    """Where people leave, a hundred points."""
    with house().record.read() as session:
        episode = episode_of(session, episode_id)
        found = queries.audience.aired_on(session, episode.id)
        report = figures.report_of(session, found.id) if found else None
        length_s = made_timeline(episode).duration_s
        rows = (
            [(share, round(share * length_s, 1), watching) for share, watching in report[0].retention] if report else []
        )
    head = (_("part du film"), _("secondes"), _("part des spectateurs"))
    return sheets.csv_reply(f"retention-{episode.slug}", head, rows)


@pages.get("/audience/episode/<episode_id>/provenance.csv")
@role(*READERS)
def shares_csv(episode_id: str) -> Response:
    """Sources, countries and devices."""
    with house().record.read() as session:
        episode = episode_of(session, episode_id)
        found = queries.audience.aired_on(session, episode.id)
        report = figures.report_of(session, found.id) if found else None
        rows = [
            (kind, each.key, each.views, each.minutes_watched)
            for kind in ("sources", "countries", "devices", "live")
            for each in (getattr(report[0], kind) if report else ())
        ]
    return sheets.csv_reply(
        f"provenance-{episode.slug}", (_("sorte"), _("mot de YouTube"), _("vues"), _("minutes")), rows
    )


def _retention(episode: Episode, report: VideoReport) -> charts.Chart | None:
    if not report.retention:
        return None
    timeline = made_timeline(episode)
    film = playable.film(episode)
    offset_s = film.offset_s if film else 0.0
    length_s = timeline.duration_s
    points = [[round(share * length_s, 1), round(watching * 100, 1)] for share, watching in report.retention]
    return {
        "x": "times",
        "y": "percent",
        "until": round(length_s, 1),
        "lines": [charts.line("measure", _("Regardent encore"), points)],
        "bands": [],
        "marks": [[round(timeline.at(mark.start_s), 1), mark.title] for mark in episode.chapters],
        "jumps": [round(timeline.in_recording(point[0]) - offset_s, 1) for point in points],
    }


def _parts(episode: Episode, report: VideoReport) -> list[Part]:
    timeline = made_timeline(episode)
    length_s = timeline.duration_s
    starts = [(timeline.at(mark.start_s), mark.title) for mark in episode.chapters]
    ends = [start for start, _title in starts[1:]] + [length_s]
    return [
        Part(title, start, end, _kept(report.retention, start / length_s, end / length_s) if length_s else None)
        for (start, title), end in zip(starts, ends, strict=True)
    ]


def _kept(retention: Sequence[tuple[float, float]], start: float, end: float) -> float | None:
    if not retention:
        return None

    def at(share: float) -> float:
        return min(retention, key=lambda point: abs(point[0] - share))[1]

    first = at(max(start, OPENING_SHARE))
    return at(end) / first if first else None


def _film(episode: Episode) -> str | None:
    found = playable.film(episode)
    return url_for("media.film", ref=episode.id, v=found.tag) if found else None


def _breakdowns(report: VideoReport) -> list[tuple[str, str, list[tuple[str, int, float]]]]:
    found: list[tuple[str, str, list[tuple[str, int, float]]]] = []
    kinds: tuple[tuple[str, str, Sequence[ReportShare], dict[str, str]], ...] = (
        ("sources", _("D’où l’on vient"), report.sources, sources()),
        ("countries", _("Pays"), report.countries, territories()),
        ("devices", _("Appareils"), report.devices, devices()),
        ("live", _("Direct et replay"), report.live, {"LIVE": _("en direct"), "ON_DEMAND": _("en replay")}),
    )
    for name, title, lines, words in kinds:
        total = sum(each.views for each in lines)
        if total:
            shown = [(words.get(each.key, each.key), each.views, each.views / total) for each in lines[:6]]
            found.append((name, title, shown))
    return found


def sources() -> dict[str, str]:
    """YouTube's words for where a view came from."""
    return {
        "SUBSCRIBER": _("accueil et abonnements"),
        "RELATED_VIDEO": _("vidéos suggérées"),
        "YT_SEARCH": _("recherche YouTube"),
        "EXT_URL": _("autres sites"),
        "NO_LINK_OTHER": _("lien direct ou inconnu"),
        "PLAYLIST": _("playlists"),
        "YT_CHANNEL": _("page de la chaîne"),
        "NOTIFICATION": _("notifications"),
        "SHORTS": _("Shorts"),
        "END_SCREEN": _("écrans de fin"),
    }


def territories() -> dict[str, str]:
    """Countries by their codes, in the reader's language."""
    return dict(Locale.parse(language()).territories)


def devices() -> dict[str, str]:
    """YouTube's words for what people watch on."""
    return {
        "MOBILE": _("téléphone"),
        "DESKTOP": _("ordinateur"),
        "TV": _("télévision"),
        "TABLET": _("tablette"),
        "GAME_CONSOLE": _("console"),
    }
