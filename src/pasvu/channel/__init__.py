"""The record: what the channel knows, and what may happen to it."""
