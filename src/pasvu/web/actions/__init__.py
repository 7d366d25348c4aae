"""Writes: one use case each, then a redirect or a fragment."""
