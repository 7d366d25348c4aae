"""Rehearsals: footage whose truth is known, for demonstrations, tests and measurements."""
