"""Pas vu à la télé: from the recording to the views, for an alternative video channel."""

__version__ = "0.1.0"
