"""Expected episodes: announcing them, listing them, saying which episode came of which."""

from __future__ import annotations

import click

from pasvu.channel import episodes, expected
from pasvu.channel.documents import expected_document
from pasvu.channel.schedule import read_instant
from pasvu.door.shell import CONSOLE_ACTOR, home_option, house, json_option, say, show, table


@click.group("expected")
def expecting() -> None:
    """Episodes announced before their file has come; it is recognised when it does."""


@expecting.command("add")
@home_option
@click.option(
    "--at", required=True, metavar="INSTANT", help="When it is to air; without offset, in the channel's zone."
)
@click.option("--title", required=True)
@click.option("--programme", metavar="S", help="The show's slug.")
@click.option("--guest", "guests", multiple=True, metavar="NAME:ROLE", help="As many as there are.")
@click.option("--summary", default="", help="The text of the description.")
@json_option
def add_expected(
    at: str, title: str, programme: str | None, guests: tuple[str, ...], summary: str, as_json: bool
) -> None:
    """Announce one."""
    people = {name.strip(): role.strip() for name, _, role in (guest.partition(":") for guest in guests)}
    with house() as opened, opened.record.write() as session:
        zone = opened.settings.zone
        made = expected.add(
            session,
            title,
            read_instant(at, zone),
            zone,
            opened.clock.now(),
            CONSOLE_ACTOR,
            programme=episodes.programme(session, programme) if programme else None,
            guests=people,
            summary=summary,
        )
        document = expected_document(made)
    show(document, as_json, lambda: say(f"Attendu n° {document['id']} : {document['title']}, {document['at']}."))


@expecting.command("list")
@home_option
@click.option("--all", "everything", is_flag=True, help="Those that came, or will not come, too.")
@json_option
def list_expected(everything: bool, as_json: bool) -> None:
    """List those that nothing came of yet, soonest first."""
    with house() as opened, opened.record.read() as session:
        found = expected.everything(session) if everything else expected.waiting(session)
        rows = [expected_document(each) for each in found]
    show(
        rows,
        as_json,
        lambda: table(
            ("N°", "Pour", "Titre", "Émission", "Épisode", "Confiance"),
            [(row["id"], row["at"], row["title"], row["programme"], row["episode"], row["confidence"]) for row in rows],
        ),
    )


@expecting.command("drop")
@home_option
@click.argument("number", type=int, metavar="N")
def drop_expected(number: int) -> None:
    """It will not come."""
    with house() as opened, opened.record.write() as session:
        expected.drop(session, expected.find(session, number), opened.clock.now(), CONSOLE_ACTOR)
    say("Il n’est plus attendu.")


@expecting.command("match")
@home_option
@click.argument("reference", metavar="E")
@click.argument("number", type=int, metavar="N")
def match_expected(reference: str, number: int) -> None:
    """Say that episode E is the expected one N; its title, guests and text are taken over."""
    with house() as opened, opened.record.write() as session:
        episode, meant = episodes.find(session, reference), expected.find(session, number)
        expected.match(session, episode, meant, opened.clock.now(), CONSOLE_ACTOR)
    say("Reconnu.")


@expecting.command("unmatch")
@home_option
@click.argument("reference", metavar="E")
def unmatch_expected(reference: str) -> None:
    """It is not the one that was expected."""
    with house() as opened, opened.record.write() as session:
        expected.unmatch(session, episodes.find(session, reference), opened.clock.now(), CONSOLE_ACTOR)
    say("Défait ; corrigez sa fiche si besoin.")


COMMANDS = (expecting,)
