"""The panel's way to connect YouTube in a browser: out to the consent page and back, sealed in between."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime, timedelta

from pasvu.channel import figures
from pasvu.channel.errors import Refused
from pasvu.door.checks import TOKEN_OLD_DAYS
from pasvu.door.house import House
from pasvu.publish.youtube import quota
from pasvu.publish.youtube.authorization import STATISTICS_SCOPE
from pasvu.web.linking import Bucket, Departure, Link

# A person reads a consent screen and chooses an account; Google's own code lives ten minutes.
BACK_WITHIN = timedelta(minutes=15)


class YouTubeLinking:
    """Keeps `web.linking.Linking` for YouTube."""

    def __init__(self, house: House) -> None:
        self._house = house

    def status(self) -> Link:
        """How it stands now, without asking YouTube."""
        connection, ledger = self._house.connection, self._house.ledger
        kept = connection.kept()
        there = kept if kept is not None and kept.sealed is not None else None
        age = (datetime.now(UTC) - there.granted_at).days if there and there.granted_at else None
        with self._house.record.read() as session:
            buckets = tuple(Bucket(b.name, b.left, b.limit, b.reserve_left) for b in ledger.buckets(session))
            ended = (there is None or there.trouble is not None) and not self._house.settings.rehearsing
            counts_kept_until = figures.counts_kept_until(session, "youtube") if ended else None
        return Link(
            platform="youtube",
            server=connection.server,
            rehearsing=self._house.settings.rehearsing,
            connected=there is not None,
            has_client=self._house.settings.rehearsing or (kept is not None and kept.sealed_client is not None),
            channel_id=there.channel_id if there else None,
            channel_title=there.channel_title if there else None,
            long_uploads=there.long_uploads if there else None,
            statistics=there is not None and STATISTICS_SCOPE in there.scopes,
            granted_at=there.granted_at if there else None,
            granted_by=there.granted_by if there else None,
            age_days=age,
            grows_old=age is not None and age >= TOKEN_OLD_DAYS and not self._house.settings.rehearsing,
            checked_at=there.checked_at if there else None,
            trouble=there.trouble if there else None,
            counts_kept_until=counts_kept_until,
            buckets=buckets,
            resets_at=quota.next_reset(self._house.clock.now()),
        )

    def statistics(self) -> bool | None:
        """Whether the detailed audience may be read; `None` when nothing is connected."""
        kept = self._house.connection.kept()
        return STATISTICS_SCOPE in kept.scopes if kept is not None and kept.sealed is not None else None

    def leave(self, redirect_uri: str) -> Departure:
        """Begin to connect."""
        # Imported here: the consent flow alone needs it.
        from pasvu.publish.youtube import oauth

        client = self._client()
        consent = oauth.ask(client, redirect_uri)
        pending = {
            "state": consent.state,
            "verifier": consent.verifier,
            "redirect_uri": redirect_uri,
            "until": (datetime.now(UTC) + BACK_WITHIN).isoformat(),
        }
        return Departure(consent.address, self._house.connection.seal(json.dumps(pending), "consent"))

    def come_back(self, sealed: str, state: str, code: str, by: str) -> str:
        """End it: the channel's name, once it is kept."""
        from pasvu.publish.youtube import oauth

        pending = json.loads(self._house.connection.opened(sealed, "consent"))
        in_time = datetime.now(UTC) <= datetime.fromisoformat(pending["until"])
        if not in_time or not hmac.compare_digest(state.encode(), str(pending["state"]).encode()):
            raise Refused("Cette réponse n’est pas celle que l’on attendait : recommencez la connexion.")
        user = oauth.redeem(self._client(), pending["verifier"], pending["redirect_uri"], code)
        channel = self._house.connection.keep(user, by)
        return channel.title or channel.id

    def check(self) -> str | None:
        """Ask YouTube whether it still knows us."""
        return self._house.connection.check()

    def keep_client(self, text: str, by: str) -> None:
        """Keep the OAuth client, once it is one."""
        from pasvu.publish.youtube import oauth

        oauth.read_client(text)
        self._house.connection.keep_client(text, by)

    def disconnect(self, by: str) -> bool:
        """Take the grant back and erase it."""
        return self._house.connection.disconnect(by)

    def _client(self) -> str:
        client = self._house.connection.client()
        if client is None:
            raise Refused("Donnez d’abord le fichier client_secret.json du projet Google.")
        return client
