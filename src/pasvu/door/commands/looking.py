"""Looking: episodes and jobs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import select

from pasvu.channel import episodes
from pasvu.channel.documents import episode_document, episode_row, instant
from pasvu.channel.models import Episode
from pasvu.channel.states import EpisodeState
from pasvu.channel.wording import stamp
from pasvu.door.shell import CONSOLE_ACTOR, home_option, house, json_option, say, show, table

if TYPE_CHECKING:
    from pasvu.door.jobs import Work

EPISODE_STATES = click.Choice([str(state) for state in EpisodeState])


@click.command("episodes")
@home_option
@click.option("--state", type=EPISODE_STATES, help="Only those there.")
@json_option
def list_episodes(state: str | None, as_json: bool) -> None:
    """List the episodes, newest first."""
    with house() as opened, opened.record.read() as session:
        wanted = select(Episode).order_by(Episode.created_at.desc())
        if state is not None:
            wanted = wanted.where(Episode.state == EpisodeState(state))
        found = session.scalars(wanted).all()
        rows = [episode_row(episode) for episode in found]
        show(
            rows,
            as_json,
            lambda: table(
                ("Épisode", "État", "Titre", "Émission"),
                [(row["slug"], row["state"], row["title"], row["programme"]) for row in rows],
            ),
        )


def show_episode(reference: str, as_json: bool) -> None:
    """One episode, whole."""
    with house() as opened, opened.record.read() as session:
        document = episode_document(session, episodes.find(session, reference))
    show(document, as_json, lambda: _write_episode(document))


def _write_episode(document: dict[str, Any]) -> None:
    click.echo(f"{document['title']}   [{document['state']}]")
    if document["state_reason"]:
        click.echo(f"  ! {document['state_reason']}")
    duration = document["recording"]["duration_s"]
    rows: list[tuple[str, object]] = [
        ("identifiant", f"{document['id']}  {document['slug']}"),
        ("émission", document["programme"]),
        ("enregistrement", stamp(duration) if duration else None),
    ]
    if document["trim"]:
        rows.append(("coupe", f"{stamp(document['trim']['start_s'])} – {stamp(document['trim']['end_s'])}"))
        rows += [("", f"sans {stamp(out['start_s'])} – {stamp(out['end_s'])}") for out in document["trim"]["removed"]]
    if document["plan"]:
        rows.append(("préparation", f"{document['plan']['action']} : {document['plan']['why']}"))
    if document["master"]:
        made = document["master"]
        rows.append(("master", f"coupe {made['cut']}, {stamp(made['duration_s'])}, {made['integrated_lufs']} LUFS"))
    for publication in document["publications"]:
        rows.append((publication["platform"], f"{publication['state']}  {publication['scheduled_at'] or ''}"))
        if publication["state_reason"]:
            rows.append(("", publication["state_reason"]))
    table(("", ""), rows)


@click.command()
@home_option
@click.option("--watch", is_flag=True, help="Keep showing, until Ctrl-C.")
@json_option
def jobs(watch: bool, as_json: bool) -> None:
    """List the jobs, newest first: how the work fares, not where the episodes are."""
    if watch and as_json:
        raise click.UsageError("--watch shows again and again, --json gives one document: choose one.")
    from pasvu.door.jobs import Work

    with house() as opened:
        work = Work(opened)
        _show_jobs(work, as_json)
        while watch:
            time.sleep(1)
            click.clear()
            _show_jobs(work, as_json)


def _show_jobs(work: Work, as_json: bool) -> None:
    found = work.list(50)
    document = [
        {
            "id": job.id,
            "kind": job.kind,
            "state": job.state,
            "queue": job.queue,
            "episode": job.episode_id,
            "step": job.step,
            "share": job.share,
            "created_at": instant(job.created_at),
        }
        for job in found
    ]

    def human() -> None:
        table(
            ("Travail", "État", "Étape", "Fait"),
            [(job.id, job.state, job.step, f"{job.share:.0%}" if job.share is not None else None) for job in found],
        )

    show(document, as_json, human)


@click.group()
def job() -> None:
    """Stop or try again one job."""


@job.command("cancel")
@home_option
@click.argument("job_id", metavar="ID")
def cancel_job(job_id: str) -> None:
    """Stop a job; what it already did is kept."""
    _act(lambda work: work.cancel(job_id, CONSOLE_ACTOR))
    say("Arrêté.")


@job.command("retry")
@home_option
@click.argument("job_id", metavar="ID")
@click.option("--again", is_flag=True, help="Send a new video although the last one may have arrived: look first.")
def retry_job(job_id: str, again: bool) -> None:
    """Try a job again; what it already did is not done twice."""
    _act(lambda work: work.retry(job_id, CONSOLE_ACTOR, again=again))
    say("Relancé.")


def _act(act: Callable[[Work], None]) -> None:
    from pasvu.door.jobs import Work

    with house() as opened:
        act(Work(opened))


COMMANDS = (list_episodes, jobs, job)
