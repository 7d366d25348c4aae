"""Reads finished films by other means than the product's own: boxes, packets, samples."""

from __future__ import annotations

import re
import struct
import subprocess
from functools import lru_cache
from pathlib import Path

import numpy as np

from pasvu.ingest.tools import Tools

NESTED = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts"}


def box_names(data: bytes, start: int = 0, end: int | None = None) -> list[str]:
    """Every box of an MP4, in file order, as `moov/trak/edts`."""
    names, end = [], len(data) if end is None else end
    while start < end:
        (size,) = struct.unpack_from(">I", data, start)
        kind, header = data[start + 4 : start + 8], 8
        if size == 1:
            (size,), header = struct.unpack_from(">Q", data, start + 8), 16
        names.append(kind.decode("latin-1"))
        if kind in NESTED:
            names += [f"{kind.decode()}/{name}" for name in box_names(data, start + header, start + size)]
        start += size
    return names


def box_contents(data: bytes, start: int = 0, end: int | None = None) -> list[tuple[str, bytes]]:
    """What is in each box of an MP4 that holds no other, under the name of `box_names`."""
    found, end = list[tuple[str, bytes]](), len(data) if end is None else end
    while start < end:
        (size,), kind, header = struct.unpack_from(">I", data, start), data[start + 4 : start + 8].decode("latin-1"), 8
        if size == 1:
            (size,), header = struct.unpack_from(">Q", data, start + 8), 16
        if kind.encode("latin-1") in NESTED:
            found += [(f"{kind}/{name}", part) for name, part in box_contents(data, start + header, start + size)]
        else:
            found.append((kind, data[start + header : start + size]))
        start += size
    return found


def packets(tools: Tools, path: Path, stream: str) -> list[tuple[str, ...]]:
    """Instants, length, flags and fingerprint of each packet of a stream, in file order; at last where it stands."""
    entries = "packet=pts,dts,duration,flags,data_hash,pos"
    words = ["-select_streams", stream, "-show_entries", entries, "-show_data_hash", "md5", "-of", "default=nk=0:nw=1"]
    said = subprocess.run(
        [str(tools.ffprobe), "-v", "error", *words, str(path)], capture_output=True, check=True, text=True
    )
    lines = [line.partition("=")[::2] for line in said.stdout.splitlines()]
    names = ("pts", "dts", "duration", "flags", "data_hash", "pos")
    columns = [[value for name, value in lines if name == wanted] for wanted in names]
    return list(zip(*columns, strict=True))


@lru_cache
def frame_hashes(tools: Tools, path: Path) -> list[str]:
    """MD5 of each decoded frame, in the order in which they are shown."""
    words = ["-map", "0:V:0", "-fps_mode", "passthrough", "-f", "framehash", "-hash", "md5", "-"]
    said = subprocess.run(
        [str(tools.ffmpeg), "-v", "error", "-nostdin", "-i", str(path), *words],
        capture_output=True,
        check=True,
        text=True,
    )
    assert said.stderr == "", "the film decodes without a word"
    return [line.rsplit(",", 1)[1].strip() for line in said.stdout.splitlines() if not line.startswith("#")]


def small_frames(tools: Tools, path: Path) -> np.ndarray:
    """Each frame as 64×36 levels of grey, in the order in which they are shown."""
    words = ["-map", "0:V:0", "-fps_mode", "passthrough", "-vf", "scale=64:36:flags=area,format=gray", "-f", "rawvideo"]
    said = subprocess.run(
        [str(tools.ffmpeg), "-v", "error", "-nostdin", "-i", str(path), *words, "-"], capture_output=True, check=True
    )
    return np.frombuffer(said.stdout, np.uint8).reshape(-1, 36, 64).astype(np.float32)


@lru_cache
def packet_times(tools: Tools, path: Path, stream: str) -> np.ndarray:
    """Presentation times of a stream's packets, in file order."""
    words = ["-select_streams", stream, "-show_entries", "packet=pts_time", "-of", "csv=p=0", str(path)]
    said = subprocess.run([str(tools.ffprobe), "-v", "error", *words], capture_output=True, check=True, text=True)
    return np.array([float(line.strip(",")) for line in said.stdout.split()])


def packet_bytes(tools: Tools, path: Path) -> list[str]:
    """A fingerprint of each packet of the first sound, in file order."""
    words = ["-select_streams", "a:0", "-show_entries", "packet=data_hash", "-show_data_hash", "md5", "-of", "csv=p=0"]
    said = subprocess.run(
        [str(tools.ffprobe), "-v", "error", *words, str(path)], capture_output=True, check=True, text=True
    )
    return said.stdout.split()


def samples(tools: Tools, path: Path, start_s: float, length_s: float, rate: int = 16000) -> np.ndarray:
    """Mono samples as a player hears them (edit lists and delays applied, holes filled)."""
    return _heard(tools, path, rate)[round(start_s * rate) : round((start_s + length_s) * rate)]


@lru_cache(maxsize=16)
def _heard(tools: Tools, path: Path, rate: int) -> np.ndarray:
    words = ["-vn", "-af", f"aresample={rate}:async=1:min_hard_comp=0.002:first_pts=0", "-ac", "1", "-f", "f32le", "-"]
    said = subprocess.run(
        [str(tools.ffmpeg), "-v", "error", "-nostdin", "-i", str(path), *words], capture_output=True, check=True
    )
    return np.frombuffer(said.stdout, "<f4")


def sides(tools: Tools, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Left and right samples at 16 kHz."""
    words = ["-vn", "-ar", "16000", "-ac", "2", "-f", "f32le", "-"]
    said = subprocess.run(
        [str(tools.ffmpeg), "-v", "error", "-nostdin", "-i", str(path), *words], capture_output=True, check=True
    )
    both = np.frombuffer(said.stdout, "<f4").reshape(-1, 2)
    return both[:, 0], both[:, 1]


def delay_s(one: np.ndarray, other: np.ndarray, rate: int = 16000, most_s: float = 0.5) -> float:
    """How much later `other` is than `one`, by cross-correlation."""
    size = 1 << (len(one) + len(other)).bit_length()
    product = np.fft.irfft(np.conj(np.fft.rfft(one, size)) * np.fft.rfft(other, size))
    most = round(most_s * rate)
    both = np.concatenate([product[-most:], product[: most + 1]])
    return (int(np.argmax(both)) - most) / rate


def loudness(tools: Tools, path: Path) -> tuple[float, float]:
    """Integrated loudness and true peak by ffmpeg's own summary."""
    words = ["-vn", "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]
    said = subprocess.run(
        [str(tools.ffmpeg), "-nostdin", "-nostats", "-i", str(path), *words], capture_output=True, check=True, text=True
    ).stderr
    summary = said[said.rindex("Summary:") :]
    found = [float(re.search(rf"{name}:\s+(-?[\d.]+|-inf)", summary)[1]) for name in ("I", "Peak")]  # type: ignore[index]
    return found[0], found[1]
