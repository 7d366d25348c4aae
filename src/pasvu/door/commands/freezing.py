"""Freeze periods: declaring, listing and lifting them, and letting one episode through."""

from __future__ import annotations

import click
from sqlalchemy import select

from pasvu.channel import episodes, freezes, publications, queries
from pasvu.channel.documents import freeze_document, instant
from pasvu.channel.errors import Refused
from pasvu.channel.models import Freeze
from pasvu.channel.schedule import read_instant
from pasvu.door.shell import CONSOLE_ACTOR, home_option, house, json_option, say, show, table


@click.group()
def freeze() -> None:
    """Periods in which nothing goes on air by itself."""


@freeze.command("add")
@home_option
@click.option("--from", "since", required=True, metavar="INSTANT", help="First frozen instant.")
@click.option("--until", required=True, metavar="INSTANT", help="First instant that is free again.")
@click.option("--reason", required=True, help="Why, in words: the whole team reads it.")
@click.option("--programme", metavar="S", help="Only this programme; the whole channel when left out.")
@json_option
def add_freeze(since: str, until: str, reason: str, programme: str | None, as_json: bool) -> None:
    """Freeze a period; instants already handed to a platform in it are taken back."""
    with house() as opened, opened.record.write() as session:
        zone = opened.settings.zone
        made = freezes.add(
            session,
            read_instant(since, zone),
            read_instant(until, zone),
            reason,
            opened.clock.now(),
            CONSOLE_ACTOR,
            programme=episodes.programme(session, programme) if programme else None,
        )
        document = freeze_document(made)
    show(document, as_json, lambda: say(f"Gel n° {document['id']} : {document['since']} – {document['until']}."))


@freeze.command("list")
@home_option
@click.option("--all", "everything", is_flag=True, help="Past and lifted ones too.")
@json_option
def list_freezes(everything: bool, as_json: bool) -> None:
    """List the freezes that stand, soonest first."""
    with house() as opened, opened.record.read() as session:
        if everything:
            found = list(session.scalars(select(Freeze).order_by(Freeze.since, Freeze.id)))
        else:
            found = queries.freezes_between(session, opened.clock.now())
        document = [freeze_document(each) for each in found]
    show(
        document,
        as_json,
        lambda: table(
            ("N°", "Du", "Au", "Émission", "Raison", "Levé le"),
            [
                (row["id"], row["since"], row["until"], row["programme"], row["reason"], row["lifted_at"])
                for row in document
            ],
        ),
    )


@freeze.command("lift")
@home_option
@click.argument("number", type=int, metavar="N")
def lift_freeze(number: int) -> None:
    """End a freeze before its time; what it held back is handed over again."""
    with house() as opened, opened.record.write() as session:
        released = freezes.lift(session, freezes.find(session, number), opened.clock.now(), CONSOLE_ACTOR)
        titles = [publication.episode.title for publication in released]
    say(f"Gel n° {number} levé ; épisodes rendus à leur heure : {', '.join(titles) or 'aucun'}.")


@freeze.command("allow")
@home_option
@click.argument("number", type=int, metavar="N")
@click.argument("reference", metavar="E")
@click.option("--reason", required=True, help="Why it goes on air in spite of the freeze.")
@click.option("--by", required=True, metavar="NAME", help="Who answers for it: an account's name.")
@click.option("--platform", default="youtube", show_default=True)
def allow(number: int, reference: str, reason: str, by: str, platform: str) -> None:
    """Let one episode go on air in spite of a freeze."""
    with house() as opened, opened.record.write() as session:
        episode = episodes.find(session, reference)
        planned = publications.of(episode, platform)
        if planned is None:
            raise Refused("« {title} » n’est pas programmé.", title=episode.title)
        person = episodes.account(session, by)
        found = freezes.find(session, number)
        freezes.override(session, found, planned, reason, opened.clock.now(), person.name)
        title, at = episode.title, instant(planned.scheduled_at)
    say(f"« {title} » sortira malgré le gel : {at}.")


COMMANDS = (freeze,)
