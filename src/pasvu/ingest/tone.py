"""Computes how a picture in HDR (PQ or HLG, BT.2020) looks in ordinary colours (BT.709): a table for ffmpeg's `lut3d`.

ITU-R BT.2100 (PQ and HLG), BT.2390-11 section 5.4.1 (the curve that brings highlights down), BT.2408 (reference white
at 203 cd/m²), BT.1886 (what an ordinary screen makes of a signal). Pure.
"""

from __future__ import annotations

import numpy as np

POINTS = 49
"""Per side of the table: the signal is even to the eye, and four levels of 255 lie between two points at most."""
PEAK_NITS = 1000.0
"""What most masters are graded for; brighter is held there."""
WHITE_NITS = 203.0
_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593])

_TO_709 = np.array(
    [
        [1.660491, -0.587641, -0.072850],
        [-0.124550, 1.132900, -0.008349],
        [-0.018151, -0.100579, 1.118730],
    ]
)
"""From BT.2020 to BT.709, both linear (BT.2087)."""


def cube(transfer: str) -> str:
    """The table as a `.cube` text; `transfer` is `smpte2084` (PQ) or `arib-std-b67` (HLG), as ffprobe names them."""
    steps = np.linspace(0.0, 1.0, POINTS)
    # In such a file red runs fastest.
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    made = ordinary(np.stack([red, green, blue], axis=-1).reshape(-1, 3), transfer)
    lines = "\n".join(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in made)
    return f"LUT_3D_SIZE {POINTS}\n{lines}\n"


def ordinary(signal: np.ndarray, transfer: str) -> np.ndarray:
    """Signals of an ordinary screen for HDR signals, both `(n, 3)` red, green, blue from 0 to 1."""
    nits = np.minimum(_pq_to_nits(signal) if transfer == "smpte2084" else _hlg_to_nits(signal), 10000.0)
    light = np.maximum(nits @ _LUMA_2020, 1e-6)
    kept = _brought_down(light)
    linear = (nits * (kept / light)[:, None] / WHITE_NITS) @ _TO_709.T
    return np.asarray(_into_range(linear, np.clip(kept / WHITE_NITS, 0.0, 1.0)) ** (1 / 2.4))


def _pq_to_nits(signal: np.ndarray) -> np.ndarray:
    power = np.maximum(signal, 0.0) ** (1 / _M2)
    return np.asarray(10000.0 * (np.maximum(power - _C1, 0.0) / (_C2 - _C3 * power)) ** (1 / _M1))


def _nits_to_pq(nits: np.ndarray) -> np.ndarray:
    power = (np.maximum(nits, 0.0) / 10000.0) ** _M1
    return np.asarray(((_C1 + _C2 * power) / (1.0 + _C3 * power)) ** _M2)


def _hlg_to_nits(signal: np.ndarray) -> np.ndarray:
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - _C) / _A) + _B) / 12)
    light = np.maximum(scene @ _LUMA_2020, 1e-9)
    # The screen of 1000 cd/m² that HLG is made for.
    return np.asarray(PEAK_NITS * scene * (light**0.2)[:, None])


def _brought_down(nits: np.ndarray) -> np.ndarray:
    """Luminances that end at the reference white; the darker half stays as it is."""
    peak, white = _nits_to_pq(np.array([PEAK_NITS, WHITE_NITS]))
    most = white / peak
    knee = 1.5 * most - 0.5
    at = np.clip(_nits_to_pq(nits) / peak, 0.0, 1.0)
    along = np.clip((at - knee) / (1 - knee), 0.0, 1.0)
    curve = (
        (2 * along**3 - 3 * along**2 + 1) * knee
        + (along**3 - 2 * along**2 + along) * (1 - knee)
        + (-2 * along**3 + 3 * along**2) * most
    )
    return _pq_to_nits(np.where(at < knee, at, curve) * peak)


def _into_range(linear: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Colours that an ordinary screen cannot show, mixed with grey of the same light until it can."""
    grey = light[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(linear < 0, grey / (grey - linear), 1.0)
        high = np.where(linear > 1, (1 - grey) / (linear - grey), 1.0)
    share = np.clip(np.nan_to_num(np.minimum(low, high), nan=0.0).min(axis=1), 0.0, 1.0)[:, None]
    return np.asarray(np.clip(grey + (linear - grey) * share, 0.0, 1.0))
