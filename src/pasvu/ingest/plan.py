"""Decides how little must be made anew for a master. Pure: what is known of the recording in, the plan and why out.

The rule of the house: a picture that YouTube takes as it is gets copied, never encoded a second time.
"""

from __future__ import annotations

from collections.abc import Sequence

from pasvu.channel.errors import Refused
from pasvu.channel.timeline import Timeline
from pasvu.channel.typography import fine, marked
from pasvu.channel.values import Loudness, MediaInfo, Plan, PlanAction, Span
from pasvu.ingest import loudness as loud
from pasvu.ingest.facts import Able, Cut, Stretch, Timing
from pasvu.ingest.loudness import Mend

COPIED = {"h264", "hevc", "vp9", "av1"}
_FOUR_TWO_ZERO = {"yuv420p", "yuvj420p"}
_TEN_BIT = {"yuv420p10le"}
LONG_S = 4 * 3600.0
"""Beyond this, sound and picture are written in steps, with files of their own between them: media tools hold every
packet that they write, hundreds of megabytes for 12 h."""
_WHOLLY = Able()
_HOLE_S = 0.25
_FASTEST = 60.5
_TOLD_S = 0.1
EARLY_MOST_S = 2.5
"""Where no frame can be made anew, a film may start up to a usual group of frames early; earlier, it is encoded."""


def plan(
    info: MediaInfo,
    loudness: Loudness | None,
    shown: Timeline,
    *,
    timing: Timing | None = None,
    cuts: Sequence[Cut] = (),
    mend: Mend = Mend.NOTHING,
    able: Able = _WHOLLY,
    distrust: str = "",
    tone_map: bool = False,
) -> Plan:
    """What must be done to make the master that shows these stretches.

    `loudness` is that of the stretches, as stereo with its channels mended as `mend` says; `cuts` are how each stretch
    can be had of the picture; `able` is what can be done here with this picture;
    `distrust` is why it is not to be copied, if something was found out about it; `tone_map` asks for ordinary colours.

    Raises:
        Refused: the picture would have to be made anew, and nothing here can read it.
    """
    action, why = _decided(info, loudness, timing, cuts, mend, able, distrust, tone_map)
    if shown.removed:
        count = len(shown.removed)
        taken = marked("{count} passages retirés.").format(count=count) if count > 1 else marked("Un passage retiré.")
        why = f"{taken} {why}"
    return Plan(action, fine(f"{why} {_sound_why(info, loudness, mend)}"))


def stretches(info: MediaInfo, planned: Plan, shown: Timeline, cuts: Sequence[Cut]) -> list[Stretch]:
    """The picture of a plan, in order: what is copied and what is made anew.

    An intro or an outro would be one more stretch in front or behind, made once and joined like any other; a logo over
    the whole picture would make the plan an encoding.
    """
    if not cuts or planned.action is PlanAction.ENCODE:
        spans = [cut.span for cut in cuts] or [
            Span(span.start_s, min(span.end_s, info.duration_s)) for span in shown.kept
        ]
        return [Stretch(span.start_s, span.end_s, 0, copied=False, from_s=span.start_s) for span in spans]
    if planned.action is PlanAction.SMART_CUT:
        return [stretch for cut in cuts for stretch in cut.exact]
    return [cut.copied for cut in cuts]


def _decided(
    info: MediaInfo,
    loudness: Loudness | None,
    timing: Timing | None,
    cuts: Sequence[Cut],
    mend: Mend,
    able: Able,
    distrust: str,
    tone_map: bool,
) -> tuple[PlanAction, str]:
    """What to do, and why as far as the picture is concerned."""
    if not info.has_video:
        return PlanAction.ENCODE, marked("Son seul : l’image sera la carte de l’émission.")
    reason = must_encode(info, timing, cuts, able, tone_map) or distrust
    if reason and not able.reads:
        raise Refused(
            "L’image devrait être refaite ({reason}), et le ffmpeg d’ici ne sait pas lire son codec ({codec}). "
            "Installez le paquet « ffmpeg » du système puis relancez, ou exportez l’enregistrement en H.264.",
            reason=reason[:1].lower() + reason[1:],
            codec=(info.video_codec or "").upper(),
        )
    if reason:
        return PlanAction.ENCODE, marked("{reason} : l’image est refaite.").format(reason=reason)
    made = sum(cut.made_frames for cut in cuts)
    if made and able.joins:
        return PlanAction.SMART_CUT, _cut_why(made)
    copied = marked("Image copiée sans y toucher.")
    early_s = _early_s(cuts)
    if early_s >= _TOLD_S:
        early = f"{early_s:.1f}".replace(".", ",")
        copied = marked(
            "Image copiée sans y toucher ; elle commence {early} s plus tôt, à la première image où l’on peut couper : "
            "rien ici ne refait quelques images de ce format ({codec}, {colours})."
        ).format(early=early, codec=info.video_codec, colours=info.pixel_format)
    return PlanAction.COPY if keeps_sound(info, loudness, mend) else PlanAction.AUDIO, copied


def _early_s(cuts: Sequence[Cut]) -> float:
    """How long before the wanted start a copy begins."""
    return max(0.0, cuts[0].start_s - cuts[0].copied.start_s) if cuts else 0.0


def must_encode(
    info: MediaInfo, timing: Timing | None, cuts: Sequence[Cut], able: Able = _WHOLLY, tone_map: bool = False
) -> str:
    """Why the picture cannot be copied; empty when it can."""
    if info.video_codec not in COPIED:
        return marked("Le codec {codec} n’est pas fait pour la diffusion").format(codec=info.video_codec)
    if tone_map and info.hdr:
        told = marked("L’image est en HDR ({kind}) et le réglage « hdr » la veut en couleurs ordinaires")
        return told.format(kind=info.hdr)
    # Few screens decode ten bits of H.264, but YouTube takes them for HDR.
    ten_bits = info.video_codec != "h264" or info.hdr is not None
    formats = _FOUR_TWO_ZERO | _TEN_BIT if ten_bits else _FOUR_TWO_ZERO
    if info.pixel_format is not None and info.pixel_format not in formats:
        return marked("Le format de couleurs {colours} n’est pas lu partout").format(colours=info.pixel_format)
    if info.interlaced:
        return marked("L’image est entrelacée")
    if info.fps and info.fps > _FASTEST:
        told = marked("{fps} images par seconde, c’est plus que les plateformes n’en montrent")
        return told.format(fps=f"{info.fps:.0f}")
    if timing is not None and timing.variable and timing.longest_gap_s >= _HOLE_S:
        return marked("Le rythme des images est irrégulier et troué")
    # Its clean keyframes may be far apart, and behind a new head the groups that follow stay open.
    if timing is not None and timing.open_gop and any(cut.made_frames for cut in cuts):
        return marked("Les groupes d’images sont ouverts : une coupe y bloquerait certains lecteurs")
    if not cuts or any(not cut.clean and cut.made_frames for cut in cuts):
        return marked("Aucune image ne permet de couper proprement")
    # What was taken out must not be seen again, not even up to a keyframe.
    if len(cuts) > 1 and any(cut.made_frames for cut in cuts) and not able.joins:
        return marked("Un passage est retiré, et cette image ne se coupe qu’à certains instants")
    # What cannot be decoded can only be copied, however early it starts.
    if able.reads and not able.joins and _early_s(cuts) > EARLY_MOST_S:
        early = f"{_early_s(cuts):.1f}".replace(".", ",")
        told = marked(
            "La première image où l’on peut couper est {early} s trop tôt, et rien ici n’en refait quelques-unes"
        )
        return told.format(early=early)
    return ""


def keeps_sound(info: MediaInfo, loudness: Loudness | None, mend: Mend) -> bool:
    """Whether the sound can stay: AAC-LC, stereo, 48 kHz, whole and already at the right level; or none at all."""
    if not info.has_audio:
        return True
    right_form = info.audio_codec == "aac" and info.channels == 2 and info.sample_rate == 48000
    # What is not said to be HE-AAC is LC: transport streams do not tell until they are decoded.
    right_form = right_form and info.audio_profile in (None, "LC")
    return right_form and mend is Mend.NOTHING and loudness is not None and loud.is_right(loudness)


def _cut_why(count: int) -> str:
    if count == 1:
        return marked("Coupe à l’image près : 1 image refaite aux coupes, le reste copié.")
    return marked("Coupe à l’image près : {count} images refaites aux coupes, le reste copié.").format(count=count)


_MENDED = {
    Mend.LEFT_ON_BOTH: marked("Le son, qui n’est qu’à gauche, est mis des deux côtés.") + " ",
    Mend.RIGHT_ON_BOTH: marked("Le son, qui n’est qu’à droite, est mis des deux côtés.") + " ",
    Mend.TURN_RIGHT: marked("Le côté droit, en opposition de phase, est retourné.") + " ",
    Mend.NOTHING: "",
}


def _sound_why(info: MediaInfo, loudness: Loudness | None, mend: Mend) -> str:
    return _MENDED[mend] + _level_why(info, loudness, mend)


def _level_why(info: MediaInfo, loudness: Loudness | None, mend: Mend) -> str:
    if not info.has_audio:
        return marked("Pas de son dans l’enregistrement : la vidéo sera muette.")
    if loudness is None:
        return marked("Son refait en AAC.")
    if keeps_sound(info, loudness, mend):
        return marked("Son déjà au bon niveau : copié.")
    level = f"{loudness.integrated_lufs:.1f}".replace(".", ",").replace("-", "−")
    if loudness.integrated_lufs <= loud.SILENT_LUFS:
        return marked("Son presque muet : gardé tel quel, il n’y a rien à relever.")
    gain_db = loud.wanted_gain(loudness)
    if abs(gain_db) <= loud.TOLERANCE_LU and not loud.needs_limiter(loudness, gain_db):
        return marked("Son converti en AAC stéréo.")
    moved = marked("Son remonté de {level} à −14 LUFS.") if gain_db > 0 else marked("Son baissé de {level} à −14 LUFS.")
    return moved.format(level=level)
