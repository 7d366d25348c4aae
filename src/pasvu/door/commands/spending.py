"""What platforms grant and what is spent: today, by episode, tomorrow."""

from __future__ import annotations

from datetime import timedelta

import click

from pasvu.channel import queries
from pasvu.channel.documents import instant
from pasvu.door.shell import home_option, house, json_option, show, table

DAYS = 30


@click.command()
@home_option
@json_option
def quota(as_json: bool) -> None:
    """Show the platform's allowances of the day with their reserve, what each episode cost, and tomorrow's needs."""
    with house() as opened, opened.record.read() as session:
        zone = opened.settings.zone
        today = opened.ledger.buckets(session)
        ahead = opened.ledger.forecast(session)
        cost = queries.spending(session, opened.clock.now() - timedelta(days=DAYS))
        document = {
            "buckets": [
                {
                    "name": bucket.name,
                    "spent": bucket.spent,
                    "limit": bucket.limit,
                    "reserve": bucket.reserve,
                    "left": bucket.left,
                    "resets_at": instant(bucket.resets_at),
                }
                for bucket in today
            ],
            "episodes": [
                {"episode": row.episode.slug, "platform": row.platform, "units": row.units, "requests": row.requests}
                for row in cost
            ],
            "forecast": {
                "until": instant(ahead.until),
                "uploads": ahead.uploads,
                "units": ahead.units,
                "fits": ahead.fits,
            },
        }
        reset = f"{today[0].resets_at.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"

    def human() -> None:
        table(
            ("Quota", "Dépensé", "Accordé", "Réserve", "Reste"),
            [(b.name, b.spent, b.limit, b.reserve_left, b.left) for b in today],
        )
        click.echo("La réserve ne sert qu’à reprendre un instant, à rendre privé et à vérifier à l’heure dite.")
        click.echo(f"Remise à zéro : {reset}, à minuit en Californie.")
        click.echo(f"Prochain jour : {ahead.uploads} envois, environ {ahead.units} unités" + _verdict(ahead.fits))
        table(
            ("Épisode", "Plateforme", "Unités", "Demandes"),
            [(r.episode.slug, r.platform, r.units, r.requests) for r in cost],
        )

    show(document, as_json, human)


def _verdict(fits: bool) -> str:
    return "." if fits else " : trop pour un seul jour, les derniers attendront le suivant."


COMMANDS = (quota,)
