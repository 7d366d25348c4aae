"""The sending loop alone, against every order of faults that can be drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from pasvu.channel.values import UploadProgress
from pasvu.publish.errors import PlatformBusy
from pasvu.publish.youtube.sending import LONGEST_WAIT_S, TRIES_WITHOUT_PROGRESS, send, wait_s

from .conftest import Watcher

CHUNK = 10


@dataclass
class Paper:
    """A server on paper: each request takes the next event; `told` is the watcher that must know first."""

    total_bytes: int
    events: list[str]
    told: Watcher
    chunk_bytes: int = CHUNK
    kept: int = 0
    videos: int = 0
    said: list[str] = field(default_factory=list)

    def ask(self) -> UploadProgress:
        self.said.append("ask")
        if self._event() != "ok":
            raise PlatformBusy("busy")
        return self._where()

    def put(self, offset: int) -> UploadProgress:
        assert offset == self.kept, "bytes were guessed"
        assert self.said[-1] in ("ask", "fine"), "sent after a doubt without asking"
        length = min(self.chunk_bytes, self.total_bytes - offset)
        assert length > 0
        if offset + length == self.total_bytes:
            assert self.told.intents[-1:] == [len(self.said)], "the last bytes went out before it was told"
        event = self._event()
        self.said.append(f"put {event}")
        if event == "dropped":
            raise PlatformBusy("busy")
        self.kept += length if event != "half" else length // 2
        if self.kept == self.total_bytes:
            self.videos = max(self.videos, 1)
        if event == "lost":
            raise PlatformBusy("busy")
        # Keeping less than was sent is a clear answer, no doubt.
        self.said[-1] = "fine"
        return self._where()

    def _event(self) -> str:
        return self.events.pop() if self.events else "ok"

    def _where(self) -> UploadProgress:
        return UploadProgress(self.kept, "the-video" if self.videos else None)


@given(
    st.integers(1, 55),
    st.lists(st.sampled_from(["ok", "dropped", "lost", "half"]), max_size=TRIES_WITHOUT_PROGRESS - 1),
)
@settings(max_examples=300, deadline=None)
def test_whatever_happens_it_asks_tells_and_finishes(total: int, events: list[str]) -> None:
    watcher = Watcher()
    paper = Paper(total, events, watcher)
    watcher.look = lambda: len(paper.said)
    assert send(paper, watcher, lambda _: None) == "the-video"
    assert paper.kept == total
    assert paper.videos == 1


def test_waits_grow_are_capped_and_never_shorter_than_asked() -> None:
    assert [wait_s(n, None, 1.0) for n in (1, 2, 3)] == [1, 2, 4]
    assert wait_s(30, None, 1.0) == LONGEST_WAIT_S
    assert wait_s(1, 42.0, 0.5) == 42.0
    assert wait_s(3, 1.0, 0.0) == 1.0
