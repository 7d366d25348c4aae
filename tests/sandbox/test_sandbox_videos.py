"""What becomes of a video: processing, its instant, its counts, its picture, captions and lists."""

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


class TestThumbnails:
    def put(self, talk: Talk, video_id: str, content: bytes) -> Any:
        target = f"/upload/youtube/v3/thumbnails/set?videoId={video_id}&uploadType=media"
        return talk.send("POST", target, content, {"Content-Type": "image/jpeg"})

    def test_the_picture_is_served_where_the_api_says(self, talk: Talk, video_id: str) -> None:
        default = said(talk, video_id, "snippet")["thumbnails"]["high"]["url"]
        assert talk.send("GET", default).headers["content-type"].startswith("image/svg")
        picture = b"\xff\xd8\xff\xe0" + bytes(500)
        answer = self.put(talk, video_id, picture)
        assert answer.status == 200, answer.content
        assert {"default", "medium", "high"} <= answer.json["items"][0].keys()
        url = said(talk, video_id, "snippet")["thumbnails"]["maxres"]["url"]
        served = talk.send("GET", url)
        assert (served.content, served.headers["content-type"]) == (picture, "image/jpeg")
        assert said(talk, video_id, "contentDetails")["hasCustomThumbnail"] is True

    def test_refusals(self, talk: Talk, video_id: str) -> None:
        assert self.put(talk, video_id, b"GIF89a" + bytes(50)).reason == "invalidImage"
        assert self.put(talk, video_id, b"").reason == "mediaBodyRequired"
        assert self.put(talk, "nonexistent", b"\xff\xd8\xff").reason == "videoNotFound"


class TestCaptions:
    def put(self, talk: Talk, verb: str, metadata: Any, content: bytes = b"1\n00:00 --> 00:01\nOui\n") -> Any:
        head = f"--b\r\nContent-Type: application/json\r\n\r\n{json.dumps(metadata)}\r\n--b\r\n".encode()
        body = head + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--b--\r\n"
        headers = {"Content-Type": "multipart/related; boundary=b"}
        return talk.send(verb, "/upload/youtube/v3/captions?part=snippet&uploadType=multipart", body, headers)

    def test_a_track_lives(self, talk: Talk, video_id: str) -> None:
        metadata = {"snippet": {"videoId": video_id, "language": "fr", "name": "Français"}}
        made = self.put(talk, "POST", metadata)
        assert made.status == 200, made.content
        assert made.json["snippet"]["status"] == "serving"
        assert self.put(talk, "POST", metadata).reason == "captionExists"
        (listed,) = talk.get("captions", part="snippet", videoId=video_id)["items"]
        assert listed["id"] == made.json["id"]
        assert said(talk, video_id, "contentDetails")["caption"] == "true"
        changed = self.put(talk, "PUT", {"id": listed["id"], "snippet": {"isDraft": True}})
        assert changed.json["snippet"]["isDraft"] is True
        assert talk.call("DELETE", "captions", id=listed["id"]).status == 204
        assert talk.get("captions", part="id", videoId=video_id)["items"] == []

    def test_refusals(self, talk: Talk, video_id: str) -> None:
        good = {"videoId": video_id, "language": "fr", "name": "x"}
        assert self.put(talk, "POST", {"snippet": good | {"name": "x" * 151}}).reason == "nameTooLong"
        assert self.put(talk, "POST", {"snippet": {"videoId": video_id}}).reason == "invalidMetadata"
        assert self.put(talk, "POST", {"snippet": good}, b"").status == 400
        assert self.put(talk, "POST", {"snippet": good | {"videoId": "nonexistent"}}).reason == "videoNotFound"
        bad = self.put(talk, "POST", {"snippet": good}, b"ceci n'est pas un sous-titre").json["snippet"]
        assert (bad["status"], bad["failureReason"]) == ("failed", "unknownFormat")


class TestPlaylists:
    def add(self, talk: Talk, playlist_id: str, video_id: str, **more: Any) -> Any:
        resource = {"kind": "youtube#video", "videoId": video_id}
        body = {"snippet": {"playlistId": playlist_id, "resourceId": resource, **more}}
        return talk.call("POST", "playlistItems", body, part="snippet,contentDetails")

    def ids(self, talk: Talk, playlist_id: str, **params: Any) -> list[str]:
        items = talk.get("playlistItems", part="contentDetails", playlistId=playlist_id, **params)["items"]
        return [item["contentDetails"]["videoId"] for item in items]

    def test_a_list_keeps_its_order(self, talk: Talk) -> None:
        videos = [talk.upload(film(seed=n))["id"] for n in range(3)]
        made = talk.call("POST", "playlists", {"snippet": {"title": "Le direct"}}, part="snippet,status").json
        assert made["status"]["privacyStatus"] == "public"
        for video_id in videos[:2]:
            assert self.add(talk, made["id"], video_id).status == 200
        assert self.add(talk, made["id"], videos[2], position=0).json["snippet"]["position"] == 0
        assert self.ids(talk, made["id"]) == [videos[2], videos[0], videos[1]]
        assert self.ids(talk, made["id"], videoId=videos[1]) == [videos[1]]
        assert self.add(talk, made["id"], videos[0]).reason == "videoAlreadyInPlaylist"
        assert self.add(talk, made["id"], "nonexistent").reason == "videoNotFound"
        assert self.add(talk, "PLnowhere", videos[0]).reason == "playlistNotFound"
        assert self.add(talk, talk.sandbox._world.uploads_id, videos[0]).reason == "playlistOperationUnsupported"
        (listed,) = talk.get("playlists", part="contentDetails", mine="true")["items"]
        assert listed["contentDetails"]["itemCount"] == 3

    def test_a_new_video_may_stay_unknown_for_a_while(self, begin: Begin) -> None:
        talk = begin(playlist_lag_s=10.0)
        playlist_id = talk.call("POST", "playlists", {"snippet": {"title": "L"}}, part="snippet").json["id"]
        video_id = talk.upload(film())["id"]
        assert self.add(talk, playlist_id, video_id).reason == "videoNotFound"
        talk.clock.sleep(10)
        assert self.add(talk, playlist_id, video_id).status == 200

    def test_the_uploads_newest_first_by_pages(self, talk: Talk) -> None:
        videos = [talk.upload(film(seed=n))["id"] for n in range(7)]
        (channel,) = talk.get("channels", part="contentDetails", mine="true")["items"]
        uploads = channel["contentDetails"]["relatedPlaylists"]["uploads"]
        first = talk.get("playlistItems", part="contentDetails", playlistId=uploads)
        assert (len(first["items"]), first["pageInfo"]["totalResults"]) == (5, 7)
        rest = talk.get(
            "playlistItems", part="contentDetails", playlistId=uploads, pageToken=first["nextPageToken"], maxResults=5
        )
        assert "nextPageToken" not in rest
        seen = [item["contentDetails"]["videoId"] for item in first["items"] + rest["items"]]
        assert seen == videos[::-1]
        viewer = talk.log_in(talk.sandbox.authorized_user(account="viewer"))
        assert self.ids(viewer, uploads) == []


def test_categories_say_which_can_be_chosen(talk: Talk) -> None:
    items = talk.get("videoCategories", part="snippet", regionCode="FR")["items"]
    assignable = {item["id"]: item["snippet"]["assignable"] for item in items}
    assert (assignable["25"], assignable["18"]) == (True, False)
