"""Connecting the channel from the panel, through a real consent page; and that its secrets are nowhere to be read."""

from __future__ import annotations

import html
import http.client
import json
import logging
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from channel.stage import scheduled
from pasvu.channel import accounts, connections, figures, sealing
from pasvu.channel.errors import Refused
from pasvu.channel.models import Publication
from pasvu.channel.sealing import key_in, seal, unseal
from pasvu.channel.settings import Settings
from pasvu.channel.values import ChannelFigures, VideoMetadata
from pasvu.door.backups import back_up
from pasvu.door.house import House, opened
from pasvu.door.panel import make_panel
from pasvu.publish.errors import NotConnected
from pasvu.publish.youtube.authorization import AuthorizedUser, read_authorized_user

from .conftest import Line

PASSWORD = "une phrase bien longue"
PLACE = "/reglages/plateformes"
METADATA = VideoMetadata("T", "D")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened(Settings(home=tmp_path / "home", free_disk_gib=0)) as house:
        with house.record.write() as session:
            for name, role in (("Ada", "admin"), ("Inès", "producer")):
                accounts.create(session, name, role, PASSWORD, house.clock.now(), "test")
        yield house


class Visitor:
    def __init__(self, house: House, name: str) -> None:
        self.client: FlaskClient = make_panel(house).test_client()
        self.post("/connexion", {"name": name, "password": PASSWORD})

    def page(self, path: str) -> str:
        reply = self.client.get(path)
        assert reply.status_code == 200, (path, reply.status_code)
        return html.unescape(reply.get_data(as_text=True))

    def post(self, path: str, fields: dict[str, object] | None = None) -> int:
        found = re.search(r'name="csrf" content="([^"]+)"', self.client.get("/connexion").get_data(as_text=True))
        found = found or re.search(r'name="csrf" content="([^"]+)"', self.client.get("/").get_data(as_text=True))
        assert found is not None
        return self.client.post(path, data={"csrf_token": found[1], **(fields or {})}).status_code

    def leave(self) -> str:
        reply = self.client.get(f"{PLACE}/youtube/connecter")
        assert reply.status_code == 303
        return str(reply.headers["Location"])

    def connect(self) -> str:
        """Out to the consent page, yes, and back; the path that the code came back by."""
        back = answer(self.leave())
        reply = self.client.get(back)
        assert (reply.status_code, reply.headers["Location"]) == (303, PLACE)
        return back


@pytest.fixture
def ada(house: House) -> Visitor:
    return Visitor(house, "Ada")


def answer(address: str, said: str = "yes") -> str:
    place = urlsplit(address)
    asked = {name: values[0] for name, values in parse_qs(place.query).items()}
    line = http.client.HTTPConnection(place.netloc, timeout=20)
    body = urlencode({**asked, "answer": said})
    line.request("POST", place.path, body, {"Content-Type": "application/x-www-form-urlencoded"})
    to = urlsplit(line.getresponse().headers["Location"])
    line.close()
    return f"{to.path}?{to.query}"


def kept_user(house: House) -> AuthorizedUser:
    kept = house.connection.kept()
    assert kept is not None
    assert kept.sealed is not None
    return read_authorized_user(house.connection.opened(kept.sealed, "authorisation"))


def test_connected_checked_and_taken_back_from_the_panel(house: House, ada: Visitor) -> None:
    assert "Connecter la chaîne" in ada.page(PLACE)
    ada.connect()
    page = ada.page(PLACE)
    for shown in ("Connectée", "Notre chaîne (répétition)", "Ada", "lire les statistiques détaillées", "Californie"):
        assert shown in page
    assert house.platforms["youtube"].channel_id() in page
    assert ada.post(f"{PLACE}/youtube/verifier") == 303
    assert "nous reconnaît" in ada.page(PLACE)
    user = kept_user(house)
    ada.post(f"{PLACE}/youtube/deconnecter")
    kept = house.connection.kept()
    assert kept is not None
    assert (kept.sealed, kept.channel_id, kept.scopes) == (None, None, [])
    # It is gone at the platform too, and not only here.
    with pytest.raises(NotConnected):
        house.connection.keep(user, "test")
    journal = ada.page("/reglages/journal")
    assert "a connecté la chaîne" in journal
    assert "a déconnecté la chaîne" in journal


def test_answers_that_nobody_waits_for(house: House, ada: Visitor) -> None:
    back = answer(ada.leave())
    for strange in (
        f"{PLACE}/youtube/retour?code=4/stolen&state=guessed",
        back.replace("state=", "state=x"),
        f"{PLACE}/youtube/retour",
    ):
        assert ada.client.get(strange).status_code in (404, 422), strange
        # A wrong answer ends the attempt: the right one is refused from then on.
        assert ada.client.get(back).status_code == 422
    assert house.connection.kept() is None or not house.connection.kept().sealed  # type: ignore[union-attr]
    refused = answer(ada.leave(), "no")
    assert ada.client.get(refused).status_code == 303
    assert "refusée dans le navigateur" in ada.page(PLACE)


def test_only_the_administration_connects(house: House) -> None:
    ines = Visitor(house, "Inès")
    assert "Connecter la chaîne" not in ines.page(PLACE)
    assert ines.client.get(f"{PLACE}/youtube/connecter").status_code == 403
    assert ines.client.get(f"{PLACE}/youtube/retour?code=x&state=y").status_code == 403
    for act in ("client", "deconnecter"):
        assert ines.post(f"{PLACE}/youtube/{act}") == 403


def test_another_channel_is_refused_and_the_first_one_kept(house: House, ada: Visitor) -> None:
    ada.connect()
    with house.record.write() as session:
        kept = house.connection.kept()
        assert kept is not None
        session.merge(kept).channel_id = "UC-another"
    back = answer(ada.leave())
    assert ada.client.get(back).status_code == 422
    # What is sent is pinned too, whatever the token acts for by now.
    with pytest.raises(NotConnected, match="autre chaîne"):
        house.platforms["youtube"].open_upload(Path(__file__), METADATA)


def test_without_an_authorisation_the_page_says_until_when_figures_are_kept(tmp_path: Path) -> None:
    with opened(Settings(home=tmp_path / "home", free_disk_gib=0, youtube_url="google")) as house:
        with house.record.write() as session:
            accounts.create(session, "Ada", "admin", PASSWORD, house.clock.now(), "test")
        ada = Visitor(house, "Ada")
        assert "les relevés de vues sont effacés" not in ada.page(PLACE)
        with house.record.write() as session:
            figures.keep_channel(session, "youtube", ChannelFigures(1, 1, 1), house.clock.now())
        assert "les relevés de vues sont effacés" in ada.page(PLACE)


def test_no_secret_is_anywhere_to_be_read(
    house: House, ada: Visitor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    back = ada.connect()
    user = kept_user(house)
    youtube = house.platforms["youtube"]
    youtube.channel_id()
    code = parse_qs(urlsplit(back).query)["code"][0]
    access = youtube._client._wire._credentials.token  # type: ignore[attr-defined]
    secrets = [user.refresh_token, user.client_secret, code, access]
    assert all(len(secret) > 20 for secret in secrets)
    try:
        raise ValueError(f"token {user.refresh_token} {access}")
    except ValueError:
        logging.getLogger("pasvu.publish.youtube").exception("Bearer %s", access)
    pages = [ada.page(path) for path in (PLACE, "/reglages/journal", "/reglages/systeme", "/")]
    cookie = "; ".join(str(each.value) for each in [ada.client.get_cookie("pasvu")] if each)
    archive = tmp_path / "backup.tar.gz"
    back_up(house.record, house.folders, archive)
    with tarfile.open(archive) as unpacked:
        members = [file.read() for each in unpacked if (file := unpacked.extractfile(each))]
    sandbox = house.folders.sandbox
    ours = (path for path in house.folders.home.rglob("*") if path.is_file() and sandbox not in path.parents)
    files = [path.read_bytes() for path in ours]
    places = {
        "log": [caplog.text.encode()],
        "pages": [page.encode() for page in pages],
        "cookie": [cookie.encode()],
        "home": files,
        "backup": members,
    }
    for place, contents in places.items():
        # A control: there is something to read there.
        assert sum(map(len, contents)) > 100, place
        for secret in secrets:
            assert not any(secret.encode() in content for content in contents), (place, secret[:6])
    assert any(b"platform_connection" in content for content in members)
    assert "Traceback" in caplog.text
    # And the stand-in itself, which is the other side, does hold it: the search would find it.
    theirs = b"".join(path.read_bytes() for path in sandbox.rglob("*") if path.is_file())
    assert user.refresh_token.encode() in theirs


def test_the_address_of_an_open_upload_is_sealed_too(house: House) -> None:
    safe, address = house.desk.safe, "http://127.0.0.1:1/upload?upload_id=canary"
    assert "canary" not in safe.seal(address)
    assert safe.opened(safe.seal(address)) == address
    # Kept by an earlier version, it stands as it is; sealed with a key that is gone, it is nothing.
    assert safe.opened(address) == address
    sealed = safe.seal(address)
    (house.folders.secrets / "token.key").write_bytes(bytes(32))
    assert safe.opened(sealed) is None


def test_a_key_kept_elsewhere_is_in_no_backup(tmp_path: Path) -> None:
    key = tmp_path / "usb" / "token.key"
    with opened(Settings(home=tmp_path / "home", token_key_file=key)) as house:
        house.connection.keep_client(json.dumps({"installed": {"client_secret": "GOCSPX-canary"}}), "test")
        assert key.stat().st_mode & 0o777 == 0o600
        archive = tmp_path / "backup.tar.gz"
        back_up(house.record, house.folders, archive)
        with tarfile.open(archive) as unpacked:
            held = [file.read() for each in unpacked if (file := unpacked.extractfile(each))]
    assert not any(key.read_bytes() in content or b"canary" in content for content in held)


def test_the_file_of_earlier_versions_is_taken_in_sealed_and_goes(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", youtube_url="http://127.0.0.1:9")
    former = settings.home / "secrets" / "youtube.json"
    former.parent.mkdir(parents=True)
    former.write_text('{"client_id": "c", "client_secret": "s", "refresh_token": "1//canary-former"}')
    with opened(settings) as house:
        assert house.connection.connected()
        assert not former.exists()
        assert kept_user(house).refresh_token == "1//canary-former"
        # Nothing is known of its channel, and the platform is away: that is said, and the token stays.
        assert "ne répond pas" in str(house.connection.check())
        assert house.connection.connected()


def test_a_newer_file_of_the_setting_is_taken_in_and_an_older_one_is_not(tmp_path: Path) -> None:
    given = tmp_path / "given.json"

    def write(token: str, at: float) -> None:
        given.write_text(json.dumps({"client_id": "c", "client_secret": "s", "refresh_token": token}))
        os.utime(given, (at, at))

    settings = Settings(home=tmp_path / "home", youtube_url="http://127.0.0.1:9", youtube_token_file=given)
    for token, at, kept in (("1//first", 2e9, "1//first"), ("1//older", 1e9, "1//first"), ("1//new", 3e9, "1//new")):
        write(token, at)
        with opened(settings) as house:
            assert house.connection.connected()
            assert kept_user(house).refresh_token == kept


class Killed(BaseException):
    pass


def test_a_key_is_replaced_and_whatever_stops_it_everything_opens(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = json.dumps({"client_id": "c", "client_secret": "s", "refresh_token": "1//canary"})
    connection, safe, address = house.connection, house.desk.safe, "http://127.0.0.1:1/upload?upload_id=canary"
    connection._write(read_authorized_user(user), None, house.clock.now(), "test")
    connection.keep_client('{"installed": {}}', "test")
    with house.record.write() as session:
        upload = scheduled(session)
        upload.session_address, number = safe.seal(address), upload.id
    key = house.folders.secrets / "token.key"
    left = 0

    def dying(act: Callable[..., Any]) -> Callable[..., Any]:
        def acting(*given: Any, **more: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed
            return act(*given, **more)

        return acting

    def all_opens() -> None:
        assert kept_user(house).refresh_token == "1//canary"
        assert connection.client() is not None
        with house.record.read() as session:
            kept = session.get_one(Publication, number).session_address
        assert kept is not None
        assert safe.opened(kept) == address
        sealed = safe.seal("sealed meanwhile")
        assert safe.opened(sealed) == "sealed meanwhile"

    killed = 0
    # Every look at the disk that follows a step of the replacement is a moment to die at; the last time there is none.
    for at in range(1, 10):
        former, left = key.read_bytes(), at
        with monkeypatch.context() as dangerous:
            dangerous.setattr(sealing, "sync_folder", dying(sealing.sync_folder))
            dangerous.setattr(connections, "reseal", dying(connections.reseal))
            dangerous.setattr(sealing, "_write", dying(sealing._write))
            try:
                connection.replace_key("ada")
            except Killed:
                killed += 1
        all_opens()
        if left <= 0:
            Line(house.settings.home).call("key", "rotate")
            all_opens()
        assert key.read_bytes() != former
        assert key.stat().st_mode & 0o777 == 0o600
        assert sorted(path.name for path in key.parent.glob("token.key*")) == ["token.key"]
    assert killed == 7


def test_a_key_in_a_folder_that_is_not_ours_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "usb" / "token.key"
    with opened(Settings(home=tmp_path / "home", token_key_file=key)) as house:
        sealed = house.desk.safe.seal("address")

        def refuse(*_given: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(sealing, "_write", refuse)
        with pytest.raises(Refused, match="usb"):
            house.connection.replace_key("ada")
        assert house.desk.safe.opened(sealed) == "address"


def test_sealing(tmp_path: Path) -> None:
    key = key_in(tmp_path / "a.key")
    assert key_in(tmp_path / "a.key") == key
    sealed = seal(key, "secret", "youtube")
    assert unseal(key, sealed, "youtube") == "secret"
    assert seal(key, "secret", "youtube") != sealed
    assert "secret" not in sealed
    for wrong in (
        lambda: unseal(key, sealed, "peertube"),
        lambda: unseal(key, sealed[:-4] + "AAA=", "youtube"),
        lambda: unseal(key, "", "youtube"),
        lambda: unseal(key_in(tmp_path / "b.key"), sealed, "youtube"),
    ):
        with pytest.raises(Refused, match="reconnectez"):
            wrong()
    (tmp_path / "c.key").write_bytes(b"short")
    with pytest.raises(Refused, match="n’est pas une clé"):
        key_in(tmp_path / "c.key")
