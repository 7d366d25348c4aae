"""Looks for a face in a still of ours: people choose a picture with somebody in it.

dlib's detector of faces seen from the front (histograms of gradients, http://dlib.net/imaging.html): its model is in
the library, it takes 30 ms, it knows nobody. Profiles, small and half-hidden faces are not found; nothing is kept.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

_WIDTH = 960
"""The smallest face found is 80 points: at this width a twelfth of the picture, less than shows in a thumbnail."""
_SURE = 0.2
"""Above the detector's own threshold: one face too many costs a better picture."""


def shows_a_face(still: Path) -> bool:
    """Whether somebody looks out of this JPEG; no where the library cannot be had."""
    try:
        import dlib  # half a second, for the few who need it
    except ImportError:
        return False
    with Image.open(still, formats=["JPEG"]) as picture:
        grey = picture.convert("L")
    if grey.width > _WIDTH:
        grey = grey.resize((_WIDTH, grey.height * _WIDTH // grey.width))
    found, _scores, _kinds = dlib.get_frontal_face_detector().run(np.asarray(grey), 0, _SURE)
    return len(found) > 0
