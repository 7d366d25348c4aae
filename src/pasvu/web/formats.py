"""How numbers, times and lengths are written, in the reader's language and the channel's zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_compact_decimal, format_decimal
from flask import Flask
from markupsafe import Markup, escape

from pasvu.channel import wording
from pasvu.channel.models import Account
from pasvu.web.house import house
from pasvu.web.typography import THIN
from pasvu.web.words import _, language, plural

AVATAR_INKS = 6
_FIRST = re.compile(r"(?<!\d)1(?= [a-zéû]{3})")


def install(app: Flask) -> None:
    """Give the templates these ways of writing."""
    for filter_ in FILTERS:
        app.jinja_env.filters[filter_.__name__] = filter_
    app.jinja_env.globals["counted"] = counted


def number(value: int) -> str:
    """`12 408`."""
    return _grouped(value, language())


@lru_cache(maxsize=4096)
def _grouped(value: int, locale: str) -> str:
    # A page of figures writes hundreds, many of them twice; each costs Babel 40 microseconds.
    return str(format_decimal(value, locale=locale))


def counted(n: int, one: str, many: str) -> str:
    """`one` or `many`, by `n`; `{n}` in it is the number."""
    return plural(one, many, n).replace("{n}", number(n))


def compact(value: int) -> str:
    """`12,4 k`."""
    return str(format_compact_decimal(value, locale=language(), fraction_digits=1))


def signed(value: int) -> str:
    """`+ 1 204` or `− 6`."""
    return f"{'−' if value < 0 else '+'}{THIN}{number(abs(value))}"


def decimal(value: float, digits: int = 1) -> str:
    """`-14,1`, with a true minus sign."""
    pattern = "0." + "0" * digits if digits else "0"
    return str(format_decimal(value, pattern, locale=language())).replace("-", "−")


def percent(share: float) -> str:
    """`38 %` from 0.38."""
    space = THIN if language() == "fr" else ""
    return f"{int(share * 100)}{space}%"


def instant(at: datetime | None) -> str:
    """`jeu. 26 nov. · 19:00`, in the channel's zone."""
    if at is None:
        return ""
    # No line begins with the dot.
    pattern = "EEE d MMM'\u00a0·' HH:mm" if language() == "fr" else "EEE, MMM d'\u00a0·' HH:mm"
    return _timed(at, pattern, house().zone, language())


def moment(at: datetime | None) -> str:
    """As short as it may be: the hour today, the weekday this week, else the date."""
    if at is None:
        return ""
    here = house()
    there, now = at.astimezone(here.zone), here.now.astimezone(here.zone)
    away = abs((there.date() - now.date()).days)
    if away == 0:
        return clock(at)
    pattern = "EEEE HH:mm" if away < 7 else "d MMM y" if there.year != now.year else "d MMM HH:mm"
    return _timed(at, pattern, here.zone, language())


@lru_cache(maxsize=4096)
def _timed(at: datetime, pattern: str, zone: ZoneInfo, locale: str) -> str:
    return _first_of_month(str(format_datetime(at, pattern, tzinfo=zone, locale=locale)), locale)


def day(at: date | datetime | str, pattern: str = "full") -> str:
    """`lundi 23 novembre 2026`, or by a pattern of CLDR."""
    if isinstance(at, str):
        at = date.fromisoformat(at)
    if isinstance(at, datetime):
        at = at.astimezone(house().zone).date()
    return _dated(at, pattern, language())


@lru_cache(maxsize=4096)
def _dated(at: date, pattern: str, locale: str) -> str:
    return _first_of_month(str(format_date(at, pattern, locale=locale)), locale)


def _first_of_month(text: str, locale: str) -> str:
    """French counts the first day of a month: `1er déc.`, which CLDR's patterns do not say."""
    return _FIRST.sub("1er", text) if locale == "fr" else text


def clock(at: datetime) -> str:
    """`19:00`, in the channel's zone."""
    return f"{at.astimezone(house().zone):%H:%M}"


def iso(at: datetime) -> str:
    """The instant as machines read it, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def stamp(seconds: float | None) -> str:
    """`52:14` or `1:02:03`; nothing when not known."""
    return "" if seconds is None else wording.stamp(seconds)


def stamp_ms(seconds: float | None) -> str:
    """`0:52:14.250`, or `0:52:14`, as the cut is typed."""
    if seconds is None:
        return ""
    whole = round(seconds * 1000)
    hours, minutes, rest = whole // 3_600_000, whole // 60_000 % 60, whole % 60_000
    second = f"{hours}:{minutes:02}:{rest // 1000:02}"
    return f"{second}.{rest % 1000:03}" if rest % 1000 else second


def size(count: int) -> str:
    """`1,2 Go`."""
    units = (_("o"), _("ko"), _("Mo"), _("Go"), _("To"))
    value, unit = float(count), 0
    while value >= 1000 and unit < len(units) - 1:
        value, unit = value / 1000, unit + 1
    return f"{decimal(value, 0 if unit < 2 else 1)}{THIN}{units[unit]}"


def horizon(hours: int) -> str:
    """`24 h`, then days."""
    space = THIN if language() == "fr" else " "
    return f"{hours}{space}h" if hours < 72 else counted(hours // 24, "{n} jour", "{n} jours")


def delay(seconds: int) -> str:
    """A delay as people plan it: `30 jours`, `12 heures`, `45 minutes`."""
    if seconds % 86400 == 0:
        return counted(seconds // 86400, "{n} jour", "{n} jours")
    if seconds % 3600 == 0:
        return counted(seconds // 3600, "{n} heure", "{n} heures")
    return counted(round(seconds / 60), "{n} minute", "{n} minutes")


def minutes(count: int) -> str:
    """`1 minute`, `88 minutes`."""
    return counted(count, "{n} minute", "{n} minutes")


def pace(seconds: int) -> str:
    """How far apart two looks are: `2 minutes`, `60 secondes`."""
    if seconds % 60 == 0 and seconds > 60:
        return minutes(seconds // 60)
    return counted(seconds, "{n} seconde", "{n} secondes")


def lasting(length: timedelta) -> str:
    """How long something lasted: `48 min`, `1 h 05`."""
    hours, rest = divmod(max(0, round(length.total_seconds() / 60)), 60)
    space = THIN if language() == "fr" else " "
    return f"{hours}{space}h{space}{rest:02}" if hours else f"{rest}{space}min"


def at_second(second: int) -> datetime:
    """The instant of a count, from seconds since 1970."""
    return datetime.fromtimestamp(second, UTC)


def weekday(number_: int) -> str:
    """`lundi` from 0."""
    return str(format_date(date(2024, 1, 1 + number_), "EEEE", locale=language()))


def zone_name(key: str) -> str:
    """`Paris` from `Europe/Paris`."""
    return key.rsplit("/", 1)[-1].replace("_", " ")


def language_name(code: str) -> str:
    """`français` from `fr`."""
    return str(Locale.parse(language()).languages.get(code, code))


def initials(name: str) -> str:
    """`IB` from « Inès Belkacem »."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [name[:2]]
    return "".join(letters).upper()


def ink(account: Account | str | Any) -> int:
    """The colour of a person's mark, always the same for the same name."""
    name = account if isinstance(account, str) else account.shown_name
    return crc32(name.encode()) % AVATAR_INKS + 1


def breaks(text: str) -> Markup:
    """A title or a name of a file that may break after its underscores: browsers see one long word there."""
    return Markup("_<wbr>").join(escape(part) for part in text.split("_"))


FILTERS = (
    breaks,
    delay,
    number,
    compact,
    signed,
    decimal,
    percent,
    instant,
    moment,
    day,
    clock,
    iso,
    stamp,
    stamp_ms,
    size,
    horizon,
    minutes,
    pace,
    lasting,
    at_second,
    weekday,
    zone_name,
    language_name,
    initials,
    ink,
)
