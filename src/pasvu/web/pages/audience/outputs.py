"""What goes out: keys of the API, alerts and where they went."""

from __future__ import annotations

from flask import render_template
from flask import session as browser

from pasvu.channel import alerts, queries, tokens
from pasvu.web.guard import role
from pasvu.web.house import house
from pasvu.web.pages.audience.place import READERS, common, pages
from pasvu.web.words import _


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
            kinds=kinds(),
            units=alerts.KINDS,
            reachable=bool(here.settings.alerts_to),
        )


def kinds() -> dict[str, str]:
    """Each kind of alert, in words; `…` is its threshold."""
    return {
        "milestone": _("un épisode passe … vues"),
        "above": _("un épisode est nettement au-dessus de l’habitude à 2 h"),
        "below": _("un épisode est nettement en dessous de l’habitude à 2 h"),
        "not_public": _("un épisode n’est pas public … minutes après son heure"),
        "token": _("l’autorisation de YouTube peut expirer dans … jours"),
        "quota": _("il reste moins de … unités de quota"),
    }
