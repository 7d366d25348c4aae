"""Deciding: one episode's form, cut, chapters, approval; when it goes on air."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from pasvu.channel import captioning, captions, episodes, late, publications, review, wording
from pasvu.channel.documents import instant
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode
from pasvu.channel.schedule import read_instant
from pasvu.channel.values import Span
from pasvu.door.commands.looking import show_episode
from pasvu.door.house import House
from pasvu.door.shell import CONSOLE_ACTOR, home_option, house, json_option, say
from pasvu.door.shell import show as answer
from pasvu.ingest import voicing
from pasvu.publish import adopting
from pasvu.publish.platform import Platform

Act = Callable[[House, Session, Episode, datetime], None]


@click.group()
def episode() -> None:
    """One episode, by its id or slug."""


@episode.command("show")
@home_option
@click.argument("reference", metavar="E")
@json_option
def show(reference: str, as_json: bool) -> None:
    """Show an episode whole."""
    show_episode(reference, as_json)


@episode.command("set")
@home_option
@click.argument("reference", metavar="E")
@click.argument("changes", nargs=-1, required=True, metavar="KEY=VALUE…")
def set_fields(reference: str, changes: tuple[str, ...]) -> None:
    """Change fields.

    Text: title, summary, tags, language, guests, recorded_on; title.en and summary.en for another language;
    title@youtube, description@youtube for what one platform shows instead. Where it belongs: programme, owner,
    playlist. Flags, yes or no, or empty for what the programme says: made_for_kids, synthetic_media, paid_promotion,
    embeddable, notify_subscribers. Also category, license.
    """
    pairs = dict(_pair(change) for change in changes)
    _change(
        reference,
        lambda _house, session, found, now: episodes.edit(session, found, pairs, now, CONSOLE_ACTOR),
        "Enregistré.",
    )


@episode.command()
@home_option
@click.argument("reference", metavar="E")
@click.argument("start")
@click.argument("end")
def trim(reference: str, start: str, end: str) -> None:
    """Choose where it starts and ends; the cut is then made."""
    start_s, end_s = _time(start), _time(end)
    _change(
        reference,
        lambda _house, session, found, now: review.trim(session, found, start_s, end_s, now, CONSOLE_ACTOR),
        "Coupe demandée.",
    )


@episode.command("cut")
@home_option
@click.argument("reference", metavar="E")
@click.argument("start")
@click.argument("end")
@click.option("--back", is_flag=True, help="Put back what was taken out between the two instead.")
def cut_out(reference: str, start: str, end: str, back: bool) -> None:
    """Take a stretch out of the middle, in the recording's time; chapters and captions follow."""
    span = Span(_time(start), _time(end))
    act = review.put_back if back else review.cut_out
    _change(
        reference,
        lambda _house, session, found, now: act(session, found, span, now, CONSOLE_ACTOR),
        "Passage remis : coupe demandée." if back else "Passage retiré : coupe demandée.",
    )


@episode.command()
@home_option
@click.argument("reference", metavar="E")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def chapters(reference: str, file: Path) -> None:
    """Replace the chapters by those of a text file: `0:00 Titre`, one a line, in the recording's time."""
    try:
        read = wording.read_chapters(file.read_text())
    except ValueError as unreadable:
        raise Refused(f"{file.name} : {unreadable}") from unreadable
    _change(
        reference,
        lambda _house, session, found, now: review.set_chapters(session, found, read, now, CONSOLE_ACTOR),
        f"{len(read)} chapitres.",
    )


@episode.command()
@home_option
@click.argument("reference", metavar="E")
@json_option
def audio(reference: str, as_json: bool) -> None:
    """Make its audio rendition (M4A with chapters, names and cover) of the last cut; each new cut then has one."""
    with house() as opened:
        with opened.record.read() as session:
            found = episodes.find(session, reference).id
        made = voicing.voice(opened.record, opened.folders, opened.tools, found, opened.clock.now())
    answer({"path": str(made), "bytes": made.stat().st_size}, as_json, lambda: click.echo(made))


@episode.command()
@home_option
@click.argument("late_one", metavar="LATE")
@click.argument("into", metavar="E", required=False)
def join(late_one: str, into: str | None) -> None:
    """Join LATE, whose files came later, to the episode E that they continue; without E, the one their names tell.

    E's parts are put in order and it is prepared again; what was written there is kept. LATE is withdrawn. Both must be
    in review.
    """

    def act(_opened: House, session: Session, found: Episode, now: datetime) -> None:
        whole = episodes.find(session, into) if into else late.belongs_to(session, found)
        if whole is None:
            raise Refused("Le nom de « {title} » ne dit pas de quel épisode il est la suite.", title=found.title)
        late.join(session, found, whole, now, CONSOLE_ACTOR)
        say(f"Jointe à « {whole.title} » ({whole.slug}) : la préparation recommence.")

    _change(late_one, act, None)


@episode.command("captions")
@home_option
@click.argument("reference", metavar="E")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--language", metavar="TAG", help="Such as fr, en, pt-BR; the episode's own when left out.")
@click.option("--remove", is_flag=True, help="Take the captions in this language away instead.")
def set_captions(reference: str, file: Path | None, language: str | None, remove: bool) -> None:
    """Give it the captions of an SRT or WebVTT file, in the recording's time; they follow the cut when it is sent."""
    if (file is None) != remove:
        raise click.UsageError("Give a FILE, or --remove.")
    received = captions.read_file(file) if file is not None else []

    def act(opened: House, session: Session, found: Episode, now: datetime) -> None:
        tag = captions.language_tag(language or found.language)
        if remove:
            captioning.remove_captions(session, found, tag, now, CONSOLE_ACTOR)
            say(f"Sous-titres « {tag} » retirés.")
            return
        captioning.check(found, received)
        path = captions.store(opened.folders.renditions / found.id / "captions", tag, received)
        captioning.set_captions(session, found, tag, path, "command", now, CONSOLE_ACTOR)
        say(f"{len(received)} sous-titres « {tag} ».")

    _change(reference, act, None)


@episode.command()
@home_option
@click.argument("reference", metavar="E")
def approve(reference: str) -> None:
    """Say that it may go on air as it is."""
    _change(
        reference,
        lambda _house, session, found, now: review.approve(session, found, now, CONSOLE_ACTOR),
        "Validé.",
    )


@episode.command("send-back")
@home_option
@click.argument("reference", metavar="E")
@click.option("--note", required=True, help="What must change, in words.")
def send_back(reference: str, note: str) -> None:
    """Ask for changes."""
    _change(
        reference,
        lambda _house, session, found, now: review.send_back(session, found, note, now, CONSOLE_ACTOR),
        "Renvoyé.",
    )


@episode.command()
@home_option
@click.argument("reference", metavar="E")
def withdraw(reference: str) -> None:
    """Take it off the road, and from the public; files are kept."""
    _change(
        reference,
        lambda _house, session, found, now: review.withdraw(session, found, now, CONSOLE_ACTOR),
        "Retiré.",
    )


@click.command()
@home_option
@click.argument("reference", metavar="E")
@click.option("--at", required=True, metavar="INSTANT", help="ISO 8601; without offset, in the channel's zone.")
@click.option("--platform", default="youtube", show_default=True)
@click.option("--despite-freeze", metavar="REASON", help="Why it goes on air in a freeze that would hold it back.")
@click.option("--by", metavar="NAME", help="With --despite-freeze, who answers for it: an account's name.")
def schedule(reference: str, at: str, platform: str, despite_freeze: str | None, by: str | None) -> None:
    """Choose the instant it goes on air."""
    if (despite_freeze is None) != (by is None):
        raise click.UsageError("--despite-freeze and --by go together: a named person answers for it.")

    def act(opened: House, session: Session, found: Episode, now: datetime) -> None:
        there = _platform(opened, platform)
        # Platforms keep whole seconds: a fraction would come back as another instant than the one promised.
        wanted = read_instant(at, opened.settings.zone).replace(microsecond=0)
        objections = there.objections(publications.metadata(found, platform))
        publications.schedule(
            session,
            found,
            platform,
            wanted,
            opened.settings.zone,
            now,
            episodes.account(session, by).name if by else CONSOLE_ACTOR,
            objections=objections,
            despite_freeze=despite_freeze,
        )
        say(f"Programmé pour {instant(wanted)}.")

    _change(reference, act, None)


@click.command("publish-now")
@home_option
@click.argument("reference", metavar="E")
@click.option("--platform", default="youtube", show_default=True)
@click.option("--despite-freeze", metavar="REASON", help="Why it goes on air in a freeze that would hold it back.")
@click.option("--by", metavar="NAME", help="With --despite-freeze, who answers for it: an account's name.")
def publish_now(reference: str, platform: str, despite_freeze: str | None, by: str | None) -> None:
    """Put it on air as soon as the platform has it whole; so is an hour that an outage missed made up for."""
    if (despite_freeze is None) != (by is None):
        raise click.UsageError("--despite-freeze and --by go together: a named person answers for it.")

    def act(opened: House, session: Session, found: Episode, now: datetime) -> None:
        objections = _platform(opened, platform).objections(publications.metadata(found, platform))
        publications.publish_now(
            session,
            found,
            platform,
            opened.settings.zone,
            now,
            episodes.account(session, by).name if by else CONSOLE_ACTOR,
            objections=objections,
            despite_freeze=despite_freeze,
        )

    _change(reference, act, "En ligne dès que la plateforme l’a en entier.")


@click.command()
@home_option
@click.argument("reference", metavar="E")
@click.argument("video", metavar="VIDEO")
@click.option("--platform", default="youtube", show_default=True)
def adopt(reference: str, video: str, platform: str) -> None:
    """Say which video on the platform is the one whose arrival nobody knew: its id or address.

    It is taken only if it is the connected channel’s, private, and seen to be what was sent.
    """

    with house() as opened:
        there = _platform(opened, platform)
        seen = adopting.look(there, video)
        with opened.record.write() as session:
            adopting.adopt(session, there, episodes.find(session, reference), seen, opened.clock.now(), CONSOLE_ACTOR)
        say("C’est elle : la suite reprend.")


@click.command()
@home_option
@click.argument("reference", metavar="E")
@click.option("--platform", help="Only this platform.")
def unschedule(reference: str, platform: str | None) -> None:
    """Take it out of the calendar."""
    _change(
        reference,
        lambda _house, session, found, now: publications.unschedule(session, found, platform, now, CONSOLE_ACTOR),
        "Retiré du calendrier.",
    )


def _platform(opened: House, name: str) -> Platform:
    there = opened.platforms.get(name)
    if there is None:
        raise Refused(f"La plateforme « {name} » n’existe pas ; il y a : {', '.join(opened.platforms)}.")
    return there


def _change(reference: str, act: Act, done: str | None) -> None:
    with house() as opened:
        with opened.record.write() as session:
            act(opened, session, episodes.find(session, reference), opened.clock.now())
        if done:
            say(done)


def _pair(change: str) -> tuple[str, str]:
    key, equals, value = change.partition("=")
    if not equals:
        raise click.UsageError(f"{change!r}: write KEY=VALUE.")
    return key.strip(), value


def _time(text: str) -> float:
    try:
        return wording.read_stamp(text)
    except ValueError as unreadable:
        raise Refused(str(unreadable)) from unreadable


COMMANDS = (episode, schedule, publish_now, unschedule, adopt)
