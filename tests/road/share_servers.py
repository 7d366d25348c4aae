"""Servers that people copy recordings through, started on this machine alone: SSH, Samba, WebDAV, Syncthing."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

SBIN = "/usr/sbin:/sbin"
PATIENCE_S = 30.0


def where(tool: str) -> str | None:
    """The tool's full path; servers stand outside an ordinary user's PATH."""
    return shutil.which(tool, path=f"{os.environ.get('PATH', '')}:{SBIN}")


def until(there: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + patience_s
    while not there():
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(0.02)


@contextmanager
def served(words: list[str], port: int, log: Path) -> Iterator[None]:
    """A server in the foreground, from the moment it answers on its port."""
    with log.open("w") as out, subprocess.Popen(words, stdout=out, stderr=out, start_new_session=True) as server:
        try:
            until(lambda: server.poll() is not None or _answers(port), words[0])
            assert server.poll() is None, log.read_text()
            yield
        finally:
            server.terminate()


@contextmanager
def ssh(work: Path) -> Iterator[tuple[list[str], str]]:
    """Options for `scp` and `sftp`, and the host."""
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", work / key], check=True)
    port = free_port()
    (work / "sshd.conf").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {work}/host\nAuthorizedKeysFile {work}/user.pub\n"
        f"PidFile {work}/sshd.pid\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n"
    )
    with suppress(OSError):
        Path("/run/sshd").mkdir(exist_ok=True)
    options = ["-q", "-P", str(port), "-i", f"{work}/user", "-o", "StrictHostKeyChecking=no"]
    options += ["-o", f"UserKnownHostsFile={work}/known"]
    with served([str(where("sshd")), "-D", "-e", "-f", f"{work}/sshd.conf"], port, work / "sshd.log"):
        yield options, "127.0.0.1"


@contextmanager
def samba(work: Path, depot: Path) -> Iterator[list[str]]:
    """The start of a `smbclient` command that reaches the depot."""
    port = free_port()
    (work / "smb.conf").write_text(
        f"[global]\nsmb ports = {port}\ninterfaces = lo\nbind interfaces only = yes\nmap to guest = bad user\n"
        f"server role = standalone\ndisable netbios = yes\nload printers = no\nlog file = {work}/smb.log\n"
        + "".join(f"{each} = {work}\n" for each in ("private dir", "lock directory", "state directory"))
        + "".join(f"{each} = {work}\n" for each in ("cache directory", "pid directory", "ncalrpc dir"))
        # As the documentation advises: files belong to whoever runs the product.
        + f"[depot]\npath = {depot}\nread only = no\nguest ok = yes\nforce user = {_me()}\n"
    )
    words = [str(where("smbd")), "--foreground", "--no-process-group", "--configfile", f"{work}/smb.conf"]
    with served(words, port, work / "smbd.log"):
        yield ["smbclient", "//127.0.0.1/depot", "-p", str(port), "-N", "-s", f"{work}/smb.conf"]


@contextmanager
def webdav(work: Path, depot: Path) -> Iterator[str]:
    """The address that `curl -T` sends to."""
    port = free_port()
    words = ["rclone", "serve", "webdav", str(depot), "--addr", f"127.0.0.1:{port}", "--config", f"{work}/rclone.conf"]
    with served(words, port, work / "webdav.log"):
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def syncthing(work: Path, depot: Path) -> Iterator[Path]:
    """The folder of somebody's machine, sent to the depot at 800 kB/s: « send only » there, « receive only » here."""
    theirs = work / "theirs"
    theirs.mkdir()
    ends = [_End(work / "there", theirs, "sendonly"), _End(work / "here", depot, "receiveonly")]
    ids = [end.generate() for end in ends]
    for end, other, other_id in zip(ends, reversed(ends), reversed(ids), strict=True):
        end.configure(other_id, other)
    with served(ends[0].words, ends[0].gui, work / "there.log"), served(ends[1].words, ends[1].gui, work / "here.log"):
        until(ends[0].joined, "the other end of Syncthing")
        yield theirs


class _End:
    """One instance of Syncthing: no discovery, no relay, nothing but the other end."""

    KEY = "pasvu"

    def __init__(self, home: Path, folder: Path, kind: str) -> None:
        self.home, self.folder, self.kind = home, folder, kind
        self.gui, self.port = free_port(), free_port()
        self.words = ["syncthing", "serve", f"--home={home}", "--no-browser", "--no-restart"]

    def generate(self) -> str:
        subprocess.run(
            ["syncthing", "generate", f"--home={self.home}", "--skip-port-probing", "--no-default-folder"],
            check=True, capture_output=True,
        )  # fmt: skip
        found = re.search(r'<device id="([A-Z0-9-]+)"', (self.home / "config.xml").read_text())
        assert found
        return found[1]

    def configure(self, other: str, at: _End) -> None:
        own = re.search(r'<device id="([A-Z0-9-]+)"', (self.home / "config.xml").read_text())
        assert own
        (self.home / "config.xml").write_text(
            f'<configuration version="35"><folder id="depot" path="{self.folder}" type="{self.kind}" '
            f'rescanIntervalS="1" fsWatcherEnabled="true" fsWatcherDelayS="1">'
            f'<device id="{own[1]}"/><device id="{other}"/></folder><device id="{own[1]}" name="own"/>'
            f'<device id="{other}" name="other">'
            f"<address>tcp://127.0.0.1:{at.port}</address></device>"
            f'<gui enabled="true"><address>127.0.0.1:{self.gui}</address><apikey>{self.KEY}</apikey></gui><options>'
            f"<listenAddress>tcp://127.0.0.1:{self.port}</listenAddress>"
            "<globalAnnounceEnabled>false</globalAnnounceEnabled><localAnnounceEnabled>false</localAnnounceEnabled>"
            "<relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled><urAccepted>-1</urAccepted>"
            "<maxSendKbps>800</maxSendKbps><limitBandwidthInLan>true</limitBandwidthInLan>"
            "<crashReportingEnabled>false</crashReportingEnabled><autoUpgradeIntervalH>0</autoUpgradeIntervalH>"
            "</options></configuration>"
        )

    def joined(self) -> bool:
        asked = Request(f"http://127.0.0.1:{self.gui}/rest/system/connections", headers={"X-API-Key": self.KEY})
        try:
            with urlopen(asked, timeout=5) as answer:
                return any(each["connected"] for each in json.load(answer)["connections"].values())
        except (URLError, OSError):
            return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _me() -> str:
    return subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()
