"""Objections, prices and faults, without a server."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pasvu.channel.errors import PasVuError
from pasvu.channel.values import Localization, VideoMetadata
from pasvu.publish.errors import Missing, NotConnected, OutOfQuota, PlatformBusy, PlatformRefused
from pasvu.publish.youtube.faults import Fault, error_of, read_fault, read_retry_after
from pasvu.publish.youtube.objections import chapter_objections, first_tags, objections, tags_length
from pasvu.publish.youtube.quota import LIMITS, Cost, cost_of, day_of, next_reset

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_an_upload_leaves_room_for_its_marker() -> None:
    full = VideoMetadata("T", "", tags=("a" * 400, "b" * 70, "c" * 28), marker="pv-01j8x3c3c3c3c3c3c3c3c3c3c3")
    assert objections(full) == []
    sent = first_tags(full)
    assert sent == ["a" * 400, full.marker]
    assert tags_length(sent) <= 500
    assert first_tags(replace(full, marker=None)) == list(full.tags)


def test_nothing_to_object() -> None:
    description = "Ce soir.\n0:00 Ouverture\n1:10 L’été\n1:02:00 Fin"
    assert objections(VideoMetadata("T" * 100, description, tags=("a",), marker="pv-1")) == []


@pytest.mark.parametrize(
    ("metadata", "word"),
    [
        (VideoMetadata(" ", ""), "titre est vide"),
        (VideoMetadata("T" * 101, ""), "101 caractères"),
        (VideoMetadata("I <3 TV", ""), "titre contient"),
        (VideoMetadata("T", "a -> b"), "description contient"),
        # 2501 characters, 5002 bytes: French letters weigh two.
        (VideoMetadata("T", "é" * 2501), "5002 octets"),
        (VideoMetadata("T", "", tags=("x" * 250, "y z" * 84)), "505 caractères"),
        (VideoMetadata("T", "", tags=("<b>",)), "mot-clé contient"),
        (VideoMetadata("T", "", tags=("",)), "mot-clé est vide"),
        (VideoMetadata("T", "", category_id="news"), "catégorie"),
        # « Movies »: a number of the list that nobody may assign.
        (VideoMetadata("T", "", category_id="30"), "catégorie"),
        (VideoMetadata("T", "", localizations=(Localization("en", "x" * 101),)), "en\u202f»\u202f: le titre a 101"),
        (VideoMetadata("T", "", localizations=(Localization("en", "T", "é" * 2501),)), "5002 octets"),
        (VideoMetadata("T", "", localizations=(Localization("fr", "T"),)), "langue de la vidéo"),
        (VideoMetadata("T", "", localizations=(Localization("?", "T"),)), "code de langue"),
        (VideoMetadata("T", "", license="mit"), "licence"),
        (VideoMetadata("T", "", language="français !"), "langue"),
        (VideoMetadata("T", "0:00 A\n1:00 B"), "au moins trois chapitres"),
        (VideoMetadata("T", "", duration_s=12 * 3600 + 1), "dépasse 12 heures"),
    ],
)
def test_objections(metadata: VideoMetadata, word: str) -> None:
    (found,) = objections(metadata)
    assert word in found


def test_a_film_of_an_hour_wants_a_channel_that_may_send_it() -> None:
    hour = VideoMetadata("T", "", duration_s=3600)
    assert objections(hour) == objections(hour, long_uploads=True) == []
    assert "youtube.com/verify" in objections(hour, long_uploads=False)[0]
    assert objections(replace(hour, duration_s=900), long_uploads=False) == []


def test_5000_bytes_of_accents_are_fine() -> None:
    assert objections(VideoMetadata("T", "é" * 2500)) == []


def test_tags_are_counted_with_commas_and_quotes() -> None:
    assert tags_length(["Foo-Baz"]) == 7
    assert tags_length(["Foo Baz"]) == 9
    assert tags_length(["a", "b", "c d"]) == 1 + 1 + 5 + 2
    assert tags_length([]) == 0


@pytest.mark.parametrize(
    ("description", "word"),
    [
        ("", None),
        ("Rendez-vous\n20:30 ce soir", None),
        ("00:00 A\n00:10 B\n00:20 C", None),
        ("0:01 A\n1:00 B\n2:00 C", "commencer à 0:00"),
        ("0:00 A\n0:09 B\n2:00 C", "dix secondes"),
        ("0:00 A\n2:00 B\n1:00 C", "ordre"),
        ("\n".join(f"{n}:00 x" if n < 60 else f"{n // 60}:{n % 60:02}:00 x" for n in range(101)), "cent"),
    ],
)
def test_chapters_in_the_description(description: str, word: str | None) -> None:
    found = chapter_objections(description)
    assert (found == []) if word is None else (len(found) == 1 and word in found[0])


def test_prices() -> None:
    assert cost_of("videos.insert") == Cost("insert", 1)
    assert cost_of("videos.list") == Cost("general", 1)
    assert cost_of("captions.insert") == Cost("general", 400)
    assert cost_of("videos.batchGetStats") == Cost("stats", 1)
    with pytest.raises(KeyError):
        cost_of("liveBroadcasts.insert")
    one_recording = ["thumbnails.set", "playlistItems.insert", "captions.insert", "videos.update"]
    assert sum(cost_of(method).units for method in one_recording) == 550
    assert set(LIMITS) == {"insert", "search", "general", "stats"}


@pytest.mark.parametrize(
    ("instant", "day", "reset"),
    [
        # Winter: UTC-8; summer: UTC-7.
        ("2026-11-23T07:59:59", "2026-11-22", "2026-11-23T08:00:00"),
        ("2026-11-23T08:00:00", "2026-11-23", "2026-11-24T08:00:00"),
        ("2026-07-14T06:59:59", "2026-07-13", "2026-07-14T07:00:00"),
        # Spring forward on 2027-03-14: a day of 23 hours.
        ("2027-03-14T08:00:00", "2027-03-14", "2027-03-15T07:00:00"),
        ("2027-03-14T23:00:00", "2027-03-14", "2027-03-15T07:00:00"),
        # Fall back on 2026-11-01: a day of 25 hours; Europe changed a week earlier.
        ("2026-11-01T07:00:00", "2026-11-01", "2026-11-02T08:00:00"),
        ("2026-11-02T07:30:00", "2026-11-01", "2026-11-02T08:00:00"),
    ],
)
def test_the_quota_day_is_californian(instant: str, day: str, reset: str) -> None:
    at = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert day_of(at) == date.fromisoformat(day)
    assert next_reset(at) == datetime.fromisoformat(reset).replace(tzinfo=UTC)
    assert next_reset(at).tzinfo is UTC


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (400, "invalidTitle", PlatformRefused),
        (400, "unheardOf", PlatformRefused),
        (400, "uploadLimitExceeded", OutOfQuota),
        (401, "", NotConnected),
        (401, "youtubeSignupRequired", NotConnected),
        (403, "forbidden", PlatformRefused),
        (403, "insufficientPermissions", NotConnected),
        (403, "quotaExceeded", OutOfQuota),
        (403, "rateLimitExceeded", PlatformBusy),
        (404, "videoNotFound", Missing),
        (404, "playlistNotFound", PlatformRefused),
        (409, "captionExists", PlatformRefused),
        (429, "", PlatformBusy),
        (500, "", PlatformBusy),
        (503, "backendError", PlatformBusy),
    ],
)
def test_faults_by_reason(status: int, reason: str, kind: type[PasVuError]) -> None:
    found = error_of(Fault(status, reason), NOW)
    assert type(found) is kind
    assert str(found).endswith(".")
    if isinstance(found, PlatformRefused):
        assert found.reason == reason


def test_when_the_allowance_returns() -> None:
    daily, channel = error_of(Fault(403, "quotaExceeded"), NOW), error_of(Fault(400, "uploadLimitExceeded"), NOW)
    assert isinstance(daily, OutOfQuota)
    assert isinstance(channel, OutOfQuota)
    assert daily.until == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert channel.until == datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_reading_a_fault_never_trusts_its_shape() -> None:
    body = {"error": {"code": 403, "errors": [{"reason": "quotaExceeded"}]}}
    assert read_fault(403, {"retry-after": "5"}, json.dumps(body).encode(), NOW) == Fault(403, "quotaExceeded", 5.0)
    for odd in (b"", b"<html>", b"[]", b"7", b'{"error": "invalid_grant"}', b'{"error": {"errors": [7]}}', b"\xff"):
        assert read_fault(500, {}, odd, NOW).reason == ""
    assert read_fault(400, {}, b'{"error": {"status": "INVALID_ARGUMENT"}}', NOW).reason == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("7", 7.0),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, NOW) == seconds


def test_the_errors_that_stop_are_told_apart_each_with_its_sentence_and_its_return() -> None:
    """403 quota, 429, 400 of the channel and a dead authorisation: four causes, four sentences, four ways back."""
    quota_spent = error_of(Fault(403, "quotaExceeded"), NOW)
    burst = error_of(Fault(429, "rateLimitExceeded", 30.0), NOW)
    channel = error_of(Fault(400, "uploadLimitExceeded"), NOW)
    dead = error_of(Fault(401, "authError"), NOW)
    assert len({str(each) for each in (quota_spent, burst, channel, dead)}) == 4
    assert isinstance(quota_spent, OutOfQuota)
    assert (quota_spent.whose, quota_spent.until) == ("quota", next_reset(NOW))
    assert "minuit en Californie" in str(quota_spent)
    assert isinstance(channel, OutOfQuota)
    assert (channel.whose, channel.until) == ("channel_limit", NOW + timedelta(hours=24))
    assert "24 heures" in str(channel)
    assert isinstance(burst, PlatformBusy)
    assert burst.retry_after_s == 30.0
    assert isinstance(dead, NotConnected)
    assert "Reconnectez" in str(dead)
