"""One Chromium and one panel for the whole run; each test has its own window, whose console must stay silent."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect

from pasvu.channel import accounts, migrations, queries
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.settings import Settings
from pasvu.web import files
from pasvu.web.app import create_app
from pasvu.web.serve import serve
from web.channel import CADENCE, NOW, PASSWORD, Channel, FakeJobs, Linked, fill, frozen_spring, make_film

# A busy machine is slow, not wrong: to wait longer costs nothing where the page keeps its word.
expect.set_options(timeout=30_000)

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Without a graphics card, a process of its own for the drawing has nothing to protect.
    "--in-process-gpu",
    # French dates in the date fields, as the team sees them.
    "--lang=fr",
]
LEFT_OUT = (
    "Browser tests left out: no Chromium found. Install one (apt install chromium-headless-shell, or chromium) "
    "or set CHROMIUM=/path/to/chromium."
)
NO_FILES = "Browser tests left out: the panel's files are missing. Run `make setup` first."


def find_chromium() -> str | None:
    """`$CHROMIUM`, else the first browser of that family on PATH."""
    named = os.environ.get("CHROMIUM")
    if named and Path(named).exists():
        return named
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def why_left_out() -> str | None:
    if not files.ready():
        return NO_FILES
    return None if find_chromium() else LEFT_OUT


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if why_left_out() is None:
        return
    ours = [item for item in items if item.get_closest_marker("browser")]
    if ours:
        config.stash[_LEFT] = len(ours)
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]


_LEFT = pytest.StashKey[int]()


def pytest_unconfigure(config: pytest.Config) -> None:
    # After everything else has been printed: the run's last line says it.
    if config.stash.get(_LEFT, 0):
        print(why_left_out())


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    # Another zone than the channel's, on purpose: times must be the channel's all the same.
    return {
        **browser_context_args,
        "locale": "fr-FR",
        "timezone_id": "America/New_York",
        "viewport": {"width": 1440, "height": 1000},
    }


@dataclass
class Panel:
    """The running panel and the record behind it."""

    address: str
    channel: Channel

    @property
    def ids(self) -> dict[str, str]:
        return self.channel.ids


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    folder = tmp_path_factory.mktemp("panel")
    settings = Settings(home=folder / "home", replays=True, views_cadence=CADENCE)
    migrations.upgrade(settings.url, settings.home / "run")
    film = make_film(folder / "film.mp4")
    channel = Channel(settings, Record(settings.url), SetClock(NOW), FakeJobs(), film)
    channel.ids = fill(channel)
    frozen_spring(channel)
    with channel.record.write() as session:
        for name in ("Inès Belkacem", "Ada Minh"):
            account = accounts.find(session, name)
            account.last_seen_at = NOW
            account.previous_visit_at = NOW.replace(day=20, hour=17, minute=4)
            account.previous_visit_views = queries.all_views(session) - 35_942
    app = create_app(
        channel.record,
        settings,
        channel.clock,
        platforms={},
        jobs=channel.jobs,
        sandbox_url=lambda: "http://127.0.0.1:8091/",
        checks=lambda: [("ok", "Base à jour.", ""), ("warning", "Il reste 9 Go libres.", "Libérez de la place.")],
        linkings={"youtube": Linked()},
    )
    server = serve(app, "127.0.0.1", 0)
    yield Panel(f"http://127.0.0.1:{server.port}", channel)
    server.close()
    channel.record.close()


@pytest.fixture(scope="session")
def base_url(panel: Panel) -> str:
    return panel.address


@pytest.fixture
def noise() -> list[str]:
    """What a test makes the console say on purpose, such as a server that it takes away."""
    return []


@pytest.fixture(scope="session")
def context(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[BrowserContext]:
    """One profile of the browser for the whole run: making one costs more than what most tests do in it."""
    context = browser.new_context(**browser_context_args)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A new tab."""
    page = context.new_page()
    yield page
    page.close()


@pytest.fixture
def clean(page: Page, panel: Panel, noise: list[str]) -> Iterator[Page]:
    """A page that knows nobody yet and whose console must stay silent: that catches every slip of the policy too."""
    page.context.clear_cookies()
    glass = page.context.new_cdp_session(page)
    glass.send("Storage.clearDataForOrigin", {"origin": panel.address, "storageTypes": "all"})
    glass.detach()
    said: list[str] = []

    def written(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    def thrown(error: Error) -> None:
        said.append(str(error))

    page.on("console", written)
    page.on("pageerror", thrown)
    yield page
    page.remove_listener("console", written)
    page.remove_listener("pageerror", thrown)
    left = [words for words in said if not any(meant in words for meant in noise)]
    assert not left, left


Enter = Callable[..., Page]


@pytest.fixture(scope="session")
def kept_cookies() -> dict[str, list[Any]]:
    return {}


@pytest.fixture
def enter(clean: Page, panel: Panel, kept_cookies: dict[str, list[Any]]) -> Enter:
    """`enter("Ada Minh", "/audience")`: signed in, on that page. The sign-in form itself has its own test."""

    def go(name: str = "Inès Belkacem", path: str = "/") -> Page:
        if name not in kept_cookies:
            clean.goto("/connexion")
            clean.get_by_label("Nom", exact=True).fill(name)
            clean.get_by_label("Mot de passe").fill(PASSWORD)
            clean.get_by_role("button", name="Entrer").click()
            clean.wait_for_url(re.compile(r"/$"))
            kept_cookies[name] = clean.context.cookies()
        clean.context.add_cookies(kept_cookies[name])
        clean.goto(path)
        return clean

    return go
