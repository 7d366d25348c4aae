"""Files that are not what their names say: each asks its reader to open a canary that lies elsewhere on the disk."""

from __future__ import annotations

import random
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MARK_BYTES = 64


@dataclass(frozen=True)
class Canary:
    """A file that nobody gave to the tool; `mark` is a stretch of what is in it."""

    path: Path
    mark: bytes


@dataclass(frozen=True)
class Trap:
    """What to write under `name` beside or away from the canary; `opening` are the options that let it work."""

    name: str
    reader: str
    write: Callable[[Path, Canary], bytes]
    opening: tuple[str, ...] = ()


def make_canary(ffmpeg: Path, folder: Path) -> Canary:
    """A transport stream of noise in MP2: any piece of it can be told from all other bytes."""
    folder.mkdir(parents=True)
    path, sound = folder / "canari.ts", folder / "canari.mp2"
    noise = ("-f", "lavfi", "-i", "anoisesrc=d=2:seed=7:r=48000", "-c:a", "mp2", "-b:a", "128k")
    for out in (path, sound):
        subprocess.run([ffmpeg, "-nostdin", "-v", "error", *noise, out], check=True, timeout=30)
    mark = sound.read_bytes()[5000 : 5000 + MARK_BYTES]
    sound.unlink()
    return Canary(path, mark)


def hls(address: str, *, first: str | None = None) -> bytes:
    """A playlist of one segment; `first` is an initialisation segment."""
    header = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:3\n#EXT-X-MEDIA-SEQUENCE:0\n"
    start = f'#EXT-X-MAP:URI="{first}"\n' if first else ""
    return f"{header}{start}#EXTINF:2.0,\n{address}\n#EXT-X-ENDLIST\n".encode()


def concat(address: str) -> bytes:
    """A list of files to join."""
    return f"ffconcat version 1.0\nfile '{address}'\n".encode()


def dash(address: str) -> bytes:
    """A manifest of one representation."""
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT2S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period>'
        '<AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="128000">'
        f"<BaseURL>{address}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    ).encode()


def vobsub(path: Path, canary: Canary) -> bytes:
    """An index of subtitles, whose reader opens the file of the same name that ends in `.sub`: a link elsewhere."""
    held = canary.path.with_name("secret.sub")
    held.write_bytes(_program_stream(canary.mark))
    path.with_name(f"{path.name[:-3]}sub").symlink_to(held)
    times = "".join(f"timestamp: 00:00:0{n}:000, filepos: {n * 2048:09x}\n" for n in range(3))
    return f"# VobSub index file, v7 (do not modify this line!)\nsize: 720x576\nid: en, index: 0\n{times}".encode()


def _program_stream(mark: bytes) -> bytes:
    """Three packs of 2048 bytes, each with one subtitle that holds the mark."""
    packs = b""
    for number in range(3):
        clock = number * 90_000
        stamp = bytes(
            (0x21 | (clock >> 29) & 0x0E, clock >> 22 & 0xFF, clock >> 14 & 0xFE | 1, clock >> 7 & 0xFF)
        ) + bytes((clock << 1 & 0xFE | 1,))
        pack = b"\x00\x00\x01\xba\x44\x00\x04\x00\x04\x01\x00\x00\x03\xf8"
        body = mark * 4
        unit = struct.pack(">HH", len(body) + 4, len(body)) + body
        packet = b"\x81\x80\x05" + stamp + b"\x20" + unit
        pack += b"\x00\x00\x01\xbd" + struct.pack(">H", len(packet)) + packet
        filling = 2048 - len(pack) - 6
        packs += pack + b"\x00\x00\x01\xbe" + struct.pack(">H", filling) + b"\xff" * filling
    return packs


_HLS = ("-f", "hls", "-allowed_extensions", "ALL", "-extension_picky", "0")
_CONCAT = ("-f", "concat", "-safe", "0")
TRAPS = [
    Trap("beside.mp4", "hls", lambda path, canary: hls(_beside(path, canary)), _HLS),
    Trap("absolute.mkv", "hls", lambda _, canary: hls(str(canary.path)), _HLS),
    Trap("address.mp4", "hls", lambda _, canary: hls(f"file://{canary.path}"), _HLS),
    Trap("first.mkv", "hls", lambda _, canary: hls(f"file://{canary.path}", first=f"file://{canary.path}"), _HLS),
    Trap("playlist.m3u8", "hls", lambda _, canary: hls(f"file:{canary.path}"), _HLS),
    Trap("list.mp4", "concat", lambda path, canary: concat(_beside(path, canary)), _CONCAT),
    Trap("list.mkv", "concat", lambda _, canary: concat(str(canary.path)), _CONCAT),
    Trap("list.ts", "concat", lambda _, canary: concat(f"file:{canary.path}"), _CONCAT),
    Trap("manifest.mp4", "dash", lambda _, canary: dash(f"file://{canary.path}"), ("-f", "dash")),
    Trap("index.mp4", "vobsub", vobsub, ("-f", "vobsub")),
    Trap("index.mkv", "vobsub", vobsub, ("-f", "vobsub")),
]


def _beside(path: Path, canary: Canary) -> str:
    """The canary's name in the folder of the trap, where another recording of the team may lie."""
    link = path.with_name("autre.ts")
    if not link.exists():
        link.write_bytes(canary.path.read_bytes())
    return link.name


def mutated(data: bytes, seed: int) -> bytes:
    """A copy with some harm done: bits, bytes, sizes, pieces lost, doubled or moved. Same seed, same harm."""
    rng = random.Random(seed)
    out = bytearray(data)
    for _ in range(rng.choice((1, 3, 10, 40))):
        at = rng.randrange(len(out))
        # The index (box sizes, tables) is small and fragile: half of the harm goes there.
        if rng.random() < 0.5 and (index := out.find(b"moov")) >= 0:
            at = min(len(out) - 1, index + rng.randrange(4000))
        length = min(len(out) - at, rng.choice((1, 4, 16, 200)))
        match rng.randrange(6):
            case 0:
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                out[at : at + length] = rng.randbytes(length)
            case 2:
                out[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff"))
            case 3:
                del out[at : at + length]
            case 4:
                out[at:at] = out[at : at + length]
            case _:
                del out[max(1, at) :]
        if len(out) < 64:
            break
    return bytes(out)
