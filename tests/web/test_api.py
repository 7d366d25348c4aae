"""The read-only API: a key opens it, its description is true, and what operators watch parses."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from pasvu.channel import tokens
from pasvu.channel.documents import views_document
from pasvu.channel.episodes import find
from web.channel import Channel
from web.conftest import Come, open_app


def key(channel: Channel, name: str = "Tableau de bord") -> dict[str, str]:
    with channel.record.write() as session:
        return {"Authorization": f"Bearer {tokens.create(session, name, channel.clock.now(), 'Ada Minh')}"}


def test_only_a_key_opens_it(app: Flask, channel: Channel, come: Come) -> None:
    client = app.test_client()
    for path in ("/api/v1/episodes", "/api/v1/days", "/metrics"):
        refused = client.get(path)
        assert (refused.status_code, refused.mimetype) == (401, "application/problem+json")
        assert client.get(path, headers={"Authorization": "Bearer pasvu_wrong"}).status_code == 401
        # A session is a person's; it is no key.
        assert come(app, "Ada Minh").get(path).status_code == 401
        assert client.get(path, headers=key(channel)).status_code == 200
        assert client.post(path, headers=key(channel)).status_code in (400, 405)


def test_its_description_is_valid_and_what_it_says_is_true(app: Flask, channel: Channel) -> None:
    client, headers = app.test_client(), key(channel)
    described: dict[str, Any] = client.get("/api/v1/openapi.json").get_json()
    validate(described)
    episode_id = channel.ids["Le village sans médecin"]
    for path, operations in described["paths"].items():
        schema = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {**schema, "components": described["components"]}
        named = path.replace("{reference}", episode_id).replace("{video_id}", "k2Lm0aXw9tE")
        reply = client.get(named, headers=headers)
        assert reply.status_code == 200
        Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(reply.get_json())
    newest, replayed = client.get("/api/v1/lives", headers=headers).get_json()["lives"]
    assert (newest["peak"], newest["announced"], newest["watching"], newest["episode"]) == (4012, False, None, None)
    assert replayed["episode"] == channel.ids["Paroles de nuit"]
    assert client.get("/api/v1/lives/nothing", headers=headers).status_code == 404
    missing = client.get("/api/v1/episodes/nothing", headers=headers)
    assert (missing.status_code, missing.mimetype) == (404, "application/problem+json")


def test_pages_hold_every_episode_once(app: Flask, channel: Channel) -> None:
    client, headers = app.test_client(), key(channel)
    seen: list[str] = []
    following: str | None = ""
    while following is not None:
        reply = client.get(
            "/api/v1/episodes", query_string={"limit": 3, "after": following}, headers=headers
        ).get_json()
        seen += [each["id"] for each in reply["episodes"]]
        following = reply["next"]
    assert len(seen) == len(set(seen)) == 8
    assert client.get("/api/v1/episodes?after=rubbish", headers=headers).get_json()["episodes"][0]["id"] == seen[0]


def test_one_episode_is_told_as_by_the_command(app: Flask, channel: Channel) -> None:
    told = app.test_client().get(f"/api/v1/episodes/{channel.ids['Sortie d’usine']}", headers=key(channel)).get_json()
    with channel.record.read() as session:
        assert told == views_document(session, find(session, channel.ids["Sortie d’usine"]))


def test_what_operators_watch(app: Flask, channel: Channel) -> None:
    reply = app.test_client().get("/metrics", headers=key(channel))
    assert reply.content_type.startswith("application/openmetrics-text")
    families = {family.name: family for family in text_string_to_metric_families(reply.get_data(as_text=True))}
    on_air = [sample.value for sample in families["pasvu_publications"].samples if sample.labels["state"] == "on_air"]
    assert on_air == [8]
    assert families["pasvu_views"].samples[0].value > 200_000
    assert families["pasvu_figures_newest_timestamp_seconds"].samples[0].value == channel.clock.now().timestamp()


def test_a_key_is_shown_once_and_dies_when_taken_back(fresh: Channel, come: Come) -> None:
    app = open_app(fresh)
    ada = come(app, "Ada Minh")
    assert ada.post("/audience/cles", {"name": "Grafana"}).status_code == 303
    page = ada.page("/audience/sorties")
    found = re.search(r"pasvu_[A-Za-z0-9_-]{40,}", page)
    assert found is not None
    headers = {"Authorization": f"Bearer {found[0]}"}
    assert app.test_client().get("/api/v1/days", headers=headers).status_code == 200
    again = ada.page("/audience/sorties")
    assert found[0] not in again
    assert "servie" in again
    revoke = re.search(r'action="(/audience/cles/[0-9a-f]{64}/retirer)"', again)
    assert revoke is not None
    ada.post(revoke[1])
    assert app.test_client().get("/api/v1/days", headers=headers).status_code == 401
    # A name is needed, and a producer makes none.
    ada.post("/audience/cles", {"name": "  "})
    assert "à quoi sert-elle" in ada.page("/audience/sorties")
    assert come(app, "Inès Belkacem").post("/audience/cles", {"name": "x"}).status_code == 403


def test_alerts_are_set_and_retired_by_producers(fresh: Channel, come: Come) -> None:
    app = open_app(fresh)
    ines = come(app, "Inès Belkacem")
    ines.post("/audience/alertes", {"kind": "milestone", "threshold": "5\u202f000", "programme": "terrain"})
    page = ines.page("/audience/sorties")
    assert "un épisode passe 5\u202f000 vues" in page
    assert "Aucune adresse n’est réglée" in page
    ines.post("/audience/alertes", {"kind": "quota", "threshold": "beaucoup"})
    assert "Donnez un seuil" in ines.page("/audience/sorties")
    ines.post("/audience/alertes/essai")
    assert "alerts_to" in ines.page("/audience/sorties")
    retire = re.search(r'action="(/audience/alertes/\d+/retirer)"', page)
    assert retire is not None
    ines.post(retire[1])
    assert "Aucune alerte n’est posée." in ines.page("/audience/sorties")
    assert come(app, "Yann Le Goff").post("/audience/alertes", {"kind": "above"}).status_code == 403
