"""Backstage: trouble ordered on a page strikes like trouble ordered by the API, and only from that page."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from .conftest import Talk

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def order(talk: Talk, path: str, **fields: object) -> int:
    return talk.send("POST", f"/coulisses/{path}", urlencode(fields).encode(), FORM).status


def page(talk: Talk) -> str:
    answer = talk.send("GET", "/coulisses")
    assert answer.status == 200
    return answer.content.decode()


def token(talk: Talk) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page(talk))
    assert found is not None
    return found[1]


def test_a_fault_is_ordered_strikes_and_is_shown(talk: Talk) -> None:
    assert "tout répond normalement" in page(talk)
    mine = token(talk)
    trouble = {"ou": "youtube.videos.list", "quoi": "403:quotaExceeded", "fois": 1, "apres": 1}
    assert order(talk, "panne", token=mine, **trouble) == 303
    assert "quota épuisé (403), 1 fois, après 1" in page(talk)
    answers = [talk.call("GET", "videos", part="id", id="x") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 403, 200]
    assert answers[1].reason == "quotaExceeded"
    shown = page(talk)
    assert "tout répond normalement" in shown
    assert "(panne commandée)" in shown
    assert talk.token not in shown


def test_all_is_calm_again_on_demand(talk: Talk) -> None:
    mine = token(talk)
    order(talk, "panne", token=mine, ou="*", quoi="drop", fois=9)
    assert order(talk, "calme", token=mine) == 303
    assert talk.call("GET", "videos", part="id", id="x").status == 200


def test_what_cannot_be_is_said_and_another_site_orders_nothing(talk: Talk) -> None:
    mine = token(talk)
    assert order(talk, "panne", token=mine, ou="youtube.videos.list", quoi="keep_fewer") == 400
    for wrong in ("", "guessed", "é"):
        assert order(talk, "panne", token=wrong, ou="*", quoi="503") == 403
        assert order(talk, "calme", token=wrong) == 403
    assert "tout répond normalement" in page(talk)
