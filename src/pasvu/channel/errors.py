"""What can go wrong, as sentences for the person who can act."""

from collections.abc import Mapping

from pasvu.channel.typography import fine


class PasVuError(Exception):
    """A failure that a person can read: what happened, to what, what to do next.

    `sentence` may hold `{names}` filled from `about`: the panel translates the sentence first and fills it after.
    """

    def __init__(self, sentence: str, **about: object) -> None:
        super().__init__(fine(sentence.format(**about) if about else sentence))
        self.sentence = sentence
        self.about = about


class Refused(PasVuError):
    """The rules of the house do not allow this; asking again changes nothing."""


class FieldsRefused(Refused):
    """A form of which some fields cannot be kept, so that none is: what is wrong with each, by field."""

    def __init__(self, wrong: Mapping[str, Refused]) -> None:
        super().__init__(" ".join(str(each) for each in wrong.values()))
        self.wrong = dict(wrong)


class NotFound(Refused):
    """What was asked for is not in the record."""


class Stale(Refused):
    """The form was drawn from an older version of the record."""


class Unusable(Refused):
    """A recording that cannot become an episode; it goes to quarantine with this sentence."""

    kind = "unusable"


class CutShort(Unusable):
    """A recording whose end is missing: a person may have it used as it is."""

    kind = "cut_short"


class Twin(Unusable):
    """A recording received before, byte for byte: a person may want it twice."""

    kind = "twin"


class Passing(PasVuError):
    """May pass by itself: worth trying again later."""


class NoRoom(Passing):
    """The disk is full; the original is safe and work resumes when there is room."""


class Cancelled(PasVuError):
    """A person cancelled the job; nothing was lost."""
