"""Decides how little must be made anew for a master. Pure: what is known of the recording in, the plan and why out.

The rule of the house: a picture that YouTube takes as it is gets copied, never encoded a second time.
"""

from __future__ import annotations

from collections.abc import Sequence

from pasvu.channel.typography import fine
from pasvu.channel.values import Loudness, MediaInfo, Plan, PlanAction, Span, Trim
from pasvu.ingest import loudness as loud
from pasvu.ingest.facts import Cut, Timing

COPIED = {"h264", "hevc", "vp9", "av1"}
_FOUR_TWO_ZERO = {"yuv420p", "yuvj420p"}
_TEN_BIT = {"yuv420p10le"}
_HOLE_S = 0.25
_SNAP_S = 0.5
"""How much of a dead picture may stay in front when the programme starts just after a keyframe."""
_FASTEST = 60.5
_TOLD_S = 0.1


def plan(
    info: MediaInfo,
    loudness: Loudness | None,
    trim: Trim,
    *,
    timing: Timing | None = None,
    cut: Cut | None = None,
    dead: Sequence[Span] = (),
) -> Plan:
    """What must be done to make the master of this trim.

    `loudness` is that of the trim, as stereo; `cut` is where the picture can be cut; `dead` the dead stretches.
    """
    action, why = _decided(info, loudness, trim, timing, cut, dead)
    return Plan(action, fine(f"{why} {_sound_why(info, loudness)}"))


def _decided(
    info: MediaInfo,
    loudness: Loudness | None,
    trim: Trim,
    timing: Timing | None,
    cut: Cut | None,
    dead: Sequence[Span],
) -> tuple[PlanAction, str]:
    """What to do, and why as far as the picture is concerned."""
    if not info.has_video:
        return PlanAction.ENCODE, "Son seul : l’image sera la carte de l’émission."
    reason = must_encode(info, timing, cut)
    if reason:
        return PlanAction.ENCODE, f"{reason} : l’image est refaite."
    if cut is not None and wants_head(info, cut, dead):
        head = f"{cut.head_frames} images refaites au début, le reste copié"
        return PlanAction.SMART_CUT, f"Coupe à l’image près : {head}."
    copied = "Image copiée sans y toucher"
    early_s = max(0.0, trim.start_s - cut.key_s) if cut is not None else 0.0
    if early_s >= _TOLD_S:
        early = f"{early_s:.1f}".replace(".", ",")
        copied += f" ; elle commence {early} s plus tôt, à la première image où l’on peut couper"
    return PlanAction.COPY if keeps_sound(info, loudness) else PlanAction.AUDIO, f"{copied}."


def must_encode(info: MediaInfo, timing: Timing | None, cut: Cut | None) -> str:
    """Why the picture cannot be copied; empty when it can."""
    if info.video_codec not in COPIED:
        return f"Le codec {info.video_codec} n’est pas fait pour la diffusion"
    formats = _FOUR_TWO_ZERO if info.video_codec == "h264" else _FOUR_TWO_ZERO | _TEN_BIT
    if info.pixel_format is not None and info.pixel_format not in formats:
        return f"Le format de couleurs {info.pixel_format} n’est pas lu partout"
    if info.interlaced:
        return "L’image est entrelacée"
    if info.fps and info.fps > _FASTEST:
        return f"{info.fps:.0f} images par seconde, c’est plus que les plateformes n’en montrent"
    if timing is not None and timing.variable and timing.longest_gap_s >= _HOLE_S:
        return "Le rythme des images est irrégulier et troué"
    # Its clean keyframes may be far apart, and behind a new head the groups that follow stay open.
    if timing is not None and timing.open_gop and cut is not None and cut.start_s > _SNAP_S:
        return "Les groupes d’images sont ouverts : une coupe y bloquerait certains lecteurs"
    if cut is not None and not cut.clean and cut.start_s > cut.key_s:
        return "Aucune image ne permet de couper proprement au début"
    return ""


def wants_head(info: MediaInfo, cut: Cut, dead: Sequence[Span]) -> bool:
    """Whether the frames up to the next keyframe are worth making anew, and can be."""
    gap_s = cut.start_s - cut.key_s
    frame_s = 1.0 / info.fps if info.fps else 0.04
    if gap_s <= frame_s / 2 or cut.next_key_s is None or cut.head_frames == 0:
        return False
    if gap_s <= _SNAP_S and any(span.start_s <= cut.key_s and cut.start_s <= span.end_s + frame_s for span in dead):
        return False
    return (
        info.video_codec == "h264"
        and info.pixel_format in _FOUR_TWO_ZERO
        # A frame count means nothing without a rhythm, and a new frame would be turned where the copied ones are not.
        and not info.variable_frame_rate
        and info.rotation == 0
    )


def keeps_sound(info: MediaInfo, loudness: Loudness | None) -> bool:
    """Whether the sound can stay: AAC, stereo, 48 kHz, and already at the right level; or none at all."""
    if not info.has_audio:
        return True
    right_form = info.audio_codec == "aac" and info.channels == 2 and info.sample_rate == 48000
    return right_form and loudness is not None and loud.is_right(loudness)


def _sound_why(info: MediaInfo, loudness: Loudness | None) -> str:
    if not info.has_audio:
        return "Pas de son dans l’enregistrement : la vidéo sera muette."
    if loudness is None:
        return "Son refait en AAC."
    if keeps_sound(info, loudness):
        return "Son déjà au bon niveau : copié."
    level = f"{loudness.integrated_lufs:.1f}".replace(".", ",").replace("-", "−")
    if loudness.integrated_lufs <= loud.SILENT_LUFS:
        return "Son presque muet : gardé tel quel, il n’y a rien à relever."
    gain_db = loud.wanted_gain(loudness)
    if abs(gain_db) <= loud.TOLERANCE_LU and not loud.needs_limiter(loudness, gain_db):
        return "Son converti en AAC stéréo."
    move = "remonté" if gain_db > 0 else "baissé"
    return f"Son {move} de {level} à −14 LUFS."
