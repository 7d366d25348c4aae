"""What publishing and intake keep in the record, filled and in French, reaches English readers whole."""

from __future__ import annotations

import re
import runpy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from pasvu.channel import review
from pasvu.channel.errors import PasVuError, Refused
from pasvu.channel.schedule import FrozenPeriod
from pasvu.channel.typography import fine
from pasvu.channel.values import Localization, Privacy, RemoteVideo, VideoMetadata
from pasvu.publish import checking, comparing, dressing, holding, ledger, sending, steps, verdicts
from pasvu.publish.youtube import faults
from pasvu.publish.youtube.objections import objections
from pasvu.web import checklist, retelling, words
from web.channel import Channel
from web.conftest import Come, open_app

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FRENCH = re.compile(
    r"[«»éèêàçùôîœ\u202f]|\b(?:le|la|les|des|est|une?|pas|nous|vous|du|qui|sur|avec|dans|puis|sont|ou|et|il|elle)\b",
    re.IGNORECASE,
)
Catalogue = tuple[dict[str, str], list[retelling.Pattern]]


@pytest.fixture(scope="module")
def english() -> Catalogue:
    return words._catalogue("en")


def refusal(reason: str, status: int = 403) -> PasVuError:
    return faults.error_of(faults.Fault(status, reason), NOW)


def differences() -> list[str]:
    meant = comparing.Meant(bytes=1000, duration_s=60.0, title="Ana", language="fr", thumbnail=True)
    fields = {"language": "de"}
    there = RemoteVideo(
        "v1", "Bob", Privacy.PRIVATE, None, "succeeded", None, 72.0, 900, fields=fields, custom_thumbnail=False
    )
    return comparing.differences(meant, there)


def wrong_texts() -> list[str]:
    other = Localization("en", "<" * 101, "x" * 5001)
    return objections(
        VideoMetadata("t" * 101, "0:03 A\n0:04 B\n0:02 C", "f", ("k" * 501, ">"), "99", localizations=(other,))
    )


FROZEN = FrozenPeriod(1, NOW, NOW, "Reserve. Until Sunday")
STILL = fine("La vignette n’a pas été acceptée.")
CUTS = {
    "the project's quota": str(refusal("quotaExceeded")),
    "the day's allowance": ledger._spent("youtube", 120, 0, 550),
    "the day's allowance, some kept": ledger._spent("youtube", 120, 300, 550),
    "the channel's limit": str(refusal("uploadLimitExceeded")),
    "overloaded": str(refusal("backendError", 503)),
    "refused, with its reason": str(refusal("newReason")),
    "refused, without": str(refusal("", 400)),
    "not connected": str(refusal("authError", 401)),
    "a still refused": f"{STILL} {refusal('invalidImage')} {fine(dressing.GOES_WITHOUT)}",
    "a still too big, then captions": f"{STILL} La vignette n1.png dépasse 50 Mio. Choisissez un fichier plus petit. "
    f"Les sous-titres (fr) n’ont pas été acceptés. {refusal('forbidden')} {fine(dressing.GOES_WITHOUT)}",
    "an alarm": fine(steps.ALARM.format(why=refusal("quotaExceeded"))),
    "an alarm, a reason of several sentences": fine(steps.ALARM.format(why=refusal("newReason"))),
    "an alarm, for an instant": fine(steps.ALARM.format(why=Refused(sending.MISSED, title="Rails"))),
    "frozen": holding.why_frozen(FROZEN),
    "released": fine(holding.RELEASED),
    "changed on the platform": fine(" ".join(differences())),
    "not published, for what changed": str(
        Refused("« {title} » n’est pas publié : {why}", title="Rails", why=" ".join(differences()))
    ),
    "nobody knows": fine(checking.UNSEEN),
    "public, unexpected": fine(checking.UNEXPECTED),
    "unknown outcome": fine(sending.UNKNOWN),
    "not the platform's": fine(" ".join(wrong_texts())),
    **{f"processing failed: {word}": verdicts.why_unusable(word) for word in (*verdicts._WHY, "aNewWord")},
    "expected": fine(
        "Reconnu comme l’épisode attendu « Rails » du 2026-11-26 (confiance 93 % : même émission, nom en commun : Ana)."
    ),
    "not a film": fine(
        "« notes.mp4 » est un fichier texte, pas une vidéo ni un son. Vérifiez que c’est le bon fichier."
    ),
    "cut short": fine(
        "« a.mp4 » n’est pas entier. Il manque 12 ko à la fin du fichier (93 % sont là) : la copie n’est pas terminée. "
        "Relancez la copie : la bonne remplacera celle-ci toute seule ; ou traitez-la telle quelle."
    ),
}


@pytest.mark.parametrize("kept", CUTS.values(), ids=CUTS.keys())
def test_a_kept_reason_is_english_whole(kept: str, english: Catalogue) -> None:
    told = retelling.retold(kept, *english)
    assert FRENCH.search(told) is None, told
    assert len(told) > len(kept) / 3


def test_what_filled_it_is_still_there(english: Catalogue) -> None:
    def told(cut: str) -> str:
        return retelling.retold(CUTS[cut], *english)

    assert "(Reserve. Until Sunday)" in told("frozen")
    assert "300 kept in reserve; 550 needed" in told("the day's allowance, some kept")
    assert told("a still too big, then captions").startswith(
        "The thumbnail was not accepted. The thumbnail n1.png is larger than 50 MiB. Choose a smaller file. The cap"
    )
    assert "(YouTube refuses the request (answer 403, newReason). Show" in told(
        "an alarm, a reason of several sentences"
    )
    assert "“Bob” instead of “Ana”" in told("changed on the platform")
    assert "Translation “en”: the title contains" in told("not the platform's")
    assert "(same programme, name in common: Ana; 93% sure)" in told("expected")


def test_every_pattern_finds_again_what_was_made_from_it(english: Catalogue) -> None:
    known, shapes = english
    gap = re.compile(r"\{(\w+)(?:[:!][^{}]*)?\}")
    patterns = {french: meant for french, meant in known.items() if gap.search(french)}
    assert len(patterns) > 250
    for french, meant in patterns.items():
        if len(gap.sub("", french)) < retelling.LITERAL_LEAST:
            continue
        assert {*gap.findall(french)} == {*gap.findall(meant)}, french
        kept = fine(gap.sub(lambda found: f"x{found[1]}", french))
        told = retelling.retold(kept, known, shapes)
        assert told == gap.sub(lambda found: f"x{found[1]}", meant), french


def test_the_panel_says_what_publishing_raises(app: Flask) -> None:
    objected = Refused("« {title} » ne peut pas partir : {why}", title="Musique", why=" ".join(wrong_texts()))
    with app.test_request_context("/?langue=en"):
        assert words.say(refusal("backendError", 503)) == "YouTube is overloaded (answer 503); we will try again."
        assert words.say(objected).startswith("“Musique” ")
        assert FRENCH.search(words.say(objected)) is None
    with app.test_request_context("/?langue=fr"):
        assert words.say(refusal("backendError", 503)).endswith("(réponse 503)\u202f; nous réessaierons.")
        assert words.say(objected) == str(objected)


def test_an_english_page_says_what_the_machine_remarks(fresh: Channel, come: Come) -> None:
    with fresh.record.write() as session:
        episode = fresh.to_review(session, "Rails", "Terrain")
        review.comment(session, episode, CUTS["expected"], fresh.clock.now(), "pasvu")
        review.comment(session, episode, "même date", fresh.clock.now(), "Malik Kone")
        ref = episode.id
    page = come(open_app(fresh), "Inès Belkacem").page(f"/e/{ref}?langue=en")
    assert "Recognised as the expected episode" in page
    assert "même date" in page  # what a person wrote is theirs


def test_the_list_before_scheduling_is_english_whole(app: Flask) -> None:
    with app.test_request_context("/?langue=en"):
        lines = checklist._refused({"youtube": wrong_texts()}, "fiche")
        assert lines[0].sentence == "YouTube: The title has 101 characters: YouTube takes 100."
        assert not [line.sentence for line in lines if FRENCH.search(line.sentence)]


def test_a_filled_sentence_is_gathered_as_its_pattern() -> None:
    sentences = runpy.run_path(str(ROOT / "scripts/check_translations.py"))["sentences"]
    source = """
fine(f"Gelé ({period.reason}) : {len(names)} épisodes, {gap_s:.0f} s, {period.reason}.")
raise PlatformRefused(known.get(word) or f"« {one.title} » remplace « {other.title} » ({', '.join(names)}).")
marked("entier" if whole else "coupé")
fine(f"{why} {info}")
fine(said)
"""
    kept = [text for text, _line in sentences(source, keeps=True)]
    assert sorted(kept) == sorted(
        [
            "Gelé ({reason}) : {names} épisodes, {gap_s} s, {reason}.",
            "« {title} » remplace « {title2} » ({names}).",
            "entier",
            "coupé",
        ]
    )
    assert [text for text, _line in sentences(source, keeps=False)] == ["entier", "coupé"]
