"""Milliseconds by which sound and picture drift apart: a long recording, cut at its ends and inside.

The recording is American in its picture (29.97 frames/s) and a compact disc's in its sound (44.1 kHz), with a flash and
a beep every five seconds; how far apart they are is measured around each join, at the start and at the end, in the
recording and in the film of a cut after review.
Usage: python benchmarks/ingest_drift.py [HOURS OF FOOTAGE]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import ingest_cpu
import numpy as np

from pasvu.channel import episodes, review
from pasvu.channel.models import Episode
from pasvu.channel.settings import load
from pasvu.channel.timeline import Timeline
from pasvu.channel.values import Span
from pasvu.door.house import opened
from pasvu.ingest.claim import Drop, claim
from pasvu.ingest.tools import Tools, find_tools

HOURS = 3
BAR_MS = 10.0
FPS = "30000/1001"
EVERY_S, LOOP_S = 5.005, 60.06
SIZE = (160, 90)
RATE = 48000
AROUND_S = 2 * EVERY_S


def make_film(tools: Tools, hours: float, out: Path) -> None:
    """A recording of this length with a flash and a beep at the same time every five seconds."""
    loop = out.with_name("loop.mp4")
    quiet = [tools.ffmpeg, "-nostdin", "-v", "error", "-y"]
    flash = "drawbox=c=white:t=fill:w=iw:h=ih:enable='lt(mod(n,150),3)'"
    beep = f"0.5*sin(2*PI*1000*t)*lt(mod(t,{EVERY_S}),0.1)+0.05*(random(0)-0.5)"
    picture = ["-f", "lavfi", "-t", str(LOOP_S), "-i", f"color=0x404040:s={SIZE[0]}x{SIZE[1]}:r={FPS},{flash}"]
    sound = ["-f", "lavfi", "-t", str(LOOP_S), "-i", f"aevalsrc='{beep}|{beep}':s=44100"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([*quiet, *picture, *sound, *coded, loop], check=True)
    times = ["-stream_loop", str(round(hours * 3600 / LOOP_S) - 1)]
    subprocess.run([*quiet, *times, "-i", loop, "-c", "copy", "-movflags", "+faststart", out], check=True)


def apart(tools: Tools, film: Path, near_s: float) -> tuple[float, float]:
    """The first flash after an instant, and how much later than it its beep is, in seconds."""
    start_s = max(0.0, near_s)
    enter = [tools.ffmpeg, "-nostdin", "-v", "info", "-ss", f"{start_s:.6f}", "-t", f"{AROUND_S}", "-i", film]
    looked = [*enter, "-an", "-vf", "scale=16:16,format=gray,showinfo=checksum=0", "-fps_mode", "passthrough"]
    seen = subprocess.run([*looked, "-f", "rawvideo", "-"], capture_output=True, check=True)
    said = seen.stderr.decode().split("pts_time:")[1:]
    instants = [float(words.split()[0]) for words in said]
    light = np.frombuffer(seen.stdout, np.uint8).reshape(-1, 256).mean(axis=1)
    flash_s = next(at for at, one, other in zip(instants[1:], light, light[1:], strict=False) if other > one + 60)
    heard = [*enter, "-vn", "-af", f"aresample={RATE}:async=1:first_pts=0", "-ac", "1", "-f", "f32le", "-"]
    samples = np.abs(np.frombuffer(subprocess.run(heard, capture_output=True, check=True).stdout, "<f4"))
    first = max(0, round((flash_s - EVERY_S / 2) * RATE))
    window = samples[first : first + round(EVERY_S * RATE)]
    beep_s = (first + int(np.argmax(window > window.max() / 2))) / RATE
    return start_s + flash_s, beep_s - flash_s


def drifts(tools: Tools, recording: Path, film: Path, shows: Timeline) -> list[float]:
    """For a flash after the start of each stretch and one before its end: by how many ms its beep slipped."""
    found, done_s = [], 0.0
    for span in shows.kept:
        for near_s in (span.start_s + 0.2, span.end_s - AROUND_S - 0.2):
            flash_s, was_s = apart(tools, recording, near_s)
            _, is_s = apart(tools, film, flash_s - span.start_s + done_s - 1.0)
            found.append(1000 * (is_s - was_s))
        done_s += span.duration_s
    return found


def main() -> None:
    hours = float(sys.argv[1]) if sys.argv[1:] else HOURS
    tools = find_tools()
    with tempfile.TemporaryDirectory() as name, opened(load(Path(name) / "home", {})) as house:
        source = Path(name) / "film.mp4"
        make_film(tools, hours, source)
        drop = Drop([os.fsencode(source)], "command", keep_source=True)
        episode_id = claim(house.record, house.folders, house.clock, drop)
        ingest_cpu.road(house, episode_id, 1)
        length_s = hours * 3600
        removed = [Span(share * length_s + 3.21, share * length_s + 40.47) for share in (0.25, 0.5, 0.75)]
        with house.record.write() as session:
            episode = session.get_one(Episode, episode_id)
            review.trim(session, episode, 31.7, length_s - 20.3, house.clock.now(), "bench", removed=removed)
        ingest_cpu.road(house, episode_id, 2)
        with house.record.read() as session:
            episode = session.get_one(Episode, episode_id)
            master = episode.rendition("master")
            assert master is not None
            found = drifts(tools, source, Path(master.path), episodes.made_timeline(episode))
    print(f"{hours:g} h at 29.97 frames/s and 44.1 kHz, three stretches taken out; ms after and before each cut:")
    print(", ".join(f"{drift:+.1f}" for drift in found))
    print(f"worst {max(map(abs, found)):.1f} ms (wanted: {BAR_MS:g} or less)")


if __name__ == "__main__":
    main()
