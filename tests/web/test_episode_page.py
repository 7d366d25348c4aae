"""An episode's page and what is done on it: nothing typed is lost, nothing is shown that was not escaped."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from pasvu.channel import episodes, intake, publications, queries, review
from pasvu.channel.models import Episode, Publication
from pasvu.channel.states import EpisodeState, PublicationState
from pasvu.channel.values import Chapter, Limit
from pasvu.publish.youtube.objections import chapter_objections
from pasvu.web.deeds import DEEDS
from web.channel import Channel
from web.conftest import Come, Visitor, open_app

INES = "Inès Belkacem"


class Objecting:
    """A platform that finds fault with a word."""

    name = "youtube"

    def objections(self, metadata: object) -> list[str]:
        return ["Le titre crie."] if "!!!" in metadata.title else []  # type: ignore[attr-defined]

    def limits(self, metadata: object) -> list[Limit]:
        return [Limit("title", len(metadata.title), 100, "chars")]  # type: ignore[attr-defined]

    def watch_url(self, video_id: str) -> str:
        return f"https://exemple.test/{video_id}"


@pytest.fixture
def one(fresh: Channel) -> str:
    with fresh.record.write() as session:
        return fresh.to_review(session, "L’hôpital qui ferme la nuit", "Le Grand Angle").id


@pytest.fixture
def ines(fresh: Channel, come: Come) -> Visitor:
    return come(open_app(fresh, platforms={"youtube": Objecting()}), INES)


def read(channel: Channel, ref: str) -> Episode:
    with channel.record.read() as session:
        episode = episodes.find(session, ref)
        _ = [episode.publications, episode.chapters, episode.remarks, episode.guests, episode.thumbnails]
        return episode


def version(page: str) -> str:
    return re.search(r'name="version" value="(\d+)"', page)[1]  # type: ignore[index]


def test_the_fiche_is_kept(fresh: Channel, ines: Visitor, one: str) -> None:
    typed = {
        "title": "L’hôpital  qui ferme",
        "summary": "Deux\r\nlignes",
        "programme": "terrain",
        "tags": "santé, nuit ,, santé",
        "guests": "Sonia Marchetti, infirmière\r\nPaul Ravel",
        "recorded_on": "2026-11-18",
        "language": "fr",
        "version": version(ines.page(f"/e/{one}")),
    }
    assert ines.post(f"/e/{one}/fiche", typed).status_code == 303
    episode = read(fresh, one)
    assert episode.title == "L’hôpital qui ferme"
    assert episode.summary == "Deux\nlignes"
    assert episode.tags == ["santé", "nuit"]
    assert [(guest.name, guest.role) for guest in episode.guests] == [
        ("Sonia Marchetti", "infirmière"),
        ("Paul Ravel", ""),
    ]
    assert "Fiche enregistrée" in ines.page(f"/e/{one}")


def test_a_stale_form_loses_nothing(fresh: Channel, ines: Visitor, one: str) -> None:
    old = version(ines.page(f"/e/{one}"))
    with fresh.record.write() as session:
        episodes.edit(session, episodes.find(session, one), {"title": "Titre de Jeanne"}, fresh.clock.now(), "Jeanne")
    typed = {"title": "Titre d’Inès", "summary": "Un long texte tapé.", "version": old}
    reply = ines.post(f"/e/{one}/fiche", typed)
    page = html.unescape(reply.get_data(as_text=True))
    assert reply.status_code == 409
    assert "a été modifié entre-temps" in page
    assert 'value="Titre d’Inès"' in page
    assert "Un long texte tapé." in page
    assert "Titre de Jeanne" in page
    assert read(fresh, one).title == "Titre de Jeanne"
    again = ines.post(f"/e/{one}/fiche", {**typed, "version": version(page)})
    assert again.status_code == 303
    assert read(fresh, one).title == "Titre d’Inès"


def test_a_remark_does_not_make_forms_stale(fresh: Channel, ines: Visitor, one: str, come: Come) -> None:
    old = version(ines.page(f"/e/{one}"))
    malik = come(ines.client.application, "Malik Kone")
    malik.post(f"/e/{one}/remarques", {"text": "Le son sature.", "at": "1:02"})
    assert ines.post(f"/e/{one}/fiche", {"title": "Autre", "version": old}).status_code == 303
    remark = read(fresh, one).remarks[0]
    assert (remark.author, remark.time_s) == ("Malik Kone", 62.0)
    mark = re.compile(r'data-seek="62.0" title="Le son sature."><span class="vh">Remarque de Malik Kone à 1:02')
    assert mark.search(ines.page(f"/e/{one}"))
    assert ines.post(f"/remarques/{remark.id}/traitee").status_code == 303
    assert read(fresh, one).remarks[0].done_at is not None
    assert not mark.search(ines.page(f"/e/{one}")), "what is done marks the film no more"


def test_an_unreadable_remark_time_keeps_the_words(ines: Visitor, one: str) -> None:
    reply = ines.post(f"/e/{one}/remarques", {"text": "Le bandeau", "at": "vers la fin"})
    assert reply.status_code == 422
    assert "Le bandeau" in reply.get_data(as_text=True)


def test_a_new_cut_is_asked_for(fresh: Channel, ines: Visitor, one: str) -> None:
    reply = ines.post(f"/e/{one}/coupe", {"start": "0:00:10.500", "end": "1:00", "version": read(fresh, one).version})
    assert reply.status_code == 303
    episode = read(fresh, one)
    assert (episode.trim_start_s, episode.trim_end_s) == (10.5, 60.0)
    assert episode.waits_for_cut
    assert episode.state == EpisodeState.PROCESSING
    assert "En préparation" in ines.page(f"/e/{one}")


@pytest.mark.parametrize(("start", "end", "why"), [("60", "10", "sort de"), ("dix", "60", "n’est pas un temps")])
def test_a_wrong_cut_is_shown_again(fresh: Channel, ines: Visitor, one: str, start: str, end: str, why: str) -> None:
    reply = ines.post(f"/e/{one}/coupe", {"start": start, "end": end})
    page = reply.get_data(as_text=True)
    assert reply.status_code == 409
    assert why in page
    assert f'value="{start}"' in page
    assert not read(fresh, one).waits_for_cut


def test_chapters_are_replaced_in_order(fresh: Channel, ines: Visitor, one: str) -> None:
    ines.post(f"/e/{one}/chapitres", {"at": ["1:00", "0:05", ""], "chapter": ["Suite", "Début", ""]})
    assert [(mark.start_s, mark.title) for mark in read(fresh, one).chapters] == [(5.0, "Début"), (60.0, "Suite")]


def test_a_still_is_chosen(fresh: Channel, ines: Visitor, one: str) -> None:
    other = next(still for still in read(fresh, one).thumbnails if not still.chosen)
    ines.post(f"/e/{one}/vignette", {"still": other.id})
    assert [still.id for still in read(fresh, one).thumbnails if still.chosen] == [other.id]


def test_the_road_from_review_to_the_calendar(fresh: Channel, ines: Visitor, one: str) -> None:
    assert ines.post(f"/e/{one}/valider", {"version": read(fresh, one).version}).status_code == 303
    assert read(fresh, one).approved_by == INES
    page = ines.page(f"/e/{one}")
    free = re.findall(r'name="quand" value="([^"]+)"', page)
    assert free[0] == "2026-11-26T18:00:00Z", "the programme's own slot, Thursday 19:00 in Paris"
    ines.post(f"/e/{one}/programmer", {"jour": "2026-11-27", "heure": "20:30"})
    publication = read(fresh, one).publications[0]
    assert publication.scheduled_at.isoformat() == "2026-11-27T19:30:00+00:00"
    assert publication.wall_time == "2026-11-27T20:30 Europe/Paris"
    ines.post(f"/e/{one}/deprogrammer")
    assert read(fresh, one).publications[0].scheduled_at is None
    ines.post(f"/e/{one}/renvoyer", {"note": "Refaire la fin."})
    episode = read(fresh, one)
    assert episode.state == EpisodeState.CHANGES_REQUESTED
    assert episode.remarks[-1].text == "Refaire la fin."
    ines.post(f"/e/{one}/rouvrir")
    ines.post(f"/e/{one}/retirer")
    assert read(fresh, one).state == EpisodeState.WITHDRAWN


def test_an_hour_that_was_missed_is_made_up_for_by_a_button(fresh: Channel, ines: Visitor, one: str) -> None:
    ines.post(f"/e/{one}/valider", {"version": read(fresh, one).version})
    ines.post(f"/e/{one}/programmer", {"jour": "2026-11-27", "heure": "20:30"})
    assert "Publier maintenant" not in ines.page(f"/e/{one}")
    with fresh.record.write() as session:
        publication = session.get_one(Publication, read(fresh, one).publications[0].id)
        publication.scheduled_at = fresh.clock.now() - timedelta(hours=1)
        publications.move(session, publication, PublicationState.FAILED, fresh.clock.now(), "L’heure est passée.")
    assert "Publier maintenant" in ines.page(f"/e/{one}")
    ines.post(f"/e/{one}/maintenant")
    publication = read(fresh, one).publications[0]
    assert (publication.at_once, publication.state) == (True, PublicationState.PLANNED)


def test_the_pace_and_the_time_left_of_a_sending_are_shown(fresh: Channel, ines: Visitor, one: str) -> None:
    ines.post(f"/e/{one}/valider", {"version": read(fresh, one).version})
    ines.post(f"/e/{one}/programmer", {"jour": "2026-11-27", "heure": "20:30"})
    with fresh.record.write() as session:
        publication = session.get_one(Publication, read(fresh, one).publications[0].id)
        publications.move(session, publication, PublicationState.UPLOADING, fresh.clock.now())
        publication.total_bytes, publication.uploaded_bytes, publication.rate_bytes_s = 90_000_000, 30_000_000, 1e6
    page = ines.page(f"/e/{one}")
    assert "par seconde, encore 1:00" in page


@pytest.mark.parametrize(
    ("day", "hour", "why"),
    [
        ("2027-03-28", "02:30", "n’existe pas"),
        ("2027-10-31", "02:30", "arrive deux fois"),
        ("2026-11-01", "10:00", "déjà passé"),
    ],
)
def test_impossible_instants_are_refused_in_words(
    fresh: Channel, ines: Visitor, one: str, day: str, hour: str, why: str
) -> None:
    ines.post(f"/e/{one}/valider")
    again = ines.post(f"/e/{one}/programmer", {"jour": day, "heure": hour}).headers["Location"]
    dialogue = ines.page(again).split('id="programmer"')[1].split("</dialog>")[0]
    # Open again where another hour can be typed, with the reason and with what was typed.
    assert "data-opened" in dialogue
    assert why in dialogue
    assert f'value="{day}"' in dialogue
    assert f'value="{hour}"' in dialogue
    assert not read(fresh, one).publications


def test_what_the_platform_refuses_blocks_and_is_listed(fresh: Channel, ines: Visitor, one: str) -> None:
    ines.post(f"/e/{one}/fiche", {"title": "Scandale !!!"})
    assert "YouTube\u202f: Le titre crie." in ines.page(f"/e/{one}")
    ines.post(f"/e/{one}/valider")
    ines.post(f"/e/{one}/programmer", {"jour": "2026-11-27", "heure": "20:30"})
    assert "ne peut pas partir" in ines.page(f"/e/{one}")
    assert not read(fresh, one).publications


def test_chapters_block_only_where_the_platform_would_list_them(fresh: Channel, come: Come, one: str) -> None:
    class Strict(Objecting):
        def objections(self, metadata: object) -> list[str]:
            return chapter_objections(metadata.description)  # type: ignore[attr-defined]

    visitor = come(open_app(fresh, platforms={"youtube": Strict()}), INES)
    with fresh.record.write() as session:
        review.set_chapters(session, episodes.find(session, one), [Chapter(0.0, "Le four")], fresh.clock.now(), INES)

    def lines() -> list[tuple[str, str]]:
        listed = visitor.page(f"/e/{one}").split('id="ready-list"')[1].split("</ul>")[0]
        return re.findall(r'<li class="(\S+(?: blocks)?)"><(?:a href="#chapitres"|span)>([^<]*hapitres[^<]*)', listed)

    assert lines() == [("n blocks", "YouTube\u202f: Il faut au moins trois chapitres dans la description, ou aucun.")]
    with fresh.record.write() as session:
        show = episodes.find(session, one).programme
        assert show is not None
        show.description_template = "{summary}"
    assert lines() == [("n", "Il faut au moins trois chapitres, ou aucun.")]


def test_quarantine_says_why_and_how_to_go_on(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        episode = fresh.received(session, "Rushes", None)
        intake.quarantine(session, episode, "Le fichier est vide.", fresh.clock.now())
        ref = episode.id
    assert "Le fichier est vide." in ines.page(f"/e/{ref}")
    assert ines.post(f"/e/{ref}/relancer").status_code == 303
    assert read(fresh, ref).state == EpisodeState.RECEIVED


def test_hostile_names_stay_text(fresh: Channel, ines: Visitor) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    with fresh.record.write() as session:
        episode = fresh.to_review(session, evil, None)
        review.comment(session, episode, evil, fresh.clock.now(), evil)
        episodes.edit(session, episode, {"tags": [evil], "guests": [(evil, evil)]}, fresh.clock.now(), evil)
        ref = episode.id
    for path in (
        "/",
        f"/e/{ref}",
        f"/e/{ref}/etat",
        "/calendrier",
        "/reglages/journal",
        "/?q=<script>alert(3)</script>",
    ):
        page = ines.page(path)
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path


def test_the_status_answers_nothing_new(fresh: Channel, ines: Visitor, one: str) -> None:
    live = html.unescape(re.search(r'data-live="([^"]+)"', ines.page(f"/e/{one}"))[1])  # type: ignore[index]
    assert ines.get(live).status_code == 204
    with fresh.record.write() as session:
        episodes.edit(session, episodes.find(session, one), {"title": "Nouveau"}, fresh.clock.now(), "Jeanne")
    reply = ines.get(live)
    assert reply.status_code == 200
    assert "data-reload" in reply.get_data(as_text=True)


def test_a_page_that_saved_past_a_change_of_state_is_told_of_it(fresh: Channel, ines: Visitor, one: str) -> None:
    live = html.unescape(re.search(r'data-live="([^"]+)"', ines.page(f"/e/{one}"))[1])  # type: ignore[index]
    with fresh.record.write() as session:
        review.approve(session, episodes.find(session, one), fresh.clock.now(), "Jeanne")
    # What the page does after a save of its own: it stands on the newest version, and on the state it has drawn.
    newest = re.sub(r"version=\d+", f"version={read(fresh, one).version}", live)
    assert "data-reload" in ines.page(newest)


def test_the_journal_reads_as_words(fresh: Channel, ines: Visitor, one: str) -> None:
    ines.post(f"/e/{one}/coupe", {"start": "10", "end": "60"})
    page = ines.page(f"/e/{one}")
    assert "a changé la coupe" in page
    assert "0:00:10–0:01:00" in page
    with fresh.record.read() as session:
        actions = {entry.action for entry in queries.history(session, limit=500)}
    assert actions <= set(DEEDS)


def test_a_part_that_came_late_is_joined_from_either_page(fresh: Channel, one: str, come: Come) -> None:
    app = open_app(fresh)
    malik, staff = come(app, "Malik Kone"), come(app, "Yann Le Goff")
    with fresh.record.write() as session:
        part = fresh.to_review(session, "Une suite", None)
        for number, each in enumerate((episodes.find(session, one), part), 1):
            each.recording.parts[0].series, each.recording.parts[0].number = "plateau", number
        second = part.id
        review.approve(session, episodes.find(session, one), fresh.clock.now(), INES)
    page = malik.page(f"/e/{second}")
    assert "renvoyez-le à relire pour l’y joindre" in page
    assert "Joindre à l’épisode" not in page
    with fresh.record.write() as session:
        review.reopen(session, episodes.find(session, one), fresh.clock.now(), INES)
    action = f'action="/e/{second}/joindre/{one}"'
    assert action in malik.page(f"/e/{one}")
    assert action in malik.page(f"/e/{second}")
    assert "est la suite de" in staff.page(f"/e/{second}")
    assert action not in staff.page(f"/e/{second}")
    assert staff.post(f"/e/{second}/joindre/{one}").status_code == 403
    assert malik.post(f"/e/{second}/joindre/{one}").headers["Location"].endswith(f"/e/{one}")
    page = malik.page(f"/e/{one}")
    assert "la préparation recommence" in page
    assert "a joint une suite arrivée plus tard" in page
    assert "Joint à l’épisode" in malik.page(f"/e/{second}")


def test_what_is_of_no_use_any_more_is_not_shown(channel: Channel, come: Come) -> None:
    ines = come(open_app(channel), INES)
    assert "Avant de programmer" in ines.page(f"/e/{channel.ids['review']}")
    assert "Avant de programmer" not in ines.page(f"/e/{channel.ids['edited']}"), "it is on air"
    assert "L’image arrive" not in ines.page(f"/e/{channel.ids['broken']}"), "nothing prepares it"
