"""What becomes of a video: processing, its instant, its updates, its counts and reports."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest

from .conftest import NOON, Begin, Talk, video_body
from .films import film

HOUR = timedelta(hours=1)


def said(talk: Talk, video_id: str, part: str) -> Any:
    return talk.get("videos", part=part, id=video_id)["items"][0][part]


class TestProcessing:
    def test_a_good_film(self, talk: Talk) -> None:
        made = talk.upload(film(3600, size=5000), part="snippet,status,contentDetails")
        video_id = made["id"]
        assert len(video_id) == 11
        assert made["status"]["uploadStatus"] == "uploaded"
        assert made["contentDetails"]["duration"] == "P0D"
        # 30 s + 0.02 * 3600 s = 102 s.
        talk.clock.sleep(51)
        details = said(talk, video_id, "processingDetails")
        assert details["processingStatus"] == "processing"
        assert details["processingProgress"] == {"partsTotal": "100", "partsProcessed": "50", "timeLeftMs": "51000"}
        talk.clock.sleep(50.9)
        assert said(talk, video_id, "status")["uploadStatus"] == "uploaded"
        talk.clock.sleep(0.1)
        assert said(talk, video_id, "status")["uploadStatus"] == "processed"
        assert said(talk, video_id, "processingDetails")["processingStatus"] == "succeeded"
        assert said(talk, video_id, "contentDetails")["duration"] == "PT1H"
        file = said(talk, video_id, "fileDetails")
        assert (file["fileSize"], file["durationMs"], file["fileType"]) == ("5000", "3600000", "video")

    def end(self, talk: Talk, content: bytes) -> Any:
        video_id = talk.upload(content, video_body(privacyStatus="public"))["id"]
        assert said(talk, video_id, "status")["uploadStatus"] == "uploaded"
        talk.clock.sleep(3600)
        talk.token = talk.log_in(talk.user).token
        assert said(talk, video_id, "processingDetails")["processingStatus"] == "failed"
        assert talk.send("GET", f"/watch?v={video_id}").status == 404
        assert said(talk, video_id, "statistics")["viewCount"] == "0"
        return said(talk, video_id, "status")

    def test_bytes_that_are_no_film(self, talk: Talk) -> None:
        status = self.end(talk, b"\x00" * 3000)
        assert (status["uploadStatus"], status["failureReason"]) == ("failed", "invalidFile")

    def test_the_same_bytes_again(self, talk: Talk) -> None:
        first = talk.upload(film())["id"]
        status = self.end(talk, film())
        assert (status["uploadStatus"], status["rejectionReason"]) == ("rejected", "duplicate")
        assert said(talk, first, "status")["uploadStatus"] == "processed"

    def test_too_long(self, begin: Begin) -> None:
        assert self.end(begin(), film(12 * 3600 + 1))["rejectionReason"] == "length"

    def test_too_long_for_an_unverified_channel(self, begin: Begin) -> None:
        talk = begin(long_uploads="eligible")
        status = talk.get("channels", part="status", mine="true")["items"][0]["status"]
        assert status["longUploadsStatus"] == "eligible"
        assert self.end(talk, film(901))["rejectionReason"] == "length"

    def test_nothing_at_all(self, talk: Talk) -> None:
        address = talk.open(0).headers["location"]
        done = talk.send("PUT", address)
        talk.clock.sleep(60)
        assert said(talk, done.json["id"], "status")["failureReason"] == "emptyFile"

    def test_a_failed_video_never_goes_public_by_itself(self, talk: Talk) -> None:
        at = (NOON + HOUR).isoformat()
        video_id = talk.upload(b"\x00" * 3000, video_body(publishAt=at))["id"]
        talk.clock.sleep(7200)
        assert talk.truth(video_id)["privacy"] == "private"


class TestInstant:
    def test_private_until_its_instant_and_public_from_it_on(self, talk: Talk) -> None:
        video_id = talk.upload(film(), video_body(publishAt="2026-11-23T14:00:00+01:00"))["id"]
        talk.clock.set(NOON + HOUR - timedelta(seconds=1))
        status = said(talk, video_id, "status")
        assert (status["privacyStatus"], status["publishAt"]) == ("private", "2026-11-23T13:00:00Z")
        assert said(talk, video_id, "snippet")["publishedAt"] == "2026-11-23T12:00:00Z"
        talk.clock.sleep(1)
        talk = talk.log_in()
        status = said(talk, video_id, "status")
        assert status["privacyStatus"] == "public"
        assert "publishAt" not in status
        assert said(talk, video_id, "snippet")["publishedAt"] == "2026-11-23T13:00:00Z"
        assert talk.truth(video_id)["history"] == [
            {"at": "2026-11-23T12:00:00Z", "privacy": "private", "cause": "written"},
            {"at": "2026-11-23T13:00:00Z", "privacy": "public", "cause": "publishAt"},
        ]

    def test_a_past_instant_is_public_at_once(self, talk: Talk) -> None:
        made = talk.upload(film(), video_body(publishAt="2026-11-23T11:00:00Z"))
        assert made["status"]["privacyStatus"] == "public"
        assert talk.truth(made["id"])["published_at"] == "2026-11-23T12:00:00Z"

    def test_without_privacy_a_video_is_public(self, talk: Talk) -> None:
        body = video_body()
        del body["status"]["privacyStatus"]
        assert talk.upload(film(), body)["status"]["privacyStatus"] == "public"

    def test_what_was_public_cannot_be_planned(self, talk: Talk) -> None:
        video_id = talk.upload(film(), video_body(privacyStatus="public"))["id"]
        later = {"privacyStatus": "private", "publishAt": "2026-12-01T10:00:00Z"}
        refused = talk.call("PUT", "videos", {"id": video_id, "status": later}, part="status")
        assert (refused.status, refused.reason) == (400, "invalidPublishAt")
        private = talk.call("PUT", "videos", {"id": video_id, "status": {"privacyStatus": "private"}}, part="status")
        assert private.json["status"]["privacyStatus"] == "private"
        again = talk.call("PUT", "videos", {"id": video_id, "status": later}, part="status")
        assert again.reason == "invalidPublishAt"

    def test_an_instant_taken_back_in_time_does_nothing(self, talk: Talk) -> None:
        video_id = talk.upload(film(), video_body(publishAt="2026-11-23T13:00:00Z"))["id"]
        talk.call("PUT", "videos", {"id": video_id, "status": {"privacyStatus": "private"}}, part="status")
        talk.clock.sleep(86_400)
        truth = talk.truth(video_id)
        assert (truth["privacy"], truth["published_at"], truth["views"]) == ("private", None, 0)


class TestUpdate:
    def test_each_part_named_is_replaced_whole(self, talk: Talk) -> None:
        body = video_body(publishAt="2026-11-30T13:00:00Z", containsSyntheticMedia=True)
        body["snippet"]["defaultLanguage"] = "fr"
        video_id = talk.upload(film(), body)["id"]
        before = said(talk, video_id, "status")
        assert (before["embeddable"], before["publicStatsViewable"], before["license"]) == (True, True, "youtube")
        changed = talk.call("PUT", "videos", {"id": video_id, "status": {"privacyStatus": "private"}}, part="status")
        status = changed.json["status"]
        assert (status["embeddable"], status["publicStatsViewable"]) == (False, False)
        assert not {"publishAt", "containsSyntheticMedia", "selfDeclaredMadeForKids"} & status.keys()
        assert said(talk, video_id, "snippet")["tags"] == ["social"]
        new = {"id": video_id, "snippet": {"title": "Autre", "categoryId": "25"}}
        snippet = talk.call("PUT", "videos", new, part="snippet").json["snippet"]
        assert (snippet["title"], snippet["description"]) == ("Autre", "")
        assert not {"tags", "defaultLanguage"} & snippet.keys()

    def test_a_status_without_privacy_falls_back_to_public(self, talk: Talk, video_id: str) -> None:
        changed = talk.call("PUT", "videos", {"id": video_id, "status": {"embeddable": True}}, part="status")
        assert changed.json["status"]["privacyStatus"] == "public"

    def test_a_snippet_needs_title_and_category(self, talk: Talk, video_id: str) -> None:
        for snippet in ({"title": "T"}, {"categoryId": "25"}):
            refused = talk.call("PUT", "videos", {"id": video_id, "snippet": snippet}, part="snippet")
            assert (refused.status, refused.reason) == (400, "invalidVideoMetadata")

    def test_an_update_refused_changes_nothing(self, talk: Talk, video_id: str) -> None:
        body = {"id": video_id, **video_body(privacyStatus="public"), "localizations": {"en": {"title": "T"}}}
        assert talk.call("PUT", "videos", body, part="snippet,status,localizations").reason == "defaultLanguageNotSet"
        assert said(talk, video_id, "status")["privacyStatus"] == "private"

    def test_unknown_videos(self, talk: Talk, video_id: str) -> None:
        body = {"id": "nonexistent", **video_body()}
        assert talk.call("PUT", "videos", body, part="snippet,status").reason == "videoNotFound"
        assert talk.call("DELETE", "videos", id=video_id).status == 204
        assert talk.get("videos", part="id", id=video_id)["items"] == []


class TestCounts:
    def test_text_that_grows_with_the_time_on_air_only(self, talk: Talk) -> None:
        video_id = talk.upload(film(), video_body(publishAt="2026-11-23T13:00:00Z"))["id"]
        seen = []
        for hours in (0, 1, 2, 5, 24, 72, 24 * 28):
            talk.clock.set(NOON + timedelta(hours=hours))
            talk = talk.log_in()
            count = said(talk, video_id, "statistics")["viewCount"]
            assert isinstance(count, str)
            seen.append(int(count))
        assert seen[:2] == [0, 0]
        assert all(a < b for a, b in pairwise(seen[1:]))
        talk.call("PUT", "videos", {"id": video_id, "status": {"privacyStatus": "private"}}, part="status")
        talk.clock.sleep(86_400)
        talk = talk.log_in()
        assert int(said(talk, video_id, "statistics")["viewCount"]) == seen[-1]
        (stats,) = talk.get("videos:batchGetStats", part=["statistics", "contentDetails"], id=video_id)["items"]
        assert stats["statistics"]["viewCount"] == str(seen[-1])
        assert stats["contentDetails"] == {"duration": "60s"}

    def test_a_hidden_count_has_no_key(self, talk: Talk, video_id: str) -> None:
        content = json.dumps({"counts": ["likeCount"]}).encode()
        hide = talk.send("POST", f"/sandbox/videos/{video_id}/hidden", content, {"Content-Type": "application/json"})
        assert hide.status == 204
        assert said(talk, video_id, "statistics").keys() == {"viewCount", "commentCount", "favoriteCount"}

    def test_the_channel(self, begin: Begin) -> None:
        talk = begin()
        talk.upload(film(), video_body(privacyStatus="public"))
        talk.upload(film(seed=2))
        talk.clock.sleep(3600 - 1)
        (channel,) = talk.get("channels", part="statistics,contentDetails", mine="true")["items"]
        assert channel["id"] == talk.sandbox.channel_id
        assert channel["statistics"]["subscriberCount"] == "12300"
        assert channel["statistics"]["videoCount"] == "1"
        assert int(channel["statistics"]["viewCount"]) > 0
        talk.sandbox.close()
        hidden = begin(talk.sandbox.home, hidden_subscribers=True)
        statistics = hidden.get("channels", part="statistics", mine="true")["items"][0]["statistics"]
        assert statistics["hiddenSubscriberCount"] is True
        assert "subscriberCount" not in statistics


def report(talk: Talk, **params: str) -> Any:
    asked = {"ids": "channel==MINE", "startDate": "2026-11-20", "endDate": "2026-12-31", "metrics": "views", **params}
    return talk.send("GET", f"/v2/reports?{urlencode(asked)}")


class TestAnalytics:
    def test_three_days_late_and_no_rows_key_before(self, talk: Talk) -> None:
        talk.upload(film(), video_body(privacyStatus="public"))
        empty = report(talk, dimensions="day").json
        assert "rows" not in empty
        assert empty["kind"] == "youtubeAnalytics#resultTable"
        talk.clock.set(NOON + timedelta(days=6))
        talk = talk.log_in()
        table = report(talk, dimensions="day", metrics="views,estimatedMinutesWatched").json
        assert [header["name"] for header in table["columnHeaders"]] == ["day", "views", "estimatedMinutesWatched"]
        assert [row[0] for row in table["rows"]] == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]
        assert all(isinstance(number, int) and number > 0 for row in table["rows"] for number in row[1:])
        total = report(talk).json["rows"]
        assert total == [[sum(row[1] for row in table["rows"])]]

    def test_by_video(self, talk: Talk) -> None:
        ids = [talk.upload(film(seed=n), video_body(privacyStatus="public"))["id"] for n in range(3)]
        talk.clock.set(NOON + timedelta(days=9))
        talk = talk.log_in()
        rows = report(talk, dimensions="video", sort="-views", maxResults="200").json["rows"]
        assert {row[0] for row in rows} == set(ids)
        assert [row[1] for row in rows] == sorted((row[1] for row in rows), reverse=True)
        one = report(talk, filters=f"video=={ids[0]}").json["rows"]
        assert one == [[dict(map(tuple, rows))[ids[0]]]]

    @pytest.mark.parametrize("params", [{"dimensions": "province"}, {"metrics": "fame"}, {"dimensions": "video"},
                                        {"filters": "country==FR"}, {"startDate": "hier"}])  # fmt: skip
    def test_what_is_not_supported(self, talk: Talk, params: dict[str, str]) -> None:
        assert report(talk, **params).status == 400
