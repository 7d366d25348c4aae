"""Workers of one home, each a fork of this process: it starts in a blink and may be killed at any moment.

One line on stdin asks for one worker, which does what `pasvu worker` does; its process id comes back on stdout.
Argument: the home. `PASVU_NAIVE` names promises to break, so that a test can see that it would notice.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from pasvu.channel import engine
from pasvu.channel.keeper import Keeper
from pasvu.channel.settings import load
from pasvu.door.house import opened
from pasvu.door.product import Product
from pasvu.publish import sending
from pasvu.publish.youtube import quota

# Imported before the first fork: Google's client and the stand-in's, a second of work each.
from pasvu.publish.youtube.client import Client  # noqa: F401  # isort: skip


def main(home: Path) -> None:
    # The kernel buries the killed.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING, format="%(process)d %(levelname)s %(name)s: %(message)s")
    # Hundreds of jobs in minutes: what the ledger does at its limits is tested elsewhere.
    quota.LIMITS.update(dict.fromkeys(quota.LIMITS, 10**9))
    # A worker that falls silent is given up after seconds instead of a minute.
    Keeper.EVERY_S, Keeper.DEAD_S = 0.3, 2.0
    engine.QUEUE_POLL_S = 0.1
    if os.environ.pop("PASVU_NAIVE", None):
        sending.Sending.about_to_finish = lambda _self: None  # type: ignore[method-assign]
    print("ready", flush=True)
    for _line in sys.stdin:
        worker = os.fork()
        if not worker:
            with suppress(BaseException):
                work(home)
            os._exit(1)
        print(worker, flush=True)


def work(home: Path) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with opened(load(home)) as house:
        try:
            Product(house).work()
        except BaseException:
            logging.exception("the worker could not start")
            raise
        threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
