"""The sites that finished lives are fetched from: which one an address belongs to, and what its rules say. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from pasvu.channel.addresses import is_public, literal
from pasvu.channel.errors import Refused
from pasvu.channel.typography import marked

LONGEST_ADDRESS = 2000
OTHER = "other"
_INSIDE = ("localhost", ".localhost", ".local", ".localdomain", ".internal", ".lan", ".home", ".home.arpa", ".intranet")


@dataclass(frozen=True)
class Site:
    """A site, the hosts it answers under, and its rules in a sentence for whoever asks."""

    key: str
    name: str
    hosts: tuple[str, ...]
    rules: str
    keeps: timedelta | None = None
    """How long the site keeps a live after it went on air; `None` where it does not delete by itself."""


SITES = (
    Site(
        "youtube",
        "YouTube",
        ("youtube.com", "youtu.be", "youtube-nocookie.com"),
        # https://www.youtube.com/t/terms, « Permissions and Restrictions »
        marked(
            "Les conditions de YouTube ne permettent de télécharger que ce que YouTube propose de télécharger, ou ce "
            "que YouTube et les ayants droit autorisent par écrit. Ne demandez que vos propres directs ; YouTube "
            "Studio les donne aussi (Contenu, Télécharger)."
        ),
    ),
    Site(
        "facebook",
        "Facebook",
        ("facebook.com", "fb.watch", "fb.com"),
        # Since 19 February 2025: https://about.fb.com/news/2025/02/updating-our-facebook-live-video-storage-policy/
        marked(
            "Facebook supprime chaque direct trente jours après sa diffusion, et ses conditions interdisent la "
            "collecte automatique sans son accord. Ne demandez que les directs de votre Page ; Meta Business Suite "
            "les donne aussi."
        ),
        timedelta(days=30),
    ),
    Site(
        "twitch",
        "Twitch",
        ("twitch.tv",),
        # https://help.twitch.tv/s/article/video-on-demand
        marked(
            "Twitch ne garde une rediffusion que 7 à 60 jours selon la chaîne. Ne demandez que celles de votre "
            "chaîne ; son tableau de bord les donne aussi (Producteur vidéo)."
        ),
    ),
    Site(
        "vimeo",
        "Vimeo",
        ("vimeo.com",),
        marked(
            "Vimeo ne permet de télécharger que ce que le propriétaire de la vidéo a ouvert au téléchargement : "
            "ne demandez que vos propres directs."
        ),
    ),
    Site(
        "dailymotion",
        "Dailymotion",
        ("dailymotion.com", "dai.ly"),
        marked("Dailymotion ne permet pas de copier les vidéos d’autrui : ne demandez que vos propres directs."),
    ),
    Site(
        "kick",
        "Kick",
        ("kick.com",),
        marked("Kick ne permet pas de copier les vidéos d’autrui : ne demandez que vos propres directs."),
    ),
)
ELSEWHERE = Site(
    OTHER,
    "",
    (),
    marked(
        "Ce site n’est pas de ceux que nous connaissons : vérifiez que ses conditions permettent de télécharger "
        "cette vidéo, et qu’elle est bien la vôtre."
    ),
)
_BY_KEY = {site.key: site for site in (*SITES, ELSEWHERE)}


def site_of(address: str) -> Site:
    """The site that an address belongs to; `ELSEWHERE` for those not known.

    Raises:
        Refused: no address of a public web page, as far as can be told without asking the network.
    """
    host = public_host(address)
    for site in SITES:
        if any(host == known or host.endswith(f".{known}") for known in site.hosts):
            return site
    return ELSEWHERE


def by_key(key: str) -> Site:
    """The site of this key; `ELSEWHERE` for one that is no longer known."""
    return _BY_KEY.get(key, ELSEWHERE)


def deleted_at(key: str, since: datetime) -> datetime | None:
    """When the site deletes by itself what went on air then; `None` where it does not."""
    keeps = by_key(key).keeps
    return since + keeps if keeps is not None else None


def public_host(address: str) -> str:
    """The host of a web page's address, in lower case.

    Raises:
        Refused: another scheme, too long, a password in it, or a host that can only be inside our own network.
    """
    try:
        parts = urlsplit(address)
        host, _port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as unreadable:
        raise _no_page() from unreadable
    readable = address.isprintable() and " " not in address and "\\" not in address
    if not readable or len(address) > LONGEST_ADDRESS or parts.scheme not in ("http", "https") or not host:
        raise _no_page()
    if parts.username is not None or parts.password is not None:
        raise Refused("Cette adresse contient un nom d’utilisateur : copiez celle de la page, depuis le navigateur.")
    ip = literal(host)
    inside = not is_public(ip) if ip is not None else "." not in host or host.endswith(_INSIDE)
    if inside:
        raise Refused("L’adresse mène à une machine interne ({host}) : elle est refusée.", host=host)
    return host


def _no_page() -> Refused:
    return Refused("Cette adresse n’est pas celle d’une page du web : copiez-la depuis le navigateur.")
