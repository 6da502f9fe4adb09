"""The fake of `AlertRecords` and `Outbox`: the same memory that a desk falls back to on a full disk."""

from nightdesk.store.records.memory import MemoryRecords

__all__ = ["MemoryRecords"]
