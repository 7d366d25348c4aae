"""When may a file be taken? Its quiet, who holds it and what its own lengths prove, weighed together. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pasvu.channel.typography import fine, marked
from pasvu.ingest.lease import Held
from pasvu.ingest.scan import Seen
from pasvu.ingest.structure import Verdict, Wholeness

# How many times the quiet time a file must have been still. Each sign alone fails: of 28 kinds of unfinished copies,
# quiet alone took 12, the lease alone 14, together with the file's own lengths none (measured).
_PATIENCE = {
    # Nobody writes here, says the kernel.
    Held.FREE: {Wholeness.WHOLE: 1, Wholeness.OPEN_ENDED: 2, Wholeness.CUT_SHORT: 10},
    # Other owners, network shares: a writer that pauses looks like one that ended.
    Held.UNKNOWN: {Wholeness.WHOLE: 2, Wholeness.OPEN_ENDED: 20, Wholeness.CUT_SHORT: 20},
}
# Words, a picture or captions may come long before their film does.
PATIENCE_WITHOUT_FILM = 10
# A copy that is begun again under another name, as rsync and browsers do, goes on as long as it grew lately.
PATIENCE_WITH_A_COPY = 10

COPYING = marked("copie en cours")
_WRITTEN = marked("copie en cours, {share} % écrits")
QUIET = marked("attend le calme")


@dataclass(frozen=True)
class Quiet:
    """Since when a file has not changed."""

    fingerprint: str
    since: datetime


@dataclass(frozen=True)
class Waits:
    """Why a file is not taken yet, in French; `stopped` when only a person can say whether more will come."""

    why: str
    stopped: bool = False


def waiting_for(
    seen: Seen,
    quiet: Quiet,
    settle: timedelta,
    now: datetime,
    held_by: Callable[[bytes], Held],
    judge: Callable[[Path], Verdict],
    *,
    goes_on: bool = False,
) -> Waits | None:
    """Why this file is not taken yet, or `None` when it may be; `held_by` and `judge` are asked at need.

    `goes_on` says that a copy that will bear its name is growing beside it.
    """
    if seen.unfinished_name:
        return Waits(_copying(seen))
    still = now - quiet.since
    if quiet.fingerprint != seen.fingerprint or still < settle:
        return Waits(_copying(seen) if still < settle / 2 else QUIET)
    held = held_by(seen.path)
    if held is Held.BY_A_WRITER:
        return Waits(marked("encore ouvert par un autre programme"))
    verdict = judge(_path(seen))
    if goes_on and verdict.cut_short:
        return Waits(COPYING)
    if still >= settle * _PATIENCE[held][verdict.wholeness]:
        return None
    if verdict.cut_short:
        return Waits(fine(f"la copie s’est arrêtée. {verdict.why} Relancez-la, ou attendez"), stopped=True)
    return Waits(QUIET)


def _copying(seen: Seen) -> str:
    # A copy that reserves its room first shows its full size from the start.
    return COPYING if seen.filled > 0.98 else fine(_WRITTEN.format(share=f"{seen.filled * 100:.0f}"))


def _path(seen: Seen) -> Path:
    return Path(seen.path.decode("utf-8", "surrogateescape"))
