"""Alerts by rules that a producer sets: what is worth telling now, each once; sending is another room's work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from pasvu.channel import audience, figures, journal
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import AlertRule, AlertSent, Episode, PlatformConnection, Programme, Publication
from pasvu.channel.states import PublicationState

# What each kind's threshold means; nothing where it has none.
KINDS: dict[str, str | None] = {
    "milestone": "vues",
    "above": None,
    "below": None,
    "not_public": "minutes",
    "token": "jours",
    "quota": "unités",
}
USUAL_AT_H = 2
# News of yesterday is no alert: what is found after a long outage is left to the pages.
FRESH = timedelta(days=1)
TESTING_LASTS = timedelta(days=7)
TRY_AGAIN_FOR = timedelta(days=2)


@dataclass(frozen=True)
class Alert:
    """Something to tell, once: `subject` is what it is about."""

    subject: str
    sentence: str


def add_rule(
    session: Session, kind: str, threshold: int | None, programme_slug: str | None, now: datetime, by: str
) -> AlertRule:
    """Set a rule.

    Raises:
        Refused: no such kind, or a threshold that makes no sense.
        NotFound: no such programme.
    """
    if kind not in KINDS:
        raise Refused("Cette sorte d’alerte n’existe pas.")
    if KINDS[kind] is None:
        threshold = None
    elif threshold is None or threshold < 1:
        raise Refused("Donnez un seuil d’au moins 1.")
    programme_id = None
    if programme_slug:
        programme_id = session.scalar(select(Programme.id).where(Programme.slug == programme_slug))
        if programme_id is None:
            raise NotFound("Cette émission n’existe pas.")
    rule = AlertRule(kind=kind, threshold=threshold, programme_id=programme_id, created_by=by, created_at=now)
    session.add(rule)
    session.flush()
    journal.write(
        session, now, by, "alert.rule", after={"kind": kind, "threshold": threshold, "programme": programme_slug}
    )
    return rule


def retire_rule(session: Session, rule_id: int, now: datetime, by: str) -> None:
    """End a rule; what it said stays.

    Raises:
        NotFound: no such rule.
    """
    rule = session.get(AlertRule, rule_id)
    if rule is None or rule.retired_at is not None:
        raise NotFound("Cette alerte n’existe plus.")
    rule.retired_at = now
    journal.write(session, now, by, "alert.retire", before={"kind": rule.kind, "threshold": rule.threshold})


def rules(session: Session) -> list[AlertRule]:
    """The rules in force."""
    return list(session.scalars(select(AlertRule).where(AlertRule.retired_at.is_(None)).order_by(AlertRule.id)))


def find(session: Session, now: datetime, quota_left: Mapping[str, int]) -> int:
    """Write down what the rules find now, each once; how many are new. `quota_left` is by bucket, today."""
    new = 0
    for rule in rules(session):
        for alert in _found(session, rule, now, quota_left):
            if session.get(AlertSent, (rule.id, alert.subject)) is None:
                session.add(AlertSent(rule_id=rule.id, subject=alert.subject, said=alert.sentence, found_at=now))
                new += 1
    session.flush()
    return new


def unsent(session: Session, now: datetime) -> list[AlertSent]:
    """Found and not told yet; older than two days is given up."""
    return list(
        session.scalars(
            select(AlertSent)
            .where(AlertSent.sent_at.is_(None), AlertSent.found_at > now - TRY_AGAIN_FOR)
            .order_by(AlertSent.found_at)
        )
    )


def said(session: Session, limit: int = 20) -> list[AlertSent]:
    """The last alerts, newest first."""
    return list(session.scalars(select(AlertSent).order_by(AlertSent.found_at.desc()).limit(limit)))


def _found(session: Session, rule: AlertRule, now: datetime, quota_left: Mapping[str, int]) -> Iterator[Alert]:
    match rule.kind:
        case "milestone":
            yield from _milestones(session, rule, now)
        case "above" | "below":
            yield from _unusual(session, rule, now)
        case "not_public":
            yield from _late(session, rule, now)
        case "token":
            yield from _authorisations(session, rule, now)
        case "quota":
            for bucket, left in quota_left.items():
                if bucket in ("general", "stats") and left < (rule.threshold or 0):
                    text = f"Il reste {left} unités du quota « {bucket} » de YouTube aujourd’hui."
                    yield Alert(f"quota:{bucket}:{now.date()}", text)


def _milestones(session: Session, rule: AlertRule, now: datetime) -> Iterator[Alert]:
    # Counted since the rule was made: a rule set today does not tell of the whole catalogue.
    since = max(rule.created_at, now - FRESH)
    for publication in _aired(session, rule, Publication.views >= rule.threshold, Publication.views_at >= since):
        before = figures.views_at(session, publication.id, since)
        if before is not None and before >= (rule.threshold or 0):
            continue
        text = f"« {publication.episode.title} » a passé {rule.threshold} vues ({publication.views})."
        yield Alert(f"publication:{publication.id}", text)


def _unusual(session: Session, rule: AlertRule, now: datetime) -> Iterator[Alert]:
    edge = now - timedelta(hours=USUAL_AT_H)
    young = (Publication.air_at <= edge, Publication.air_at > edge - timedelta(hours=USUAL_AT_H))
    place = audience.AGES_H.index(USUAL_AT_H)
    for publication in _aired(session, rule, *young):
        curve = figures.aligned(session, [publication.id]).get(publication.id, ())
        views = curve[place] if place < len(curve) else None
        usual, _own = figures.band(figures.Earlier.than(session, publication))
        level = usual.at(USUAL_AT_H) if usual else None
        if views is None or level is None:
            continue
        low, median, high = level
        if (rule.kind == "above" and views > high) or (rule.kind == "below" and views < low):
            times = f"{views / median:.1f}".replace(".", ",") if median else "?"
            which = "au-dessus" if rule.kind == "above" else "en dessous"
            title = publication.episode.title
            text = f"« {title} » est nettement {which} de l’habitude à 2 h : {views} vues, {times} fois."
            yield Alert(f"publication:{publication.id}", text)


def _authorisations(session: Session, rule: AlertRule, now: datetime) -> Iterator[Alert]:
    for connection in session.scalars(select(PlatformConnection).where(PlatformConnection.sealed.is_not(None))):
        granted_at = connection.granted_at
        if granted_at is None:
            continue
        subject = f"token:{connection.platform}:{granted_at.isoformat()}"
        if connection.trouble:
            yield Alert(
                f"{subject}:trouble", f"L’autorisation de {connection.platform} ne sert plus : {connection.trouble}"
            )
        # A Google project "in testing" loses its authorisation after seven days; one that outlived them is not.
        left = granted_at + TESTING_LASTS - now
        if timedelta(0) < left <= timedelta(days=rule.threshold or 0):
            text = (
                f"L’autorisation de {connection.platform} a {(now - granted_at).days} jours : si le projet Google est "
                "« en test », elle expire au septième. Reconnectez la chaîne, ou passez le projet « en production »."
            )
            yield Alert(subject, text)


def _late(session: Session, rule: AlertRule, now: datetime) -> Iterator[Alert]:
    wanted = now - timedelta(minutes=rule.threshold or 0)
    rows = (
        select(Publication)
        .join(Publication.episode)
        .where(
            Publication.scheduled_at <= wanted,
            Publication.scheduled_at > now - FRESH,
            Publication.air_at.is_(None),
            Publication.state.not_in([PublicationState.ON_AIR, PublicationState.WITHDRAWN]),
        )
    )
    if rule.programme_id is not None:
        rows = rows.where(Episode.programme_id == rule.programme_id)
    for publication in session.scalars(rows):
        assert publication.scheduled_at is not None
        why = (publication.state_reason or "regardez sa fiche").rstrip(".")
        text = f"« {publication.episode.title} » n’est pas public à son heure : {why}."
        yield Alert(f"publication:{publication.id}:{publication.scheduled_at.isoformat()}", text)


def _aired(session: Session, rule: AlertRule, *conditions: ColumnElement[bool]) -> list[Publication]:
    rows = (
        select(Publication).join(Publication.episode).where(Publication.state == PublicationState.ON_AIR, *conditions)
    )
    if rule.programme_id is not None:
        rows = rows.where(Episode.programme_id == rule.programme_id)
    return list(session.scalars(rows))
