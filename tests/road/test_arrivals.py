"""What people drop, good and bad, in one run of the product: what becomes of each file."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pasvu.channel.models import Episode
from pasvu.channel.states import EpisodeState

from .conftest import Clip
from .product import Home, until

pytestmark = pytest.mark.media

LONGEST = "é" * 125 + "a.mp4"
STRANGE = {
    "dash, spaces, accents, emoji, newline, quotes, pattern": "-i 🎬  Été\nà l'hôpital \" $HOME `id` %d 👩🏽‍⚕️ .MP4",
    "longest": LONGEST,
}
NOT_UTF8 = b"caf\xe9.mp4"
FINE = {name: os.fsencode(text) for name, text in STRANGE.items()} | {"not utf-8": NOT_UTF8}


@dataclass
class Arrivals:
    """Everything that was dropped, and what was seen meanwhile."""

    home: Home
    sent: dict[bytes, bytes] = field(default_factory=dict)
    steps: set[str] = field(default_factory=set)
    grown: bytes = b""
    grown_at: float = 0.0
    taken_at: float = 0.0

    def drop(self, content: bytes, name: str | bytes, folder: str = "") -> None:
        self.home.drop(content, name, folder)
        self.sent[os.fsencode(name)] = content

    def episode(self, name: str | bytes) -> Episode:
        found = self.home.received(name)
        assert found is not None, f"{name!r} was not taken"
        return found


@pytest.fixture(scope="module")
def arrivals(clip: Clip, make: Callable[..., bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arrivals]:
    home = Home(tmp_path_factory.mktemp("arrivals") / "home")
    seen = Arrivals(home)
    seen.drop(clip(1), "2026-11-20_le-grand-angle_Une_nuit_aux_urgences.mp4", "le-grand-angle")
    with home.running() as product:
        product.ready()
        until(lambda: home.received("2026-11-20_le-grand-angle_Une_nuit_aux_urgences.mp4"), "the first file taken")
        writer = threading.Thread(target=_grow, args=(home, clip(2), seen))
        writer.start()
        _watch(home, seen, lambda: home.settled(), "the first file is ready")
        seen.drop(clip(1), "copie.mp4")
        for number, name in enumerate(FINE.values(), 10):
            seen.drop(_speech(make, number), name)
        _drop_the_bad(seen, clip, make)
        writer.join()
        everything = len(seen.sent) + 1
        _watch(
            home, seen, lambda: len(home.episodes()) == everything and home.settled(), f"{everything} files dealt with"
        )
        assert "stumbled" not in product.said
        yield seen
        assert product.end() == 0


def _speech(make: Callable[..., bytes], number: int) -> bytes:
    """A recording of sound alone that takes little to prepare; each number another."""
    return make(f"{number}.mp4", "-f", "lavfi", "-i", f"sine={200 + 10 * number}:r=48000:d=3", "-c:a", "aac")


def _drop_the_bad(seen: Arrivals, clip: Clip, make: Callable[..., bytes]) -> None:
    seen.drop(b"Ceci n'est pas un film.\n" * 50, "notes.mp4")
    seen.drop(b"", "vide.mp4")
    seen.drop(_without_index(clip(3)), "sans-index.mp4")
    seen.drop(clip(4)[:-200_000], "coupe.mp4")
    seen.drop(clip(5)[:-300_000], "relance.mp4", "terrain")
    seen.drop(make("son.wav", "-f", "lavfi", "-i", "sine=440:r=48000:d=4"), "Interview au téléphone.wav")
    picture = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=4", "-c:v", "libx264", "-preset", "ultrafast")
    seen.drop(make("image.mp4", *picture, "-pix_fmt", "yuv420p"), "Plans muets.mp4")


def _without_index(film: bytes) -> bytes:
    """What a recorder leaves that lost its power: the beginning of the pictures, and no index."""
    at, kept = 0, b""
    while at < len(film):
        size, kind = int.from_bytes(film[at : at + 4], "big"), film[at + 4 : at + 8]
        kept += b"" if kind == b"moov" else film[at : at + size]
        at += size
    return kept[:-100_000]


def _grow(home: Home, content: bytes, seen: Arrivals) -> None:
    """Writes for four seconds, opening anew each time as some copying tools do, with pauses below the quiet time."""
    path = home.depot / "grandit.mp4"
    pieces = 14
    for number in range(pieces):
        with path.open("ab") as file:
            file.write(content[number * len(content) // pieces : (number + 1) * len(content) // pieces])
        seen.grown_at = time.monotonic()
        if number < pieces - 1:
            time.sleep(0.3)
    seen.grown = content


def _watch(home: Home, seen: Arrivals, there: Callable[[], bool], what: str) -> None:
    def look() -> bool:
        seen.steps |= set(home.steps().values())
        if not seen.taken_at and home.received("grandit.mp4"):
            seen.taken_at = time.monotonic()
        return there()

    until(look, what)


def test_a_dropped_file_becomes_an_episode_to_review(arrivals: Arrivals) -> None:
    name = "2026-11-20_le-grand-angle_Une_nuit_aux_urgences.mp4"
    episode = arrivals.episode(name)
    assert episode.state == EpisodeState.IN_REVIEW
    assert episode.title == "Une nuit aux urgences"
    assert episode.recorded_on == "2026-11-20"
    assert episode.programme is not None
    assert episode.programme.slug == "le-grand-angle"
    assert [made.kind for made in episode.renditions] == ["master"]
    assert episode.recording.integrated_lufs is not None
    assert episode.thumbnails
    actions = arrivals.home.journal(episode.id)
    assert actions == [
        ("episode.received", None),
        ("episode.state", "processing"),
        ("episode.state", "in_review"),
    ]


def test_progress_is_told_step_by_step(arrivals: Arrivals) -> None:
    assert {"measure", "render"} <= arrivals.steps


def test_originals_are_kept_as_they_came(arrivals: Arrivals) -> None:
    checked = 0
    for episode in arrivals.home.episodes():
        for part in episode.recording.parts:
            content = Path(part.path).read_bytes()
            sent = arrivals.grown if part.name == b"grandit.mp4" else arrivals.sent[part.name]
            assert content == sent, part.shown_name
            if part.sha256 is not None:
                assert part.sha256 == hashlib.sha256(sent).hexdigest()
            checked += 1
    assert checked == len(arrivals.sent) + 1


def test_the_depot_is_left_empty(arrivals: Arrivals) -> None:
    left = [path for path in arrivals.home.depot.rglob("*") if path.is_file()]
    assert left == []


def test_the_same_bytes_again_are_refused_by_the_name_of_their_episode(arrivals: Arrivals) -> None:
    copy = arrivals.episode("copie.mp4")
    first = arrivals.episode("2026-11-20_le-grand-angle_Une_nuit_aux_urgences.mp4")
    assert copy.state == EpisodeState.QUARANTINED
    assert copy.state_reason is not None
    assert "déjà été reçu" in copy.state_reason
    assert first.title in copy.state_reason
    assert first.slug in copy.state_reason
    assert copy.renditions == []


def test_a_growing_file_is_taken_when_it_is_whole(arrivals: Arrivals) -> None:
    episode = arrivals.episode("grandit.mp4")
    assert arrivals.taken_at > arrivals.grown_at
    assert episode.state == EpisodeState.IN_REVIEW
    assert episode.recording.parts[0].bytes == len(arrivals.grown)


@pytest.mark.parametrize("kind", FINE)
def test_any_name_will_do(arrivals: Arrivals, kind: str) -> None:
    episode = arrivals.episode(FINE[kind])
    assert episode.state == EpisodeState.IN_REVIEW, episode.state_reason
    stored = Path(episode.recording.parts[0].path)
    assert not stored.name.startswith((".", "-"))
    assert "\n" not in episode.recording.parts[0].shown_name
    assert episode.title
    assert episode.rendition("master") is not None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("notes.mp4", "texte"),
        ("vide.mp4", "vide"),
        ("sans-index.mp4", "index"),
    ],
)
def test_what_is_not_media_goes_to_quarantine_with_its_reason(arrivals: Arrivals, name: str, words: str) -> None:
    episode = arrivals.episode(name)
    assert episode.state == EpisodeState.QUARANTINED
    assert episode.state_reason is not None
    assert words in episode.state_reason
    kept = Path(episode.recording.parts[0].path)
    assert kept.parent == arrivals.home.path / "quarantine"
    reason = kept.with_name(f"{kept.name}.reason.txt").read_text()
    assert name in reason
    assert episode.state_reason in reason


def test_a_copy_that_stopped_half_way_is_set_aside_with_what_is_missing(arrivals: Arrivals) -> None:
    episode = arrivals.episode("coupe.mp4")
    assert episode.state == EpisodeState.QUARANTINED
    assert episode.state_reason is not None
    assert "coupe.mp4" in episode.state_reason
    assert "Il manque 200,0 ko" in episode.state_reason
    (listed,) = [row for row in arrivals.home.ask("quarantine", "list") if row["id"] == episode.id]
    assert (listed["kind"], listed["may_be_used_as_it_is"]) == ("cut_short", True)


def test_it_is_used_as_it_is_on_request_and_said(arrivals: Arrivals) -> None:
    episode = arrivals.episode("coupe.mp4")
    arrivals.home.call("quarantine", "retry", episode.id, "--as-it-is")
    until(lambda: arrivals.episode("coupe.mp4").state == EpisodeState.IN_REVIEW, "what is there is prepared")
    assert not list((arrivals.home.path / "quarantine").glob(f"{episode.recording.id}-*"))
    with arrivals.home.record.read() as session:
        found = session.get_one(Episode, episode.id)
        assert found.recording.duration_s is not None
        assert 5 < found.recording.duration_s < 13
        assert [remark.text for remark in found.remarks if "Il manque 200,0 ko" in remark.text]


def test_the_whole_copy_takes_the_place_of_the_one_that_stopped(arrivals: Arrivals, clip: Clip) -> None:
    cut = arrivals.episode("relance.mp4")
    assert cut.state == EpisodeState.QUARANTINED
    arrivals.home.drop(clip(5), "relance.mp4", "terrain")

    def whole() -> Episode | None:
        found = arrivals.episode("relance.mp4")
        return found if found.id != cut.id and found.state == EpisodeState.IN_REVIEW else None

    found = until(whole, "the whole copy is prepared")
    (former,) = [each for each in arrivals.home.episodes() if each.id == cut.id]
    assert former.state == EpisodeState.WITHDRAWN
    assert found.slug in (former.state_reason or "")
    assert Path(former.recording.parts[0].path).read_bytes() == arrivals.sent[b"relance.mp4"], "nothing is deleted"


def test_sound_alone_becomes_a_film_with_a_card(arrivals: Arrivals) -> None:
    episode = arrivals.episode("Interview au téléphone.wav")
    assert episode.state == EpisodeState.IN_REVIEW
    assert episode.title == "Interview au téléphone"
    master = episode.rendition("master")
    assert master is not None
    assert master.duration_s == pytest.approx(4, abs=0.2)


def test_picture_alone_is_accepted_and_said(arrivals: Arrivals) -> None:
    episode = arrivals.episode("Plans muets.mp4")
    assert episode.state == EpisodeState.IN_REVIEW
    assert episode.rendition("master") is not None
    assert episode.plan_why is not None
    assert "son" in episode.plan_why


def test_secrets_are_for_this_user_alone(arrivals: Arrivals) -> None:
    assert stat.S_IMODE((arrivals.home.path / "secrets").stat().st_mode) == 0o700
