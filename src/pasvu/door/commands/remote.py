"""What a platform shows of an episode: looked at, changed now or later, put right, undone."""

from __future__ import annotations

from typing import Any

import click

from pasvu.channel import episodes, planned, publications, remote
from pasvu.channel.documents import instant, planned_document, publication_document
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode, Publication
from pasvu.channel.schedule import read_instant
from pasvu.door.house import House
from pasvu.door.shell import CONSOLE_ACTOR, home_option, house, json_option, say, show, table

platform_option = click.option("--platform", default="youtube", show_default=True)


@click.group("remote")
def group() -> None:
    """What a platform shows of an episode."""


@group.command("show")
@home_option
@click.argument("reference", metavar="E")
@platform_option
@json_option
def show_remote(reference: str, platform: str, as_json: bool) -> None:
    """Show what is meant there, what someone changed, what is planned, what can be undone."""
    with house() as opened, opened.record.read() as session:
        publication = _on(opened, episodes.find(session, reference), platform)
        last = remote.last_change(session, publication)
        document = {
            **publication_document(session, publication),
            "meant": {field: remote.meant(publication, field) for field in (*remote.SHOWN, remote.VISIBILITY)},
            "last_change": {field: {"before": pair[0], "after": pair[1]} for field, pair in last.items()},
        }

    def human() -> None:
        table(("", "prévu", "là-bas"), _rows(document))
        for each in document["planned_changes"]:
            if each["done_at"] is None and each["cancelled_at"] is None:
                when = each["at"] or f"{each['after_s'] // 3600} h après la mise en ligne"
                say(f"Changement {each['id']} prévu, {when} : {each['changes']}")
        if document["last_change"]:
            say(f"« pasvu remote rollback {reference} » annule : {', '.join(document['last_change'])}")

    show(document, as_json, human)


@group.command("change")
@home_option
@click.argument("reference", metavar="E")
@click.argument("changes", nargs=-1, required=True, metavar="KEY=VALUE…")
@click.option("--at", metavar="INSTANT", help="Later: ISO 8601; without offset, in the channel's zone.")
@click.option("--after", metavar="DELAY", help="Later: 45min, 12h or 30d after it airs.")
@platform_option
@json_option
def change(
    reference: str, changes: tuple[str, ...], at: str | None, after: str | None, platform: str, as_json: bool
) -> None:
    """Change what this platform shows, now or later: title, description, tags, category_id, license, visibility, …

    `visibility` is public, unlisted or private, for a video that has aired. An empty value is again what all
    platforms share.
    """
    if at is not None and after is not None:
        raise click.UsageError("Give --at or --after, not both.")
    typed = dict(_pair(each) for each in changes)
    with house() as opened, opened.record.write() as session:
        episode = episodes.find(session, reference)
        publication = _on(opened, episode, platform)
        read = planned.read_changes(typed)
        objections = opened.platforms[platform].objections(planned.meant_with(publication, read))
        now = opened.clock.now()
        if at is None and after is None:
            if objections:
                raise Refused("Ce changement ne serait pas accepté : {why}", why=" ".join(objections))
            remote.change_now(session, episode, platform, read, now, CONSOLE_ACTOR)
            document: dict[str, Any] = {"changes": read, "at": instant(now)}
        else:
            made = planned.plan(
                session,
                episode,
                platform,
                read,
                opened.settings.zone,
                now,
                CONSOLE_ACTOR,
                at=read_instant(at, opened.settings.zone) if at else None,
                after_s=planned.read_delay(after) if after else None,
                objections=objections,
            )
            document = planned_document(made)
    show(document, as_json, lambda: say("Changement prévu." if "id" in document else "Changé."))


@group.command("cancel")
@home_option
@click.argument("reference", metavar="E")
@click.argument("change_id", metavar="ID", type=int)
def cancel(reference: str, change_id: int) -> None:
    """Take a planned change away."""
    with house() as opened:
        with opened.record.write() as session:
            planned.cancel(session, episodes.find(session, reference), change_id, opened.clock.now(), CONSOLE_ACTOR)
        say("Annulé.")


@group.command("keep")
@home_option
@click.argument("reference", metavar="E")
@click.argument("whose", type=click.Choice(["ours", "theirs"]))
@click.option("--only", "only", multiple=True, metavar="FIELD", help="Only this field; may be repeated.")
@platform_option
def keep(reference: str, whose: str, only: tuple[str, ...], platform: str) -> None:
    """Decide about what someone changed on the platform: put ours back, or keep theirs."""
    decide = remote.keep_ours if whose == "ours" else remote.keep_theirs
    with house() as opened:
        with opened.record.write() as session:
            decide(session, episodes.find(session, reference), platform, opened.clock.now(), CONSOLE_ACTOR, only=only)
        say("Rétabli au prochain passage." if whose == "ours" else "Gardé.")


@group.command("rollback")
@home_option
@click.argument("reference", metavar="E")
@platform_option
def rollback(reference: str, platform: str) -> None:
    """Undo our last change on the platform; the episode's own text goes back too when the change came from it."""
    with house() as opened:
        with opened.record.write() as session:
            found, now = episodes.find(session, reference), opened.clock.now()
            back = remote.roll_back(session, found, platform, now, CONSOLE_ACTOR)
        say("Annulé au prochain passage." + (" La fiche est revenue à son texte d’avant." if back else ""))


def _on(opened: House, episode: Episode, platform: str) -> Publication:
    if platform not in opened.platforms:
        raise Refused(f"La plateforme « {platform} » n’existe pas ; il y a : {', '.join(opened.platforms)}.")
    publication = publications.of(episode, platform)
    if publication is None:
        raise Refused("« {title} » n’est pas prévu sur {platform}.", title=episode.title, platform=platform)
    return publication


def _rows(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    drift = document["drift"]
    return [
        (field, _short(value), _short(drift[field]["theirs"]) if field in drift else "")
        for field, value in document["meant"].items()
    ]


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | dict) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _pair(change: str) -> tuple[str, str]:
    key, equals, value = change.partition("=")
    if not equals:
        raise click.UsageError(f"{change!r}: write KEY=VALUE.")
    return key.strip(), value


COMMANDS = (group,)
