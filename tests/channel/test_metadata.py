"""What viewers of a platform would read: the episode's choice, else its programme's; other languages; own texts."""

from __future__ import annotations

from typing import Any

import pytest

from pasvu.channel import episodes, metadata, programmes, review
from pasvu.channel.database import Record
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode
from pasvu.channel.values import Localization, VideoMetadata
from pasvu.channel.videofields import differences, fields_of, with_fields

from .stage import NOW, approved, in_review

FLAGS = ("made_for_kids", "synthetic_media", "paid_promotion", "embeddable", "notify_subscribers")


def edit(session: Any, episode: Episode, **changes: Any) -> None:
    episodes.edit(session, episode, changes, NOW, "nadia")


def test_without_a_word_from_anyone_there_are_defaults(record: Record) -> None:
    with record.write() as session:
        meant = metadata.metadata(in_review(session))
        assert (meant.category_id, meant.license, meant.recorded_at) == ("25", "youtube", None)
        assert [getattr(meant, flag) for flag in FLAGS] == [False, False, False, True, True]


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_is_the_episodes_else_the_programmes(record: Record, flag: str) -> None:
    with record.write() as session:
        show = programmes.create(session, "Le Débat", NOW, "nadia")
        episode = in_review(session)
        edit(session, episode, programme="le-debat")
        programmes.change(session, show, {flag: True}, NOW, "nadia")
        assert getattr(metadata.metadata(episode), flag) is True
        edit(session, episode, **{flag: "non"})
        assert getattr(metadata.metadata(episode), flag) is False
        programmes.change(session, show, {flag: False}, NOW, "nadia")
        edit(session, episode, **{flag: ""})
        assert getattr(metadata.metadata(episode), flag) is False
        edit(session, episode, **{flag: "oui"})
        assert getattr(metadata.metadata(episode), flag) is True
        with pytest.raises(Refused, match="ni oui ni non"):
            edit(session, episode, **{flag: "peut-être"})


def test_category_licence_date_and_playlist(record: Record) -> None:
    with record.write() as session:
        show = programmes.create(session, "Le Débat", NOW, "nadia")
        programmes.change(session, show, {"playlist_id": "PL-show", "license": "creativeCommon"}, NOW, "nadia")
        episode = in_review(session)
        edit(session, episode, programme="le-debat", category="27", recorded_on="2026-11-20")
        meant = metadata.metadata(episode)
        assert (meant.category_id, meant.license, str(meant.recorded_at)) == (
            "27",
            "creativeCommon",
            "2026-11-20 00:00:00+00:00",
        )
        assert metadata.playlist(episode) == "PL-show"
        edit(session, episode, playlist="PL-own")
        assert metadata.playlist(episode) == "PL-own"
        edit(session, episode, playlist="-")
        assert metadata.playlist(episode) is None
        edit(session, episode, playlist="", license="youtube")
        assert (metadata.playlist(episode), metadata.metadata(episode).license) == ("PL-show", "youtube")
        for field, value in (("category", "30"), ("license", "cc0")):
            with pytest.raises(Refused, match="il y a"):
                edit(session, episode, **{field: value})
        for field, value in (("category_id", "30"), ("license", "cc0")):
            with pytest.raises(Refused, match="n’est pas une"):
                programmes.change(session, show, {field: value}, NOW, "nadia")


def test_other_languages_follow_the_programmes_wording_in_them(record: Record) -> None:
    with record.write() as session:
        show = programmes.create(session, "Le Débat", NOW, "nadia")
        wording = {"title_template": "{programme} – {title}", "description_template": "{summary}\n\nAbonnez-vous !"}
        programmes.change(session, show, wording, NOW, "nadia")
        episode = in_review(session)
        edit(session, episode, programme="le-debat", summary="Ce soir.")
        edit(session, episode, **{"title.en": "The great debate", "summary.en": "Tonight.", "title.es": "El debate"})
        english, spanish = metadata.metadata(episode).localizations
        assert english == Localization("en", "Le Débat – The great debate", "Tonight.\n\nAbonnez-vous !")
        # What is not translated stays in the video's own words.
        assert spanish == Localization("es", "Le Débat – El debate", "Ce soir.\n\nAbonnez-vous !")
        translated = {"translations": {"en": {"description_template": "{summary}\n\nSubscribe!"}}}
        programmes.change(session, show, translated, NOW, "nadia")
        assert metadata.metadata(episode).localizations[0].description == "Tonight.\n\nSubscribe!"
        edit(session, episode, **{"title.en": "", "summary.en": "", "title.es": ""})
        assert (metadata.metadata(episode).localizations, episode.localizations) == ((), None)
        with pytest.raises(Refused):
            edit(session, episode, **{"title.?": "x"})


def test_one_platform_may_show_its_own_text_and_the_others_do_not(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        own = {"title@peertube": "Titre libre", "tags@peertube": "a, b", "embeddable@peertube": "non"}
        edit(session, episode, **own)
        here, there = metadata.metadata(episode, "youtube"), metadata.metadata(episode, "peertube")
        assert (here.title, here.tags, here.embeddable) == ("Le grand débat", (), True)
        assert (there.title, there.tags, there.embeddable) == ("Titre libre", ("a", "b"), False)
        edit(session, episode, **dict.fromkeys(own, ""))
        assert (metadata.metadata(episode, "peertube"), episode.texts) == (here, None)
        with pytest.raises(Refused, match="texte de plateforme"):
            edit(session, episode, **{"owner@youtube": "x"})


def test_what_was_approved_before_these_fields_still_is_and_each_of_them_counts(record: Record) -> None:
    with record.write() as session:
        episode = approved(session)
        plain = episodes.fingerprint(episode)
        seen = {plain}
        for field, value in (
            ("category_id", "27"),
            ("license", "creativeCommon"),
            ("playlist_id", "PL"),
            ("localizations", {"en": {"title": "T"}}),
            ("texts", {"youtube": {"title": "T"}}),
            *((flag, True) for flag in FLAGS),
        ):
            setattr(episode, field, value)
            seen.add(episodes.fingerprint(episode))
            setattr(episode, field, None)
        assert (episodes.fingerprint(episode), len(seen)) == (plain, 11)
        # A correction keeps the approval, as any other.
        edit(session, episode, made_for_kids="oui")
        assert episode.approved_hash == episodes.fingerprint(episode) != plain
        review.reopen(session, episode, NOW, "nadia")


def test_fields_and_back() -> None:
    meant = with_fields(
        VideoMetadata("T", "D"),
        {"recorded_on": "2026-11-20", "tags": ["a"], "localizations": {"en": {"title": "E"}}, "unknown": 1},
    )
    assert with_fields(VideoMetadata("T", "D"), fields_of(meant)) == meant


@pytest.mark.parametrize(
    ("ours", "theirs", "different"),
    [
        ({"title": "a"}, {"title": "b"}, {"title": ["a", "b"]}),
        ({"title": "a"}, {}, {}),
        ({"description": "a\r\nb "}, {"description": "a\nb"}, {}),
        ({"tags": []}, {"tags": None}, {}),
        ({"embeddable": False}, {"embeddable": None}, {}),
        ({"localizations": {"en": {"title": "T", "description": ""}}}, {"localizations": {"en": {"title": "T"}}}, {}),
        ({"localizations": {}}, {"localizations": {"en": {}}}, {"localizations": [{}, {"en": {}}]}),
    ],
)
def test_differences(ours: dict[str, Any], theirs: dict[str, Any], different: dict[str, Any]) -> None:
    assert differences(ours, theirs) == different
