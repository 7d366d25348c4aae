"""Files sent through the browser: the tus protocol as the server speaks it, down to the watched folder."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

import pytest
from flask import Flask

from pasvu.channel import accounts, uploads
from pasvu.channel.models import Upload
from pasvu.channel.uploads import Place
from pasvu.ingest import scan
from web.channel import Channel
from web.conftest import Come, Visitor, open_app

VERSION = {"Tus-Resumable": "1.0.0"}
FILM = bytes(range(256)) * 4000


@pytest.fixture
def opened(fresh: Channel) -> Flask:
    return open_app(fresh)


@pytest.fixture
def malik(opened: Flask, come: Come) -> Visitor:
    return come(opened, "Malik Kone")


@pytest.fixture
def depot(fresh: Channel) -> Path:
    return fresh.settings.watch_dirs[0]


def begin(visitor: Visitor, name: str, size: int, programme: str = "") -> tuple[int, str, str]:
    """Status, address and sentence."""
    pairs = {"filename": name, "programme": programme}
    said = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    headers = {**VERSION, "Upload-Length": str(size), "Upload-Metadata": said, "X-CSRFToken": visitor.token()}
    reply = visitor.client.post("/deposer/envois", headers=headers)
    return reply.status_code, reply.headers.get("Location", ""), reply.get_data(as_text=True)


def send(visitor: Visitor, address: str, at: int, piece: bytes, **more: str) -> int:
    headers = {**VERSION, "Upload-Offset": str(at), "X-CSRFToken": visitor.token(), **more}
    return visitor.client.patch(
        address, data=piece, headers=headers, content_type="application/offset+octet-stream"
    ).status_code


def at(visitor: Visitor, address: str) -> int:
    return int(visitor.client.head(address, headers=VERSION).headers["Upload-Offset"])


def test_a_film_in_three_pieces_lands_in_its_programme(malik: Visitor, depot: Path) -> None:
    code, address, _ = begin(malik, "2026-11-20 forêt.mp4", len(FILM), "terrain")
    assert code == 201
    cut = len(FILM) // 3
    assert send(malik, address, 0, FILM[:cut]) == 204
    assert at(malik, address) == cut
    assert list(scan.scan(depot)) == [], "the watcher sees nothing of what grows"
    assert send(malik, address, cut, FILM[cut : 2 * cut]) == 204
    assert send(malik, address, 2 * cut, FILM[2 * cut :]) == 204
    landed = depot / "terrain/2026-11-20 forêt.mp4"
    assert hashlib.sha256(landed.read_bytes()).digest() == hashlib.sha256(FILM).digest()
    assert [seen.folder for seen in scan.scan(depot)] == ["terrain"]
    assert list((depot / ".uploads").iterdir()) == []
    # The answer to the last piece may be lost on the way: asking again must not begin the whole anew.
    assert at(malik, address) == len(FILM)
    assert send(malik, address, 2 * cut, FILM[2 * cut :]) == 204


def test_a_piece_at_the_wrong_place_writes_nothing(malik: Visitor) -> None:
    _, address, _ = begin(malik, "film.mp4", len(FILM))
    send(malik, address, 0, FILM[:1000])
    assert send(malik, address, 0, FILM[:1000]) == 409
    assert send(malik, address, 2000, FILM[2000:3000]) == 409
    assert at(malik, address) == 1000
    assert send(malik, address, 1000, FILM + b"too much") == 422
    assert at(malik, address) == 1000


def test_a_piece_may_be_larger_than_a_form(malik: Visitor, depot: Path) -> None:
    big = os.urandom(5 * 1024 * 1024)
    _, address, _ = begin(malik, "gros.mov", len(big))
    assert send(malik, address, 0, big) == 204
    assert (depot / "gros.mov").read_bytes() == big


def test_a_name_already_there_is_not_overwritten(malik: Visitor, depot: Path) -> None:
    depot.mkdir(parents=True)
    (depot / "film.mp4").write_bytes(b"someone else's")
    for _ in range(2):
        _, address, _ = begin(malik, "film.mp4", 3)
        assert send(malik, address, 0, b"abc") == 204
    assert (depot / "film.mp4").read_bytes() == b"someone else's"
    assert {path.name for path in depot.iterdir()} == {".uploads", "film.mp4", "film (2).mp4", "film (3).mp4"}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.mp4", "passwd.mp4"),
        ("C:\\rushes\\cam 1.mov", "cam 1.mov"),
        ("un\x00deux\n.mp4", "undeux.mp4"),
        ("é" * 300 + ".mp4", "é" * 98 + ".mp4"),
    ],
)
def test_names_lose_what_no_folder_should_be_given(malik: Visitor, depot: Path, name: str, kept: str) -> None:
    code, address, _ = begin(malik, name, 3)
    assert code == 201
    send(malik, address, 0, b"abc")
    assert (depot / kept).read_bytes() == b"abc"


@pytest.mark.parametrize("name", ["", "..", ".DS_Store", "film.mp4.part", "~$notes.txt", "Thumbs.db", "/"])
def test_names_the_watcher_never_takes_are_refused_at_once(malik: Visitor, name: str) -> None:
    code, _, said = begin(malik, name, 3)
    assert code == 422
    assert "renommez-le" in said


def test_empty_files_unknown_programmes_and_a_full_disk_are_refused_in_words(
    malik: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "est vide" in begin(malik, "film.mp4", 0)[2]
    assert begin(malik, "film.mp4", 3, "inconnue")[0] == 404
    monkeypatch.setattr(Place, "free_bytes", lambda place: 5000)
    assert begin(malik, "film.mp4", 4000)[0] == 201
    code, _, said = begin(malik, "second.mp4", 4000)
    assert code == 507, "what the first one still needs is not free: the page asks again by itself"
    assert "pas la place" in said


def test_nobody_touches_the_upload_of_another(opened: Flask, malik: Visitor, come: Come) -> None:
    _, address, _ = begin(malik, "film.mp4", 10)
    ines = come(opened, "Inès Belkacem")
    assert ines.client.head(address, headers=VERSION).status_code == 404
    assert send(ines, address, 0, b"abc") == 404
    assert come(opened, "Yann Le Goff").client.post("/deposer/envois", headers=VERSION).status_code in (400, 403)
    assert come(opened).client.head(address, headers=VERSION).status_code == 302


def test_no_token_no_piece(malik: Visitor) -> None:
    _, address, _ = begin(malik, "film.mp4", 10)
    kind = "application/offset+octet-stream"
    reply = malik.client.patch(address, data=b"abc", headers={**VERSION, "Upload-Offset": "0"}, content_type=kind)
    assert reply.status_code == 400
    assert at(malik, address) == 0


def test_another_version_of_the_protocol_is_refused_as_it_asks(malik: Visitor) -> None:
    _, address, _ = begin(malik, "film.mp4", 10)
    reply = malik.client.head(address, headers={"Tus-Resumable": "0.2.2"})
    assert (reply.status_code, reply.headers["Tus-Version"]) == (412, "1.0.0")
    assert "termination" in malik.client.options("/deposer/envois").headers["Tus-Extension"]
    headers = {**VERSION, "Upload-Offset": "0", "X-CSRFToken": malik.token()}
    assert malik.client.patch(address, data=b"abc", headers=headers, content_type="video/mp4").status_code == 415


def test_given_up_its_bytes_go(malik: Visitor, depot: Path) -> None:
    _, address, _ = begin(malik, "film.mp4", 10)
    send(malik, address, 0, b"abc")
    headers = {**VERSION, "X-CSRFToken": malik.token()}
    assert malik.client.delete(address, headers=headers).status_code == 204
    assert list((depot / ".uploads").iterdir()) == []
    assert malik.client.head(address, headers=VERSION).status_code == 404


def test_a_crash_before_the_landing_is_made_good(fresh: Channel, malik: Visitor, depot: Path) -> None:
    _, address, _ = begin(malik, "film.mp4", 3)
    place = Place(depot, 0)
    upload_id = address.rsplit("/", 1)[-1]
    # What a crash leaves between the record's word and the rename.
    place.part(upload_id).write_bytes(b"abc")
    with fresh.record.write() as session:
        upload = session.get(Upload, upload_id)
        assert upload is not None
        upload.received_bytes, upload.finished_at = 3, fresh.clock.now()
    assert at(malik, address) == 3
    assert (depot / "film.mp4").read_bytes() == b"abc"


def test_what_nobody_touches_for_a_week_is_given_up(fresh: Channel, malik: Visitor, depot: Path) -> None:
    _, address, _ = begin(malik, "film.mp4", 10)
    with fresh.record.write() as session:
        uploads.sweep(session, Place(depot, 0), fresh.clock.now() + uploads.KEPT / 2)
    assert at(malik, address) == 0
    with fresh.record.write() as session:
        uploads.sweep(session, Place(depot, 0), fresh.clock.now() + uploads.KEPT * 2)
    assert malik.client.head(address, headers=VERSION).status_code == 404


def test_the_board_and_the_page_show_it_on_its_way(opened: Flask, malik: Visitor, come: Come) -> None:
    _, address, _ = begin(malik, "film de nuit.mp4", 10)
    send(malik, address, 0, b"abcde")
    assert 'value="50" aria-label="Envoi de' in come(opened, "Yann Le Goff").page("/")
    assert "Choisissez le même fichier pour continuer." in malik.page("/deposer")
    assert "film de nuit" not in come(opened, "Inès Belkacem").page("/deposer")


def test_accounts_that_send_are_those_who_bring_material(opened: Flask, come: Come) -> None:
    assert come(opened, "Yann Le Goff").get("/deposer").status_code == 403
    assert 'href="/deposer"' not in come(opened, "Yann Le Goff").page("/")
    assert accounts.ROLES[0] == "media"
    assert come(opened, "Malik Kone").get("/deposer").status_code == 200
