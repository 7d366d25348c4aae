"""The traps that others fell into, one test each; the sources are in the issues and incidents that each names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import pasvu
from pasvu.channel.audience.aligned import BREAK_AT
from pasvu.channel.clock import SetClock
from pasvu.channel.errors import Cancelled
from pasvu.channel.settings import Settings
from pasvu.channel.values import Privacy, VideoMetadata
from pasvu.door.checks import TOKEN_OLD_DAYS
from pasvu.ingest.replay import options
from pasvu.publish.errors import OutOfQuota, PlatformRefused
from pasvu.publish.platform import Change
from pasvu.publish.sandbox import Rules, serve
from pasvu.publish.youtube import YouTube, lives, quota, translate
from pasvu.publish.youtube.authorization import read_authorized_user
from pasvu.publish.youtube.client.transport import TIMEOUT_S, OneTry
from pasvu.publish.youtube.objections import objections

from .conftest import CHUNK, NOW, Ledger, Master, Watcher
from .loopback import Loopback, Refuse
from .stages import STAGES

SOURCES = Path(pasvu.__file__).parent
LATER = NOW + timedelta(days=1)


def held(**status: Any) -> dict[str, Any]:
    body = translate.insert_body(VideoMetadata("T", "D"))
    return {**body, "id": "abc", "status": {**body["status"], "publicStatsViewable": False, **status}}


def code_of(*folders: str) -> str:
    return "\n".join(path.read_text() for folder in folders for path in (SOURCES / folder).rglob("*.py"))


def test_changing_privacy_alone_wipes_neither_embedding_nor_statistics_nor_the_instant() -> None:
    """composio #4013, google-api-php-client-services #354, ocw-studio #1021: `part=status` with privacy only."""
    there = held(embeddable=True, publishAt="2026-12-01T20:00:00Z", license="creativeCommon")
    status = translate.update_body(there, Change(metadata=VideoMetadata("T", "D", embeddable=False)), NOW)["status"]
    assert (status["publishAt"], status["publicStatsViewable"]) == ("2026-12-01T20:00:00Z", False)
    shown = translate.update_body(there, Change(privacy=Privacy.UNLISTED), NOW)["status"]
    assert (shown["embeddable"], shown["publicStatsViewable"], shown["license"]) == (True, False, "creativeCommon")


def test_a_restart_after_a_crash_uploads_no_second_copy_and_resumes_where_it_was(tmp_path: Path) -> None:
    """youtube-automation #381, yt #192; youtubeuploader #90: a « resume » that is a re-upload."""
    path = tmp_path / "m.mp4"
    path.write_bytes(bytes(3 * CHUNK))
    with STAGES["youtube"](tmp_path / "server") as stage:
        session = stage.platform.open_upload(path, VideoMetadata("T", "D"))
        with pytest.raises(Cancelled):
            stage.platform.send(session, path, Watcher(stop_at=CHUNK))
        # Another process, which knows the address from the record and nothing else.
        watcher = Watcher()
        first = stage.again().send(session, path, watcher)
        assert watcher.confirmations[0] >= CHUNK
        assert stage.again().send(session, path, Watcher()) == first
        assert [seen.video_id for seen in stage.look()] == [first]


@pytest.mark.parametrize("answer", [Refuse(401, "authError"), Refuse(503, "backendError")])
def test_a_401_or_a_5xx_in_the_middle_of_a_chunk_sends_the_chunk_again_and_not_an_empty_one(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata, answer: Refuse
) -> None:
    """Read in googleapiclient 2.202: `num_retries` and the refresh after a 401 resend a drained stream."""
    server.then("chunk", None, answer)
    youtube.send(youtube.open_upload(master.path, metadata), master.path, Watcher())
    assert list(server.videos.values()) == [master.sha256]


def test_uploads_to_a_server_without_tls_stay_on_it(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata
) -> None:
    """`client_options.api_endpoint` replaces the host of an upload's address and keeps https."""
    assert youtube.open_upload(master.path, metadata).address.startswith(server.url)


@pytest.mark.parametrize("privacy", ["public", "unlisted"])
def test_an_instant_is_for_private_videos_only_and_in_utc(privacy: str) -> None:
    """simple-youtube-api #61: `publishAt` on a public video, or local time without an offset."""
    with pytest.raises(PlatformRefused):
        translate.update_body(held(privacyStatus=privacy), Change(publish_at=LATER), NOW)
    assert translate.update_body(held(), Change(publish_at=LATER), NOW)["status"]["publishAt"].endswith("Z")
    with pytest.raises(ValueError, match="time zone"):
        translate.written_instant(datetime(2026, 12, 1, 20))  # noqa: DTZ001


def test_quota_is_three_buckets_until_pacific_midnight_and_an_upload_is_one_of_a_hundred() -> None:
    """youtube-automation PR #2495: local midnight, one bucket, 1600 an upload."""
    assert (quota.cost_of("videos.insert"), quota.LIMITS["insert"]) == (quota.Cost("insert", 1), 100)
    assert len({quota.cost_of(method).bucket for method in ("videos.insert", "search.list", "videos.list")}) == 3
    assert quota.next_reset(NOW) == datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_quota_exceeded_is_never_tried_again(youtube: YouTube, server: Loopback, ledger: Ledger) -> None:
    """youtubeuploader #119: each try costs at least one unit more."""
    server.then("call", Refuse(403, "quotaExceeded"))
    with pytest.raises(OutOfQuota):
        youtube.channel_id()
    assert len(ledger.paid) == len(server.of("call")) == 1


def test_a_description_is_counted_in_bytes() -> None:
    assert objections(VideoMetadata("T", "é" * 2500)) == []
    assert "5002 octets" in objections(VideoMetadata("T", "é" * 2501))[0]


@pytest.mark.parametrize("title", ["I <3 TV", "Paris → Lyon >", "a <- b"])
def test_angle_brackets_in_a_title_are_said_before_anything_is_sent(title: str) -> None:
    assert objections(VideoMetadata(title, "")) != []
    assert objections(VideoMetadata("Paris → Lyon", "")) == []


def test_a_new_video_that_a_playlist_does_not_know_yet_is_added_a_little_later(tmp_path: Path) -> None:
    """youtube-upload #305, Elijas #115: 404 right after the upload."""
    clock = SetClock(NOW)
    sandbox = serve(tmp_path / "s", clock, rules=Rules(playlist_lag_s=3.0))
    try:
        user = read_authorized_user((sandbox.home / "authorized_user.json").read_text())
        youtube = YouTube(sandbox.url, user, chunk_bytes=CHUNK, clock=clock, spend=Ledger(), sleep=clock.sleep)
        path = tmp_path / "m.mp4"
        path.write_bytes(bytes(1000))
        video_id = youtube.send(youtube.open_upload(path, VideoMetadata("T", "D")), path, Watcher())
        made = youtube._client.call(
            "playlists.insert", lambda s: s.playlists().insert(part="snippet", body={"snippet": {"title": "P"}})
        )
        youtube.add_to_playlist(video_id, made["id"])
        youtube.remove_from_playlist(video_id, made["id"])
    finally:
        sandbox.close()


def test_a_private_or_unavailable_video_is_refused_with_a_cure(youtube: YouTube, server: Loopback) -> None:
    """Elijas #115: 400 failedPrecondition is final, and no fault that passes."""
    server.answer("GET playlistItems", {"items": []})
    server.then("call", None, Refuse(400, "failedPrecondition"))
    with pytest.raises(PlatformRefused, match="YouTube Studio"):
        youtube.add_to_playlist("abc", "PL")


def test_a_parallel_insertion_that_fails_is_looked_for_before_it_is_made_again(
    youtube: YouTube, server: Loopback, ledger: Ledger
) -> None:
    """google-api-python-client #2013: 500 on inserts into one playlist, some of which were made."""
    server.answer("GET playlistItems", {"items": []})
    server.answer("GET playlistItems", {"items": [{"id": "there after all"}]})
    server.then("call", None, Refuse(500, "backendError"))
    youtube.add_to_playlist("abc", "PL")
    methods = [method for _, _, method in ledger.paid]
    assert methods == ["playlistItems.list", "playlistItems.insert", "playlistItems.list"]


def test_a_playlist_whose_making_was_not_answered_is_not_made_twice(
    youtube: YouTube, server: Loopback, ledger: Ledger
) -> None:
    server.answer("GET playlists", {"items": [{"id": "PL0", "snippet": {"title": "Débats"}}]})
    server.answer("GET playlists", {"items": [{"id": f"PL{n}", "snippet": {"title": "Débats"}} for n in (0, 1)]})
    server.then("call", None, Refuse(503, "backendError"))
    assert youtube.make_playlist("Débats").id == "PL1"
    assert [method for _, _, method in ledger.paid].count("playlists.insert") == 1


def test_no_position_is_set_in_a_playlist() -> None:
    """An auto-sorted playlist answers manualSortRequired."""
    assert "position" not in translate.playlist_item_body("PL", "v")["snippet"]


def test_a_missing_key_is_unknown_and_never_zero() -> None:
    assert translate.remote_figures({"id": "v", "statistics": {}}).views is None
    state = translate.remote_video({"id": "v", "status": {"privacyStatus": "private"}})
    assert (state.bytes, state.duration_s, state.custom_thumbnail, dict(state.fields)) == (None, None, None, {})


def test_a_refresh_token_of_a_project_in_testing_is_warned_of_before_its_seventh_day() -> None:
    """Test users are not exempt, whatever some pages say."""
    assert TOKEN_OLD_DAYS < 7


def test_uploads_are_private_because_we_say_so_and_what_they_become_is_read_back() -> None:
    """The private lock of unverified projects ended on 2026-11-02, and an omitted privacy means public."""
    assert translate.insert_body(VideoMetadata("T", "D"))["status"]["privacyStatus"] == "private"
    assert translate.remote_video(held(privacyStatus="public")).privacy == Privacy.PUBLIC


def test_the_jump_of_views_of_august_2026_is_a_break_and_not_a_success() -> None:
    assert datetime(2026, 8, 24, tzinfo=UTC) == BREAK_AT


def test_captions_are_sent_with_their_times_and_never_to_be_synced() -> None:
    """`sync` is deprecated since 2024-03-13."""
    assert "sync" not in str(translate.caption_body("fr", video_id="v"))
    assert "sync=" not in code_of("publish/youtube")


def test_lives_are_listed_whatever_their_kind() -> None:
    """Persistent ones are invisible without `broadcastType=all`; `mine` and `broadcastStatus` exclude each other."""
    assert (lives.ACTIVE["broadcastType"], "mine" in lives.ACTIVE) == ("all", False)


def test_no_live_is_made_here() -> None:
    """`enableDvr=false` gives no replay for a day, and a stream of more than twelve hours is lost.

    Replays come as files or by address: the first line of code that makes a live must meet this trap.
    """
    code = code_of("publish/youtube")
    assert "enableDvr" in code or "liveBroadcasts().insert" not in code
    with pytest.raises(KeyError):
        quota.cost_of("liveBroadcasts.insert")


def test_no_region_of_france_is_asked_of_youtube() -> None:
    """`province` exists for the United States only."""
    assert '"province"' not in code_of("publish/youtube", "channel")


def test_peertube_takes_only_the_query_of_a_location_and_a_token_on_every_piece() -> None:
    """Its `Location` may be absolute, relative or without a scheme, and each PUT wants its own Authorization.

    There is no such platform yet: whoever adds its folder replaces this by a test of both.
    """
    assert not (SOURCES / "publish/peertube").exists()


def test_replays_load_no_plugin_and_no_generic_extractor(tmp_path: Path) -> None:
    """And the final name comes from what was written, not from a progress hook."""
    allowed = options(tmp_path, 1, False, 10.0)["allowed_extractors"]
    assert not {"default", "all", "generic"} & set(allowed)
    code = (SOURCES / "ingest/replay.py").read_text()
    assert "YTDLP_NO_PLUGINS" in code
    assert "plugin_dirs.value = []" in code


def test_an_acknowledgement_may_take_longer_than_a_minute_and_chunks_stay_small() -> None:
    """httplib2 gives up after 60 s; chunks of 100 MiB on a slow line take longer to be acknowledged."""
    assert OneTry(direct=True).timeout == TIMEOUT_S == 300
    assert Settings().upload_chunk_mib <= 32
