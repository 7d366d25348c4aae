"""Categories and licences a video may bear, by their numbers and words in the field's common vocabulary.

Numbers are YouTube's (`videoCategories.list`, assignable ones); another platform translates them to its own.
"""

from __future__ import annotations

CATEGORIES = {
    "1": "Films et animations",
    "2": "Autos et véhicules",
    "10": "Musique",
    "15": "Animaux",
    "17": "Sport",
    "19": "Voyages et événements",
    "20": "Jeux vidéo",
    "22": "People et blogs",
    "23": "Humour",
    "24": "Divertissement",
    "25": "Actualités et politique",
    "26": "Vie pratique et style",
    "27": "Éducation",
    "28": "Science et technologie",
    "29": "Organisations à but non lucratif",
}

LICENSES = {"youtube": "Licence YouTube standard", "creativeCommon": "Creative Commons Attribution"}
