"""The product at work: worker, watcher, ticks and panel as threads of one process."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import FrameType

import pasvu
from pasvu.channel import figures
from pasvu.channel.errors import PasVuError
from pasvu.channel.keeper import Keeper
from pasvu.channel.uploads import Place, land_finished
from pasvu.door.house import House
from pasvu.door.weekly import WeeklyTick
from pasvu.ingest import workflow as ingest_workflow
from pasvu.ingest.asked import StillTick
from pasvu.ingest.shown import GuestFilmTick
from pasvu.ingest.voiced import AudioTick
from pasvu.ingest.watcher import Watcher
from pasvu.publish import workflow as publish_workflow
from pasvu.publish.alerting import AlertTick, Messenger
from pasvu.publish.counting import CountTick
from pasvu.publish.lives import LiveTick
from pasvu.publish.reporting import ReportTick
from pasvu.publish.youtube.redaction import Redacting

log = logging.getLogger(__name__)

TICK_S = 1.0
REBUILD_TRIES = 5
# A withdrawn authorisation is said before the evening's upload finds it; one unit of quota each time.
CHECK_EVERY_S = 3600.0
DAY_S = 24 * 3600.0
# The panel's own letters, laid down by set-up; without them a title is set in plainer ones.
LETTERS = Path(pasvu.__file__).parent / "web/static/vendor/bricolage.woff2"


class Product:
    """The parts of the product that a process was asked to run; each is a thread that ends with it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stopping = threading.Event()
        # Whatever a library says of a request, no token and no upload address reaches a log.
        for handler in logging.getLogger().handlers:
            handler.addFilter(Redacting())
        self._stack = ExitStack()
        self._publish = publish_workflow.PublishTick(
            house.desk, house.jobs, timedelta(seconds=house.settings.poll_s * _rate(house))
        )
        self._counting = CountTick(house.desk, house.settings.cadence, house.settings.zone)
        self._lives = LiveTick(
            house.desk,
            timedelta(seconds=house.settings.lives_found_every_s),
            timedelta(seconds=house.settings.lives_counted_every_s),
            lambda: house.ledger.left(),
        )
        self._weekly = WeeklyTick(house)
        self._reports = ReportTick(house.desk)
        self._alerts = AlertTick(
            house.record, house.clock, Messenger(house.settings.alerts_to), lambda: house.ledger.left()
        )
        self._ingest = ingest_workflow.IngestTick(
            house.record, house.folders, house.clock, house.jobs, house.settings.free_disk_bytes
        )

        self._stills = StillTick(house.record, house.folders, house.clock, house.tools, LETTERS)
        self._guest_films = GuestFilmTick(house.record, house.folders, house.clock, house.tools)
        self._audio = AudioTick(house.record, house.folders, house.clock, house.tools)
        self._replays = ingest_workflow.ReplayTick(house.record, house.clock, house.jobs)

    def work(self) -> None:
        """Become a worker: run durable jobs, and the ticks that find them."""
        house = self._house
        worker = house.worker()
        worker.prepare()
        ingest_workflow.register(
            ingest_workflow.IngestSteps(
                house.record,
                house.folders,
                house.clock,
                house.tools,
                house.settings.free_disk_bytes,
                tone_map=house.settings.hdr == "tone_map",
                podcast=house.settings.podcast,
            ),
            house.replay_steps,
        )
        publish_workflow.register(house.desk)
        keeper = Keeper(house.record, worker)
        keeper.announce()
        worker.launch()
        self._stack.callback(worker.close)
        self._repeat("keeper", keeper.beat, Keeper.EVERY_S)
        self._repeat("ingest", self._ingest.tick, TICK_S)
        self._repeat("stills", self._stills.tick, TICK_S)
        self._repeat("guest films", self._guest_films.tick, TICK_S)
        self._repeat("audio", self._audio.tick, TICK_S)
        self._repeat("replays", self._replays.tick, TICK_S)
        self._repeat("connection", lambda: _checked(house), CHECK_EVERY_S)
        self._repeat("publish", self._publish.tick, min(TICK_S, house.settings.poll_s))
        # Apart from the publishing: neither waits for the other's slow answers.
        self._repeat("audience", self._counting.tick, min(TICK_S, house.settings.poll_s))
        self._repeat("lives", self._lives.tick, TICK_S)
        self._start("rebuilding", lambda: _rebuilt(house))
        self._repeat("reports", self._reports.tick, 10 * TICK_S)
        self._repeat("week", self._weekly.tick, 60 * TICK_S)
        self._repeat("alerts", self._alerts.tick, 10 * TICK_S)
        self._repeat("tables", house.record.measure_tables, DAY_S)

    def watch(self) -> None:
        """Look into the watched folders."""
        house = self._house
        settings = house.settings
        land_finished(house.record, Place(settings.watch_dirs[0], 0))
        watcher = Watcher(
            house.record,
            house.folders,
            house.clock,
            settings.watch_dirs,
            timedelta(seconds=settings.settle_s),
            shares=settings.watched_shares,
            every_s=settings.watch_every_s,
            floor=settings.free_disk_bytes,
        )
        self._start("watcher", lambda: watcher.run(self._stopping))

    def serve(self) -> str:
        """Serve the panel; its address."""
        # Imported here: a worker without a panel has no use for Flask.
        from pasvu.door.panel import make_panel
        from pasvu.web.serve import serve

        settings = self._house.settings
        running = serve(make_panel(self._house), settings.host, settings.port)
        self._stack.callback(running.close)
        return f"http://{settings.host}:{running.port}"

    def rehearse(self) -> str | None:
        """Start the stand-in while rehearsing; its address."""
        return self._house.connection.sandbox_url()

    def wait(self) -> None:
        """Run until told to stop (Ctrl-C, SIGTERM)."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._asked_to_stop)
        # What stands now stands until the end. Looked through for waste now and then, it would hold up whatever page is
        # being answered for a tenth of a second.
        gc.collect()
        gc.freeze()
        while not self._stopping.wait(3600):
            pass

    def stop(self) -> None:
        """End every thread; running steps are taken up again at the next start."""
        self._stopping.set()
        self._stack.close()

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        # The engine would wait for running steps, an encode among them. kill -9 is the tested path, so take it:
        # children die with us, and the next start goes on from the last finished step.
        os._exit(0)

    def _repeat(self, name: str, work: Callable[[], None], every_s: float) -> None:
        def loop() -> None:
            while not self._stopping.is_set():
                begun = time.monotonic()
                try:
                    work()
                except PasVuError as known:
                    log.warning("%s: %s", name, known)
                except Exception:
                    log.exception("%s stumbled; trying again", name)
                self._stopping.wait(max(0.05, every_s - (time.monotonic() - begun)))

        self._start(name, loop)

    def _start(self, name: str, work: Callable[[], None]) -> None:
        threading.Thread(target=work, name=name, daemon=True).start()


def _checked(house: House) -> None:
    if not house.settings.rehearsing:
        house.connection.check()


def _rebuilt(house: House) -> None:
    """Once: records older than the curves and the days get them from the snapshots that they hold."""
    with house.record.read() as session:
        if not figures.behind(session):
            return
    for _ in range(REBUILD_TRIES):
        if figures.rebuild(house.record, house.settings.zone):
            log.info("curves and views by day were made again from the snapshots")
            return
    log.warning("curves and views by day could not be made again while counting goes on; the next start tries again")


def _rate(house: House) -> float:
    # `poll_s` is real time, the ticks think in the product's.
    real = house.clock.real_s(1.0)
    return 1.0 / real if real > 0 else 1.0
