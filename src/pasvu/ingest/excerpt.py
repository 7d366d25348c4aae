"""Copies the packets around an instant of a film to a small file: of a long one the index is then held without encoder.

Media tools read the whole index of a film when they open it, 150 MB for 12 h, and an encoder takes as much again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pasvu.channel.values import MediaInfo
from pasvu.ingest import commands, process
from pasvu.ingest.tools import Tools

_AT_S = 3600.0
"""Where the instant is in the excerpt: what lies before it, from the keyframe on, must not begin before 0."""
_BEHIND_S, _BEHIND_FRAMES = 1.0, 20
"""Copied beyond what is wanted: to show a frame, up to 16 that are shown later may have to be decoded."""


def copied(
    tools: Tools,
    source: Path,
    info: MediaInfo,
    at_s: float,
    length_s: float,
    path: Path,
    should_stop: process.ShouldStop | None,
) -> None:
    """Write the picture from the keyframe before `at_s` to well past `length_s` later at `path`, an MP4."""
    behind_s = _BEHIND_S + _BEHIND_FRAMES / (info.fps or 25.0)
    words = {"ss": f"{at_s:.6f}", "t": f"{length_s + behind_s:.6f}", "an": None, "sn": None, "dn": None}
    output = commands.received(source, **words)["V:0"].output(
        commands.address(path),
        f="mp4",
        vcodec="copy",
        output_ts_offset=_AT_S,
        # As fine as the source's, or its frames would be at other instants.
        video_track_timescale=info.video_timescale or 90000,
    )
    process.run(
        commands.command(tools, [output]),
        subject=source.name,
        reads=[source],
        writes=[path.parent],
        should_stop=should_stop,
    )


def entered(path: Path, **words: Any) -> Any:
    """An excerpt as an input, from its instant on."""
    # seek_timestamp: its own clock, not the time since its first packet, of which only the keyframe's place is known.
    return commands.received(path, ss=f"{_AT_S:.6f}", seek_timestamp=1, **words)
