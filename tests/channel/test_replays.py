"""Finished lives asked for: who may ask for what, waiting for the site, and what the page reads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pasvu.channel import queries, replays, sites
from pasvu.channel.database import Record
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import JournalEntry, ReplayRequest
from pasvu.channel.states import ReplayState

from .stage import NOW, received

YOUTUBE = "https://www.youtube.com/watch?v=a1"
FACEBOOK = "https://www.facebook.com/pasvu/videos/123/"
ELSEWHERE = "https://media.example.org/direct.m3u8"


def ask(session, address=YOUTUBE, now=NOW, by="nadia", **said):  # type: ignore[no-untyped-def]
    return replays.ask(session, address, now, by, **{"allowed": True, "any_site": False, **said})


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (YOUTUBE, "youtube"),
        ("https://youtu.be/a1", "youtube"),
        ("https://m.facebook.com/watch/live/?v=1", "facebook"),
        ("https://fb.watch/x/", "facebook"),
        ("https://WWW.Twitch.TV/videos/1", "twitch"),
        ("https://vimeo.com./1", "vimeo"),
        (ELSEWHERE, "other"),
        ("https://youtube.com.evil.example/watch?v=1", "other"),
        ("https://notyoutube.com/watch", "other"),
    ],
)
def test_which_site_an_address_belongs_to(address: str, key: str) -> None:
    assert sites.site_of(address).key == key


def test_every_site_says_its_rules() -> None:
    assert all(len(site.rules) > 40 for site in (*sites.SITES, sites.ELSEWHERE))
    assert sites.by_key("facebook").keeps == timedelta(days=30)


def test_closed_until_the_setting_opens_it(record: Record) -> None:
    with record.write() as session, pytest.raises(Refused, match="replays = true"):
        ask(session, allowed=False)


def test_unknown_sites_are_for_producers(record: Record) -> None:
    with record.write() as session:
        with pytest.raises(Refused, match="YouTube, Facebook"):
            ask(session, ELSEWHERE)
        assert ask(session, ELSEWHERE, any_site=True).site == "other"
    assert "media" not in replays.ANY_SITE


def test_asking_is_written_down_and_asking_twice_refused(record: Record) -> None:
    with record.write() as session:
        made = ask(session, f"  {YOUTUBE} ", programme="le-grand-angle")
        assert made.state is ReplayState.ASKED
        assert made.programme is not None
        assert made.programme.slug == "le-grand-angle"
        line = session.query(JournalEntry).filter_by(action="replay.ask").one()
        assert (line.actor, line.after["address"]) == ("nadia", YOUTUBE)
    with record.write() as session, pytest.raises(Refused, match="déjà demandé, par nadia"):
        ask(session)


def test_a_live_that_is_an_episode_is_not_asked_for_again(record: Record) -> None:
    with record.write() as session:
        made = ask(session)
        replays.begin(made, NOW)
        episode = received(session, "Le direct")
        replays.receive(session, made, episode, 3600.0, 10, NOW)
        with pytest.raises(Refused, match=r"c’est l’épisode .*Le direct"):
            ask(session)
        with pytest.raises(Refused, match="déjà récupéré"):
            replays.retry(session, made, NOW, "nadia")
        assert replays.of_episode(session, episode.id) is made


def test_waiting_for_the_site_grows_longer_and_ends(record: Record) -> None:
    with record.write() as session:
        made, now, waited = ask(session), NOW, []
        for _ in range(7):
            assert [due.id for due in replays.due(session, now)] == [made.id]
            replays.wake(made, now)
            replays.begin(made, now)
            replays.wait(session, made, "Le site n’a pas fini.", now)
            assert made.next_try_at is not None
            assert not replays.due(session, made.next_try_at - timedelta(seconds=1))
            waited.append((made.next_try_at - now).total_seconds() / 60)
            now = made.next_try_at
        assert waited == [5, 10, 20, 30, 60, 60, 60]
        assert made.attempt == 7
        made.tries = replays.MOST_TRIES
        replays.wake(made, now)
        replays.begin(made, now)
        replays.wait(session, made, "Le site n’a pas fini.", now)
        assert made.state is ReplayState.FAILED
        replays.retry(session, made, now, "nadia")
        assert (made.state, made.tries, made.reason) == (ReplayState.ASKED, 0, None)


def test_stopping_and_trying_again(record: Record) -> None:
    with record.write() as session:
        made = ask(session)
        replays.begin(made, NOW)
        with pytest.raises(Refused, match="déjà en cours"):
            replays.retry(session, made, NOW, "nadia")
        replays.cancel(session, made, NOW, "karim")
        assert made.state is ReplayState.CANCELLED
        with pytest.raises(Refused, match="terminée"):
            replays.cancel(session, made, NOW, "karim")
        with pytest.raises(Refused, match="annulé"):
            replays.begin(made, NOW)
        replays.retry(session, made, NOW, "nadia")
        assert (made.state, made.attempt) == (ReplayState.ASKED, 2)
        with pytest.raises(NotFound):
            replays.find(session, "nothing")


def page(record: Record, now=NOW):  # type: ignore[no-untyped-def]
    with record.read() as session:
        return queries.replays(session, now, allowed=True)


def test_the_page_says_how_long_facebook_keeps_it(record: Record) -> None:
    with record.write() as session:
        ask(session, FACEBOOK)
        ask(session, YOUTUBE)
    rows = {row.site.key: row for row in page(record).rows}
    assert rows["youtube"].days_left is None
    guessed = rows["facebook"]
    assert (guessed.days_left, guessed.deletion_is_guessed) == (30, True)
    with record.write() as session:
        replays.describe(session.get_one(ReplayRequest, guessed.id), "Le direct", 5400.0, NOW - timedelta(days=20))
    known = next(row for row in page(record, NOW + timedelta(hours=1)).rows if row.site.key == "facebook")
    assert (known.days_left, known.deletion_is_guessed, known.title) == (9, False, "Le direct")
    assert known.deleted_at == NOW + timedelta(days=10)
    gone = next(row for row in page(record, NOW + timedelta(days=11)).rows if row.site.key == "facebook")
    assert gone.days_left is not None
    assert gone.days_left < 0


def test_the_page_says_how_far_and_what_is_missing(record: Record) -> None:
    with record.write() as session:
        made = ask(session)
        replays.begin(made, NOW)
        replays.describe(made, "Le direct", 3600.0, None)
        replays.advance(made, 250, 1000, 0.25, NOW)
    row = page(record).rows[0]
    assert (row.percent, row.received_bytes, row.missing_s, row.may_cancel, row.may_retry) == (
        25,
        250,
        None,
        True,
        False,
    )
    with record.write() as session:
        made = session.get_one(ReplayRequest, row.id)
        replays.receive(session, made, received(session, "Le direct"), 3000.0, 800, NOW)
    row = page(record).rows[0]
    assert (row.percent, row.missing_s, row.may_cancel) == (100, 600.0, False)
    assert row.episode is not None
    assert row.episode.title == "Le direct"
