"""What goes out: keys of the API, alerts and where they went."""

from __future__ import annotations

from flask import render_template
from flask import session as browser

from pasvu.channel import alerts, queries, tokens
from pasvu.web import words
from pasvu.web.guard import role
from pasvu.web.house import house
from pasvu.web.pages.audience.place import READERS, common, pages


@pages.get("/audience/sorties")
@role(*READERS)
def outputs() -> str:
    """Alerts, keys and addresses of exports; a new key is shown once."""
    here = house()
    with here.record.read() as session:
        shows = queries.programmes(session)
        return render_template(
            "audience/outputs.html",
            **common(),
            tokens=tokens.every(session),
            fresh=browser.pop("fresh_token", None),
            rules=alerts.rules(session),
            said=alerts.said(session),
            shows=shows,
            show_names={show.id: show.name for show in shows},
            kinds={kind: words.name_of(words.ALERTS, kind) for kind in words.ALERTS},
            units=alerts.KINDS,
            reachable=bool(here.settings.alerts_to),
        )
