"""The watcher: one look after another into the watched folders, and what is whole is taken."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import threading
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from watchfiles import watch as wake_on_change

from pasvu.channel import incoming, intake
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.errors import PasVuError
from pasvu.channel.folders import Folders
from pasvu.channel.typography import amount, fine, marked
from pasvu.channel.values import Standing
from pasvu.ingest.claim import Drop, claim, finish_claims, set_alone_aside
from pasvu.ingest.lease import Held, held_by
from pasvu.ingest.naming import safe_name
from pasvu.ingest.scan import Seen, scan
from pasvu.ingest.shares import on_a_share
from pasvu.ingest.sorting import Together, sort_out
from pasvu.ingest.structure import Verdict, judge
from pasvu.ingest.watch import PATIENCE_WITH_A_COPY, PATIENCE_WITHOUT_FILM, Quiet, Waits, waiting_for

log = logging.getLogger(__name__)

# A full scan of 10,000 files costs 28 ms; change events are lost too easily to be more than a wake-up.
LOOK_EVERY_S = 5.0
# What could not be taken is tried again: rights are mended, room is made, without the file changing.
TRY_AGAIN = timedelta(minutes=1)


_LACKING = marked("il manque {size} sur le disque des données : libérez de la place")
_NOT_TAKEN = marked("n’a pas pu être pris ({why}) : {cure}")
_FREE = marked("libérez de la place")
_RIGHTS = marked("vérifiez les droits de ce dossier et de celui des données")
_UNFORESEEN = marked("erreur imprévue")
_LOGGED = marked("le journal du serveur dit laquelle")


class Watcher:
    """Remembers since when each file has been quiet, and takes those that are whole.

    `shares` are folders to treat as network shares though they look local; `floor` is the room in bytes that a copy
    from another disk must leave free.
    """

    def __init__(
        self,
        record: Record,
        folders: Folders,
        clock: Clock,
        roots: Sequence[Path],
        settle: timedelta,
        *,
        shares: Collection[Path] = (),
        every_s: float = LOOK_EVERY_S,
        floor: int = 0,
        judge: Callable[[Path], Verdict] = judge,
    ) -> None:
        self._record, self._folders, self._clock = record, folders, clock
        self._roots, self._settle, self._shares = roots, settle, shares
        self._every_s, self._floor, self._judge = every_s, floor, judge
        self._far: set[Path] = set()
        self._quiet: dict[bytes, Quiet] = {}
        self._shown: dict[bytes, tuple[int, str, str]] = {}
        self._failed: dict[bytes, tuple[datetime, Waits]] = {}
        self._verdicts: dict[bytes, tuple[str, Verdict]] = {}
        self._copies: dict[tuple[bytes, str], Seen] = {}
        """What is on its way, by its folder and the name that it will have."""
        self._left: dict[bytes, str] | None = None
        """What was copied and could not be set aside; read anew after each file taken."""

    def look(self) -> list[str]:
        """One pass; the ids of the episodes taken."""
        finish_claims(self._record, self._folders, self._clock)
        now = self._clock.now()
        self._far = self._shares_now()
        shown: dict[bytes, tuple[Seen, Waits, Standing]] = {}
        present = [seen for seen in self._everything(shown) if not self._passed_over(seen, shown)]
        self._copies = {(os.path.dirname(seen.path), seen.final_name): seen for seen in present if seen.unfinished_name}
        taken: list[str] = []
        asked = self._asked()
        together, alone = sort_out(present)
        for recording in together:
            whys = {seen.path: self._why_not_yet(seen, now, asked) for seen in recording.members}
            late: Waits | None = next((why for why in whys.values() if why is not None), None)
            late = late or self._no_room(recording) or self._still_failing(recording.films[0], now)
            # A member that has just appeared is not quiet yet: the whole recording waits for it.
            if late is None:
                late = self._take(recording, taken, asked, now)
            if late is not None:
                every = Waits(marked("attend la suite")) if any(whys.values()) else late
                for seen in recording.members:
                    own = whys[seen.path] or every
                    shown[seen.path] = (seen, own, Standing.STOPPED if own.stopped else Standing.WAITING)
        for seen in alone:
            why = self._why_not_yet(seen, now, asked) or self._still_failing(seen, now)
            if why is None and now - self._quiet[seen.path].since < self._settle * PATIENCE_WITHOUT_FILM:
                why = Waits(marked("attend sa vidéo"))
            why = why or self._set_aside(seen, taken, now)
            if why is not None:
                shown[seen.path] = (seen, why, Standing.WAITING)
        here = {seen.path for seen in present}
        self._quiet = {path: quiet for path, quiet in self._quiet.items() if path in here}
        self._failed = {path: failed for path, failed in self._failed.items() if path in here}
        self._verdicts = {path: verdict for path, verdict in self._verdicts.items() if path in here}
        self._show(shown)
        return taken

    def run(self, stopping: threading.Event) -> None:
        """Look until told to stop; a change in a watched folder hastens the next look. One watcher a home."""
        changed = threading.Event()
        with (self._folders.run / "watcher.lock").open("w") as lock:
            while not _locked(lock.fileno()):
                if stopping.wait(1.0):
                    return
            for root in self._roots:
                root.mkdir(parents=True, exist_ok=True)
            threading.Thread(target=self._wake, args=(changed, stopping), daemon=True, name="watch-wake").start()
            soon_s = min(self._every_s, max(0.3, self._clock.real_s(self._settle.total_seconds()) / 4))
            while not stopping.is_set():
                try:
                    self.look()
                except Exception:
                    log.exception("the watched folders could not be looked at; trying again")
                # While something is being copied it stays quiet for a while: look at the usual pace.
                changed.clear()
                if self._quiet:
                    stopping.wait(soon_s)
                else:
                    changed.wait(self._every_s)

    def _everything(self, shown: dict[bytes, tuple[Seen, Waits, Standing]]) -> list[Seen]:
        found = []
        for root in self._roots:
            try:
                found += list(scan(root))
            except OSError as refused:
                gone = Seen(os.fsencode(root), root, 0, "", unfinished_name=False)
                why = fine(f"ce dossier n’est pas accessible ({_said(refused)}) : vérifiez le partage ou le disque")
                shown[gone.path] = (gone, Waits(why), Standing.REFUSED)
        return found

    def _passed_over(self, seen: Seen, shown: dict[bytes, tuple[Seen, Waits, Standing]]) -> bool:
        """Whether there is nothing to take here, and what is said of it."""
        if self._left is None:
            with self._record.read() as session:
                self._left = intake.left_behind(session)
        if seen.ignored:
            shown[seen.path] = (seen, Waits(marked("ignoré : ce n’est pas un enregistrement")), Standing.IGNORED)
        elif seen.never:
            shown[seen.path] = (seen, Waits(seen.never), Standing.REFUSED)
        elif self._left.get(seen.path) == seen.fingerprint:
            shown[seen.path] = (
                seen,
                Waits(marked("déjà pris ; son dossier ne permet pas de le ranger")),
                Standing.IGNORED,
            )
        return seen.path in shown

    def _asked(self) -> set[bytes]:
        with self._record.read() as session:
            return incoming.asked_as_it_is(session)

    def _why_not_yet(self, seen: Seen, now: datetime, asked: Collection[bytes]) -> Waits | None:
        quiet = self._quiet.get(seen.path)
        if quiet is None or quiet.fingerprint != seen.fingerprint:
            quiet = self._quiet[seen.path] = Quiet(seen.fingerprint, now)
        held_by, judged, goes_on = self._held_by(seen.root), self._judged(seen), self._goes_on(seen, now)
        why = waiting_for(seen, quiet, self._settle, now, held_by, judged, goes_on=goes_on)
        return None if why is not None and why.stopped and seen.path in asked else why

    def _goes_on(self, seen: Seen, now: datetime) -> bool:
        copy = self._copies.get((os.path.dirname(seen.path), os.fsdecode(seen.name)))
        if copy is None:
            return False
        quiet = self._quiet.get(copy.path)
        if quiet is None or quiet.fingerprint != copy.fingerprint:
            return True
        return now - quiet.since < self._settle * PATIENCE_WITH_A_COPY

    def _held_by(self, root: Path) -> Callable[[bytes], Held]:
        # There, the kernel knows of its own writers only, and may refuse a lease that nobody opposes.
        return (lambda _path: Held.UNKNOWN) if root in self._far else held_by

    def _judged(self, seen: Seen) -> Callable[[Path], Verdict]:
        """Its own lengths, read once as long as it does not change."""

        def verdict(path: Path) -> Verdict:
            known = self._verdicts.get(seen.path)
            if known is None or known[0] != seen.fingerprint:
                known = self._verdicts[seen.path] = (seen.fingerprint, self._judge(path))
            return known[1]

        return verdict

    def _shares_now(self) -> set[Path]:
        return {root for root in self._roots if root in self._shares or on_a_share(root)}

    def _no_room(self, recording: Together) -> Waits | None:
        """What a copy from another disk would lack; a rename needs no room."""
        vault = self._folders.recordings.stat().st_dev
        size = sum(seen.size for seen in recording.members if os.lstat(seen.path).st_dev != vault)
        lacking = size + self._floor - self._folders.free_bytes()
        if not size or lacking <= 0:
            return None
        return Waits(fine(_LACKING.format(size=amount(lacking))))

    def _still_failing(self, seen: Seen, now: datetime) -> Waits | None:
        at, why = self._failed.get(seen.path, (now - TRY_AGAIN, None))
        return why if now - at < TRY_AGAIN else None

    def _take(self, recording: Together, taken: list[str], asked: Collection[bytes], now: datetime) -> Waits | None:
        films = recording.films
        drop = Drop(
            [seen.path for seen in films],
            "watch",
            films[0].folder,
            remark=recording.sentence,
            named_after=films[0].named_after,
            fingerprints={seen.path: seen.fingerprint for seen in films},
            as_it_is=any(seen.path in asked for seen in films),
        )
        return self._try(films[0], now, taken, lambda: claim(self._record, self._folders, self._clock, drop))

    def _set_aside(self, seen: Seen, taken: list[str], now: datetime) -> Waits | None:
        def aside() -> str:
            return set_alone_aside(self._record, self._folders, self._clock, seen.path, seen.folder)

        return self._try(seen, now, taken, aside)

    def _try(self, seen: Seen, now: datetime, taken: list[str], work: Callable[[], str]) -> Waits | None:
        """What kept it from being taken: it stays where it is, and is tried again."""
        try:
            taken.append(work())
        except PasVuError as known:
            why = Waits(str(known))
        except OSError as refused:
            full = refused.errno in (errno.ENOSPC, errno.EDQUOT)
            cure = _FREE if full else _RIGHTS
            why = Waits(fine(_NOT_TAKEN.format(why=_said(refused), cure=cure)))
            log.warning("could not take %r", seen.path, exc_info=True)
        except Exception:
            why = Waits(fine(_NOT_TAKEN.format(why=_UNFORESEEN, cure=_LOGGED)))
            log.exception("could not take %r", seen.path)
        else:
            self._left = None
            return None
        self._failed[seen.path] = (now, why)
        return why

    def _show(self, shown: dict[bytes, tuple[Seen, Waits, Standing]]) -> None:
        now_shown = {path: (seen.size, why.why, str(standing)) for path, (seen, why, standing) in shown.items()}
        if now_shown == self._shown:
            return
        arriving = [
            incoming.Arriving(path, safe_name(seen.name)[0], seen.size, seen.fingerprint, why.why, standing)
            for path, (seen, why, standing) in shown.items()
        ]
        with self._record.write() as session:
            incoming.show(session, arriving, self._clock.now())
        self._shown = now_shown

    def _wake(self, changed: threading.Event, stopping: threading.Event) -> None:
        far = self._shares_now()
        local = [root for root in self._roots if root not in far]
        if not local:
            return
        try:
            for _changes in wake_on_change(*local, stop_event=stopping, step=200, debounce=500):
                changed.set()
        except Exception:
            log.warning("no change events from the watched folders: looking every %s s", self._every_s, exc_info=True)


def _said(refused: OSError) -> str:
    words = {
        errno.ENOENT: marked("introuvable"),
        errno.ENOTDIR: marked("ce n’est pas un dossier"),
        errno.EACCES: marked("accès refusé"),
        errno.EPERM: marked("accès refusé"),
        errno.EROFS: marked("disque en lecture seule"),
        errno.ENOSPC: marked("disque plein"),
        errno.EDQUOT: marked("quota dépassé"),
        errno.EIO: marked("erreur de lecture ou d’écriture du disque"),
        errno.ESTALE: marked("partage débranché"),
        errno.EHOSTDOWN: marked("partage débranché"),
    }
    return words.get(refused.errno or 0, refused.strerror or marked("erreur inconnue du système"))


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
