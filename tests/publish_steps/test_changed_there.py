"""What platforms show: our changes in the journal and undone, those of others seen, kept or put right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from channel.stage import AIR
from pasvu.channel import episodes, remote
from pasvu.channel.errors import Refused
from pasvu.channel.models import JournalEntry
from pasvu.channel.states import PublicationState
from pasvu.channel.values import Privacy

from .conftest import House

P = PublicationState
AIRED = AIR + timedelta(minutes=1)


def on_air(house: House) -> int:
    publication_id = house.hold()
    house.clock.set(AIRED)
    house.tick.tick()
    assert house.get(publication_id).state == P.ON_AIR
    return publication_id


def someone_edits(house: House, **fields: Any) -> None:
    """In Studio, some time after our last writing, and then we look."""
    house.clock.sleep(remote.SETTLES_WITHIN.total_seconds())
    video = house.platform.only_video()
    house.platform.alter(video.video_id, title=fields.get("title", video.title), fields={**video.fields, **fields})
    house.tick.tick()


def lines(house: House, action: str) -> list[JournalEntry]:
    with house.record.read() as session:
        return list(
            session.scalars(select(JournalEntry).where(JournalEntry.action == action).order_by(JournalEntry.id))
        )


def edit(house: House, publication_id: int, **changes: Any) -> None:
    with house.decide(publication_id) as (session, publication):
        episodes.edit(session, publication.episode, changes, house.clock.now(), "nadia")
    house.tick.tick()


def test_what_we_write_there_is_in_the_journal_before_and_after(house: House) -> None:
    publication_id = house.hold()
    (held,) = lines(house, "publication.changed")
    assert held.after == {"platform": "youtube", "publish_at": AIR.isoformat()}
    edit(house, publication_id, title="Corrigé", made_for_kids="oui")
    change = lines(house, "publication.changed")[-1]
    assert change.before == {"platform": "youtube", "title": "Le grand débat", "made_for_kids": False}
    assert change.after == {"platform": "youtube", "title": "Corrigé", "made_for_kids": True}
    # Telling it again changes nothing, and says nothing.
    house.decides(publication_id, lambda _s, each: episodes.unsettle(each.episode))
    house.tick.tick()
    assert len(lines(house, "publication.changed")) == 2


def test_an_edit_by_someone_else_is_seen_once_and_unseen_when_undone(house: House) -> None:
    publication_id = on_air(house)
    someone_edits(house, title="Mieux", tags=["x"])
    seen = house.get(publication_id)
    assert seen.drift == {"title": ["Le grand débat", "Mieux"], "tags": [[], ["x"]]}
    assert seen.drift_seen_at == house.clock.now()
    house.clock.sleep(60)
    house.tick.tick()
    assert len(lines(house, "publication.drift")) == 1
    assert house.get(publication_id).episode.version == seen.episode.version
    someone_edits(house, title="Le grand débat", tags=[])
    assert (house.get(publication_id).drift, house.get(publication_id).drift_seen_at) == (None, None)


def test_our_own_writing_is_no_edit_by_someone_else_even_when_the_platform_lags(house: House) -> None:
    publication_id = on_air(house)
    house.clock.sleep(3600)
    edit(house, publication_id, title="Corrigé")
    late = house.platform.only_video()
    # It still answers with what it held before.
    house.platform.alter(late.video_id, fields={**late.fields, "title": "Le grand débat"})
    house.clock.sleep(60)
    house.tick.tick()
    assert house.get(publication_id).drift is None


def test_theirs_is_kept_as_this_platforms_own_text(house: House) -> None:
    publication_id = on_air(house)
    someone_edits(house, title="Mieux", description="")
    house.decides(
        publication_id, lambda session, each: remote.keep_theirs(session, each.episode, "youtube", AIRED, "n")
    )
    kept = house.get(publication_id)
    assert (kept.drift, kept.episode.title) == (None, "Le grand débat")
    told = len(house.platform.changes)
    house.tick.tick()
    assert house.platform.only_video().title == "Mieux"
    # A later correction of something else leaves it alone.
    edit(house, publication_id, tags="a")
    video = house.platform.only_video()
    assert (video.title, video.fields["tags"]) == ("Mieux", ["a"])
    assert len(house.platform.changes) > told


def test_ours_is_put_back(house: House) -> None:
    publication_id = on_air(house)
    someone_edits(house, title="Pire")
    house.decides(publication_id, lambda session, each: remote.keep_ours(session, each.episode, "youtube", AIRED, "n"))
    house.tick.tick()
    assert house.platform.only_video().title == "Le grand débat"
    assert (house.get(publication_id).drift, house.get(publication_id).settled) == (None, True)
    with pytest.raises(Refused, match="Rien n’a été changé"), house.decide(publication_id) as (session, each):
        remote.keep_ours(session, each.episode, "youtube", AIRED, "n")


@pytest.mark.parametrize("keep", [remote.keep_ours, remote.keep_theirs])
def test_field_by_field(house: House, keep: Any) -> None:
    publication_id = on_air(house)
    someone_edits(house, title="Mieux", license="creativeCommon")
    with house.decide(publication_id) as (session, each):
        keep(session, each.episode, "youtube", house.clock.now(), "n", only=("title",))
        if keep is remote.keep_theirs:
            remote.keep_ours(session, each.episode, "youtube", house.clock.now(), "n")
    house.tick.tick()
    fields = house.platform.only_video().fields
    wanted = ("Le grand débat", "creativeCommon") if keep is remote.keep_ours else ("Mieux", "youtube")
    assert (fields["title"], fields["license"]) == wanted


@pytest.mark.parametrize("theirs", [Privacy.UNLISTED, Privacy.PRIVATE])
def test_who_sees_it_may_be_kept_or_put_right(house: House, theirs: Privacy) -> None:
    publication_id = on_air(house)
    video_id = house.platform.only_video().video_id
    for keep, seen in ((remote.keep_ours, Privacy.PUBLIC), (remote.keep_theirs, theirs)):
        house.clock.sleep(600)
        house.platform.alter(video_id, privacy=theirs)
        house.tick.tick()
        found = house.get(publication_id)
        assert found.drift == {"visibility": ["public", str(theirs)]}
        assert "n’est plus publique" in str(found.state_reason)
        with house.decide(publication_id) as (session, each):
            keep(session, each.episode, "youtube", house.clock.now(), "n")
        house.tick.tick()
        house.clock.sleep(600)
        house.tick.tick()
        settled = house.get(publication_id)
        assert (house.platform.only_video().privacy, settled.drift, settled.state_reason) == (seen, None, None)


def test_the_last_change_is_undone_and_only_once(house: House) -> None:
    publication_id = on_air(house)
    edit(house, publication_id, title="Deuxième")
    edit(house, publication_id, title="Troisième", summary="Neuf.")
    roll_back = lambda session, each: remote.roll_back(session, each.episode, "youtube", house.clock.now(), "n")  # noqa: E731
    house.decides(publication_id, roll_back)
    with pytest.raises(Refused, match="Aucun changement à annuler"):
        house.decides(publication_id, roll_back)
    house.tick.tick()
    fields = house.platform.only_video().fields
    assert (fields["title"], fields["description"]) == ("Deuxième", "")
    # The change came from the episode's own text: it went back too, and says so in its history.
    kept = house.get(publication_id).episode
    assert (kept.title, kept.summary, kept.texts) == ("Deuxième", "", None)
    assert lines(house, "episode.undo")[-1].after["title"] == "Deuxième"  # type: ignore[index]
    assert kept.approved_hash is not None
    house.clock.sleep(86400)
    house.tick.tick()
    settled = house.get(publication_id)
    assert (settled.settled, settled.drift, house.platform.only_video().title) == (True, None, "Deuxième")
    # Undoing was a change: undoing it brings the third back.
    house.decides(publication_id, roll_back)
    house.tick.tick()
    assert house.platform.only_video().title == "Troisième"
    # What all share anyway is no text of its own.
    assert house.get(publication_id).episode.texts is None
    assert house.get(publication_id).episode.title == "Troisième"


def test_undone_after_the_text_was_changed_again_the_platform_keeps_the_former_one(house: House) -> None:
    publication_id = on_air(house)
    edit(house, publication_id, title="Deuxième")
    with house.decide(publication_id) as (session, publication):
        episodes.edit(session, publication.episode, {"title": "Troisième, pas encore dite"}, house.clock.now(), "nadia")
        assert not remote.roll_back(session, publication.episode, "youtube", house.clock.now(), "nadia")
    house.tick.tick()
    assert house.platform.only_video().title == "Le grand débat"
    kept = house.get(publication_id).episode
    assert (kept.title, kept.texts) == ("Troisième, pas encore dite", {"youtube": {"title": "Le grand débat"}})


def test_going_on_air_and_being_planned_are_not_undone(house: House) -> None:
    publication_id = on_air(house)
    with pytest.raises(Refused, match="Aucun changement"), house.decide(publication_id) as (session, each):
        remote.roll_back(session, each.episode, "youtube", house.clock.now(), "n")


def test_something_else_on_one_platform_from_now_on(house: House) -> None:
    publication_id = on_air(house)
    with house.decide(publication_id) as (session, each):
        changes = {"title": "Pour YouTube", "visibility": "unlisted"}
        remote.change_now(session, each.episode, "youtube", changes, house.clock.now(), "nadia")
    house.tick.tick()
    video = house.platform.only_video()
    assert (video.title, video.privacy) == ("Pour YouTube", Privacy.UNLISTED)
    (line,) = lines(house, "publication.mean")
    assert (line.before, line.after) == (
        {"platform": "youtube", "title": "Le grand débat", "visibility": "public"},
        {"platform": "youtube", **changes},
    )
    with pytest.raises(Refused, match="visibilité"), house.decide(publication_id) as (session, each):
        remote.change_now(session, each.episode, "youtube", {"visibility": "secret"}, house.clock.now(), "n")


def test_a_catalogue_on_air_is_compared_once_a_night(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    publication_id = on_air(house)
    asked: list[int] = []
    state_of = house.platform.state_of
    monkeypatch.setattr(house.platform, "state_of", lambda ids: asked.append(len(ids)) or state_of(ids))
    house.clock.sleep(2 * 86400)
    house.tick.tick()
    asked.clear()
    for _ in range(20):
        house.clock.sleep(3600)
        house.tick.tick()
    # Held at six in the evening: of twenty hours, one holds the night's hour.
    assert asked == [1]
    assert house.get(publication_id).checked_at is not None
