"""One episode on two platforms: instants, texts, limits and fates of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest

from channel.stage import AIR, NOW, PARIS, approved
from pasvu.channel import documents, episodes, metadata, planned, publications, remote, review
from pasvu.channel.engine import Jobs
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode, Publication
from pasvu.channel.states import JobState, PublicationState
from pasvu.channel.values import Privacy, VideoMetadata
from pasvu.publish.desk import Desk
from pasvu.publish.steps import PublishSteps
from pasvu.publish.workflow import PublishTick

from .conftest import MARGIN, House
from .fake import EVERY, FakePlatform

P = PublicationState
LATER = AIR + timedelta(hours=2)


@dataclass
class PeerTubeLike(FakePlatform):
    """Limits of PeerTube 7 (its REST specification): a name of 3 to 120, five tags of 2 to 30."""

    name: str = "peertube"

    def objections(self, metadata: VideoMetadata) -> list[str]:
        wrong = [] if 3 <= len(metadata.title) <= 120 else ["Le titre doit avoir de 3 à 120 caractères."]
        wrong += ["PeerTube prend cinq mots-clés."] if len(metadata.tags) > 5 else []
        return wrong + [f"Le mot-clé {tag} est trop court." for tag in metadata.tags if len(tag) < 2]


@dataclass
class Two:
    """A house with both."""

    house: House
    youtube: FakePlatform
    peertube: PeerTubeLike
    tick: PublishTick
    steps: PublishSteps
    episode_id: str

    def get(self, platform: str) -> Publication:
        with self.house.record.read() as session:
            found = publications.of(session.get_one(Episode, self.episode_id), platform)
            assert found is not None
            found.episode.state  # noqa: B018 - read while the session is open
            return found

    def act(self, do: Any) -> None:
        with self.house.record.write() as session:
            do(session, session.get_one(Episode, self.episode_id))

    def send(self, platform: str) -> None:
        publication_id = self.get(platform).id
        assert self.steps.send(publication_id, "job") == JobState.DONE
        assert self.steps.dress(publication_id) == JobState.DONE
        assert self.steps.hold(publication_id) == JobState.DONE

    def at(self, instant: Any) -> None:
        self.house.clock.set(instant)
        self.tick.tick()


@pytest.fixture
def two(house: House) -> Two:
    peertube = PeerTubeLike(house.clock)
    desk = Desk(house.record, house.clock, {"youtube": house.platform, "peertube": peertube}, MARGIN)
    tick = PublishTick(desk, cast(Jobs, house.jobs), EVERY)
    with house.record.write() as session:
        episode = approved(session, now=NOW, folder=house.folder)
        episodes.edit(session, episode, {"title@peertube": "Libre", "playlist": "PL-youtube"}, NOW, "nadia")
        for platform, at in (("youtube", AIR), ("peertube", LATER)):
            publications.schedule(session, episode, platform, at, PARIS, NOW, "nadia")
        episode_id = episode.id
    return Two(house, house.platform, peertube, tick, PublishSteps(desk), episode_id)


def test_each_goes_on_air_at_its_own_instant_with_its_own_text(two: Two) -> None:
    for platform in ("youtube", "peertube"):
        two.send(platform)
    assert (two.youtube.only_video().title, two.peertube.only_video().title) == ("Le grand débat", "Libre")
    assert (two.youtube.only_video().publish_at, two.peertube.only_video().publish_at) == (AIR, LATER)
    # A playlist is of one platform.
    assert [what for what, *_ in two.peertube.dressing] == ["thumbnail"]
    two.at(AIR + timedelta(seconds=30))
    assert (two.get("youtube").state, two.get("peertube").state) == (P.ON_AIR, P.HELD)
    # On air here, the other keeps the instant that was promised there.
    two.act(lambda session, episode: episodes.edit(session, episode, {"summary": "Neuf."}, NOW, "nadia"))
    two.tick.tick()
    assert two.peertube.only_video().publish_at == LATER
    assert {two.youtube.only_video().fields["description"], two.peertube.only_video().fields["description"]} == {
        "Neuf."
    }
    two.at(LATER + timedelta(seconds=30))
    assert (two.get("peertube").state, two.get("peertube").air_at) == (P.ON_AIR, LATER)
    with two.house.record.read() as session:
        shown = documents.episode_document(session, session.get_one(Episode, two.episode_id))["publications"]
    assert [(each["platform"], each["state"]) for each in shown] == [("youtube", "on_air"), ("peertube", "on_air")]


def test_the_second_may_be_planned_and_sent_once_the_first_is_on_air(two: Two) -> None:
    two.send("youtube")
    two.act(lambda session, episode: publications.unschedule(session, episode, "peertube", NOW, "nadia"))
    two.at(AIR + timedelta(seconds=30))
    now = two.house.clock.now()
    two.act(lambda session, each: publications.schedule(session, each, "peertube", LATER, PARIS, now, "nadia"))
    two.tick.tick()
    assert two.get("peertube").id in {publication_id for publication_id, _ in two.house.jobs.asked.values()}
    two.send("peertube")
    assert two.peertube.only_video().publish_at == LATER
    with pytest.raises(Refused, match="déjà en ligne"):
        two.act(lambda session, each: publications.schedule(session, each, "youtube", LATER, PARIS, now, "nadia"))


def test_limits_are_each_platforms_own(two: Two) -> None:
    with two.house.record.write() as session:
        episode = session.get_one(Episode, two.episode_id)
        episodes.edit(session, episode, {"tags": "a, bb, cc, dd, ee, ff"}, NOW, "nadia")
        assert two.youtube.objections(metadata.metadata(episode, "youtube")) == []
        assert len(two.peertube.objections(metadata.metadata(episode, "peertube"))) == 2
        episodes.edit(session, episode, {"tags@peertube": "bb, cc"}, NOW, "nadia")
        assert two.peertube.objections(metadata.metadata(episode, "peertube")) == []
        assert len(metadata.metadata(episode, "youtube").tags) == 6


def test_what_is_changed_planned_or_undone_there_stays_there(two: Two) -> None:
    for platform in ("youtube", "peertube"):
        two.send(platform)
    two.at(LATER + timedelta(seconds=30))
    now = two.house.clock.now()
    two.act(lambda session, each: remote.change_now(session, each, "peertube", {"visibility": "unlisted"}, now, "n"))
    two.act(
        lambda session, each: planned.plan(session, each, "youtube", {"title": "Après"}, PARIS, now, "n", after_s=86400)
    )
    two.tick.tick()
    assert (two.youtube.only_video().privacy, two.peertube.only_video().privacy) == (Privacy.PUBLIC, Privacy.UNLISTED)
    two.at(AIR + timedelta(days=1))
    assert (two.youtube.only_video().title, two.peertube.only_video().title) == ("Après", "Libre")
    two.act(lambda session, each: remote.roll_back(session, each, "youtube", now, "n"))
    two.tick.tick()
    assert (two.youtube.only_video().title, two.peertube.only_video().title) == ("Le grand débat", "Libre")
    video = two.peertube.only_video()
    two.house.clock.sleep(600)
    two.peertube.alter(video.video_id, fields={**video.fields, "title": "Autre"})
    two.tick.tick()
    assert (two.get("youtube").drift, list(two.get("peertube").drift or {})) == (None, ["title"])


def test_withdrawn_it_leaves_both(two: Two) -> None:
    for platform in ("youtube", "peertube"):
        two.send(platform)
    two.at(AIR + timedelta(seconds=30))
    two.act(lambda session, episode: review.withdraw(session, episode, NOW, "nadia"))
    two.at(LATER + timedelta(hours=1))
    assert {two.youtube.only_video().privacy, two.peertube.only_video().privacy} == {Privacy.PRIVATE}
