"""Servers of the same API that are not Google's: what only one server does is never relied upon."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from pasvu.channel.clock import SetClock
from pasvu.channel.values import Privacy, VideoMetadata
from pasvu.publish.errors import Missing, PlatformBusy, PlatformRefused
from pasvu.publish.platform import Change
from pasvu.publish.youtube import YouTube, translate

from .conftest import NOW, Ledger, Master, Watcher
from .loopback import Keep, Loopback, Refuse
from .test_calls import HELD

HTML = b"<html><title>502 Bad Gateway</title></html>"


@pytest.mark.parametrize("way", ["old", "chunked", "relative", "undated", "undescribed"])
def test_a_film_arrives_whole_whatever_the_ways_of_the_server(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata, way: str
) -> None:
    server.ways.add(way)
    server.then("chunk", Keep(0), None, Refuse(502, body=HTML))
    server.then("ask", None, Refuse(503, headers=(("Retry-After", format_datetime(NOW)),), body=HTML))
    session = youtube.open_upload(master.path, metadata)
    assert session.address.startswith(server.url)
    video_id = youtube.send(session, master.path, Watcher())
    assert server.videos == {video_id: master.sha256}


def test_a_relative_location_leads_nowhere_else(youtube: YouTube, server: Loopback) -> None:
    assert youtube._client._wire.own_address(f"{server.url}/upload?upload_id=x")
    with pytest.raises(PlatformRefused):
        youtube._client._wire.own_address("//elsewhere.example/upload?upload_id=x")


def test_a_server_that_does_not_say_its_time_is_told_no_instant(youtube: YouTube, server: Loopback) -> None:
    server.ways.add("undated")
    server.answer("GET channels", {"items": [{"id": "UC"}]})
    with pytest.raises(PlatformBusy, match="son heure"):
        youtube.clock_gap_s()


@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000"])
def test_the_time_is_read_in_every_form(youtube: YouTube, server: Loopback, zone: str) -> None:
    server.answer("GET channels", {"items": [{"id": "UC"}]})
    server.date = f"{NOW:%a, %d %b %Y %H:%M:%S} {zone}"
    assert abs(youtube.clock_gap_s()) < 1


def test_nulls_are_absent_keys(youtube: YouTube, server: Loopback) -> None:
    bare: dict[str, Any] = {
        "id": "abc",
        "snippet": {"title": "T", "description": None, "tags": None, "thumbnails": None},
        "status": {"privacyStatus": "private", "publishAt": None, "uploadStatus": "uploaded", "rejectionReason": None},
        "contentDetails": {"duration": None},
        "processingDetails": None,
        "fileDetails": {"fileSize": None},
        "localizations": None,
    }
    server.answer("GET videos", {"items": [bare], "nextPageToken": None})
    there = youtube.state_of(["abc"])["abc"]
    assert (there.processing, there.publish_at, there.bytes, there.tags) == ("processing", None, None, ())


@pytest.mark.parametrize(
    ("status", "details", "expected"),
    [
        ({"uploadStatus": "processed"}, None, "succeeded"),
        ({}, {"processingStatus": "terminated"}, "succeeded"),
        ({"uploadStatus": "uploaded"}, {"processingStatus": "terminated"}, "processing"),
        ({"uploadStatus": "deleted"}, {}, "failed"),
        ({}, None, "processing"),
    ],
)
def test_processing_is_read_from_whichever_part_is_there(
    status: dict[str, str], details: dict[str, str] | None, expected: str
) -> None:
    resource = {"id": "abc", "status": {"privacyStatus": "private", **status}}
    there = translate.remote_video(resource if details is None else {**resource, "processingDetails": details})
    assert there.processing == expected
    assert (there.reason == "deleted") == (status.get("uploadStatus") == "deleted")


@pytest.mark.parametrize(
    "status", [{}, {"privacyStatus": "friends"}, {"privacyStatus": "private", "publishAt": "tomorrow"}]
)
def test_a_video_whose_state_is_not_said_is_no_conclusion(
    youtube: YouTube, server: Loopback, status: dict[str, str]
) -> None:
    server.answer("GET videos", {"items": [{"id": "abc", "status": status}]})
    with pytest.raises(PlatformBusy, match="état d’une vidéo"):
        youtube.state_of(["abc"])


def test_a_list_of_videos_may_come_in_pages_and_in_any_order(youtube: YouTube, server: Loopback) -> None:
    def video(video_id: str) -> dict[str, Any]:
        return {"id": video_id, "status": {"privacyStatus": "private"}}

    server.answer("GET videos", {"items": [video("c"), video("a")], "nextPageToken": "2"})
    server.answer("GET videos", {"items": [video("b")]})
    assert set(youtube.state_of(["a", "b", "c"])) == {"a", "b", "c"}


def test_a_lost_video_is_found_though_the_oldest_come_first(youtube: YouTube, server: Loopback) -> None:
    server.answer("GET channels", {"items": [{"contentDetails": {"relatedPlaylists": {"uploads": "UU"}}}]})
    for page in range(4):
        items = [
            {
                "snippet": {"publishedAt": f"2026-11-{10 + page:02d}T{hour:02d}:00:00Z"},
                "contentDetails": {"videoId": f"v{page}{hour}"},
            }
            for hour in (1, 2)
        ]
        server.answer("GET playlistItems", {"items": items, "nextPageToken": str(page + 1) if page < 3 else ""})
        server.answer("GET videos", {"items": []})
    server.answers["GET videos"].pop()
    server.answer("GET videos", {"items": [{"id": "v32", "snippet": {"tags": ["pv-1"]}}]})
    assert youtube.find_by_marker("pv-1") == "v32"


def test_a_channel_without_a_list_of_uploads_has_no_lost_video(youtube: YouTube, server: Loopback) -> None:
    server.answer("GET channels", {"items": [{"id": "UC"}]})
    assert youtube.find_by_marker("pv-1") is None


def test_a_video_listed_late_is_waited_for_and_a_deleted_one_is_missing(
    youtube: YouTube, server: Loopback, sleeps: list[float]
) -> None:
    server.answer("GET videos", {"items": []})
    server.answer("GET videos", {"items": [HELD]})
    assert youtube.change("abc", Change(privacy=Privacy.PRIVATE)).after.video_id == "abc"
    assert sleeps == [1.0]
    server.answers.clear()
    server.answer("GET videos", {})
    with pytest.raises(Missing):
        youtube.change("abc", Change(privacy=Privacy.PRIVATE))


def test_a_writing_that_is_read_late_is_waited_for(youtube: YouTube, server: Loopback, sleeps: list[float]) -> None:
    at = datetime(2026, 12, 2, 20, tzinfo=UTC)
    moved = {**HELD, "status": {**HELD["status"], "publishAt": "2026-12-02T20:00:00Z"}}
    for there in (HELD, HELD, moved):
        server.answer("GET videos", {"items": [there]})
    server.answer("PUT videos", {"id": "abc"})
    assert youtube.change("abc", Change(publish_at=at)).after.publish_at == at
    assert sleeps == [1.0]


def test_the_platforms_own_speech_recognition_is_never_taken_away(
    youtube: YouTube, server: Loopback, ledger: Ledger
) -> None:
    heard = {"id": "asr", "snippet": {"language": "fr", "name": "", "trackKind": "ASR"}}
    server.answer("GET captions", {"items": [heard, {"id": "odd"}]})
    youtube.remove_captions("abc", "fr")
    assert [method for _, _, method in ledger.paid] == ["captions.list"]


@pytest.mark.parametrize("still", ["https://elsewhere.example/a.jpg", "http://i.ytimg.com/a.jpg", "file:///etc/passwd"])
def test_a_picture_is_fetched_from_the_server_itself_only_and_without_a_token(
    youtube: YouTube, server: Loopback, still: str
) -> None:
    pictured = {**HELD, "snippet": {**HELD["snippet"], "thumbnails": {"medium": {"url": still}}}}
    assert youtube.still_print(translate.remote_video(pictured)) is None
    assert not server.journal
    pictured["snippet"]["thumbnails"]["medium"]["url"] = f"{server.url}/vi/abc/medium.jpg"
    assert youtube.still_print(translate.remote_video(pictured)) is None
    (said,) = server.journal
    assert "authorization" not in said.headers


def test_a_call_that_a_server_does_not_have_is_not_tried_again(
    youtube: YouTube, server: Loopback, sleeps: list[float]
) -> None:
    server.answer("GET videos:batchGetStats", {}, 501)
    server.answer("GET videos", {"items": [{"id": "abc", "statistics": {"viewCount": "7"}}]})
    assert youtube.figures(["abc"])["abc"].views == 7
    assert sleeps == []


def test_waiting_is_asked_for_in_seconds_or_until_a_time(
    youtube: YouTube, server: Loopback, clock: SetClock, sleeps: list[float]
) -> None:
    server.answer("GET channels", {"items": [{"id": "UC"}]})
    until = format_datetime(clock.now() + timedelta(seconds=30), usegmt=True)
    server.then("call", Refuse(503, headers=(("Retry-After", until),), body=HTML))
    server.then("call", Refuse(429, headers=(("Retry-After", "20"),), body=HTML))
    assert youtube.channel_id() == "UC"
    assert sleeps == [30.0, 20.0]
