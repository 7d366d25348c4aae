"""The settings: their order, their secrets, and what is said when one is wrong."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pasvu.channel.errors import Refused
from pasvu.channel.settings import Settings, load


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder of its own: `pasvu.toml` is looked for there too."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    return made


def test_the_defaults_are_the_contracts(elsewhere: Path) -> None:
    found = load(environ={})
    assert (found.poll_s, found.settle_s, found.host, found.port) == (60, 30, "127.0.0.1", 8080)
    assert (found.zone, found.language, found.upload_chunk_mib) == (ZoneInfo("Europe/Paris"), "fr", 16)
    assert (found.clock_offset_s, found.clock_rate, found.youtube_token_file) == (0, 1, None)
    assert found.rehearsing
    assert found.youtube_base is None
    assert found.url == f"sqlite:///{elsewhere}/pasvu-home/pasvu.db"
    assert found.watch_dirs == [elsewhere / "pasvu-home" / "depot"]


def test_environment_beats_file_beats_default(home: Path) -> None:
    (home / "pasvu.toml").write_text('port = 9000\npoll_s = 5\nlanguage = "en"\n')
    found = load(environ={"PASVU_HOME": str(home), "PASVU_PORT": "9001", "HOME": "/root", "PASVULGAIRE": "x"})
    assert (found.port, found.poll_s, found.language, found.settle_s) == (9001, 5, "en", 30)


def test_an_explicit_home_beats_the_environment(home: Path, tmp_path: Path) -> None:
    assert load(home, {"PASVU_HOME": str(tmp_path / "other")}).home == home


def test_the_file_of_the_home_goes_before_that_of_the_current_folder(home: Path, elsewhere: Path) -> None:
    (elsewhere / "pasvu.toml").write_text("port = 1111\n")
    assert load(home, {}).port == 1111
    (home / "pasvu.toml").write_text("port = 2222\n")
    assert load(home, {}).port == 2222


def test_a_secret_may_come_from_a_file(home: Path) -> None:
    secret = home / "url"
    secret.write_text("postgresql://pasvu:s3cret@db/pasvu\n")
    assert load(home, {"PASVU_DATABASE_URL_FILE": str(secret)}).url == "postgresql://pasvu:s3cret@db/pasvu"


def test_a_setting_that_is_itself_a_file_is_not_read_as_a_secret(home: Path) -> None:
    assert load(home, {"PASVU_YOUTUBE_TOKEN_FILE": "/run/token.json"}).youtube_token_file == Path("/run/token.json")


def test_a_secret_that_cannot_be_read_is_named(home: Path) -> None:
    with pytest.raises(Refused, match=r"PASVU_DATABASE_URL_FILE names /nowhere, which cannot be read"):
        load(home, {"PASVU_DATABASE_URL_FILE": "/nowhere"})


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("PASVU_SETLE_S", "Unknown setting `setle_s` (PASVU_SETLE_S in the environment). Did you mean `settle_s`?"),
        ("PASVU_TIMEZON", "Did you mean `timezone`?"),
        ("PASVU_ZZZZ", "See docs/settings.md"),
    ],
)
def test_an_unknown_name_in_the_environment_is_told_with_the_nearest(home: Path, key: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        load(home, {key: "1"})
    assert said in str(refused.value)


def test_an_unknown_name_in_the_file_is_told_with_its_place(home: Path) -> None:
    (home / "pasvu.toml").write_text("prot = 80\n")
    with pytest.raises(Refused, match="Did you mean `port`") as refused:
        load(home, {})
    assert str(home / "pasvu.toml") in str(refused.value)


@pytest.mark.parametrize("content", [b"port = \n", b'host = "caf\xe9"\n'])
def test_a_file_that_cannot_be_read_says_where(home: Path, content: bytes) -> None:
    (home / "pasvu.toml").write_bytes(content)
    with pytest.raises(Refused, match="cannot be read"):
        load(home, {})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "eighty", "integer"),
        ("PORT", "70000", "65535"),
        ("TIMEZONE", "Europe/Pariss", "« Europe/Pariss » is not a time zone"),
        ("TIMEZONE", "../etc/passwd", "not a time zone"),
        ("LANGUAGE", "de", "the panel speaks `fr` and `en`"),
        ("UPLOAD_CHUNK_MIB", "0.3", "multiple of 256 KiB"),
        ("SETTLE_S", "-1", "greater than or equal to 0"),
        ("CLOCK_RATE", "0", "greater than 0"),
        ("REPLAYS", "peut-être", "boolean"),
    ],
)
def test_a_bad_value_is_one_sentence_that_names_its_setting(home: Path, name: str, value: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        load(home, {f"PASVU_{name}": value})
    said = str(refused.value)
    assert said.replace("\u202f", " ").startswith(f"Setting `{name.lower()}`")
    assert words in said.replace("\u202f", " ")
    assert "Value error" not in said
    assert "\n" not in said


def test_shapes_made_of_several_settings(home: Path) -> None:
    environ = {"PASVU_WATCH_DIR": "/a, /b ,", "PASVU_YOUTUBE_URL": "google", "PASVU_UPLOAD_CHUNK_MIB": "0.25"}
    found = load(home, environ)
    assert found.watch_dirs == [Path("/a"), Path("/b")]
    assert found.youtube_base == "https://www.googleapis.com"
    assert found.upload_chunk_bytes == 256 * 1024
    assert load(home, {"PASVU_YOUTUBE_URL": "http://127.0.0.1:9/"}).youtube_base == "http://127.0.0.1:9"


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
