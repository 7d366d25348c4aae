"""The audience as the server draws it: each figure says when it was measured, each chart has words, a table, a file."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from pasvu.channel import figures, tokens
from pasvu.channel.clock import SetClock
from pasvu.channel.episodes import made_timeline
from pasvu.channel.models import Episode, Publication
from pasvu.channel.values import LiveAudience, RemoteFigures, RemoteLive
from pasvu.publish.counting import count
from pasvu.publish.desk import Desk
from pasvu.web.house import house
from pasvu.web.pages.audience import week
from web.channel import NOW, Channel, Linked, reported
from web.conftest import Come, open_app


def chart(page: str, name: str) -> dict[str, Any]:
    found = re.search(rf'id="{name}-data">(.*?)</script>', page)
    assert found is not None
    spec: dict[str, Any] = json.loads(found[1])
    return spec


def sheet(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_every_figure_says_when_it_was_measured(app: Flask, come: Come) -> None:
    page = come(app, "Yann Le Goff").page("/audience")
    rows = re.findall(r"<tr>\s*<th scope=\"row\"><div>.*?</tr>", page, re.S)
    assert len(rows) == 8
    assert all("09:41" in row for row in rows)
    assert "fois" in page


def test_no_audience_yet_says_so(fresh: Channel, come: Come) -> None:
    assert "Pas encore d’audience." in come(open_app(fresh), "Ada Minh").page("/audience")


@pytest.mark.parametrize(
    "path",
    [
        "/audience",
        "/audience/episode/{Le village sans médecin}",
        "/audience/episode/{L’eau du plateau}",
        "/audience/emission/le-grand-angle",
        "/audience/comparer?e={Le village sans médecin}&e={Sortie d’usine}",
        "/audience/directs",
    ],
)
def test_every_chart_has_a_sentence_a_table_and_a_file(app: Flask, channel: Channel, come: Come, path: str) -> None:
    yann = come(app, "Yann Le Goff")
    page = yann.page(path.format(**channel.ids))
    sections = page.split('<section class="sheet chart"')[1:]
    assert sections
    for section in sections:
        assert 'role="img"' in section
        assert re.search(r'<p class="hint">\s*\S', section)
        assert "<table" in section
        files = re.findall(r'href="([^"]+)" download', section)
        assert files
        for address in files:
            reply = yann.get(address.replace("&amp;", "&"))
            assert reply.mimetype == "text/csv"
            assert len(sheet(reply.get_data(as_text=True))) > 1


@pytest.fixture
def loaded() -> Iterator[list[Publication]]:
    """The publications read whole while a test runs."""
    found: list[Publication] = []

    def note(each: Publication, _context: object) -> None:
        found.append(each)

    event.listen(Publication, "load", note)
    yield found
    event.remove(Publication, "load", note)


def test_figures_are_read_as_plain_values(app: Flask, channel: Channel, come: Come, loaded: list[Publication]) -> None:
    yann = come(app, "Yann Le Goff")
    one = channel.ids["Le village sans médecin"]
    for path in ("/audience", f"/audience/episode/{one}", "/audience/emission/le-grand-angle", "/audience/semaine"):
        yann.page(path)
    assert loaded == []


def test_views_by_day_add_up_to_the_period(app: Flask, come: Come) -> None:
    yann = come(app, "Yann Le Goff")
    rows = sheet(yann.get("/audience/jours.csv?jours=28").get_data(as_text=True))[1:]
    total = sum(int(row[1]) for row in rows)
    page = yann.page("/audience?jours=28").replace("\u202f", "")
    assert f"<p>{total}</p>" in page
    assert len(rows) == 28


def test_the_curve_of_an_episode_is_what_was_counted(app: Flask, channel: Channel, come: Come) -> None:
    yann = come(app, "Yann Le Goff")
    episode_id = channel.ids["Le village sans médecin"]
    spec = chart(yann.page(f"/audience/episode/{episode_id}"), "curve")
    own = next(line for line in spec["lines"] if line["style"] == "own")
    kept = sheet(yann.get(f"/audience/episode/{episode_id}/releves.csv").get_data(as_text=True))[1:]
    assert [point[1] for point in own["points"][1:]] == [int(row[1]) for row in kept]
    assert spec["bands"] == [[1, 0, "band"]]


def test_days_off_break_the_curve_and_are_said(fresh: Channel, come: Come) -> None:
    with fresh.record.write() as session:
        episode_id = fresh.on_air(session, "Sans relevé", "Terrain", "Malik Kone", NOW - timedelta(days=2), 9000).id
    fresh.clock.set(NOW + timedelta(days=6))

    class Later:
        name = "youtube"

        def figures(self, ids: list[str]) -> dict[str, RemoteFigures]:
            return {each: RemoteFigures(each, 9100, 9, 9) for each in ids}

    desk = Desk(fresh.record, SetClock(fresh.clock.now()), {"youtube": Later()}, timedelta(0))  # type: ignore[dict-item]
    assert count(desk, fresh.clock.now(), cadence=fresh.settings.cadence, zone=fresh.settings.zone) == 1
    page = come(open_app(fresh), "Ada Minh").page(f"/audience/episode/{episode_id}?fin=672")
    assert "Sans relevé" in page
    assert "lun. 23 nov.\u00a0· 09:41 à dim. 29 nov.\u00a0· 09:41" in page
    own = next(line for line in chart(page, "curve")["lines"] if line["style"] == "own")
    assert [point[1] for point in own["points"]].count(None) == 1
    overview = come(open_app(fresh), "Ada Minh").page("/audience")
    assert "réparties sur des jours sans relevé" in overview


def test_at_most_eight_episodes_are_compared(app: Flask, channel: Channel, come: Come) -> None:
    titles = [name for name, known in channel.ids.items() if " " in name]
    asked = "&".join(f"e={channel.ids[name]}" for name in titles)
    page = come(app, "Yann Le Goff").page(f"/audience/comparer?{asked}&e=nothing")
    spec = chart(page, "curves")
    assert len(spec["lines"]) == 8
    # A title found by its words is offered; one that never aired is not.
    found = come(app, "Yann Le Goff").page("/audience/comparer?q=plateau")
    assert re.findall(r'name="e" value="[^"]+"> <span>([^<]+)', found) == ["L’eau du plateau"]
    assert "Loyers : l’enquête" not in page


def test_a_title_that_looks_like_a_formula_is_text_in_a_spreadsheet(fresh: Channel, come: Come) -> None:
    with fresh.record.write() as session:
        episode = fresh.on_air(session, "Danger", "Terrain", "Malik Kone", NOW - timedelta(days=2), 900)
        session.get_one(Episode, episode.id).title = "=HYPERLINK(1)"
    text = come(open_app(fresh), "Ada Minh").get("/audience/mouvements.csv").get_data(as_text=True)
    assert sheet(text)[1][0] == "'=HYPERLINK(1)"


def test_what_is_not_there_says_so(app: Flask, channel: Channel, come: Come) -> None:
    yann = come(app, "Yann Le Goff")
    assert yann.get("/audience/episode/nothing").status_code == 404
    assert yann.get("/audience/emission/nothing").status_code == 404
    assert "Pas encore mesuré." in yann.page(f"/audience/episode/{channel.ids['ready']}")
    for path in ("/audience", "/audience/comparer", "/audience/jours.csv"):
        assert come(app, "Malik Kone").get(path).status_code == 403
        assert come(app).get(path).status_code == 302


def test_where_people_leave_is_drawn_over_chapters_and_jumps_into_the_preview(fresh: Channel, come: Come) -> None:
    with fresh.record.write() as session:
        episode_id = fresh.on_air(session, "Vu de près", "Terrain", "Malik Kone", NOW - timedelta(days=6), 9000).id
        timeline = made_timeline(session.get_one(Episode, episode_id))
    yann = come(open_app(fresh), "Yann Le Goff")
    assert "Pas encore mesurable" in yann.page(f"/audience/episode/{episode_id}")
    with fresh.record.write() as session:
        reported(session, session.get_one(Episode, episode_id), NOW)
    page = yann.page(f"/audience/episode/{episode_id}")
    assert "«\u202fLa suite\u202f», où restent 50\u202f%" in page
    assert "jusqu’au 19 novembre (jours de Californie)" in page
    assert "recherche YouTube" in page
    assert "France" in page
    spec = chart(page, "retention")
    assert [title for _at, title in spec["marks"]] == ["Ouverture", "La suite"]
    # The film begins where the trim does: the jump is in the recording's own time, which the preview keeps.
    assert spec["jumps"][49] == pytest.approx(timeline.start_s + timeline.duration_s / 2, abs=1)
    rows = sheet(yann.get(f"/audience/episode/{episode_id}/retention.csv").get_data(as_text=True))
    assert len(rows) == 101
    shares = sheet(yann.get(f"/audience/episode/{episode_id}/provenance.csv").get_data(as_text=True))
    assert shares[2][1] == "'=SUM(1)"


def test_the_week_says_what_was_gained_and_what_aired(app: Flask, channel: Channel, come: Come) -> None:
    yann = come(app, "Yann Le Goff")
    page = yann.page("/audience/semaine?du=2026-11-18")
    assert "Du 16 novembre au 22 novembre 2026" in page
    for title in ("Sortie d’usine", "Le village sans médecin", "Paroles de nuit"):
        assert title in page
    assert "Qui parle à la télé" not in page
    rows = sheet(yann.get("/audience/jours.csv?jours=28").get_data(as_text=True))[1:]
    total = sum(int(gained) for day, gained, _ in rows if "2026-11-16" <= day <= "2026-11-22")
    assert f"{total:,} vues".replace(",", "\u202f") in page
    # The last whole week is what a Monday morning looks back on; a rubbish date is no fault.
    assert "Du 16 novembre au 22 novembre 2026" in yann.page("/audience/semaine?du=rubbish")
    bare = yann.page("/audience/semaine?du=2025-01-01")
    assert "Aucun épisode n’a paru" in bare
    assert "Dès qu’un épisode est en ligne" in bare, "what will come"
    assert "0 vue" not in bare


def test_the_week_as_a_mail_needs_nothing_of_the_panel(app: Flask, channel: Channel) -> None:
    with app.test_request_context():
        page = week.mail(house())
    assert "Le village sans médecin" in page
    assert not re.search(r"<script|<link|url\(|href=|src=", page)


def broadcast(channel: Channel, *, people: int | None = 4012, over: bool = True) -> None:
    """A broadcast of an hour that nothing announced, ten minutes of it unseen, at its fullest at 21:20 in Paris."""
    start = NOW - timedelta(hours=12, minutes=41)
    with channel.record.write() as session:
        told = RemoteLive("surprise123", "=Direct surprise", start, None, start)
        live = figures.notice(session, "youtube", told, start + timedelta(minutes=1))
        for minute in (*range(1, 30), *range(40, 60)):
            at = start + timedelta(minutes=minute)
            seen = None if people is None else people - 50 * abs(minute - 20)
            figures.keep_live(session, live, LiveAudience("surprise123", seen, start, None), at, timedelta(minutes=1))
        if over:
            end = start + timedelta(hours=1)
            figures.keep_live(session, live, LiveAudience("surprise123", None, start, end), NOW, timedelta(minutes=1))


def test_an_unannounced_live_is_a_precise_sentence_a_curve_a_table_and_a_file(fresh: Channel, come: Come) -> None:
    yann = come(open_app(fresh), "Yann Le Goff")
    assert "Aucun direct sur cette période." in yann.page("/audience/directs")
    broadcast(fresh)
    page = yann.page("/audience/directs")
    for words in (
        "jusqu’à <mark>4\u202f012 personnes</mark> en même temps, à 21:20, sur un direct que rien n’annonçait",
        "(dimanche 22 novembre 2026, 1\u202fh\u202f00).",
        "En moyenne 3\u202f", "sur 47 minutes relevées",
        "de 21:29 à 21:40",
    ):  # fmt: skip
        assert words in page, words
    one = yann.page("/audience/direct/surprise123")
    spec = chart(one, "live")
    assert max(point[1] for point in spec["lines"][0]["points"] if point[1]) == 4012
    assert [point[1] for point in spec["lines"][0]["points"]].count(None) == 1
    assert spec["marks"] == [[1200, "au plus fort"]]
    rows = sheet(yann.get("/audience/direct/surprise123.csv").get_data(as_text=True))
    assert len(rows) == 50
    log = sheet(yann.get("/audience/directs.csv").get_data(as_text=True))
    assert (log[1][0], log[1][5]) == ("'=Direct surprise", "4012")
    assert yann.get("/audience/direct/nothing").status_code == 404
    week_page = yann.page("/audience/semaine?du=2026-11-18")
    assert "Les directs de la semaine" in week_page
    assert "non annoncé" in week_page
    assert "Guetter les directs en prend 720 de plus" in yann.page("/audience")
    # Apart from views: the log adds nothing to what the channel gained.
    assert "Aucun relevé" not in page


def test_a_live_that_is_on_is_said_at_once_and_hidden_people_are_not_zero(fresh: Channel, come: Come) -> None:
    broadcast(fresh, people=None, over=False)
    yann = come(open_app(fresh), "Yann Le Goff")
    page = yann.page("/audience/direct/surprise123")
    assert "YouTube ne dit pas combien de personnes regardent" in page
    assert "pas de chiffre" in page
    assert "<b>En direct</b>" in yann.page("/audience")
    headers = {"Authorization": "Bearer " + _key(fresh)}
    told = open_app(fresh).test_client().get("/metrics", headers=headers).text
    assert 'pasvu_lives{platform="youtube"} 1.0' in told
    assert "pasvu_live_viewers{" not in told


def _key(channel: Channel) -> str:
    with channel.record.write() as session:
        return tokens.create(session, "Tableau", channel.clock.now(), "Ada Minh")


def test_a_right_that_is_missing_is_said_where_it_is_missed_with_what_cures_it(fresh: Channel, come: Come) -> None:
    with fresh.record.write() as session:
        episode_id = fresh.on_air(session, "Vu de loin", "Terrain", "Malik Kone", NOW - timedelta(days=6), 9000).id
    app = open_app(fresh, linkings={"youtube": Linked()})
    said = "ne comprend pas les statistiques détaillées"
    pages = ("/audience", f"/audience/episode/{episode_id}", "/reglages/plateformes")
    ada = come(app, "Ada Minh")
    assert not any(said in ada.page(path) for path in pages)
    lacking = open_app(fresh, linkings={"youtube": Linked(with_statistics=False)})
    ada, yann = come(lacking, "Ada Minh"), come(lacking, "Yann Le Goff")
    for path in pages:
        assert said in ada.page(path), path
        assert "Renouveler l’autorisation</a>" in ada.page(path)
    assert said in yann.page("/audience")
    assert "L’administration peut la renouveler." in yann.page("/audience")


def test_a_long_programme_is_shown_a_page_at_a_time(fresh: Channel, come: Come) -> None:
    with fresh.record.write() as session:
        for number in range(27):
            aired = NOW - timedelta(minutes=70 + number)
            fresh.on_air(session, f"Numéro {number}", "Terrain", "Malik Kone", aired, 900 + number)
    yann = come(open_app(fresh), "Yann Le Goff")
    first = yann.page("/audience/emission/terrain?jours=7")
    second = yann.page("/audience/emission/terrain?jours=7&page=2")
    assert "27 épisodes sur la période" in first
    titles = [re.findall(r">(Numéro \d+)</a>", page) for page in (first, second)]
    assert [len(each) for each in titles] == [25, 2]
    assert len({*titles[0], *titles[1]}) == 27
    # The chart and the file hold all of them, whatever the page.
    assert len([line for line in chart(second, "curves")["lines"] if line["label"].startswith("Numéro")]) == 27
    assert len(sheet(yann.get("/audience/emission/terrain.csv?jours=7").get_data(as_text=True))) == 28
    assert yann.page("/audience/emission/terrain?jours=7&page=99").count("<tr>") == second.count("<tr>")
