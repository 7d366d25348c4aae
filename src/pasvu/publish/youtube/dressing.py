"""What goes with a video on YouTube: its still, its captions, its playlists."""

from __future__ import annotations

from pathlib import Path

from pasvu.channel.typography import marked
from pasvu.channel.values import RemotePlaylist, RemoteTrack, RemoteVideo
from pasvu.publish import picture
from pasvu.publish.errors import PlatformBusy, PlatformRefused
from pasvu.publish.youtube import translate
from pasvu.publish.youtube.client import Chunks, Client

# Ceilings of the discovery document.
THUMBNAIL_MOST_BYTES = 50 * 1024**2
CAPTIONS_MOST_BYTES = 100 * 1024**2
STILL_TOO_BIG = marked("La vignette {name} dépasse 50\u202fMio. Choisissez un fichier plus petit.")
CAPTIONS_TOO_BIG = marked("Le fichier de sous-titres {name} dépasse 100\u202fMio. Choisissez un fichier plus petit.")
# A thousand playlists; a list without end would be a fault of the server.
PLAYLIST_PAGES = 20


class Dressing:
    """The calls about what goes with a video, over one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def set_thumbnail(self, video_id: str, image: Path) -> None:
        """Set the still (JPEG or PNG, 50 MiB at most); 50 units."""
        _check_size(image, THUMBNAIL_MOST_BYTES, STILL_TOO_BIG)
        with Chunks(image, THUMBNAIL_MOST_BYTES, resumable=False) as media:
            self._client.call(
                "thumbnails.set",
                lambda service: service.thumbnails().set(videoId=video_id, media_body=media),
                fresh=True,
            )

    def set_captions(self, video_id: str, language: str, captions: Path) -> None:
        """Add captions, or replace those of the same language; 400 units, 900 when they replace."""
        _check_size(captions, CAPTIONS_MOST_BYTES, CAPTIONS_TOO_BIG)
        body = translate.caption_body(language, video_id=video_id)
        with Chunks(captions, CAPTIONS_MOST_BYTES, resumable=False, mimetype="application/octet-stream") as media:
            try:
                self._client.call(
                    "captions.insert",
                    lambda service: service.captions().insert(part="snippet", body=body, media_body=media),
                    fresh=True,
                )
            except PlatformRefused as refused:
                if refused.reason != "captionExists":
                    raise
                held = translate.caption_body(language, caption_id=self._caption_id(video_id, language))
                self._client.call(
                    "captions.update",
                    lambda service: service.captions().update(part="snippet", body=held, media_body=media),
                )

    def captions_of(self, video_id: str) -> list[RemoteTrack]:
        """The tracks that people gave; 50 units."""
        listed = translate.without_nulls(
            self._client.page("captions", part="snippet", videoId=video_id).get("items") or []
        )
        tracks = (translate.remote_track(each) for each in listed)
        return [track for track in tracks if track is not None]

    def still_print(self, video: RemoteVideo) -> str | None:
        """What the still looks like; no unit, and no token goes with the request."""
        found = self._client.picture(video.still) if video.still else None
        return picture.print_of(found) if found else None

    def remove_captions(self, video_id: str, language: str, name: str = "") -> None:
        """Delete our track of this language; 50 units, and 50 more when it is there."""
        caption_id = self._find_caption(video_id, language, name)
        if caption_id is not None:
            self._client.call("captions.delete", lambda service: service.captions().delete(id=caption_id))

    def add_to_playlist(self, video_id: str, playlist_id: str) -> None:
        """Add the video; already there is done. 51 units: a repeated insertion would list it twice."""

        def there() -> bool:
            found = self._client.page("playlistItems", part="id", playlistId=playlist_id, videoId=video_id)
            return bool(found.get("items"))

        if there():
            return
        body = translate.playlist_item_body(playlist_id, video_id)
        try:
            self._client.call(
                "playlistItems.insert",
                lambda service: service.playlistItems().insert(part="snippet", body=body),
                fresh=True,
                done=there,
            )
        except PlatformRefused as refused:
            if refused.reason not in ("videoAlreadyInPlaylist", "duplicate", "conflict"):
                raise

    def playlists(self) -> list[RemotePlaylist]:
        """The channel's playlists, by title; 1 unit per fifty."""
        found: list[RemotePlaylist] = []
        token: str | None = None
        for _ in range(PLAYLIST_PAGES):
            page = self._client.page("playlists", part="snippet", mine=True, maxResults=50, pageToken=token)
            found += [
                RemotePlaylist(str(each["id"]), str(each.get("snippet", {}).get("title") or each["id"]))
                for each in page.get("items") or []
                if each.get("id")
            ]
            token = page.get("nextPageToken")
            if not token:
                break
        return sorted(found, key=lambda each: (each.title.casefold(), each.id))

    def make_playlist(self, title: str) -> RemotePlaylist:
        """A new public playlist; 51 units: one that a lost answer hides is found again by its title."""
        before = {each.id for each in self.playlists()}

        def made() -> RemotePlaylist | None:
            return next((each for each in self.playlists() if each.title == title and each.id not in before), None)

        body = {"snippet": {"title": title}, "status": {"privacyStatus": "public"}}
        answer = self._client.call(
            "playlists.insert",
            lambda service: service.playlists().insert(part="snippet,status", body=body),
            done=lambda: made() is not None,
        )
        found = RemotePlaylist(str(answer["id"]), title) if answer and answer.get("id") else made()
        if found is None:
            raise PlatformBusy("YouTube ne montre pas encore la nouvelle liste\u202f; réessayez dans un moment.")
        return found

    def remove_from_playlist(self, video_id: str, playlist_id: str) -> None:
        """Delete its items of the playlist; 1 unit, and 50 for each."""
        try:
            there = self._client.page("playlistItems", part="id", playlistId=playlist_id, videoId=video_id)
        except PlatformRefused as refused:
            if refused.reason != "playlistNotFound":
                raise
            return
        for item in there.get("items", []):
            self._delete_item(item["id"])

    def _delete_item(self, item_id: str) -> None:
        self._client.call("playlistItems.delete", lambda service: service.playlistItems().delete(id=item_id))

    def _caption_id(self, video_id: str, language: str) -> str:
        found = self._find_caption(video_id, language)
        if found is None:
            raise PlatformBusy(
                "YouTube ne retrouve pas encore les sous-titres de cette vidéo\u202f; nous réessaierons."
            )
        return found

    def _find_caption(self, video_id: str, language: str, name: str = "") -> str | None:
        for caption in self._client.page("captions", part="snippet", videoId=video_id).get("items", []):
            track = caption.get("snippet", {})
            # The platform's own speech recognition bears the same language and no name either: never ours to touch.
            spoken = str(track.get("trackKind", "")).lower() == "asr"
            if track.get("language") == language and (track.get("name") or "") == name and not spoken:
                return str(caption["id"])
        return None


def _check_size(path: Path, most: int, too_big: str) -> None:
    if path.stat().st_size > most:
        raise PlatformRefused(too_big.format(name=path.name), reason="tooLarge")
