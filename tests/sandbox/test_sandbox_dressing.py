"""What is put around a video: its picture, its captions, its lists and its category."""

from __future__ import annotations

import json
from typing import Any

from .conftest import Begin, Talk
from .films import film


def said(talk: Talk, video_id: str, part: str) -> Any:
    return talk.get("videos", part=part, id=video_id)["items"][0][part]


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
