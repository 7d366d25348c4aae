"""Google's own Python client, built from the description that the stand-in serves."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from google.auth.exceptions import RefreshError
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError, ResumableUploadError
from googleapiclient.http import MediaIoBaseUpload

from .conftest import Talk, video_body
from .films import film

GRAIN = 262_144


@pytest.fixture
def youtube(talk: Talk) -> Any:
    return client(talk)


def client(talk: Talk, api: str = "youtube", version: str = "v3") -> Any:
    credentials = Credentials.from_authorized_user_info(talk.user)
    # The helper that reads such a document sets Google's own token address.
    credentials = Credentials(
        None,
        refresh_token=credentials.refresh_token,
        token_uri=talk.user["token_uri"],
        client_id=credentials.client_id,
        client_secret=credentials.client_secret,
    )
    where = talk.sandbox.url + "/$discovery/rest?version={apiVersion}&api={api}"
    return build(
        api, version, discoveryServiceUrl=where, static_discovery=False, cache_discovery=False, credentials=credentials
    )


def test_a_whole_upload_in_chunks(talk: Talk, youtube: Any) -> None:
    content = film(90, size=3 * GRAIN + 77)
    media = MediaIoBaseUpload(io.BytesIO(content), "video/mp4", chunksize=GRAIN, resumable=True)
    request = youtube.videos().insert(part="snippet,status", body=video_body(), media_body=media)
    steps, made = 0, None
    while made is None:
        _, made = request.next_chunk()
        steps += 1
    assert steps == 4
    assert talk.truth(made["id"])["sha256"] == hashlib.sha256(content).hexdigest()
    talk.clock.sleep(60)
    answer = youtube.videos().list(part="status,contentDetails", id=made["id"]).execute()
    assert answer["items"][0]["contentDetails"]["duration"] == "PT1M30S"


def test_another_process_takes_the_session_up_where_it_stands(talk: Talk, youtube: Any) -> None:
    content = film(size=2 * GRAIN + 5)
    media = MediaIoBaseUpload(io.BytesIO(content), "video/mp4", chunksize=GRAIN, resumable=True)
    first = youtube.videos().insert(part="snippet,status", body=video_body(), media_body=media)
    first.next_chunk()
    media = MediaIoBaseUpload(io.BytesIO(content), "video/mp4", chunksize=GRAIN, resumable=True)
    second = client(talk).videos().insert(part="snippet,status", body=video_body(), media_body=media)
    second.resumable_uri, second._in_error_state = first.resumable_uri, True
    made = None
    while made is None:
        _, made = second.next_chunk()
    sent = [entry["range"] for entry in talk.ledger() if entry["method"] == "youtube.videos.insert.chunk"]
    assert sent == [f"bytes {n}-{min(n + GRAIN, len(content)) - 1}/{len(content)}" for n in (0, GRAIN, 2 * GRAIN)]
    assert talk.truth(made["id"])["sha256"] == hashlib.sha256(content).hexdigest()


def test_refusals_reach_the_client_with_their_word(talk: Talk, youtube: Any) -> None:
    media = MediaIoBaseUpload(io.BytesIO(film()), "video/mp4", resumable=True)
    body = video_body() | {"snippet": {"title": "<", "categoryId": "25"}}
    with pytest.raises(ResumableUploadError) as caught:
        youtube.videos().insert(part="snippet,status", body=body, media_body=media).next_chunk()
    assert caught.value.error_details[0]["reason"] == "invalidTitle"
    talk.fault(method="youtube.channels.list", do="403:quotaExceeded")
    with pytest.raises(HttpError) as refused:
        youtube.channels().list(part="id", mine=True).execute()
    assert (refused.value.status_code, refused.value.error_details[0]["reason"]) == (403, "quotaExceeded")


def test_tokens_are_refreshed_and_a_revoked_grant_ends_it(talk: Talk, youtube: Any) -> None:
    assert youtube.channels().list(part="id", mine=True).execute()["items"]
    talk.clock.sleep(3700)
    assert youtube.channels().list(part="id", mine=True).execute()["items"]
    talk.sandbox.revoke(talk.user["refresh_token"])
    with pytest.raises(RefreshError, match="invalid_grant"):
        youtube.channels().list(part="id", mine=True).execute()


def test_picture_captions_list_and_figures(talk: Talk, youtube: Any, video_id: str) -> None:
    picture = MediaIoBaseUpload(io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(90)), "image/png")
    assert youtube.thumbnails().set(videoId=video_id, media_body=picture).execute()["items"]
    text = MediaIoBaseUpload(io.BytesIO(b"WEBVTT\n\n00:00.000 --> 00:02.000\nBonsoir\n"), "application/octet-stream")
    snippet = {"videoId": video_id, "language": "fr", "name": ""}
    track = youtube.captions().insert(part="snippet", body={"snippet": snippet}, media_body=text).execute()
    assert track["snippet"]["status"] == "serving"
    text = MediaIoBaseUpload(io.BytesIO(b"1\n00:00 --> 00:02\nBonsoir\n"), "application/octet-stream", resumable=True)
    english = {"snippet": snippet | {"language": "en"}}
    assert youtube.captions().insert(part="snippet", body=english, media_body=text).execute()["id"] != track["id"]
    playlist = youtube.playlists().insert(part="snippet", body={"snippet": {"title": "L"}}).execute()
    resource = {"kind": "youtube#video", "videoId": video_id}
    item = {"snippet": {"playlistId": playlist["id"], "resourceId": resource}}
    youtube.playlistItems().insert(part="snippet", body=item).execute()
    stats = youtube.videos().batchGetStats(part="statistics", id=[video_id]).execute()
    assert stats["items"][0]["statistics"]["viewCount"] == "0"
    analytics = client(talk, "youtubeAnalytics", "v2")
    table = analytics.reports().query(
        ids="channel==MINE", startDate="2026-11-01", endDate="2026-11-20", metrics="views", dimensions="day"
    )
    assert "rows" not in table.execute()
