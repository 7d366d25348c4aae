"""Drawing the board and its cards: what has not changed is not drawn again."""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import current_app
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from pasvu.channel.queries import BoardCard
from pasvu.web import checklist, moves
from pasvu.web.guard import may
from pasvu.web.house import house
from pasvu.web.words import language

KEPT = 4096
"""Cards kept drawn, about a kilobyte each: what a team has before its eyes, in two languages and two roles."""

_SPACES = re.compile(r"\s+")

# Each session has its own token: it is put in last, where a drawn card bears this mark, which nobody can guess.
_TOKEN_MARK = secrets.token_hex(16)


def pencil(since: datetime | None) -> Callable[[BoardCard], Markup]:
    """What draws cards for this reader, marking those that arrived after `since`.

    `with_token` must be called on the page that holds them.
    """
    reader = (language(), house().zone.key)
    may_decide = may("producer")

    def draw(card: BoardCard) -> Markup:
        if card.column is None:
            return _aired(card, *reader)
        is_new = since is not None and card.episode.created_at > since
        return _drawn(card, *reader, may_decide, is_new)

    return draw


def token_mark() -> str:
    """What stands for the session's token in what is kept drawn."""
    return _TOKEN_MARK


def with_token(page: str) -> str:
    """The page with this session's token in its forms."""
    return page.replace(_TOKEN_MARK, generate_csrf())


class Kept:
    """The last boards drawn, for as long as nothing they show has changed."""

    LONGEST = 48

    def __init__(self) -> None:
        self._drawn: OrderedDict[Hashable, str] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, key: Hashable, draw_it: Callable[[], str]) -> str:
        """The board drawn for this key; drawn now if it is not kept."""
        with self._turn:
            if key in self._drawn:
                self._drawn.move_to_end(key)
                return self._drawn[key]
        drawn = draw_it()
        with self._turn:
            self._drawn[key] = drawn
            while len(self._drawn) > self.LONGEST:
                self._drawn.popitem(last=False)
        return drawn


# A card is a plain value that says all it shows: equal ones look the same.
@lru_cache(maxsize=KEPT)
def _drawn(card: BoardCard, _language: str, _zone: str, may_decide: bool, is_new: bool) -> Markup:
    return _made(
        "_card.html",
        card=card,
        e=card.episode,
        column=card.column,
        there=moves.moves(card) if may_decide else {},
        steps_done=checklist.steps_done(card),
        steps=checklist.STEPS,
        may_decide=may_decide,
        is_new=is_new,
        csrf=_TOKEN_MARK,
    )


@lru_cache(maxsize=KEPT)
def _aired(card: BoardCard, _language: str, _zone: str) -> Markup:
    return _made("_aired.html", card=card, e=card.episode, p=card.publication)


def _made(template: str, **values: Any) -> Markup:
    text = current_app.jinja_env.get_template(template).render(values)
    # The template's own indentation is a fifth of a full board's weight.
    return Markup(_SPACES.sub(" ", text))  # noqa: S704 - the template escapes what it is given
