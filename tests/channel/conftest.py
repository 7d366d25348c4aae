"""What the record's tests share: an empty record on a real database."""

from .opening import database_url, fresh_url, record

__all__ = ["database_url", "fresh_url", "record"]
