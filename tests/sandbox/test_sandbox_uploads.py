"""The resumable protocol, byte by byte."""

from __future__ import annotations

import hashlib
import http.client
import json
from datetime import timedelta
from pathlib import Path

import pytest

from .conftest import Begin, Talk, video_body
from .films import film

GRAIN = 262_144
FILM = film(60, size=2 * GRAIN + 1000)
TOTAL = len(FILM)


def opened(talk: Talk, total: int | None = TOTAL) -> str:
    answer = talk.open(total)
    assert answer.status == 200
    assert answer.content == b""
    assert "upload_id=" in answer.headers["location"]
    return answer.headers["location"]


def test_chunk_by_chunk(talk: Talk) -> None:
    address = opened(talk)
    asked = talk.ask(address, TOTAL)
    assert (asked.status, asked.headers.get("range")) == (308, None)
    first = talk.put(address, FILM[:GRAIN], 0, TOTAL)
    assert (first.status, first.headers["range"], first.content) == (308, f"bytes=0-{GRAIN - 1}", b"")
    assert talk.ask(address).headers["range"] == f"bytes=0-{GRAIN - 1}"
    talk.put(address, FILM[GRAIN : 2 * GRAIN], GRAIN, TOTAL)
    done = talk.put(address, FILM[2 * GRAIN :], 2 * GRAIN, TOTAL)
    assert done.status == 201
    assert done.json["kind"] == "youtube#video"
    truth = talk.truth(done.json["id"])
    assert truth["sha256"] == hashlib.sha256(FILM).hexdigest()
    assert truth["bytes"] == TOTAL
    for again in (talk.ask(address, TOTAL), talk.put(address, FILM[2 * GRAIN :], 2 * GRAIN, TOTAL)):
        assert (again.status, again.json) == (201, done.json)
    assert len(talk.send("GET", "/sandbox/videos").json["videos"]) == 1


def test_a_gap_is_refused_and_nothing_is_stored(talk: Talk) -> None:
    address = opened(talk)
    assert talk.put(address, FILM[GRAIN : 2 * GRAIN], GRAIN, TOTAL).status == 400
    assert "range" not in talk.ask(address).headers


def test_an_overlap_adds_nothing(talk: Talk) -> None:
    address = opened(talk)
    talk.put(address, FILM[:GRAIN], 0, TOTAL)
    again = talk.put(address, bytes(2 * GRAIN), 0, TOTAL)
    assert (again.status, again.headers["range"]) == (308, f"bytes=0-{GRAIN - 1}")
    done = talk.put(address, FILM[GRAIN:], GRAIN, TOTAL)
    assert talk.truth(done.json["id"])["sha256"] == hashlib.sha256(FILM).hexdigest()


def test_a_chunk_that_is_no_multiple_of_256_kib_is_refused_unless_it_is_the_last(talk: Talk) -> None:
    address = opened(talk)
    assert talk.put(address, FILM[: GRAIN - 1], 0, TOTAL).status == 400
    assert "range" not in talk.ask(address).headers
    assert talk.put(address, FILM, 0, TOTAL).status == 201


def test_a_body_that_contradicts_its_range_is_refused(talk: Talk) -> None:
    address = opened(talk)
    assert talk.send("PUT", address, FILM[:GRAIN], {"Content-Range": f"bytes 0-{TOTAL - 1}/{TOTAL}"}).status == 400
    assert talk.put(address, FILM[:GRAIN], 0, TOTAL + 5).status == 400
    assert talk.send("PUT", address, b"", {"Content-Range": "octets 0-1/2"}).status == 400


def test_the_total_may_come_late(talk: Talk) -> None:
    address = opened(talk, None)
    assert talk.put(address, FILM[:GRAIN], 0, "*").status == 308
    assert talk.put(address, FILM[GRAIN:], GRAIN, TOTAL).status == 201


def test_a_session_outlives_the_token_but_not_a_bad_one(talk: Talk) -> None:
    address = opened(talk)
    stranger = Talk(talk.sandbox, talk.clock)
    assert stranger.ask(address).status == 308
    stranger.token = "nonsense"
    assert (stranger.ask(address).status, stranger.ask(address).reason) == (401, "authError")


def test_a_session_dies_after_seven_days(talk: Talk) -> None:
    address = opened(talk)
    talk.put(address, FILM[:GRAIN], 0, TOTAL)
    talk.clock.set(talk.clock.now() + timedelta(days=7, seconds=-1))
    talk = talk.log_in()
    assert talk.ask(address).status == 308
    talk.clock.sleep(1)
    gone = talk.ask(address)
    assert (gone.status, gone.reason) == (404, "notFound")
    assert talk.ask(f"{address}x").status == 404


def test_everything_survives_a_restart_at_the_same_address(begin: Begin) -> None:
    talk = begin()
    address = opened(talk)
    talk.put(address, FILM[:GRAIN], 0, TOTAL)
    video_id = talk.upload(film(seed=5))["id"]
    talk.sandbox.close()
    again = begin(talk.sandbox.home)
    assert again.sandbox.url == talk.sandbox.url
    assert again.sandbox.channel_id == talk.sandbox.channel_id
    assert again.ask(address).headers["range"] == f"bytes=0-{GRAIN - 1}"
    done = again.put(address, FILM[GRAIN:], GRAIN, TOTAL)
    assert again.truth(done.json["id"])["sha256"] == hashlib.sha256(FILM).hexdigest()
    assert again.truth(video_id)["bytes"] == 2000
    assert again.log_in(talk.user).get("channels", part="id", mine="true")["items"]


def test_bytes_written_but_not_yet_recorded_are_written_again(talk: Talk) -> None:
    """Killed between the disk and the record: the record is what counts."""
    address = opened(talk)
    talk.put(address, FILM[:GRAIN], 0, TOTAL)
    (torn,) = (talk.sandbox.home / "received").iterdir()
    with torn.open("ab") as file:
        file.write(b"x" * (3 * GRAIN))
    done = talk.put(address, FILM[GRAIN:], GRAIN, TOTAL)
    assert talk.truth(done.json["id"])["sha256"] == hashlib.sha256(FILM).hexdigest()


@pytest.mark.parametrize("kind", ["multipart", "media"])
def test_the_simple_protocols(talk: Talk, kind: str) -> None:
    content = film() + b"\r\n--not-the-boundary\r\n\n"
    headers = {"Content-Type": "video/mp4"}
    body = content
    if kind == "multipart":
        headers = {"Content-Type": 'multipart/related; boundary="==x"'}
        head = f"--==x\nContent-Type: application/json\n\n{json.dumps(video_body())}\n".encode()
        head = head.replace(b"\n", b"\r\n")
        body = head + b"--==x\r\nContent-Type: video/mp4\r\n\r\n" + content + b"\r\n--==x--"
    part = "snippet,status" if kind == "multipart" else "status"
    answer = talk.send("POST", f"/upload/youtube/v3/videos?part={part}&uploadType={kind}", body, headers)
    assert answer.status == 200, answer.content
    assert talk.truth(answer.json["id"])["sha256"] == hashlib.sha256(content).hexdigest()
    assert answer.json["status"]["privacyStatus"] == ("private" if kind == "multipart" else "public")


def test_what_is_not_a_film_or_too_large_is_refused_before_any_byte(talk: Talk) -> None:
    query = "/upload/youtube/v3/videos?part=snippet,status&uploadType=resumable"
    content = json.dumps(video_body()).encode()
    headers = {"Content-Type": "application/json", "X-Upload-Content-Type": "text/plain"}
    assert talk.send("POST", query, content, headers).status == 400
    headers |= {"X-Upload-Content-Type": "video/mp4", "X-Upload-Content-Length": str(2**38 + 1)}
    assert talk.send("POST", query, content, headers).status == 413
    nothing = talk.call("POST", "videos", video_body(), part="snippet,status")
    assert (nothing.status, nothing.reason) == (400, "mediaBodyRequired")


class TestFaults:
    def test_a_status_then_all_is_well(self, talk: Talk) -> None:
        address = opened(talk)
        talk.fault(method="youtube.videos.insert.chunk", do="503", times=2, retry_after_s=7)
        for _ in range(2):
            struck = talk.put(address, FILM[:GRAIN], 0, TOTAL)
            assert (struck.status, struck.reason, struck.headers["retry-after"]) == (503, "backendError", "7")
        assert talk.put(address, FILM[:GRAIN], 0, TOTAL).status == 308

    def test_a_reason_of_ones_own(self, talk: Talk) -> None:
        talk.fault(method="youtube.videos.list", do="404:videoNotFound")
        answer = talk.call("GET", "videos", part="id", id="x")
        assert (answer.status, answer.reason) == (404, "videoNotFound")

    def test_after_lets_some_pass(self, talk: Talk) -> None:
        talk.fault(method="youtube.videos.insert.chunk", do="401", after=1)
        address = opened(talk)
        assert talk.put(address, FILM[:GRAIN], 0, TOTAL).status == 308
        struck = talk.put(address, FILM[GRAIN:], GRAIN, TOTAL)
        assert (struck.status, struck.reason) == (401, "authError")
        assert talk.put(address, FILM[GRAIN:], GRAIN, TOTAL).status == 201

    def test_a_dropped_connection_stores_nothing(self, talk: Talk) -> None:
        address = opened(talk)
        talk.fault(method="youtube.videos.insert.chunk", do="drop")
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            talk.put(address, FILM[:GRAIN], 0, TOTAL)
        assert "range" not in talk.ask(address).headers

    def test_a_lost_answer_is_found_again_by_asking(self, talk: Talk) -> None:
        address = opened(talk)
        talk.fault(method="youtube.videos.insert.chunk", do="lose_answer")
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            talk.put(address, FILM, 0, TOTAL)
        asked = talk.ask(address, TOTAL)
        assert asked.status == 201
        assert len(talk.send("GET", "/sandbox/videos").json["videos"]) == 1

    def test_fewer_bytes_kept(self, talk: Talk) -> None:
        address = opened(talk)
        talk.fault(method="youtube.videos.insert.chunk", do="keep_fewer")
        short = talk.put(address, FILM[: 2 * GRAIN], 0, TOTAL)
        assert (short.status, short.headers["range"]) == (308, f"bytes=0-{GRAIN - 1}")
        done = talk.put(address, FILM[GRAIN:], GRAIN, TOTAL)
        assert talk.truth(done.json["id"])["sha256"] == hashlib.sha256(FILM).hexdigest()

    def test_fewer_bytes_kept_of_the_last_chunk_do_not_finish(self, talk: Talk) -> None:
        address = opened(talk)
        talk.fault(method="youtube.videos.insert.chunk", do="keep_fewer", keep_bytes=0)
        assert talk.put(address, FILM, 0, TOTAL).status == 308
        assert talk.put(address, FILM, 0, TOTAL).status == 201

    def test_a_session_gone_stays_gone(self, talk: Talk) -> None:
        address = opened(talk)
        talk.fault(method="youtube.videos.insert.status", do="session_gone")
        assert talk.ask(address).status == 404
        assert talk.put(address, FILM, 0, TOTAL).status == 404

    def test_slow_still_answers(self, talk: Talk) -> None:
        talk.fault(method="youtube.videos.list", do="slow", seconds=0.05)
        assert talk.call("GET", "videos", part="id", id="x").status == 200
        assert talk.ledger()[-1]["fault"] == "slow"

    def test_the_plan_survives_a_restart_and_can_be_cleared(self, begin: Begin) -> None:
        talk = begin()
        talk.fault(method="youtube.videos.list", do="500", times=3)
        talk.sandbox.close()
        again = begin(talk.sandbox.home)
        assert again.call("GET", "videos", part="id", id="x").status == 500
        (left,) = again.send("GET", "/sandbox/faults").json["faults"]
        assert (left["do"], left["times"]) == ("500", 2)
        assert again.send("DELETE", "/sandbox/faults").status == 204
        assert again.call("GET", "videos", part="id", id="x").status == 200

    @pytest.mark.parametrize(
        "fault",
        [
            {"method": "x", "do": "explode"},
            {"do": "503"},
            {"method": "x", "do": "503", "times": 0},
            {"method": "youtube.videos.list", "do": "keep_fewer"},
        ],
    )
    def test_a_fault_that_means_nothing_is_refused(self, talk: Talk, fault: dict[str, object]) -> None:
        content = json.dumps(fault).encode()
        assert talk.send("POST", "/sandbox/faults", content, {"Content-Type": "application/json"}).status == 400


def test_the_home_is_private_to_its_user(talk: Talk) -> None:
    home: Path = talk.sandbox.home
    assert home.stat().st_mode & 0o077 == 0
    assert (home / "authorized_user.json").stat().st_mode & 0o077 == 0
