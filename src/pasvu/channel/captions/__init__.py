"""Captions: timed text read, moved with a cut, written, kept on disk. All but `keeping` is pure."""

from pasvu.channel.captions.cues import Cue, in_cut, language_tag
from pasvu.channel.captions.keeping import MOST_BYTES, load, read_file, store
from pasvu.channel.captions.reading import read
from pasvu.channel.captions.writing import srt, vtt

__all__ = ["MOST_BYTES", "Cue", "in_cut", "language_tag", "load", "read", "read_file", "srt", "store", "vtt"]
