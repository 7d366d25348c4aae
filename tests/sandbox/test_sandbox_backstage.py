"""Backstage: trouble ordered on a page strikes like trouble ordered by the API, and only from that page."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from .conftest import Talk
from .films import film

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def order(talk: Talk, path: str, **fields: object) -> int:
    return talk.send("POST", f"/coulisses/{path}", urlencode(fields).encode(), FORM).status


def page(talk: Talk) -> str:
    answer = talk.send("GET", "/coulisses")
    assert answer.status == 200
    return answer.content.decode()


def token(talk: Talk) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page(talk))
    assert found is not None
    return found[1]


def test_a_fault_is_ordered_strikes_and_is_shown(talk: Talk) -> None:
    assert "tout répond normalement" in page(talk)
    mine = token(talk)
    trouble = {"ou": "youtube.videos.list", "quoi": "403:quotaExceeded", "fois": 1, "apres": 1}
    assert order(talk, "panne", token=mine, **trouble) == 303
    assert "quota épuisé (403), 1 fois, après 1" in page(talk)
    answers = [talk.call("GET", "videos", part="id", id="x") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 403, 200]
    assert answers[1].reason == "quotaExceeded"
    shown = page(talk)
    assert "tout répond normalement" in shown
    assert "(panne commandée)" in shown
    assert talk.token not in shown


def test_someone_edits_by_hand_and_the_interface_tells(talk: Talk) -> None:
    video_id = talk.upload(film(20.0))["id"]
    mine = token(talk)
    said = lambda part: talk.call("GET", "videos", part=part, id=video_id).json["items"][0][part]  # noqa: E731
    for edit in ("replace_thumbnail", "add_captions", "retitle"):
        assert order(talk, "studio", token=mine, video=video_id, quoi=edit) == 303
    details = said("contentDetails")
    assert (details["hasCustomThumbnail"], details["caption"]) == (True, "true")
    assert said("snippet")["title"] == "Changé dans le studio"
    tracks = talk.call("GET", "captions", part="snippet", videoId=video_id).json["items"]
    assert [(each["snippet"]["language"], each["snippet"]["name"]) for each in tracks] == [("en", "By hand")]
    for edit in ("remove_thumbnail", "rewrite_captions", "delete_captions"):
        assert order(talk, "studio", token=mine, video=video_id, quoi=edit) == 303
    details = said("contentDetails")
    assert (details["hasCustomThumbnail"], details["caption"]) == (False, "false")
    assert order(talk, "studio", token=mine, video=video_id, quoi="delete") == 400
    assert order(talk, "studio", token="guessed", video=video_id, quoi="retitle") == 403


def test_all_is_calm_again_on_demand(talk: Talk) -> None:
    mine = token(talk)
    order(talk, "panne", token=mine, ou="*", quoi="drop", fois=9)
    assert order(talk, "calme", token=mine) == 303
    assert talk.call("GET", "videos", part="id", id="x").status == 200


def test_what_cannot_be_is_said_and_another_site_orders_nothing(talk: Talk) -> None:
    mine = token(talk)
    assert order(talk, "panne", token=mine, ou="youtube.videos.list", quoi="keep_fewer") == 400
    for wrong in ("", "guessed", "é"):
        assert order(talk, "panne", token=wrong, ou="*", quoi="503") == 403
        assert order(talk, "calme", token=wrong) == 403
    assert "tout répond normalement" in page(talk)


def test_a_live_is_started_shown_ended_and_becomes_a_replay(talk: Talk) -> None:
    mine = token(talk)
    assert order(talk, "direct", token="guessed", titre="X", personnes=5, minutes=5) == 403
    assert order(talk, "direct", token=mine, titre="", personnes=5, minutes=5) == 400
    assert order(talk, "direct", token=mine, titre="Nuit blanche", personnes=4000, minutes=100) == 303
    talk.clock.sleep(45 * 60)
    assert "Nuit blanche</b>&#8239;: 4\u202f000 personnes" in page(talk)
    channel = talk.send("GET", "/").content.decode()
    assert "4\u202f000&nbsp;spectateurs" in channel
    assert "Aucune vidéo publique" in channel
    (live,) = talk.get("liveBroadcasts", part="snippet", broadcastStatus="active", broadcastType="all")["items"]
    # What starts at the press of a button is of the lasting kind, which is not listed unless asked for.
    assert talk.get("liveBroadcasts", part="id", broadcastStatus="active")["items"] == []
    assert talk.call("GET", "liveBroadcasts", part="id", broadcastStatus="active", mine="true").reason == (
        "incompatibleParameters"
    )
    watch = talk.send("GET", f"/watch?v={live['id']}").content.decode()
    assert "4\u202f000&nbsp;spectateurs en ce moment" in watch
    assert order(talk, "direct/fin", token=mine, direct="nothing") == 404
    assert order(talk, "direct/fin", token=mine, direct=live["id"]) == 303
    talk.clock.sleep(86400)
    talk = talk.log_in(talk.user)
    channel = talk.send("GET", "/").content.decode()
    assert "En direct" not in channel
    assert "45:00" in channel
    (replay,) = talk.get("videos", part="statistics,liveStreamingDetails,snippet", id=live["id"])["items"]
    assert int(replay["statistics"]["viewCount"]) > 0
    assert "concurrentViewers" not in replay["liveStreamingDetails"]
    assert replay["liveStreamingDetails"]["actualEndTime"] == "2026-11-23T12:45:00Z"
    assert "Replay d’un direct" in talk.send("GET", f"/watch?v={live['id']}").content.decode()


def test_a_hidden_number_of_people_has_no_key(talk: Talk) -> None:
    assert order(talk, "direct", token=token(talk), titre="Masqué", personnes=50, minutes=10, masque="on") == 303
    talk.clock.sleep(300)
    assert "nombre de spectateurs masqué" in talk.send("GET", "/").content.decode()
    (live,) = talk.get("liveBroadcasts", part="id", broadcastStatus="active", broadcastType="all")["items"]
    (video,) = talk.get("videos", part="liveStreamingDetails", id=live["id"])["items"]
    assert video["liveStreamingDetails"] == {"actualStartTime": "2026-11-23T12:00:00Z"}
