"""Looks for a face in a still of ours: people choose a picture with somebody in it.

dlib's detector of faces seen from the front (histograms of gradients, http://dlib.net/imaging.html): its model is in
the library, it takes 30 ms, it knows nobody. Profiles, small and half-hidden faces are not found; nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

_WIDTH = 960
"""The smallest face found is 80 points: at this width a twelfth of the picture, less than shows in a thumbnail."""
_SURE = 0.2
"""Above the detector's own threshold: one face too many costs a better picture."""


def face_finder() -> Callable[[Path], bool]:
    """A function that tells whether somebody looks out of a JPEG; it says no where the library cannot be had.

    For several stills at once, in one thread: to unpack the detector takes ten times longer than to use it.
    """
    try:
        import dlib  # half a second, for the few who need it
    except ImportError:
        return lambda still: False
    detector = dlib.get_frontal_face_detector()

    def shows_a_face(still: Path) -> bool:
        with Image.open(still, formats=["JPEG"]) as picture:
            grey = picture.convert("L")
        if grey.width > _WIDTH:
            grey = grey.resize((_WIDTH, grey.height * _WIDTH // grey.width))
        found, _scores, _kinds = detector.run(np.asarray(grey), 0, _SURE)
        return len(found) > 0

    return shows_a_face
