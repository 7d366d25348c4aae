"""Parts joined by themselves, and what comes beside a film: from the depot to the episode."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pasvu.channel import captions, late
from pasvu.channel.models import Episode, Incoming
from pasvu.channel.states import EpisodeState
from pasvu.ingest import moving
from pasvu.ingest.claim import finish_claims
from pasvu.ingest.structure import WHOLE

from .conftest import Clip
from .depot import SETTLE, Depot, make_depot
from .product import Home, until

SRT = b"1\n00:00:%s,000 --> 00:00:%s,000\n%s\n"
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 20


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    return make_depot(tmp_path, lambda _path: WHOLE)


def test_parts_become_one_recording_in_order(depot: Depot) -> None:
    for number in (2, 10, 1):
        depot.put(f"le-debat/Table ronde part {number}.mp4", b"%d" % number)
    assert len(depot.settle()) == 3  # more holes than files: nobody knows what 10 counts
    depot.put("Nuit_p2.mp4", b"two")
    depot.put("Nuit_p1.mp4", b"one")
    (taken,) = depot.settle()
    with depot.record.read() as session:
        episode = session.get_one(Episode, taken)
        assert [part.shown_name for part in episode.recording.parts] == ["Nuit_p1.mp4", "Nuit_p2.mp4"]
        assert [Path(part.path).read_bytes() for part in episode.recording.parts] == [b"one", b"two"]
        assert episode.title == "Nuit"
        assert list(episode.remarks) == []


def test_parts_wait_for_the_one_still_being_copied(depot: Depot) -> None:
    depot.put("GX010007.MP4", b"one")
    depot.look_after()
    depot.put("GX020007.MP4.part", b"t")
    assert depot.look_after(SETTLE * 4) == []
    with depot.record.read() as session:
        waits = {row.shown_name: row.waiting_for for row in session.query(Incoming)}
    assert waits == {"GX010007.MP4": "attend la suite", "GX020007.MP4.part": "copie en cours"}
    (depot.path / "GX020007.MP4.part").rename(depot.path / "GX020007.MP4")
    assert depot.look_after() == []
    assert depot.look_after(SETTLE / 2) == []
    (taken,) = depot.look_after(SETTLE * 4)
    with depot.record.read() as session:
        assert len(session.get_one(Episode, taken).recording.parts) == 2
    assert depot.left() == []


def test_a_missing_part_is_said(depot: Depot) -> None:
    depot.put("Nuit_p1.mp4", b"1")
    depot.put("Nuit_p3.mp4", b"3")
    (taken,) = depot.settle()
    with depot.record.read() as session:
        (remark,) = session.get_one(Episode, taken).remarks
    assert remark.author == "pasvu"
    assert "le numéro 2 n’est pas là" in remark.text


def test_a_card_in_a_folder_of_its_own_is_one_recording_and_takes_in_the_open_do_not_join(depot: Depot) -> None:
    for name in ("debat/carte/C0001.MP4", "debat/carte/C0002.MP4", "debat/C0001.MP4", "debat/C0002.MP4"):
        depot.put(name, name.encode())
    taken = depot.settle()
    with depot.record.read() as session:
        counts = sorted(len(session.get_one(Episode, each).recording.parts) for each in taken)
        shows = {session.get_one(Episode, each).programme.slug for each in taken}  # type: ignore[union-attr]
    assert (counts, shows) == ([1, 1, 2], {"debat"})


def test_a_card_dropped_whole_is_one_recording_named_by_its_folder(depot: Depot) -> None:
    card = "2026-11-20 Marche pour le climat avec Ana Petit/PRIVATE/M4ROOT/CLIP"
    for name in ("C0001.MP4", "C0001M01.XML", "C0002.MP4", "C0002M01.XML"):
        depot.put(f"{card}/{name}", name.encode())
    depot.put("2026-11-20 Marche pour le climat avec Ana Petit/PRIVATE/M4ROOT/MEDIAPRO.XML", b"list")
    (taken,) = depot.settle()
    with depot.record.read() as session:
        episode = session.get_one(Episode, taken)
        assert episode.title == "Marche pour le climat"
        assert episode.recorded_on == "2026-11-20"
        assert [guest.name for guest in episode.guests] == ["Ana Petit"]
        assert episode.programme is None
        assert [part.shown_name for part in episode.recording.parts] == ["C0001.MP4", "C0002.MP4"]
        vault = depot.folders.recordings / episode.recording.id
    assert len([path for path in vault.iterdir() if path.name.startswith("beside-")]) == 2
    assert [Path(name).name for name in depot.left()] == ["MEDIAPRO.XML"], "it is nobody's recording"


def test_a_gopro_card_in_a_programme_brings_its_small_copies(depot: Depot) -> None:
    for name in ("GX010007.MP4", "GX020007.MP4", "GL010007.LRV", "GX010007.THM", "GX010008.MP4"):
        depot.put(f"terrain/Forêt/100GOPRO/{name}", name.encode())
    taken = depot.settle()
    with depot.record.read() as session:
        found = [session.get_one(Episode, each) for each in taken]
        assert sorted(len(each.recording.parts) for each in found) == [1, 2]
        assert {each.title for each in found} == {"Forêt"}
        assert {each.programme.slug for each in found if each.programme} == {"terrain"}
    assert depot.left() == []


def test_what_comes_beside_a_film_fills_its_card_and_is_kept(depot: Depot) -> None:
    said = {"title": "Une nuit", "description": "Aux urgences.", "tags": ["santé"], "guests": ["Ana: infirmière"]}
    said |= {"chapters": ["0:00 L’entrée", "12:30 La nuit"], "publishAt": "2026-11-27T20:00:00Z"}
    beside = {"film.json": json.dumps(said).encode(), "film.jpg": JPEG, "film.fr.srt": b"1\n"}
    wide = depot.put("depot-du-soir/episode.toml", b'title = "Partout"\nlanguage = "en"\nprogramme = "Le debat"\n')
    for name, content in beside.items():
        depot.put(f"depot-du-soir/{name}", content)
    depot.put("depot-du-soir/film.mp4")
    (taken,) = depot.settle()
    with depot.record.read() as session:
        episode = session.get_one(Episode, taken)
        assert (episode.title, episode.summary, episode.tags, episode.language) == (
            "Une nuit",
            "Aux urgences.",
            ["santé"],
            "en",
        )
        assert [(guest.name, guest.role) for guest in episode.guests] == [("Ana", "infirmière")]
        assert episode.programme is not None
        assert episode.programme.slug == "le-debat"
        assert [part.shown_name for part in episode.recording.parts] == ["film.mp4"]
        (picture,) = episode.thumbnails
        assert picture.chosen
        assert Path(picture.path).read_bytes() == JPEG
        assert [(mark.start_s, mark.title) for mark in episode.chapters] == [(0.0, "L’entrée"), (750.0, "La nuit")]
        # A file chooses no instant; that it wished one is said.
        (wish,) = episode.remarks
        assert "2026-11-27T20:00:00Z" in wish.text
        assert "rien n’est programmé" in wish.text
        assert list(episode.publications) == []
        vault = depot.folders.recordings / episode.recording.id
    kept = {path.name: path.read_bytes() for path in vault.iterdir()}
    assert kept == {f"beside-{name}": content for name, content in beside.items()} | {"01-film.mp4": b"film"}
    assert depot.left() == [str(wide.relative_to(depot.path))]


def test_what_cannot_be_read_beside_a_film_is_said_and_kept(depot: Depot) -> None:
    depot.put("film.mp4")
    depot.put("film.json", b"{")
    depot.put("film.jpg", b"not a picture")
    (taken,) = depot.settle()
    with depot.record.read() as session:
        episode = session.get_one(Episode, taken)
        texts = sorted(remark.text for remark in episode.remarks)
        assert ["film.jpg" in texts[0], "film.json" in texts[1], len(texts)] == [True, True, 2]
        assert list(episode.thumbnails) == []
        vault = depot.folders.recordings / episode.recording.id
    assert (vault / "beside-film.json").read_bytes() == b"{"
    assert (vault / "beside-film.jpg").exists()


def test_what_lies_alone_waits_long_then_goes_to_quarantine(depot: Depot) -> None:
    depot.put("debat/notes.txt", b"lundi")
    assert depot.settle() == []
    with depot.record.read() as session:
        assert [row.waiting_for for row in session.query(Incoming)] == ["attend sa vidéo"]
    (taken,) = depot.look_after(SETTLE * 10)
    with depot.record.read() as session:
        episode = session.get_one(Episode, taken)
        assert episode.state == EpisodeState.QUARANTINED
        assert "notes.txt" in (episode.state_reason or "")
        (part,) = episode.recording.parts
        assert part.claimed_at is not None
        kept = Path(part.path)
        assert episode.state_reason in kept.with_name(f"{kept.name}.reason.txt").read_text()
    assert kept.parent == depot.folders.quarantine
    assert kept.read_bytes() == b"lundi"
    assert depot.left() == []
    assert depot.look_after(SETTLE * 20) == []


@pytest.mark.parametrize("at", range(4))
def test_a_claim_cut_short_anywhere_brings_everything(depot: Depot, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    for name in ("Nuit_p1.mp4", "Nuit_p2.mp4", "Nuit.jpg", "Nuit_p1.fr.vtt"):
        depot.put(name, JPEG + name.encode())
    moves, real = [], moving.bring

    def dies(source: bytes, target: Path, **kind: Any) -> str | None:
        if len(moves) == at:
            raise KeyboardInterrupt
        moves.append(source)
        return real(source, target, **kind)

    monkeypatch.setattr(moving, "bring", dies)
    with pytest.raises(KeyboardInterrupt):
        depot.settle()
    monkeypatch.setattr(moving, "bring", real)
    finish_claims(depot.record, depot.folders, depot.clock)
    assert depot.left() == []
    with depot.record.read() as session:
        (episode,) = session.query(Episode)
        vault = depot.folders.recordings / episode.recording.id
        assert all(part.claimed_at for part in episode.recording.parts)
    assert sorted(path.name for path in vault.iterdir()) == [
        "01-Nuit_p1.mp4".lower(),
        "02-Nuit_p2.mp4".lower(),
        "beside-nuit.jpg",
        "beside-nuit_p1.fr.vtt",
    ]


@pytest.mark.media
def test_two_parts_are_joined_into_one_master_and_a_third_that_comes_late(
    clip: Clip, make: Callable[..., bytes], home: Home
) -> None:
    picture = make("nuit.jpg", "-f", "lavfi", "-i", "testsrc2=s=320x180:d=1", "-frames:v", "1")
    with home.running() as product:
        product.ready()
        aside = home.path / "aside"
        aside.mkdir(parents=True)
        beside = {
            "Nuit.jpg": picture,
            "Nuit_p1.srt": SRT % (b"03", b"05", "Première".encode()),
            "Nuit_p2.srt": SRT % (b"02", b"04", "Deuxième".encode()),
            "Nuit.en.vtt": b"WEBVTT\n\n00:20.000 --> 00:22.000\nSecond\n",
            "Nuit_p2.de.srt": b"nothing",
        }
        for name, content in {**beside, "Nuit_p2.mp4": clip(2), "Nuit_p1.mp4": clip(1)}.items():
            (aside / name).write_bytes(content)
        for name in (*beside, "Nuit_p2.mp4", "Nuit_p1.mp4"):
            os.rename(aside / name, home.depot / name)  # noqa: PTH104
        until(lambda: home.episodes() and home.settled(), "both parts in one episode")
        # An hour later.
        (aside / "Nuit_p3.mp4").write_bytes(clip(3))
        os.rename(aside / "Nuit_p3.mp4", home.depot / "Nuit_p3.mp4")  # noqa: PTH104
        until(lambda: len(home.episodes()) == 2 and home.settled(), "the late part in an episode of its own")
        with home.record.write() as session:
            whole, coming = session.query(Episode).order_by(Episode.created_at)
            assert late.belongs_to(session, coming) is whole
            late.join(session, coming, whole, datetime.now(UTC), "malik")
        until(home.settled, "the late part joined")
        episode, gone = sorted(home.episodes(), key=lambda each: each.created_at)
        assert product.end() == 0
    assert gone.state == EpisodeState.WITHDRAWN
    assert episode.state == EpisodeState.IN_REVIEW, episode.state_reason
    assert [part.shown_name for part in episode.recording.parts] == [f"Nuit_p{number}.mp4" for number in (1, 2, 3)]
    assert episode.recording.duration_s == pytest.approx(42, abs=0.5)
    assert episode.recording.measured_at is not None
    assert (episode.recording.foreseen or {}).get("took_s"), "the longer recording is foreseen anew"
    shown, made = episode.rendition("preview"), episode.rendition("master")
    assert shown is not None
    assert shown.duration_s == pytest.approx(42, abs=0.5)
    assert made is not None
    assert made.cut == 2
    assert made.duration_s > 28
    (chosen,) = [each for each in episode.thumbnails if each.chosen]
    assert Path(chosen.path).read_bytes() == picture
    assert len(episode.thumbnails) > 1
    with home.record.read() as session:
        found = session.get_one(Episode, episode.id)
        kept = {caption.language: captions.load(Path(caption.path)) for caption in found.captions}
        said = [remark.text for remark in found.remarks]
        first_s = (found.recording.parts[0].info or {})["duration_s"]
    assert [(cue.start_s, cue.text) for cue in kept["fr"]] == [
        (3.0, "Première"),
        (pytest.approx(first_s + 2, abs=0.002), "Deuxième"),
    ]
    assert [cue.start_s for cue in kept["en"]] == [20.0]
    assert set(kept) == {"fr", "en"}
    assert len([text for text in said if "nuit_p2.de.srt" in text]) == 1, said
