"""Reads: what people look at; nothing here changes the record."""
