"""A process that sends one file, as the product does, and that a test may kill at any moment.

Arguments: base URL, folder with `master.mp4` and `authorized_user.json`. It leaves in the folder `session.json` once
the upload is open, `intent` before the last bytes go, and `video` when it is done.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from pasvu.channel.clock import WallClock
from pasvu.channel.values import UploadSession, VideoMetadata
from pasvu.publish.youtube import YouTube
from pasvu.publish.youtube.authorization import read_authorized_user


class Notes:
    """Writes down what the platform tells, durably enough for a killed process."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def confirmed(self, sent_bytes: int, total_bytes: int) -> None:
        (self.home / "confirmed").write_text(str(sent_bytes))

    def about_to_finish(self) -> None:
        (self.home / "intent").touch()

    def should_stop(self) -> bool:
        return False


def main(base_url: str, home: Path) -> None:
    youtube = YouTube(
        base_url,
        read_authorized_user((home / "authorized_user.json").read_text()),
        chunk_bytes=256 * 1024,
        clock=WallClock(),
        spend=lambda bucket, units, method: None,
        sleep=lambda seconds: time.sleep(min(seconds, 0.05)),
    )
    master, noted = home / "master.mp4", home / "session.json"
    if noted.exists():
        found = json.loads(noted.read_text())
        session = UploadSession(found["address"], datetime.fromisoformat(found["opened_at"]), found["total_bytes"])
    else:
        session = youtube.open_upload(master, VideoMetadata("T", "D", marker="pv-kill"))
        aside = home / "session.new"
        aside.write_text(
            json.dumps(
                {
                    "address": session.address,
                    "opened_at": session.opened_at.astimezone(UTC).isoformat(),
                    "total_bytes": session.total_bytes,
                }
            )
        )
        aside.replace(noted)
    video_id = youtube.send(session, master, Notes(home))
    (home / "video").write_text(video_id)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
