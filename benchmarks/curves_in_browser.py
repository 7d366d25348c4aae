"""200 aligned curves in a real browser: how long they take to draw, against the same points drawn one chart each.

Usage: python benchmarks/curves_in_browser.py
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import years
from playwright.sync_api import sync_playwright
from years import ADMIN, NOW, PASSWORD

from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.web import files
from pasvu.web.app import create_app
from pasvu.web.serve import serve

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Six programmes over three years: 3,660 episodes put 200 of one programme into the last year.
EPISODES, SNAPSHOTS, ROUNDS = 3660, 30, 5


class NoJobs:
    """The panel without an engine."""

    def list(self, limit: int) -> list[object]:
        return []


def main() -> None:
    browser = os.environ.get("CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), None)
    if browser is None or not files.ready():
        print("left out: no Chromium, or the panel's files are missing (make setup)")
        sys.exit(0)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as play:
        settings = years.home_of(Path(name), EPISODES, SNAPSHOTS)
        record = Record(settings.url)
        app = create_app(
            record,
            settings,
            SetClock(NOW),
            platforms={},
            jobs=NoJobs(),  # type: ignore[arg-type]
            sandbox_url=lambda: None,
        )
        running = serve(app, "127.0.0.1", 0)
        chrome = play.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = chrome.new_page(base_url=f"http://127.0.0.1:{running.port}", viewport={"width": 1440, "height": 1000})
        page.goto("/connexion")
        page.get_by_label("Nom", exact=True).fill(ADMIN)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Entrer").click()
        page.wait_for_url("**/")
        took = []
        for _ in range(ROUNDS):
            page.goto("/audience/emission/hors-champ?jours=365")
            page.wait_for_function("document.documentElement.dataset.drawn !== undefined")
            took.append(int(page.evaluate("document.documentElement.dataset.drawn")))
        curves = page.evaluate("JSON.parse(document.querySelector('#curves-data').textContent).lines.length") - 3
        naive = page.evaluate(
            """() => {
              const { lines } = JSON.parse(document.querySelector('#curves-data').textContent);
              const box = document.body.appendChild(document.createElement('div'));
              const begun = performance.now();
              for (const line of lines) {
                const at = line.points.map((point) => point[0]);
                const views = line.points.map((point) => point[1]);
                new uPlot({ width: 1000, height: 380, scales: { x: { time: false } }, series: [{}, { stroke: 'red' }] },
                  [at, views], box);
              }
              return new Promise((done) =>
                requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun))));
            }"""
        )
        chrome.close()
        running.close()
        record.close()
    middle = sorted(took)[len(took) // 2]
    print(f"{curves} curves on one chart: {middle} ms; naive, a chart each: {naive:.0f} ms, ratio {naive / middle:.1f}")


if __name__ == "__main__":
    main()
