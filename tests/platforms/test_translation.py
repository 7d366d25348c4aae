"""Bodies and readings, without a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from pasvu.channel.values import Localization, Privacy, VideoMetadata
from pasvu.channel.videofields import differences, fields_of
from pasvu.publish.errors import PlatformRefused
from pasvu.publish.platform import Change
from pasvu.publish.youtube.translate import (
    insert_body,
    read_instant,
    remote_fields,
    remote_figures,
    remote_video,
    update_body,
    written_instant,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def held(**status: Any) -> dict[str, Any]:
    body = insert_body(VideoMetadata("T", "D", recorded_at=NOW))
    body["id"] = "abc"
    body["snippet"] |= {"channelId": "UC", "publishedAt": "2026-01-01T00:00:00Z", "defaultAudioLanguage": "fr"}
    body["status"] |= {"uploadStatus": "processed", "madeForKids": False, **status}
    return body


def test_insert_body_is_whole() -> None:
    body = insert_body(
        VideoMetadata(
            "T",
            "D",
            language="fr",
            tags=("a", "b c"),
            category_id="25",
            made_for_kids=True,
            synthetic_media=True,
            paid_promotion=True,
            license="creativeCommon",
            embeddable=False,
            recorded_at=datetime(2026, 11, 20, 20, tzinfo=timezone(timedelta(hours=1))),
            marker="pv-1",
            localizations=(Localization("en", "T in English", "D in English"),),
        )
    )
    # No spoken language yet: the reference does not list it among what an insertion may set.
    assert body == {
        "snippet": {
            "title": "T",
            "description": "D",
            "tags": ["a", "b c", "pv-1"],
            "categoryId": "25",
            "defaultLanguage": "fr",
        },
        "localizations": {"en": {"title": "T in English", "description": "D in English"}},
        "status": {
            "privacyStatus": "private",
            "publicStatsViewable": True,
            "license": "creativeCommon",
            "embeddable": False,
            "selfDeclaredMadeForKids": True,
            "containsSyntheticMedia": True,
        },
        "paidProductPlacementDetails": {"hasPaidProductPlacement": True},
        "recordingDetails": {"recordingDate": "2026-11-20T19:00:00.000Z"},
    }


def test_an_update_forgets_nothing_and_writes_no_verdict() -> None:
    body = update_body(held(), Change(publish_at=NOW + timedelta(hours=1)), NOW)
    assert set(body) == {"id", "status"}
    before = insert_body(VideoMetadata("T", "D"))["status"]
    assert body["status"] == {**before, "publishAt": "2026-11-23T13:00:00.000Z"}


def test_new_words_leave_the_planned_instant_alone() -> None:
    planned = held(publishAt="2026-12-01T20:00:00+00:00")
    body = update_body(planned, Change(metadata=VideoMetadata("New", "D", recorded_at=NOW)), NOW)
    assert set(body) == {"id", "snippet"}
    assert body["snippet"]["title"] == "New"
    licensed = VideoMetadata("T", "D", recorded_at=NOW, license="creativeCommon")
    assert update_body(planned, Change(metadata=licensed), NOW)["status"]["publishAt"] == "2026-12-01T20:00:00+00:00"


def test_the_spoken_language_comes_with_the_first_update() -> None:
    new = held()
    del new["snippet"]["defaultAudioLanguage"]
    body = update_body(new, Change(metadata=VideoMetadata("T", "D", recorded_at=NOW)), NOW)
    assert body["snippet"]["defaultAudioLanguage"] == "fr"


def test_texts_in_other_languages_are_one_part_and_taken_away_whole() -> None:
    english = VideoMetadata("T", "D", recorded_at=NOW, localizations=(Localization("en", "Title", "Words"),))
    body = update_body(held(), Change(metadata=english), NOW)
    assert body == {"id": "abc", "localizations": {"en": {"title": "Title", "description": "Words"}}}
    # YouTube may list the video's own language among them: that is no difference.
    there = {**held(), "localizations": {**body["localizations"], "fr": {"title": "T", "description": "D"}}}
    assert update_body(there, Change(metadata=english), NOW) == {"id": "abc"}
    assert update_body(there, Change(metadata=VideoMetadata("T", "D", recorded_at=NOW)), NOW)["localizations"] == {}


def test_a_date_taken_away_leaves_the_place_alone() -> None:
    there = held()
    there["recordingDetails"]["locationDescription"] = "Montreuil"
    body = update_body(there, Change(metadata=VideoMetadata("T", "D")), NOW)
    assert body == {"id": "abc", "recordingDetails": {"locationDescription": "Montreuil"}}


def test_what_is_read_is_what_was_sent_and_says_nothing_of_what_is_absent() -> None:
    sent = VideoMetadata(
        "T",
        "D",
        language="fr",
        tags=("a", "b c"),
        category_id="25",
        made_for_kids=True,
        synthetic_media=True,
        paid_promotion=True,
        license="creativeCommon",
        embeddable=False,
        recorded_at=datetime(2026, 11, 20, tzinfo=UTC),
        localizations=(Localization("en", "T in English", "D in English"),),
    )
    assert remote_fields(insert_body(sent)) == fields_of(sent)
    assert differences(fields_of(sent), remote_fields({"status": {}})) == {}
    assert remote_fields({"status": {"license": "youtube"}}) == {"license": "youtube"}


def test_the_marker_goes_when_the_words_come_without_it() -> None:
    marked = held()
    marked["snippet"]["tags"] = ["x", "pv-1"]
    body = update_body(marked, Change(metadata=VideoMetadata("T", "D", tags=("x",), recorded_at=NOW)), NOW)
    assert body["snippet"]["tags"] == ["x"]


@pytest.mark.parametrize("written", ["2026-12-01T20:00:00Z", "2026-12-01T20:00:00.000Z", "2026-12-01T21:00:00+01:00"])
def test_instants_are_compared_as_instants(written: str) -> None:
    change = Change(privacy=Privacy.PRIVATE, publish_at=datetime(2026, 12, 1, 20, tzinfo=UTC))
    assert update_body(held(publishAt=written), change, NOW) == {"id": "abc"}
    assert read_instant(written) == datetime(2026, 12, 1, 20, tzinfo=UTC)


def test_absent_and_false_are_the_same_to_write() -> None:
    bare = held()
    del bare["status"]["containsSyntheticMedia"]
    del bare["snippet"]["tags"]
    assert update_body(bare, Change(metadata=VideoMetadata("T", "D", recorded_at=NOW)), NOW) == {"id": "abc"}


@pytest.mark.parametrize("privacy", ["public", "unlisted"])
def test_a_video_that_viewers_see_is_never_planned(privacy: str) -> None:
    change = Change(privacy=Privacy.PRIVATE, publish_at=NOW + timedelta(days=1))
    with pytest.raises(PlatformRefused) as refused:
        update_body(held(privacyStatus=privacy), change, NOW)
    assert refused.value.reason == "invalidPublishAt"


def test_an_instant_that_is_past_is_refused() -> None:
    with pytest.raises(PlatformRefused):
        update_body(held(), Change(publish_at=NOW), NOW)


def test_an_instant_that_went_by_unused_is_not_sent_again() -> None:
    stuck = held(publishAt="2026-11-23T11:00:00Z")
    body = update_body(stuck, Change(metadata=VideoMetadata("T", "D", recorded_at=NOW, embeddable=False)), NOW)
    assert "publishAt" not in body["status"]
    assert body["status"]["privacyStatus"] == "private"


def test_going_public_and_clearing_take_the_instant_away() -> None:
    planned = held(publishAt="2026-12-01T20:00:00Z")
    public = update_body(planned, Change(privacy=Privacy.PUBLIC), NOW)["status"]
    assert public["privacyStatus"] == "public"
    assert "publishAt" not in public
    cleared = update_body(planned, Change(clear_publish_at=True), NOW)["status"]
    assert cleared["privacyStatus"] == "private"
    assert "publishAt" not in cleared


def test_written_instants_are_utc() -> None:
    paris = datetime(2026, 7, 1, 20, tzinfo=timezone(timedelta(hours=2)))
    assert written_instant(paris) == "2026-07-01T18:00:00.000Z"
    with pytest.raises(ValueError, match="time zone"):
        written_instant(datetime(2026, 7, 1))  # noqa: DTZ001


def test_a_remote_video() -> None:
    resource = held(publishAt="2026-12-01T20:00:00Z")
    resource |= {"contentDetails": {"duration": "PT1H2M3S"}, "fileDetails": {"fileSize": "5000000000"}}
    found = remote_video(resource)
    assert (found.video_id, found.title, found.privacy) == ("abc", "T", Privacy.PRIVATE)
    assert found.publish_at == datetime(2026, 12, 1, 20, tzinfo=UTC)
    assert (found.processing, found.reason) == ("succeeded", None)
    assert found.duration_s == 3723
    assert found.bytes == 5_000_000_000
    assert found.made_for_kids is False
    resource["fileDetails"]["durationMs"] = "3723480"
    assert remote_video(resource).duration_s == 3723.48


@pytest.mark.parametrize(
    ("status", "processing", "expected"),
    [
        ({"uploadStatus": "uploaded"}, {}, ("processing", None)),
        ({"uploadStatus": "uploaded"}, {"processingStatus": "processing"}, ("processing", None)),
        ({"uploadStatus": "uploaded"}, {"processingStatus": "succeeded"}, ("succeeded", None)),
        ({"uploadStatus": "processed"}, {"processingStatus": "terminated"}, ("succeeded", None)),
        ({"uploadStatus": "rejected", "rejectionReason": "duplicate"}, {}, ("failed", "duplicate")),
        ({"uploadStatus": "failed", "failureReason": "codec"}, {}, ("failed", "codec")),
        (
            {"uploadStatus": "uploaded"},
            {"processingStatus": "failed", "processingFailureReason": "transcodeFailed"},
            ("failed", "transcodeFailed"),
        ),
    ],
)
def test_processing(status: dict[str, str], processing: dict[str, str], expected: tuple[str, str | None]) -> None:
    found = remote_video(
        {"id": "abc", "status": {"privacyStatus": "private", **status}, "processingDetails": processing}
    )
    assert (found.processing, found.reason) == expected
    assert (found.duration_s, found.bytes, found.publish_at, found.made_for_kids) == (None, None, None, None)


def test_unknown_duration_while_processing_is_not_zero() -> None:
    resource = {"id": "a", "status": {"privacyStatus": "private"}, "contentDetails": {"duration": "P0D"}}
    assert remote_video(resource).duration_s is None


def test_figures_are_strings_and_may_be_hidden() -> None:
    assert remote_figures({"id": "a", "statistics": {"viewCount": "18446744073709551615"}}).views == 2**64 - 1
    assert remote_figures({"id": "a", "statistics": {"viewCount": "0"}}).views == 0
    assert remote_figures({"id": "a"}).views is None
