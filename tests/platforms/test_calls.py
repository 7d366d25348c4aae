"""Plain calls: what they send, what they cost, what they do when refused."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from pasvu.channel.clock import SetClock
from pasvu.channel.values import ChannelFigures, Privacy, RemoteFigures
from pasvu.publish.errors import Missing, OutOfQuota, PlatformBusy, PlatformRefused
from pasvu.publish.platform import Change
from pasvu.publish.youtube import AuthorizedUser, YouTube
from pasvu.publish.youtube.client.wire import Wire

from .conftest import CHUNK, NOW, Ledger
from .loopback import Drop, Loopback, Refuse

HELD: dict[str, Any] = {
    "id": "abc",
    "snippet": {"title": "T", "description": "D", "tags": ["x"], "categoryId": "25", "channelId": "UC"},
    "status": {
        "privacyStatus": "private",
        "publishAt": "2026-12-01T20:00:00Z",
        "license": "youtube",
        "embeddable": False,
        "publicStatsViewable": True,
        "selfDeclaredMadeForKids": False,
        "madeForKids": False,
        "uploadStatus": "processed",
    },
    "contentDetails": {"duration": "PT1M"},
}


def test_clock_gap(youtube: YouTube, server: Loopback, clock: SetClock, ledger: Ledger) -> None:
    server.answer("GET channels", {"items": []})
    server.date = format_datetime(NOW - timedelta(seconds=90), usegmt=True)
    assert youtube.clock_gap_s() == pytest.approx(90, abs=1)
    assert ledger.paid == [("general", 1, "channels.list")]


def test_a_ledger_that_refuses_stops_the_request(youtube: YouTube, server: Loopback, ledger: Ledger) -> None:
    ledger.refuse = OutOfQuota("plus de quota", until=NOW)
    with pytest.raises(OutOfQuota):
        youtube.figures(["abc"])
    assert not server.journal


def test_quota_said_by_the_platform_is_not_tried_again(youtube: YouTube, server: Loopback, ledger: Ledger) -> None:
    server.refuse("GET channels", 403, "quotaExceeded")
    with pytest.raises(OutOfQuota) as spent:
        youtube.channel_id()
    assert spent.value.until.isoformat() == "2026-11-24T08:00:00+00:00"
    assert len(ledger.paid) == 1


def test_a_fault_that_passes_is_tried_again_and_paid_again(
    youtube: YouTube, server: Loopback, ledger: Ledger, sleeps: list[float]
) -> None:
    server.answer("GET channels", {"items": [{"id": "UC"}]})
    server.then("call", Refuse(503, "backendError", headers=(("Retry-After", "9"),)), Drop())
    assert youtube.channel_id() == "UC"
    assert len(ledger.paid) == 3
    assert sleeps[0] == 9


def test_a_line_closed_while_idle_is_no_failed_try(
    youtube: YouTube, server: Loopback, ledger: Ledger, sleeps: list[float]
) -> None:
    server.answer("GET channels", {"items": [{"id": "UC"}]})
    # Token and discovery first: between requests of one breath no line has been idle.
    youtube.channel_id()
    server.impatient = True
    for _ in range(3):
        youtube.channel_id()
        # Its end must have left, as it has after a real pause.
        server.wait_until_hung_up()
    assert len(ledger.paid) == len(server.of("call")) == 4
    assert not sleeps


def test_a_long_wait_is_left_to_the_workflow(youtube: YouTube, server: Loopback, sleeps: list[float]) -> None:
    server.then("call", Refuse(429, "uploadRateLimitExceeded"))
    with pytest.raises(PlatformBusy) as busy:
        youtube.channel_id()
    assert busy.value.retry_after_s == 3600
    assert not sleeps


def test_figures_cost_one_unit_per_fifty_and_hidden_is_not_zero(
    youtube: YouTube, server: Loopback, ledger: Ledger
) -> None:
    server.answer("GET videos:batchGetStats", {"items": [{"id": "v0", "statistics": {"viewCount": "12"}}]})
    server.answer("GET videos:batchGetStats", {"items": [{"id": "v50", "statistics": {"likeCount": "0"}}]})
    found = youtube.figures([f"v{n}" for n in range(51)])
    assert found == {"v0": RemoteFigures("v0", 12, None, None), "v50": RemoteFigures("v50", None, 0, None)}
    assert ledger.paid == [("stats", 1, "videos.batchGetStats")] * 2


@pytest.mark.parametrize("known", [True, False])
def test_a_server_without_the_batch_call_gives_the_same_figures_by_list(
    youtube: YouTube, server: Loopback, ledger: Ledger, known: bool
) -> None:
    if known:
        server.answer("GET videos:batchGetStats", {}, 404)
    else:
        del server.document["resources"]["videos"]["methods"]["batchGetStats"]
    server.answer("GET videos", {"items": [{"id": "v", "statistics": {"viewCount": "12"}}]})
    for _ in range(2):
        assert youtube.figures(["v"]) == {"v": RemoteFigures("v", 12, None, None)}
    # The first call that found nothing is paid; it is not made again.
    assert ledger.paid[-2:] == [("general", 1, "videos.list")] * 2
    assert len(server.of("call")) == (3 if known else 2)


def test_states_of_many_and_foreign_ids(youtube: YouTube, server: Loopback) -> None:
    # Asking an owner's part for a foreign id refuses the whole call: each is then asked alone.
    server.refuse("GET videos", 403, "forbidden")
    server.answer("GET videos", {"items": [HELD]})
    server.refuse("GET videos", 403, "forbidden")
    assert list(youtube.state_of(["abc", "foreign"])) == ["abc"]
    assert youtube.state_of([]) == {}


def test_changing_the_instant_resends_the_whole_part_and_only_it(youtube: YouTube, server: Loopback) -> None:
    server.answer("GET videos", {"items": [HELD]})
    server.answer("PUT videos", HELD)
    youtube.change("abc", Change(publish_at=NOW + timedelta(days=20)))
    (put,) = [said for said in server.of("call") if said.method == "PUT"]
    assert put.query["part"] == ["status"]
    assert json.loads(put.body) == {
        "id": "abc",
        "status": {
            "privacyStatus": "private",
            "publishAt": "2026-12-13T12:00:00.000Z",
            "license": "youtube",
            "embeddable": False,
            "publicStatsViewable": True,
            "selfDeclaredMadeForKids": False,
        },
    }


def test_nothing_is_written_when_nothing_differs(youtube: YouTube, server: Loopback, ledger: Ledger) -> None:
    server.answer("GET videos", {"items": [HELD]})
    told = youtube.change("abc", Change(privacy=Privacy.PRIVATE, publish_at=NOW.replace(month=12, day=1, hour=20)))
    assert told.before == told.after
    assert told.after.publish_at == NOW.replace(month=12, day=1, hour=20)
    assert ledger.paid == [("general", 1, "videos.list")]


def test_an_instant_that_comes_while_a_refused_change_waits_is_not_sent_again(
    server: Loopback, user: AuthorizedUser, clock: SetClock, ledger: Ledger
) -> None:
    """YouTube publishes at once when `publishAt` is past: a try that comes late would air the video by itself."""
    youtube = YouTube(
        server.url, user, chunk_bytes=CHUNK, clock=clock, spend=ledger, sleep=lambda _seconds: clock.sleep(60)
    )
    server.answer("GET videos", {"items": [HELD]})
    server.refuse("PUT videos", 503, "backendError")
    with pytest.raises(PlatformRefused) as refused:
        youtube.change("abc", Change(publish_at=NOW + timedelta(seconds=90)))
    assert refused.value.reason == "invalidPublishAt"
    assert len([said for said in server.of("call") if said.method == "PUT"]) == 2


def test_withdrawing(youtube: YouTube, server: Loopback) -> None:
    server.answer("GET videos", {"items": [{**HELD, "status": {**HELD["status"], "privacyStatus": "public"}}]})
    server.answer("PUT videos", HELD)
    youtube.withdraw("abc")
    (put,) = [said for said in server.of("call") if said.method == "PUT"]
    status = json.loads(put.body)["status"]
    assert status["privacyStatus"] == "private"
    assert "publishAt" not in status
    assert status["embeddable"] is False


def test_changing_a_video_that_is_gone(youtube: YouTube, server: Loopback) -> None:
    server.answer("GET videos", {"items": []})
    with pytest.raises(Missing):
        youtube.change("abc", Change(privacy=Privacy.PUBLIC))


def test_marker_is_found_by_the_uploads_list(youtube: YouTube, server: Loopback, ledger: Ledger) -> None:
    server.answer("GET channels", {"items": [{"contentDetails": {"relatedPlaylists": {"uploads": "UU"}}}]})
    server.answer("GET playlistItems", {"items": [{"contentDetails": {"videoId": "a"}}], "nextPageToken": "p2"})
    server.answer("GET playlistItems", {"items": [{"contentDetails": {"videoId": "b"}}]})
    server.answer("GET videos", {"items": [{"id": "a", "snippet": {}}]})
    server.answer("GET videos", {"items": [{"id": "b", "snippet": {"tags": ["pv-1"]}}]})
    assert youtube.find_by_marker("pv-1") == "b"
    assert not [paid for paid in ledger.paid if paid[0] == "search"]
    assert youtube.find_by_marker("pv-2") is None


def test_a_channel_that_never_uploaded_has_no_marker(youtube: YouTube, server: Loopback) -> None:
    server.answer("GET channels", {"items": [{"contentDetails": {"relatedPlaylists": {"uploads": "UU"}}}]})
    server.refuse("GET playlistItems", 404, "playlistNotFound")
    assert youtube.find_by_marker("pv-1") is None


def test_playlist_404_just_after_the_upload_is_tried_again(
    youtube: YouTube, server: Loopback, sleeps: list[float]
) -> None:
    server.answer("GET playlistItems", {"items": []})
    server.refuse("POST playlistItems", 404, "videoNotFound")
    server.answer("POST playlistItems", {"id": "item"})
    youtube.add_to_playlist("abc", "PL")
    posts = [said for said in server.of("call") if said.method == "POST"]
    assert len(posts) == 2
    assert "position" not in json.loads(posts[0].body)["snippet"]
    assert sleeps[0] >= 1.0


def test_a_playlist_that_is_gone_is_refused_at_once(youtube: YouTube, server: Loopback) -> None:
    server.refuse("GET playlistItems", 404, "playlistNotFound")
    with pytest.raises(PlatformRefused, match="playlist"):
        youtube.add_to_playlist("abc", "PL")


def test_already_in_the_playlist_is_done(youtube: YouTube, server: Loopback, ledger: Ledger) -> None:
    server.answer("GET playlistItems", {"items": []})
    server.refuse("POST playlistItems", 409, "videoAlreadyInPlaylist")
    youtube.add_to_playlist("abc", "PL")
    server.answers["GET playlistItems"].clear()
    server.answer("GET playlistItems", {"items": [{"id": "item"}]})
    ledger.paid.clear()
    youtube.add_to_playlist("abc", "PL")
    assert ledger.paid == [("general", 1, "playlistItems.list")]


def test_thumbnail(youtube: YouTube, server: Loopback, tmp_path: Path) -> None:
    image = tmp_path / "vignette.jpg"
    image.write_bytes(b"\xff\xd8\xff canned")
    server.answer("POST thumbnails/set", {"items": [{}]})
    # A retry sends the picture again, whole.
    server.then("call", Refuse(503, "backendError"))
    youtube.set_thumbnail("abc", image)
    first, second = server.of("call")
    assert first.body == second.body == image.read_bytes()
    assert second.headers["content-type"] == "image/jpeg"
    assert second.query["videoId"] == ["abc"]


def test_a_thumbnail_too_big_is_refused_here(youtube: YouTube, server: Loopback, tmp_path: Path) -> None:
    image = tmp_path / "vignette.png"
    with image.open("wb") as file:
        file.truncate(50 * 1024**2 + 1)
    with pytest.raises(PlatformRefused, match=r"vignette\.png dépasse"):
        youtube.set_thumbnail("abc", image)
    assert not server.journal


def test_captions_are_replaced_when_they_exist(youtube: YouTube, server: Loopback, tmp_path: Path) -> None:
    captions = tmp_path / "fr.srt"
    captions.write_text("1\n00:00:00,000 --> 00:00:01,000\nÉté\n", encoding="utf-8")
    server.refuse("POST captions", 409, "captionExists")
    server.answer(
        "GET captions",
        {"items": [{"id": "en", "snippet": {"language": "en"}}, {"id": "fr", "snippet": {"language": "fr"}}]},
    )
    server.answer("PUT captions", {"id": "fr"})
    youtube.set_captions("abc", "fr", captions)
    post, _, put = server.of("call")
    assert b'"language": "fr"' in post.body
    assert captions.read_bytes() in post.body
    assert b'"id": "fr"' in put.body
    assert captions.read_bytes() in put.body


def test_chunk_size_must_fit_the_protocol(youtube: YouTube) -> None:
    with pytest.raises(ValueError, match="262144"):
        YouTube("http://127.0.0.1", None, chunk_bytes=1000, clock=None, spend=None, sleep=None)  # type: ignore[arg-type]


def test_watch_url(youtube: YouTube) -> None:
    assert youtube.watch_url("abc") == "https://www.youtube.com/watch?v=abc"


def test_a_discovery_document_that_points_elsewhere_leads_nowhere_else(youtube: YouTube, server: Loopback) -> None:
    server.document["rootUrl"] = server.document["baseUrl"] = "http://evil.example/"
    server.answer("GET channels", {"items": [{"id": "UC"}]})
    assert youtube.channel_id() == "UC"


def test_the_names_of_this_machine_are_one_place(user: AuthorizedUser, clock: SetClock) -> None:
    wire = Wire("http://127.0.0.1:8090", user, clock)
    assert wire.own_address("http://localhost:8090/upload?upload_id=x")
    for elsewhere in ("http://localhost:8091/", "https://localhost:8090/", "http://10.0.0.1:8090/"):
        with pytest.raises(PlatformRefused):
            wire.own_address(elsewhere)


def test_google_itself_needs_no_discovery_and_its_addresses_are_its_own(user: AuthorizedUser, clock: SetClock) -> None:
    wire = Wire("https://www.googleapis.com", user, clock)
    request = wire.service().videos().list(part="id", id="abc")
    assert request.uri.startswith("https://youtube.googleapis.com/youtube/v3/videos?")
    assert wire.own_address("https://youtube.googleapis.com/upload?upload_id=x")
    for elsewhere in ("http://youtube.googleapis.com/", "https://evilgoogleapis.com/", "https://googleapis.com.evil/"):
        with pytest.raises(PlatformRefused):
            wire.own_address(elsewhere)


def test_the_channel_s_figures_are_not_known_when_hidden(youtube: YouTube, server: Loopback) -> None:
    shown = {"subscriberCount": "12300", "viewCount": "450000", "videoCount": "87", "hiddenSubscriberCount": False}
    server.answer("GET channels", {"items": [{"id": "UC", "statistics": shown}]})
    server.answer(
        "GET channels", {"items": [{"id": "UC", "statistics": {"hiddenSubscriberCount": True, "subscriberCount": "0"}}]}
    )
    assert youtube.channel_figures() == ChannelFigures(12_300, 450_000, 87)
    assert youtube.channel_figures() == ChannelFigures(None, None, None)
