"""Bytes on the line: what is sent, what is asked, and that nothing is ever sent twice unasked."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from pasvu.channel.clock import SetClock
from pasvu.channel.errors import Cancelled
from pasvu.channel.values import UploadSession, VideoMetadata
from pasvu.publish.errors import NotConnected, PlatformBusy, PlatformRefused, SessionGone
from pasvu.publish.platform import Platform
from pasvu.publish.youtube import AuthorizedUser, YouTube
from pasvu.publish.youtube.sending import TRIES_WITHOUT_PROGRESS

from .conftest import CHUNK, NOW, Ledger, Master, Watcher
from .loopback import Drop, Fault, Keep, Loopback, Refuse, Status


def _contract(youtube: YouTube) -> Platform:
    return youtube  # the type checker is the test


def test_opening_sends_text_and_no_byte(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata, ledger: Ledger
) -> None:
    session = youtube.open_upload(master.path, metadata)
    assert session.total_bytes == master.path.stat().st_size
    assert session.opened_at == NOW
    assert not server.of("ask", "chunk")
    (start,) = server.of("start")
    assert start.path == "/upload/youtube/v3/videos"
    assert start.headers["x-upload-content-length"] == str(session.total_bytes)
    assert start.headers["x-upload-content-type"] == "video/mp4"
    assert start.query["notifySubscribers"] == ["true"]
    (upload,) = server.uploads.values()
    assert upload.metadata["status"]["privacyStatus"] == "private"
    assert "publishAt" not in upload.metadata["status"]
    assert ledger.paid == [("insert", 1, "videos.insert")]
    assert "canary" not in repr(session)


def test_plain_sending(youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata) -> None:
    watcher = Watcher(look=lambda: len(server.of("chunk")))
    session = youtube.open_upload(master.path, metadata)
    video_id = youtube.send(session, master.path, watcher)
    total = session.total_bytes
    assert server.videos == {video_id: master.sha256}
    assert [said.range for said in server.of("ask", "chunk")] == [
        f"bytes */{total}",
        f"bytes 0-{CHUNK - 1}/{total}",
        f"bytes {CHUNK}-{2 * CHUNK - 1}/{total}",
        f"bytes {2 * CHUNK}-{3 * CHUNK - 1}/{total}",
        f"bytes {3 * CHUNK}-{total - 1}/{total}",
    ]
    assert watcher.confirmations == [0, CHUNK, 2 * CHUNK, 3 * CHUNK, total]
    # Told once, when three of the four chunks had gone out and the last had not.
    assert watcher.intents == [3]


@pytest.mark.parametrize(
    "fault",
    [
        Refuse(500, "internalError"),
        Refuse(503, "backendError"),
        Refuse(429, "rateLimitExceeded"),
        Refuse(403, "rateLimitExceeded"),
        Refuse(401, "authError"),
        Refuse(200, body=b'{"id": "cut'),
        Refuse(200, body=b"{}"),
        Refuse(308, headers=(("Range", "nonsense"),)),
        Refuse(502, body=b"<html>bad gateway</html>"),
        Refuse(500, body=b'{"error": {"message": {"not": "a string"}}}'),
        Drop(),
        Drop(store=600),
        Drop(store=None),
    ],
    ids=str,
)
@pytest.mark.parametrize("at", [0, 3])
def test_after_any_doubt_it_asks_before_it_sends(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata, fault: Fault, at: int
) -> None:
    server.then("chunk", *[None] * at, fault)
    watcher = Watcher(look=lambda: len(server.of("chunk")))
    video_id = youtube.send(youtube.open_upload(master.path, metadata), master.path, watcher)
    assert server.videos == {video_id: master.sha256}
    kinds = [said.kind for said in server.of("ask", "chunk")]
    assert kinds[: at + 3] == ["ask", *["chunk"] * (at + 1), "ask"]
    # No request that might have completed the file went out before it was told.
    total = master.path.stat().st_size
    finishing = [i for i, said in enumerate(server.of("chunk")) if said.range.endswith(f"-{total - 1}/{total}")]
    assert watcher.intents == finishing
    # Every chunk came with all the bytes that it announced (the server reads them and compares the digest).
    assert all(said.body_bytes for said in server.of("chunk"))


def test_no_range_means_nothing_was_kept(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata
) -> None:
    server.then("chunk", Keep(0))
    video_id = youtube.send(youtube.open_upload(master.path, metadata), master.path, Watcher())
    ranges = [said.range.split("/")[0] for said in server.of("chunk")]
    assert ranges[:2] == [f"bytes 0-{CHUNK - 1}"] * 2
    assert server.videos == {video_id: master.sha256}


def test_fewer_bytes_kept_than_sent(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata
) -> None:
    server.then("chunk", None, Keep(1000))
    video_id = youtube.send(youtube.open_upload(master.path, metadata), master.path, Watcher())
    assert server.of("chunk")[2].range.startswith(f"bytes {CHUNK + 1000}-")
    assert server.videos == {video_id: master.sha256}


@pytest.mark.parametrize("status", [200, 201])
def test_both_final_statuses(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata, status: int
) -> None:
    server.then("chunk", None, None, None, Status(status))
    assert youtube.send(youtube.open_upload(master.path, metadata), master.path, Watcher()) in server.videos


def test_a_lost_final_answer_is_asked_for_and_makes_no_second_video(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata
) -> None:
    server.then("chunk", None, None, None, Drop(store=None))
    session = youtube.open_upload(master.path, metadata)
    video_id = youtube.send(session, master.path, Watcher())
    assert list(server.videos) == [video_id]
    assert len(server.of("chunk")) == 4
    assert youtube.ask_upload(session).video_id == video_id
    assert youtube.send(session, master.path, Watcher()) == video_id
    assert len(server.of("start")) == 1


def test_a_new_process_goes_on_from_the_stored_address(
    youtube: YouTube,
    server: Loopback,
    master: Master,
    metadata: VideoMetadata,
    user: AuthorizedUser,
    clock: SetClock,
    ledger: Ledger,
) -> None:
    session = youtube.open_upload(master.path, metadata)
    with pytest.raises(Cancelled):
        youtube.send(session, master.path, Watcher(stop_at=2 * CHUNK))
    stored = UploadSession(session.address, session.opened_at, session.total_bytes)
    other = YouTube(server.url, user, chunk_bytes=CHUNK, clock=clock, spend=ledger, sleep=lambda _: None)
    assert other.ask_upload(stored).confirmed_bytes == 2 * CHUNK
    before = len(server.of("chunk"))
    video_id = other.send(stored, master.path, Watcher())
    assert server.videos == {video_id: master.sha256}
    assert len(server.of("start")) == 1
    assert len(server.of("chunk")) - before == 2


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("kind", ["ask", "chunk"])
def test_a_forgotten_session(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata, status: int, kind: str
) -> None:
    session = youtube.open_upload(master.path, metadata)
    server.then(kind, Refuse(status, "notFound"))
    with pytest.raises(SessionGone) as gone:
        youtube.send(session, master.path, Watcher())
    assert "canary" not in str(gone.value)
    assert not server.videos


def test_a_session_refused_for_good(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata
) -> None:
    session = youtube.open_upload(master.path, metadata)
    server.then("chunk", Refuse(400, "invalidVideoMetadata"))
    with pytest.raises(PlatformRefused) as refused:
        youtube.send(session, master.path, Watcher())
    assert refused.value.reason == "invalidVideoMetadata"


def test_a_token_that_stays_refused_asks_for_a_person(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata
) -> None:
    session = youtube.open_upload(master.path, metadata)
    given = server.tokens_given
    server.then("ask", *[Refuse(401, "authError")] * 5)
    with pytest.raises(NotConnected):
        youtube.send(session, master.path, Watcher())
    assert server.tokens_given == given + 1
    with pytest.raises(NotConnected):
        youtube.ask_upload(session)


def test_an_expired_token_is_renewed_by_asking(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata
) -> None:
    session = youtube.open_upload(master.path, metadata)
    server.token = "ya29.canary-revoked"
    assert youtube.ask_upload(session).confirmed_bytes == 0


def test_it_gives_up_after_many_tries_without_progress(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata, sleeps: list[float]
) -> None:
    session = youtube.open_upload(master.path, metadata)
    server.then("chunk", None)
    server.then("ask", None, *[Refuse(503, "backendError")] * 100)
    server.then("chunk", Drop())
    with pytest.raises(PlatformBusy):
        youtube.send(session, master.path, Watcher())
    assert len(server.of("ask")) == TRIES_WITHOUT_PROGRESS
    assert max(sleeps) <= 5.0
    assert 60 < sum(sleeps) < 3600


def test_a_server_that_never_keeps_anything_is_not_fed_for_ever(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata
) -> None:
    server.then("chunk", *[Keep(0)] * 1000)
    with pytest.raises(PlatformBusy):
        youtube.send(youtube.open_upload(master.path, metadata), master.path, Watcher())
    assert len(server.of("chunk")) == TRIES_WITHOUT_PROGRESS


def test_retry_after_is_honoured(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata, sleeps: list[float]
) -> None:
    server.then("chunk", Refuse(503, "backendError", headers=(("Retry-After", "37"),)))
    youtube.send(youtube.open_upload(master.path, metadata), master.path, Watcher())
    assert sum(sleeps) == pytest.approx(37)


def test_a_stored_address_of_another_host_gets_neither_bytes_nor_token(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata
) -> None:
    other = Loopback()
    try:
        total = master.path.stat().st_size
        session = UploadSession(f"{other.url}/upload/youtube/v3/videos?upload_id=canary-x", NOW, total)
        for act in (youtube.ask_upload, lambda s: youtube.send(s, master.path, Watcher())):
            with pytest.raises(PlatformRefused) as refused:
                act(session)
            assert refused.value.reason == "otherHost"
            assert "canary" not in str(refused.value)
        assert not other.journal
    finally:
        other.close()


def test_a_location_elsewhere_is_refused(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata
) -> None:
    server.then("start", Refuse(200, body=b"", headers=(("Location", "http://evil.example/?upload_id=canary-y"),)))
    with pytest.raises(PlatformRefused) as refused:
        youtube.open_upload(master.path, metadata)
    assert "canary" not in str(refused.value)


def test_a_redirect_is_not_followed(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata
) -> None:
    other = Loopback()
    try:
        server.then("ask", Refuse(307, headers=(("Location", f"{other.url}/x"),)))
        with pytest.raises(PlatformRefused):
            youtube.send(youtube.open_upload(master.path, metadata), master.path, Watcher())
        assert not other.journal
    finally:
        other.close()


def test_a_start_is_tried_again_and_each_try_is_paid(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata, ledger: Ledger
) -> None:
    server.then("start", Refuse(503, "backendError"), Refuse(409, "alreadyExists"))
    session = youtube.open_upload(master.path, metadata)
    assert "upload_id=" in session.address
    assert [paid[2] for paid in ledger.paid] == ["videos.insert"] * 3


def test_an_empty_master_is_refused(youtube: YouTube, metadata: VideoMetadata, tmp_path: Path) -> None:
    empty = tmp_path / "vide.mp4"
    empty.touch()
    with pytest.raises(PlatformRefused, match=r"vide\.mp4 est vide"):
        youtube.open_upload(empty, metadata)


def test_a_master_over_the_ceiling_is_refused(youtube: YouTube, metadata: VideoMetadata, tmp_path: Path) -> None:
    huge = tmp_path / "long.mp4"
    huge.touch()
    os.truncate(huge, 256 * 1024**3 + 1)
    with pytest.raises(PlatformRefused) as refused:
        youtube.open_upload(huge, metadata)
    assert refused.value.reason == "tooLarge"


def test_a_master_that_changed_is_not_sent(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata
) -> None:
    session = youtube.open_upload(master.path, metadata)
    with master.path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(PlatformRefused) as refused:
        youtube.send(session, master.path, Watcher())
    assert refused.value.reason == "masterChanged"
    assert not server.of("chunk")


def test_a_master_that_shrinks_while_it_is_sent_never_becomes_a_video(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata
) -> None:
    class Shrinking(Watcher):
        def confirmed(self, sent_bytes: int, total_bytes: int) -> None:
            if sent_bytes == CHUNK:
                os.truncate(master.path, CHUNK + 10)

    session = youtube.open_upload(master.path, metadata)
    with pytest.raises(PlatformRefused) as refused:
        youtube.send(session, master.path, Shrinking())
    assert refused.value.reason == "masterChanged"
    assert not server.videos


def test_a_cancelled_wait_is_short(
    youtube: YouTube, server: Loopback, master: Master, metadata: VideoMetadata, sleeps: list[float]
) -> None:
    class Impatient(Watcher):
        def should_stop(self) -> bool:
            return bool(sleeps)

    server.then("chunk", Refuse(503, "backendError", headers=(("Retry-After", "500"),)))
    with pytest.raises(Cancelled):
        youtube.send(youtube.open_upload(master.path, metadata), master.path, Impatient())
    assert sum(sleeps) <= 5.0


def test_what_the_watcher_raises_is_not_taken_for_the_network(
    youtube: YouTube, master: Master, metadata: VideoMetadata
) -> None:
    class Broken(Watcher):
        def about_to_finish(self) -> None:
            raise OSError("the record cannot be written")

    with pytest.raises(OSError, match="the record cannot be written"):
        youtube.send(youtube.open_upload(master.path, metadata), master.path, Broken())


def test_memory_is_one_chunk_whatever_the_size(
    server: Loopback, user: AuthorizedUser, clock: SetClock, ledger: Ledger, metadata: VideoMetadata, tmp_path: Path
) -> None:
    chunk = 4 * 1024**2
    big = tmp_path / "grand.mp4"
    big.touch()
    os.truncate(big, 200 * 1000**2)
    youtube = YouTube(server.url, user, chunk_bytes=chunk, clock=clock, spend=ledger, sleep=lambda _: None)
    session = youtube.open_upload(big, metadata)
    server.then("chunk", None, Drop(), None, Refuse(401, "authError"))
    tracemalloc.start()
    try:
        youtube.send(session, big, Watcher())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(server.videos) == 1
    # One chunk, the piece that is being freed, and the two ends of the line; never the file.
    assert peak < 3 * chunk
