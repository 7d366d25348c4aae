"""The JSON that others script against: every key of the contract, and only those added on purpose."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from pasvu.channel import documents, episodes, figures, intake, programmes, review
from pasvu.channel.database import Record
from pasvu.channel.models import Caption, Publication, QuotaEntry
from pasvu.channel.states import EpisodeState
from pasvu.channel.values import RemoteFigures

from .stage import AIR, MASTER, NOW, chapters, in_review, keep_master, on_air, received

# The contract, spelled out: a key that leaves or is renamed breaks somebody's script.
CONTRACT: dict[str, Any] = {
    "id": str,
    "slug": str,
    "title": str,
    "programme": str,
    "state": str,
    "state_reason": None,
    "created_at": str,
    "version": int,
    "recording": {
        "parts": [
            {
                "path": str,
                "bytes": int,
                "sha256": str,
                "duration_s": float,
                "container": str,
                "video_codec": str,
                "audio_codec": str,
                "width": int,
                "height": int,
                "fps": float,
            }
        ],
        "duration_s": float,
        "origin": str,
    },
    "loudness": {"integrated_lufs": float, "true_peak_dbtp": float, "range_lu": float},
    "trim": {"start_s": float, "end_s": float, "proposed": {"start_s": float, "end_s": float, "why": str}},
    "plan": {"action": str, "why": str},
    "master": {
        "path": str,
        "bytes": int,
        "sha256": str,
        "duration_s": float,
        "integrated_lufs": float,
        "true_peak_dbtp": float,
        "cut": int,
    },
    "preview": {"path": str},
    "thumbnails": [{"path": str, "time_s": float, "score": float, "chosen": bool}],
    "chapters": [{"start_s": float, "title": str}],
    "captions": [{"language": str, "path": str, "origin": str}],
    "publications": [
        {
            "platform": str,
            "state": str,
            "state_reason": None,
            "scheduled_at": str,
            "air_at": str,
            "video_id": str,
            "url": str,
            "uploaded_bytes": int,
            "total_bytes": int,
            "quota_spent": int,
        }
    ],
}
VIEWS: dict[str, Any] = {
    "episode": str,
    "publications": [
        {
            "platform": str,
            "video_id": str,
            "air_at": str,
            "latest": {"views": int, "likes": int, "comments": None, "taken_at": str},
            "horizons": [{"hours": int, "views": int, "measured_at": str, "error_views": int}],
            "typical": {"hours": int, "low": int, "median": int, "high": int},
        }
    ],
}
ADDED = {
    "": {
        "summary", "tags", "language", "guests", "job_state", "recorded_on", "category_id", "license", "made_for_kids",
        "synthetic_media", "paid_promotion", "embeddable", "notify_subscribers", "playlist_id", "localizations",
        "texts", "quality", "foreseen", "expected", "audio",
    },
    ".publications[]": {
        "held_at", "rate_bytes_s", "left_s", "waits_for", "next_try_at", "visibility", "drift", "planned_changes",
    },
    ".trim": {"removed"},
    ".master": {"kept"},
    ".recording.parts[]": {
        "name", "start_s", "variable_frame_rate", "interlaced", "rotation", "video_timescale",
    },
}  # fmt: skip
LISTS = {"thumbnails", "chapters", "captions", "publications"}


def check(document: Any, shape: Any, at: str = "") -> None:
    if isinstance(shape, dict):
        assert set(document) - ADDED.get(at, set()) == set(shape), at
        for key, inner in shape.items():
            check(document[key], inner, f"{at}.{key}")
    elif isinstance(shape, list):
        assert document, at
        for each in document:
            check(each, shape[0], f"{at}[]")
    elif shape is None:
        assert document is None, at
    else:
        assert type(document) is shape, (at, document)


def whole(record: Record) -> str:
    """An episode with everything it can have; its id."""
    with record.write() as session:
        programmes.create(session, "Le Débat", NOW, "nadia")
        for number in range(3):
            at = AIR - (10 - number) * timedelta(days=1)
            before = on_air(session, f"Avant {number}", at=at, now=at - timedelta(hours=1))
            figures.keep(session, before, RemoteFigures("v", 100, 1, 1), at + timedelta(hours=24))
        publication = on_air(session)
        episode = publication.episode
        episode.captions = [Caption(language="fr", path="/renditions/fr.vtt", origin="whisper")]
        episodes.edit(session, episode, {"programme": "le-debat", "guests": "Ana: juriste"}, NOW, "nadia")
        review.set_chapters(session, episode, chapters(), NOW, "nadia")
        keep_preview(episode)
        publication.url = "https://watch/v"
        publication.session_address = "https://upload/capability"
        for units in (50, 1):
            session.add(
                QuotaEntry(
                    platform="youtube", bucket="general", method="m", units=units, at=NOW, publication_id=publication.id
                )
            )
        figures.keep(session, publication, RemoteFigures("v", 120, 4, None), AIR + timedelta(hours=24))
        return episode.id


def keep_preview(episode: Any) -> None:
    intake.keep_rendition(episode, "preview", 1, Path("/renditions/p.mp4"), 1, "0", 3488.0, None, NOW)


def read(record: Record, episode_id: str) -> Any:
    with record.read() as session:
        return json.loads(json.dumps(documents.episode_document(session, episodes.find(session, episode_id))))


def test_an_episode_has_every_key_of_the_contract_and_its_values(record: Record) -> None:
    document = read(record, whole(record))
    check(document, CONTRACT)
    assert document["created_at"] == "2026-11-23T12:00:00Z"
    assert document["publications"][0]["air_at"] == "2026-11-23T18:00:00Z"
    assert document["publications"][0]["quota_spent"] == 51
    assert document["trim"] == {
        "start_s": 12.0,
        "end_s": 3500.0,
        "proposed": {"start_s": 12.0, "end_s": 3500.0, "why": "générique"},
        "removed": [],
    }
    assert document["plan"]["action"] == "audio"
    assert document["master"]["bytes"] == len(MASTER)
    assert document["recording"]["origin"] == "watch"
    assert "capability" not in json.dumps(document)


def test_a_row_is_the_same_without_its_lists(record: Record) -> None:
    episode_id = whole(record)
    with record.read() as session:
        row = json.loads(json.dumps(documents.episode_row(episodes.find(session, episode_id))))
    document = read(record, episode_id)
    del document["recording"]["parts"], document["expected"]
    assert row == {key: value for key, value in document.items() if key not in LISTS}


def test_views_have_every_key_of_the_contract(record: Record) -> None:
    episode_id = whole(record)
    with record.read() as session:
        document = json.loads(json.dumps(documents.views_document(session, episodes.find(session, episode_id))))
    check(document, VIEWS)
    (publication,) = document["publications"]
    assert publication["latest"] == {
        "views": 120,
        "likes": 4,
        "comments": None,
        "taken_at": "2026-11-24T18:00:00Z",
    }
    assert publication["horizons"] == [
        {"hours": 24, "views": 120, "measured_at": "2026-11-24T18:00:00Z", "error_views": 0}
    ]
    assert publication["typical"] == {"hours": 24, "low": 100, "median": 100, "high": 100}


def test_what_is_not_known_is_absent_and_never_zero(record: Record) -> None:
    with record.write() as session:
        episode_id = received(session).id
    document = read(record, episode_id)
    for unknown in ("programme", "state_reason", "loudness", "trim", "plan", "master", "preview"):
        assert document[unknown] is None, unknown
    assert document["recording"]["duration_s"] is None
    assert set(document["recording"]["parts"][0]) == {"path", "name", "bytes", "sha256"}
    assert document["publications"] == document["chapters"] == document["thumbnails"] == []
    assert document["state"] == EpisodeState.RECEIVED
    with record.write() as session:
        publication = on_air(session, "En ligne")
        episode_id, publication_id = publication.episode_id, publication.id
    with record.read() as session:
        views = documents.views_document(session, episodes.find(session, episode_id))
        assert views["publications"][0]["latest"] is None
        assert views["publications"][0]["horizons"] == []
        assert views["publications"][0]["typical"] is None
        assert session.get_one(Publication, publication_id).views is None


def test_the_newest_master_is_shown_after_a_new_cut(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        review.trim(session, episode, 60.0, 3000.0, NOW, "nadia")
        keep_master(episode, Path("/renditions"))
        episode_id = episode.id
    document = read(record, episode_id)
    assert document["master"]["cut"] == 2
    assert document["trim"]["start_s"] == 60.0
