"""What the API refuses and with which word: description, tokens, quota, metadata."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from .conftest import Begin, Talk, video_body
from .films import film

SCOPE = "https://www.googleapis.com/auth/"


class TestDescription:
    def test_the_document_points_at_us(self, talk: Talk) -> None:
        for api, version in (("youtube", "v3"), ("youtubeAnalytics", "v2")):
            document = talk.send("GET", f"/$discovery/rest?api={api}&version={version}").json
            assert document["rootUrl"] == document["baseUrl"] == talk.sandbox.url + "/"
            assert "mtlsRootUrl" not in document
            assert "googleapis.com" not in document["rootUrl"] + document["servicePath"]
        assert talk.send("GET", "/$discovery/rest?api=drive&version=v3").status == 404

    @pytest.mark.parametrize(
        ("path", "params", "reason"),
        [
            ("videos", {"id": "x"}, "missingRequiredParameter"),
            ("videos", {"part": "id"}, "missingRequiredParameter"),
            ("videos", {"part": "snippett", "id": "x"}, "unknownPart"),
            ("videos", {"part": "id", "id": "x", "colour": "red"}, "unexpectedParameter"),
            ("videos", {"part": "id", "id": "x", "maxResults": "many"}, "invalidParameter"),
            ("videos", {"part": "id", "id": "x", "chart": "worst"}, "invalidParameter"),
            ("channels", {"part": "id", "mine": "yes"}, "invalidParameter"),
            ("channels", {"part": "id", "mine": "true", "id": "x"}, "invalidCriteria"),
            ("playlists", {"part": "id", "mine": "true", "id": "x"}, "incompatibleParameters"),
            ("playlists", {"part": "id", "mine": "true", "pageToken": "zzz"}, "invalidPageToken"),
            ("videos", {"part": "id", "id": ",".join(f"video{n:06}" for n in range(51))}, "invalidParameter"),
        ],
    )
    def test_wrong_parameters(self, talk: Talk, path: str, params: dict[str, str], reason: str) -> None:
        answer = talk.call("GET", path, **params)
        assert (answer.status, answer.reason) == (400, reason)

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({"snippet": {"title": "T", "colour": "red"}}, "badRequest"),
            ({"snippet": {"title": 7}}, "badRequest"),
            ({"status": {"privacyStatus": "secret"}}, "badRequest"),
            ({"status": {"embeddable": "true"}}, "badRequest"),
            ({"statistics": {"viewCount": 7}}, "badRequest"),
            ({"recordingDetails": {}}, "unexpectedPart"),
            ([], "parseError"),
        ],
    )
    def test_wrong_bodies(self, talk: Talk, body: Any, reason: str) -> None:
        answer = talk.open(2000, body)
        assert (answer.status, answer.reason) == (400, reason)

    def test_what_is_no_json(self, talk: Talk) -> None:
        answer = talk.send("PUT", "/youtube/v3/videos?part=snippet", b"{", {"Content-Type": "application/json"})
        assert (answer.status, answer.reason) == (400, "parseError")

    def test_what_is_no_method_or_not_played(self, talk: Talk) -> None:
        assert talk.call("GET", "nonsense").status == 404
        assert talk.call("PATCH", "videos").status in (404, 405)
        assert talk.send("POST", "/upload/youtube/v3/playlists?part=id&uploadType=media", b"x").reason == (
            "wrongUrlForUpload"
        )
        unplayed = talk.call("GET", "search", part="snippet", q="x")
        assert (unplayed.status, unplayed.reason) == (501, "notImplemented")

    def test_parts_come_as_commas_or_repeated_and_only_those(self, talk: Talk, video_id: str) -> None:
        commas = talk.get("videos", part="snippet,status", id=video_id)
        repeated = talk.get("videos", part=["snippet", "status"], id=video_id)
        assert commas == repeated
        assert set(commas["items"][0]) == {"kind", "etag", "id", "snippet", "status"}

    def test_fields_cut_the_answer(self, talk: Talk, video_id: str) -> None:
        answer = talk.get("videos", part="status", id=video_id, fields="items(id,status/privacyStatus)")
        assert answer == {"items": [{"id": video_id, "status": {"privacyStatus": "private"}}]}


class TestTokens:
    def test_no_token_and_a_dead_one(self, begin: Begin) -> None:
        talk = begin()
        stranger = Talk(talk.sandbox, talk.clock)
        assert stranger.call("GET", "channels", part="id", mine="true").status == 401
        talk.clock.sleep(3599)
        assert talk.call("GET", "channels", part="id", mine="true").status == 200
        talk.clock.sleep(1)
        dead = talk.call("GET", "channels", part="id", mine="true")
        assert (dead.status, dead.reason) == (401, "authError")

    def test_scopes(self, talk: Talk) -> None:
        uploader = talk.log_in(talk.sandbox.authorized_user((SCOPE + "youtube.upload",)))
        assert uploader.open(2000).status == 200
        reading = uploader.call("GET", "videos", part="id", id="x")
        assert (reading.status, reading.reason) == (403, "insufficientPermissions")
        reader = talk.log_in(talk.sandbox.authorized_user((SCOPE + "youtube.readonly",)))
        assert (reader.open(2000).status, reader.call("GET", "videos", part="id", id="x").status) == (403, 200)

    def test_revoked(self, talk: Talk) -> None:
        talk.sandbox.revoke(talk.user["refresh_token"])
        assert talk.call("GET", "channels", part="id", mine="true").status == 401
        form = {key: talk.user[key] for key in ("client_id", "client_secret", "refresh_token")}
        answer = talk.form("/token", form | {"grant_type": "refresh_token"})
        assert (answer.status, answer.json["error"]) == (400, "invalid_grant")
        wrong = talk.form("/token", form | {"grant_type": "refresh_token", "client_secret": "x"})
        assert (wrong.status, wrong.json["error"]) == (401, "invalid_client")

    def test_a_viewer_sees_the_public_side_only(self, talk: Talk, video_id: str) -> None:
        viewer = talk.log_in(talk.sandbox.authorized_user(account="viewer"))
        assert viewer.get("videos", part="snippet", id=video_id)["items"] == []
        public = talk.upload(film(seed=1), video_body(privacyStatus="public"))["id"]
        (item,) = viewer.get("videos", part="snippet,status", id=f"{video_id},{public}")["items"]
        assert item["id"] == public
        for part in ("fileDetails", "processingDetails"):
            refused = viewer.call("GET", "videos", part=part, id=public)
            assert (refused.status, refused.reason) == (403, "forbidden")
            assert part in talk.get("videos", part=part, id=public)["items"][0]
        uploading = viewer.open(2000)
        assert (uploading.status, uploading.reason) == (401, "youtubeSignupRequired")
        changing = viewer.call("PUT", "videos", {"id": public, **video_body()}, part="snippet,status")
        assert (changing.status, changing.reason) == (403, "forbidden")

    def consent(self, talk: Talk, answer: str = "yes", **more: str) -> Any:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 50).digest()).decode().rstrip("=")
        asked = {
            "client_id": talk.user["client_id"], "redirect_uri": "http://127.0.0.1:1/back", "response_type": "code",
            "scope": SCOPE + "youtube.upload", "state": "s/1", "code_challenge": challenge,
            "code_challenge_method": "S256", **more,
        }  # fmt: skip
        page = talk.send("GET", f"/o/oauth2/auth?{urlencode(asked)}")
        if page.status != 200:
            return page
        assert "déposer des vidéos" in page.content.decode()
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
        return talk.form("/o/oauth2/auth", hidden | {"answer": answer})

    def test_the_consent_page_trades_a_code_once_for_tokens(self, talk: Talk) -> None:
        back = self.consent(talk)
        assert back.status == 303
        given = parse_qs(urlsplit(back.headers["location"]).query)
        assert given["state"] == ["s/1"]
        form = {"grant_type": "authorization_code", "code": given["code"][0], "code_verifier": "v" * 50,
                "redirect_uri": "http://127.0.0.1:1/back", "client_id": talk.user["client_id"],
                "client_secret": talk.user["client_secret"]}  # fmt: skip
        got = talk.form("/token", form)
        assert got.status == 200
        assert got.json["scope"] == SCOPE + "youtube.upload"
        user = talk.user | {"refresh_token": got.json["refresh_token"]}
        assert talk.log_in(user).open(2000).status == 200
        assert talk.form("/token", form).json["error"] == "invalid_grant"

    def test_a_wrong_verifier_a_late_code_and_a_refusal(self, talk: Talk) -> None:
        for late_s, verifier in ((0, "w" * 50), (601, "v" * 50)):
            given = parse_qs(urlsplit(self.consent(talk).headers["location"]).query)
            talk.clock.sleep(late_s)
            form = {"grant_type": "authorization_code", "code": given["code"][0], "code_verifier": verifier,
                    "redirect_uri": "http://127.0.0.1:1/back", "client_id": talk.user["client_id"],
                    "client_secret": talk.user["client_secret"]}  # fmt: skip
            assert talk.form("/token", form).json["error"] == "invalid_grant"
        assert "error=access_denied" in self.consent(talk, "no").headers["location"]

    def test_codes_go_to_this_machine_only(self, talk: Talk) -> None:
        assert self.consent(talk, redirect_uri="https://ailleurs.example/").status == 400


class TestQuota:
    def test_buckets_are_apart_and_refill_at_midnight_pacific(self, begin: Begin) -> None:
        talk = begin(quota={"insert": 2, "default": 60})
        assert [talk.open(2000).status for _ in range(3)] == [200, 200, 403]
        assert talk.spent("insert") == 2
        assert talk.call("POST", "playlists", {"snippet": {"title": "L"}}, part="snippet").status == 200
        assert talk.spent("default") == 50
        over = talk.call("POST", "playlists", {"snippet": {"title": "L"}}, part="snippet")
        assert (over.status, over.reason) == (403, "quotaExceeded")
        # Noon UTC is four in the morning in California: the day ends at 08:00 UTC.
        talk.clock.set(datetime(2026, 11, 24, 7, 59, 59, tzinfo=UTC))
        talk = talk.log_in()
        assert talk.open(2000).reason == "quotaExceeded"
        talk.clock.sleep(1)
        assert talk.open(2000).status == 200

    def test_an_invalid_call_costs_one(self, talk: Talk) -> None:
        assert talk.call("POST", "playlists", {"snippet": {}}, part="snippet").reason == "playlistTitleRequired"
        assert talk.spent("default") == 1
        talk.call("GET", "videos", part="nonsense", id="x")
        assert talk.spent("default") == 2
        assert [entry["units"] for entry in talk.ledger()[-2:]] == [1, 1]

    def test_prices(self, talk: Talk, video_id: str) -> None:
        before = talk.spent("default")
        talk.get("videos", part="id", id=video_id)
        talk.get("videos:batchGetStats", part="statistics", id=video_id)
        assert (talk.spent("default") - before, talk.spent("stats")) == (1, 1)
        talk.call("PUT", "videos", {"id": video_id, **video_body()}, part="snippet,status")
        assert talk.spent("default") - before == 51
        talk.get("captions", part="id", videoId=video_id)
        assert talk.spent("default") - before == 101

    def test_the_channel_has_a_limit_of_its_own(self, begin: Begin) -> None:
        talk = begin(uploads_per_day=1)
        talk.upload(film())
        over = talk.open(2000)
        assert (over.status, over.reason) == (400, "uploadLimitExceeded")
        talk.clock.set(talk.clock.now() + timedelta(days=1))
        assert talk.log_in().open(2000).status == 200


def snippet(**changed: Any) -> dict[str, Any]:
    body = video_body()
    body["snippet"] |= changed
    return body


@pytest.mark.parametrize(
    ("body", "part", "reason"),
    [
        (snippet(title=""), "snippet,status", "invalidTitle"),
        (snippet(title="x" * 101), "snippet,status", "invalidTitle"),
        (snippet(title="gauche -> droite"), "snippet,status", "invalidTitle"),
        (snippet(description="é" * 2501), "snippet,status", "invalidDescription"),
        (snippet(description="a < b"), "snippet,status", "invalidDescription"),
        (snippet(tags=["x" * 250, "y" * 250]), "snippet,status", "invalidTags"),
        (snippet(categoryId="18"), "snippet,status", "invalidCategoryId"),
        (snippet(categoryId="999"), "snippet,status", "invalidCategoryId"),
        (snippet() | {"localizations": {"en": {"title": "T"}}}, "snippet,status,localizations",
         "defaultLanguageNotSet"),
        (snippet(defaultLanguage="fr") | {"localizations": {"en": {}}}, "snippet,status,localizations", "invalidTitle"),
        (video_body(publishAt="demain"), "snippet,status", "invalidPublishAt"),
        (video_body(publishAt="2026-12-01T10:00:00"), "snippet,status", "invalidPublishAt"),
        (video_body(publishAt="2026-12-01T10:00:00Z", privacyStatus="unlisted"), "snippet,status", "invalidPublishAt"),
        (snippet() | {"recordingDetails": {"recordingDate": "hier"}}, "snippet,status,recordingDetails",
         "invalidRecordingDetails"),
    ],
)  # fmt: skip
def test_metadata_is_refused_with_the_exact_word(talk: Talk, body: Any, part: str, reason: str) -> None:
    answer = talk.open(2000, body, part)
    assert (answer.status, answer.reason) == (400, reason)


@pytest.mark.parametrize(
    "body",
    [
        snippet(title="x" * 100),
        snippet(description="é" * 2500),
        snippet(tags=["x" * 250, "y" * 249]),
        snippet(title="🎙" * 100),
    ],
)
def test_metadata_at_the_limit_is_taken(talk: Talk, body: Any) -> None:
    assert talk.open(2000, body).status == 200


def test_the_ledger_tells_everything_but_secrets(talk: Talk, video_id: str) -> None:
    text = json.dumps(talk.ledger())
    opening, chunk = [entry for entry in talk.ledger() if entry["method"].startswith("youtube.videos.insert")]
    assert (opening["method"], opening["status"], opening["units"]) == ("youtube.videos.insert", 200, 1)
    assert (chunk["method"], chunk["status"], chunk["units"]) == ("youtube.videos.insert.chunk", 201, 0)
    assert chunk["range"] == "bytes 0-1999/2000"
    assert talk.token not in text
    assert talk.user["refresh_token"] not in text
    assert "ABg5-" not in text
    since = talk.ledger()[-1]["number"]
    assert talk.send("GET", f"/sandbox/ledger?since={since}").json["requests"] == []


def test_only_this_machine_by_its_own_name(talk: Talk) -> None:
    assert talk.send("GET", "/", headers={"Host": "ailleurs.example:80"}).status == 403
    assert talk.send("POST", "/sandbox/faults", b"{}", {"Content-Type": "text/plain"}).status == 400


def test_the_date_follows_the_clock(talk: Talk) -> None:
    assert talk.send("GET", "/$discovery/rest").headers["date"] == "Mon, 23 Nov 2026 12:00:00 GMT"
    talk.clock.sleep(86_400)
    assert talk.send("GET", "/youtube/v3/videos").headers["date"] == "Tue, 24 Nov 2026 12:00:00 GMT"
