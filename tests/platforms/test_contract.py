"""The contract that every platform keeps, played on each stage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pasvu.channel.errors import Cancelled
from pasvu.channel.values import Localization, Privacy, VideoMetadata
from pasvu.channel.videofields import differences, fields_of
from pasvu.publish.errors import Missing, PlatformRefused, SessionGone
from pasvu.publish.platform import Change, Lives

from .conftest import CHUNK, Master, Watcher
from .films import film
from .stages import STAGES, Seen, Stage

UNKNOWN = "AAAAAAAAAAA"


@pytest.fixture(params=sorted(STAGES))
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with STAGES[request.param](tmp_path / "server") as stage:
        yield stage


@pytest.fixture
def master(tmp_path: Path) -> Master:
    content = film(2 * CHUNK + 999, duration_s=60)
    path = tmp_path / "master.mp4"
    path.write_bytes(content)
    return Master(path, hashlib.sha256(content).hexdigest())


@pytest.fixture
def metadata() -> VideoMetadata:
    return VideoMetadata("Le débat", "Ce soir, l’été.", tags=("débat",), marker="pv-01abc", embeddable=False)


@pytest.fixture
def video_id(stage: Stage, master: Master, metadata: VideoMetadata) -> str:
    """A video that was sent and processed."""
    session = stage.platform.open_upload(master.path, metadata)
    found = stage.platform.send(session, master.path, Watcher())
    stage.clock.sleep(120)
    return found


def only(stage: Stage) -> Seen:
    (seen,) = stage.look()
    return seen


def test_objections_are_sentences(stage: Stage, metadata: VideoMetadata) -> None:
    assert stage.platform.objections(metadata) == []
    assert stage.platform.objections(replace(metadata, title="")) != []


def test_what_it_objects_to_the_server_refuses_too(stage: Stage, master: Master, metadata: VideoMetadata) -> None:
    with pytest.raises(PlatformRefused):
        stage.platform.open_upload(master.path, replace(metadata, title="x" * 101))


def test_it_knows_its_channel_and_the_time(stage: Stage) -> None:
    assert stage.platform.channel_id()
    assert stage.platform.channel_id() == stage.again().channel_id()
    assert abs(stage.platform.clock_gap_s()) < 2


def test_opening_makes_no_video(stage: Stage, master: Master, metadata: VideoMetadata) -> None:
    session = stage.platform.open_upload(master.path, metadata)
    assert stage.platform.ask_upload(session).confirmed_bytes == 0
    assert stage.look() == []


def test_sending_makes_one_private_video(stage: Stage, master: Master, metadata: VideoMetadata) -> None:
    watcher = Watcher(look=lambda: len(stage.look()))
    session = stage.platform.open_upload(master.path, metadata)
    video_id = stage.platform.send(session, master.path, watcher)
    seen = only(stage)
    assert (seen.video_id, seen.sha256, seen.title) == (video_id, master.sha256, metadata.title)
    assert (seen.history, seen.publish_at) == (["private"], None)
    assert (seen.embeddable, seen.made_for_kids) == (False, False)
    # It was told before the last bytes went out, when there was no video yet.
    assert watcher.intents == [0]
    assert watcher.confirmations[-1] == session.total_bytes
    assert watcher.confirmations == sorted(watcher.confirmations)
    # Asking and sending again find the same video.
    assert stage.platform.ask_upload(session).video_id == video_id
    assert stage.again().send(session, master.path, Watcher()) == video_id
    assert only(stage).video_id == video_id
    assert stage.platform.watch_url(video_id).endswith(video_id)


def test_everything_of_an_episode_arrives_and_reads_back(stage: Stage, video_id: str) -> None:
    whole = VideoMetadata(
        "Le débat",
        "Ce soir, l’été.\n\n0:00 Ouverture\n0:20 Questions\n0:40 Fin",
        language="fr",
        tags=("débat", "été 2026"),
        category_id="25",
        made_for_kids=True,
        synthetic_media=True,
        paid_promotion=True,
        license="creativeCommon",
        embeddable=False,
        recorded_at=datetime(2026, 11, 20, tzinfo=UTC),
        localizations=(Localization("en", "The debate", "Tonight."), Localization("es", "El debate", "Esta noche.")),
    )
    assert stage.platform.objections(whole) == []
    told = stage.platform.change(video_id, Change(metadata=whole))
    assert differences(fields_of(whole), told.after.fields) == {}
    assert set(told.after.fields) == set(fields_of(whole))
    read = stage.again().state_of([video_id])[video_id]
    assert (read.fields, read.privacy) == (told.after.fields, Privacy.PRIVATE)
    # The same again is no writing.
    again = stage.platform.change(video_id, Change(metadata=whole))
    assert again.before == again.after
    bare = replace(whole, localizations=(), recorded_at=None, tags=())
    assert differences(fields_of(bare), stage.platform.change(video_id, Change(metadata=bare)).after.fields) == {}


def test_cancelling_and_going_on_in_another_process(stage: Stage, master: Master, metadata: VideoMetadata) -> None:
    session = stage.platform.open_upload(master.path, metadata)
    with pytest.raises(Cancelled):
        stage.platform.send(session, master.path, Watcher(stop_at=CHUNK))
    assert stage.look() == []
    other = stage.again()
    assert other.ask_upload(session).confirmed_bytes >= CHUNK
    watcher = Watcher()
    other.send(session, master.path, watcher)
    assert watcher.confirmations[0] >= CHUNK
    assert only(stage).sha256 == master.sha256


def test_an_unknown_session_is_gone(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "m.mp4"
    path.write_bytes(bytes(stage.forgotten.total_bytes))
    with pytest.raises(SessionGone):
        stage.platform.ask_upload(stage.forgotten)
    with pytest.raises(SessionGone):
        stage.platform.send(stage.forgotten, path, Watcher())


def test_state_follows_processing(stage: Stage, master: Master, metadata: VideoMetadata) -> None:
    session = stage.platform.open_upload(master.path, metadata)
    video_id = stage.platform.send(session, master.path, Watcher())
    first = stage.platform.state_of([video_id, UNKNOWN])
    assert list(first) == [video_id]
    assert first[video_id].processing == "processing"
    stage.clock.sleep(120)
    after = stage.platform.state_of([video_id])[video_id]
    assert (after.processing, after.reason, after.privacy) == ("succeeded", None, Privacy.PRIVATE)
    assert after.bytes == session.total_bytes
    assert after.duration_s == pytest.approx(60, abs=1)
    assert (after.title, after.publish_at, after.made_for_kids) == (metadata.title, None, False)
    assert set(after.tags) == {"débat", "pv-01abc"}


def test_a_film_that_is_none_is_said(stage: Stage, metadata: VideoMetadata, tmp_path: Path) -> None:
    path = tmp_path / "master.mp4"
    path.write_bytes(b"not a film" * 1000)
    video_id = stage.platform.send(stage.platform.open_upload(path, metadata), path, Watcher())
    stage.clock.sleep(120)
    state = stage.platform.state_of([video_id])[video_id]
    assert state.processing == "failed"
    assert state.reason


def test_a_lost_upload_is_found_by_its_marker(stage: Stage, video_id: str) -> None:
    assert stage.platform.find_by_marker("pv-01abc") == video_id
    assert stage.platform.find_by_marker("pv-other") is None


def test_it_goes_on_air_at_its_instant_and_not_before(stage: Stage, video_id: str) -> None:
    instant = stage.clock.now() + timedelta(hours=3)
    held = stage.platform.change(video_id, Change(privacy=Privacy.PRIVATE, publish_at=instant)).after
    assert (held.privacy, held.publish_at) == (Privacy.PRIVATE, instant)
    # Setting the part again forgot nothing of it.
    assert only(stage).embeddable is False
    stage.clock.set(instant - timedelta(seconds=1))
    assert stage.platform.state_of([video_id])[video_id].privacy == Privacy.PRIVATE
    stage.clock.set(instant + timedelta(seconds=1))
    assert stage.platform.state_of([video_id])[video_id].privacy == Privacy.PUBLIC
    seen = only(stage)
    assert seen.published_at == instant
    assert seen.history == ["private", "public"]


def test_new_words_keep_the_instant_and_the_rest(stage: Stage, video_id: str, metadata: VideoMetadata) -> None:
    instant = stage.clock.now() + timedelta(hours=3)
    stage.platform.change(video_id, Change(publish_at=instant))
    words = replace(metadata, title="Nouveau titre", marker=None)
    held = stage.platform.change(video_id, Change(metadata=words)).after
    assert (held.title, held.publish_at, held.privacy) == ("Nouveau titre", instant, Privacy.PRIVATE)
    seen = only(stage)
    assert (seen.title, seen.tags, seen.publish_at, seen.embeddable) == ("Nouveau titre", ("débat",), instant, False)


def test_an_instant_can_be_taken_away(stage: Stage, video_id: str) -> None:
    stage.platform.change(video_id, Change(publish_at=stage.clock.now() + timedelta(hours=3)))
    held = stage.platform.change(video_id, Change(clear_publish_at=True)).after
    assert (held.privacy, held.publish_at) == (Privacy.PRIVATE, None)
    stage.clock.sleep(86400)
    assert only(stage).history == ["private"]


def test_a_past_instant_is_refused_and_nothing_goes_out(stage: Stage, video_id: str) -> None:
    with pytest.raises(PlatformRefused):
        stage.platform.change(video_id, Change(publish_at=stage.clock.now() - timedelta(minutes=1)))
    assert only(stage).history == ["private"]


def test_withdrawing_before_and_after_air(stage: Stage, video_id: str) -> None:
    stage.platform.change(video_id, Change(publish_at=stage.clock.now() + timedelta(hours=1)))
    stage.platform.withdraw(video_id)
    stage.clock.sleep(7200)
    assert only(stage).history == ["private"]
    stage.platform.change(video_id, Change(privacy=Privacy.PUBLIC))
    assert only(stage).history[-1] == "public"
    stage.platform.withdraw(video_id)
    stage.platform.withdraw(video_id)
    assert only(stage).history == ["private", "public", "private"]
    with pytest.raises(PlatformRefused):
        stage.platform.change(
            video_id, Change(privacy=Privacy.PRIVATE, publish_at=stage.clock.now() + timedelta(hours=1))
        )


def test_changing_an_unknown_video(stage: Stage) -> None:
    with pytest.raises(Missing):
        stage.platform.change(UNKNOWN, Change(privacy=Privacy.PUBLIC))


def test_thumbnail_and_playlist_twice_are_once(stage: Stage, video_id: str, tmp_path: Path) -> None:
    image = tmp_path / "vignette.png"
    # The smallest PNG: one grey point.
    image.write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
            "0000000c49444154789c636868680000030401812b43d0d70000000049454e44ae426082"
        )
    )
    playlist_id = stage.make_playlist()
    for _ in range(2):
        stage.platform.set_thumbnail(video_id, image)
        stage.platform.add_to_playlist(video_id, playlist_id)
    assert only(stage).thumbnail
    assert stage.platform.still_print(stage.platform.state_of([video_id])[video_id])
    assert stage.in_playlist(playlist_id) == [video_id]
    with pytest.raises(PlatformRefused):
        stage.platform.add_to_playlist(video_id, "PL-unknown")


def test_playlists_are_known_by_name_and_made(stage: Stage) -> None:
    made = stage.platform.make_playlist("Le Grand Angle")
    assert stage.in_playlist(made.id) == []
    assert made in stage.platform.playlists()
    assert stage.make_playlist() in {each.id for each in stage.again().playlists()}


def test_a_playlist_left_is_left_and_leaving_twice_is_once(stage: Stage, video_id: str) -> None:
    former, new = stage.make_playlist(), stage.make_playlist()
    for playlist_id in (former, new):
        stage.platform.add_to_playlist(video_id, playlist_id)
    for _ in range(2):
        stage.platform.remove_from_playlist(video_id, former)
    assert (stage.in_playlist(former), stage.in_playlist(new)) == ([], [video_id])
    stage.platform.remove_from_playlist(video_id, "PL-unknown")


def test_captions_are_one_per_language(stage: Stage, video_id: str, tmp_path: Path) -> None:
    captions = tmp_path / "fr.srt"
    captions.write_text("1\n00:00:00,000 --> 00:00:01,000\nL’été\n", encoding="utf-8")
    for language in ("fr", "en", "fr"):
        stage.platform.set_captions(video_id, language, captions)
    assert only(stage).captions == ("en", "fr")
    tracks = stage.platform.captions_of(video_id)
    assert {(track.language, track.name, track.draft) for track in tracks} == {("en", "", False), ("fr", "", False)}
    assert all(track.updated_at is not None for track in tracks)
    assert stage.platform.state_of([video_id])[video_id].captioned is True
    for _ in range(2):
        stage.platform.remove_captions(video_id, "en")
    assert only(stage).captions == ("fr",)


def test_figures_are_counts_or_nothing(stage: Stage, video_id: str) -> None:
    stage.platform.change(video_id, Change(privacy=Privacy.PUBLIC))
    stage.clock.sleep(86400)
    found = stage.platform.figures([video_id, UNKNOWN])
    assert list(found) == [video_id]
    views = found[video_id].views
    assert views is not None
    assert views > 0
    stage.clock.sleep(86400)
    later = stage.platform.figures([video_id])[video_id].views
    assert later is not None
    assert later >= views


def test_a_live_is_watched_while_it_is_on_and_then_over(stage: Stage) -> None:
    if stage.begin_live is None:
        # Not offered: the house asks for nothing, and its pages say so.
        assert not hasattr(stage.platform, "live_audience")
        return
    platform: Lives = stage.platform  # type: ignore[assignment]
    assert list(platform.lives()) == []
    begun = stage.clock.now()
    ids = [stage.begin_live("Surprise", 4000, 60, False), stage.begin_live("Annoncé", 10, 60, True)]
    stage.clock.sleep(27 * 60)
    surprise, announced = sorted(platform.lives(), key=lambda live: ids.index(live.video_id))
    assert (surprise.title, surprise.started_at, surprise.scheduled_at) == ("Surprise", begun, None)
    assert announced.scheduled_at == begun
    assert announced.created_at is not None
    assert announced.created_at < begun
    told = platform.live_audience([*ids, UNKNOWN])
    assert {video_id: (live.watching, live.ended_at) for video_id, live in told.items()} == {
        ids[0]: (4000, None),
        ids[1]: (10, None),
    }
    stage.clock.sleep(60 * 60)
    assert list(platform.lives()) == []
    over = platform.live_audience(ids)[ids[0]]
    # No figure is not nobody.
    assert (over.watching, over.ended_at) == (None, begun + timedelta(minutes=60))


def test_the_channel_has_figures_of_its_own(stage: Stage) -> None:
    found = stage.platform.channel_figures()
    assert (found.views, found.videos) == (0, 0)
    assert found.subscribers is None or found.subscribers >= 0


def test_reports_come_days_later_and_what_is_not_there_is_not_zero(
    stage: Stage, video_id: str, metadata: VideoMetadata
) -> None:
    stage.platform.change(video_id, Change(privacy=Privacy.PUBLIC))
    aired = stage.clock.now()
    first, today = aired.date() - timedelta(days=1), aired.date()
    early = stage.platform.video_report(video_id, first, today)  # type: ignore[attr-defined]
    assert (early.last_day, early.days, early.retention, early.sources) == (None, (), (), ())
    stage.clock.sleep(10 * 86400)
    report = stage.platform.video_report(video_id, first, stage.clock.now().date())  # type: ignore[attr-defined]
    assert report.last_day is not None
    assert stage.clock.now().date() - report.last_day >= timedelta(days=2)
    views = sum(day.views for day in report.days)
    assert views > 0
    assert sum(day.engaged_views for day in report.days) <= views
    assert len(report.retention) == 100
    assert report.average_view_percent == pytest.approx(42, abs=0.1)
    assert [share.key for share in report.sources][:2] == ["SUBSCRIBER", "RELATED_VIDEO"]
    assert sum(share.views for share in report.countries) <= views
    assert [share.key for share in report.live] == ["ON_DEMAND"]
    days = stage.platform.channel_days(first, stage.clock.now().date())  # type: ignore[attr-defined]
    assert [day.views for day in days] == [day.views for day in report.days]
